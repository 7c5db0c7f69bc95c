// SPDX-License-Identifier: Apache-2.0
// From the log-in page to a certified provider and back: link with the password, sign in, second factor, end
// of the link. The program is the real one, the provider is npm's oidc-provider; both are on loopback.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const work = mkdtempSync(join(tmpdir(), "tongquan-oidc-"));
const data = join(work, "data");
const started = [];
const FIRST = "from the terminal, to be changed";
const PASSWORD = "安吉白茶与长兴紫笋茶";
let base = "";

async function freePort() {
    const probe = createServer();
    await new Promise((resolve) => probe.listen(0, "127.0.0.1", resolve));
    const { port } = probe.address();
    await new Promise((resolve) => probe.close(resolve));
    return port;
}

/** Starts a program and waits until `sign` stands in what it says; it ends with the test. */
function start(command, args, stream, sign) {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    started.push(child);
    let told = "";
    return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`${command} does not start: ${told}`)), 60000);
        child.once("exit", (code) => reject(new Error(`${command} ended with ${code}: ${told}`)));
        child.stdout.on("data", (part) => { told += part; });
        child.stderr.on("data", (part) => { told += part; });
        child[stream].on("data", () => {
            if (told.includes(sign)) {
                clearTimeout(late);
                child.removeAllListeners("exit");
                resolve(child);
            }
        });
    });
}

function tongquan(input, ...args) {
    const ran = spawnSync(process.env.TQ_BINARY, [...args, "--data", data], { input, encoding: "utf8" });
    assert.equal(ran.status, 0, `${args.join(" ")}: ${ran.stdout}${ran.stderr}`);
    return ran.stdout;
}

/** A browser without script: keeps cookies by host, follows redirects by hand. */
class Browser {
    jar = new Map();

    async ask(url, form) {
        const { host } = new URL(url);
        const own = this.jar.get(host) ?? new Map();
        this.jar.set(host, own);
        const headers = { accept: "text/html", cookie: [...own].map(([k, v]) => `${k}=${v}`).join("; ") };
        const answer = await fetch(url, {
            method: form ? "POST" : "GET", headers, redirect: "manual", body: form ? new URLSearchParams(form) : undefined,
        });
        for (const line of answer.headers.getSetCookie()) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
            if (value === "" || /expires=Thu, 01 Jan 1970/i.test(line)) {
                own.delete(name);
            } else {
                own.set(name, value);
            }
        }
        return { status: answer.status, url, to: answer.headers.get("location"), text: await answer.text() };
    }

    async follow(url, form) {
        let page = await this.ask(url, form);
        for (let i = 0; page.to && i < 12; i++) {
            const next = new URL(page.to, page.url).href;
            last.back = next.startsWith(`${base}/login/outside/back`) ? next : last.back;
            page = await this.ask(next);
        }
        return page;
    }
}

const hidden = (html, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? "";

/** Goes to the provider, logs in there under that name, agrees, and comes back. */
async function outside(browser, provider, name) {
    let page = await browser.follow(`${base}/login/outside?provider=${provider}`);
    for (let i = 0; i < 3 && !page.url.startsWith(base); i++) {
        const action = /<form[^>]* action="([^"]+)"/.exec(page.text)?.[1];
        assert.ok(action, `the provider shows no form: ${page.status} ${page.text.slice(0, 400)}`);
        const prompt = hidden(page.text, "prompt");
        const form = prompt === "login" ? { prompt, login: name, password: "any" } : { prompt };
        page = await browser.follow(new URL(action, page.url).href, form);
    }
    return page;
}

before(async () => {
    const site = await freePort();
    base = `http://127.0.0.1:${site}`;
    const rows = [];
    for (const [id, alg, people] of [["staff-rs", "RS256", "staff"], ["staff-es", "ES256", "staff"],
        ["firms", "RS256", "organisation"]]) {
        const port = await freePort();
        await start(process.execPath, ["peer.mjs", String(port), `${base}/login/outside/back`, alg], "stdout", "issuer");
        rows.push(`  - id: ${id}\n    issuer: http://127.0.0.1:${port}\n    people: ${people}\n    client_id: tongquan\n`
            + `    client_secret: "a secret: with % and /"\n    label_zh: 试用平台 ${id}\n    label_en: Trial ${id}\n`);
    }
    tongquan("", "init", "--code", "330522", "--name", "试用", "--secadmin", "甲", "--secadmin2", "乙", "--sysadmin", "丙");
    tongquan(`${FIRST}\n`, "user", "passwd", "security1", "--role", "secadmin");
    writeFileSync(join(data, "sign-in.yaml"), `providers:\n${rows.join("")}`, { mode: 0o600 });
    await start(process.env.TQ_BINARY, ["serve", "--data", data, "--listen", `127.0.0.1:${site}`, "--base-url", base,
        "--sign-in", "sign-in.yaml"], "stderr", "serving");
    const browser = new Browser();
    await browser.follow(`${base}/login`, { login: "security1", password: FIRST });
    await post(browser, "/me/password", "/me/password", { password: FIRST, new_password: PASSWORD });
});

after(() => {
    started.forEach((child) => child.kill("SIGTERM"));
    rmSync(work, { recursive: true, force: true });
});

const last = {}; // the address that the provider sent the last browser back to

/** A browser logged in here by password. */
async function inside() {
    const browser = new Browser();
    const page = await browser.follow(`${base}/login`, { login: "security1", password: PASSWORD });
    assert.equal(page.status, 200, page.text);
    return browser;
}

async function post(browser, from, to, fields) {
    const page = await browser.follow(`${base}${from}`);
    return browser.follow(`${base}${to}`, { _csrf: hidden(page.text, "_csrf"), ...fields });
}

test("the log-in page offers the providers beside its own form", async () => {
    const page = await new Browser().follow(`${base}/login`);
    assert.match(page.text, /href="\/login\/outside\?provider=staff-rs"[^>]*>试用平台 staff-rs</);
    assert.match(page.text, /name="password"/);
});

test("an account that nobody has linked is told how to, and makes nothing", async () => {
    const page = await outside(new Browser(), "staff-rs", "stranger");
    assert.equal(page.status, 403);
    assert.match(page.text, /外部账号尚未绑定/);
    assert.match(page.text, /href="\/login\?next=\/me\/sign-in"/);
});

for (const provider of ["staff-rs", "staff-es"]) {
    test(`${provider}: linked with the password, the account opens the log-in`, async () => {
        const browser = await inside();
        const back = await outside(browser, provider, `account-of-${provider}`);
        assert.equal(new URL(back.url).pathname, "/me/sign-in");
        const wrong = await post(browser, "/me/sign-in", "/me/sign-in/link", { password: "guess" });
        assert.equal(wrong.status, 422);
        const done = await post(browser, "/me/sign-in", "/me/sign-in/link", { password: PASSWORD });
        assert.equal(done.status, 200);
        assert.match(done.text, new RegExp(`试用平台 ${provider}`));
        // A first factor is all that this is: staff without a second one get no further.
        const landed = await outside(new Browser(), provider, `account-of-${provider}`);
        assert.equal(new URL(landed.url).pathname, "/me/factor");
    });
}

test("a provider for organisations is not linked to a log-in of the staff", async () => {
    const browser = await inside();
    await outside(browser, "firms", "somebody");
    const refused = await post(browser, "/me/sign-in", "/me/sign-in/link", { password: PASSWORD });
    assert.equal(refused.status, 404);
});

test("with a second factor its code is asked, and lets in once", async () => {
    const codes = await post(await inside(), "/me/factor", "/me/factor/codes", { password: PASSWORD });
    last.codes = [...codes.text.matchAll(/<code>([A-Z0-9]{4}(?:-[A-Z0-9]{4}){3})<\/code>/g)].map((one) => one[1]);
    assert.equal(last.codes.length, 10, codes.text);
    const code = last.codes.pop();
    const browser = new Browser();
    const asked = await outside(browser, "staff-es", "account-of-staff-es");
    assert.equal(new URL(asked.url).pathname, "/login/outside/code");
    assert.equal((await browser.follow(`${base}/login/outside/code`, { code: "000000" })).status, 422);
    const landed = await browser.follow(`${base}/login/outside/code`, { code });
    assert.equal(landed.status, 200);
    assert.equal(new URL(landed.url).pathname, "/work");
    assert.equal((await post(browser, "/login/outside/code", "/login/outside/code", { code })).status, 422);
});

test("a way back that was used, or is another browser's, opens nothing", async () => {
    const mine = new Browser();
    const asked = await outside(mine, "staff-es", "account-of-staff-es");
    assert.equal(new URL(asked.url).pathname, "/login/outside/code");
    const again = await mine.ask(last.back);
    assert.equal(again.status, 422, "the provider takes a code once");
    const other = new Browser();
    await other.ask(`${base}/login/outside?provider=staff-es`);
    const planted = await other.ask(last.back);
    assert.equal(planted.status, 422);
    assert.match(planted.text, /不是在此浏览器中发起的/);
    const none = await new Browser().ask(last.back);
    assert.equal(none.status, 422);
});

test("who says no at the provider comes back to a page that says what to do", async () => {
    const browser = new Browser();
    const shown = await browser.follow(`${base}/login/outside?provider=staff-rs`);
    const abort = /href="([^"]*\/abort)"/.exec(shown.text)?.[1];
    assert.ok(abort, shown.text);
    const page = await browser.follow(new URL(abort, shown.url).href);
    assert.equal(page.status, 422);
    assert.match(page.text, /外部平台未允许登录/);
    assert.match(page.text, /href="\/login"/);
});

test("an ended link opens nothing", async () => {
    const browser = new Browser();
    await outside(browser, "staff-rs", "account-of-staff-rs");
    await browser.follow(`${base}/login/outside/code`, { code: last.codes.pop() });
    const page = await browser.follow(`${base}/me/sign-in`);
    const link = hidden(page.text, "link_id");
    assert.notEqual(link, "");
    await post(browser, "/me/sign-in", "/me/sign-in/end", { link_id: link });
    assert.equal((await outside(new Browser(), "staff-rs", "account-of-staff-rs")).status, 403);
    assert.equal((await outside(new Browser(), "staff-es", "account-of-staff-es")).status, 200, "the other one stays");
});

test("a provider that is down leaves the log-in of our own", async () => {
    started[0].kill("SIGKILL");
    await new Promise((resolve) => started[0].once("exit", resolve));
    const back = await outsideDown();
    assert.equal(back.status, 503);
    assert.match(back.text, /href="\/login"/);
    const own = await new Browser().follow(`${base}/login`);
    assert.equal(own.status, 200);
});

/** What was known of the provider is kept, so it is the way back that finds it gone. */
async function outsideDown() {
    const browser = new Browser();
    const begun = await browser.ask(`${base}/login/outside?provider=staff-rs`);
    const state = new URL(begun.to).searchParams.get("state");
    const issuer = new URL(begun.to).origin;
    return browser.ask(`${base}/login/outside/back?${new URLSearchParams({ state, code: "x", iss: issuer })}`);
}
