/* SPDX-License-Identifier: Apache-2.0 */
#include "app/report.h"

#include <stdio.h>

#include "base/canon.h"

static void kday(canon *c, const char *key, day d)
{
    BUF_AUTO buf text = buf_max(16);
    day_print(d, &text);
    canon_kstr(c, key, buf_view(&text));
}

void report_headline_write(const report_headline *r, buf *out)
{
    canon c = canon_to(out);
    canon_open(&c);
    kday(&c, "until", r->until);
    canon_kint(&c, "issued_fen", r->issued.minor);
    canon_kint(&c, "redeemed_fen", r->redeemed.minor);
    canon_kint(&c, "redemption_rate_bp", r->rate.n);
    canon_kint(&c, "induced_rd_fen", r->induced.minor);
    canon_kint(&c, "own_money_fen", r->own.minor);
    canon_kint(&c, "enterprises", r->enterprises);
    canon_key(&c, "services");
    canon_open(&c);
    for (int i = 0; i < r->n_services; i++) {
        TQ_ASSERT(r->services[i].kind.data != NULL);
        canon_kint(&c, r->services[i].kind.data, r->services[i].count);
    }
    canon_close(&c);
    canon_close(&c);
}

void report_flow_write(const report_flow *r, buf *out)
{
    canon c = canon_to(out);
    canon_open(&c);
    canon_key(&c, "flow");
    canon_list(&c);
    for (int i = 0; i < r->n; i++) {
        const report_flow_cell *cell = &r->cells[i];
        canon_open(&c);
        canon_kint(&c, "year", cell->year);
        canon_kstr(&c, "region", cell->region);
        canon_kint(&c, "orders", cell->orders);
        canon_kint(&c, "contract_fen", cell->contract.minor);
        canon_kint(&c, "voucher_fen", cell->voucher.minor);
        canon_kint(&c, "own_fen", cell->own.minor);
        canon_close(&c);
    }
    canon_list_end(&c);
    canon_close(&c);
}

void report_funds_write(const report_funds *r, buf *out)
{
    canon c = canon_to(out);
    canon_open(&c);
    canon_key(&c, "funds");
    canon_list(&c);
    for (int i = 0; i < r->n; i++) {
        const report_fund_row *row = &r->rows[i];
        canon_open(&c);
        canon_kstr(&c, "source", row->source);
        canon_kstr(&c, "name", row->name);
        canon_kstr(&c, "class", row->class);
        canon_kstr(&c, "origin", row->origin);
        canon_kstr(&c, "kind", row->kind);
        canon_kint(&c, "year", row->year);
        canon_kstr(&c, "document", row->document);
        for (int account = 0; account < ACC_COUNT; account++) {
            char key[32];
            (void)snprintf(key, sizeof key, "%s_fen", ledger_account_name((ledger_account)account));
            canon_kint(&c, key, row->balance[account]);
        }
        canon_close(&c);
    }
    canon_list_end(&c);
    canon_close(&c);
}
