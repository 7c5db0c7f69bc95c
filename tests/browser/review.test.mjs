// SPDX-License-Identifier: Apache-2.0
// The work screen: three cases with the keyboard alone, one without a script, and the screen itself in both
// languages and on a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { login, newPage, soundPage, startBrowser, startSite } from "./site.mjs";

const APPLICATIONS = "/review?of=application&state=submitted";

let site;
let browser;

before(async () => {
    site = await startSite();
    browser = await startBrowser();
});

after(async () => {
    await browser?.close();
    await site?.stop();
});

const waiting = async (page) => Number(await page.locator(".qs a[aria-current] .tag").innerText({ timeout: 20000 }));
const title = (page) => page.locator("#c-h").innerText();

/** Presses keys until the next case has opened by itself. */
async function decide(page, keys) {
    const url = page.url();
    for (const key of keys.slice(0, -1)) {
        key.length > 1 && key !== "Tab" ? await page.keyboard.type(key) : await page.keyboard.press(key);
    }
    await Promise.all([page.waitForURL((now) => String(now) !== url), page.keyboard.press(keys.at(-1))]);
    await page.waitForLoadState();
}

test("three cases with the keyboard alone; the next opens by itself", { timeout: 300000 }, async () => {
    const page = await newPage(browser);
    await login(page, site.base, "reviewer1");
    await page.goto(site.base + APPLICATIONS);
    const n = await waiting(page);
    assert.ok(n >= 4, "the demonstration has four applications to decide");
    const first = await title(page);
    await page.keyboard.press("j");
    await page.waitForFunction((was) => document.querySelector("#c-h")?.innerText !== was, first);
    await page.keyboard.press("k");
    await page.waitForFunction((was) => document.querySelector("#c-h")?.innerText === was, first);
    await decide(page, ["r", "请补充资格证明。", "Enter"]);
    assert.equal(await waiting(page), n - 1);
    assert.notEqual(await title(page), first, "the next case is open");
    await decide(page, ["x", "不符合申领条件。", "Enter"]);
    assert.equal(await waiting(page), n - 2);
    await decide(page, ["r", "用途填写不完整。", "Enter"]);
    assert.equal(await waiting(page), n - 3);
    assert.equal(await page.locator(".did").count(), 1, "the page says what was done");
    await page.context().close();
});

test("keys rest while somebody types and can be switched off", { timeout: 120000 }, async () => {
    const page = await newPage(browser);
    await login(page, site.base, "reviewer1");
    await page.goto(`${site.base}/review?of=claim&state=submitted`);
    const url = page.url();
    await page.keyboard.press("r");
    await page.keyboard.type("jjx");
    assert.equal(page.url(), url);
    assert.equal(await page.inputValue("[name=missing]"), "jjx");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("details[data-key][open]").count(), 0);
    await page.keyboard.press("?");
    await page.check("[data-keys-off]");
    await page.reload();
    await page.keyboard.press("r");
    assert.equal(await page.locator("details[data-key][open]").count(), 0);
    await page.context().close();
});

test("without a script: the queue, a paper, a decision, a fault of the form", { timeout: 300000 }, async () => {
    const page = await newPage(browser, { script: false, width: 390 });
    await login(page, site.base, "reviewer1");
    await page.goto(`${site.base}/review?of=claim&state=submitted`);
    const n = await waiting(page);
    await page.locator(".evt a").nth(1).click();
    assert.match(page.url(), /file=\d+/);
    assert.equal(await page.locator(".evt a[aria-current]").count(), 1);
    await page.click("details[data-key=r] summary");
    await page.click("details[data-key=r] [data-main]");
    await page.locator(".alert[role=alert]").waitFor();
    await page.fill("[name=missing]", "缺少合同。");
    await page.click("main [data-main]");
    assert.equal(new URL(page.url()).pathname, "/review", "back at the queue, also after a fault");
    assert.equal(await waiting(page), n - 1);
    await page.context().close();
});

for (const language of ["zh", "en"]) {
    test(`${language} the screen is sound for each role that has it`, { timeout: 300000 }, async () => {
        for (const role of ["reviewer1", "reviewer2", "intake", "office", "group"]) {
            const page = await newPage(browser, { language });
            await login(page, site.base, role);
            await page.goto(`${site.base}/review`);
            await soundPage(page, `${role} /review`);
            for (const href of await page.locator(".qs a").evaluateAll((all) => all.map((a) => a.href))) {
                await page.goto(href);
                await soundPage(page, `${role} ${href}`);
            }
            await page.context().close();
        }
    });
}
