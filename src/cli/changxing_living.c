/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/changxing_living.h"

#include <stdio.h>

#include "app/application.h"
#include "app/bank_account.h"
#include "app/evidence.h"
#include "app/fund.h"
#include "app/order.h"
#include "app/organisation.h"
#include "app/person.h"
#include "app/programme.h"
#include "app/publication.h"
#include "app/registration.h"
#include "app/sanction.h"
#include "app/supplement.h"
#include "app/voucher.h"
#include "cli/changxing_calendars.h"
#include "cli/changxing_files.h"
#include "cli/changxing_orders.h"
#include "cli/changxing_quarters.h"
#include "cli/changxing_signals.h"
#include "cli/changxing_watch.h"

#define YUAN 100
#define LIVING_FIRMS 16 /* of the cast that go on */
#define LIVING_INSTITUTIONS 6
#define LIVING_SERIAL 700000
#define CASE_FIRM 15
#define OBJECTED_FIRM 14
#define EVENING                                                                                    \
    4680 /* ten seconds each after nine: 22:00, when one reviewer of the cast likes to decide */

/* Three rounds: paid, collected, in hand. */
enum { ROUND_PAID, ROUND_COLLECTED, ROUND_OPEN };

/* How far an application or an order has come by today. */
typedef enum reach {
    AT_DRAFT,
    AT_FILED,
    AT_RETURNED,
    AT_TURNED_DOWN,
    AT_APPROVED,
    AT_ISSUED, /* applications */
    AT_PROPOSED,
    AT_ACCEPTED,
    AT_CHANGE,
    AT_DELIVERED,
    AT_DISPUTED,
    AT_CONFIRMED, /* orders */
    AT_CLAIM_DRAFT,
    AT_CLAIM,
    AT_CLAIM_RETURNED,
    AT_CLAIM_REFUSED,
    AT_CHECKED,
    AT_CONSENTED,
    AT_REGISTERED,
    AT_PUBLISHED,
    AT_PAID
} reach;

static const struct living_voucher {
    int firm, round;
    bool award;
    int64_t yuan;
    reach reach;
} cast_vouchers[] = {
    /* Paid and collected: what the first two rounds bring through. */
    {1, ROUND_PAID, false, 20000, AT_ISSUED},
    {2, ROUND_PAID, false, 20000, AT_ISSUED},
    {3, ROUND_PAID, true, 120000, AT_ISSUED},
    {CASE_FIRM, ROUND_PAID, false, 20000, AT_ISSUED},
    {4, ROUND_COLLECTED, false, 20000, AT_ISSUED},
    {5, ROUND_COLLECTED, false, 20000, AT_ISSUED},
    /* In hand. The first firm's voucher has something left to spend. */
    {0, ROUND_OPEN, false, 15000, AT_ISSUED},
    {6, ROUND_OPEN, false, 20000, AT_ISSUED},
    {7, ROUND_OPEN, false, 20000, AT_ISSUED},
    {8, ROUND_OPEN, false, 20000, AT_ISSUED},
    {9, ROUND_OPEN, false, 20000, AT_ISSUED},
    {10, ROUND_OPEN, false, 20000, AT_ISSUED},
    {11, ROUND_OPEN, false, 20000, AT_ISSUED},
    {OBJECTED_FIRM, ROUND_OPEN, false, 20000, AT_ISSUED},
    {0, ROUND_OPEN, false, 3000, AT_FILED},
    {0, ROUND_OPEN, false, 2000, AT_RETURNED},
    {6, ROUND_OPEN, false, 8000, AT_FILED},
    {14, ROUND_OPEN, false, 9000, AT_TURNED_DOWN},
    {12, ROUND_OPEN, false, 30000, AT_FILED},
    {13, ROUND_OPEN, false, 30000, AT_APPROVED},
    {12, ROUND_OPEN, true, 200000, AT_FILED},
    {13, ROUND_OPEN, true, 150000, AT_FILED},
};
enum { V_CASE = 1, V_FIRST = 6, V_OBJECTED = 13 }; /* of V_CASE the order has the same place */

static const struct living_order {
    int voucher, institution, outcome;
    int64_t yuan; /* of the voucher */
    reach reach;
    bool setback; /* returned for supplement once, then supplied */
} cast_orders[] = {
    {0, 0, PLAN_TESTING, 12000, AT_PAID, false},
    {1, 3, PLAN_IUR, 15000, AT_PAID, true},
    {2, 3, PLAN_IUR, 90000, AT_PAID, false},
    {3, 0, PLAN_TESTING, 16000, AT_PAID, false},
    {4, 0, PLAN_TESTING, 11000, AT_PUBLISHED, false},
    {5, 4, PLAN_TESTING, 14000, AT_PUBLISHED, true},
    {V_FIRST, 0, PLAN_TESTING, 1500, AT_PROPOSED, false},
    {V_FIRST, 0, PLAN_TESTING, 1600, AT_ACCEPTED, false},
    {V_FIRST, 0, PLAN_TESTING, 1700, AT_DELIVERED, false},
    {V_FIRST, 0, PLAN_TESTING, 1800, AT_CONFIRMED, false},
    {V_FIRST, 0, PLAN_TESTING, 1900, AT_CLAIM_DRAFT, false},
    {V_FIRST, 0, PLAN_TESTING, 2000, AT_CLAIM_RETURNED, false},
    {7, 0, PLAN_TESTING, 2000, AT_CLAIM_REFUSED, false},
    {7, 0, PLAN_TESTING, 5000, AT_PROPOSED, false},
    {7, 0, PLAN_TESTING, 6000, AT_CHANGE, false},
    {7, 0, PLAN_TESTING, 7000, AT_DISPUTED, false},
    {8, 1, PLAN_NOVELTY, 4000, AT_CLAIM, false},
    {8, 0, PLAN_TESTING, 9000, AT_CLAIM, true},
    {9, 0, PLAN_TESTING, 9500, AT_CHECKED, false},
    {9, 3, PLAN_IUR, 10000, AT_CHECKED, false},
    {10, 0, PLAN_TESTING, 12000, AT_CONSENTED, false},
    {11, 0, PLAN_TESTING, 12500, AT_REGISTERED, false},
    {11, 1, PLAN_NOVELTY, 3500, AT_REGISTERED, false},
    {12, 0, PLAN_TESTING, 13000, AT_PUBLISHED, false},
    {V_OBJECTED, 0, PLAN_TESTING, 13500, AT_PUBLISHED, false},
};
enum { O_OBJECTED = TQ_COUNT(cast_orders) - 1, O_NOVELTY = 16, O_CLEARED = 17, O_FUNDED = 18 };
#define UNUSED_INSTITUTION 2 /* of those that went on: no order of the cast */
#define FOUND_FIRM 5         /* the inspection of which opened a case */

static int round_of(int order)
{
    return cast_vouchers[cast_orders[order].voucher].round;
}

/* Offices are closed at weekends; holidays move nothing that matters here. */
static int32_t back_to_weekday(int32_t n)
{
    while (day_weekday((day){n}) >= 6) {
        n--;
    }
    return n;
}

static day quarter_first(day d, int back)
{
    const ymd y = day_ymd(d);
    return day_add_months(day_of_ymd((ymd){y.year, (y.month - 1) / 3 * 3 + 1, 1}), -3 * back);
}

static void period_of(day d, char out[16])
{
    const ymd y = day_ymd(d);
    (void)snprintf(out, 16, "%dQ%d", y.year, (y.month - 1) / 3 + 1);
}

static plan *living_plan(const world *history)
{
    plan *p = ARENA_NEW(history->life, plan, 1);
    *p = *history->p;
    p->n_vouchers = (int)TQ_COUNT(cast_vouchers);
    p->n_orders = (int)TQ_COUNT(cast_orders);
    p->vouchers = ARENA_NEW(history->life, plan_voucher, TQ_COUNT(cast_vouchers));
    p->orders = ARENA_NEW(history->life, plan_order, TQ_COUNT(cast_orders));
    for (size_t i = 0; i < TQ_COUNT(cast_vouchers); i++) {
        p->vouchers[i] = (plan_voucher){.firm = cast_vouchers[i].firm,
                                        .award = cast_vouchers[i].award,
                                        .amount_fen = cast_vouchers[i].yuan * YUAN};
    }
    for (size_t i = 0; i < TQ_COUNT(cast_orders); i++) {
        p->orders[i] = (plan_order){
            .voucher = cast_orders[i].voucher,
            .institution = cast_orders[i].institution,
            .outcome = cast_orders[i].outcome,
            .count = 1,
            .hold_fen = cast_orders[i].yuan * YUAN,
            .contract_fen =
                cast_orders[i].yuan * YUAN * 5 / 2, /* 40 %: what the scheme of the demo admits */
            .fate = cast_orders[i].reach == AT_CLAIM_REFUSED ? FATE_REFUSED
                    : cast_orders[i].setback || cast_orders[i].reach == AT_CLAIM_RETURNED
                        ? FATE_RETURNED_ONCE
                        : FATE_PAID,
        };
    }
    return p;
}

/* --- the programme ------------------------------------------------------------------------------- */

static tq_code fund_year(world *w, tq_err *err)
{
    static const world_money sums[] = {
        {"A", "县科技创新专项资金", "apply", "growth", "science_fund", "appropriate", 0, 200000000},
        {"I", "工业强县专项资金提取", "award", "stock", "industrial_fund", "extract", 3000000000,
         0},
        {"M", "县财政配套", "award", "growth", "county_budget", "match", 0, 0},
    };
    for (size_t i = 0; i < TQ_COUNT(sums); i++) {
        TQ_TRY(world_source(w, day_ymd(w->today).year, &sums[i], err));
    }
    return TQ_OK;
}

/* Goes on to a later day; a year that begins brings its appropriations. */
static tq_code go_to(world *w, int32_t n, tq_err *err)
{
    const int year = day_ymd(w->today).year;
    const day next = {back_to_weekday(n)};
    if (next.n > w->today.n) {
        w->today = next;
        w->moment = 0;
    }
    return day_ymd(w->today).year > year ? fund_year(w, err) : TQ_OK;
}

static tq_code people_join(world *w, tq_err *err)
{
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++) {
        /* Administrators hold their role for the installation. */
        if (w->staff[r].user_id != 0 && r != ROLE_SECADMIN && r != ROLE_SYSADMIN) {
            TQ_TRY(world_grant(w, (role)r, &w->staff[r], err));
        }
    }
    TQ_TRY(world_grant(w, ROLE_INSPECTOR, &w->second_inspector, err));
    for (int i = 0; i < LIVING_FIRMS; i++) {
        TQ_TRY(world_grant(w, ROLE_FIRM_AGENT, &w->firms[i].agent, err));
    }
    for (int i = 0; i < LIVING_INSTITUTIONS; i++) {
        TQ_TRY(world_grant(w, ROLE_INST_AGENT, &w->institutions[i].agent, err));
    }
    return world_grant(w, ROLE_FIRM_FINANCE, &w->firm_finance, err);
}

static tq_code regions_open(world *w, tq_err *err)
{
    static const char *const regions[] = {"31", "32", "33"};
    char scan[65];
    int64_t id = 0;
    TQ_TRY(evidence_put(w->site, STR("演示数据：协调小组关于认可服务机构的纪要"), scan, err));
    for (size_t i = 0; i < TQ_COUNT(regions); i++) {
        const call c = world_as(w, ROLE_OFFICE);
        const agreement_rq rq = {.partner = str_of(world_partner(regions[i])),
                                 .region = str_of(regions[i]),
                                 .from = w->today,
                                 .doc_no =
                                     arena_printf(c.a, "合作协议（演示·当年）%s", regions[i])};
        TQ_TRY(agreement_sign(w->site, &c, &rq, &id, err));
    }
    for (int i = 0; i < LIVING_INSTITUTIONS; i++) {
        if (world_partner(w->p->institutions[i].region) == NULL) {
            const call c = world_as(w, ROLE_GROUP);
            const decision_paper paper = {
                arena_printf(c.a, "长创券认〔%d〕演示%d号", day_ymd(w->today).year, i), w->today,
                str_of(scan)};
            TQ_TRY(recognition_grant(w->site, &c, w->institutions[i].org_id, w->today, (day){0},
                                     &paper, &id, err));
        }
    }
    return TQ_OK;
}

static tq_code found(world *w, int last_year, tq_err *err)
{
    const programme_facts facts = {
        .code = STR(LIVING_CODE),
        .name_zh = STR("长兴县跨区域创新券（演示·当年）"),
        .name_en = STR("Changxing innovation vouchers (demonstration, this year)"),
        .division = STR("330522"),
        .currency = STR("CNY"),
        .zone = STR("Asia/Shanghai"),
        .fiscal_month = 1};
    TQ_TRY(calendars_set(w, 2019, last_year, err));
    call c = world_as(w, ROLE_SYSADMIN);
    c.who.programme_id = 0;
    TQ_TRY(programme_open(w->site, &c, &facts, &w->programme_id, err));
    TQ_TRY(people_join(w, err));
    TQ_TRY(calendars_set(w, 2019, last_year, err));
    TQ_TRY(world_policy(w, err));
    const call office = world_as(w, ROLE_OFFICE);
    const programme_change_rq contact = {.name_zh = STR(""),
                                         .name_en = STR(""),
                                         .zone = STR(""),
                                         .office = STR("长兴县创新券协调小组办公室（演示）"),
                                         .phone = STR("0572-0000000"),
                                         .address = STR("长兴县龙山街道演示路1号")};
    TQ_TRY(programme_change(w->site, &office, &contact, err));
    TQ_TRY(regions_open(w, err));
    return fund_year(w, err);
}

/* --- the rounds ----------------------------------------------------------------------------------- */

static tq_code round_issue(world *w, int round, tq_err *err)
{
    bool awards = false;
    for (int v = 0; v < w->p->n_vouchers; v++) {
        /* Awards are decided together, those of this day's year: see act_award_round. */
        w->p->vouchers[v].day =
            cast_vouchers[v].round == round && cast_vouchers[v].reach == AT_ISSUED ? w->today.n : 0;
        awards = awards || (w->p->vouchers[v].award && w->p->vouchers[v].day != 0);
    }
    if (awards) {
        TQ_TRY(act_award_round(w, day_ymd(w->today).year, err));
    }
    for (int v = 0; v < w->p->n_vouchers; v++) {
        if (w->p->vouchers[v].day != 0) {
            TQ_TRY(w->p->vouchers[v].award ? act_issue(w, v, err) : act_apply(w, v, err));
        }
    }
    return TQ_OK;
}

/* One step of every order of a round that goes at least as far as `from`. */
static tq_code each(world *w, int round, reach from, tq_code (*act)(world *, int, tq_err *),
                    tq_err *err)
{
    for (int i = 0; i < w->p->n_orders; i++) {
        if (round_of(i) == round && cast_orders[i].reach >= from) {
            TQ_TRY(act(w, i, err));
        }
    }
    return TQ_OK;
}

static tq_code setback(world *w, int order, tq_err *err)
{
    const reach at = cast_orders[order].reach;
    return cast_orders[order].setback || at == AT_CLAIM_RETURNED || at == AT_CLAIM_REFUSED
               ? act_setback(w, order, err)
               : TQ_OK;
}

static tq_code mend(world *w, int order, tq_err *err)
{
    return cast_orders[order].setback ? act_mend(w, order, err) : TQ_OK;
}

/* Begin, delivery, confirmation, claim and review of a round: `d` are days, in that order. */
static tq_code round_run(world *w, int round, const int32_t d[5], tq_err *err)
{
    TQ_TRY(go_to(w, d[0], err));
    for (int i = 0; i < w->p->n_orders; i++) {
        if (round_of(i) == round) {
            w->p->orders[i].confirmed = back_to_weekday(d[2]); /* the last day follows from it */
            TQ_TRY(cast_orders[i].reach > AT_PROPOSED ? act_order(w, i, err) : TQ_OK);
        }
    }
    TQ_TRY(go_to(w, d[1], err));
    TQ_TRY(each(w, round, AT_DELIVERED, act_deliver, err));
    TQ_TRY(go_to(w, d[2], err));
    TQ_TRY(each(w, round, AT_CONFIRMED, act_confirm, err));
    TQ_TRY(go_to(w, d[3], err));
    TQ_TRY(each(w, round, AT_CLAIM_DRAFT, act_draft, err));
    TQ_TRY(each(w, round, AT_CLAIM, act_submit, err));
    TQ_TRY(go_to(w, d[4], err));
    TQ_TRY(each(w, round, AT_CLAIM, setback, err));
    TQ_TRY(each(w, round, AT_CLAIM, mend, err));
    w->moment = round == ROUND_OPEN ? w->moment : EVENING;
    TQ_TRY(each(w, round, AT_CHECKED, act_check, err));
    TQ_TRY(go_to(w, d[4] + 1, err));
    return each(w, round, AT_CONSENTED, act_consent, err);
}

static tq_code past_rounds(world *w, day first, day second, tq_err *err)
{
    const int32_t a = first.n;
    const int32_t b = second.n;
    char period[16];
    period_of(first, period);
    TQ_TRY(go_to(w, a + 10, err));
    TQ_TRY(round_issue(w, ROUND_PAID, err));
    TQ_TRY(round_run(w, ROUND_PAID, (const int32_t[]){a + 14, a + 24, a + 28, a + 31, a + 35},
                     err));
    TQ_TRY(each(w, ROUND_PAID, AT_REGISTERED, act_register, err));
    TQ_TRY(go_to(w, a + 42, err));
    TQ_TRY(quarter_publish(w, err));
    TQ_TRY(go_to(w, b + 20, err)); /* five working days are over, whatever holidays there were */
    TQ_TRY(quarter_pay(w, period, err));
    TQ_TRY(go_to(w, b + 23, err));
    TQ_TRY(quarter_bank(w, err));
    TQ_TRY(round_issue(w, ROUND_COLLECTED, err));
    TQ_TRY(round_run(w, ROUND_COLLECTED, (const int32_t[]){b + 25, b + 31, b + 34, b + 37, b + 41},
                     err));
    TQ_TRY(each(w, ROUND_COLLECTED, AT_REGISTERED, act_register, err));
    TQ_TRY(go_to(w, b + 45, err));
    return quarter_publish(w, err);
}

/* --- today's desk ---------------------------------------------------------------------------------- */

static tq_code application_stands(world *w, int v, tq_err *err)
{
    if (cast_vouchers[v].reach == AT_ISSUED) {
        return TQ_OK;
    }
    TQ_TRY(act_file(w, v, err));
    if (cast_vouchers[v].reach == AT_TURNED_DOWN) {
        int64_t decision_id = 0;
        const call c = world_as(w, ROLE_REVIEWER1);
        return application_refuse(w->site, &c, w->vouchers[v].application_id,
                                  STR("上年度没有研发投入"), NULL, &decision_id, err);
    }
    if (cast_vouchers[v].reach == AT_RETURNED) {
        const call c = world_as(w, ROLE_REVIEWER1);
        return application_return(w->site, &c, w->vouchers[v].application_id,
                                  STR("请补充上年度研发费用说明"), err);
    }
    return cast_vouchers[v].reach == AT_APPROVED ? act_grant(w, v, err) : TQ_OK;
}

static tq_code order_stands(world *w, int i, tq_err *err)
{
    const int64_t id = w->orders[i].order_id;
    if (cast_orders[i].reach == AT_PROPOSED) {
        return act_propose(w, i, err);
    }
    if (cast_orders[i].reach == AT_DISPUTED) {
        const call c = world_agent(w, ROLE_FIRM_AGENT,
                                   &w->firms[w->p->vouchers[cast_orders[i].voucher].firm].agent);
        return order_dispute(w->site, &c, id, STR("检测批次少于约定"), err);
    }
    if (cast_orders[i].reach == AT_CHANGE) {
        const call c = world_agent(w, ROLE_FIRM_AGENT,
                                   &w->firms[w->p->vouchers[cast_orders[i].voucher].firm].agent);
        int64_t change_id = 0;
        const order_change_request rq = {.order_id = id,
                                         .contract_fen = w->p->orders[i].contract_fen + 100000,
                                         .voucher_fen = w->p->orders[i].hold_fen,
                                         .end = day_add(w->today, 20)};
        return order_change_propose(w->site, &c, &rq, &change_id, err);
    }
    return TQ_OK;
}

static tq_code papers_wait(world *w, tq_err *err)
{
    const call maker = world_as(w, ROLE_FINANCE_MAKER);
    int64_t id = 0;
    int64_t source = 0;
    {
        TX_AUTO store_tx *tx = NULL;
        fund_row *rows = ARENA_NEW(w->life, fund_row, 16);
        size_t n = 0;
        TQ_TRY(work_read(w->site, &tx, err));
        TQ_TRY(fund_position(tx, w->programme_id, day_ymd(w->today).year, rows, 16, &n, err));
        TQ_ASSERT(n > 0);
        source = rows[0].source_id;
    }
    const fund_rq move = {
        .kind = STR("appropriate"),
        .source_id = source,
        .year = day_ymd(w->today).year,
        .amount_fen = 50000000,
        .doc_no = arena_printf(maker.a, "长财教〔%d〕演示追加", day_ymd(w->today).year)};
    TQ_TRY(fund_propose(w->site, &maker, &move, &id, err));
    const call author = world_as(w, ROLE_POLICY_AUTHOR);
    str yaml = {0};
    TQ_TRY(changxing_file(NULL, STR("cn-changxing-demo"), author.a, &yaml, err));
    const policy_file_rq version = {
        .name = STR("cn-changxing-demo.yaml"),
        .yaml = yaml,
        .doc_no = arena_printf(author.a, "演示〔%d〕2号", day_ymd(w->today).year),
        .from = w->today,
        .read = changxing_file};
    return policy_file(w->site, &author, &version, &id, err);
}

/* An account, a log-in, a role and a newcomer that wait for a second person. */
static tq_code people_wait(world *w, tq_err *err)
{
    int64_t id = 0;
    const call agent = world_agent(w, ROLE_FIRM_AGENT, &w->firms[0].agent);
    const account_rq account = {.org_id = w->firms[0].org_id,
                                .holder = w->p->firms[0].name,
                                .number = STR("33052201999000001"),
                                .bank = STR("演示银行长兴支行"),
                                .bank_code = STR("102336500018")};
    TQ_TRY(account_propose(w->site, &agent, &account, &id, err));
    const call admin = world_secadmin(w, &w->staff[ROLE_SECADMIN]);
    const grant_rq grant = {.user_id = w->staff[ROLE_TOWNSHIP].user_id,
                            .role = ROLE_CENTRE,
                            .programme_id = w->programme_id};
    TQ_TRY(grant_propose(w->site, &admin, &grant, &id, err));
    call public = world_system(w);
    public.who = (actor){.role = ROLE_PUBLIC};
    const credit_code code = credit_code_make("91", "330522", LIVING_SERIAL);
    const registration_rq newcomer = {.kind = STR("enterprise"),
                                      .credit_code = str_of(code.text),
                                      .name = STR("长兴新来科技有限公司（演示）"),
                                      .region = STR("330522"),
                                      .contact = STR("演示新来企业经办"),
                                      .phone = STR("057200000000"),
                                      .login = STR("demo-newcomer"),
                                      .password = STR("changxing-newcomer-demo"),
                                      .address = STR("127.0.0.1")};
    registration_filed filed;
    return registration_file(w->site, &public, &newcomer, &filed, err);
}

static tq_code objection_waits(world *w, tq_err *err)
{
    const call c = world_as(w, ROLE_OFFICE);
    int64_t id = 0;
    const objection_new objection = {.claim_id = w->orders[O_OBJECTED].claim_id,
                                     .ground = STR("该检测服务疑似与上年度项目重复"),
                                     .name = STR("演示群众"),
                                     .contact = STR("12345 转办")};
    TQ_TRY(objection_file(w->site, &c, &objection, &id, err));
    case_result opened;
    const call office = world_as(w, ROLE_OFFICE);
    const case_open_request rq = {w->firms[CASE_FIRM].org_id, STR("sale")};
    return case_open(w->site, &office, &rq, &opened, err);
}

static tq_code desk(world *w, day today, tq_err *err)
{
    char period[16];
    int64_t batch_id = 0;
    int64_t visit_id = 0;
    TQ_TRY(go_to(w, today.n - 30, err));
    TQ_TRY(watch_visited(w, FOUND_FIRM, &visit_id, err));
    TQ_TRY(round_issue(w, ROUND_OPEN, err));
    TQ_TRY(round_run(w, ROUND_OPEN,
                     (const int32_t[]){today.n - 28, today.n - 15, today.n - 12, today.n - 10,
                                       today.n - 8},
                     err));
    TQ_TRY(go_to(w, today.n - 4, err));
    period_of(quarter_first(today, 1), period);
    TQ_TRY(quarter_collect(w, period, &batch_id, err));
    TQ_ASSERT(batch_id != 0);
    TQ_TRY(each(w, ROUND_OPEN, AT_PUBLISHED, act_register, err));
    TQ_TRY(quarter_publish(w, err));
    for (int i = 0; i < w->p->n_orders; i++) {
        TQ_TRY(cast_orders[i].reach == AT_REGISTERED ? act_register(w, i, err) : TQ_OK);
    }
    TQ_TRY(go_to(w, today.n - 1, err));
    for (int v = 0; v < w->p->n_vouchers; v++) {
        TQ_TRY(application_stands(w, v, err));
    }
    TQ_TRY(each(w, ROUND_OPEN, AT_PROPOSED, order_stands, err));
    TQ_TRY(papers_wait(w, err));
    TQ_TRY(people_wait(w, err));
    TQ_TRY(watch_found(w, visit_id, err));
    return objection_waits(w, err);
}

/* What ran out since 2017: vouchers end, the ban of the sold voucher ends. */
static tq_code history_ends(world *w, tq_err *err)
{
    int64_t expired = 0;
    int64_t bans = 0;
    order_clocks clocks = {0};
    const call a = world_system(w);
    TQ_TRY(order_clocks_due(w->site, &a, &clocks, err));
    const call b = world_system(w);
    TQ_TRY(voucher_expire_due(w->site, &b, &expired, err));
    const call c = world_system(w);
    return ban_end_due(w->site, &c, &bans, err);
}

tq_code living_play(const world *history, day today, tq_err *err)
{
    if (day_ymd(today).year < 2019) {
        return tq_fail(err, TQ_INVALID, "demo_today", "today",
                       "the demonstration lives in 2019 or later");
    }
    const day first = quarter_first(today, 2);
    world w = *history;
    w.p = living_plan(history);
    w.vouchers = ARENA_NEW(w.life, voucher_state, w.p->n_vouchers);
    w.orders = ARENA_NEW(w.life, order_state, w.p->n_orders);
    w.serial = LIVING_SERIAL;
    w.own_papers = true;
    w.n_publications = 0;
    w.today = (day){back_to_weekday(first.n + 4)};
    w.moment = 0;
    TQ_TRY(history_ends(&w, err));
    TQ_TRY(found(&w, day_ymd(today).year + 1, err));
    TQ_TRY(past_rounds(&w, first, quarter_first(today, 1), err));
    TQ_TRY(desk(&w, today, err));
    TQ_TRY(watch_today(&w, err));
    TQ_TRY(watch_draw(&w, err));
    TQ_TRY(watch_cases(&w, w.firms[cast_vouchers[V_CASE].firm].org_id, w.orders[V_CASE].claim_id,
                       err));
    const signal_cast cast = {.funded = O_FUNDED,
                              .cleared = O_CLEARED,
                              .elsewhere = O_NOVELTY,
                              .delisted = UNUSED_INSTITUTION,
                              .from = first};
    return watch_signals(&w, &cast, err);
}
