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
        const turn = async () => {
            try {
                const value = await get(path);
                if (!gone) set_answer({ value, error: null });
            } catch (error) {
                if (!gone) set_answer((old) => ({ value: old.value, error }));
            }
            if (!gone && every_ms) timer = setTimeout(turn, every_ms);
        };
        turn();
        return () => { gone = true; clearTimeout(timer); };
    }, [path, every_ms, turn]);
    return answer;
}

const keyed = (row) => ({ ...row, key: row.sequence });

// The last events that there were, newest first, and from then on those that come. While `paused` nothing moves;
// nothing is lost either. `filter`: {station, type, point}.
export function useTail(filter, paused) {
    const [tail, set_tail] = useState({ rows: [], state: 'connecting', gaps: 0, error: null });
    const held = useState(() => ({ now: false }))[0];
    held.now = paused;
    const path = query('', filter);
    useEffect(() => {
        let fresh = [], state = 'connecting', gaps = 0, error = null, changed = false, stop = () => {}, gone = false;
        const take = (message) => {
            changed = true;
            if (message.event === 'open') state = 'live', error = null;
            else if (message.event === 'broken') state = 'broken', error = message.error;
            else if (message.event === 'gap') gaps++;
            else if (message.event === 'event' || message.event === 'hole') fresh.push(keyed(message.data));
            if (fresh.length > KEPT) fresh = fresh.slice(-KEPT);
        };
        const begin = async () => {
            let newest = null, old = [];
            set_tail({ rows: [], state, gaps, error });
            try {
                await ndjson(query('/v1/events', { limit: 1, order: 'newest' }), (e) => { newest = newest || e; });
                if (gone) return;
                const last = newest.sequence ? newest.cursor : undefined;
                stop = stream(query('/v1/stream', { ...filter, after: last }), take);
                if (!last) return;
                await ndjson(query('/v1/events', { ...filter, limit: HISTORY, order: 'newest' }), (e) => { if (e.sequence && e.sequence <= newest.sequence) old.push(keyed(e)); });
                if (!gone) set_tail((now) => ({ ...now, rows: now.rows.concat(old).slice(0, KEPT) }));
            } catch (e) { changed = true; state = 'broken'; error = e; }
        };
        begin();
        const timer = setInterval(() => {
            if (!changed || held.now) return;
            const taken = fresh.reverse();
            fresh = [];
            changed = false;
            set_tail((old) => ({ rows: taken.length ? taken.concat(old.rows).slice(0, KEPT) : old.rows, state, gaps, error }));
        }, TELL_MS);
        return () => { gone = true; stop(); clearInterval(timer); };
    }, [path]);
    return tail;
}
