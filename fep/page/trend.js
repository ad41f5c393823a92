// SPDX-License-Identifier: Apache-2.0
// How one point went, by its own time, and how it goes on.
import { html, useEffect, useRef } from '/page/vendor/preact-htm.js';
import { number, point_name, value } from '/page/format.js';
import { useTail } from '/page/live.js';

const HEIGHT = 190;
const is_stepped = (point) => typeof point.value === 'number' && (point.state !== null || /binary|double/.test(point.type));

function options(point, width) {
    const style = getComputedStyle(document.documentElement), text = style.getPropertyValue('--quiet'), line = style.getPropertyValue('--line');
    const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: '12px system-ui, sans-serif' };
    const stepped = is_stepped(point);
    return {
        width, height: HEIGHT, legend: { show: false }, cursor: { y: false }, tzDate: (s) => uPlot.tzDate(new Date(1000 * s), 'Etc/UTC'),
        axes: [{ ...axis, values: [[86400, '{YYYY}-{MM}-{DD}'], [60, '{HH}:{mm}'], [1, '{HH}:{mm}:{ss}'], [0.001, '{ss}.{fff}']] },
            { ...axis, size: 64, incrs: stepped ? [1] : undefined }],
        scales: stepped ? { y: { range: (_, low, high) => [Math.min(0, low) - 0.1, Math.max(1, high) + 0.1] } } : {},
        series: [{}, { stroke: style.getPropertyValue('--trend'), width: 1.5, points: { size: 4 }, paths: stepped ? uPlot.paths.stepped({ align: 1 }) : undefined }],
    };
}

function span(low, high, unit) {
    const round = (v) => Number(v.toPrecision(5)).toString();
    return `${round(low)} to ${round(high)}${unit ? ` ${unit}` : ''}`;
}

export function Trend({ station, point }) {
    const place = useRef(null), plot = useRef(null), theme = document.documentElement.dataset.theme;
    const tail = useTail({ station, point: `${point.type}:${point.index}` }, false);
    const rows = tail.rows.filter((e) => e.index === point.index && typeof e.value === 'number').map((e) => [Date.parse(e.at) / 1000, e.value]).reverse();
    const data = [rows.map((r) => r[0]), rows.map((r) => r[1])];
    useEffect(() => {
        plot.current = new uPlot(options(point, place.current.clientWidth), data, place.current);
        const watch = new ResizeObserver(() => plot.current.setSize({ width: place.current.clientWidth, height: HEIGHT }));
        watch.observe(place.current);
        return () => { watch.disconnect(); plot.current.destroy(); };
    }, [theme]);
    useEffect(() => { plot.current.setData(data); }, [tail.rows]);
    const low = data[1].reduce((a, b) => Math.min(a, b), Infinity), high = data[1].reduce((a, b) => Math.max(a, b), -Infinity);
    const said = rows.length ? `${number(rows.length)} events, ${span(low, high, point.unit)}` : 'no event of it yet';
    return html`<h2>Trend of ${point_name(point)}</h2>
        <div class="panel"><div class="quiet">${tail.error ? tail.error.message : said}; now ${value(point)}. Time in UTC.</div>
            <div ref=${place} role="img" aria-label=${`Trend of ${point_name(point)}: ${said}, the last ${value(point)}`}></div></div>`;
}
