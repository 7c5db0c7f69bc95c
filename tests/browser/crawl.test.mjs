// SPDX-License-Identifier: Apache-2.0
// Every role walks through everything that it is offered: each list, rows of each state, each form and letter that a
// row's page leads to, as a page in both languages and as JSON. Nothing that is offered may be missing or end in an
// error, and no page shows the key of a text or a hole that was not filled.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startSite } from "./site.mjs";

const PASSWORD = "changxing-2013-demo";
const ROLES = ["", "firm_agent", "inst_agent", "intake", "reviewer1", "reviewer2", "finance_maker", "finance_checker",
    "centre", "township", "office", "group", "inspector", "policy_author", "policy_approver", "sysadmin", "secadmin",
    "auditor", "supervisor", "supervisor_head", "linked_bureau"];
const ROWS = 2; // of each state
const KEY = /\b(?:letter|route|field|text|hint|state|view|reason)\.[a-z][a-z_.]+[a-z]|\{[a-z_.]+\}/;

let site;

before(async () => {
    site = await startSite();
});

after(async () => {
    await site?.stop();
});

async function cookieOf(role) {
    if (role === "") {
        return "";
    }
    const body = new URLSearchParams({ login: `demo-${role}`, password: PASSWORD });
    const answer = await fetch(`${site.base}/login`, { method: "POST", body, redirect: "manual" });
    if (answer.status !== 303) {
        return null; // the demonstration has nobody in this role
    }
    return answer.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ");
}

/** Status and text of an address, asked as a page or as JSON. */
async function ask(cookie, path, accept) {
    const answer = await fetch(`${site.base}${path}`, { headers: { cookie, accept }, redirect: "manual" });
    return { status: answer.status, text: await answer.text() };
}

/** Addresses of the site that a page leads to. */
function links(html) {
    const found = [...html.matchAll(/ href="(\/[a-z-]+(?:\/[a-z0-9-]+)*)"/g)].map((one) => one[1]);
    return [...new Set(found)].filter((path) => !path.startsWith("/assets/"));
}

/** The first rows of each state. */
function samples(items) {
    const seen = new Map();
    return items.filter((one) => {
        const n = seen.get(one.state) ?? 0;
        seen.set(one.state, n + 1);
        return Number.isInteger(one.id) && n < ROWS;
    });
}

/** What a reader sees of a page; the description of the interface is about keys. */
function said(path, html) {
    return path.startsWith("/api/") ? "" : html.replace(/<[^>]*>/g, " ");
}

async function walk(cookie, asked, faults) {
    const see = async (path) => {
        const language = asked.size % 2 === 0 ? "zh" : "en";
        asked.add(path);
        const page = await ask(`${cookie}; tq_lang=${language}`, path, "text/html");
        const raw = said(path, page.text).match(KEY);
        if (raw) {
            faults.push(`${path} (${language}) shows ${raw[0]}`);
        }
        // Who is nobody is led to the log-in where one is needed.
        if (page.status !== 200 && !(cookie === "" && page.status === 303)) {
            faults.push(`${path}: ${page.status}`);
        }
        return page.text;
    };
    const home = await see(cookie === "" ? "/" : "/work");
    for (const path of links(home).filter((one) => !/\d/.test(one) && !asked.has(one))) {
        await see(path);
        const json = await ask(cookie, path, "application/json");
        const items = json.status === 200 && json.text.startsWith("{") ? JSON.parse(json.text).items ?? [] : [];
        for (const item of samples(items)) {
            const row = `${path}/${item.id}`;
            const one = await ask(cookie, row, "application/json");
            if (one.status === 404) {
                continue; // a list whose rows have no page of their own
            }
            const html = await see(row);
            for (const form of links(html).filter((way) => way.startsWith(`${row}/`) && !asked.has(way))) {
                await see(form);
            }
        }
    }
}

for (const role of ROLES) {
    test(`what ${role || "nobody"} is offered is there`, async () => {
        const cookie = await cookieOf(role);
        assert.notEqual(cookie, null, `demo-${role} cannot log in`);
        const asked = new Set();
        const faults = [];
        await walk(cookie, asked, faults);
        assert.deepEqual(faults, []);
        assert.ok(asked.size > 5, `only ${asked.size} addresses were asked`);
    });
}
