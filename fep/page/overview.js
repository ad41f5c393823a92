// SPDX-License-Identifier: Apache-2.0
import { html } from '/page/vendor/preact-htm.js';
import { duration, many, ms, number, octets, per_second } from '/page/format.js';
import { usePolled } from '/page/live.js';

const Tile = ({ what, much, more, kind }) => html`<div class=${`tile ${kind || ''}`}>
    <div class="what">${what}</div><div class="much">${much}</div><div class="quiet">${more}</div></div>`;

export function Overview() {
    const { value: o, error } = usePolled('/v1/overview', 1000);
    if (!o) return html`<div class=${error ? 'error' : 'quiet'} role="status">${error ? error.message : 'asking …'}</div>`;
    const s = o.stations, failing = o.store.failing_since;
    return html`<h1>Overview</h1>
        ${error ? html`<div class="error" role="alert">No answer: ${error.message}. What stands here is old.</div>` : null}
        ${failing ? html`<div class="error" role="alert">The store has failed since ${failing}. Nothing is confirmed; stations keep their events.</div>` : null}
        <h2>Stations</h2>
        <div class="tiles">
            <${Tile} what="on line" much=${number(s.online)} more=${`of ${number(s.total)}`} />
            <${Tile} what="off line" much=${number(s.offline)} kind=${s.offline ? 'bad' : ''} more=${s.offline ? html`<a href="#/stations">which, and why</a>` : 'all are heard'} />
            <${Tile} what="suspect" much=${number(s.suspect)} kind=${s.suspect ? 'warn' : ''} more="on line, with errors or trouble bits" />
            <${Tile} what="disabled" much=${number(s.disabled)} more="by configuration or by hand" />
        </div>
        <h2>Events</h2>
        <div class="tiles">
            <${Tile} what="events" much=${per_second(o.events_per_s)} more=${`${o.rows_per_commit ? many(Math.round(o.rows_per_commit), 'row') : '–'} a commit`} />
            <${Tile} what="confirm delay, median" much=${ms(o.confirm_p50_ms)} more="from reading, through the store" />
            <${Tile} what="confirm delay, 99 %" much=${ms(o.confirm_p99_ms)} more="of the last minute" />
            <${Tile} what="holes of the last day" much=${number(o.holes_last_day)} kind=${o.holes_last_day ? 'warn' : ''} more=${html`<a href="#/events">in the events</a>`} />
        </div>
        <h2>Store and consumers</h2>
        <div class="tiles">
            <${Tile} what="database" much=${octets(o.store.octets)} more=${`log ${octets(o.store.wal_octets)}`} kind=${failing ? 'bad' : ''} />
            <${Tile} what="commands under way" much=${number(o.commands_open)} more=${html`<a href="#/audit">audit</a>`} />
            <${Tile} what="tags" much=${number(o.tags)} more=${html`<a href="#/tags">which</a>`} />
            <${Tile} what="fepd" much=${o.version} more=${`up ${duration(o.uptime_s)}`} />
        </div>
        ${o.consumers.length ? html`<h2>Consumers</h2><table class="panel"><thead><tr><th>name</th><th>behind</th></tr></thead><tbody>
            ${o.consumers.map((c) => html`<tr><td>${c.name}</td><td class="number">${number(c.lag)} events</td></tr>`)}</tbody></table>` : null}`;
}
