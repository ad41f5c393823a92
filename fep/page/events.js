// SPDX-License-Identifier: Apache-2.0
// The sequence of events: by the station's own time, to the millisecond.
import { html, useMemo, useState } from '/page/vendor/preact-htm.js';
import { csv, query } from '/page/api.js';
import { hole, number, quality, time, value, words_of } from '/page/format.js';
import { useTail } from '/page/live.js';
import { Table } from '/page/table.js';

const is_hole = (e) => e.type === 'hole';
const own_time = (e) => (is_hole(e) ? e.from : e.time) || e.received;
const columns = [
    { key: 'time', title: 'Time (UTC)', width: '14rem', mono: true, cell: (e) => html`${time(own_time(e))}${!is_hole(e) && !e.time ? html`<span class="quiet"> received</span>` : ''}` },
    { key: 'station', title: 'Station', width: 'minmax(8rem, 1fr)', cell: (e) => html`<a href=${`#/stations/${encodeURIComponent(e.station)}`}>${e.station}</a>` },
    { key: 'point', title: 'Point', width: 'minmax(10rem, 1.5fr)', cell: (e) => is_hole(e) ? html`<span class="warn-text">hole</span>` : e.point || `${words_of(e.type)} ${e.index}` },
    { key: 'value', title: 'Value', width: 'minmax(7rem, 1fr)', cell: (e) => is_hole(e) ? html`<span class="warn-text">${hole(e)}</span>` : value(e) },
    { key: 'quality', title: 'Quality', width: 'minmax(7rem, 1fr)', cell: (e) => is_hole(e) ? '' : quality(e.quality) },
    { key: 'clock', title: 'Clock', width: '7.5rem', cell: (e) => is_hole(e) || e.time_quality === 'synchronised' ? '' : words_of(e.time_quality) },
    { key: 'origin', title: 'Origin', width: '7.5rem', cell: (e) => html`${words_of(e.origin)}${e.possible_repeat ? html` <span class="chip warn" title="it has no time: it may be a repeat of an earlier one">repeat?</span>` : ''}${e.hist ? html` <span class="chip">history</span>` : ''}` },
];

const types = ['binary_input', 'double_bit_input', 'binary_output_status', 'counter', 'frozen_counter', 'analog_input',
    'analog_output_status', 'binary_command', 'analog_command', 'octet_string', 'hole'];

function save(name, blob) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

export function Events({ station: given }) {
    const [station, set_station] = useState(given || ''), [type, set_type] = useState(''), [words, set_words] = useState('');
    const [paused, set_paused] = useState(false), [busy, set_busy] = useState(null), [filter, set_filter] = useState({ station: given || '', type: '' });
    const tail = useTail(filter, paused);
    const rows = useMemo(() => {
        const wanted = words.toLowerCase();
        const found = wanted ? tail.rows.filter((e) => `${e.station} ${e.point} ${e.type} ${e.state} ${e.reason}`.toLowerCase().includes(wanted)) : tail.rows;
        return [...found].sort((a, b) => (own_time(a) < own_time(b) ? 1 : own_time(a) > own_time(b) ? -1 : b.sequence - a.sequence));
    }, [tail.rows, words]);
    const apply = (event) => { event.preventDefault(); set_filter({ station, type }); };
    const export_all = async () => {
        set_busy('exporting …');
        try {
            save('events.csv', await csv(query('/v1/events', { station: filter.station, type: filter.type, limit: 100000, order: 'newest', format: 'csv' })));
            set_busy(null);
        } catch (error) { set_busy(error.message); }
    };
    return html`${given ? null : html`<h1>Sequence of events</h1>`}
        <form class="bar" onSubmit=${apply}>
            ${given ? null : html`<label>Station <input value=${station} onInput=${(e) => set_station(e.target.value)} /></label>`}
            <label>Type <select value=${type} onChange=${(e) => { set_type(e.target.value); set_filter({ station, type: e.target.value }); }}>
                <option value="">all</option>${types.map((t) => html`<option value=${t}>${words_of(t)}</option>`)}</select></label>
            <label>Words <input type="search" value=${words} onInput=${(e) => set_words(e.target.value)} /></label>
            ${given ? null : html`<button>Filter</button>`}
            <button type="button" aria-pressed=${paused} onClick=${() => set_paused(!paused)}>${paused ? 'Go on' : 'Hold'}</button>
            <button type="button" onClick=${export_all} disabled=${busy && busy.endsWith('…')}>Export CSV</button>
            <span class="far" role="status">${busy || (tail.state === 'live' ? paused ? 'held' : `live, ${number(rows.length)} shown` : tail.error ? tail.error.message : 'connecting …')}
                ${tail.gaps ? html` <span class="chip warn">${tail.gaps} gaps</span>` : ''}</span>
        </form>
        <${Table} label="Events" columns=${given ? columns.filter((c) => c.key !== 'station') : columns} rows=${rows} follow=${!paused}
            row_class=${(e) => e.origin === 'fep' && is_hole(e) ? 'hole' : ''} empty="no event yet" />`;
}
