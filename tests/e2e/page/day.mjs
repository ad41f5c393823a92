// SPDX-License-Identifier: Apache-2.0
// An operator's day. URL and the tokens of an operator and a viewer come in the environment.
import { readFileSync } from 'node:fs';
import { accessible, check, failed, open_browser, open_page, picture, sign_in, was_clean } from './browser.mjs';

const url = process.env.PAGE_URL, operator = process.env.PAGE_OPERATOR, viewer = process.env.PAGE_VIEWER;

const as = (token, method, path, body) => fetch(url + path, { method, body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${token}`, ...(body ? { 'Content-Type': 'application/json' } : {}) } });
const json = async (path) => (await as(operator, 'GET', path)).json();
const HARBOUR = 'Harbour substation';
const point = async (name) => (await json(`/v1/points?station=${encodeURIComponent(HARBOUR)}`)).points.find((p) => p.point === name);
const audit = async () => (await (await as(operator, 'GET', '/v1/audit')).text()).trim().split('\n').map((l) => JSON.parse(l)).filter((r) => r.id);
const row = (page, name) => page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });

async function go(page, name) {
    await page.getByRole('navigation').getByRole('link', { name }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
}

async function arrives(page) {
    const answer = await as('', 'GET', '/');
    const policy = answer.headers.get('content-security-policy') || '';
    check('a strict policy', policy.includes("default-src 'none'") && policy.includes("script-src 'self'") && !policy.includes('unsafe'));
    await page.getByLabel('Token').waitFor();
    check('a theme from the beginning', await page.evaluate(() => document.documentElement.dataset.theme === 'light'));
    await accessible(page, 'sign-in');
    await sign_in(page, 'a wrong one');
    await page.getByRole('alert').waitFor();
    check('a wrong token is refused in words', (await page.getByRole('alert').textContent()).length > 10);
    await sign_in(page, operator);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    check('who is here', await page.getByText('anna, operator').isVisible());
    check('no cookie', (await page.context().cookies()).length === 0);
    await page.getByText('which, and why').waitFor();
    await accessible(page, 'overview');
    check('an inline script is stopped', await page.evaluate(() => new Promise((done) => {
        const script = document.createElement('script');
        script.textContent = 'globalThis.let_in = true';
        addEventListener('securitypolicyviolation', () => done(true), { once: true });
        document.body.append(script);
        setTimeout(() => done(false), 3000);
    })) && await page.evaluate(() => globalThis.let_in === undefined));
    await page.evaluate(() => { globalThis.stopped = []; });
    page.complaints = page.complaints.filter((c) => !/inline script/.test(c));
}

async function finds_the_ill(page) {
    await go(page, 'Stations');
    await row(page, 'Moor Lane').waitFor();
    await page.getByText('device trouble').first().waitFor();
    const names = await page.locator('.body [role=row] a').allTextContents();
    check('the worst first', names[0] === 'Lighthouse' && names[1] === 'Moor Lane' && names.length === 9);
    check('its indications in words', await row(page, 'Moor Lane').getByText('local control').isVisible());
    check('who never answered, never', await row(page, 'Lighthouse').getByText('never').isVisible());
    await accessible(page, 'stations');
    await picture(page, 'stations');
    await page.getByLabel('Search').fill('mill');
    await page.getByText('2 of 9 stations').waitFor();
    await page.getByLabel('Search').fill('');
    await page.getByLabel('Show').selectOption('ill');
    await page.getByText(/^2 of 9/).waitFor();
    await row(page, 'Moor Lane').getByRole('link').click();
    const reasons = page.getByRole('list', { name: 'Why it is ill' });
    await reasons.getByText('It says of itself: local control, device trouble.').waitFor();
    await reasons.getByText(/Its buffer overflowed \d+ times?/).waitFor();
    check('errors by layer', /link [1-9]\d*, transport \d+, application \d+/.test(await page.locator('dl.pairs').textContent()));
    await accessible(page, 'an ill station');
    await page.getByRole('tab', { name: 'Holes' }).click();
    await page.getByText('the station lost events').first().waitFor();
    await accessible(page, 'holes');
    await page.getByRole('tab', { name: 'Trace' }).click();
    await page.getByText(/[→←]/).first().waitFor();
    let done = false;
    for (let asked = 0; asked < 6 && !done; asked++) { // its frames are damaged at times, and so an answer may be lost
        await page.getByRole('button', { name: 'Read everything' }).click();
        done = await page.getByText('Read everything: done').waitFor({ timeout: 15000 }).then(() => true, () => false);
    }
    check('everything is read', done);
    await page.getByText(/→ .*read/i).first().waitFor();
    check('the wire in words, both ways', /→ .+\n.*← .+/.test((await page.getByRole('log').innerText())));
    check('fepd looks at the wire only meanwhile', (await json('/v1/stations/Moor%20Lane')).station.trace === true);
    await accessible(page, 'trace');
}

async function opens(page) {
    await go(page, 'Stations');
    await page.getByRole('link', { name: HARBOUR }).click();
    await page.getByRole('button', { name: 'Operate breaker Q0' }).waitFor();
}

async function fills(page, operation, reason) {
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Operation').selectOption(operation);
    await dialog.getByLabel('Reason').fill(reason);
    await dialog.getByRole('button', { name: 'Go on' }).click();
    await dialog.getByRole('button', { name: /^Operate/ }).waitFor();
}

// Once more, from the first step: what was looked at meanwhile may have taken longer than there is time to confirm.
async function begins_anew(page) {
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Back' }).click({ timeout: 1000 }).catch(() => {});
    await dialog.getByRole('button', { name: 'Go on' }).click();
    await dialog.getByRole('button', { name: /^Operate/ }).waitFor();
}

async function operates(page) {
    const dialog = page.getByRole('dialog');
    await opens(page);
    await accessible(page, 'a station');
    await page.getByRole('button', { name: 'feeder 0 current' }).click();
    await page.getByRole('img', { name: /Trend of feeder 0 current: ([2-9]|\d{2,}) events/ }).waitFor();
    await accessible(page, 'trend');
    const before = (await point('breaker Q0')).state, operation = before === 'open' ? 'latch_on' : 'latch_off', after = before === 'open' ? 'closed' : 'open';
    await page.getByRole('button', { name: 'Operate breaker Q0' }).click();
    await accessible(page, 'first step');
    await dialog.getByRole('button', { name: 'Go on' }).click();
    check('no way on without operation and reason', await dialog.getByLabel('Reason').isVisible());
    await fills(page, operation, 'switching order 4711');
    check('the countdown runs', await dialog.getByRole('timer').isVisible());
    check('nothing has left yet', (await json('/v1/commands')).commands.filter((c) => c.action === 'operate').length === 0);
    check('no outcome is shown', await dialog.getByRole('status').count() === 0);
    await accessible(page, 'second step');
    await begins_anew(page);
    await dialog.getByRole('button', { name: /^Operate/ }).click();
    await dialog.getByText(/its feedback is awaited …/).waitFor();
    check('an outcome that has not come is not shown', await dialog.getByText('Confirmed').count() === 0);
    await dialog.getByRole('status').getByText('Confirmed by its feedback').waitFor();
    check('step by step', await dialog.getByRole('listitem').count() === 7);
    await dialog.getByRole('definition').getByText(after).first().waitFor();
    await accessible(page, 'outcome');
    await picture(page, 'operate');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await row(page, 'breaker Q0').getByText(after).waitFor();
    const records = (await audit()).filter((r) => r.action === 'operate');
    check('the audit has each state, the reason and who', records.map((r) => r.state).join() === 'requested,selecting,selected,operating,operated,feedback_awaited,feedback_ok'
        && records[0].detail.includes('switching order 4711') && records.every((r) => r.who === 'anna'));
}

// Not a pointer in sight: focus is where it should be at each step, so that tab, space and enter are enough.
async function operates_by_keys(page) {
    const before = (await point('breaker Q0')).state, focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label') || document.activeElement.textContent);
    const tab_to = async (name) => { for (let i = 0; i < 60 && await focused() !== name; i++) await page.keyboard.press('Tab'); return await focused() === name; };
    await page.evaluate(() => document.activeElement.blur());
    check('tab gets to the button', await tab_to('Operate breaker Q0'));
    await page.keyboard.press('Enter');
    await page.getByLabel('Operation').waitFor();
    const wanted = before === 'open' ? 'latch on' : 'latch off';
    for (let typed = 0; typed < 5; typed++) { // what is typed too slowly for one word is taken for two
        if (typed) await page.waitForTimeout(2000);
        await page.keyboard.type(wanted);
        if (await page.getByLabel('Operation').inputValue() === wanted.replace(' ', '_')) break;
    }
    await page.keyboard.press('Tab');
    while (await page.evaluate(() => document.activeElement.tagName === 'SELECT')) await page.keyboard.press('Tab');
    await page.keyboard.type('by keyboard alone');
    await page.keyboard.press('Enter');
    await page.getByRole('timer').waitFor();
    const comes_to = (name) => page.waitForFunction((name) => [document.activeElement.getAttribute('aria-label'), document.activeElement.textContent].includes(name), name, { timeout: 30000 }).then(() => true, () => false);
    check('the second step begins at the way back', await comes_to('Back'));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('Confirmed by its feedback').waitFor();
    check('then at the way out', await comes_to('Close'));
    await page.keyboard.press('Enter');
    check('and back where it began', await comes_to('Operate breaker Q0'));
}

async function sees_it_fail(page) {
    const dialog = page.getByRole('dialog'), operation = (await point('breaker Q0')).state === 'open' ? 'latch_on' : 'latch_off';
    await page.getByRole('button', { name: 'Operate breaker Q1' }).click();
    await dialog.getByLabel('Trip or close').selectOption('trip');
    await fills(page, operation, 'latch and trip do not go together');
    await dialog.getByRole('button', { name: /^Operate/ }).click();
    await dialog.getByRole('status').getByText('Failed').waitFor();
    check('the status of the point is named', await dialog.getByText('NOT_SUPPORTED').isVisible());
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Operate breaker Q1' }).click();
    await fills(page, operation, 'its feedback is the other breaker, which does not move');
    await dialog.getByRole('button', { name: /^Operate/ }).click();
    await dialog.getByRole('status').getByText(/feedback did not come/).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
}

// Where fepd is not heard the dialog says what it does not know, and nothing else.
async function loses_the_answer(page) {
    const dialog = page.getByRole('dialog'), cut = (route) => route.abort(), operation = (await point('breaker Q0')).state === 'open' ? 'latch_on' : 'latch_off';
    const again = async (reason) => {
        await page.getByRole('button', { name: 'Operate breaker Q0' }).click();
        await fills(page, operation, reason);
        await dialog.getByRole('button', { name: /^Operate/ }).click();
    };
    await page.route('**/v1/commands/*', cut);
    await again('nobody hears what comes of it');
    await dialog.getByText(/No answer: fepd can't be reached/).waitFor();
    check('without an answer no outcome', await dialog.getByText(/Confirmed|accepted|Failed|Refused/).count() === 0);
    await page.unroute('**/v1/commands/*', cut);
    await dialog.getByRole('status').getByText('Confirmed by its feedback').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.route('**/v1/commands', cut);
    await again('nobody knows whether it was heard');
    await dialog.getByRole('alert').getByText(/Whether it has taken the command is not known/).waitFor();
    check('no second try is offered', await dialog.getByRole('button').count() === 1);
    await page.unroute('**/v1/commands', cut);
    await dialog.getByRole('button', { name: 'Close' }).click();
}

async function is_blocked(page, other) {
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Operate lamp' }).click();
    await fills(page, 'latch_on', 'is it lit?');
    const tag = await (await as(operator, 'POST', '/v1/tags', { station: HARBOUR, type: 'binary_output_status', index: 2, kind: 'block', text: 'men at work' })).json();
    await dialog.getByRole('button', { name: /^Operate/ }).click();
    await dialog.getByRole('alert').getByText(/Refused: tag \d+ by anna blocks it: men at work/).waitFor();
    check('what was refused can be asked again', await dialog.getByLabel('Reason').inputValue() === 'is it lit?');
    await accessible(page, 'refused');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await row(page, 'lamp').getByText('tagged').waitFor();
    check('no way to operate it', await page.getByRole('button', { name: 'Operate lamp' }).count() === 0);
    await page.getByRole('button', { name: 'Tag breaker Q1' }).click();
    await accessible(page, 'tag dialog');
    await dialog.getByLabel('Why').fill('its feedback is wired wrongly');
    await dialog.getByRole('button', { name: 'Hang the tag' }).click();
    await row(page, 'breaker Q1').getByText('tagged').waitFor();
    await go(page, 'Tags');
    await row(page, 'its feedback is wired wrongly').waitFor();
    await accessible(page, 'tags');
    await row(page, 'men at work').getByRole('button', { name: 'Take away' }).click();
    await accessible(page, 'taking a tag away');
    await dialog.getByLabel('Why').fill('they have gone home');
    await dialog.getByRole('button', { name: 'Take it away' }).click();
    await row(page, 'men at work').waitFor({ state: 'detached' });
    check('it is gone', (await json('/v1/tags')).tags.every((t) => t.id !== tag.id));
    await looks_only(other);
}

async function looks_only(page) {
    await sign_in(page, viewer);
    await opens(page);
    check('a viewer may not operate', await page.getByRole('button', { name: 'Operate breaker Q0' }).isDisabled()
        && await page.getByRole('button', { name: 'Tag breaker Q0' }).isDisabled() && await page.getByRole('button', { name: 'Read everything' }).isDisabled());
    check('nor may his token', (await as(viewer, 'POST', '/v1/commands', { station: HARBOUR, reason: 'x', points: [{ type: 'binary_output_status', index: 0, op: 'latch_on' }] })).status === 403);
    await page.getByRole('tab', { name: 'Trace' }).click();
    await page.getByRole('alert').getByText(/operator/).waitFor();
    await was_clean(page, 'viewer');
}

async function follows(page) {
    await go(page, 'Events');
    const status = page.locator('.bar .far'), shown = async () => Number((await status.textContent()).replace(/\D/g, ''));
    await status.getByText(/^live, /).waitFor();
    const before = await shown();
    await page.waitForFunction((n) => Number(document.querySelector('.bar .far').textContent.replace(/\D/g, '')) > n, before + 5);
    check('live', true);
    const times = (await page.locator('.body [role=cell]:first-child').allTextContents()).map((t) => t.slice(0, 12));
    const day = (t) => (t < '12' && times.some((other) => other >= '23') ? 1 : 0) + t; // midnight may have been among them
    check('by source time to the millisecond, newest first', times.length > 10 && times.every((t) => /^\d\d:\d\d:\d\d\.\d{3}$/.test(t)) && times.map(day).join() === times.map(day).sort().reverse().join());
    await accessible(page, 'events');
    await picture(page, 'events');
    await page.getByLabel('Station').fill(HARBOUR);
    await page.getByLabel('Type').selectOption('analog_input');
    await page.waitForFunction(() => { const c = [...document.querySelectorAll('.body [role=row] a')]; return c.length > 3 && c.every((a) => a.textContent === 'Harbour substation'); });
    await page.getByLabel('Words').fill('feeder 2');
    await page.waitForFunction(() => [...document.querySelectorAll('.body [role=row]')].every((r) => r.textContent.includes('feeder 2 current')));
    await page.getByRole('button', { name: 'Hold' }).click();
    const held = await shown();
    await page.waitForTimeout(1500);
    check('held', await shown() === held);
    await page.getByRole('button', { name: 'Hold' }).click();
    await page.getByLabel('Words').fill('');
    await page.getByLabel('Type').selectOption('');
    await exports_it(page);
}

async function exports_it(page) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export CSV' }).click()]);
    const lines = readFileSync(await download.path(), 'utf8').split('\r\n').filter(Boolean), heads = lines[0].split(',');
    const cells = lines.slice(1).map((l) => l.split(',').map((c) => c.replace(/^"|"$/g, ''))), column = (name) => cells.map((c) => c[heads.indexOf(name)]);
    check('a CSV with a line of heads', download.suggestedFilename() === 'events.csv' && ['time', 'station', 'point', 'value', 'quality', 'cursor'].every((h) => heads.includes(h)));
    check('what the filter lets through', cells.length > 50 && column('station').every((s) => s === HARBOUR));
    const at = (cursor) => Number(cursor.split('-')[1]), exported = column('cursor').map(at).sort((a, b) => a - b), last = exported[exported.length - 1];
    const asked = (await (await as(operator, 'GET', `/v1/events?station=${encodeURIComponent(HARBOUR)}&limit=100000`)).text()).trim().split('\n')
        .map((l) => JSON.parse(l)).filter((e) => e.sequence && e.sequence <= last).map((e) => e.sequence);
    check('all that the journal has, and nothing twice', exported.join() === asked.sort((a, b) => a - b).join());
}

async function leaves(page) {
    await go(page, 'Audit');
    await page.getByText('feedback ok').first().waitFor();
    check('a refusal is in the audit', await row(page, 'refused').count() > 0);
    await accessible(page, 'audit');
    await page.getByRole('button', { name: /Switch to the/ }).click();
    check('the other theme', ['light', 'dark'].includes(await page.evaluate(() => sessionStorage.getItem('fepd.theme'))));
    await go(page, 'Overview');
    await page.getByText('holes of the last day').waitFor();
    await picture(page, 'overview');
    await page.setViewportSize({ width: 420, height: 800 });
    for (const name of ['Overview', 'Stations', 'Events', 'Tags', 'Audit']) {
        await go(page, name);
        check(`${name} fits a narrow window`, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.querySelector('main').scrollWidth <= innerWidth));
    }
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    check('the token is forgotten', await page.evaluate(() => sessionStorage.getItem('fepd.token') === null));
    await was_clean(page, 'operator');
}

const browser = await open_browser();
try {
    const page = await open_page(browser, url);
    await arrives(page);
    await finds_the_ill(page);
    await operates(page);
    await operates_by_keys(page);
    await sees_it_fail(page);
    await loses_the_answer(page);
    await is_blocked(page, await open_page(browser, url));
    await follows(page);
    await leaves(page);
} catch (error) {
    console.log(`FAILED: the day came to a stop: ${error.stack}`);
    for (const p of browser.contexts().flatMap((c) => c.pages())) console.log(await p.locator('main').innerText().catch(() => ''));
    process.exitCode = 1;
}
await browser.close();
if (failed()) process.exitCode = 1;
