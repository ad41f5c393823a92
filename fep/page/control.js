// SPDX-License-Identifier: Apache-2.0
// Operating an output: first what and why, then again yes within a few seconds; the outcome as it comes, and never
// one that has not come.
import { html, useEffect, useRef, useState } from '/page/vendor/preact-htm.js';
import { call, query } from '/page/api.js';
import { time, value, words_of } from '/page/format.js';

const SECONDS = 15;
const outcome_words = {
    requested: 'asked: noted in the audit', selecting: 'select has left', selected: 'selected', operating: 'operate has left', operated: 'operated: the station accepted it',
    feedback_awaited: 'operated; the feedback is awaited', feedback_ok: 'confirmed by its feedback', feedback_missing: 'operated, but the feedback did not come',
    failed: 'failed', refused: 'refused', timed_out: 'no answer before anything was operated', cancelled: 'cancelled',
    unknown: 'UNKNOWN: the operate left and no answer came. Look at the feedback before you do anything.',
};
const kinds = { feedback_ok: 'good', operated: 'good', failed: 'bad', refused: 'bad', unknown: 'bad', feedback_missing: 'bad', timed_out: 'warn', cancelled: 'warn' };

function What({ point, wish, set_wish }) {
    const control = point.control, set = (key) => (e) => set_wish({ ...wish, [key]: e.target.value });
    if (point.type === 'analog_output_status')
        return html`<label>Value ${control.min !== undefined ? `(${control.min} to ${control.max}${point.unit ? ` ${point.unit}` : ''})` : ''}
            <input type="number" step="any" required min=${control.min} max=${control.max} value=${wish.value} onInput=${set('value')} /></label>`;
    return html`<label>Operation <select required value=${wish.op} onChange=${set('op')}><option value="">choose</option>
        ${control.ops.map((op) => html`<option value=${op}>${words_of(op)}</option>`)}</select></label>`;
}

// What a step has to say beside its name: texts and a point's status.
const detail = (d) => !d ? '' : `: ${Object.entries(d).map(([key, v]) => `${words_of(key)} ${Array.isArray(v) ? v.join(', ') : v}`).join('; ')}`;

function Steps({ command }) {
    return html`<ol class="quiet">${(command.history || []).map((step) => html`<li>${time(step.at)} ${outcome_words[step.state] || words_of(step.state)}${detail(step.detail)}</li>`)}</ol>
        <div class=${`outcome ${kinds[command.state] ? `${kinds[command.state]}-text` : ''}`} role="status" aria-live="assertive">${outcome_words[command.state] || words_of(command.state)}</div>`;
}

async function follow(id, tell) {
    for (let command = { state: 'requested', final: false }; !command.final; tell(command))
        command = await call('GET', query(`/v1/commands/${id}`, { wait_ms: 20000, after_state: command.state }));
}

function body_of(station, point, wish) {
    const target = { type: point.type, index: point.index };
    return { station, reason: wish.reason, mode: wish.mode,
        points: [point.type === 'analog_output_status' ? { ...target, value: Number(wish.value) } : { ...target, op: wish.op }] };
}

export function Control({ station, point, on_close }) {
    const dialog = useRef(null), [step, set_step] = useState('what'), [left, set_left] = useState(SECONDS);
    const [wish, set_wish] = useState({ op: '', value: '', reason: '', mode: point.control.modes[0] });
    const [command, set_command] = useState(null), [error, set_error] = useState(null);
    useEffect(() => { dialog.current.showModal(); }, []);
    useEffect(() => {
        if (step !== 'sure') return undefined;
        const timer = setInterval(() => set_left((s) => { if (s <= 0.2) { set_step('what'); set_error('Nothing was sent: the time to confirm has passed.'); } return s - 0.2; }), 200);
        return () => clearInterval(timer);
    }, [step]);
    const ask = (event) => { event.preventDefault(); set_error(null); set_left(SECONDS); set_step('sure'); };
    const send = async (event) => {
        event.preventDefault();
        set_step('sent');
        try {
            const { id, state } = await call('POST', '/v1/commands', body_of(station, point, wish));
            set_command({ state, history: [] });
            await follow(id, set_command);
        } catch (e) { set_error(e.message); set_step(command ? 'sent' : 'what'); }
    };
    const name = point.point || `${words_of(point.type)} ${point.index}`;
    const wished = point.type === 'analog_output_status' ? wish.value : words_of(wish.op);
    return html`<dialog ref=${dialog} aria-labelledby="control-title" onClose=${on_close}>
        <h1 id="control-title">${station}: ${name}</h1>
        <p>Now: <strong>${value(point)}</strong></p>
        ${error ? html`<div class="error" role="alert">${error}</div>` : null}
        ${step === 'what' ? html`<form onSubmit=${ask}>
            <${What} point=${point} wish=${wish} set_wish=${set_wish} />
            ${point.control.modes.length > 1 ? html`<label>Mode <select value=${wish.mode} onChange=${(e) => set_wish({ ...wish, mode: e.target.value })}>
                ${point.control.modes.map((m) => html`<option value=${m}>${words_of(m)}</option>`)}</select></label>` : null}
            <label>Reason <input required maxlength="200" value=${wish.reason} onInput=${(e) => set_wish({ ...wish, reason: e.target.value })} /></label>
            <div class="buttons"><button type="button" onClick=${() => dialog.current.close()}>Close</button><button class="main">Go on</button></div></form>`
        : step === 'sure' ? html`<form onSubmit=${send}>
            <p class="outcome">${wished} – are you sure?</p>
            <div class="countdown" role="timer" aria-label=${`${Math.ceil(left)} seconds to confirm`}><div style=${{ width: `${(100 * left) / SECONDS}%` }}></div></div>
            <div class="buttons"><button type="button" autofocus onClick=${() => set_step('what')}>Back</button><button class="danger">${`Operate (${Math.ceil(left)} s)`}</button></div></form>`
        : html`<div>${command ? html`<${Steps} command=${command} />` : html`<p role="status">sending …</p>`}
            <div class="buttons"><button onClick=${() => dialog.current.close()}>${command?.final ? 'Close' : 'Close; it goes on'}</button></div></div>`}
    </dialog>`;
}
