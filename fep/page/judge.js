// SPDX-License-Identifier: Apache-2.0
// How ill a station is, and why. Used by the page and by its worker alike.
import { bare, duration, indication, many } from '/page/format.js';

export const trouble = ['DEVICE_TROUBLE', 'EVENT_BUFFER_OVERFLOW', 'CONFIG_CORRUPT', 'DEVICE_RESTART', 'LOCAL_CONTROL'];
export const is_trouble = (bit) => trouble.includes(bare(bit));

export function state_of(s) {
    return !s.configured ? 'removed' : s.enabled === false ? 'disabled' : s.online ? 'online' : s.connected ? 'connected' : 'offline';
}

const failures_of = (s) => s.failures || { link: 0, transport: 0, application: 0 };

// Off line weighs most, then trouble that the station tells of, then errors.
export function badness(s) {
    const state = state_of(s), f = failures_of(s);
    if (state === 'removed' || state === 'disabled') return 0;
    return (state === 'offline' ? 1e12 : state === 'connected' ? 1e11 : 0) + s.iin.filter(is_trouble).length * 1e9
        + s.counters.timeouts * 1e3 + f.link + f.transport + f.application;
}

// What a table shows of a station, and no more.
export function row_of(s) {
    const f = failures_of(s);
    return {
        key: s.number, name: s.name, state: state_of(s), bad: badness(s), iin: s.iin, last_heard: s.last_heard,
        response_ms: s.response_ms, events: s.counters.events, timeouts: s.counters.timeouts, link: f.link,
        transport: f.transport, application: f.application, tags: s.tags,
    };
}

// In sentences; none where all is well.
export function why(s) {
    const said = [], f = failures_of(s), state = state_of(s);
    if (state === 'offline') said.push(`It is off line${s.offline_since ? ` for ${duration((Date.now() - Date.parse(s.offline_since)) / 1000)}` : ''}: ${s.counters.connect_failures && !s.counters.connects ? 'it has never taken a connection' : 'it does not answer'}.`);
    if (state === 'connected') said.push('It has taken the connection, and has not answered yet.');
    const told = s.iin.filter(is_trouble);
    if (told.length) said.push(`It says of itself: ${told.map(indication).join(', ')}.`);
    if (s.counters.overflows) said.push(`Its buffer overflowed ${many(s.counters.overflows, 'time')}: events are missing; the holes tell when.`);
    if (s.counters.timeouts) said.push(`It left ${many(s.counters.timeouts, 'request')} without an answer.`);
    if (f.link) said.push(`${many(f.link, 'frame')} arrived damaged or with a wrong address.`);
    if (f.transport) said.push(`${many(f.transport, 'fragment')} could not be put together.`);
    if (f.application > s.counters.timeouts) said.push(`${many(f.application - s.counters.timeouts, 'answer')} broke the rules or refused a request.`);
    return said;
}
