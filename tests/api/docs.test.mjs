// SPDX-License-Identifier: Apache-2.0
// Runs each command of docs/api.md against a served demonstration and compares status, headers and shape of
// the answer with what the page shows.
//
//   ```sh    commands, one curl each (a trailing \ goes on)
//   ```http  the answer of the next command: status line, headers that must be there, an empty line, body.
//            "…" in a text stands for anything; a member "…" for members that are left out.
//   <!-- as: ROLE -->         TOKEN of this role from here on
//   <!-- keep: NAME=PATH -->  of the answer shown last: members by dots, @name a header; for later commands
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startSite, tokenOf, work } from "./site.mjs";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "api.md");
const PDF = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj
trailer<</Root 1 0 R>>
%%EOF
`;
// Members whose very value is promised, not only its kind.
const EXACT = new Set(["type", "status", "reason", "field", "state", "kind", "way", "error"]);

/** The page as steps: {as}, {keep} or {command, answer}. A command without an answer, or the other way round, is a fault. */
export function stepsOf(page) {
    const steps = [];
    const waiting = [];
    const part = /^```(sh|http)\n([\s\S]*?)^```$|^<!-- (as|keep): (.*) -->$/gm;
    for (const [, kind, body, word, value] of page.matchAll(part)) {
        if (kind === "sh") {
            assert.equal(waiting.length, 0, `no answer is shown for: ${waiting[0]}`);
            waiting.push(...body.replaceAll("\\\n", " ").trim().split("\n"));
        } else if (kind === "http") {
            assert.ok(waiting.length > 0, `an answer without a command: ${body}`);
            steps.push({ command: waiting.shift(), answer: parse(body) });
        } else {
            steps.push({ [word]: value });
        }
    }
    assert.equal(waiting.length, 0, `no answer is shown for: ${waiting[0]}`);
    return steps;
}

/** Status line, headers and body of an answer, as curl -i or the page shows it. */
function parse(text) {
    const [, head, body] = /^([\s\S]*?)(?:\r?\n\r?\n([\s\S]*))?$/.exec(text.trimEnd());
    const [line, ...rest] = head.split(/\r?\n/);
    const headers = new Map(rest.map((one) => [one.slice(0, one.indexOf(":")).toLowerCase(), one.slice(one.indexOf(":") + 2)]));
    return { line: line.replace(/^HTTP\/[\d.]+ /, ""), headers, body: body ?? "" };
}

function pattern(text) {
    return new RegExp(`^${text.split("…").map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[\\s\\S]*")}$`);
}

/** What a value looks like: an amount is not any text, a day not any other. */
function kindOf(value) {
    const forms = [["money", /^-?\d+\.\d{2}$/], ["day", /^\d{4}-\d\d-\d\d$/], ["instant", /^\d{4}-\d\d-\d\dT.*Z$/],
        ["digest", /^[0-9a-f]{64}$/]];
    if (typeof value === "string") {
        return forms.find(([, form]) => form.test(value))?.[0] ?? "text";
    }
    return value === null ? "null" : Array.isArray(value) ? "list" : typeof value;
}

/** What of the answer is not as the page shows it. */
export function differences(shown, got, where = "") {
    if (shown === "…") {
        return [];
    }
    if (kindOf(shown) !== kindOf(got)) {
        return [`${where}: the page shows ${kindOf(shown)}, the server gave ${JSON.stringify(got)}`];
    }
    if (Array.isArray(shown)) {
        const short = got.length < shown.length ? [`${where}: the page shows ${shown.length} rows, the server ${got.length}`] : [];
        return [...short, ...shown.slice(0, got.length).flatMap((one, i) => differences(one, got[i], `${where}.${i}`))];
    }
    if (shown === null || typeof shown !== "object") {
        const exact = EXACT.has(where.split(".").pop());
        return exact && shown !== got ? [`${where}: the page shows ${shown}, the server gave ${got}`] : [];
    }
    const whole = !("…" in shown);
    const missing = Object.keys(shown).filter((key) => key !== "…" && !(key in got)).map((key) => `${where}.${key} is not there`);
    const more = whole ? Object.keys(got).filter((key) => !(key in shown)).map((key) => `${where}.${key} is not on the page`) : [];
    return [...missing, ...more, ...Object.keys(shown).filter((key) => key !== "…" && key in got)
        .flatMap((key) => differences(shown[key], got[key], `${where}.${key}`))];
}

/** The last event of a stream, with its data read. */
function lastEvent(body) {
    const event = body.trim().split(/\n\n/).pop();
    return { event: /^event: (.*)$/m.exec(event)?.[1], data: JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? "null") };
}

function compare(shown, got) {
    const wrong = shown.line === got.line ? [] : [`the page shows ${shown.line}, the server gave ${got.line}: ${got.body.slice(0, 300)}`];
    for (const [name, value] of shown.headers) {
        if (!pattern(value).test(got.headers.get(name) ?? "")) {
            wrong.push(`${name}: the page shows ${value}, the server gave ${got.headers.get(name)}`);
        }
    }
    const type = got.headers.get("content-type") ?? "";
    if (wrong.length > 0 || shown.body === "") {
        return wrong;
    }
    if (/json/.test(type)) {
        return differences(JSON.parse(shown.body), JSON.parse(got.body));
    }
    if (/event-stream/.test(type)) {
        return differences(lastEvent(shown.body), lastEvent(got.body));
    }
    return pattern(shown.body).test(got.body.replace(/^\uFEFF/, "")) ? [] : [`the body is another: ${got.body.slice(0, 200)}`];
}

function keep(env, names, got) {
    for (const [, name, path] of names.matchAll(/(\w+)=(\S+)/g)) {
        const value = path.startsWith("@") ? got.headers.get(path.slice(1))
            : path.split(".").reduce((at, key) => at?.[key], JSON.parse(got.body));
        assert.ok(value !== undefined && value !== null, `${name}: the answer has no ${path}`);
        env[name] = String(value);
    }
}

let site;

before(async () => {
    site = await startSite();
    writeFileSync(join(work, "contract.pdf"), PDF);
});

after(async () => {
    await site?.stop();
});

test("each command of docs/api.md is answered as the page shows", async () => {
    const env = { PATH: process.env.PATH, BASE: site.base, KEY: crypto.randomUUID() };
    const tokens = new Map();
    let got = null;
    let ran = 0;
    for (const step of stepsOf(readFileSync(PAGE, "utf8"))) {
        if (step.as) {
            tokens.set(step.as, tokens.get(step.as) ?? await tokenOf(site.base, step.as));
            env.TOKEN = tokens.get(step.as);
        } else if (step.keep) {
            keep(env, step.keep, got);
        } else {
            const curl = spawnSync("sh", ["-c", step.command.replace(/^curl /, "curl -sS -m 120 ")],
                { encoding: "utf8", cwd: work, env });
            assert.equal(curl.status, 0, `${step.command}\n${curl.stderr}`);
            got = parse(curl.stdout);
            assert.deepEqual(compare(step.answer, got), [], step.command);
            ran++;
        }
    }
    assert.ok(ran >= 20, `${ran} commands were run`);
});

test("a page that shows what the server does not give is found", () => {
    const json = "HTTP/1.1 200 OK\nContent-Type: application/json\nETag: \"1\"\n\n";
    const of = (body) => parse(`${json}${body}`);
    const given = of('{"id":1,"amount":"5.00","state":"paid","parts":[{"n":1}],"day":null}');
    assert.deepEqual(compare(of('{"id":7,"amount":"1.00","state":"paid","parts":[],"day":null}'), given), []);
    assert.deepEqual(compare(of('{"id":7,"…":0}'), given), []);
    for (const other of ['{"id":7}', '{"id":"7","…":0}', '{"amount":"5","…":0}', '{"state":"open","…":0}', '{"total":"1.00","…":0}',
        '{"parts":[{"m":1}],"…":0}', '{"parts":[{"n":1},{"n":2}],"…":0}', '{"day":"2026-09-01","…":0}']) {
        assert.notDeepEqual(compare(of(other), given), [], other);
    }
    assert.notDeepEqual(compare(parse("HTTP/1.1 201 Created\n\n{}"), given), []);
    assert.notDeepEqual(compare(parse("HTTP/1.1 200 OK\nLink: …next…\n\n{\"…\":0}"), given), []);
    assert.throws(() => stepsOf("```sh\ncurl x\n```\n"));
    assert.throws(() => stepsOf("```http\nHTTP/1.1 200 OK\n```\n"));
});
