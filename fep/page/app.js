// SPDX-License-Identifier: Apache-2.0
// The shell: who is here, which view, light or dark.
import { html, render, useEffect, useState } from '/page/vendor/preact-htm.js';
import { Refusal, get, on_signed_out, token } from '/page/api.js';
import { Audit } from '/page/audit.js';
import { Events } from '/page/events.js';
import { Overview } from '/page/overview.js';
import { Station } from '/page/station.js';
import { Stations } from '/page/stations.js';
import { Tags } from '/page/tags.js';

const views = [
    { hash: '#/', title: 'Overview', view: Overview },
    { hash: '#/stations', title: 'Stations', view: Stations },
    { hash: '#/events', title: 'Events', view: Events },
    { hash: '#/tags', title: 'Tags', view: Tags },
    { hash: '#/audit', title: 'Audit', view: Audit },
];

function useHash() {
    const [hash, set_hash] = useState(location.hash || '#/');
    useEffect(() => {
        const changed = () => set_hash(location.hash || '#/');
        addEventListener('hashchange', changed);
        return () => removeEventListener('hashchange', changed);
    }, []);
    return hash;
}

function useTheme() {
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const [theme, set_theme] = useState(sessionStorage.getItem('fepd.theme') || (dark ? 'dark' : 'light'));
    document.documentElement.dataset.theme = theme;
    return [theme, () => {
        const other = theme === 'dark' ? 'light' : 'dark';
        sessionStorage.setItem('fepd.theme', other);
        set_theme(other);
    }];
}

function SignIn({ refused, on_done }) {
    const [text, set_text] = useState('');
    const enter = (event) => {
        event.preventDefault();
        token.set(text.trim());
        on_done();
    };
    return html`<main><form class="panel" style=${{ maxWidth: '30rem', margin: '4rem auto', display: 'grid', gap: '.6rem' }} onSubmit=${enter}>
        <h1>fepd</h1>
        ${refused ? html`<div class="error" role="alert">${refused}</div>` : null}
        <label style=${{ display: 'grid' }}>Token
            <input type="password" autocomplete="off" autofocus value=${text} onInput=${(e) => set_text(e.target.value)} /></label>
        <div class="quiet">It is kept for this tab, and forgotten with it.</div>
        <button class="main">Sign in</button>
    </form></main>`;
}

function Shell({ me, theme, other_theme, on_out }) {
    const hash = useHash();
    const station = hash.startsWith('#/stations/') ? decodeURIComponent(hash.slice('#/stations/'.length)) : null;
    const at = views.find((v) => v.hash === hash) || views[station ? 1 : 0];
    useEffect(() => { document.title = `${station || at.title} – fepd`; }, [station, at]);
    return html`
        <a class="skip" href="#view" onClick=${(e) => { e.preventDefault(); document.getElementById('view').focus(); }}>To the content</a>
        <header>
            <span class="name">fepd</span>
            <nav aria-label="Views">${views.map((v) => html`<a href=${v.hash} aria-current=${v === at ? 'page' : undefined}>${v.title}</a>`)}</nav>
            <span class="far"><span>${me.name}, ${me.role}</span>
                <button onClick=${other_theme} aria-label=${`Switch to the ${theme === 'dark' ? 'light' : 'dark'} theme`}>${theme === 'dark' ? '☀' : '☾'}</button>
                ${token.get() ? html`<button onClick=${on_out}>Sign out</button>` : null}</span>
        </header>
        <main id="view" tabindex="-1">${station ? html`<${Station} key=${station} name=${station} me=${me} />` : html`<${at.view} me=${me} />`}</main>`;
}

function App() {
    const [state, set_state] = useState({ me: null, refused: null, ask: false }), [theme, other_theme] = useTheme();
    const look = async () => {
        try {
            set_state({ me: await get('/v1/me'), refused: null, ask: false });
        } catch (error) {
            const known = error instanceof Refusal && (error.status === 401 || error.status === 403 || error.status === 429);
            set_state({ me: null, ask: true, refused: known && !token.get() ? null : error.message });
            if (known) token.set(null);
        }
    };
    useEffect(() => {
        on_signed_out(() => token.get() && set_state({ me: null, ask: true, refused: 'The token is not good any more.' }));
        look();
    }, []);
    if (state.me) return html`<${Shell} me=${state.me} theme=${theme} other_theme=${other_theme} on_out=${() => { token.set(null); look(); }} />`;
    return state.ask ? html`<${SignIn} refused=${state.refused} on_done=${look} />` : null;
}

render(html`<${App} />`, document.getElementById('app'));
