// SPDX-License-Identifier: Apache-2.0
// Blocking tags: while one hangs on a point or a station, nobody operates it.
import { html, useState } from '/page/vendor/preact-htm.js';
import { call, get, query } from '/page/api.js';
import { Ask } from '/page/ask.js';
import { point_name, time } from '/page/format.js';
import { usePolled } from '/page/live.js';
import { Table } from '/page/table.js';

// `point`: {type, index}, or {} for the whole station.
export const hang = (station, point, text) => call('POST', '/v1/tags', { station, ...(point.type ? { type: point.type, index: point.index } : {}), kind: 'block', text });

// A point by its name, or as type:index; nothing: the whole station.
async function target({ station, point }) {
    if (!point) return {};
    const { points } = await get(query('/v1/points', { station }));
    const found = points.find((p) => p.point === point || `${p.type}:${p.index}` === point);
    if (!found) throw new Error(`${station} has no point ${point}`);
    return found;
}

const NOTHING = { station: '', point: '', text: '' };

export function Tags({ me }) {
    const [turn, set_turn] = useState(0), [error, set_error] = useState(null), [taken, take] = useState(null);
    const { value, error: lost } = usePolled('/v1/tags', 5000, turn), viewer = me.role === 'viewer';
    const [wish, set_wish] = useState(NOTHING);
    const field = (key, words, required) => html`<label>${words} <input required=${required} disabled=${viewer} value=${wish[key]} onInput=${(e) => set_wish({ ...wish, [key]: e.target.value })} /></label>`;
    const add = async (event) => {
        event.preventDefault();
        try {
            await hang(wish.station, await target(wish), wish.text);
            set_error(null);
            set_wish(NOTHING);
            set_turn(turn + 1);
        } catch (e) { set_error(e.message); }
    };
    const remove = async (reason) => { await call('DELETE', `/v1/tags/${taken.id}`, { reason }); set_turn(turn + 1); };
    const columns = [
        { key: 'station', title: 'Station', width: 'minmax(9rem, 1fr)', cell: (t) => html`<a href=${`#/stations/${encodeURIComponent(t.station)}`}>${t.station}</a>` },
        { key: 'point', title: 'Point', width: 'minmax(9rem, 1fr)', cell: (t) => t.type ? point_name(t) : 'the whole station' },
        { key: 'text', title: 'Why', width: 'minmax(10rem, 2fr)' }, { key: 'who', title: 'Who', width: '8rem' },
        { key: 'at', title: 'Since (UTC)', width: '13.5rem', mono: true, cell: (t) => time(t.at) },
        { key: 'take', title: 'Action', width: '7rem', cell: (t) => html`<button disabled=${viewer} title=${viewer ? 'needs the role operator' : ''} onClick=${() => take(t)}>Take away</button>` }];
    return html`<h1>Tags</h1>${error || lost ? html`<div class="error" role="alert">${error || lost.message}</div>` : null}
        <form class="bar" onSubmit=${add}>${field('station', 'Station', true)}${field('point', 'Point (empty: all)', false)}${field('text', 'Why', true)}
            <button disabled=${viewer} title=${viewer ? 'needs the role operator' : ''}>Hang a tag</button></form>
        <${Table} label="Tags" columns=${columns} rows=${(value?.tags || []).map((t) => ({ ...t, key: t.id }))} empty=${value ? 'no tag hangs anywhere' : lost ? '–' : 'asking …'} />
        ${taken ? html`<${Ask} title=${`Take away: ${taken.text}`} more=${`${taken.station}, ${taken.type ? point_name(taken) : 'the whole station'}; hung by ${taken.who}.`}
            label="Why" button="Take it away" on_answer=${remove} on_close=${() => take(null)} />` : null}`;
}
