// SPDX-License-Identifier: Apache-2.0
// Prism stands between a client and the server and holds both to the description: each GET is asked by every
// role that may, each POST is sent its own example. What one role may not is 404, without a token 401.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { description, started, startSite, tokenOf, work } from "./site.mjs";

// No token acts as a security administrator.
const ROLES = ["firm_agent", "inst_agent", "reviewer1", "office", "finance_maker", "finance_checker", "group", "sysadmin",
    "auditor"];
const AT_ONCE = 6;
const ABSENT = 999999999;
// The token would end with its person's log-in.
const OF_THE_TOKEN = new Set(["users", "grants"]);
// A stream ends only with its job (docs.test.mjs); who comes back from a portal has been sent there.
const ELSEWHERE = new Set(["job_events", "sign_in_back"]);

const { document } = description();
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })));
const reads = operations.filter((one) => one.method === "get" && !ELSEWHERE.has(one.operationId));
const writes = operations.filter((one) => one.method === "post");

let site;
let prism;
let proxy;
const tokens = new Map([["public", null]]);
const rows = new Map(); // "role view" to [{id, state}]

/** The description as strict as can be: a member that it does not name is a fault of the description. */
function strict(schema) {
    if (schema === null || typeof schema !== "object") {
        return;
    }
    for (const inner of Object.values(schema)) {
        strict(inner);
    }
    if ((schema.properties && schema.type === "object" && !("additionalProperties" in schema)) || schema.allOf) {
        schema.unevaluatedProperties = false;
    }
}

function strictDocument() {
    const copy = structuredClone(document);
    for (const methods of Object.values(copy.paths)) {
        for (const operation of Object.values(methods)) {
            for (const answer of Object.values(operation.responses)) {
                strict(answer.content);
            }
        }
    }
    for (const [name, schema] of Object.entries(copy.components.schemas)) {
        // A row is also part of its page's schema, which is closed itself.
        const part = `${name}_item` in copy.components.schemas;
        if (!part) {
            strict(schema.allOf ? { ...schema, allOf: [] } : schema);
        }
        if (schema.allOf) {
            schema.unevaluatedProperties = false;
        }
    }
    return copy;
}

async function ask(token, method, path, { body, accept = "application/json" } = {}) {
    const headers = { accept };
    if (token) {
        headers.authorization = `Bearer ${token}`;
    }
    if (method === "post") {
        headers["idempotency-key"] = crypto.randomUUID();
        headers["content-type"] = "application/json";
    }
    const answer = await fetch(`${proxy}${path}`,
        { method: method.toUpperCase(), headers, body: body && JSON.stringify(body), redirect: "manual" });
    const text = await answer.text();
    const json = /json/.test(answer.headers.get("content-type") ?? "") ? JSON.parse(text) : null;
    const wrong = JSON.parse(answer.headers.get("sl-violations") ?? "[]");
    return { status: answer.status, json, text, wrong };
}

/** Runs the jobs, some at once, and gives back what each found wrong. */
async function all(jobs) {
    const found = [];
    const left = [...jobs];
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        for (let job = left.shift(); job; job = left.shift()) {
            found.push(...await job());
        }
    }));
    return found;
}

function told(where, answer, of = /./) {
    return answer.wrong.filter((one) => of.test(one.location[0])).map((one) => `${where}: ${answer.status} ${one.location.join(".")}: ${one.message}`);
}

function viewOf(operation) {
    const schema = operation.responses["200"]?.content["application/json"]?.schema;
    return /\/([a-z_]+)_item$/.exec(schema?.$ref ?? "")?.[1] ?? null;
}

function remember(role, view, items) {
    const known = rows.get(`${role} ${view}`) ?? [];
    rows.set(`${role} ${view}`, [...known, ...items]);
}

const rowsOf = (role, view) => rows.get(`${role} ${view}`) ?? [];

/** The row whose address the operation's begins with, in a state that it works on. */
function rowFor(role, operation) {
    const item = reads.find((one) => one.path.endsWith("/{id}") &&
        (operation.path === one.path || operation.path.startsWith(`${one.path}/`)));
    const states = operation["x-when"];
    // Evidence is no view of its own; its rows are children of applications, orders and claims.
    const views = item?.path === "/evidence/{id}" ? ["application", "order", "claim"].map((of) => `evidence_of_${of}`)
        : [item && viewOf(item)];
    return views.flatMap((view) => rowsOf(role, view)).find((row) => !states || states.includes(row.state));
}

const may = (role, operation) => operation["x-roles"].includes(role);
const filled = (operation, id) => operation.path.replace("{id}", String(id));

before(async () => {
    site = await startSite();
    const file = join(work, "strict-openapi.json");
    writeFileSync(file, JSON.stringify(strictDocument()));
    prism = await started(join(import.meta.dirname, "node_modules", ".bin", "prism"),
        ["proxy", file, site.base, "--host", "127.0.0.1", "--port", "0"], /listening on (http:\/\/127\.0\.0\.1:\d+)/);
    proxy = prism.found[1];
    await Promise.all(ROLES.map(async (role) => {
        const token = await tokenOf(site.base, role);
        assert.ok(token, `the demonstration has a ${role}`);
        tokens.set(role, token);
    }));
});

after(async () => {
    await prism?.stop();
    await site?.stop();
});

test("each list is what the description says, for every role that may read it", async () => {
    const lists = reads.filter((one) => one.parameters.some((p) => /after$/.test(p.$ref ?? "")));
    assert.ok(lists.length > 30);
    const wrong = await all(lists.flatMap((one) => [...tokens].filter(([role]) => may(role, one)).map(([role, token]) =>
        async () => {
            const answer = await ask(token, "get", `${one.path}?limit=3`);
            const where = `${role} GET ${one.path}`;
            if (answer.status !== 200) {
                return [`${where}: ${answer.status} ${answer.text.slice(0, 200)}`];
            }
            const view = one.responses["200"].content["application/json"].schema.properties.items.items.$ref;
            remember(role, view.split("/").pop(), answer.json.items);
            return told(where, answer);
        })));
    assert.deepEqual(wrong, []);
});

test("each row's page and every other GET too", async () => {
    let found = 0;
    const others = reads.filter((one) => one.responses["200"].content["application/json"] &&
        !one.parameters.some((p) => /after$/.test(p.$ref ?? "")));
    const asked = new Set();
    // Rows that stand in no list are parts of others, so the others come first.
    for (const parts of [false, true]) {
        const now = others.filter((one) => !asked.has(one) && (parts || !one.path.includes("{id}") ||
            [...tokens.keys()].some((role) => rowFor(role, one))));
        const wrong = await all(now.flatMap((one) => [...tokens].filter(([role]) => may(role, one)).map(
            ([role, token]) => async () => {
                asked.add(one);
                const row = one.path.includes("{id}") ? rowFor(role, one) : { id: 0 };
                const answer = await ask(token, "get", filled(one, row?.id ?? ABSENT));
                const where = `${role} GET ${filled(one, row?.id ?? ABSENT)}`;
                // Of whoever is logged in, whatever the role; and of who may open a file, which its row does not say;
                // the first version of a policy changed nothing.
                const personal = (!token && answer.status === 401) ||
                    (/^\/evidence\/|\/changes$/.test(one.path) && answer.status === 404);
                if (answer.status !== (row ? 200 : 404) && !personal) {
                    return [`${where}: ${answer.status} ${answer.text.slice(0, 200)}`];
                }
                found += row ? 1 : 0;
                for (const [child, items] of Object.entries(answer.json.children ?? {})) {
                    remember(role, child, items);
                }
                return told(where, answer);
            })));
        assert.deepEqual(wrong, []);
    }
    assert.ok(found > 100, `${found} answers with a row`);
});

test("sheets, forms and files are answered in the kind that is told", async () => {
    const others = reads.filter((one) => !one.responses["200"].content["application/json"] &&
        one.operationId !== "evidence_file");
    const wrong = await all(others.map((one) => async () => {
        const [role, token] = [...tokens].findLast(([role]) => may(role, one) && (role !== "public" ||
            one["x-roles"].length === 1)) ?? [];
        if (!role) {
            return []; // of a role that is not among those asked
        }
        const [type] = Object.keys(one.responses["200"].content);
        const form = writes.find((w) => `${w.operationId}_form` === one.operationId);
        const row = one.path.includes("{id}") ? rowFor(role, form ?? one) : { id: 0 };
        // Sheets of a filter that fits little: a whole log would be read by the megabyte.
        const filter = one.parameters.some((p) => /\/q$/.test(p.$ref ?? "")) ? "?q=0000" : "";
        const answer = await ask(token, "get", filled(one, row?.id ?? ABSENT) + filter, { accept: type });
        // A browser is shown the way in where a person is asked for, and a form in another state is a conflict.
        const fine = row ? [200, 303, 409] : [404, 409];
        if (one.operationId === "evidence_page") {
            fine.push(404); // only PDF files have pages, and those of the demonstration are texts
        }
        return [...told(`${role} GET ${one.path}`, answer),
            ...(fine.includes(answer.status) ? [] : [`${role} GET ${one.path}: ${answer.status}`])];
    }));
    assert.deepEqual(wrong, []);
});

test("what a role may not is absent, and a stranger is told to log in", async () => {
    const closed = reads.filter((one) => !may("public", one) && one.responses["200"].content["application/json"]);
    assert.ok(closed.length > 50);
    const wrong = await all(closed.map((one) => async () => {
        const path = filled(one, 1);
        const stranger = await ask(null, "get", path);
        const [role, token] = [...tokens].find(([role]) => role !== "public" && !may(role, one)) ?? [];
        const denied = role ? await ask(token, "get", path) : { status: 404, wrong: [] };
        return [...told(`nobody GET ${path}`, stranger, /^response/), ...told(`${role} GET ${path}`, denied),
            ...(stranger.status === 401 ? [] : [`nobody GET ${path}: ${stranger.status}`]),
            ...(denied.status === 404 ? [] : [`${role} GET ${path}: ${denied.status}`])];
    }));
    assert.deepEqual(wrong, []);
});

test("each write takes its own example: done, or refused in a way that is told", async () => {
    const counts = {};
    const jobs = writes.filter((one) => one.requestBody?.content["application/json"] || !one.requestBody).map((one) =>
        async () => {
            const [role, token] = [...tokens].findLast(([role]) => may(role, one)) ?? [];
            if (!role) {
                return [];
            }
            const row = one.path.includes("{id}") && !OF_THE_TOKEN.has(one.tags[0]) ? rowFor(role, one) : null;
            const answer = await ask(token, "post", filled(one, row?.id ?? ABSENT),
                { body: one.requestBody?.content["application/json"].example });
            const where = `${role} POST ${one.path}`;
            counts[answer.status] = (counts[answer.status] ?? 0) + 1;
            const known = [200, 201, 401, 404, 409, 422];
            return [...told(where, answer),
                ...(known.includes(answer.status) ? [] : [`${where}: ${answer.status} ${answer.text.slice(0, 200)}`])];
        });
    assert.ok(jobs.length > 100);
    assert.deepEqual(await all(jobs), []);
    assert.ok((counts[200] ?? 0) + (counts[201] ?? 0) >= 10, JSON.stringify(counts));
    assert.ok(counts[422] >= 10, JSON.stringify(counts));
});

test("an answer that differs from the description is found", async () => {
    const copy = strictDocument();
    copy.components.schemas.organisation.properties.name = { type: "integer" };
    const file = join(work, "wrong-openapi.json");
    writeFileSync(file, JSON.stringify({ ...copy, paths: { "/organisations": copy.paths["/organisations"] } }));
    const other = await started(join(import.meta.dirname, "node_modules", ".bin", "prism"),
        ["proxy", file, site.base, "--host", "127.0.0.1", "--port", "0"], /listening on (http:\/\/127\.0\.0\.1:\d+)/);
    try {
        const answer = await fetch(`${other.found[1]}/organisations?limit=1`, { headers: { accept: "application/json" } });
        assert.match(answer.headers.get("sl-violations") ?? "", /name/);
    } finally {
        await other.stop();
    }
});
