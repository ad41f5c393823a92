// SPDX-License-Identifier: Apache-2.0
// A table of any length: only the rows in sight exist.
import { html, useLayoutEffect, useRef, useState } from '/page/vendor/preact-htm.js';

const ROW = 26, SPARE = 8;

// columns: {key, title, width, cell(row), number, sort}; `order` and `on_order` where it can be sorted.
export function Table({ label, columns, rows, row_class, order, on_order, on_row, follow, empty }) {
    const body = useRef(null), [view, set_view] = useState({ top: 0, height: 600 });
    const grid = { gridTemplateColumns: columns.map((c) => c.width || '1fr').join(' ') };
    const look = () => set_view({ top: body.current.scrollTop, height: body.current.clientHeight });
    useLayoutEffect(() => {
        const watch = new ResizeObserver(look);
        watch.observe(body.current);
        return () => watch.disconnect();
    }, []);
    useLayoutEffect(() => { if (follow) body.current.scrollTop = 0; }, [rows, follow]);
    const first = Math.max(0, Math.floor(view.top / ROW) - SPARE);
    const last = Math.min(rows.length, Math.ceil((view.top + view.height) / ROW) + SPARE);
    const heading = (c) => c.sort && on_order
        ? html`<button onClick=${() => on_order(c.key)}>${c.title}${order === c.key ? ' ▾' : order === `-${c.key}` ? ' ▴' : ''}</button>`
        : c.title;
    const keys = (event, row) => { if (event.key === 'Enter') on_row(row); };
    return html`<div class="table" role="table" aria-label=${label} aria-rowcount=${rows.length + 1}>
        <div role="rowgroup"><div class="row head" role="row" aria-rowindex="1" style=${grid}>
            ${columns.map((c) => html`<div role="columnheader" class=${c.number ? 'number' : ''}
                aria-sort=${c.sort ? (order === c.key ? 'descending' : order === `-${c.key}` ? 'ascending' : 'none') : undefined}>${heading(c)}</div>`)}
        </div></div>
        <div class="rows body" role="rowgroup" ref=${body} onScroll=${look} tabindex="0" aria-label=${`${label}, rows`}>
            ${rows.length ? null : html`<div role="row" class="row"><div role="cell" class="quiet">${empty || 'nothing'}</div></div>`}
            <div class="pad" role="presentation" style=${{ height: `${first * ROW}px` }}></div>
            ${rows.slice(first, last).map((row, i) => html`<div key=${row.key ?? first + i} role="row" aria-rowindex=${first + i + 2}
                class=${`row ${row_class ? row_class(row) : ''}`} style=${grid}
                onDblClick=${on_row ? () => on_row(row) : undefined} onKeyDown=${on_row ? (e) => keys(e, row) : undefined}>
                ${columns.map((c) => html`<div role="cell" class=${`${c.number ? 'number' : ''} ${c.mono ? 'mono' : ''}`}>${c.cell ? c.cell(row) : row[c.key]}</div>`)}
            </div>`)}
            <div class="pad" role="presentation" style=${{ height: `${(rows.length - last) * ROW}px` }}></div>
        </div>
    </div>`;
}

export function sorted(rows, order, columns) {
    const down = !order.startsWith('-'), column = columns.find((c) => c.key === order.replace('-', ''));
    if (!column || !column.sort) return rows;
    return [...rows].sort((a, b) => {
        const x = column.sort(a), y = column.sort(b);
        return (x < y ? 1 : x > y ? -1 : 0) * (down ? 1 : -1);
    });
}
