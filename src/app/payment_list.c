/* SPDX-License-Identifier: Apache-2.0 */
#include "app/payment_list.h"

#include <stdio.h>

#include "app/settle_inner.h"
#include "app/voucher_inner.h"

/* One table: token of the scheme, heading; the cells are filled in this order. */
/* clang-format off */
#define PAYMENT_COLUMNS(X)                                                                    \
    X(seq, "序号") X(payment_no, "支付编号") X(register_no, "备案号") X(claim_no, "兑现编号")   \
    X(holder, "主体全称") X(credit_code, "统一社会信用代码") X(township, "乡镇")                \
    X(institution, "服务机构") X(region, "地区") X(kind_voucher, "券类券号")                    \
    X(contract, "合同额(含税)") X(base, "兑现基数") X(rate, "比例") X(asked, "申请额")          \
    X(adjusted, "核减额") X(approved, "核定额") X(set_off, "抵扣额") X(account_name, "户名")    \
    X(bank, "开户行全称") X(bank_code, "联行号") X(account_no, "账号")                          \
    X(function_code, "功能分类科目") X(gov_econ_code, "政府经济分类")                           \
    X(dept_econ_code, "部门经济分类") X(project_code, "项目代码") X(nature, "资金性质")         \
    X(pay_mode, "支付方式") X(budget_doc, "指标文号") X(note, "备注") X(amount, "支付额")
/* clang-format on */

typedef enum payment_column {
#define X(token, zh) COL_##token,
    PAYMENT_COLUMNS(X)
#undef X
        COL_COUNT
} payment_column;

static const struct column_row {
    const char *token;
    const char *zh;
} column_rows[COL_COUNT] = {
#define X(token, zh) [COL_##token] = {#token, zh},
    PAYMENT_COLUMNS(X)
#undef X
};

typedef struct list_row {
    str cell[COL_COUNT];
    int64_t line_id, part_id, amount;
    str budget; /* codes of the part, for its total */
} list_row;

typedef struct list_build {
    arena *a;
    currency unit;
    payment_column order[COL_COUNT + 2];
    size_t columns;
    buf out;
    int64_t count, total;
    int64_t part_id, part_total, part_rows;
    str part_budget;
    int64_t last_line;
} list_build;

static bool column_of(str token, payment_column *out)
{
    for (int i = 0; i < COL_COUNT; i++) {
        if (str_eq(token, str_of(column_rows[i].token))) {
            *out = (payment_column)i;
            return true;
        }
    }
    return false;
}

bool payment_column_known(str token, const char **zh)
{
    payment_column c = COL_COUNT;
    if (!column_of(token, &c)) {
        return false;
    }
    if (zh != NULL) {
        *zh = column_rows[c].zh;
    }
    return true;
}

static bool column_named(const list_build *b, payment_column c)
{
    for (size_t i = 0; i < b->columns; i++) {
        if (b->order[i] == c) {
            return true;
        }
    }
    return false;
}

/* R-LIST-010, I12: the scheme as it stood on the day of release; a later version leaves old lists alone. */
static tq_code policy_then(app *a, store_tx *tx, int64_t programme_id, day released,
                           const policy **p, tq_err *err)
{
    int64_t id = 0;
    TQ_ASSERT(released.n > 0);
    TQ_TRY(store_int(tx, STMT_PAYMENT_LIST_POLICY, ARGS(arg_int(programme_id), arg_int(released.n)),
                     0, &id, err));
    return id != 0 ? app_policy_by_id(a, tx, id, p, err)
                   : app_policy(a, tx, programme_id, &id, p, err);
}

/* Number and amount are what the bank answers with: they stand in the list whether named or not. */
static tq_code columns_read(app *a, store_tx *tx, int64_t programme_id, day released, list_build *b,
                            tq_err *err)
{
    const policy *p = NULL;
    const str *names = NULL;
    size_t n = 0;
    TQ_TRY(policy_then(a, tx, programme_id, released, &p, err));
    TQ_TRY(policy_payment_columns(p, &names, &n, err));
    for (size_t i = 0; i < n; i++) {
        payment_column c = COL_COUNT;
        if (!column_of(names[i], &c) || column_named(b, c)) {
            return tq_fail(err, TQ_INVALID, "payment_column", "policy.columns",
                           "%.*s is no column of the payment list, or stands there twice",
                           STR_ARG(names[i]));
        }
        b->order[b->columns++] = c;
    }
    if (!column_named(b, COL_payment_no)) {
        memmove(&b->order[1], &b->order[0], sizeof b->order[0] * b->columns);
        b->order[0] = COL_payment_no;
        b->columns++;
    }
    if (!column_named(b, COL_amount)) {
        b->order[b->columns++] = COL_amount;
    }
    TQ_ASSERT(b->columns <= COL_COUNT);
    return TQ_OK;
}

static str amount_text(const list_build *b, int64_t fen)
{
    BUF_AUTO buf t = buf_max(64);
    money_print((money){fen}, &b->unit, &t);
    TQ_ASSERT(buf_ok(&t));
    return arena_copy(b->a, buf_view(&t));
}

/* What it came to, for the reader; the policy's rate stands in the decision. */
static str rate_text(const list_build *b, int64_t approved, int64_t base)
{
    if (base == 0) {
        return STR("");
    }
    const bps rate = money_rate_half_up((money){approved}, (money){base});
    return arena_printf(b->a, "%d.%02d%%", rate.n / 100, rate.n % 100);
}

/* Finance finds a part by all its codes together. */
static str budget_text(list_build *b, const list_row *r)
{
    return arena_printf(b->a, "%.*s %.*s %.*s %.*s %.*s %.*s %.*s",
                        STR_ARG(r->cell[COL_budget_doc]), STR_ARG(r->cell[COL_project_code]),
                        STR_ARG(r->cell[COL_function_code]), STR_ARG(r->cell[COL_gov_econ_code]),
                        STR_ARG(r->cell[COL_dept_econ_code]), STR_ARG(r->cell[COL_nature]),
                        STR_ARG(r->cell[COL_pay_mode]));
}

/* Reads one row in the order of the statement. */
static void row_read(list_build *b, store_rows *q, list_row *r)
{
    r->line_id = row_int(q);
    r->cell[COL_seq] = arena_printf(b->a, "%lld", (long long)row_int(q));
    r->cell[COL_payment_no] = row_copy(q, b->a);
    const int64_t set_off = row_int(q);
    r->cell[COL_set_off] = amount_text(b, set_off);
    r->cell[COL_note] = set_off > 0 ? STR("已抵扣应追回款") : STR("");
    r->cell[COL_register_no] = row_copy(q, b->a);
    r->cell[COL_claim_no] = row_copy(q, b->a);
    const int64_t base = row_int(q);
    r->cell[COL_base] = amount_text(b, base);
    r->cell[COL_asked] = amount_text(b, row_int(q));
    r->cell[COL_adjusted] = amount_text(b, row_int(q));
    const int64_t approved = row_int(q);
    r->cell[COL_approved] = amount_text(b, approved);
    r->cell[COL_rate] = rate_text(b, approved, base);
    r->cell[COL_credit_code] = row_copy(q, b->a);
    r->cell[COL_holder] = row_copy(q, b->a);
    r->cell[COL_township] = row_copy(q, b->a);
    r->cell[COL_institution] = row_copy(q, b->a);
    r->cell[COL_region] = row_copy(q, b->a);
    const str kind = row_copy(q, b->a);
    const str voucher = row_copy(q, b->a);
    r->cell[COL_kind_voucher] = arena_printf(b->a, "%.*s %.*s", STR_ARG(kind), STR_ARG(voucher));
    r->cell[COL_contract] = amount_text(b, row_int(q));
    r->cell[COL_account_name] = row_copy(q, b->a);
    r->cell[COL_bank] = row_copy(q, b->a);
    r->cell[COL_bank_code] = row_copy(q, b->a);
    r->cell[COL_account_no] = row_copy(q, b->a);
    r->part_id = row_int(q);
    r->cell[COL_budget_doc] = row_copy(q, b->a);
    r->cell[COL_project_code] = row_copy(q, b->a);
    r->cell[COL_function_code] = row_copy(q, b->a);
    r->cell[COL_gov_econ_code] = row_copy(q, b->a);
    r->cell[COL_dept_econ_code] = row_copy(q, b->a);
    r->cell[COL_nature] = row_copy(q, b->a);
    r->cell[COL_pay_mode] = row_copy(q, b->a);
    r->amount = row_int(q);
    r->cell[COL_amount] = amount_text(b, r->amount);
    r->budget = budget_text(b, r);
}

/* A row of two or three cells: totals and foot. */
static void foot_row(list_build *b, const char *name, str one, str two)
{
    csv_cell(&b->out, str_of(name), true);
    csv_cell(&b->out, one, false);
    if (two.len > 0) {
        csv_cell(&b->out, two, false);
    }
    csv_end_row(&b->out);
}

/* Finance posts each budget line for itself, so each part ends with its own total. */
static void part_end(list_build *b)
{
    TQ_ASSERT(b->part_total >= 0);
    if (b->part_rows > 0) {
        foot_row(b, "小计", b->part_budget, amount_text(b, b->part_total));
    }
    b->part_rows = 0;
    b->part_total = 0;
}

static void row_write(list_build *b, const list_row *r)
{
    if (r->part_id != b->part_id) {
        part_end(b);
        b->part_id = r->part_id;
        b->part_budget = r->budget;
    }
    TQ_ASSERT(r->amount > 0); /* a line that is wholly set off has no leg into transit */
    for (size_t i = 0; i < b->columns; i++) {
        csv_cell(&b->out, r->cell[b->order[i]], i == 0);
    }
    csv_end_row(&b->out);
    b->part_rows++;
    b->part_total += r->amount;
    b->total += r->amount;
}

/* Row by row with a small arena: a list of a year has tens of thousands. */
static tq_code rows_write(store_tx *tx, int64_t batch_id, day released, list_build *b, tq_err *err)
{
    arena *whole = b->a;
    ARENA_AUTO arena *scratch = arena_new("payment list row", 1024 * 1024);
    ROWS_AUTO store_rows q = {0};
    TQ_TRY(store_query(tx, STMT_PAYMENT_LIST_ROWS, ARGS(arg_int(batch_id), arg_int(released.n)), &q,
                       err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&q, &more, err));
        if (!more) {
            break;
        }
        list_row r = {0};
        arena_reset(scratch);
        b->a = scratch;
        row_read(b, &q, &r);
        b->a = whole;
        r.budget = r.part_id == b->part_id ? b->part_budget : arena_copy(whole, r.budget);
        row_write(b, &r);
    }
    part_end(b);
    return TQ_OK;
}

static tq_code foot_write(const event_value *row, list_build *b, tq_err *err)
{
    char sm3[65];
    BUF_AUTO buf capitals = buf_max(512);
    if (b->total != row_num(row, C_BATCH_TOTAL_FEN)) { /* I12: list, batch and ledger are one sum */
        return tq_fail(err, TQ_CORRUPT, "list_total", "batch.total",
                       "the legs of the release do not add up to the batch");
    }
    money_print_capitals((money){b->total}, &capitals);
    foot_row(b, "批次", row_str(row, C_BATCH_NUMBER), row_str(row, C_BATCH_PERIOD));
    foot_row(b, "笔数", arena_printf(b->a, "%lld", (long long)row_num(row, C_BATCH_COUNT)),
             STR(""));
    foot_row(b, "合计", amount_text(b, b->total), STR(""));
    foot_row(b, "合计(大写)", buf_view(&capitals), STR(""));
    if (!buf_ok(&b->out)) {
        return tq_fail(err, TQ_LIMIT, "payment_list", "batch", "the list is larger than %d bytes",
                       PAYMENT_LIST_MAX);
    }
    digest_hex(hash_of(HASH_SM3, buf_view(&b->out)), sm3);
    foot_row(b, "SM3", str_of(sm3), STR(""));
    return TQ_OK;
}

static tq_code list_fill(app *a, store_tx *tx, int64_t batch_id, const event_value *row,
                         list_build *b, tq_err *err)
{
    event_value programme[AUDITED_COLS_MAX];
    const int64_t programme_id = row_num(row, C_BATCH_PROGRAMME_ID);
    TQ_TRY(row_load(tx, T_PROGRAMME, programme_id, b->a, programme, err));
    TQ_TRY(currency_of(row_str(programme, C_PROGRAMME_CURRENCY), &b->unit, err));
    const day released = {(int32_t)row_num(row, C_BATCH_RELEASED_DAY)};
    TQ_TRY(columns_read(a, tx, programme_id, released, b, err));
    for (size_t i = 0; i < b->columns; i++) {
        csv_cell(&b->out, str_of(column_rows[b->order[i]].zh), i == 0);
    }
    csv_end_row(&b->out);
    TQ_TRY(rows_write(tx, batch_id, released, b, err));
    return foot_write(row, b, err);
}

/* A release goes in slices: before the last one the list would lack payments that the foot counts. */
static tq_code whole_released(store_tx *tx, int64_t batch_id, tq_err *err)
{
    int64_t waiting = 0;
    TQ_ASSERT(batch_id > 0);
    TQ_TRY(store_int(tx, STMT_BATCH_LINES_WAITING, ARGS(arg_int(batch_id)), 0, &waiting, err));
    if (waiting > 0) {
        return tq_fail(err, TQ_CONFLICT, "not_released", "batch",
                       "%lld lines were not released yet; release it again, that completes it",
                       (long long)waiting);
    }
    return TQ_OK;
}

tq_code payment_list_build(app *a, store_tx *tx, int64_t batch_id, csv_charset charset, arena *ar,
                           payment_list_file *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_BATCH, batch_id, ar, row, err));
    if (!row_is(row, C_BATCH_STATE, "released") && !row_is(row, C_BATCH_STATE, "sent") &&
        !row_is(row, C_BATCH_STATE, "reconciled") && !row_is(row, C_BATCH_STATE, "closed")) {
        return tq_fail(err, TQ_CONFLICT, "not_released", "batch", "the batch is %.*s",
                       STR_ARG(row_str(row, C_BATCH_STATE)));
    }
    TQ_TRY(whole_released(tx, batch_id, err));
    list_build b = {.a = ar, .out = buf_max(PAYMENT_LIST_MAX)};
    BUF_AUTO buf encoded = buf_max(PAYMENT_LIST_MAX);
    tq_code code = list_fill(a, tx, batch_id, row, &b, err);
    if (code == TQ_OK) {
        code = csv_encode(buf_view(&b.out), charset, &encoded, err);
    }
    buf_free(&b.out);
    TQ_TRY(code);
    payment_list_file f = {.bytes = arena_copy(ar, buf_view(&encoded))};
    f.exports = row_num(row, C_BATCH_EXPORTS);
    f.count = row_num(row, C_BATCH_COUNT);
    f.total_fen = row_num(row, C_BATCH_TOTAL_FEN);
    digest_hex(hash_of(HASH_SHA256, f.bytes), f.sha256);
    (void)snprintf(f.name, sizeof f.name, "%.*s.csv", STR_ARG(row_str(row, C_BATCH_NUMBER)));
    *out = f;
    return TQ_OK;
}

/* Counted in the log with the hash of its bytes: a second copy is a fact that auditors ask for. */
tq_code payment_list_export(app *a, const call *c, int64_t batch_id, csv_charset charset,
                            payment_list_file *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    payment_list_file f;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_FINANCE_MAKER) | ROLES(ROLE_FINANCE_CHECKER), &tx, err));
    TQ_TRY(run_load(tx, c, batch_id, row, err));
    TQ_TRY(payment_list_build(a, tx, batch_id, charset, c->a, &f, err));
    f.exports++;
    f.duplicate = f.exports > 1;
    if (f.duplicate) {
        (void)snprintf(f.name, sizeof f.name, "%.*s-copy%lld.csv",
                       STR_ARG(row_str(row, C_BATCH_NUMBER)), (long long)f.exports);
    }
    event e = work_event(c, EV_BATCH_EXPORT);
    event_change(&e, T_BATCH, batch_id);
    event_int(&e, C_BATCH_EXPORTS, f.exports);
    event_note(&e, "sha256", str_of(f.sha256));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = f;
    return TQ_OK;
}
