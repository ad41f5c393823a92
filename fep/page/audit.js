// SPDX-License-Identifier: Apache-2.0
// Who asked for what, and what came of it; newest first.
import { html, useEffect, useState } from '/page/vendor/preact-htm.js';
import { get, ndjson, query } from '/page/api.js';
import { time, words_of } from '/page/format.js';
import { Table } from '/page/table.js';

const SHOWN = 2000;
const columns = [
    { key: 'id', title: '#', width: '5rem', number: true }, { key: 'at', title: 'Time (UTC)', width: '13rem', mono: true, cell: (r) => time(r.at) },
    { key: 'who', title: 'Who', width: '9rem', cell: (r) => html`${r.who} <span class="quiet">${r.role}</span>` },
    { key: 'action', title: 'Action', width: '9rem', cell: (r) => words_of(r.action) }, { key: 'station', title: 'Station', width: 'minmax(7rem, 1fr)' },
    { key: 'point', title: 'Subject', width: 'minmax(9rem, 1fr)' }, { key: 'state', title: 'State', width: '9rem', cell: (r) => words_of(r.state) },
    { key: 'detail', title: 'Detail', width: '2fr', cell: (r) => html`<span title=${r.detail}>${r.detail}</span>` }];

export function Audit() {
    const [rows, set_rows] = useState([]), [head, set_head] = useState(null), [error, set_error] = useState(null);
    useEffect(() => {
        (async () => {
            try {
                const newest = await get('/v1/audit/head'), read = [];
                await ndjson(query('/v1/audit', { after: Math.max(0, newest.id - SHOWN), limit: SHOWN }), (r) => r.id && read.push({ ...r, key: r.id }));
                set_head(newest.id ? `${newest.id}:${newest.hash}` : null);
                set_rows(read.reverse());
            } catch (e) { set_error(e.message); }
        })();
    }, []);
    return html`<h1>Audit</h1>${error ? html`<div class="error" role="alert">${error}</div>` : null}
        <p class="quiet">Head of the chain: <span class="mono">${head || '–'}</span>. Whether it is whole: <span class="mono">fepctl audit verify --head …</span></p>
        <${Table} label="Audit" columns=${columns} rows=${rows} empty="nothing was asked for yet" />`;
}
