// SPDX-License-Identifier: Apache-2.0
// Thousands of stations and events: how evenly the page draws, beside a page that does nothing in the same browser at
// the same time of day, and whether its memory stays where it is. SECONDS: how long each view is looked at.
import { check, failed, open_browser, open_page, sign_in, was_clean } from './browser.mjs';

const url = process.env.PAGE_URL, seconds = Number(process.env.PAGE_SECONDS || 10);

// Times from frame to frame, in ms, while somebody scrolls.
async function frames(page, ms) {
    const deltas = await page.evaluate((limit) => new Promise((done) => {
        const all = [], begin = performance.now();
        let last = begin;
        const table = document.querySelector('.table');
        const frame = () => {
            const now = performance.now();
            all.push(now - last);
            last = now;
            table.scrollTop = (all.length * 40) % Math.max(1, table.scrollHeight - table.clientHeight);
            if (now - begin < limit) requestAnimationFrame(frame);
            else done(all.slice(2));
        };
        requestAnimationFrame(frame);
    }), ms);
    deltas.sort((a, b) => a - b);
    const at = (share) => Math.round(10 * deltas[Math.floor(share * (deltas.length - 1))]) / 10;
    return { frames: deltas.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: at(1) };
}

async function heap(page) {
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    await session.detach();
    return usedSize / 1e6;
}

const browser = await open_browser();
try {
    const page = await open_page(browser, url);
    await sign_in(page, process.env.PAGE_VIEWER);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    const look = async (name, ready) => {
        await page.getByRole('navigation').getByRole('link', { name }).click();
        await page.getByText(ready).first().waitFor({ timeout: 60000 });
    };
    const even = (busy, quiet) => busy.p95 <= Math.max(2 * quiet.p95, quiet.p95 + 25);
    const idle = async () => { await look('Tags', 'no tag hangs anywhere'); return frames(page, 1000 * seconds / 2); };
    const rest = await idle();
    await page.evaluate(() => { globalThis.work = setInterval(() => { for (const end = performance.now() + 120; performance.now() < end;); }, 200); });
    check('a page that is at work all the time would be found', !even(await frames(page, 3000), rest));
    await page.evaluate(() => clearInterval(globalThis.work));
    for (const [name, ready] of [['Stations', /^[\d,]+ stations$/], ['Events', /^live, /]]) {
        const quiet = await idle();
        await look(name, ready);
        await page.waitForTimeout(2000);
        const before = await heap(page), busy = await frames(page, 1000 * seconds), after = await heap(page);
        console.log(`${name}: ${JSON.stringify(busy)}, beside ${JSON.stringify(quiet)}; heap ${before.toFixed(1)}, then ${after.toFixed(1)} MB`);
        // 25 ms: a frame that is left out now and then is nothing that anybody sees.
        check(`${name}: 95 frames in 100 come as without it`, even(busy, quiet));
        check(`${name}: memory stays`, after < before + 25);
    }
    await was_clean(page, 'pace');
} catch (error) {
    console.log(`FAILED: ${error.stack}`);
    process.exitCode = 1;
}
await browser.close();
if (failed()) process.exitCode = 1;
