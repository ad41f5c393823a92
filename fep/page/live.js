// SPDX-License-Identifier: Apache-2.0
// What several views look at: the newest events, kept as they come, and told at most a few times a second.
import { useEffect, useState } from '/page/vendor/preact-htm.js';
import { get, stream } from '/page/api.js';

const KEPT = 5000, TELL_MS = 250;

// Calls `path` again and again while somebody looks. {value, error}
export function usePolled(path, every_ms) {
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
    }, [path, every_ms]);
    return answer;
}

// The live tail of a stream, newest first. While `paused` nothing moves; nothing is lost either.
export function useTail(path, paused) {
    const [tail, set_tail] = useState({ rows: [], state: 'connecting', gaps: 0, error: null });
    useEffect(() => {
        let fresh = [], state = 'connecting', gaps = 0, error = null, changed = false;
        const stop = stream(path, (message) => {
            changed = true;
            if (message.event === 'open') state = 'live', error = null;
            else if (message.event === 'broken') state = 'broken', error = message.error;
            else if (message.event === 'gap') gaps++;
            else if (message.event === 'event' || message.event === 'hole') fresh.push({ ...message.data, key: message.data.sequence });
            if (fresh.length > KEPT) fresh = fresh.slice(-KEPT);
        });
        const timer = setInterval(() => {
            if (!changed || tail_paused.now) return;
            const taken = fresh.reverse();
            fresh = [];
            changed = false;
            set_tail((old) => ({ rows: taken.length ? taken.concat(old.rows).slice(0, KEPT) : old.rows, state, gaps, error }));
        }, TELL_MS);
        return () => { stop(); clearInterval(timer); };
    }, [path]);
    const tail_paused = useState(() => ({ now: false }))[0];
    tail_paused.now = paused;
    return tail;
}
