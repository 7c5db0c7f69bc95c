// SPDX-License-Identifier: Apache-2.0
// Supervision in a real browser, from the freezing of the population to the published ban and the money that came
// back: each step by its own user, by what the pages offer. Between the visit and its closing the firm's days for a
// reply pass.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { deskAt, leave, pdf, texts } from "./desk.mjs";
import { soundPage, startBrowser, startSite } from "./site.mjs";

const REPLY_DAYS = 30; // longer than the demonstration's clock of ten working days
const PROGRAMME = "330522D"; // the one of this year
const PART = "3000.00"; // improperly obtained

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

const desk = (role, look) => deskAt(browser, site, role, look);

/** The oldest paid claim and its firm, as the office sees them. */
async function paidClaim(look) {
    const office = await desk("office", look);
    await office.menu("/claims");
    await office.page.locator("form.filters [name=state]").selectOption("paid");
    await office.page.locator("form.filters [type=submit]").click();
    const cells = office.page.locator("main tbody tr").last().locator("th, td");
    const found = { claim: (await cells.nth(0).innerText()).trim(), firm: (await cells.nth(1).innerText()).trim() };
    await leave(office);
    return found;
}

async function drawAndGiveOut(look, firm) {
    const office = await desk("office", look);
    await office.menu("/draws");
    await office.go("/draws/new");
    await office.fill({ draw_unit: "firm", strata: "none", from_day: `${look.today.slice(0, 4)}-01-01`, to_day: look.yesterday, visitors: "2" });
    await office.send();
    await office.state("draw.planned");
    const draw = await office.number();
    const group = await desk("group", look);
    await group.menu("/draws");
    await group.row(draw);
    await group.act("/approve", { paper_no: `纪要 ${look.mark}`, paper_day: look.today, paper: pdf(`minutes ${look.mark}`) });
    await group.act("/risk", { org_id: firm, reason: look.reason }); // named apart, beside the lot
    await office.menu("/draws");
    await office.row(draw);
    await office.act("/freeze");
    await office.state("draw.frozen");
    const frozen = office.page.locator("dl.facts code", { hasText: /^[0-9a-f]{64}$/ });
    assert.ok(await frozen.count() >= 2, "population and commitment are shown by their hashes");
    const committed = await frozen.allInnerTexts();
    await office.act("/run");
    await office.state("draw.drawn");
    await group.menu("/draws");
    await group.row(draw);
    await group.act("/publish");
    await group.state("draw.published");
    for (const hash of committed) {
        await group.page.locator("dl.facts code", { hasText: hash }).first().waitFor(); // as it was frozen
    }
    await office.menu("/draws");
    await office.row(draw);
    await office.go("/inspections/assign"); // the draw stands in the form already
    assert.match(await office.page.locator("main [name=draw_id] option:checked").innerText(), new RegExp(draw));
    await office.fill({ due_day: look.later });
    await office.send();
    await leave(office, group);
    return draw;
}

/** One inspector records and signs, the other signs; a line is wrong. Returns the number of the task. */
async function visit(look, firm) {
    const first = await desk("inspector", look);
    await first.menu("/inspections");
    await first.row(firm);
    const task = await first.number();
    await first.go("/record");
    await first.fill({ visited_day: look.today, summary: look.summary });
    const lines = await first.page.locator("main [name^='answers.'][name$='.answer']").count();
    assert.ok(lines === 4 || lines === 5, "the lines that the firm's orders ask for, and no blank one");
    for (let i = 0; i < lines; i++) {
        await first.fill({ [`answers.${i}.answer`]: i === 3 ? "no" : "yes" });
    }
    await first.page.locator("main [data-main]").click(); // a line that does not hold, and nothing said of it
    await first.page.locator(".alert-danger", { hasText: look.states.get("reason.finding_note") }).waitFor();
    await first.fill({ "answers.3.note": look.summary });
    await first.send();
    await first.state("inspection.visited");
    await first.act("/sign");
    const second = await desk("inspector2", look);
    await second.menu("/inspections");
    await second.row(task);
    await second.act("/sign");
    await second.state("inspection.signed");
    await leave(first, second);
    return task;
}

async function closeAndPublish(look, task) {
    const office = await desk("office", look);
    await office.menu("/inspections");
    await office.row(task);
    await office.act("/close");
    await office.state("inspection.closed");
    const group = await desk("group", look);
    await group.menu("/inspections");
    await group.row(task);
    await group.act("/publish");
    await group.state("inspection.published");
    await leave(office, group);
}

async function caseDecided(look, firm, claim) {
    const office = await desk("office", look);
    await office.menu("/cases");
    await office.go("/cases/new");
    await office.fill({ org_id: firm, cause: "false_use" });
    await office.send();
    await office.state("case.opened");
    const number = await office.number();
    await office.page.locator("main a[href$='/notice']").click();
    await office.page.locator("article.letter", { hasText: number }).waitFor(); // what the firm is told
    if (look.script) {
        await soundPage(office.page, "the notice");
    }
    await office.page.goBack();
    await office.act("/hear", { paper_no: `听证 ${look.mark}`, paper_day: look.today });
    await office.state("case.heard");
    const group = await desk("group", look);
    await group.menu("/cases");
    await group.row(number);
    await group.act("/decide", { paper_no: `纪要 ${look.mark}-2`, paper_day: look.today, paper: pdf(`decision ${look.mark}`),
        reason: look.reason, "parts.0.claim_number": claim, "parts.0.amount": PART, due_day: look.later });
    await group.state("case.decided");
    await group.page.locator("main tr", { hasText: look.states.get("state.ban.active") }).first().waitFor();
    await leave(office, group);
    return number;
}

/** The firm's appeal comes by letter; the group answers that the decision stands. */
async function appealed(look, number) {
    const office = await desk("office", look);
    await office.menu("/cases");
    await office.row(number);
    await office.act("/appeal", { reason: look.summary });
    await office.state("case.appealed");
    const group = await desk("group", look);
    await group.menu("/cases");
    await group.row(number);
    await group.act("/uphold", { paper_no: `纪要 ${look.mark}-3`, paper_day: look.today, paper: pdf(`appeal ${look.mark}`),
        reason: look.reason });
    await group.state("case.upheld");
    await leave(office, group);
}

async function moneyBack(look, number) {
    const maker = await desk("finance_maker", look);
    await maker.menu("/recoveries");
    await maker.row(number);
    await maker.act("/collect", { amount: PART, reference: `HD-${look.mark}` });
    await maker.state("recovery.settled");
    const checker = await desk("finance_checker", look);
    await checker.menu("/recoveries");
    await checker.row(number);
    await checker.act("/hand-back", { amount: PART, reference: `JK-${look.mark}` });
    const office = await desk("office", look);
    await office.menu("/cases");
    await office.row(number);
    await office.act("/enforce");
    await office.state("case.enforced");
    await office.act("/close");
    await office.state("case.closed");
    await leave(maker, checker, office);
}

async function everybodySees(look, firm, draw, task) {
    const citizen = await desk(null, look);
    await citizen.page.locator(`main a[href*="programme=${PROGRAMME}"]`).first().click();
    await citizen.page.locator(".pnav a[href^='/bans']").click();
    await citizen.page.locator("main tr", { hasText: firm }).locator(".tag", { hasText: look.states.get("state.ban.active") }).waitFor();
    await citizen.page.locator(".pnav a[href^='/draws']").click();
    await citizen.row(draw);
    await citizen.page.locator("main a[href*='/replay']").first().click();
    assert.ok(await citizen.page.locator("main tbody tr").count() > 2, "the lots are shown one by one");
    await citizen.page.locator("main a[href*='bundle.json']").waitFor();
    await leave(citizen);
    const auditor = await desk("auditor", look);
    await auditor.menu("/inspections");
    await auditor.row(task);
    await auditor.state("inspection.published");
    await leave(auditor);
}

test("from the frozen population to the published ban and the money back", { timeout: 900000 }, async () => {
    const look = { script: true, language: "zh", mark: `${Date.now() % 1e9}`, states: texts("zh"), reason: "检测未实际发生",
        summary: "查阅合同、原始记录和付款凭证；部分检测没有原始记录。" };
    site = await startSite();
    Object.assign(look, { today: site.day(0), yesterday: site.day(-1), later: site.day(60) });
    const { claim, firm } = await paidClaim(look);
    const draw = await drawAndGiveOut(look, firm);
    const task = await visit(look, firm);
    await site.stop();
    site = await startSite({ data: site.data, days: REPLY_DAYS });
    Object.assign(look, { today: site.day(0), later: site.day(60) });
    await closeAndPublish(look, task);
    const number = await caseDecided(look, firm, claim);
    await appealed(look, number);
    await moneyBack(look, number);
    await everybodySees(look, firm, draw, task);
    const { run } = site;
    await site.stop();
    site = null;
    const verified = run("verify");
    assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});
