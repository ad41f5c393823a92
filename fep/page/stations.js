// SPDX-License-Identifier: Apache-2.0
// All stations, the worst first.
import { html, useEffect, useMemo, useState } from '/page/vendor/preact-htm.js';
import { signed_out, token } from '/page/api.js';
import { ago, indication, number } from '/page/format.js';
import { is_trouble } from '/page/judge.js';
import { Table, sorted } from '/page/table.js';

const states = { offline: ['bad', 'off line'], connected: ['warn', 'starting'], online: ['', 'on line'], disabled: ['', 'disabled'], removed: ['', 'removed'] };
export function State({ state }) {
    const [kind, word] = states[state];
    return html`<span class=${`chip ${kind}`}>${word}</span>`;
}

const count = (key, title, width) => ({ key, title, width, number: true, sort: (s) => s[key], cell: (s) => number(s[key]) });
const columns = [
    { key: 'name', title: 'Station', width: 'minmax(10rem, 2fr)', sort: (s) => s.name, cell: (s) => html`<a href=${`#/stations/${encodeURIComponent(s.name)}`}>${s.name}</a>` },
    { key: 'state', title: 'State', width: '6rem', sort: (s) => s.bad, cell: (s) => html`<${State} state=${s.state} />` },
    { key: 'iin', title: 'It says', width: 'minmax(11rem, 3fr)', cell: (s) => s.iin.map((bit) => html`<span class=${`chip ${is_trouble(bit) ? 'warn' : ''}`} title=${bit}>${indication(bit)}</span> `) },
    { key: 'heard', title: 'Last contact', width: '7rem', sort: (s) => -(Date.parse(s.last_heard) || 0), cell: (s) => ago(s.last_heard) },
    { key: 'response', title: 'Response', width: '6rem', number: true, sort: (s) => s.response_ms, cell: (s) => s.last_heard ? `${number(s.response_ms)} ms` : '–' },
    count('events', 'Events', '6rem'), count('timeouts', 'Timeouts', '5.5rem'), count('link', 'Link', '4rem'),
    count('transport', 'Transport', '6rem'), count('application', 'Application', '6.5rem'),
    { key: 'tags', title: 'Tags', width: '4rem', number: true, sort: (s) => s.tags, cell: (s) => s.tags ? html`<span class="chip warn">${s.tags}</span>` : '' },
];

const EVERY_MS = 2000;

// {rows, error}; asked for again after a while that grows with what the answer costs.
function useStations() {
    const [known, set_known] = useState({ rows: null, error: null });
    useEffect(() => {
        const worker = new Worker('/page/stations_worker.js', { type: 'module' });
        let fresh = [], asked = 0, timer;
        const ask = () => { fresh = []; asked = performance.now(); worker.postMessage({ token: token.get() }); };
        worker.onmessage = ({ data }) => {
            if (data.rows) { fresh.push(...data.rows); return; }
            if (data.status === 401) signed_out();
            if (data.error) set_known((old) => ({ rows: old.rows, error: data.error }));
            else set_known({ rows: fresh, error: null });
            timer = setTimeout(ask, Math.max(EVERY_MS, 4 * (performance.now() - asked)));
        };
        ask();
        return () => { worker.terminate(); clearTimeout(timer); };
    }, []);
    return known;
}

export function Stations() {
    const { rows: all, error } = useStations();
    const [search, set_search] = useState(''), [only, set_only] = useState('all'), [order, set_order] = useState('state');
    const rows = useMemo(() => {
        const wanted = search.toLowerCase();
        return sorted((all || []).filter((s) => s.name.toLowerCase().includes(wanted)
            && (only === 'all' || (only === 'ill' ? s.bad > 0 : s.state === only))), order, columns);
    }, [all, search, only, order]);
    return html`<h1>Stations</h1>
        ${error ? html`<div class="error" role="alert">No answer: ${error}.${all ? ' What stands here is old.' : ''}</div>` : null}
        <div class="bar">
            <label>Search <input type="search" value=${search} onInput=${(e) => set_search(e.target.value)} /></label>
            <label>Show <select value=${only} onChange=${(e) => set_only(e.target.value)}>
                <option value="all">all</option><option value="ill">what is ill</option><option value="offline">off line</option>
                <option value="online">on line</option><option value="disabled">disabled</option></select></label>
            <span class="far" role="status">${!all ? '' : rows.length === all.length ? `${number(all.length)} stations` : `${number(rows.length)} of ${number(all.length)} stations`}</span>
        </div>
        <${Table} label="Stations" columns=${columns} rows=${rows} order=${order}
            empty=${all ? all.length ? 'no station is like that' : 'no station is configured' : error ? '–' : 'asking …'}
            row_class=${(s) => s.state === 'offline' ? 'bad' : ''}
            on_order=${(key) => set_order(order === key ? `-${key}` : key)}
            on_row=${(s) => { location.hash = `#/stations/${encodeURIComponent(s.name)}`; }} />`;
}
