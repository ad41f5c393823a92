// SPDX-License-Identifier: Apache-2.0
// One station: what it says of itself, its points, a trend, its events, the wire in words.
import { html, useEffect, useMemo, useRef, useState } from '/page/vendor/preact-htm.js';
import { call, query, stream } from '/page/api.js';
import { Control } from '/page/control.js';
import { Events } from '/page/events.js';
import { ago, indication, number, quality, time, value, words_of } from '/page/format.js';
import { usePolled, useTail } from '/page/live.js';
import { State } from '/page/stations.js';
import { Table } from '/page/table.js';

const may = (me, role) => ['viewer', 'operator', 'engineer'].indexOf(me.role) >= ['viewer', 'operator', 'engineer'].indexOf(role);

function Trend({ station, point }) {
    const place = useRef(null), plot = useRef(null), data = useRef([[], []]);
    const tail = useTail({ station, point: `${point.type}:${point.index}` }, false);
    useEffect(() => {
        const style = getComputedStyle(document.documentElement), text = style.getPropertyValue('--quiet'), line = style.getPropertyValue('--line');
        const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
        plot.current = new uPlot({
            width: place.current.clientWidth, height: 180, legend: { show: false }, cursor: { y: false }, axes: [axis, axis],
            series: [{}, { stroke: style.getPropertyValue('--trend'), width: 1.5, paths: point.type.startsWith('binary') ? uPlot.paths.stepped({ align: 1 }) : undefined }],
        }, data.current, place.current);
        const watch = new ResizeObserver(() => plot.current.setSize({ width: place.current.clientWidth, height: 180 }));
        watch.observe(place.current);
        return () => { watch.disconnect(); plot.current.destroy(); };
    }, [point.type, point.index]);
    useEffect(() => {
        const rows = tail.rows.filter((e) => e.index === point.index && typeof e.value === 'number')
            .map((e) => [Date.parse(e.time || e.received) / 1000, e.value]).sort((a, b) => a[0] - b[0]);
        data.current = [rows.map((r) => r[0]), rows.map((r) => r[1])];
        plot.current?.setData(data.current);
    }, [tail.rows, point.index]);
    return html`<h2>Trend of ${point.point || `${words_of(point.type)} ${point.index}`}</h2><div class="panel" ref=${place} role="img"
        aria-label=${`${number(data.current[0].length)} values, the last ${value(point)}`}></div>`;
}

function Trace({ name }) {
    const [lines, set_lines] = useState([]), [error, set_error] = useState(null);
    useEffect(() => stream(`/v1/stations/${encodeURIComponent(name)}/trace`, (m) => {
        if (m.event === 'broken') set_error(m.error.message);
        else if (m.data) set_lines((old) => [...old.slice(-400), m.data]);
    }), [name]);
    return html`${error ? html`<div class="error">${error}</div>` : null}
        <pre class="panel mono trace" tabindex="0" aria-label="Trace">${lines.map((l) => `${time(l.at)}  ${l.direction}  ${l.text}\n`)}</pre>`;
}

const actions = [['integrity_poll', 'Read everything', 'operator'], ['event_poll', 'Read events', 'operator'], ['time_sync', 'Set the clock', 'operator'],
    ['disable', 'Disable', 'engineer'], ['enable', 'Enable', 'engineer']];

function Actions({ name, me }) {
    const [said, set_said] = useState(null);
    const act = async (action, words) => {
        set_said(`${words}: asked`);
        try {
            const { id } = await call('POST', `/v1/stations/${encodeURIComponent(name)}/actions`, { action, reason: 'from the page' });
            for (let state = 'requested', final = false; !final;) {
                const c = await call('GET', query(`/v1/commands/${id}`, { wait_ms: 20000, after_state: state }));
                ({ state, final } = c);
                set_said(`${words}: ${words_of(state)}`);
            }
        } catch (error) { set_said(`${words}: ${error.message}`); }
    };
    return html`<div class="bar">${actions.map(([action, words, role]) => html`<button disabled=${!may(me, role)}
        title=${may(me, role) ? '' : `needs the role ${role}`} onClick=${() => act(action, words)}>${words}</button>`)}<span role="status">${said}</span></div>`;
}

function About({ s }) {
    const pairs = [['address', `${s.host}:${s.port}, outstation ${s.outstation_address}`], ['last contact', `${ago(s.last_heard)} (${time(s.last_heard)})`],
        ['indications', s.iin.length ? s.iin.map(indication).join(', ') : 'none'], ['response time', `${number(s.counters.response_ms)} ms`],
        ['connections', `${number(s.counters.connects)}, ${number(s.counters.connect_failures)} failed`], ['timeouts', number(s.counters.timeouts)],
        ['errors', s.failures ? `link ${number(s.failures.link)}, transport ${number(s.failures.transport)}, application ${number(s.failures.application)}` : '–'],
        ['fragments', `${number(s.counters.fragments)}, ${number(s.counters.unsolicited)} unsolicited, ${number(s.counters.repeats)} repeats`],
        ['events', `${number(s.counters.events)}, ${number(s.counters.confirms)} confirms`], ['restarts', number(s.counters.restarts)], ['overflows', number(s.counters.overflows)]];
    return html`<dl class="panel pairs">${pairs.map(([k, v]) => html`<dt>${k}</dt><dd>${v}</dd>`)}</dl>`;
}

const point_columns = (may_operate, operate, choose) => [
    { key: 'point', title: 'Point', width: 'minmax(9rem, 2fr)', cell: (p) => html`<button class="plain" onClick=${() => choose(p)} title="trend">${p.point || `${words_of(p.type)} ${p.index}`}</button>` },
    { key: 'value', title: 'Value', width: 'minmax(6rem, 1fr)', cell: value },
    { key: 'quality', title: 'Quality', width: 'minmax(6rem, 1fr)', cell: (p) => { const q = quality(p.quality); return html`<span class=${q === 'good' ? '' : 'warn-text'}>${q}</span>`; } },
    { key: 'time', title: 'Source time', width: '9rem', mono: true, cell: (p) => time(p.time) },
    { key: 'received', title: 'Received', width: '9rem', mono: true, cell: (p) => time(p.received) },
    { key: 'control', title: 'Control', width: '7rem', cell: (p) => !p.control ? '' : p.tagged ? html`<span class="chip warn">tagged</span>` : html`<button disabled=${!may_operate} onClick=${() => operate(p)}>Operate</button>` },
];

export function Station({ name, me }) {
    const { value: about, error } = usePolled(`/v1/stations/${encodeURIComponent(name)}`, 2000);
    const { value: present } = usePolled(query('/v1/points', { station: name }), 2000);
    const [tab, set_tab] = useState('points'), [chosen, choose] = useState(null), [operated, operate] = useState(null);
    const columns = useMemo(() => point_columns(may(me, 'operator'), operate, choose), [me]);
    const rows = useMemo(() => (present?.points || []).map((p) => ({ ...p, key: `${p.type}:${p.index}` })), [present]);
    const now = chosen && rows.find((p) => p.key === chosen.key);
    if (!about) return html`<div class=${error ? 'error' : 'quiet'} role="status">${error ? error.message : 'asking …'}</div>`;
    return html`<h1>${name} <${State} s=${about.station} /></h1>
        ${error ? html`<div class="error" role="alert">${error.message}</div>` : null}
        <${Actions} name=${name} me=${me} />
        <div class="columns"><div>
            <div class="bar" role="tablist" aria-label="Of this station">${['points', 'events', 'trace'].map((t) => html`<button role="tab" aria-selected=${tab === t}
                class=${tab === t ? 'main' : ''} onClick=${() => set_tab(t)}>${t}</button>`)}</div>
            ${tab === 'points' ? html`<${Table} label="Points" columns=${columns} rows=${rows} empty="nothing has been read yet" />`
            : tab === 'events' ? html`<${Events} station=${name} />` : html`<${Trace} name=${name} />`}
        </div><div><h2>About</h2><${About} s=${about.station} />${now ? html`<${Trend} key=${now.key} station=${name} point=${now} />` : null}</div></div>
        ${operated ? html`<${Control} station=${name} point=${operated} on_close=${() => operate(null)} />` : null}`;
}
