// SPDX-License-Identifier: Apache-2.0
// What the journeys share: users at desks of their own, who do what the pages offer, and the papers they carry.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { login, newPage } from "./site.mjs";

/** Texts of the interface by their key, as the user reads them. */
export function texts(language) {
    const folder = new URL(`../../locale/${language}/`, import.meta.url);
    const found = new Map();
    for (const story of readdirSync(folder)) {
        const all = readFileSync(new URL(story, folder), "utf8");
        for (const [, key, text] of all.matchAll(/msgid "([^"]+)"\nmsgstr "([^"]*)"/g)) {
            found.set(key, text);
        }
    }
    return found;
}

/** A PDF of one page that says what it is: no two papers are the same. */
export function pdf(words) {
    const parts = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"];
    const drawn = `BT /F 18 Tf 72 760 Td (${words}) Tj ET`;
    parts.push(`<</Length ${drawn.length}>>\nstream\n${drawn}\nendstream`);
    let body = "%PDF-1.4\n";
    const at = parts.map((part, i) => {
        const from = body.length;
        body += `${i + 1} 0 obj\n${part}\nendobj\n`;
        return from;
    });
    const xref = body.length;
    body += `xref\n0 ${at.length + 1}\n0000000000 65535 f \n${at.map((n) => `${String(n).padStart(10, "0")} 00000 n \n`).join("")}`;
    body += `trailer\n<</Size ${at.length + 1}/Root 1 0 R>>\nstartxref\n${xref}\n%%EOF\n`;
    return { name: `${words.replaceAll(" ", "-")}.pdf`, mimeType: "application/pdf", buffer: Buffer.from(body) };
}

/** One user at one desk. Everything goes by what is on the page. */
export class Desk {
    constructor(page, states) {
        this.page = page;
        this.states = states;
    }

    async menu(address) {
        await this.page.locator(`nav.menu a[href="${address}"]:visible`).click();
    }

    /** In the list that is open: the row that the words name, by the filter where there is one. */
    async row(words) {
        const filter = this.page.locator("form.filters input[name=q]");
        if (await filter.count() > 0) {
            await filter.fill(words);
            await this.page.locator("form.filters [type=submit]").click();
        }
        await this.page.locator("main tbody tr", { hasText: words }).first().locator("a").first().click();
    }

    /** A link of this page that ends so: an act on the row, a new row, or where the row leads. */
    async go(end) {
        await this.page.locator(`main a[href*="${end}"]:visible`).first().click();
        await this.page.locator("main form.form").waitFor();
    }

    /** Fills the form that is open: names of fields, a choice by its value or by a part of its label. */
    async fill(values) {
        for (const [name, value] of Object.entries(values)) {
            const field = this.page.locator(`main [name="${name}"]`);
            const tag = await field.evaluate((e) => `${e.tagName} ${e.type}`);
            if (tag.startsWith("SELECT")) {
                const label = await this.option(field, value) ?? await this.found(name, value);
                assert.ok(label !== null, `${name} offers ${value}: ${await field.innerText()}`);
                await field.selectOption(label);
            } else if (tag === "INPUT file") {
                await field.setInputFiles(value);
            } else if (tag === "INPUT checkbox") {
                await field.setChecked(value);
            } else {
                await field.fill(value);
            }
        }
    }

    /** A list that shows a part only is searched; the form comes back with what was typed. */
    async found(name, words) {
        const find = this.page.locator(`main [name="_q.${name}"]`);
        if (await find.count() === 0) {
            return null;
        }
        await find.fill(words);
        await this.page.locator(`main button[name="_find"][value="${name}"]`).click();
        await this.page.locator(`main [name="${name}"] option`, { hasText: words }).first().waitFor({ state: "attached" });
        return this.option(this.page.locator(`main [name="${name}"]`), words);
    }

    async option(field, words) {
        return field.evaluate((e, w) => {
            const found = [...e.options].find((o) => o.value === w) ?? [...e.options].find((o) => o.label.includes(w));
            return found ? found.value : null;
        }, words);
    }

    /** Sends the form; it must have been taken. */
    async send() {
        await this.page.locator("main [data-main]").click();
        await this.page.waitForLoadState();
        const faults = this.page.locator(".alert-danger");
        if (await faults.count() > 0) {
            assert.fail(`${this.page.url()}: ${await faults.innerText()}`);
        }
    }

    async act(end, values = {}) {
        await this.go(end);
        await this.fill(values);
        await this.send();
        await this.page.locator(".did").waitFor(); // the page says what was done
    }

    async state(key) {
        const tag = await this.page.locator("dl.facts .tag").first().innerText();
        assert.equal(tag.trim(), this.states.get(`state.${key}`), this.page.url());
    }

    /** What the page of a row says under a name that it also links or prints. */
    async number() {
        return (await this.page.locator("dl.facts code").first().innerText()).trim();
    }
}

/** Logs in as nobody has before in this browser; null: the public. `look`: language, script, states. */
export async function deskAt(browser, site, role, look) {
    const page = await newPage(browser, look);
    await (role === null ? page.goto(`${site.base}/`) : login(page, site.base, role));
    return new Desk(page, look.states);
}

export async function leave(...desks) {
    for (const one of desks) {
        assert.deepEqual(one.page.faults, []);
        await one.page.context().close();
    }
}
