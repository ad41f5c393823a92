// SPDX-License-Identifier: Apache-2.0
// What several views look at: the newest events, kept as they come, and told at most a few times a second.
import { useEffect, useState } from '/page/vendor/preact-htm.js';
import { get, ndjson, query, stream } from '/page/api.js';

const KEPT = 5000, TELL_MS = 250, HISTORY = 500;

// Calls `path` again and again while somebody looks, and at once when `turn` changes. {value, error}
export function usePolled(path, every_ms, turn) {
    const [answer, set_answer] = useState({ value: null, error: null });
    useEffect(() => {
        let gone = false, timer;
        const ask = async () => {
            try {
                const value = await get(path);
                if (!gone) set_answer({ value, error: null });
            } catch (error) {
                if (!gone) set_answer((old) => ({ value: old.value, error }));
            }
            if (!gone && every_ms) timer = setTimeout(ask, every_ms);
        };
        ask();
        return () => { gone = true; clearTimeout(timer); };
    }, [path, every_ms, turn]);
    return answer;
}

export const is_hole = (e) => e.type === 'hole';

// `at`: by the station's own clock; of what has no such time, when it was received.
const keyed = (row) => ({ ...row, key: row.sequence, at: (is_hole(row) ? row.from : row.time) || row.received || row.to });
const newest_first = (a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : b.sequence - a.sequence);
// Both in order already, which the sort makes use of.
const joined = (fresh, old) => fresh.length ? fresh.sort(newest_first).concat(old).sort(newest_first).slice(0, KEPT) : old;

// What the stream has told since somebody looked last.
function listener() {
    const heard = { fresh: [], state: 'connecting', gaps: 0, error: null, changed: false };
    heard.take = (message) => {
        heard.changed = true;
        if (message.event === 'open') heard.state = 'live', heard.error = null;
        else if (message.event === 'broken') heard.state = 'broken', heard.error = message.error;
        else if (message.event === 'gap') heard.gaps++;
        else if (message.event === 'event' || message.event === 'hole') heard.fresh.push(keyed(message.data));
        if (heard.fresh.length > 2 * KEPT) heard.fresh = heard.fresh.slice(-KEPT), heard.gaps++;
    };
    return heard;
}

async function history(filter, limit, upto) {
    const rows = [];
    await ndjson(query('/v1/events', { ...filter, limit, order: 'newest' }), (e) => { if (e.sequence && e.sequence <= upto) rows.push(keyed(e)); });
    return rows;
}

// Events by their own time, newest first: the last ones that there were, and from then on those that come. While
// `paused` nothing moves. `filter`: {station, type, point, from, to}; with an end nothing more comes.
export function useTail(filter, paused) {
    const [tail, set_tail] = useState({ rows: [], state: 'connecting', gaps: 0, error: null });
    const held = useState(() => ({ now: false }))[0];
    held.now = paused;
    const wanted = query('', filter);
    useEffect(() => {
        const heard = listener(), { from, to, ...live } = filter;
        let stop = () => {}, gone = false;
        const begin = async () => {
            let newest = null;
            set_tail({ rows: [], state: 'connecting', gaps: 0, error: null });
            try {
                if (!to) await ndjson(query('/v1/events', { limit: 1, order: 'newest' }), (e) => { newest = newest || e; });
                if (gone) return;
                const last = newest?.sequence ? newest.cursor : undefined;
                if (!to) stop = stream(query('/v1/stream', { ...live, after: last }), heard.take);
                const old = to || last ? await history(filter, to || from ? KEPT : HISTORY, to ? Infinity : newest.sequence) : [];
                if (!gone) set_tail((now) => ({ ...now, state: to ? 'past' : now.state, rows: joined(old, now.rows) }));
            } catch (error) { heard.take({ event: 'broken', error }); }
        };
        begin();
        const timer = setInterval(() => {
            if (!heard.changed || held.now) return;
            const { fresh, state, gaps, error } = heard;
            heard.fresh = [];
            heard.changed = false;
            set_tail((old) => ({ rows: joined(fresh, old.rows), state, gaps, error }));
        }, TELL_MS);
        return () => { gone = true; stop(); clearInterval(timer); };
    }, [wanted]);
    return tail;
}
