// SPDX-License-Identifier: Apache-2.0
// Makes one demonstration, lets every *.test.mjs here (or in TQ_TESTS_AT) use copies of it, and clears up.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = process.env.TQ_TESTS_AT || import.meta.dirname;
const work = mkdtempSync(join(tmpdir(), "tongquan-browser-"));
const env = { ...process.env, TQ_BROWSER_WORK: work };
let status = 1;
try {
    if (!env.TQ_BINARY) {
        throw new Error("TQ_BINARY must name the program");
    }
    if (!env.TQ_DEMO) {
        env.TQ_DEMO = join(work, "demo");
        const made = spawnSync(env.TQ_BINARY, ["demo", "changxing", "--data", env.TQ_DEMO], { encoding: "utf8" });
        if (made.status !== 0) {
            throw new Error(`the demonstration could not be made: ${made.stderr}`);
        }
    }
    const named = process.argv.slice(2);
    const files = named.length > 0 ? named : readdirSync(here).filter((name) => name.endsWith(".test.mjs"));
    if (files.length === 0) {
        throw new Error("there are no tests here");
    }
    // One file after the other: two cores carry a server, a browser and the other tests already.
    const ran = spawnSync(process.execPath, ["--test", "--test-concurrency=1", "--test-reporter=spec", ...files],
        { cwd: here, env, stdio: "inherit" });
    status = ran.status ?? 1;
} catch (fault) {
    console.error(String(fault.message));
} finally {
    rmSync(work, { recursive: true, force: true });
}
process.exit(status);
