// SPDX-License-Identifier: Apache-2.0
// Operating an output: first what and why, then again yes within a few seconds; the outcome as it comes, and never
// one that has not come.
import { html, useEffect, useRef, useState } from '/page/vendor/preact-htm.js';
import { Refusal, call, query } from '/page/api.js';
import { point_name, time, value, words_of } from '/page/format.js';

const SECONDS = 15;
const outcomes = {
    requested: ['', 'Asked for, and noted in the audit'], selecting: ['', 'Select has left'], selected: ['', 'Selected'], operating: ['', 'Operate has left'],
    operated: ['good', 'Operated: the station has accepted it'], feedback_awaited: ['', 'Operated; its feedback is awaited'],
    feedback_ok: ['good', 'Confirmed by its feedback'], feedback_missing: ['bad', 'Operated, but its feedback did not come'],
    failed: ['bad', 'Failed'], refused: ['bad', 'Refused'], timed_out: ['warn', 'No answer came before anything was operated'],
    cancelled: ['warn', 'Cancelled'], unknown: ['bad', 'UNKNOWN: the operate left and no answer came. Look at the feedback before you do anything.'],
};
const outcome = (state) => outcomes[state] || ['', words_of(state)];
const is_analog = (point) => point.type === 'analog_output_status';

function Choice({ label, of, value: chosen, on_change, ask }) {
    return html`<label>${label} <select required value=${chosen} onChange=${on_change}>${ask ? html`<option value="">choose</option>` : null}
        ${of.map((o) => html`<option value=${o}>${words_of(o)}</option>`)}</select></label>`;
}

function What({ point, wish, set_wish }) {
    const c = point.control, set = (key) => (e) => set_wish({ ...wish, [key]: e.target.value });
    if (is_analog(point))
        return html`<label>Value (${c.min} to ${c.max}${point.unit ? ` ${point.unit}` : ''})
            <input type="number" step="any" required min=${c.min} max=${c.max} value=${wish.value} onInput=${set('value')} /></label>`;
    const pulse = wish.op.startsWith('pulse');
    return html`<${Choice} label="Operation" of=${c.ops} value=${wish.op} on_change=${set('op')} ask />
        ${c.tccs.length > 1 ? html`<${Choice} label="Trip or close" of=${c.tccs} value=${wish.tcc} on_change=${set('tcc')} />` : null}
        ${pulse ? html`<label>On-time (ms) <input type="number" required min="0" max=${c.longest_ms} value=${wish.on_ms} onInput=${set('on_ms')} /></label>` : null}`;
}

// What a step has to say beside its name: texts, and each point's status.
const detail = (d) => Object.entries(d || {}).map(([key, v]) => key === 'statuses' ? v.join(', ') : key === 'why' ? v : `${words_of(key)} ${v}`).join('; ');

function Steps({ command, lost }) {
    const [kind, words] = outcome(command.state);
    return html`<ol class="steps">${command.history.map((s) => html`<li><span class="mono">${time(s.at)}</span> ${outcome(s.state)[1]}${s.detail ? html`<span class="quiet"> (${detail(s.detail)})</span>` : ''}</li>`)}</ol>
        <p class=${`outcome ${kind ? `${kind}-text` : ''}`} role="status" aria-live="assertive">${command.final ? words : `${words} …`}</p>
        ${lost ? html`<div class="error" role="alert">${lost} The command goes on; its outcome is not known here yet.</div>` : null}`;
}

// Until the outcome is there, or nobody looks any more.
async function follow(id, tell, gone) {
    for (let command = { state: '', final: false }; !command.final && !gone();) {
        try {
            command = await call('GET', query(`/v1/commands/${id}`, command.state ? { wait_ms: 20000, after_state: command.state } : {}));
            tell(command, null);
        } catch (error) {
            if (error instanceof Refusal && error.status < 500) throw error;
            tell(null, `No answer: ${error.message}.`);
            await new Promise((done) => setTimeout(done, 1000));
        }
    }
}

function order_of(station, point, wish) {
    const which = { type: point.type, index: point.index }, pulse = wish.op.startsWith('pulse');
    const binary = { op: wish.op, ...(wish.tcc ? { tcc: wish.tcc } : {}), ...(pulse ? { on_ms: Number(wish.on_ms) } : {}) };
    return { station, reason: wish.reason.trim(), mode: wish.mode, points: [{ ...which, ...(is_analog(point) ? { value: Number(wish.value) } : binary) }] };
}

function useCountdown(running, on_end) {
    const [left, set_left] = useState(SECONDS), end = useRef(0);
    useEffect(() => {
        if (!running) return undefined;
        end.current = performance.now() + 1000 * SECONDS;
        set_left(SECONDS);
        const timer = setInterval(() => {
            const s = (end.current - performance.now()) / 1000;
            if (s <= 0) on_end();
            else set_left(s);
        }, 200);
        return () => clearInterval(timer);
    }, [running]);
    return [left, () => performance.now() < end.current];
}

function First({ point, wish, set_wish, on_next, on_close }) {
    const c = point.control;
    return html`<form onSubmit=${on_next}>
        <${What} point=${point} wish=${wish} set_wish=${set_wish} />
        ${c.modes.length > 1 ? html`<${Choice} label="Mode" of=${c.modes} value=${wish.mode} on_change=${(e) => set_wish({ ...wish, mode: e.target.value })} />` : null}
        <label>Reason <input required maxlength="200" pattern=".*\\S.*" title="why it is operated" value=${wish.reason} onInput=${(e) => set_wish({ ...wish, reason: e.target.value })} /></label>
        <div class="buttons"><button type="button" onClick=${on_close}>Close</button><button class="main">Go on</button></div></form>`;
}

function Second({ wished, mode, left, on_send, on_back }) {
    return html`<form onSubmit=${on_send}>
        <p class="outcome">Operate: ${wished}?</p>
        <p class="quiet">${mode === 'select' ? 'It is selected first, and operated once the station has agreed.' : mode === 'direct' ? 'It is operated at once, without select.' : 'It is operated at once, and the station does not answer.'}</p>
        <div class="countdown" role="timer" aria-label=${`${SECONDS} seconds to confirm`}><div style=${{ width: `${(100 * left) / SECONDS}%` }}></div></div>
        <div class="buttons"><button type="button" data-first onClick=${on_back}>Back</button><button class="danger">${`Operate (${Math.ceil(left)} s)`}</button></div></form>`;
}

export function Control({ station, point, feedback, on_close }) {
    const dialog = useRef(null), gone = useRef(false), [step, set_step] = useState('what'), [error, set_error] = useState(null);
    const c = point.control, [wish, set_wish] = useState({ op: '', tcc: c.tccs?.[0] || '', on_ms: c.on_ms ?? '', value: '', reason: '', mode: c.modes.includes(c.mode) ? c.mode : c.modes[0] });
    const [told, set_told] = useState({ command: null, lost: null });
    const [left, in_time] = useCountdown(step === 'sure', () => late());
    const back = (words) => { set_error(words); set_step('what'); };
    const late = () => back('Nothing was sent: the time to confirm has passed.');
    useEffect(() => { dialog.current.showModal(); return () => { gone.current = true; }; }, []);
    useEffect(() => { (dialog.current.querySelector('[data-first]') || dialog.current.querySelector('select, input'))?.focus(); }, [step]);
    const send = async (event) => {
        event.preventDefault();
        if (!in_time()) { late(); return; }
        set_step('sent');
        let id = null;
        try {
            ({ id } = await call('POST', '/v1/commands', order_of(station, point, wish)));
            await follow(id, (command, lost) => set_told((old) => ({ command: command || old.command, lost })), () => gone.current);
        } catch (e) {
            if (id !== null) set_told((old) => ({ ...old, lost: `${e.message}.` }));
            else if (e instanceof Refusal && e.status !== 502 && e.status !== 504) back(`Refused: ${e.message}`);
            else set_error('fepd did not answer. Whether it has taken the command is not known: look into the audit before you do it again.');
        }
    };
    const wished = is_analog(point) ? `${wish.value} ${point.unit || ''}` : words_of(wish.op), { command, lost } = told;
    const close = () => dialog.current.close();
    return html`<dialog ref=${dialog} aria-labelledby="control-title" onClose=${on_close}>
        <h1 id="control-title">${station}: ${point_name(point)}</h1>
        <dl class="pairs"><dt>now</dt><dd><strong>${value(point)}</strong></dd>
            <dt>feedback</dt><dd>${feedback ? html`${point_name(feedback)}: <strong>${value(feedback)}</strong>` : 'none: what the station says is all that will be known'}</dd></dl>
        ${error ? html`<div class="error" role="alert">${error}</div>` : null}
        ${step === 'what' ? html`<${First} point=${point} wish=${wish} set_wish=${set_wish} on_next=${(e) => { e.preventDefault(); set_error(null); set_step('sure'); }} on_close=${close} />`
        : step === 'sure' ? html`<${Second} wished=${wished} mode=${wish.mode} left=${left} on_send=${send} on_back=${() => set_step('what')} />`
        : html`<div>${command ? html`<${Steps} command=${command} lost=${lost} />` : error ? null : html`<p role="status">${lost || 'Asking fepd …'}</p>`}
            <div class="buttons"><button data-first onClick=${close}>${command?.final || error ? 'Close' : 'Close; it goes on'}</button></div></div>`}
    </dialog>`;
}
