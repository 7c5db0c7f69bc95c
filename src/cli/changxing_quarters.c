/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/changxing_quarters.h"

#include "app/bank_result.h"
#include "app/evidence.h"
#include "app/publication.h"
#include "app/sanction.h"
#include "app/settle.h"

#define RETURNED_PERIOD "2015Q2"
#define BANK_TEXT_MAX (8 * 1024 * 1024)
#define LINES_PAGE 200

static tq_code registered(world *w, int64_t *ids, size_t *n, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->site, &tx, err));
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_CLAIM_IN_STATE,
                       ARGS(arg_int(w->programme_id), arg_str(STR("registered")),
                            arg_int(PUBLICATION_CLAIMS_MAX)),
                       &r, err));
    *n = 0;
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        ids[(*n)++] = row_int(&r);
    }
}

tq_code quarter_publish(world *w, tq_err *err)
{
    int64_t *ids = ARENA_NEW(w->life, int64_t, PUBLICATION_CLAIMS_MAX);
    for (;;) {
        publication_new rq = {.claims = ids};
        TQ_TRY(registered(w, ids, &rq.n, err));
        if (rq.n == 0) {
            return TQ_OK;
        }
        const call c = world_as(w, ROLE_OFFICE);
        publication_opened out;
        TQ_TRY(publication_open(w->site, &c, &rq, &out, err));
        TQ_ASSERT(w->n_publications < WORLD_PUBLICATIONS_MAX);
        w->publications[w->n_publications++] = out.publication_id;
    }
}

static tq_code end_publications(world *w, tq_err *err)
{
    for (size_t i = 0; i < w->n_publications; i++) {
        const call c = world_as(w, ROLE_OFFICE);
        TQ_TRY(publication_end(w->site, &c, w->publications[i], err));
    }
    w->n_publications = 0;
    return TQ_OK;
}

/* The bank's file: every line paid, but for the one payment that the demonstration has returned. */
static tq_code bank_file(world *w, int64_t batch_id, bool return_one, buf *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->site, &tx, err));
    batch_line_view *lines = ARENA_NEW(w->life, batch_line_view, LINES_PAGE);
    buf_text(out, "payment_no,amount,status,reason,date\r\n");
    int64_t after = 0;
    for (size_t n = LINES_PAGE; n == LINES_PAGE;) {
        TQ_TRY(batch_lines(tx, batch_id, after, w->life, lines, LINES_PAGE, &n, err));
        for (size_t i = 0; i < n; i++) {
            after = lines[i].n;
            if (strncmp(lines[i].state.data, "released", 8) != 0) {
                continue;
            }
            const currency cny = {"CNY", 2};
            const bool back = return_one && lines[i].n == 3;
            buf_printf(out, "%.*s,", STR_ARG(lines[i].payment_no));
            money_print((money){lines[i].amount_fen}, &cny, out);
            buf_printf(out, ",%s,%s,", back ? "returned" : "paid", back ? "账号已销户" : "");
            day_print(w->today, out);
            buf_text(out, "\r\n");
        }
    }
    return TQ_OK;
}

static tq_code send_batch(world *w, int64_t batch_id, bool returns_one, tq_err *err)
{
    batch_report report;
    const call maker = world_as(w, ROLE_FINANCE_MAKER);
    TQ_TRY(batch_lock(w->site, &maker, batch_id, &report, err));
    char list[65];
    memcpy(list, report.list_sha256, sizeof list);
    const call checker = world_as(w, ROLE_FINANCE_CHECKER);
    const batch_release_request release = {batch_id, str_of(list)};
    TQ_TRY(batch_release(w->site, &checker, &release, &report, err));
    const call sender = world_as(w, ROLE_FINANCE_MAKER);
    TQ_TRY(batch_send(w->site, &sender, batch_id, &report, err));
    w->sent_batch = batch_id;
    w->returns_one = returns_one;
    return TQ_OK;
}

tq_code quarter_collect(world *w, const char *period, int64_t *batch_id, tq_err *err)
{
    batch_report report;
    TQ_TRY(end_publications(w, err));
    const call c = world_as(w, ROLE_FINANCE_MAKER);
    const batch_collect_request rq = {str_of(period)};
    TQ_TRY(batch_collect(w->site, &c, &rq, &report, err));
    *batch_id = report.batch_id;
    return TQ_OK;
}

tq_code quarter_pay(world *w, const char *period, tq_err *err)
{
    int64_t batch_id = 0;
    TQ_TRY(quarter_collect(w, period, &batch_id, err));
    if (batch_id == 0) {
        return TQ_OK;
    }
    return send_batch(w, batch_id, strcmp(period, RETURNED_PERIOD) == 0, err);
}

tq_code quarter_bank(world *w, tq_err *err)
{
    if (w->sent_batch == 0) {
        return TQ_OK;
    }
    BUF_AUTO buf file = buf_max(BANK_TEXT_MAX);
    TQ_TRY(bank_file(w, w->sent_batch, w->returns_one, &file, err));
    bank_result_report result;
    const call c = world_as(w, ROLE_FINANCE_MAKER);
    const bank_result_request rq = {buf_view(&file), w->sent_batch};
    TQ_TRY(bank_result_apply(w->site, &c, &rq, &result, err));
    TQ_ASSERT(result.unmatched == 0);
    const call closer = world_as(w, ROLE_FINANCE_CHECKER);
    TQ_TRY(batch_close(w->site, &closer, w->sent_batch, err));
    w->returned_batch = w->returns_one ? w->sent_batch : w->returned_batch;
    w->sent_batch = 0;
    return TQ_OK;
}

static tq_code returned_payee(world *w, int *firm, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->site, &tx, err));
    int64_t payee = 0;
    TQ_TRY(store_int(tx, STMT_CLAIM_RETURNED_PAYEE, ARGS(arg_int(w->programme_id)), 0, &payee,
                     err));
    for (int i = 0; i < w->p->n_firms; i++) {
        if (w->firms[i].org_id == payee) {
            *firm = i;
            return TQ_OK;
        }
    }
    return tq_fail(err, TQ_INTERNAL, "demo_payee", "claim",
                   "the returned payment's payee is no firm");
}

tq_code quarter_new_account(world *w, tq_err *err)
{
    int firm = 0;
    TQ_TRY(returned_payee(w, &firm, err));
    return world_account(w, &w->firms[firm], w->p->firms[firm].name, 900000 + firm, err);
}

tq_code quarter_repeat(world *w, tq_err *err)
{
    batch_report report;
    const call c = world_as(w, ROLE_FINANCE_MAKER);
    const batch_repeat_request rq = {.batch_id = w->returned_batch};
    TQ_TRY(batch_repeat(w->site, &c, &rq, &report, err));
    TQ_ASSERT(report.count == 1);
    return send_batch(w, report.batch_id, false, err);
}

static tq_code paid_claim_of(world *w, int64_t org_id, improper_part *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->site, &tx, err));
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_CLAIM_PAID_OF, ARGS(arg_int(w->programme_id), arg_int(org_id)), &r,
                       err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_INTERNAL, "demo_case", "claim",
                       "the firm of the case has no paid claim");
    }
    out->claim_id = row_int(&r);
    out->amount_fen = row_int(&r) / 2; /* only the improper part is recovered (P-55) */
    return TQ_OK;
}

static tq_code minutes_scan(world *w, char hex[65], tq_err *err)
{
    return evidence_put(w->site, STR("演示数据：协调小组关于违规用券的会议纪要"), hex, err);
}

tq_code violation_open(world *w, int firm, tq_err *err)
{
    const call c = world_as(w, ROLE_OFFICE);
    case_result opened;
    const case_open_request rq = {w->firms[firm].org_id, STR("sale")};
    TQ_TRY(case_open(w->site, &c, &rq, &opened, err));
    w->case_id = opened.case_id;
    return TQ_OK;
}

tq_code violation_hear(world *w, tq_err *err)
{
    char scan[65];
    TQ_TRY(minutes_scan(w, scan, err));
    const call c = world_as(w, ROLE_OFFICE);
    const case_step_request rq = {.case_id = w->case_id,
                                  .paper = {STR("长创券听〔2017〕1号"), w->today, str_of(scan)},
                                  .reason = STR("已听取企业陈述")};
    return case_hear(w->site, &c, &rq, err);
}

tq_code violation_decide(world *w, int firm, tq_err *err)
{
    char scan[65];
    improper_part part = {0};
    case_decide_report report;
    TQ_TRY(minutes_scan(w, scan, err));
    TQ_TRY(paid_claim_of(w, w->firms[firm].org_id, &part, err));
    const call c = world_as(w, ROLE_GROUP);
    const case_decide_request rq = {
        .case_id = w->case_id,
        .paper = {STR("长创券纪要〔2017〕2号"), w->today, str_of(scan)},
        .reason = STR("转让创新券"),
        .parts = &part,
        .n_parts = 1,
        .due = day_add(w->today, 30),
    };
    return case_decide(w->site, &c, &rq, &report, err);
}

tq_code violation_collect(world *w, tq_err *err)
{
    int64_t recovery_id = 0;
    int64_t amount = 0;
    {
        TX_AUTO store_tx *tx = NULL;
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        TQ_TRY(work_read(w->site, &tx, err));
        TQ_TRY(store_query(tx, STMT_RECOVERY_OF_CASE, ARGS(arg_int(w->case_id)), &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        TQ_ASSERT(more);
        recovery_id = row_int(&r);
        amount = row_int(&r);
    }
    const call c = world_as(w, ROLE_FINANCE_MAKER);
    const recovery_request rq = {recovery_id, amount, STR("演示回单 0001")};
    return recovery_collect(w->site, &c, &rq, err);
}
