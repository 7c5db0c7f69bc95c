// SPDX-License-Identifier: Apache-2.0
// Two readers of OpenAPI find nothing wrong with the description, and do find what is planted.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { description, work } from "./site.mjs";

const bin = join(import.meta.dirname, "node_modules", ".bin");
const { text, document } = description();

/** One address of the description, with an answer that refers to nothing. */
function broken() {
    const copy = structuredClone({ ...document, paths: { "/claims": document.paths["/claims"] } });
    copy.paths["/claims"].get.responses["200"].content["application/json"].schema = { $ref: "#/components/schemas/Nothing" };
    return JSON.stringify(copy);
}

function lint(tool, args, content) {
    const file = join(work, `${tool}-openapi.json`);
    writeFileSync(file, content);
    return spawnSync(join(bin, tool), ["lint", ...args, file], { encoding: "utf8", cwd: import.meta.dirname });
}

const tools = [
    ["redocly", ["--config", "redocly.yaml", "--max-problems", "20"]],
    ["spectral", ["--ruleset", "spectral.yaml", "--fail-severity", "warn"]],
];

for (const [tool, args] of tools) {
    test(`${tool} finds no fault`, () => {
        const ran = lint(tool, args, text);
        assert.equal(ran.status, 0, ran.stdout + ran.stderr);
    });
    test(`${tool} finds a planted one`, () => {
        const ran = lint(tool, args, broken());
        assert.notEqual(ran.status, 0);
        assert.match(ran.stdout + ran.stderr, /Nothing|resolve/, `${tool} names what is missing`);
    });
}

test("each operation can be found: name, summary, description, tag, who may, and every answer told", () => {
    const names = new Set();
    for (const [path, methods] of Object.entries(document.paths)) {
        for (const [method, operation] of Object.entries(methods)) {
            const where = `${method} ${path}`;
            assert.ok(operation.operationId && !names.has(operation.operationId), `${where}: operationId`);
            names.add(operation.operationId);
            for (const text of [operation.summary, operation.description]) {
                assert.doesNotMatch(text ?? "", /^$|\b(route|hint|view|role)\.[a-z_]+/, `${where}: a text is missing`);
            }
            assert.equal(operation.tags.length, 1, where);
            assert.ok(operation["x-roles"].length > 0 && operation.security.length > 0, where);
            assert.ok(operation.responses["404"] && operation.responses.default, where);
            assert.ok(method === "get" || operation.responses["409"], where);
        }
    }
});
