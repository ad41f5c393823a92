// SPDX-License-Identifier: Apache-2.0
// All stations, the worst first.
import { html, useMemo, useState } from '/page/vendor/preact-htm.js';
import { ago, bare, indication, number } from '/page/format.js';
import { usePolled } from '/page/live.js';
import { Table, sorted } from '/page/table.js';

const states = { offline: ['bad', 'off line'], connected: ['warn', 'starting'], online: ['', 'on line'], disabled: ['', 'disabled'], removed: ['', 'removed'] };
export function state_of(s) {
    return !s.configured ? 'removed' : s.enabled === false ? 'disabled' : s.online ? 'online' : s.connected ? 'connected' : 'offline';
}
export function State({ s }) {
    const [kind, word] = states[state_of(s)];
    return html`<span class=${`chip ${kind}`}>${word}</span>`;
}

const trouble = ['DEVICE_TROUBLE', 'EVENT_BUFFER_OVERFLOW', 'CONFIG_CORRUPT', 'DEVICE_RESTART', 'LOCAL_CONTROL'];
const errors_of = (s) => (s.failures ? s.failures.link + s.failures.transport + s.failures.application : 0);
// Off line weighs most, then trouble that the station tells of, then errors.
const badness = (s) => (state_of(s) === 'offline' ? 1e12 : state_of(s) === 'connected' ? 1e11 : 0)
    + s.iin.filter((bit) => trouble.includes(bare(bit))).length * 1e9 + s.counters.timeouts * 1e3 + errors_of(s);

const columns = [
    { key: 'name', title: 'Station', width: 'minmax(10rem, 2fr)', sort: (s) => s.name, cell: (s) => html`<a href=${`#/stations/${encodeURIComponent(s.name)}`}>${s.name}</a>` },
    { key: 'state', title: 'State', width: '6.5rem', sort: badness, cell: (s) => html`<${State} s=${s} />` },
    { key: 'iin', title: 'Indications', width: 'minmax(8rem, 2fr)', cell: (s) => s.iin.map((bit) => html`<span class=${`chip ${trouble.includes(bare(bit)) ? 'warn' : ''}`} title=${bit}>${indication(bit)}</span> `) },
    { key: 'heard', title: 'Last contact', width: '7.5rem', sort: (s) => -(Date.parse(s.last_heard) || 0), cell: (s) => ago(s.last_heard) },
    { key: 'response', title: 'Response', width: '6rem', number: true, sort: (s) => s.counters.response_ms, cell: (s) => `${number(s.counters.response_ms)} ms` },
    { key: 'events', title: 'Events', width: '7rem', number: true, sort: (s) => s.counters.events, cell: (s) => number(s.counters.events) },
    { key: 'timeouts', title: 'Timeouts', width: '6rem', number: true, sort: (s) => s.counters.timeouts, cell: (s) => number(s.counters.timeouts) },
    { key: 'link', title: 'Link', width: '5rem', number: true, sort: (s) => s.failures?.link ?? 0, cell: (s) => number(s.failures?.link) },
    { key: 'transport', title: 'Transport', width: '6rem', number: true, sort: (s) => s.failures?.transport ?? 0, cell: (s) => number(s.failures?.transport) },
    { key: 'application', title: 'Application', width: '6.5rem', number: true, sort: (s) => s.failures?.application ?? 0, cell: (s) => number(s.failures?.application) },
    { key: 'tags', title: 'Tags', width: '4rem', number: true, sort: (s) => s.tags ?? 0, cell: (s) => s.tags ? html`<span class="chip warn">${s.tags}</span>` : '' },
];

export function Stations() {
    const { value, error } = usePolled('/v1/stations', 5000);
    const [search, set_search] = useState(''), [only, set_only] = useState('all'), [order, set_order] = useState('state');
    const rows = useMemo(() => {
        const wanted = search.toLowerCase();
        const found = (value?.stations || []).filter((s) => s.name.toLowerCase().includes(wanted)
            && (only === 'all' || (only === 'ill' ? badness(s) > 0 : state_of(s) === only)));
        return sorted(found.map((s) => ({ ...s, key: s.number })), order, columns);
    }, [value, search, only, order]);
    return html`<h1>Stations</h1>
        ${error ? html`<div class="error" role="alert">${error.message}</div>` : null}
        <div class="bar">
            <label>Search <input type="search" value=${search} onInput=${(e) => set_search(e.target.value)} /></label>
            <label>Show <select value=${only} onChange=${(e) => set_only(e.target.value)}>
                <option value="all">all</option><option value="ill">what is ill</option><option value="offline">off line</option>
                <option value="online">on line</option><option value="disabled">disabled</option></select></label>
            <span class="far" role="status">${number(rows.length)} stations</span>
        </div>
        <${Table} label="Stations" columns=${columns} rows=${rows} order=${order} empty="no station is like that"
            on_order=${(key) => set_order(order === key ? `-${key}` : key)}
            on_row=${(s) => { location.hash = `#/stations/${encodeURIComponent(s.name)}`; }} />`;
}
