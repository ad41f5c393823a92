// SPDX-License-Identifier: Apache-2.0
// Reads the list of all stations beside the page: thousands of them take longer to read than a frame lasts. What the
// table needs goes back in parts, each of them short.
import { row_of } from '/page/judge.js';

const PART = 250;

async function read(token) {
    const response = await fetch('/v1/stations', { cache: 'no-store', headers: token ? { Authorization: `Bearer ${token}` } : {} });
    const body = await response.json();
    if (!response.ok) throw Object.assign(new Error(body.detail || `HTTP ${response.status}`), { status: response.status });
    return body.stations.map(row_of);
}

onmessage = async ({ data }) => {
    try {
        const rows = await read(data.token);
        for (let at = 0; at < rows.length; at += PART) postMessage({ rows: rows.slice(at, at + PART) });
        postMessage({ done: true });
    } catch (error) { postMessage({ error: error.name === 'TypeError' ? 'fepd can\'t be reached' : error.message, status: error.status }); }
};
