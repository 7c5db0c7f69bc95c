/* SPDX-License-Identifier: Apache-2.0 */
#include "app/assessment.h"

#include <stdlib.h>

#include "app/assessment_inner.h"
#include "app/row_change.h"
#include "base/canon.h"

#define R(r) ROLES(ROLE_##r)
#define ROWS_SLICE 200 /* rows an event */

/* A unit with its rows, which stand together, and what they come to. */
typedef struct unit_sheet {
    int64_t unit_id, score_id;
    const counted_row *rows;
    size_t n_rows;
    int64_t firms, points_bp, place;
    assess_figure figures[ASSESS_MEASURES_MAX];
} unit_sheet;

typedef struct freezing {
    store_tx *tx;
    const call *c;
    int64_t assessment_id, round;
    policy_measure measures[ASSESS_MEASURES_MAX];
    size_t n_measures;
    unit_sheet *sheets;
    size_t n_sheets;
    currency currency; /* of the programme */
} freezing;

static void sheet_judge(freezing *z, unit_sheet *s)
{
    assess_row *rows = ARENA_NEW(z->c->a, assess_row, s->n_rows);
    for (size_t i = 0; i < s->n_rows; i++) {
        rows[i] = s->rows[i].row;
        s->firms += rows[i].listed;
    }
    for (size_t m = 0; m < z->n_measures; m++) {
        s->figures[m] = assess_judge(&z->measures[m], s->unit_id, rows, s->n_rows);
        s->points_bp += s->figures[m].points_bp;
    }
    TQ_ASSERT(s->points_bp <= ASSESS_WHOLE + (int64_t)z->n_measures); /* each rounds half up */
}

static int by_points(const void *x, const void *y)
{
    const unit_sheet *a = x;
    const unit_sheet *b = y;
    if (a->points_bp != b->points_bp) {
        return a->points_bp > b->points_bp ? -1 : 1;
    }
    return a->unit_id < b->unit_id ? -1 : a->unit_id > b->unit_id;
}

/* Equal points share a place, and the next one is left out. */
static void sheets_place(freezing *z)
{
    qsort(z->sheets, z->n_sheets, sizeof *z->sheets, by_points);
    for (size_t i = 0; i < z->n_sheets; i++) {
        unit_sheet *s = &z->sheets[i];
        const bool tie = i > 0 && s[-1].points_bp == s->points_bp;
        s->place = tie ? s[-1].place : (int64_t)i + 1;
    }
}

static void sheets_make(freezing *z, const counted_row *rows, size_t n)
{
    z->sheets = ARENA_NEW(z->c->a, unit_sheet, n + 1);
    for (size_t i = 0; i < n;) {
        unit_sheet s = {.unit_id = rows[i].row.unit_id, .rows = &rows[i]};
        while (i < n && rows[i].row.unit_id == s.unit_id) {
            s.n_rows++;
            i++;
        }
        sheet_judge(z, &s);
        z->sheets[z->n_sheets++] = s;
    }
    sheets_place(z);
}

/* 8142 basis points are 81.42 %, minor units an amount of the programme's currency. */
static str said(const freezing *z, measure_figure figure, int64_t n)
{
    BUF_AUTO buf b = buf_max(64);
    switch (assess_unit(figure)) {
    case ASSESS_SHARE:
        buf_printf(&b, "%lld.%02lld%%", (long long)n / 100, (long long)n % 100);
        break;
    case ASSESS_AMOUNT:
        money_print_grouped((money){n}, &z->currency, &b);
        break;
    case ASSESS_COUNT:
        buf_printf(&b, "%lld", (long long)n);
        break;
    }
    return arena_copy(z->c->a, buf_view(&b));
}

static tq_code figures_write(const freezing *z, event *e, const unit_sheet *s, tq_err *err)
{
    static const char *const units[] = {
        [ASSESS_SHARE] = "share", [ASSESS_AMOUNT] = "amount", [ASSESS_COUNT] = "count"};
    for (size_t m = 0; m < z->n_measures; m++) {
        const policy_measure *measure = &z->measures[m];
        const assess_figure *f = &s->figures[m];
        int64_t id = 0;
        TQ_TRY(event_new_row(z->tx, e, T_ASSESSMENT_FIGURE, &id, err));
        event_int(e, C_ASSESSMENT_FIGURE_PROGRAMME_ID, z->c->who.programme_id);
        event_int(e, C_ASSESSMENT_FIGURE_SCORE_ID, s->score_id);
        event_text(e, C_ASSESSMENT_FIGURE_MEASURE, str_of(assess_figure_name(measure->figure)));
        event_text(e, C_ASSESSMENT_FIGURE_LABEL_ZH, measure->label_zh);
        event_text(e, C_ASSESSMENT_FIGURE_LABEL_EN, measure->label_en);
        event_text(e, C_ASSESSMENT_FIGURE_UNIT, str_of(units[assess_unit(measure->figure)]));
        event_text(e, C_ASSESSMENT_FIGURE_SAID_VALUE, said(z, measure->figure, f->value));
        event_text(e, C_ASSESSMENT_FIGURE_SAID_TARGET, said(z, measure->figure, measure->target));
        event_int(e, C_ASSESSMENT_FIGURE_PART, f->part);
        event_int(e, C_ASSESSMENT_FIGURE_WHOLE, f->whole);
        event_int(e, C_ASSESSMENT_FIGURE_VALUE, f->value);
        event_int(e, C_ASSESSMENT_FIGURE_TARGET, measure->target);
        event_int(e, C_ASSESSMENT_FIGURE_WEIGHT_BP, measure->weight_bp);
        event_int(e, C_ASSESSMENT_FIGURE_ACHIEVED_BP, f->achieved_bp);
        event_int(e, C_ASSESSMENT_FIGURE_POINTS_BP, f->points_bp);
    }
    return TQ_OK;
}

static tq_code row_write(const freezing *z, event *e, const unit_sheet *s, const counted_row *r,
                         tq_err *err)
{
    int64_t id = 0;
    TQ_TRY(event_new_row(z->tx, e, T_ASSESSMENT_ROW, &id, err));
    event_int(e, C_ASSESSMENT_ROW_PROGRAMME_ID, z->c->who.programme_id);
    event_int(e, C_ASSESSMENT_ROW_SCORE_ID, s->score_id);
    event_int(e, C_ASSESSMENT_ROW_ORG_ID, r->row.org_id);
    event_int(e, C_ASSESSMENT_ROW_THEN_ID, r->then_id);
    event_int(e, C_ASSESSMENT_ROW_LISTED, r->row.listed);
    event_int(e, C_ASSESSMENT_ROW_VOUCHERS, r->row.vouchers);
    event_int(e, C_ASSESSMENT_ROW_PAID, r->row.paid);
    event_int(e, C_ASSESSMENT_ROW_VIOLATION, r->row.violation);
    event_int(e, C_ASSESSMENT_ROW_ISSUED_FEN, r->row.issued_fen);
    event_int(e, C_ASSESSMENT_ROW_REDEEMED_FEN, r->row.redeemed_fen);
    event_int(e, C_ASSESSMENT_ROW_CONTRACT_FEN, r->row.contract_fen);
    event_int(e, C_ASSESSMENT_ROW_ORDERS, r->row.orders);
    event_int(e, C_ASSESSMENT_ROW_CROSS_ORDERS, r->row.cross_orders);
    return TQ_OK;
}

static tq_code sheet_write(const freezing *z, unit_sheet *s, tq_err *err)
{
    event e = work_event(z->c, EV_ASSESSMENT_FREEZE);
    TQ_TRY(event_new_row(z->tx, &e, T_ASSESSMENT_SCORE, &s->score_id, err));
    event_int(&e, C_ASSESSMENT_SCORE_PROGRAMME_ID, z->c->who.programme_id);
    event_int(&e, C_ASSESSMENT_SCORE_ASSESSMENT_ID, z->assessment_id);
    event_int(&e, C_ASSESSMENT_SCORE_ROUND, z->round);
    event_int(&e, C_ASSESSMENT_SCORE_UNIT_ID, s->unit_id);
    event_int(&e, C_ASSESSMENT_SCORE_FIRMS, s->firms);
    event_int(&e, C_ASSESSMENT_SCORE_POINTS_BP, s->points_bp);
    event_int(&e, C_ASSESSMENT_SCORE_PLACE, s->place);
    TQ_TRY(figures_write(z, &e, s, err));
    TQ_TRY(event_append(z->tx, &e, NULL, err));
    for (size_t i = 0; i < s->n_rows;) {
        event part = work_event(z->c, EV_ASSESSMENT_FREEZE);
        for (size_t k = 0; k < ROWS_SLICE && i < s->n_rows; k++, i++) {
            TQ_TRY(row_write(z, &part, s, &s->rows[i], err));
        }
        TQ_TRY(event_append(z->tx, &part, NULL, err));
    }
    return TQ_OK;
}

/* R-ASSESS-020: by the policy under which the year was opened; a target does not move after the fact. */
static tq_code count_all(app *a, freezing *z, const event_value *row, tq_err *err)
{
    const policy *p = NULL;
    const call *c = z->c;
    unit_map *units = NULL;
    counted_row *rows = NULL;
    zone *at = NULL;
    size_t n = 0;
    event_value programme[AUDITED_COLS_MAX];
    const day base = {(int32_t)row_num(row, C_ASSESSMENT_BASE_DAY)};
    TQ_TRY(app_policy_by_id(a, z->tx, row_num(row, C_ASSESSMENT_POLICY_ID), &p, err));
    TQ_TRY(policy_measures(p, base, z->measures, ASSESS_MEASURES_MAX, &z->n_measures, err));
    TQ_TRY(unit_map_read(z->tx, c->a, &units, err));
    TQ_TRY(row_load(z->tx, T_PROGRAMME, c->who.programme_id, c->a, programme, err));
    TQ_TRY(currency_of(row_str(programme, C_PROGRAMME_CURRENCY), &z->currency, err));
    TQ_TRY(zone_open(arena_copy(c->a, row_str(programme, C_PROGRAMME_ZONE)).data, &at, err));
    assess_frame f = {
        .programme_id = c->who.programme_id,
        .assessment_id = z->assessment_id,
        .from = {(int32_t)row_num(row, C_ASSESSMENT_FROM_DAY)},
        .to = {(int32_t)row_num(row, C_ASSESSMENT_TO_DAY)},
        .base = base,
        .by_paid_day = z->measures[0].by_paid_day,
        .units = units,
        .zone = at,
    };
    tq_code counted = policy_findings_counted(p, base, f.counted, err);
    counted = counted != TQ_OK ? counted : assess_count(z->tx, &f, c->a, &rows, &n, err);
    zone_free(at);
    TQ_TRY(counted);
    sheets_make(z, rows, n);
    return TQ_OK;
}

tq_code assessment_freeze(app *a, const call *c, int64_t assessment_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, R(OFFICE), &tx, err));
    TQ_TRY(assessment_load(tx, c, assessment_id, "listed", row, err));
    if (row_num(row, C_ASSESSMENT_TO_DAY) >= c->today.n) {
        return tq_fail(err, TQ_CONFLICT, "not_yet", "assessment", "the year is not over");
    }
    freezing z = {.tx = tx,
                  .c = c,
                  .assessment_id = assessment_id,
                  .round = row_num(row, C_ASSESSMENT_ROUND) + 1};
    TQ_TRY(count_all(a, &z, row, err));
    for (size_t i = 0; i < z.n_sheets; i++) {
        TQ_TRY(sheet_write(&z, &z.sheets[i], err));
    }
    event e = work_event(c, EV_ASSESSMENT_FREEZE);
    TQ_TRY(act_once(tx, c, &e, T_ASSESSMENT, assessment_id, "freeze", err));
    event_change(&e, T_ASSESSMENT, assessment_id);
    event_text(&e, C_ASSESSMENT_STATE, STR("frozen"));
    event_int(&e, C_ASSESSMENT_ROUND, z.round);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code assessment_reopen(app *a, const call *c, int64_t assessment_id, str cause, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    int64_t decision = 0;
    TQ_TRY(line_need(cause, "assessment.cause", err));
    TQ_TRY(work_begin(a, c, R(OFFICE) | R(GROUP), &tx, err));
    TQ_TRY(assessment_load(tx, c, assessment_id, "frozen", row, err));
    event e = work_event(c, EV_ASSESSMENT_REOPEN);
    TQ_TRY(decision_add(tx, c, &e, T_ASSESSMENT, assessment_id, "reopened",
                        arena_copy(c->a, cause).data, row_num(row, C_ASSESSMENT_POLICY_ID), STR(""),
                        STR(""), NULL, &decision, err));
    event_change(&e, T_ASSESSMENT, assessment_id);
    event_text(&e, C_ASSESSMENT_STATE, STR("listed"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code assessment_publish(app *a, const call *c, int64_t assessment_id,
                           const decision_paper *paper, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    int64_t open = 0;
    int64_t decision = 0;
    TQ_TRY(line_need(paper->number, "paper.number", err));
    TQ_TRY(work_begin(a, c, R(GROUP), &tx, err));
    TQ_TRY(assessment_load(tx, c, assessment_id, "frozen", row, err));
    TQ_TRY(store_int(tx, STMT_ASSESSMENT_CONTESTS_OPEN, ARGS(arg_int(assessment_id)), 0, &open,
                     err));
    if (open != 0) {
        return tq_fail(err, TQ_CONFLICT, "contest_open", "assessment",
                       "%lld contests of townships wait for an answer", (long long)open);
    }
    event e = work_event(c, EV_ASSESSMENT_PUBLISH);
    TQ_TRY(act_once(tx, c, &e, T_ASSESSMENT, assessment_id, "publish", err));
    TQ_TRY(decision_add(tx, c, &e, T_ASSESSMENT, assessment_id, "published", "published",
                        row_num(row, C_ASSESSMENT_POLICY_ID), STR(""), STR(""), paper, &decision,
                        err));
    event_change(&e, T_ASSESSMENT, assessment_id);
    event_text(&e, C_ASSESSMENT_STATE, STR("published"));
    event_int(&e, C_ASSESSMENT_DECISION_ID, decision);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code assessment_withdraw(app *a, const call *c, int64_t assessment_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, R(OFFICE), &tx, err));
    TQ_TRY(assessment_load(tx, c, assessment_id, "listed", row, err));
    event e = work_event(c, EV_ASSESSMENT_WITHDRAW);
    event_change(&e, T_ASSESSMENT, assessment_id);
    event_text(&e, C_ASSESSMENT_STATE, STR("withdrawn"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* --- for whoever counts again ------------------------------------------------------------------------- */

static tq_code export_rows(store_tx *tx, const store_arg *args, canon *w, tq_err *err)
{
    static const char *const keys[] = {"then",      "listed",      "vouchers",     "paid",
                                       "violation", "issued_fen",  "redeemed_fen", "contract_fen",
                                       "orders",    "cross_orders"};
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_ASSESSMENT_EXPORT_ROWS, args, 2, &r, err));
    canon_key(w, "rows");
    canon_list(w);
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        canon_open(w);
        canon_kint(w, "unit", row_int(&r));
        canon_kint(w, "org", row_int(&r));
        canon_kstr(w, "credit_code", row_text(&r));
        for (size_t i = 0; i < TQ_COUNT(keys); i++) {
            canon_kint(w, keys[i], row_int(&r));
        }
        canon_close(w);
    }
    canon_list_end(w);
    return TQ_OK;
}

static tq_code export_figures(store_tx *tx, const store_arg *args, canon *w, tq_err *err)
{
    static const char *const keys[] = {"part",      "whole",       "value",    "target",
                                       "weight_bp", "achieved_bp", "points_bp"};
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_ASSESSMENT_EXPORT_FIGURES, args, 2, &r, err));
    canon_key(w, "figures");
    canon_list(w);
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        canon_open(w);
        canon_kint(w, "unit", row_int(&r));
        canon_kstr(w, "name", row_text(&r));
        canon_kint(w, "place", row_int(&r));
        canon_kint(w, "score_bp", row_int(&r));
        canon_kint(w, "firms", row_int(&r));
        canon_kstr(w, "measure", row_text(&r));
        canon_kstr(w, "kind", row_text(&r));
        for (size_t i = 0; i < TQ_COUNT(keys); i++) {
            canon_kint(w, keys[i], row_int(&r));
        }
        canon_close(w);
    }
    canon_list_end(w);
    return TQ_OK;
}

/* R-ASSESS-030. Which day of money decides for whom it counts. */
static tq_code export_attribution(app *a, store_tx *tx, const event_value *row, canon *w,
                                  tq_err *err)
{
    policy_measure measures[ASSESS_MEASURES_MAX];
    size_t n = 0;
    const policy *p = NULL;
    const day base = {(int32_t)row_num(row, C_ASSESSMENT_BASE_DAY)};
    TQ_TRY(app_policy_by_id(a, tx, row_num(row, C_ASSESSMENT_POLICY_ID), &p, err));
    TQ_TRY(policy_measures(p, base, measures, ASSESS_MEASURES_MAX, &n, err));
    canon_kstr(w, "attribution", measures[0].by_paid_day ? STR("paid_day") : STR("order_day"));
    return TQ_OK;
}

/* Firms of the list of the base day that were taken off it, and why (P-32). */
static tq_code export_removed(store_tx *tx, const store_arg *args, canon *w, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    canon_key(w, "removed");
    canon_list(w);
    TQ_TRY(store_query(tx, STMT_ASSESSMENT_EXPORT_REMOVED, args, 2, &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            canon_list_end(w);
            return TQ_OK;
        }
        canon_open(w);
        canon_kint(w, "unit", row_int(&r));
        canon_kint(w, "firm", row_int(&r));
        canon_kstr(w, "credit_code", row_text(&r));
        canon_kstr(w, "cause", row_text(&r));
        canon_close(w);
    }
}

tq_code assessment_export(app *a, const call *c, int64_t assessment_id, int64_t unit_id, buf *out,
                          tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(assessment_load(tx, c, assessment_id, NULL, row, err));
    if (row_num(row, C_ASSESSMENT_ROUND) == 0) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "assessment", "it has no figures yet");
    }
    const store_arg args[] = {arg_int(assessment_id), arg_int(unit_id)};
    canon w = canon_to(out);
    canon_open(&w);
    canon_kstr(&w, "format", STR("tongquan-assessment-1"));
    canon_kint(&w, "year", row_num(row, C_ASSESSMENT_YEAR));
    canon_kint(&w, "round", row_num(row, C_ASSESSMENT_ROUND));
    canon_kint(&w, "policy", row_num(row, C_ASSESSMENT_POLICY_ID));
    canon_kstr(&w, "state", row_str(row, C_ASSESSMENT_STATE));
    canon_kint(&w, "base_day", row_num(row, C_ASSESSMENT_BASE_DAY));
    canon_kint(&w, "from_day", row_num(row, C_ASSESSMENT_FROM_DAY));
    canon_kint(&w, "to_day", row_num(row, C_ASSESSMENT_TO_DAY));
    TQ_TRY(export_attribution(a, tx, row, &w, err));
    TQ_TRY(export_removed(tx, args, &w, err));
    TQ_TRY(export_figures(tx, args, &w, err));
    TQ_TRY(export_rows(tx, args, &w, err));
    canon_close(&w);
    return TQ_OK;
}
