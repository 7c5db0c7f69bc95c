/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/changxing_watch.h"

#include <stdio.h>

#include "app/assessment.h"
#include "app/draw.h"
#include "app/inquiry.h"
#include "app/inspection.h"
#include "app/sanction.h"
#include "app/tip.h"

#define REPLY_DAYS 21 /* longer than the demonstration's clock of ten working days */

/* The list is taken on the last day of June: who was recognised in the year's first half counts. */
tq_code watch_assess(world *w, int year, tq_err *err)
{
    int64_t id = 0;
    const call opens = world_as(w, ROLE_OFFICE);
    TQ_TRY(assessment_open(w->site, &opens, year, day_of_ymd((ymd){year, 12, 31}), &id, err));
    const call freezes = world_as(w, ROLE_OFFICE);
    TQ_TRY(assessment_freeze(w->site, &freezes, id, err));
    const call publishes = world_as(w, ROLE_GROUP);
    const decision_paper minutes = {.number =
                                        arena_printf(publishes.a, "长创券纪要〔%d〕2号", year + 1),
                                    .day = w->today,
                                    .blob = STR("")};
    return assessment_publish(w->site, &publishes, id, &minutes, err);
}

/* How many lines the checklist of the visit has. */
static tq_code lines_of(const world *w, int64_t inspection_id, size_t *n, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TX_AUTO store_tx *tx = NULL;
    *n = 0;
    TQ_TRY(work_read(w->site, &tx, err));
    TQ_TRY(store_query(tx, STMT_INSPECTION_LINES, ARGS(arg_int(inspection_id)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        (*n)++;
    }
}

/* `wrong`: the line that does not hold, from 1; 0: all hold. */
static tq_code visit(world *w, int64_t org_id, int64_t wrong, const char *reason, int64_t *id,
                     tq_err *err)
{
    inspection_made made;
    const call opens = world_as(w, ROLE_OFFICE);
    const inspection_rq rq = {.org_id = org_id,
                              .first_user_id = w->staff[ROLE_INSPECTOR].user_id,
                              .second_user_id = w->second_inspector.user_id,
                              .due = day_add(w->today, 30),
                              .reason = str_of(reason)};
    TQ_TRY(inspection_open(w->site, &opens, &rq, &made, err));
    *id = made.inspection_id;
    const call agrees = world_as(w, ROLE_GROUP);
    TQ_TRY(inspection_agree(w->site, &agrees, *id, err));
    inspection_answer answers[INSPECTION_LINES_MAX];
    size_t n = 0;
    TQ_TRY(lines_of(w, *id, &n, err));
    for (int64_t i = 0; i < (int64_t)n; i++) {
        const bool holds = i + 1 != wrong;
        answers[i] = (inspection_answer){.n = i + 1,
                                         .answer = holds ? STR("yes") : STR("no"),
                                         .note = holds ? STR("") : STR("演示：现场与申报不一致")};
    }
    const call first = world_as(w, ROLE_INSPECTOR);
    const inspection_record_rq record = {
        .inspection_id = *id,
        .visited = w->today,
        .summary = STR("演示：查阅合同、发票、付款凭证与成果，现场核对设备与人员。"),
        .answers = answers,
        .n_answers = n};
    TQ_TRY(inspection_record(w->site, &first, &record, err));
    const call signs = world_as(w, ROLE_INSPECTOR);
    TQ_TRY(inspection_sign(w->site, &signs, *id, err));
    call second = world_as(w, ROLE_INSPECTOR);
    second.who.user_id = w->second_inspector.user_id;
    second.who.person_id = w->second_inspector.person_id;
    return inspection_sign(w->site, &second, *id, err);
}

tq_code watch_visited(world *w, int firm, int64_t *visit_id, tq_err *err)
{
    return visit(w, w->firms[firm].org_id, 3, "演示：检测批次与产量不符", visit_id, err);
}

tq_code watch_found(world *w, int64_t visit_id, tq_err *err)
{
    finding_class result = FINDING_NONE;
    const call closes = world_as(w, ROLE_OFFICE);
    TQ_TRY(inspection_close(w->site, &closes, visit_id, &result, err));
    TQ_ASSERT(result == FINDING_FRAUD);
    const call publishes = world_as(w, ROLE_GROUP);
    return inspection_publish(w->site, &publishes, visit_id, err);
}

tq_code watch_inspect(world *w, tq_err *err)
{
    static const struct {
        int firm;
        int64_t wrong;
    } visits[] = {{3, 0}, {7, 4}, {11, 2}};
    int64_t ids[TQ_COUNT(visits)];
    for (size_t i = 0; i < TQ_COUNT(visits); i++) {
        TQ_TRY(visit(w, w->firms[visits[i].firm].org_id, visits[i].wrong, "演示：兑现频次居前",
                     &ids[i], err));
    }
    w->today = day_add(w->today, REPLY_DAYS); /* nobody replies; the next deeds lie later */
    w->moment = 0;
    for (size_t i = 0; i < TQ_COUNT(visits); i++) {
        finding_class result = FINDING_NONE;
        const call closes = world_as(w, ROLE_OFFICE);
        TQ_TRY(inspection_close(w->site, &closes, ids[i], &result, err));
        const call publishes = world_as(w, ROLE_GROUP); /* another person than closed it */
        TQ_TRY(inspection_publish(w->site, &publishes, ids[i], err));
    }
    return TQ_OK;
}

tq_code watch_today(world *w, tq_err *err)
{
    int64_t id = 0;
    inspection_made made;
    TQ_TRY(visit(w, w->firms[0].org_id, 4, "演示：企业专账核查", &id, err));
    const call opens = world_as(w, ROLE_OFFICE);
    const inspection_rq rq = {.org_id = w->firms[1].org_id,
                              .first_user_id = w->staff[ROLE_INSPECTOR].user_id,
                              .second_user_id = w->second_inspector.user_id,
                              .due = day_add(w->today, 20),
                              .reason = STR("演示：首次兑现企业")};
    return inspection_open(w->site, &opens, &rq, &made, err);
}

static tq_code plan_draw(world *w, const char *unit, day from, day to, draw_made *made, tq_err *err)
{
    const call plans = world_as(w, ROLE_OFFICE);
    const draw_plan_request rq = {.unit = str_of(unit),
                                  .strata = STR(""),
                                  .from = from,
                                  .to = to,
                                  .visitors = 2,
                                  .public_source = STR(""),
                                  .public_day = DAY_NONE};
    return draw_plan(w->site, &plans, &rq, made, err);
}

tq_code watch_draw(world *w, tq_err *err)
{
    draw_made made;
    inspection_made tasks;
    const day to = day_add(w->today, -1);
    const day from =
        day_add(day_add_months(to, -12), 1); /* early in a year nobody was paid in it yet */
    TQ_TRY(plan_draw(w, "firm", from, to, &made, err));
    const call approves = world_as(w, ROLE_GROUP);
    const draw_step_request approve = {
        .draw_id = made.draw_id,
        .paper = {.number = arena_printf(approves.a, "长创券纪要〔%d〕演示9号", day_ymd(to).year),
                  .day = w->today,
                  .blob = STR("")}};
    TQ_TRY(draw_approve(w->site, &approves, &approve, err));
    const call freezes = world_as(w, ROLE_OFFICE);
    const draw_freeze_request freeze = {.draw_id = made.draw_id, .demo_seed = "changxing"};
    TQ_TRY(draw_freeze(w->site, &freezes, &freeze, err));
    const call draws = world_as(w, ROLE_OFFICE);
    const draw_run_request run = {.draw_id = made.draw_id, .public_value = STR("")};
    TQ_TRY(draw_run(w->site, &draws, &run, err));
    const call publishes = world_as(w, ROLE_GROUP);
    const draw_step_request publish = {.draw_id = made.draw_id};
    TQ_TRY(draw_publish(w->site, &publishes, &publish, err));
    const call assigns = world_as(w, ROLE_OFFICE);
    TQ_TRY(inspection_assign(w->site, &assigns, made.draw_id, day_add(w->today, 30), &tasks, err));
    return plan_draw(w, "claim", from, to, &made, err); /* waits for the group */
}

/* --- cases, tips, inquiries -------------------------------------------------------------------------- */

#define PART_FEN INT64_C(600000) /* improperly obtained, of the claim */
#define PAID_BACK_FEN INT64_C(200000)

static decision_paper minutes(const world *w, const call *c, int n)
{
    return (decision_paper){
        .number = arena_printf(c->a, "长创券纪要〔%d〕演示%d号", day_ymd(w->today).year, n),
        .day = w->today,
        .blob = STR("")};
}

static tq_code banned(world *w, int64_t org_id, int64_t claim_id, case_decide_report *done,
                      tq_err *err)
{
    case_result opened;
    const call opens = world_as(w, ROLE_OFFICE);
    const case_open_request open = {org_id, STR("false_use")};
    TQ_TRY(case_open(w->site, &opens, &open, &opened, err));
    const call hears = world_as(w, ROLE_OFFICE);
    const case_step_request hear = {.case_id = opened.case_id,
                                    .paper = minutes(w, &hears, 11),
                                    .reason = STR("演示：企业承认部分检测未实际发生")};
    TQ_TRY(case_hear(w->site, &hears, &hear, err));
    const call decides = world_as(w, ROLE_GROUP);
    const improper_part part = {claim_id, PART_FEN};
    const case_decide_request decide = {.case_id = opened.case_id,
                                        .paper = minutes(w, &decides, 12),
                                        .reason = STR("演示：部分检测未实际发生"),
                                        .parts = &part,
                                        .n_parts = 1,
                                        .due = day_add(w->today, 30)};
    return case_decide(w->site, &decides, &decide, done, err);
}

/* A part has come in; the rest in two instalments. */
static tq_code pays_back(world *w, int64_t org_id, tq_err *err)
{
    open_recovery debt;
    size_t n = 0;
    {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_read(w->site, &tx, err));
        TQ_TRY(recovery_open(tx, w->programme_id, org_id, w->step, &debt, 1, &n, err));
    }
    TQ_ASSERT(n == 1);
    const call collects = world_as(w, ROLE_FINANCE_MAKER);
    const recovery_request in = {debt.id, PAID_BACK_FEN, STR("演示回单")};
    TQ_TRY(recovery_collect(w->site, &collects, &in, err));
    const call plans = world_as(w, ROLE_GROUP);
    const int64_t rest = PART_FEN - PAID_BACK_FEN;
    const instalment parts[] = {{day_add(w->today, 30), rest / 2},
                                {day_add(w->today, 90), rest - rest / 2}};
    const recovery_plan_request later = {debt.id, minutes(w, &plans, 13), parts, TQ_COUNT(parts)};
    return recovery_plan(w->site, &plans, &later, err);
}

static tq_code tips(world *w, tq_err *err)
{
    tip_filed filed;
    call anybody = world_as(w, ROLE_OFFICE);
    anybody.who = (actor){.role = ROLE_PUBLIC, .programme_id = w->programme_id};
    const tip_new page = {.about = STR("演示：某检测机构"),
                          .content = STR("演示：出具的报告没有原始记录，请核查。"),
                          .name = STR(""),
                          .contact = STR(""),
                          .channel = STR("page"),
                          .received = w->today,
                          .demo_seed = "page"};
    TQ_TRY(tip_file(w->site, &anybody, &page, &filed, err));
    const call takes = world_as(w, ROLE_SUPERVISOR);
    TQ_TRY(tip_take(w->site, &takes, filed.id, err));
    const call enters = world_as(w, ROLE_CENTRE);
    const tip_new phone = {.about = STR("演示：某企业"),
                           .content = STR("演示：来电反映该企业把创新券转给他人使用。"),
                           .name = STR("演示群众"),
                           .contact = STR("12345 转办"),
                           .channel = STR("phone"),
                           .received = w->today,
                           .demo_seed = "phone"};
    return tip_file(w->site, &enters, &phone, &filed, err);
}

tq_code watch_cases(world *w, int64_t org_id, int64_t claim_id, tq_err *err)
{
    case_decide_report done;
    int64_t id = 0;
    TQ_TRY(banned(w, org_id, claim_id, &done, err));
    TQ_TRY(pays_back(w, org_id, err));
    TQ_TRY(tips(w, err));
    const call asks = world_as(w, ROLE_SUPERVISOR);
    const inquiry_request rq = {.case_no = STR("演示〔专案〕1号"),
                                .scope = STR("organisation"),
                                .org_id = org_id,
                                .from = w->today,
                                .until = day_add(w->today, 60),
                                .reason = STR("演示：核查检测是否实际发生")};
    TQ_TRY(inquiry_ask(w->site, &asks, &rq, &id, err));
    const call hurries = world_as(w, ROLE_SUPERVISOR);
    const inquiry_request now = {.case_no = STR("演示〔专案〕2号"),
                                 .scope = STR("programme"),
                                 .from = w->today,
                                 .until = day_add(w->today, 30),
                                 .reason = STR("演示：防止有关账册灭失"),
                                 .urgent = true};
    TQ_TRY(inquiry_ask(w->site, &hurries, &now, &id, err));
    const call opens = world_as(w, ROLE_SUPERVISOR_HEAD);
    return inquiry_answer(w->site, &opens, id, true, STR("演示：先行调查，手续后补"), err);
}
