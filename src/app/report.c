/* SPDX-License-Identifier: Apache-2.0 */
#include "app/report.h"

#include <stdlib.h>

#define FLOW_PAGE 500

tq_code report_programme(app *a, arena *mem, programme_face *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_PROGRAMME_FIRST, NO_ARGS, &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "no_programme", "programme",
                       "the installation runs no programme yet; make one with `tongquan init`");
    }
    out->id = row_int(&r);
    out->code = row_copy(&r, mem);
    out->name_zh = row_copy(&r, mem);
    out->name_en = row_copy(&r, mem);
    out->zone = row_copy(&r, mem);
    return TQ_OK;
}

/* First instant after the day, by which events are bounded. */
static tq_code end_of(const programme_face *p, day until, int64_t *us, tq_err *err)
{
    zone *z = NULL;
    TQ_TRY(zone_open(p->zone.data, &z, err));
    *us = zone_day_start(z, day_add(until, 1)).us;
    zone_free(z);
    return TQ_OK;
}

static tq_code services(store_tx *tx, int64_t programme_id, day until, arena *mem,
                        report_headline *h, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_REPORT_SERVICES, ARGS(arg_int(programme_id), arg_int(until.n)), &r,
                       err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        if (h->n_services == REPORT_KINDS_MAX) {
            return tq_fail(err, TQ_LIMIT, "report_kinds", "services",
                           "more than %d kinds of service", REPORT_KINDS_MAX);
        }
        report_service *s = &h->services[h->n_services++];
        s->kind = row_copy(&r, mem);
        s->count = row_int(&r);
    }
}

tq_code report_headline_of(app *a, const programme_face *p, day until, arena *mem,
                           report_headline *out, tq_err *err)
{
    int64_t end = 0;
    TQ_TRY(end_of(p, until, &end, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    report_headline h = {.until = until};
    const store_arg by_time[] = {arg_int(p->id), arg_int(end)};
    const store_arg by_day[] = {arg_int(p->id), arg_int(until.n)};
    TQ_TRY(store_int(tx, STMT_REPORT_ISSUED, by_time, 2, 0, &h.issued.minor, err));
    TQ_TRY(store_int(tx, STMT_REPORT_REDEEMED, by_time, 2, 0, &h.redeemed.minor, err));
    TQ_TRY(store_int(tx, STMT_REPORT_ENTERPRISES, by_time, 2, 0, &h.enterprises, err));
    TQ_TRY(store_int(tx, STMT_REPORT_INDUCED, by_day, 2, 0, &h.induced.minor, err));
    TQ_TRY(services(tx, p->id, until, mem, &h, err));
    h.rate = money_rate_half_up(h.redeemed, h.issued);
    h.own.minor = h.induced.minor - h.redeemed.minor;
    *out = h;
    return TQ_OK;
}

static tq_code flow_cell(report_flow *f, str region, int year, arena *mem, report_flow_cell **out,
                         tq_err *err)
{
    for (int i = 0; i < f->n; i++) {
        if (f->cells[i].year == year && str_eq(f->cells[i].region, region)) {
            *out = &f->cells[i];
            return TQ_OK;
        }
    }
    if (f->n == REPORT_CELLS_MAX) {
        return tq_fail(err, TQ_LIMIT, "report_cells", "flow", "more than %d regions and years",
                       REPORT_CELLS_MAX);
    }
    *out = &f->cells[f->n++];
    **out = (report_flow_cell){.region = arena_copy(mem, region), .year = year};
    return TQ_OK;
}

static tq_code flow_contracts(store_tx *tx, int64_t programme_id, day until, arena *mem,
                              report_flow *f, tq_err *err)
{
    int64_t last = 0;
    for (int got = FLOW_PAGE; got == FLOW_PAGE;) {
        ROWS_AUTO store_rows r = {0};
        TQ_TRY(store_query(tx, STMT_REPORT_FLOW_CONTRACTS,
                           ARGS(arg_int(programme_id), arg_int(last), arg_int(FLOW_PAGE)), &r,
                           err));
        got = 0;
        for (bool more = true;;) {
            TQ_TRY(rows_next(&r, &more, err));
            if (!more) {
                break;
            }
            const str region = row_copy(&r, mem);
            const day confirmed = {(int32_t)row_int(&r)};
            const int64_t contract = row_int(&r);
            last = row_int(&r);
            got++;
            if (confirmed.n > until.n) {
                continue;
            }
            report_flow_cell *c = NULL;
            TQ_TRY(flow_cell(f, region, day_ymd(confirmed).year, mem, &c, err));
            c->orders++;
            c->contract.minor += contract;
        }
    }
    return TQ_OK;
}

static int by_year_and_region(const void *x, const void *y)
{
    const report_flow_cell *a = x;
    const report_flow_cell *b = y;
    return a->year != b->year ? a->year - b->year : str_cmp(a->region, b->region);
}

tq_code report_flow_of(app *a, const programme_face *p, day until, arena *mem, report_flow *out,
                       tq_err *err)
{
    int64_t end = 0;
    TQ_TRY(end_of(p, until, &end, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    out->n = 0;
    TQ_TRY(flow_contracts(tx, p->id, until, mem, out, err));
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_REPORT_REGION_PAID, ARGS(arg_int(p->id), arg_int(end)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        const str region = row_text(&r);
        report_flow_cell *c = NULL;
        /* The year of the order, so that contract and voucher of one order stand in one row. */
        const int year = day_ymd((day){(int32_t)row_int(&r)}).year;
        TQ_TRY(flow_cell(out, region, year, mem, &c, err));
        c->voucher.minor += row_int(&r);
    }
    for (int i = 0; i < out->n; i++) {
        out->cells[i].own.minor = out->cells[i].contract.minor - out->cells[i].voucher.minor;
    }
    qsort(out->cells, (size_t)out->n, sizeof out->cells[0], by_year_and_region);
    return TQ_OK;
}

static bool same_fund_row(const report_fund_row *x, const report_fund_row *y)
{
    return x->year == y->year && str_eq(x->source, y->source) && str_eq(x->kind, y->kind) &&
           str_eq(x->document, y->document);
}

tq_code report_funds_of(app *a, const programme_face *p, day until, arena *mem, report_funds *out,
                        tq_err *err)
{
    int64_t end = 0;
    TQ_TRY(end_of(p, until, &end, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_REPORT_FUNDS, ARGS(arg_int(p->id), arg_int(end)), &r, err));
    out->n = 0;
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        report_fund_row row = {0};
        row.source = row_copy(&r, mem);
        row.name = row_copy(&r, mem);
        row.class = row_copy(&r, mem);
        row.origin = row_copy(&r, mem);
        row.kind = row_copy(&r, mem);
        row.year = row_int(&r);
        row.document = row_copy(&r, mem);
        ledger_account account;
        const bool known = ledger_account_of(row_text(&r), &account);
        TQ_ASSERT(known);
        if (out->n == 0 || !same_fund_row(&out->rows[out->n - 1], &row)) {
            if (out->n == REPORT_CELLS_MAX) {
                return tq_fail(err, TQ_LIMIT, "report_cells", "funds", "more than %d sources",
                               REPORT_CELLS_MAX);
            }
            out->rows[out->n++] = row;
        }
        out->rows[out->n - 1].balance[account] = row_int(&r);
    }
}
