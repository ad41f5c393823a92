// SPDX-License-Identifier: Apache-2.0
// One question with one line for an answer; nothing is done without it.
import { html, useEffect, useRef, useState } from '/page/vendor/preact-htm.js';

// `on_answer(text)` may be refused: then its words stand in the dialog, and the answer can be bettered.
export function Ask({ title, more, label, button, on_answer, on_close }) {
    const dialog = useRef(null), [text, set_text] = useState(''), [error, set_error] = useState(null), [busy, set_busy] = useState(false);
    useEffect(() => { dialog.current.showModal(); }, []);
    const answer = async (event) => {
        event.preventDefault();
        set_busy(true);
        try {
            await on_answer(text.trim());
            dialog.current?.close();
        } catch (e) { set_error(e.message); set_busy(false); }
    };
    return html`<dialog ref=${dialog} aria-labelledby="ask-title" onClose=${on_close}><h1 id="ask-title">${title}</h1>
        ${more ? html`<p>${more}</p>` : null}${error ? html`<div class="error" role="alert">${error}</div>` : null}
        <form onSubmit=${answer}><label>${label} <input required maxlength="200" pattern=".*\\S.*" title="some words" value=${text} onInput=${(e) => set_text(e.target.value)} /></label>
            <div class="buttons"><button type="button" onClick=${() => dialog.current.close()}>Close</button><button class="main" disabled=${busy}>${button}</button></div></form></dialog>`;
}
