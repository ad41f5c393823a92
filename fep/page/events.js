// SPDX-License-Identifier: Apache-2.0
// The sequence of events: by the station's own time, to the millisecond.
import { html, useMemo, useState } from '/page/vendor/preact-htm.js';
import { csv, query } from '/page/api.js';
import { hole, number, point_name, quality_of, time, value, words_of } from '/page/format.js';
import { is_hole, useTail } from '/page/live.js';
import { Table } from '/page/table.js';

const columns = [
    { key: 'time', title: 'Time (UTC)', width: '12.5rem', mono: true, cell: (e) => html`${time(e.at)}${!is_hole(e) && !e.time ? html`<span class="quiet"> received</span>` : ''}` },
    { key: 'station', title: 'Station', width: 'minmax(9.5rem, 1fr)', cell: (e) => html`<a href=${`#/stations/${encodeURIComponent(e.station)}`}>${e.station}</a>` },
    { key: 'point', title: 'Point', width: 'minmax(10rem, 1.5fr)', cell: (e) => is_hole(e) ? html`<span class="warn-text">hole</span>` : point_name(e) },
    { key: 'value', title: 'Value', width: 'minmax(8rem, 1fr)', cell: (e) => is_hole(e) ? html`<span class="warn-text">${hole(e)}</span>` : value(e) },
    { key: 'quality', title: 'Quality', width: 'minmax(8rem, 1fr)', cell: (e) => is_hole(e) ? '' : quality_cell(e) },
    { key: 'clock', title: 'Clock', width: '8rem', cell: (e) => is_hole(e) || e.time_quality === 'synchronised' || !e.time ? '' : words_of(e.time_quality) },
    { key: 'origin', title: 'Origin', width: '9rem', cell: (e) => html`${words_of(e.origin)}${e.possible_repeat ? html` <span class="chip warn" title="it has no time: it may be a repeat of an earlier one">repeat?</span>` : ''}${e.hist ? html` <span class="chip">history</span>` : ''}` },
];

const hole_columns = [
    { key: 'from', title: 'From (UTC)', width: '13.5rem', mono: true, cell: (e) => time(e.from) },
    { key: 'to', title: 'Until', width: '13.5rem', mono: true, cell: (e) => time(e.to) },
    { key: 'what', title: 'What happened', width: 'minmax(14rem, 1fr)', cell: hole },
];

function quality_cell(e) {
    const [words, good] = quality_of(e);
    return html`<span class=${good ? '' : 'warn-text'} title=${words}>${words}</span>`;
}

const types = ['binary_input', 'double_bit_input', 'binary_output_status', 'counter', 'frozen_counter', 'analog_input',
    'analog_output_status', 'binary_command', 'frozen_analog_input', 'analog_command', 'octet_string', 'hole'];

function save(name, blob) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// 14:05, 14:05:09.250 of today, or with the day before it; UTC.
const MOMENT = '(\\d{4}-\\d\\d-\\d\\d[ T])?\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,3})?)?';
function stamp(text) {
    if (!new RegExp(`^${MOMENT}$`).test(text)) return '';
    const whole = text.includes('-') ? text.replace(' ', 'T') : `${new Date().toISOString().slice(0, 10)}T${text}`;
    const date = new Date(`${whole}Z`);
    return Number.isNaN(date.valueOf()) ? '' : date.toISOString();
}

function status_of(tail, rows, paused) {
    if (tail.error) return html`<span class="bad-text">${tail.error.message}</span>`;
    const shown = `${number(rows.length)} shown`;
    return tail.state === 'live' ? paused ? `held, ${shown}` : `live, ${shown}` : tail.state === 'past' ? shown : 'connecting …';
}

const EXPORTED = 100000;

function Export({ filter }) {
    const [said, set_said] = useState('');
    const ask = async () => {
        set_said('exporting …');
        try {
            save('events.csv', await csv(query('/v1/events', { ...filter, limit: EXPORTED, order: 'newest', format: 'csv' })));
            set_said('exported');
        } catch (error) { set_said(error.message); }
    };
    return html`<button type="button" onClick=${ask} disabled=${said.endsWith('…')} title=${`what the filter lets through, the newest ${number(EXPORTED)} at most`}>Export CSV</button> <span role="status">${said}</span>`;
}

// `station` and `only`, a type, where others have chosen them.
export function Events({ station: given, only }) {
    const [wish, set_wish] = useState({ station: given || '', type: only || '', from: '', to: '' }), [filter, set_filter] = useState(wish);
    const [words, set_words] = useState(''), [paused, set_paused] = useState(false);
    const tail = useTail(filter, paused);
    const rows = useMemo(() => {
        const wanted = words.toLowerCase();
        return wanted ? tail.rows.filter((e) => `${e.station} ${is_hole(e) ? hole(e) : `${point_name(e)} ${words_of(e.type)} ${value(e)}`}`.toLowerCase().includes(wanted)) : tail.rows;
    }, [tail.rows, words]);
    const apply = (now) => set_filter({ ...now, from: stamp(now.from), to: stamp(now.to) });
    const change = (key) => (e) => { const now = { ...wish, [key]: e.target.value }; set_wish(now); if (key !== 'station') apply(now); };
    const moment = (key, title) => html`<label>${title} <input size="11" pattern=${MOMENT} placeholder="hh:mm:ss" title="14:05, 14:05:09.250, or 2026-01-31 14:05" value=${wish[key]} onChange=${change(key)} /></label>`;
    return html`${given ? null : html`<h1>Sequence of events</h1>`}
        <form class="bar" onSubmit=${(event) => { event.preventDefault(); apply(wish); }}>
            ${given ? null : html`<label>Station <input size="16" value=${wish.station} onInput=${change('station')} onChange=${() => apply(wish)} /></label>`}
            ${only ? null : html`<label>Type <select value=${wish.type} onChange=${change('type')}>
                <option value="">all</option>${types.map((t) => html`<option value=${t}>${words_of(t)}</option>`)}</select></label>`}
            ${given ? null : html`${moment('from', 'From')}${moment('to', 'to')}`}
            <label>Words <input type="search" size="14" value=${words} onInput=${(e) => set_words(e.target.value)} /></label>
            <button type="button" aria-pressed=${paused} onClick=${() => set_paused(!paused)}>Hold</button>
            <${Export} filter=${filter} />
            <span class="far" role="status">${status_of(tail, rows, paused)}
                ${tail.gaps ? html` <span class="chip warn" title="more came than could be shown">${tail.gaps} gaps</span>` : ''}</span>
        </form>
        <${Table} label=${only ? words_of(`${only}s`) : 'Events'} columns=${only === 'hole' ? hole_columns : given ? columns.filter((c) => c.key !== 'station') : columns} rows=${rows} follow=${!paused}
            row_class=${(e) => is_hole(e) && !only ? 'hole' : ''} empty=${tail.error ? '–' : tail.state === 'connecting' ? 'asking …' : only === 'hole' ? 'no hole: nothing is missing' : 'no event is like that'} />`;
}
