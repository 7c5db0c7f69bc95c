// SPDX-License-Identifier: Apache-2.0
// A server of its own over a copy of the demonstration, tokens of its people, and the description.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync } from "node:fs";
import { join } from "node:path";

const PASSWORD = "changxing-2013-demo";

export const work = mkdtempSync(join(process.env.TQ_BROWSER_WORK, "api-"));

/** A child process, once its output matches; what it says is kept for the fault's text. */
export async function started(command, args, pattern) {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let told = "";
    let late;
    const found = await new Promise((resolve, reject) => {
        late = setTimeout(() => reject(new Error(`${command} does not start: ${told}`)), 240000); // where all of the machine is at work
        child.once("error", reject);
        child.once("exit", (code) => reject(new Error(`${command} ended with ${code}: ${told}`)));
        const hear = (part) => {
            told = (told + part).slice(-20000);
            const match = pattern.exec(told);
            if (match) {
                resolve(match);
            }
        };
        child.stdout.on("data", hear);
        child.stderr.on("data", hear);
    }).finally(() => clearTimeout(late));
    child.removeAllListeners("error");
    child.removeAllListeners("exit");
    const stop = () => new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) {
            resolve();
            return;
        }
        child.once("exit", resolve);
        child.kill("SIGTERM");
    });
    return { found, stop };
}

export async function startSite() {
    const data = join(mkdtempSync(join(work, "site-")), "data");
    cpSync(process.env.TQ_DEMO, data, { recursive: true });
    const { found, stop } = await started(process.env.TQ_BINARY,
        ["serve", "--data", data, "--listen", "127.0.0.1:0"], /serving (http:\/\/127\.0\.0\.1:\d+)\//);
    return { base: found[1], stop, data };
}

export function description() {
    const text = execFileSync(process.env.TQ_BINARY, ["openapi"], { encoding: "utf8", maxBuffer: 64 << 20 });
    return { text, document: JSON.parse(text) };
}

/** A token as a person makes one on the page of their own, or null where nobody has the role. */
export async function tokenOf(base, role) {
    const body = new URLSearchParams({ login: `demo-${role}`, password: PASSWORD });
    const entered = await fetch(`${base}/login`, { method: "POST", body, redirect: "manual" });
    if (entered.status !== 303) {
        return null;
    }
    const cookie = entered.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
    const form = await (await fetch(`${base}/me/tokens/new`, { headers: { cookie, accept: "text/html" } })).text();
    const csrf = /name="_csrf" value="([^"]+)"/.exec(form)[1];
    const to = new Date(Date.now() + 30 * 86400000).toISOString().slice(0, 10);
    const made = await fetch(`${base}/me/tokens/new`, {
        method: "POST", body: JSON.stringify({ name: "api test", to }),
        headers: { cookie, "content-type": "application/json", accept: "application/json", "x-csrf": csrf },
    });
    const answer = await made.json();
    assert.equal(made.status, 200, `a token for ${role}: ${JSON.stringify(answer)}`);
    return answer.token;
}
