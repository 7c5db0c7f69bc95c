// SPDX-License-Identifier: Apache-2.0
// What forms offer: rows to pick from, a search where there are many, more lines; what was typed stays. With a
// script and without one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { login, newPage, soundPage, startBrowser, startSite } from "./site.mjs";

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

for (const script of [true, false]) {
    test(`a choice of many is searched, ${script ? "with" : "without"} a script`, { timeout: 120000 }, async () => {
        const page = await newPage(browser, { script });
        await login(page, site.base, "office");
        await page.goto(`${site.base}/organisations/new`);
        await page.fill("[name=name]", "一个新单位");
        const parent = page.locator("[name=parent_id]");
        const many = await parent.locator("option").count();
        assert.ok(many > 100, `${many} are offered at first`);
        const wanted = (await parent.locator("option").nth(many - 1).innerText()).split(" · ")[0];
        await page.fill("[name='_q.parent_id']", wanted);
        await page.locator("[data-part='f-parent_id'] [name=_find]").click();
        await parent.locator("option").nth(many - 1).waitFor({ state: "detached" });
        assert.match(await parent.innerText(), new RegExp(wanted.slice(0, 6)));
        assert.equal(await page.inputValue("[name=name]"), "一个新单位", "what was typed stays");
        await parent.selectOption({ index: 1 });
        const chosen = await parent.inputValue();
        await page.fill("[name='_q.parent_id']", "没有这样的单位");
        await page.locator("[data-part='f-parent_id'] [name=_find]").click();
        await parent.locator("option").nth(2).waitFor({ state: "detached" });
        assert.equal(await parent.inputValue(), chosen, "what was chosen stays");
        if (script) { // the checker is a script itself
            await soundPage(page, "a form after a search");
        }
        await page.context().close();
    });

    test(`more lines, amounts with marks, ${script ? "with" : "without"} a script`, { timeout: 120000 }, async () => {
        const page = await newPage(browser, { script });
        await login(page, site.base, "firm_agent");
        await page.goto(`${site.base}/orders/new`);
        assert.equal(await page.locator(".rows").count(), 1);
        await page.fill("[name='lines.0.item']", "循环寿命");
        await page.fill("[name='lines.0.amount']", "1,234.50");
        await page.locator("[name=_more]").click();
        await page.locator("[name='lines.5.item']").waitFor();
        assert.equal(await page.inputValue("[name='lines.0.item']"), "循环寿命");
        await page.fill("[name=contract]", "12,34.50");
        await page.locator("main [data-main]").click();
        const faults = page.locator(".alert-danger a");
        await faults.first().waitFor();
        const of = await faults.evaluateAll((all) => all.map((a) => a.getAttribute("href")));
        assert.ok(of.includes("#f-contract"), "a mark in the wrong place is a fault");
        assert.ok(!of.includes("#f-lines.0.amount"), "marks between groups of three are none");
        assert.equal(await page.inputValue("[name=contract]"), "12,34.50", "what was typed stays");
        await page.context().close();
    });
}

test("an amount is read back as it will be understood", { timeout: 60000 }, async () => {
    const page = await newPage(browser);
    await login(page, site.base, "firm_agent");
    await page.goto(`${site.base}/orders/new`);
    await page.fill("[name=contract]", "1234567.5");
    assert.equal(await page.locator("[data-part=f-contract] .said").innerText(), "1,234,567.50");
    await page.context().close();
});
