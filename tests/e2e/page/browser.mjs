// SPDX-License-Identifier: Apache-2.0
// A browser on the page, and what is held against it all the time: nothing on its console, nothing that its policy
// had to stop, nothing that axe-core finds.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.PAGE_MODULES}/`);
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

let failures = 0;
export function check(what, is) {
    console.log(`${is ? 'ok' : 'FAILED'}: ${what}`);
    if (!is) failures++;
    return is;
}
export const failed = () => failures;

// Answers that are asked for, or cut off, on purpose; Chromium writes each of them on the console.
const expected = (message) => /status of (401|403|409|422)|ERR_FAILED/.test(message.text());

export async function open_browser() {
    return chromium.launch({ executablePath: process.env.PAGE_CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

export async function open_page(browser, url, options) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 760 }, acceptDownloads: true, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(90000);
    page.complaints = [];
    page.on('console', (m) => m.type() === 'error' && !expected(m) && page.complaints.push(m.text()));
    page.on('pageerror', (e) => page.complaints.push(e.stack));
    await page.addInitScript(() => {
        globalThis.stopped = [];
        addEventListener('securitypolicyviolation', (e) => globalThis.stopped.push(e.violatedDirective));
    });
    await page.goto(url);
    return page;
}

export async function sign_in(page, token) {
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
}

// What is in sight now, in both themes.
export async function accessible(page, what) {
    const before = await page.evaluate(() => document.documentElement.dataset.theme);
    for (const theme of ['light', 'dark']) {
        await page.evaluate((t) => { document.documentElement.dataset.theme = t; }, theme);
        if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        for (const v of violations) console.log(`    ${v.id}: ${v.nodes.length}, ${v.nodes[0].html.slice(0, 120)} ${v.nodes[0].failureSummary}`);
        check(`${what}, ${theme}: axe-core finds nothing`, violations.length === 0);
    }
    await page.evaluate((t) => { document.documentElement.dataset.theme = t; }, before);
}

export async function was_clean(page, who) {
    for (const complaint of page.complaints) console.log(`    ${complaint}`);
    check(`${who}: nothing on the console`, page.complaints.length === 0);
    check(`${who}: the policy had nothing to stop`, (await page.evaluate(() => globalThis.stopped)).length === 0);
}

export async function picture(page, name) {
    if (process.env.PAGE_PICTURES) await page.screenshot({ path: `${process.env.PAGE_PICTURES}/${name}.png` });
}
