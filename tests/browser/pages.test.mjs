// SPDX-License-Identifier: Apache-2.0
// Each kind of page once per language: accessible, within a phone's width, without a word from the console;
// and what must go without a script.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, login, newPage, soundPage, startBrowser, startSite } from "./site.mjs";

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

// role "": not logged in. `first`: the first link of the list is followed. `send`: the form is sent empty.
const pages = [
    { role: "", path: "/" },
    { role: "", path: "/login" },
    { role: "", path: "/login", send: true },
    { role: "", path: "/organisations" },
    { role: "", path: "/search?q=%E7%A0%94%E7%A9%B6" },
    { role: "", path: "/no-such-page" },
    { role: "firm_agent", path: "/work" },
    { role: "firm_agent", path: "/orders", first: true },
    { role: "firm_agent", path: "/claims", first: true },
    { role: "firm_agent", path: "/applications/new", send: true },
    { role: "firm_agent", path: "/claims/new" },
    { role: "inst_agent", path: "/work" },
    { role: "reviewer1", path: "/work" },
    { role: "reviewer1", path: "/claims" },
    { role: "reviewer1", path: "/search?q=2017" },
    { role: "finance_maker", path: "/work" },
    { role: "office", path: "/me" },
];

for (const language of ["zh", "en"]) {
    for (const role of [...new Set(pages.map((p) => p.role))]) {
        test(`${language} pages of ${role || "the public"}`, { timeout: 600000 }, async () => {
            const page = await newPage(browser, { language });
            if (role) {
                await login(page, site.base, role);
            }
            for (const { path, first, send } of pages.filter((p) => p.role === role)) {
                await page.goto(site.base + path);
                if (first) {
                    await page.goto(site.base + await page.locator("main table tbody a").first().getAttribute("href"));
                }
                if (send) {
                    await page.click("main [type=submit]");
                    const summary = page.locator(".alert[role=alert]");
                    await summary.waitFor();
                    assert.ok(await summary.evaluate((e) => e === document.activeElement), `${path}: faults have the focus`);
                }
                assert.equal(await page.locator("html").getAttribute("lang"), language === "en" ? "en" : "zh-CN");
                await soundPage(page, `${role} ${path}`);
            }
            await page.context().close();
        });
    }
}

test("the checker finds what is planted", { timeout: 120000 }, async () => {
    const page = await newPage(browser);
    await page.goto(`${site.base}/login`);
    await page.evaluate(() => {
        document.querySelector("label[for=f-login]").remove();
        document.querySelector("main").append(Object.assign(document.createElement("div"), { id: "wide" }));
    });
    assert.notDeepEqual(await axe(page), []);
    await page.evaluate(() => document.querySelector("main").setAttribute("onclick", "1"));
    await page.click("h1");
    await assert.rejects(soundPage(page, "planted"));
    assert.notDeepEqual(page.faults, [], "the content policy speaks up at an inline handler");
    await page.context().close();
});

test("without a script: log in, menu of a phone, faults of a form, language, large text", { timeout: 300000 }, async () => {
    const page = await newPage(browser, { script: false, width: 390 });
    await login(page, site.base, "firm_agent");
    await page.click(".menu-s summary");
    await page.click(".menu-s a[href='/claims']");
    assert.equal(new URL(page.url()).pathname, "/claims");
    await page.goto(`${site.base}/applications/new`);
    await page.fill("[name=asked]", "a lot");
    await page.click("main [type=submit]");
    assert.equal(await page.inputValue("[name=asked]"), "a lot", "what was typed stays");
    const target = await page.locator(".alert a").first().getAttribute("href");
    assert.equal(await page.locator(target.replace(".", "\\.")).count(), 1, "each fault leads to its field");
    await page.goto(`${site.base}/claims?state=paid`);
    await page.click(".top a[lang=en]");
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    assert.match(page.url(), /state=paid/, "the filter stays");
    await page.click("[data-large]");
    assert.equal(await page.locator("html.tq-large").count(), 1);
    await page.goto(`${site.base}/work`);
    assert.equal(await page.locator("html.tq-large[lang=en]").count(), 1, "language and size are kept");
    await page.context().close();
});

test("with a script: slash, large text in place, a second click, the file's hash", { timeout: 300000 }, async () => {
    const page = await newPage(browser);
    await login(page, site.base, "reviewer1");
    await page.keyboard.press("/");
    assert.ok(await page.locator("#find").evaluate((e) => e === document.activeElement));
    const before = page.url();
    await page.click("[data-large]");
    assert.equal(await page.locator("html.tq-large").count(), 1);
    assert.equal(page.url(), before);
    await page.goto(`${site.base}/claims`);
    assert.equal(await page.locator("html.tq-large").count(), 1, "the cookie is set");
    const sent = await page.evaluate(() => {
        const form = document.querySelector("form[action='/logout']");
        const once = new Event("submit", { cancelable: true, bubbles: true });
        const twice = new Event("submit", { cancelable: true, bubbles: true });
        form.dispatchEvent(once);
        form.dispatchEvent(twice);
        return [once.defaultPrevented, twice.defaultPrevented];
    });
    assert.deepEqual(sent, [false, true]);
    await page.context().close();
});

test("a chosen file is told with its SHA-256", { timeout: 120000 }, async () => {
    const page = await newPage(browser);
    await login(page, site.base, "firm_agent");
    await page.goto(`${site.base}/invoices/new`);
    await page.setInputFiles("input[type=file]", { name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("abc") });
    const told = page.locator("output.hash", { hasText: "SHA-256 ba7816bf8f01cfea414140de5dae2223" });
    await told.waitFor();
    assert.match(await told.innerText(), /^a\.txt · 3 B · /);
    await page.context().close();
});

test("style and script come packed, once, and are kept", { timeout: 60000 }, async () => {
    const html = await (await fetch(`${site.base}/`)).text();
    const names = [...html.matchAll(/"(\/assets\/[^"#]+)/g)].map((m) => m[1]);
    assert.ok(names.length >= 5);
    for (const name of new Set(names)) {
        assert.match(name, /-[0-9a-f]{12}\.(css|js|svg)$/, "pages ask by hashed names only");
        const got = await fetch(site.base + name);
        assert.equal(got.status, 200);
        assert.match(got.headers.get("cache-control"), /immutable/);
        assert.match(got.headers.get("vary"), /accept-encoding/i);
        const plain = await fetch(site.base + name, { headers: { "Accept-Encoding": "gzip;q=0, identity" } });
        assert.equal(plain.headers.get("content-encoding"), null);
        assert.equal(await plain.text(), await got.text(), "packed and plain are the same");
    }
    const by_plain_name = await fetch(`${site.base}/assets/tq.css`);
    assert.doesNotMatch(by_plain_name.headers.get("cache-control"), /immutable/);
});
