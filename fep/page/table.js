// SPDX-License-Identifier: Apache-2.0
// A table of any length: only the rows in sight exist.
import { html, useLayoutEffect, useRef, useState } from '/page/vendor/preact-htm.js';

const ROW = 26, SPARE = 8;

// Room that the columns need; narrower windows scroll sideways.
const least = (columns) => columns.reduce((sum, c) => sum + parseFloat(/([\d.]+)rem/.exec(c.width)?.[1] ?? 6) + 0.6, 1);

// columns: {key, title, width, cell(row), number, sort}; `order` and `on_order` where it can be sorted. Each row has a
// `key`.
export function Table({ label, columns, rows, row_class, order, on_order, on_row, follow, empty }) {
    const body = useRef(null), [view, set_view] = useState({ first: 0, last: 40 });
    const grid = { gridTemplateColumns: columns.map((c) => c.width || '1fr').join(' ') };
    const look = () => {
        const first = Math.max(0, Math.floor(body.current.scrollTop / ROW) - SPARE);
        const last = Math.ceil((body.current.scrollTop + body.current.clientHeight) / ROW) + SPARE;
        set_view((old) => old.first === first && old.last === last ? old : { first, last });
    };
    useLayoutEffect(() => {
        const watch = new ResizeObserver(look);
        watch.observe(body.current);
        return () => watch.disconnect();
    }, []);
    useLayoutEffect(() => { if (follow && body.current.scrollTop) body.current.scrollTop = 0; }, [rows, follow]);
    const first = Math.min(view.first, Math.max(0, rows.length - 1)), last = Math.min(rows.length, view.last);
    const heading = (c) => c.sort && on_order
        ? html`<button onClick=${() => on_order(c.key)}>${c.title}${order === c.key ? ' ▾' : order === `-${c.key}` ? ' ▴' : ''}</button>`
        : c.title;
    const keys = (event, row) => { if (event.key === 'Enter' && event.target === event.currentTarget) on_row(row); };
    return html`<div class="table" role="table" aria-label=${label} aria-rowcount=${rows.length + 1} tabindex="0" ref=${body} onScroll=${look}>
        <div role="rowgroup" class="heads" style=${{ minWidth: `${least(columns)}rem` }}><div class="row head" role="row" aria-rowindex="1" style=${grid}>
            ${columns.map((c) => html`<div key=${c.key} role="columnheader" class=${c.number ? 'number' : ''}
                aria-sort=${c.sort ? (order === c.key ? 'descending' : order === `-${c.key}` ? 'ascending' : 'none') : undefined}>${heading(c)}</div>`)}
        </div></div>
        <div class="body" role="rowgroup" style=${{ minWidth: `${least(columns)}rem` }}>
            ${rows.length ? null : html`<div role="row" class="row empty"><div role="cell" class="quiet">${empty || 'nothing'}</div></div>`}
            <div class="pad" role="presentation" style=${{ height: `${first * ROW}px` }}></div>
            ${rows.slice(first, last).map((row, i) => html`<div key=${row.key} role="row" aria-rowindex=${first + i + 2}
                class=${`row ${row_class ? row_class(row) : ''}`} style=${grid}
                onDblClick=${on_row ? () => on_row(row) : undefined} onKeyDown=${on_row ? (e) => keys(e, row) : undefined}>
                ${columns.map((c) => html`<div key=${c.key} role="cell" class=${c.number ? c.mono ? 'number mono' : 'number' : c.mono ? 'mono' : ''}>${c.cell ? c.cell(row) : row[c.key]}</div>`)}
            </div>`)}
            <div class="pad" role="presentation" style=${{ height: `${(rows.length - last) * ROW}px` }}></div>
        </div>
    </div>`;
}

// Descending; `-key` the other way round. What weighs the same stands by name.
export function sorted(rows, order, columns) {
    const down = order.startsWith('-') ? -1 : 1, column = columns.find((c) => c.key === order.replace('-', ''));
    if (!column?.sort) return rows;
    const weighed = rows.map((row) => [column.sort(row), row]);
    weighed.sort(([x, a], [y, b]) => (x < y ? down : x > y ? -down : a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    return weighed.map(([, row]) => row);
}
