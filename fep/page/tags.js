// SPDX-License-Identifier: Apache-2.0
// Blocking tags: while one hangs on a point or a station, nobody operates it.
import { html, useState } from '/page/vendor/preact-htm.js';
import { call, get, query } from '/page/api.js';
import { time, words_of } from '/page/format.js';
import { usePolled } from '/page/live.js';
import { Table } from '/page/table.js';

// A point by its name, or as type:index; nothing: the whole station.
async function target({ station, point }) {
    if (!point) return {};
    const { points } = await get(query('/v1/points', { station }));
    const found = points.find((p) => p.point === point || `${p.type}:${p.index}` === point);
    if (!found) throw new Error(`${station} has no point ${point}`);
    return { type: found.type, index: found.index };
}

export function Tags({ me }) {
    const [turn, set_turn] = useState(0), [error, set_error] = useState(null);
    const { value, error: lost } = usePolled('/v1/tags', 5000, turn);
    const [wish, set_wish] = useState({ station: '', point: '', text: '' });
    const field = (key, words, required) => html`<label>${words} <input required=${required} value=${wish[key]} onInput=${(e) => set_wish({ ...wish, [key]: e.target.value })} /></label>`;
    const attempt = async (what) => { try { await what(); set_error(null); set_turn(turn + 1); } catch (e) { set_error(e.message); } };
    const hang = (event) => { event.preventDefault(); attempt(async () => call('POST', '/v1/tags', { station: wish.station, ...(await target(wish)), kind: 'block', text: wish.text })); };
    const take = (tag) => { const reason = prompt(`Why is the tag "${tag.text}" taken away?`); if (reason) attempt(() => call('DELETE', `/v1/tags/${tag.id}`, { reason })); };
    const columns = [
        { key: 'station', title: 'Station', cell: (t) => html`<a href=${`#/stations/${encodeURIComponent(t.station)}`}>${t.station}</a>` },
        { key: 'point', title: 'Point', cell: (t) => t.point || (t.type ? `${words_of(t.type)} ${t.index}` : 'the whole station') }, { key: 'text', title: 'Text', width: '2fr' }, { key: 'who', title: 'Who' },
        { key: 'at', title: 'Since (UTC)', mono: true, cell: (t) => time(t.at) },
        { key: 'take', title: 'Action', width: '7rem', cell: (t) => html`<button disabled=${me.role === 'viewer'} onClick=${() => take(t)}>Take away</button>` }];
    return html`<h1>Tags</h1>${error || lost ? html`<div class="error" role="alert">${error || lost.message}</div>` : null}
        <form class="bar" onSubmit=${hang}>${field('station', 'Station', true)}${field('point', 'Point (empty: all)', false)}${field('text', 'Why', true)}
            <button disabled=${me.role === 'viewer'}>Hang a tag</button></form>
        <${Table} label="Tags" columns=${columns} rows=${(value?.tags || []).map((t) => ({ ...t, key: t.id }))} empty="no tag hangs anywhere" />`;
}
