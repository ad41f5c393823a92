// SPDX-License-Identifier: Apache-2.0
// Who asked for what, and what came of it; newest first.
import { html, useEffect, useState } from '/page/vendor/preact-htm.js';
import { get, ndjson, query } from '/page/api.js';
import { time, words_of } from '/page/format.js';
import { Table } from '/page/table.js';

const SHOWN = 2000, EVERY_MS = 5000;

function plain(value) {
    if (Array.isArray(value)) return value.map(plain).join(', ');
    if (value && typeof value === 'object') return Object.entries(value).map(([key, v]) => `${words_of(key)} ${plain(v)}`).join(' ');
    return String(value);
}

// {"reason":"…","mode":"select"} in words, the reason first; what is no JSON as it is.
function detail(text) {
    let told = null;
    try { told = JSON.parse(text); } catch { /* words */ }
    if (!told || typeof told !== 'object') return text;
    const { reason, statuses, ...rest } = told;
    return [reason, statuses && statuses.join(', '), ...Object.entries(rest).map(([key, v]) => `${words_of(key)}: ${plain(v)}`)].filter(Boolean).join('; ');
}

const bad = ['refused', 'failed', 'unknown', 'feedback_missing'];
const said = (text) => html`<span title=${text}>${text}</span>`;
const columns = [
    { key: 'id', title: '#', width: '4rem', number: true }, { key: 'at', title: 'Time (UTC)', width: '12.5rem', mono: true, cell: (r) => time(r.at) },
    { key: 'who', title: 'Who', width: 'minmax(8rem, 1fr)', cell: (r) => html`${r.who} <span class="quiet">${r.role}</span>` },
    { key: 'action', title: 'Action', width: '7.5rem', cell: (r) => words_of(r.action) }, { key: 'station', title: 'Station', width: 'minmax(8rem, 1fr)', cell: (r) => r.station ? html`<a href=${`#/stations/${encodeURIComponent(r.station)}`}>${r.station}</a>` : '' },
    { key: 'point', title: 'Subject', width: 'minmax(9rem, 1.2fr)', cell: (r) => said(words_of(r.point).replaceAll(':', ' ')) },
    { key: 'state', title: 'State', width: '9rem', cell: (r) => html`<span class=${bad.includes(r.state) ? 'bad-text' : ''}>${words_of(r.state)}</span>` },
    { key: 'detail', title: 'Detail', width: 'minmax(12rem, 2fr)', cell: (r) => said(detail(r.detail)) }];

// What has come since, whenever there is more.
function useAudit() {
    const [audit, set_audit] = useState({ rows: null, head: null, error: null });
    useEffect(() => {
        let gone = false, timer, known = -1;
        const ask = async () => {
            try {
                const newest = await get('/v1/audit/head'), fresh = [];
                if (newest.id > known) await ndjson(query('/v1/audit', { after: Math.max(0, known, newest.id - SHOWN), limit: SHOWN }), (r) => r.id && fresh.push({ ...r, key: r.id }));
                known = fresh.length ? fresh[fresh.length - 1].id : Math.max(known, 0);
                if (!gone) set_audit((old) => ({ rows: fresh.reverse().concat(old.rows || []).slice(0, SHOWN), head: newest.id ? `${newest.id}:${newest.hash}` : '–', error: null }));
            } catch (error) { if (!gone) set_audit((old) => ({ ...old, error })); }
            if (!gone) timer = setTimeout(ask, EVERY_MS);
        };
        ask();
        return () => { gone = true; clearTimeout(timer); };
    }, []);
    return audit;
}

export function Audit() {
    const { rows, head, error } = useAudit();
    return html`<h1>Audit</h1>${error ? html`<div class="error" role="alert">${error.message}</div>` : null}
        <p class="quiet">Head of the chain: <span class="mono head">${head || '–'}</span>. Whether it is whole: <span class="mono">fepctl audit verify --head …</span></p>
        <${Table} label="Audit" columns=${columns} rows=${rows || []} empty=${rows ? 'nothing was asked for yet' : error ? '–' : 'asking …'} />`;
}
