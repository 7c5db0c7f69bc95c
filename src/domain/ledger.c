/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/ledger.h"

#include "base/err.h"

static const struct account_row {
    const char *name;
    int dims;
} accounts[ACC_COUNT] = {
#define X(upper, lower, dims) [ACC_##upper] = {#lower, (dims)},
    LEDGER_ACCOUNT_MAP(X)
#undef X
};

const char *ledger_account_name(ledger_account a)
{
    TQ_ASSERT((unsigned)a < ACC_COUNT);
    return accounts[a].name;
}

bool ledger_account_of(str name, ledger_account *out)
{
    for (int a = 0; a < ACC_COUNT; a++) {
        if (str_eq(name, str_of(accounts[a].name))) {
            *out = (ledger_account)a;
            return true;
        }
    }
    return false;
}

bool ledger_may_be_negative(ledger_account a)
{
    return a == ACC_FUND || a == ACC_OVERCOMMIT;
}

static int64_t dimension(int dims, int which, int64_t from, int64_t with)
{
    if ((dims & which) == 0) {
        return 0;
    }
    return from != 0 ? from : with;
}

ledger_cell ledger_to(const ledger_cell *from, ledger_account account, const ledger_cell *with)
{
    TQ_ASSERT(from != NULL);
    TQ_ASSERT((unsigned)account < ACC_COUNT);
    static const ledger_cell nothing = {0};
    const ledger_cell *w = with == NULL ? &nothing : with;
    const int dims = accounts[account].dims;
    const ledger_cell to = {
        .account = account,
        .source_id = from->source_id,
        .year = from->year,
        .kind_id = from->kind_id,
        .voucher_id = dimension(dims, DIM_VOUCHER, from->voucher_id, w->voucher_id),
        .order_id = dimension(dims, DIM_ORDER, from->order_id, w->order_id),
        .claim_id = dimension(dims, DIM_CLAIM, from->claim_id, w->claim_id),
        .line_id = dimension(dims, DIM_LINE, from->line_id, w->line_id),
    };
    TQ_ASSERT(ledger_cell_sane(&to));
    return to;
}

static bool dimension_sane(int dims, int which, int64_t id)
{
    return (dims & which) != 0 ? id > 0 : id == 0;
}

bool ledger_cell_sane(const ledger_cell *c)
{
    if ((unsigned)c->account >= ACC_COUNT) {
        return false;
    }
    const int dims = accounts[c->account].dims;
    return c->source_id > 0 && c->year > 0 && c->kind_id > 0 &&
           dimension_sane(dims, DIM_VOUCHER, c->voucher_id) &&
           dimension_sane(dims, DIM_ORDER, c->order_id) &&
           dimension_sane(dims, DIM_CLAIM, c->claim_id) &&
           dimension_sane(dims, DIM_LINE, c->line_id);
}
