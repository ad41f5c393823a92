// SPDX-License-Identifier: Apache-2.0
// Values and times as people read them.

export const number = (value) => value === null || value === undefined ? '–' : Number(value).toLocaleString('en');
export const per_second = (value) => value === null || value === undefined ? '–' : `${number(Math.round(value))}/s`;
export const ms = (value) => value === null || value === undefined ? '–' : value < 10 ? `${value.toFixed(1)} ms` : `${number(Math.round(value))} ms`;

export function octets(value) {
    if (value === null || value === undefined) return '–';
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let i = 0;
    for (; value >= 1000 && i + 1 < units.length; i++) value /= 1000;
    return `${value < 10 && i ? value.toFixed(1) : Math.round(value)} ${units[i]}`;
}

// 2026-11-22T00:50:01.529Z -> 00:50:01.529 today, with the day else; UTC, to the millisecond.
export function time(text) {
    if (!text) return '–';
    const today = new Date().toISOString().slice(0, 10);
    return (text.startsWith(today) ? '' : `${text.slice(0, 10)} `) + text.slice(11, 23);
}

export function ago(text) {
    if (!text) return 'never';
    return `${duration((Date.now() - Date.parse(text)) / 1000)} ago`;
}

export function duration(seconds) {
    const s = Math.max(0, Math.round(seconds));
    const [many, unit] = s < 100 ? [s, 's'] : s < 6000 ? [s / 60, 'min'] : s < 172800 ? [s / 3600, 'h'] : [s / 86400, 'd'];
    return `${number(Math.round(many))} ${unit}`;
}

export function value(point) {
    if (point.type === 'octet_string') return point.value ?? '–';
    if (point.state) return point.state;
    const shown = typeof point.value === 'number' ? Number(point.value.toPrecision(7)).toString() : String(point.value ?? '–');
    return point.unit ? `${shown} ${point.unit}` : shown;
}

const words = {
    online: 'good', restart: 'not read since restart', comm_lost: 'communication lost', remote_forced: 'forced remotely',
    local_forced: 'forced locally', chatter_filter: 'chatter', rollover: 'rolled over', discontinuity: 'discontinuity',
    over_range: 'over range', reference_err: 'reference error',
};
// "good" stands alone: it is said only where nothing else is.
export function quality(flags) {
    const bad = (flags || []).filter((flag) => flag !== 'online').map((flag) => words[flag] || flag);
    return bad.length ? bad.join(', ') : (flags || []).includes('online') ? 'good' : 'off line';
}

// Of an event or a present value; a command has a status instead. [words, whether that is as it should be]
export function quality_of(row) {
    if (row.status !== undefined) return [row.status ? `status ${row.status}` : 'success', !row.status];
    const words = quality(row.quality);
    return [words, words === 'good'];
}

export const many = (n, one, more) => `${number(n)} ${n === 1 ? one : more || `${one}s`}`;

const holes = {
    overflow: 'the station lost events', restart: 'the station restarted', comm_lost: 'no communication from here on',
    comm_back: 'communication is back', discarded: 'a fragment was dropped', quarantine: 'a fragment could not be read',
};
export const hole = (row) => holes[row.reason] || row.reason;

// A point by its name, or by what it is.
export const point_name = (p) => p.point || `${words_of(p.type)} ${p.index}`;
export const words_of = (name) => name.replaceAll('_', ' ');

// "IIN1.7 DEVICE_RESTART" -> "device restart"
export const bare = (bit) => bit.replace(/^IIN\d\.\d /, '');
export const indication = (bit) => words_of(bare(bit).toLowerCase());
