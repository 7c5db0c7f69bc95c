// SPDX-License-Identifier: Apache-2.0
// The whole way of a voucher's money in a real browser, from the fund to the firm's account: each step by its
// own user with a log-in and a browser of his own, by what the pages offer and nothing else. No address is
// typed but the site's: whatever is opened afterwards is a link or a button that a user sees. Once with scripts
// in Chinese, once without any in English. Between publication and payment six weeks pass.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";
import { deskAt, leave, pdf, texts } from "./desk.mjs";
import { soundPage, startBrowser, startSite } from "./site.mjs";

const WEEKS_LATER = 42; // days: five working days are over, whatever holidays there are
const CONTRACT = "25000.00";
const PART = "10000.00";
const PROGRAMME = "330522D"; // the one of this year
// Of the demonstration: whose agents demo-firm_agent and demo-inst_agent are.
const FIRM = "长兴天衡蓄电池000有限公司（演示）";
const INSTITUTION = "绿色动力电池公共服务平台";

let site;
let browser;

before(async () => {
    browser = await startBrowser();
});

afterEach(async () => {
    await site?.stop();
    site = null;
});

after(async () => {
    await browser?.close();
});

/** The test's fully digital invoice under another number and with the amounts of this way. */
function xmlInvoice(number, day) {
    const sample = readFileSync(new URL("../data/einvoice/digital.xml", import.meta.url), "utf8");
    const text = sample.replaceAll("25312000000012345678", number).replaceAll("2025-03-18", day)
        .replaceAll("18867.92", "23584.91").replaceAll("1132.08", "1415.09").replaceAll("20000.00", CONTRACT);
    return { name: `${number}.xml`, mimeType: "text/xml", buffer: Buffer.from(text) };
}

/** Logs in at this site; null: the public. */
const desk = (role, look) => deskAt(browser, site, role, look);

async function fundAndIssue(look, mark) {
    const maker = await desk("finance_maker", look);
    await maker.menu("/fund-moves");
    await maker.go("/fund-moves/new");
    const source = maker.page.locator("main [name=source_id] option").nth(1);
    await maker.fill({ kind: "appropriate", source_id: await source.getAttribute("value"), year: look.today.slice(0, 4),
        amount: "50,000.00", doc_no: `J-${mark}` });
    await maker.send();
    await maker.state("fund_move.proposed");
    const checker = await desk("finance_checker", look);
    await checker.menu("/fund-moves");
    await checker.row(`J-${mark}`);
    await checker.act("/book");
    await checker.state("fund_move.booked");
    const firm = await desk("firm_agent", look);
    await firm.menu("/applications");
    await firm.go("/applications/new");
    await firm.fill({ kind_id: "申请", way: "immediate", asked: "12,000.00" }); // within the ceiling of the year
    await firm.send();
    const application = await firm.number();
    const reviewer = await desk("reviewer1", look);
    await reviewer.menu("/applications");
    await reviewer.row(application);
    await reviewer.act("/approve");
    const office = await desk("office", look);
    await office.menu("/applications");
    await office.row(application);
    await office.go("/issue");
    await office.send(); // the voucher's code is shown once
    await firm.menu("/applications");
    await firm.row(application);
    await firm.state("application.issued");
    await firm.page.locator("dl.facts a[href^='/vouchers/']").click();
    await firm.state("voucher.active");
    const voucher = await firm.number();
    await leave(maker, checker, reviewer, office);
    return { firm, voucher };
}

async function orderAndDeliver(look, firm, voucher, mark) {
    await firm.go("/orders/new"); // from the voucher's page: it stands in the form already
    const chosen = firm.page.locator("main [name=voucher_id] option:checked");
    assert.match(await chosen.innerText(), new RegExp(voucher));
    await firm.fill({ institution_id: INSTITUTION, outcome_kind: "testing", title: `Cell test ${mark}`, contract: CONTRACT,
        voucher_part: PART, end_day: look.later });
    await firm.send();
    const order = await firm.number();
    const institution = await desk("inst_agent", look);
    await institution.menu("/orders");
    await institution.row(order);
    await institution.act("/accept");
    await institution.act("/evidence", { kind: "contract", file: pdf(`contract ${mark}`) });
    await institution.act("/deliver", { outcome_count: "3", report: `YS-${mark}`, last: true });
    await institution.state("order.delivered");
    await firm.menu("/orders");
    await firm.row(order);
    await firm.act("/confirm");
    await firm.state("order.confirmed");
    await leave(institution);
    return order;
}

async function claimIt(look, firm, order, mark) {
    const number = `2633${String(mark).padStart(16, "0")}`;
    await firm.go("/invoices/new"); // from the order: the seller stands in the form
    await firm.fill({ number, issued_day: look.today, gross: CONTRACT, net: "23584.91", file: xmlInvoice(number, look.today) });
    await firm.send();
    await firm.go("/proofs/new");
    await firm.fill({ means: "transfer", payer: FIRM, paid_day: look.today, amount: CONTRACT,
        reference: `YH-${mark}`, file: pdf(`transfer ${mark}`) });
    await firm.send();
    await firm.menu("/orders");
    await firm.row(order);
    await firm.go("/claims/new"); // voucher and order stand in the form
    await firm.fill({ asked: PART, final: true, draft: true, "lines.0.invoice_id": number, "lines.0.proof_id": `YH-${mark}`,
        "lines.0.amount": CONTRACT });
    await firm.send();
    await firm.state("claim.draft");
    for (const kind of ["contract", "invoice", "payment_proof", "result"]) {
        const file = kind === "invoice" ? xmlInvoice(number, look.today) : pdf(`${kind} of ${mark}`);
        await firm.act("/evidence", { kind, file });
        await firm.page.locator("main", { hasText: file.name }).waitFor(); // under its own name
    }
    await firm.act("/submit");
    await firm.state("claim.submitted");
    return firm.number();
}

async function review(look, firm, claim) {
    const first = await desk("reviewer1", look);
    await first.menu("/claims");
    await first.row(claim);
    await first.act("/return", { missing: look.missing });
    await firm.menu("/claims");
    await firm.row(claim);
    await firm.state("claim.returned");
    await firm.page.locator("main", { hasText: look.missing }).waitFor(); // the firm reads what is missing
    await firm.act("/evidence", { kind: "acceptance", file: pdf(`acceptance ${claim}`) });
    await firm.act("/submit");
    await first.menu("/claims");
    await first.row(claim);
    await first.act("/check");
    await first.state("claim.checked");
    const second = await desk("reviewer2", look);
    await second.menu("/claims");
    await second.row(claim);
    await second.act("/approve", { amount: PART });
    await second.state("claim.approved");
    await leave(first, second);
}

async function publishAndObject(look, claim) {
    const office = await desk("office", look);
    await office.menu("/claims");
    await office.row(claim);
    await office.act("/register");
    await office.menu("/publications");
    await office.go("/publications/new");
    await office.fill({ "claims.0.claim_id": claim });
    await office.send();
    await office.state("publication.open");
    const publication = await office.number();
    const citizen = await desk(null, look); // anybody may object
    await citizen.page.locator(`main a[href*="programme=${PROGRAMME}"]`).first().click();
    await citizen.page.locator(".pnav a[href^='/publications']").click();
    await citizen.row(publication);
    await citizen.page.locator("main", { hasText: claim }).waitFor();
    await citizen.go("/objections/new");
    await citizen.fill({ claim_number: claim, ground: look.ground });
    await citizen.send();
    await office.menu("/objections");
    await office.row(claim);
    await office.act("/decide", { reason: "unfounded" });
    await office.state("objection.dismissed");
    await leave(office, citizen);
    return publication;
}

async function payOut(look, claim, publication) {
    const office = await desk("office", look);
    await office.menu("/publications");
    await office.row(publication);
    await office.act("/end");
    const maker = await desk("finance_maker", look);
    await maker.menu("/batches");
    // One of the last quarter stands open: given up, its claims come into the next.
    await maker.page.locator("form.filters [name=state]").selectOption("open");
    await maker.page.locator("form.filters [type=submit]").click();
    await maker.page.locator("main tbody a").first().click();
    await maker.act("/cancel");
    await maker.menu("/batches");
    await maker.go("/batches/new"); // the quarter stands in the form
    await maker.send();
    await maker.page.locator("main a[href^='/batches']").first().click();
    const batch = await maker.number();
    await maker.page.locator("main", { hasText: claim }).waitFor();
    await maker.act("/lock");
    await maker.state("batch.locked");
    const checker = await desk("finance_checker", look);
    await checker.menu("/batches");
    await checker.row(batch);
    const hash = await checker.page.locator("dl.facts code", { hasText: /^[0-9a-f]{64}$/ }).first().innerText();
    await checker.act("/release", { list_sha256: hash });
    await checker.state("batch.released");
    await checker.go("/list");
    await checker.fill({ charset: "utf8" });
    const [download] = await Promise.all([checker.page.waitForEvent("download"), checker.page.locator("main [data-main]").click()]);
    const list = readFileSync(await download.path(), "utf8");
    await maker.menu("/batches");
    await maker.row(batch);
    await maker.act("/send");
    await maker.go("/bank-files/new"); // from the batch: it stands in the form
    await maker.fill({ file: bankResult(list, look.today) });
    await maker.send();
    await maker.menu("/batches");
    await maker.row(batch);
    await maker.state("batch.reconciled");
    await checker.menu("/batches");
    await checker.row(batch);
    await checker.act("/close");
    await checker.state("batch.closed");
    await leave(office, maker, checker);
}

/** The bank has paid every line of the list that it was given: the number first in the line, the amount last. */
function bankResult(list, day) {
    const rows = list.split(/\r?\n/).map((line) => line.split(",")).filter((cells) => /^P[0-9]/.test(cells[0]));
    assert.ok(rows.length > 0, list);
    const text = ["payment_no,amount,status,reason,date", ...rows.map((cells) => `${cells[0]},${cells.at(-1)},paid,,${day}`)];
    return { name: "bank.csv", mimeType: "text/csv", buffer: Buffer.from(`${text.join("\n")}\n`) };
}

async function allSayPaid(look, claim, voucher) {
    const firm = await desk("firm_agent", look);
    await firm.menu("/claims");
    await firm.row(claim);
    await firm.state("claim.paid");
    if (look.script) { // the checker is a script itself
        await soundPage(firm.page, "the paid claim");
    }
    await firm.menu("/vouchers");
    await firm.row(voucher);
    await firm.page.locator("dl.facts", { hasText: "10,000.00" }).waitFor();
    await firm.page.locator("main tr", { hasText: claim }).locator(".tag", { hasText: firm.states.get("state.claim.paid") }).waitFor();
    await leave(firm);
}

const looks = [
    { script: true, language: "zh", missing: "缺骑缝章", ground: "疑似重复享受" },
    { script: false, language: "en", missing: "The seal is missing.", ground: "Said to be paid twice." },
];

for (const [at, look] of looks.entries()) {
    test(`from fund to paid ${look.script ? "with" : "without"} a script, ${look.language}`, { timeout: 900000 }, async () => {
        const mark = `${Date.now() % 1e9}${at}`;
        look.states = texts(look.language);
        site = await startSite();
        Object.assign(look, { today: site.day(0), later: site.day(30) });
        const { firm, voucher } = await fundAndIssue(look, mark);
        const order = await orderAndDeliver(look, firm, voucher, mark);
        const claim = await claimIt(look, firm, order, mark);
        await review(look, firm, claim);
        const publication = await publishAndObject(look, claim);
        await leave(firm);
        await site.stop();
        site = await startSite({ data: site.data, days: WEEKS_LATER });
        look.today = site.day(0);
        await payOut(look, claim, publication);
        await allSayPaid(look, claim, voucher);
        const { run } = site;
        await site.stop();
        site = null;
        const verified = run("verify");
        assert.equal(verified.status, 0, verified.stdout + verified.stderr);
    });
}
