/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>

#include "app/report.h"

#define ANSWER_MAX (4 * 1024 * 1024)

static void amount(buf *out, const currency *unit, const char *label, money m)
{
    buf_printf(out, "%-22s ", label);
    cli_amount_print(m.minor, unit, out);
    buf_char(out, '\n');
}

static void headline_text(const report_headline *h, const currency *unit, buf *out)
{
    amount(out, unit, "issued", h->issued);
    amount(out, unit, "redeemed", h->redeemed);
    buf_printf(out, "%-22s %d.%02d %%\n", "redemption rate", h->rate.n / 100, h->rate.n % 100);
    amount(out, unit, "induced R&D spending", h->induced);
    amount(out, unit, "of which own money", h->own);
    buf_printf(out, "%-22s %lld\n", "enterprises", (long long)h->enterprises);
    for (int i = 0; i < h->n_services; i++) {
        buf_printf(out, "%-22.*s %lld\n", STR_ARG(h->services[i].kind),
                   (long long)h->services[i].count);
    }
}

static void flow_text(const report_flow *f, const currency *unit, buf *out)
{
    for (int i = 0; i < f->n; i++) {
        const report_flow_cell *cell = &f->cells[i];
        buf_printf(out, "%d region %-8.*s orders %lld\n", cell->year, STR_ARG(cell->region),
                   (long long)cell->orders);
        amount(out, unit, "  contract", cell->contract);
        amount(out, unit, "  voucher", cell->voucher);
        amount(out, unit, "  own", cell->own);
    }
}

static void funds_text(const report_funds *f, const currency *unit, buf *out)
{
    for (int i = 0; i < f->n; i++) {
        const report_fund_row *row = &f->rows[i];
        buf_printf(out, "%.*s %lld (%.*s, %.*s)\n", STR_ARG(row->source), (long long)row->year,
                   STR_ARG(row->class), STR_ARG(row->origin));
        for (int account = 0; account < ACC_COUNT; account++) {
            if (row->balance[account] != 0) {
                char label[40];
                (void)snprintf(label, sizeof label, "  %s",
                               ledger_account_name((ledger_account)account));
                amount(out, unit, label, (money){row->balance[account]});
            }
        }
    }
}

static tq_code flow(const cli *c, app *site, const programme_face *p, day until,
                    const currency *unit, buf *out, tq_err *err)
{
    report_flow *f = ARENA_NEW(c->a, report_flow, 1);
    TQ_TRY(report_flow_of(site, p, until, c->a, f, err));
    if (cli_flag(c, "json")) {
        report_flow_write(f, out);
    } else {
        flow_text(f, unit, out);
    }
    return TQ_OK;
}

static tq_code funds(const cli *c, app *site, const programme_face *p, day until,
                     const currency *unit, buf *out, tq_err *err)
{
    report_funds *f = ARENA_NEW(c->a, report_funds, 1);
    TQ_TRY(report_funds_of(site, p, until, c->a, f, err));
    if (cli_flag(c, "json")) {
        report_funds_write(f, out);
    } else {
        funds_text(f, unit, out);
    }
    return TQ_OK;
}

tq_code verb_report(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    programme_face p = {0};
    currency unit = {"", 0};
    day until = DAY_NONE;
    const char *which = c->n_words == 1 ? c->words[0] : "";
    if (strcmp(which, "headline") != 0 && strcmp(which, "flow") != 0 &&
        strcmp(which, "funds") != 0) {
        return tq_fail(err, TQ_USAGE, "report_name", which,
                       "the reports are headline, flow and funds");
    }
    TQ_TRY(cli_day(c, "until", DAY_NONE, &until,
                   err)); /* a slip of the pen is told before anything is opened */
    TQ_TRY(cli_open(c, CLI_READ, &site, err));
    TQ_TRY(report_programme(site, c->a, &p, err));
    if (day_cmp(until, DAY_NONE) == 0) {
        TQ_TRY(cli_today(p.zone.data, &until, err)); /* as the public pages have it */
    }
    TQ_TRY(cli_unit(site, p.id, c->a, &unit, err));
    BUF_AUTO buf out = buf_max(ANSWER_MAX);
    if (strcmp(which, "flow") == 0) {
        TQ_TRY(flow(c, site, &p, until, &unit, &out, err));
    } else if (strcmp(which, "funds") == 0) {
        TQ_TRY(funds(c, site, &p, until, &unit, &out, err));
    } else {
        report_headline h;
        TQ_TRY(report_headline_of(site, &p, until, c->a, &h, err));
        if (cli_flag(c, "json")) {
            report_headline_write(&h, &out);
        } else {
            headline_text(&h, &unit, &out);
        }
    }
    return cli_print(c, &out, err);
}
