// SPDX-License-Identifier: Apache-2.0
// One station: why it is ill, its points, a trend, its events, its holes, the wire in words.
import { html, useEffect, useMemo, useRef, useState } from '/page/vendor/preact-htm.js';
import { call, query, stream } from '/page/api.js';
import { Ask } from '/page/ask.js';
import { Control } from '/page/control.js';
import { Events } from '/page/events.js';
import { ago, indication, number, point_name, quality_of, time, value, words_of } from '/page/format.js';
import { state_of, why } from '/page/judge.js';
import { usePolled } from '/page/live.js';
import { State } from '/page/stations.js';
import { Table } from '/page/table.js';
import { hang } from '/page/tags.js';
import { Trend } from '/page/trend.js';

const roles = ['viewer', 'operator', 'engineer'];
const may = (me, role) => roles.indexOf(me.role) >= roles.indexOf(role);

const LINES = 500;

function Trace({ name }) {
    const [lines, set_lines] = useState([]), [error, set_error] = useState(null), place = useRef(null);
    useEffect(() => {
        let fresh = [];
        const stop = stream(`/v1/stations/${encodeURIComponent(name)}/trace`, (m) => {
            if (m.event === 'broken') set_error(m.error.message);
            else if (m.event === 'open') set_error(null);
            else if (m.data) fresh.push(m.data);
        });
        const timer = setInterval(() => {
            const some = fresh;
            fresh = [];
            if (some.length) set_lines((old) => old.concat(some).slice(-LINES));
        }, 250);
        return () => { stop(); clearInterval(timer); };
    }, [name]);
    useEffect(() => { place.current.scrollTop = place.current.scrollHeight; }, [lines]);
    return html`${error ? html`<div class="error" role="alert">${error}</div>` : null}
        <pre class="panel mono trace" tabindex="0" role="log" aria-live="off" aria-label="Trace" ref=${place}>${lines.length
            ? lines.map((l) => `${time(l.at)} ${l.direction === 'sent' ? '→' : '←'} ${l.text}\n${l.lost ? `… ${l.lost} lines were not kept\n` : ''}`) : 'nothing has passed since you looked'}</pre>`;
}

const actions = [['integrity_poll', 'Read everything', 'operator'], ['event_poll', 'Read events', 'operator'], ['time_sync', 'Set the clock', 'operator'],
    ['disable', 'Disable', 'engineer'], ['enable', 'Enable', 'engineer']];
const grave = { disable: 'fepd lets go of the station: nothing is read, and nobody operates it, until it is enabled.' };

function Actions({ name, me, state }) {
    const [said, set_said] = useState(null), [asked, ask] = useState(null);
    const act = async (action, words, reason) => {
        set_said(`${words}: asked`);
        const { id } = await call('POST', `/v1/stations/${encodeURIComponent(name)}/actions`, { action, reason });
        const follow = async () => {
            for (let at = 'requested', final = false; !final;) {
                const c = await call('GET', query(`/v1/commands/${id}`, { wait_ms: 20000, after_state: at }));
                ({ state: at, final } = c);
                set_said(`${words}: ${words_of(at === 'operated' ? 'done' : at)}`);
            }
        };
        follow().catch((error) => set_said(`${words}: ${error.message}`));
    };
    const begin = (action, words) => grave[action] ? ask([action, words]) : act(action, words, 'asked for on the page').catch((error) => set_said(`${words}: ${error.message}`));
    const shown = actions.filter(([action]) => action !== (state === 'disabled' ? 'disable' : 'enable'));
    return html`<div class="bar">${shown.map(([action, words, role]) => html`<button key=${action} disabled=${!may(me, role)}
        title=${may(me, role) ? '' : `needs the role ${role}`} onClick=${() => begin(action, words)}>${words}</button>`)}<span role="status">${said}</span></div>
        ${asked ? html`<${Ask} title=${`${asked[1]} ${name}`} more=${grave[asked[0]]} label="Reason" button=${asked[1]}
            on_answer=${(reason) => act(asked[0], asked[1], reason)} on_close=${() => ask(null)} />` : null}`;
}

function About({ s }) {
    const pairs = [['address', s.host ? `${s.host}:${s.port}, outstation ${s.outstation_address}` : 'not configured any more'], ['last contact', s.last_heard ? `${ago(s.last_heard)} (${time(s.last_heard)})` : 'never'],
        ['it says', s.iin.length ? s.iin.map(indication).join(', ') : 'nothing special'], ['response time', s.last_heard ? `${number(s.response_ms)} ms` : '–'],
        ['connections', `${number(s.counters.connects)}, ${number(s.counters.connect_failures)} failed`], ['timeouts', number(s.counters.timeouts)],
        ['errors', s.failures ? `link ${number(s.failures.link)}, transport ${number(s.failures.transport)}, application ${number(s.failures.application)}` : '–'],
        ['fragments', `${number(s.counters.fragments)}, ${number(s.counters.unsolicited)} unsolicited, ${number(s.counters.repeats)} repeats`],
        ['events', `${number(s.counters.events)}, ${number(s.counters.confirms)} confirms`], ['restarts', number(s.counters.restarts)], ['overflows', number(s.counters.overflows)]];
    return html`<dl class="panel pairs">${pairs.map(([k, v]) => html`<dt>${k}</dt><dd>${v}</dd>`)}</dl>`;
}

function Operate({ p, me, operate, tag }) {
    if (!p.control) return '';
    const allowed = may(me, 'operator'), needs = 'needs the role operator';
    return html`${p.tagged ? html`<a class="chip warn" href="#/tags" title="nobody operates it while the tag hangs">tagged</a>`
        : html`<button disabled=${!allowed} title=${allowed ? '' : needs} aria-label=${`Operate ${point_name(p)}`} onClick=${() => operate(p)}>Operate</button>`}
        ${' '}<button disabled=${!allowed} title=${allowed ? '' : needs} aria-label=${`Tag ${point_name(p)}`} onClick=${() => tag(p)}>Tag</button>`;
}

const point_columns = (me, operate, choose, tag) => [
    { key: 'point', title: 'Point', width: 'minmax(9rem, 2fr)', cell: (p) => html`<button class="plain" onClick=${() => choose(p)} title="trend">${point_name(p)}</button>` },
    { key: 'value', title: 'Value', width: 'minmax(6rem, 1fr)', cell: value },
    { key: 'quality', title: 'Quality', width: 'minmax(7rem, 1.2fr)', cell: (p) => { const [q, good] = quality_of(p); return html`<span class=${good ? '' : 'warn-text'} title=${q}>${q}</span>`; } },
    { key: 'time', title: 'Source time', width: '7.5rem', mono: true, cell: (p) => time(p.time) },
    { key: 'received', title: 'Received', width: '7.5rem', mono: true, cell: (p) => time(p.received) },
    { key: 'control', title: 'Control', width: '8rem', cell: (p) => html`<${Operate} p=${p} me=${me} operate=${operate} tag=${tag} />` },
];

const tabs = [['points', 'Points'], ['events', 'Events'], ['holes', 'Holes'], ['trace', 'Trace']];

function Tabs({ tab, set_tab }) {
    const keys = (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], at = tabs.findIndex(([t]) => t === tab);
        if (!step) return;
        set_tab(tabs[(at + step + tabs.length) % tabs.length][0]);
        event.currentTarget.children[(at + step + tabs.length) % tabs.length].focus();
    };
    return html`<div class="bar tabs" role="tablist" aria-label="Of this station" onKeyDown=${keys}>${tabs.map(([t, words]) => html`<button role="tab" id=${`tab-${t}`} aria-selected=${tab === t}
        aria-controls="panel" tabindex=${tab === t ? 0 : -1} onClick=${() => set_tab(t)}>${words}</button>`)}</div>`;
}

export function Station({ name, me }) {
    const [turn, set_turn] = useState(0), [tab, set_tab] = useState('points');
    const { value: about, error } = usePolled(`/v1/stations/${encodeURIComponent(name)}`, 2000);
    const { value: present } = usePolled(query('/v1/points', { station: name }), 1000, turn);
    const [chosen, choose] = useState(null), [operated, operate] = useState(null), [tagged, tag] = useState(null);
    const columns = useMemo(() => point_columns(me, operate, choose, tag), [me]);
    const rows = useMemo(() => (present?.points || []).map((p) => ({ ...p, key: `${p.type}:${p.index}` })), [present]);
    const now = (p) => p && (rows.find((r) => r.key === p.key) || p), feedback = operated?.control.feedback;
    if (!about) return html`<div class=${error ? 'error' : 'quiet'} role="status">${error ? error.message : 'asking …'}</div>`;
    const s = about.station, state = state_of(s), reasons = why(s);
    return html`<h1>${name} <${State} state=${state} /></h1>
        ${error ? html`<div class="error" role="alert">No answer: ${error.message}. What stands here is old.</div>` : null}
        ${reasons.length ? html`<ul class=${`panel why ${state === 'offline' ? 'bad' : 'warn'}`} aria-label="Why it is ill">${reasons.map((r) => html`<li>${r}</li>`)}</ul>` : null}
        <${Actions} name=${name} me=${me} state=${state} />
        <div class="columns"><div><${Tabs} tab=${tab} set_tab=${set_tab} />
            <div class="tabpanel" role="tabpanel" id="panel" aria-labelledby=${`tab-${tab}`}>
            ${tab === 'points' ? html`<${Table} label="Points" columns=${columns} rows=${rows} empty=${present ? 'nothing has been read yet' : 'asking …'} />`
            : tab === 'events' ? html`<${Events} key="events" station=${name} />`
            : tab === 'holes' ? html`<${Events} key="holes" station=${name} only="hole" />` : html`<${Trace} name=${name} />`}</div>
        </div><div class="aside"><h2>About</h2><${About} s=${s} />${chosen ? html`<${Trend} key=${chosen.key} station=${name} point=${now(chosen)} />`
            : html`<p class="quiet">A point's name shows its trend.</p>`}</div></div>
        ${operated ? html`<${Control} station=${name} point=${now(operated)} feedback=${feedback && now({ ...feedback, key: `${feedback.type}:${feedback.index}` })} on_close=${() => operate(null)} />` : null}
        ${tagged ? html`<${Ask} title=${`Tag ${point_name(tagged)}`} more="Nobody operates it while the tag hangs." label="Why" button="Hang the tag"
            on_answer=${async (text) => { await hang(name, tagged, text); set_turn((t) => t + 1); }} on_close=${() => tag(null)} />` : null}`;
}
