// SPDX-License-Identifier: Apache-2.0
// What the browser tests share: a server over a copy of the demonstration, a browser, log-in, and what holds
// of every page.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const PASSWORD = "changxing-2013-demo";
const AXE = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

function ownCopy() {
    const data = join(mkdtempSync(join(process.env.TQ_BROWSER_WORK, "site-")), "data");
    cpSync(process.env.TQ_DEMO, data, { recursive: true });
    return data;
}

/** Environment of the program on a clock that is so many days ahead. Waiting goes by the monotonic clock, which
 *  stays true and needs no mending by the library: that lets every wait return at once. The library is loaded
 *  here and not by its command, so that the program itself is our child and ends when it is told to. */
function clock(days) {
    const ahead = {
        LD_PRELOAD: "/usr/$LIB/faketime/libfaketime.so.1",
        FAKETIME: `+${days}d`,
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
        FAKETIME_FORCE_MONOTONIC_FIX: "0",
    };
    return { ...process.env, ...(days === 0 ? {} : ahead) };
}

/** A server of its own over a copy of the demonstration, or over `data`, `days` from now. What it gives: base, data,
 *  stop(), day(n) as 2026-11-22 with n days added, run(verb) on the folder of a stopped server. */
export async function startSite({ data = ownCopy(), days = 0 } = {}) {
    const server = spawn(process.env.TQ_BINARY, ["serve", "--data", data, "--listen", "127.0.0.1:0"],
        { env: clock(days), stdio: ["ignore", "ignore", "pipe"] });
    let told = "";
    const base = await new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`the server does not start: ${told}`)), 60000);
        server.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${told}`)));
        server.stderr.on("data", (part) => {
            told = (told + part).slice(-20000);
            const found = /serving (http:\/\/127\.0\.0\.1:\d+)\//.exec(told);
            if (found) {
                clearTimeout(late);
                resolve(found[1]);
            }
        });
    });
    const stop = () => new Promise((resolve) => {
        if (server.exitCode !== null || server.signalCode !== null) {
            assert.equal(server.exitCode, 0, `the server ended on its own: ${told.slice(-2000)}`);
        }
        server.removeAllListeners("exit");
        server.once("exit", resolve);
        server.kill("SIGTERM");
    });
    const day = (n) => new Date(Date.now() + (days + n) * 86400000).toISOString().slice(0, 10);
    const run = (verb) => spawnSync(process.env.TQ_BINARY, [verb, "--data", data], { env: clock(days), encoding: "utf8" });
    return { base, stop, data, day, run };
}

export async function startBrowser() {
    const found = process.env.TQ_CHROMIUM || ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
    assert.ok(found, "no chromium: install Debian's, or name one by TQ_CHROMIUM");
    return chromium.launch({
        executablePath: found,
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
    });
}

/** A page that keeps what went wrong in it: page.faults, texts of the console and of the content policy. */
export async function newPage(browser, { language = "zh", width = 1440, script = true } = {}) {
    const context = await browser.newContext({
        viewport: { width, height: 900 }, javaScriptEnabled: script, locale: language === "en" ? "en-US" : "zh-CN",
    });
    const page = await context.newPage();
    page.setDefaultTimeout(60000);
    page.faults = [];
    page.on("pageerror", (fault) => page.faults.push(String(fault)));
    page.on("console", (line) => {
        // A page that is meant to be 404 or 422 is no fault of the page.
        if (line.type() === "error" && line.location().url !== page.url()) {
            page.faults.push(`${line.text()} (${line.location().url})`);
        }
    });
    return page;
}

export async function login(page, base, role) {
    await page.goto(`${base}/login`);
    await page.fill("[name=login]", `demo-${role}`);
    await page.fill("[name=password]", PASSWORD);
    await page.click("main [type=submit]");
    await page.waitForURL(`${base}/work`);
}

export async function axe(page) {
    await page.evaluate(`${AXE};0`);
    return page.evaluate(async (rules) => {
        const found = await window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
        return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`);
    }, RULES);
}

/** What holds of every page: title, one h1, nothing wrong for axe, nothing past the edge of a phone. */
export async function soundPage(page, where) {
    assert.match(await page.title(), / · /, `${where}: the title names page and programme`);
    assert.equal(await page.locator("h1").count(), 1, `${where}: one h1`);
    assert.deepEqual(await axe(page), [], `${where}: axe`);
    // A text that the locale has not shows as its key.
    assert.doesNotMatch(await page.locator("body").innerText(), /\b(text|route|field|menu|step|unit)\.[a-z_]{3,}/,
        `${where}: a text is missing`);
    const size = page.viewportSize();
    await page.setViewportSize({ width: 390, height: 844 });
    const past = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await page.setViewportSize(size);
    assert.equal(past, 0, `${where}: wider than a phone by ${past} px`);
    assert.deepEqual(page.faults, [], `${where}: console`);
}
