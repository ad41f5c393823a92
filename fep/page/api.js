// SPDX-License-Identifier: Apache-2.0
// The API: calls, and streams that come back by themselves. The token is kept for this tab alone.

const KEY = 'fepd.token';
export const token = {
    get: () => sessionStorage.getItem(KEY),
    set: (text) => text ? sessionStorage.setItem(KEY, text) : sessionStorage.removeItem(KEY),
};

// Told once the token is not good any more.
let tell_out = () => {};
export const on_signed_out = (tell) => { tell_out = tell; };
export const signed_out = () => tell_out();

// What the server refuses: its own words, and the field that it means.
export class Refusal extends Error {
    constructor(status, problem) {
        super(problem.detail || `HTTP ${status}`);
        this.status = status;
        this.field = problem.field || problem.parameter;
    }
}

function headers(more) {
    const all = { ...more };
    if (token.get()) all.Authorization = `Bearer ${token.get()}`;
    return all;
}

async function refusal(response) {
    let problem = {};
    try { problem = await response.json(); } catch { /* not one of ours */ }
    if (response.status === 401) signed_out();
    return new Refusal(response.status, problem);
}

async function ask(path, { more, ...init }) {
    let response;
    try {
        response = await fetch(path, { cache: 'no-store', headers: headers(more), ...init });
    } catch (error) {
        throw error.name === 'AbortError' ? error : new Error('fepd can\'t be reached');
    }
    if (!response.ok) throw await refusal(response);
    return response;
}

export async function call(method, path, body) {
    const response = await ask(path, body ? { method, body: JSON.stringify(body), more: { 'Content-Type': 'application/json' } } : { method });
    return response.status === 204 ? null : response.json();
}
export const get = (path) => call('GET', path);

export function query(path, parameters) {
    const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== '');
    return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

// Lines of an answer, a list of them whenever some came.
async function* lines(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        const parts = (rest + value).split('\n');
        rest = parts.pop();
        yield parts;
    }
}

export async function ndjson(path, take) {
    const response = await ask(path, {});
    for await (const some of lines(response)) for (const line of some) if (line) take(JSON.parse(line));
}

// A file, as the server makes it.
export async function csv(path) {
    const response = await ask(path, {});
    return response.blob();
}

async function read_stream(path, last, take, signal) {
    const response = await ask(path, { signal, more: last ? { 'Last-Event-ID': last } : {} });
    let event = 'message', id = null;
    take({ event: 'open' });
    const line_is = (line) => {
        if (line.startsWith('data:')) {
            take({ event, id, data: JSON.parse(line.slice(5)) });
            event = 'message';
        } else if (line.startsWith('event:')) event = line.slice(6).trim();
        else if (line.startsWith('id:')) id = line.slice(3).trim();
    };
    for await (const some of lines(response)) some.forEach(line_is);
}

// Server-sent events, resumed behind the last one that came. EventSource can't send a token.
export function stream(path, take) {
    const abort = new AbortController();
    let last = null;
    (async () => {
        for (let wait_ms = 500; !abort.signal.aborted; wait_ms = Math.min(2 * wait_ms, 10000)) {
            try {
                await read_stream(path, last, (message) => {
                    wait_ms = 500;
                    if (message.id) last = message.id;
                    take(message);
                }, abort.signal);
            } catch (error) {
                if (abort.signal.aborted) return;
                take({ event: 'broken', error });
                if (error instanceof Refusal && error.status < 500 && error.status !== 429) return;
            }
            await new Promise((done) => setTimeout(done, wait_ms));
        }
    })();
    return () => abort.abort();
}
