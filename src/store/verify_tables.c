/* SPDX-License-Identifier: Apache-2.0 */
#include "store/verify_inner.h"

#include "store/blob.h"

#include <stdio.h>

/* --- legs ---------------------------------------------------------------------------------------- */

typedef struct leg_record {
    int64_t event_id, n, programme_id;
    str account;
    ledger_leg leg;
} leg_record;

static void leg_record_read(store_rows *r, leg_record *out)
{
    out->n = row_int(r);
    const int64_t entry = row_int(r);
    out->leg.entry = entry < 0 || entry > EVENT_LEGS_MAX ? -1 : (int)entry;
    out->account = row_text(r);
    out->leg.cell.account = ACC_COUNT;
    (void)ledger_account_of(out->account, &out->leg.cell.account);
    out->leg.amount = row_int(r);
    out->programme_id = row_int(r);
    out->leg.cell.source_id = row_int(r);
    out->leg.cell.year = row_int(r);
    out->leg.cell.kind_id = row_int(r);
    out->leg.cell.voucher_id = row_int(r);
    out->leg.cell.order_id = row_int(r);
    out->leg.cell.claim_id = row_int(r);
    out->leg.cell.line_id = row_int(r);
}

static bool leg_same(const leg_record *r, const event *e)
{
    if (r->n < 1 || r->n > e->n_legs) {
        return false;
    }
    const ledger_leg *l = &e->legs[r->n - 1];
    const ledger_cell *a = &l->cell;
    const ledger_cell *b = &r->leg.cell;
    return l->entry == r->leg.entry && l->amount == r->leg.amount && a->account == b->account &&
           e->programme_id == r->programme_id && a->source_id == b->source_id &&
           a->year == b->year && a->kind_id == b->kind_id && a->voucher_id == b->voucher_id &&
           a->order_id == b->order_id && a->claim_id == b->claim_id && a->line_id == b->line_id;
}

/* Legs of one event against its body, one by one: only where a sum has shown that something is off. */
static tq_code explain_legs(verify *v, int64_t event_id, tq_err *err)
{
    event e = {0};
    int64_t seq = 0;
    arena_reset(v->a);
    {
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        TQ_TRY(store_query(v->tx, STMT_VERIFY_EVENT, ARGS(arg_int(event_id)), &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        if (more) {
            seq = row_int(&r);
            if (event_read(row_text(&r), v->a, &e, NULL) != TQ_OK) {
                return TQ_OK; /* named already */
            }
        }
    }
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(v->tx, STMT_VERIFY_EVENT_LEGS, ARGS(arg_int(event_id)), &r, err));
    int64_t next = 1;
    for (bool more = true;;) {
        leg_record leg = {.event_id = event_id};
        TQ_TRY(rows_next(&r, &more, err));
        if (more) {
            leg_record_read(&r, &leg);
        }
        const int64_t stop = more && leg.n < (int64_t)e.n_legs + 1 ? leg.n : (int64_t)e.n_legs + 1;
        for (; next < stop; next++) {
            verify_found(v, "leg_missing", "leg", event_id, seq, "", "");
        }
        if (!more) {
            return TQ_OK;
        }
        if (leg.n >= 1 && leg.n <= e.n_legs) {
            next = leg.n + 1;
            if (!leg_same(&leg, &e)) {
                verify_found(v, "leg_differs", "leg", event_id, seq, "", "");
            }
        } else {
            verify_found(v, "leg_extra", "leg", event_id, seq, "", "");
        }
    }
}

static tq_code explain_legs_near(verify *v, int64_t bucket, tq_err *err)
{
    const int64_t first = bucket * (1 << LEG_BITS);
    for (int64_t id = first; id < first + (1 << LEG_BITS); id++) {
        TQ_TRY(explain_legs(v, id, err));
    }
    return TQ_OK;
}

tq_code verify_leg_table(verify *v, tq_err *err)
{
    int64_t id = INT64_MIN;
    int64_t n = INT64_MIN;
    for (int count = VERIFY_PAGE * 10; count == VERIFY_PAGE * 10;) {
        ROWS_AUTO store_rows r = {0};
        TQ_TRY(store_query(v->tx, STMT_VERIFY_LEGS,
                           ARGS(arg_int(id), arg_int(n), arg_int(VERIFY_PAGE * 10)), &r, err));
        for (count = 0;; count++) {
            bool more = false;
            leg_record leg = {0};
            TQ_TRY(rows_next(&r, &more, err));
            if (!more) {
                break;
            }
            id = leg.event_id = row_int(&r);
            leg_record_read(&r, &leg);
            n = leg.n;
            sum128 *sum = row_sum(v->rows, VERIFY_LEGS, leg.event_id >> LEG_BITS);
            if (sum == NULL) {
                verify_found(v, "too_large", "leg", id, 0, "event_id", "");
                return TQ_OK;
            }
            sum_take(sum, verify_leg_sum(v, leg.event_id, leg.n, leg.programme_id, leg.account,
                                         &leg.leg));
        }
    }
    int64_t bucket = INT64_MIN;
    for (int shown = 0;
         shown < VERIFY_FINDINGS_MAX && row_sums_next(v->rows, VERIFY_LEGS, bucket, &bucket);
         shown++) {
        const int64_t before = v->report->found;
        TQ_TRY(explain_legs_near(v, bucket, err));
        if (v->report->found == before) {
            verify_found(v, "leg_differs", "leg", bucket * (1 << LEG_BITS), 0, "", "");
        }
        bucket++;
    }
    return TQ_OK;
}

/* --- balances ------------------------------------------------------------------------------------ */

typedef struct balance_record {
    int64_t programme_id;
    str account;
    ledger_cell cell;
    int64_t amount;
} balance_record;

static void balance_found(verify *v, const char *what, const balance_record *b)
{
    char detail[160];
    (void)snprintf(detail, sizeof detail,
                   "programme %lld, %.20s, voucher %lld, source %lld, year %lld, claim %lld",
                   (long long)b->programme_id, b->account.data, (long long)b->cell.voucher_id,
                   (long long)b->cell.source_id, (long long)b->cell.year,
                   (long long)b->cell.claim_id);
    verify_found(v, what, "balance", b->cell.voucher_id, 0, "amount", detail);
}

static void balance_check(verify *v, const balance_record *b)
{
    ledger_account known;
    int64_t *sum =
        cell_sum(v->cells, verify_cell_key(v, b->programme_id, b->account, &b->cell), false);
    if (sum == NULL || *sum == SUM_SEEN || !ledger_account_of(b->account, &known)) {
        balance_found(v, "balance_extra", b);
        return;
    }
    if (*sum != b->amount) {
        balance_found(v, "balance_differs", b);
    }
    *sum = SUM_SEEN;
    v->report->cells++;
}

static tq_code balance_page(verify *v, balance_record *last, arena *a, int *n, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    const ledger_cell c = last->cell;
    TQ_TRY(store_query(v->tx, STMT_VERIFY_BALANCES,
                       ARGS(arg_int(last->programme_id), arg_str(last->account),
                            arg_int(c.voucher_id), arg_int(c.source_id), arg_int(c.year),
                            arg_int(c.kind_id), arg_int(c.order_id), arg_int(c.claim_id),
                            arg_int(c.line_id), arg_int(VERIFY_PAGE * 10)),
                       &r, err));
    balance_record b = {0};
    for (*n = 0;; (*n)++) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        b.programme_id = row_int(&r);
        b.account = row_text(&r);
        b.cell.voucher_id = row_int(&r);
        b.cell.source_id = row_int(&r);
        b.cell.year = row_int(&r);
        b.cell.kind_id = row_int(&r);
        b.cell.order_id = row_int(&r);
        b.cell.claim_id = row_int(&r);
        b.cell.line_id = row_int(&r);
        b.amount = row_int(&r);
        balance_check(v, &b);
        if (*n + 1 == VERIFY_PAGE * 10) {
            arena_reset(a);
            b.account = arena_copy(a, b.account);
            *last = b;
        }
    }
    return TQ_OK;
}

static void cell_missing(void *ctx, uint64_t key, int64_t amount)
{
    verify *v = ctx;
    (void)key;
    char detail[160];
    (void)snprintf(detail, sizeof detail,
                   "the events leave %lld in a cell that the table does not have",
                   (long long)amount);
    verify_found(v, "balance_missing", "balance", 0, 0, "amount", detail);
}

/* Names the cell that a leg of the log moves and the table does not have. */
static tq_code name_missing(verify *v, const event_record *r, tq_err *err)
{
    (void)err;
    arena_reset(v->a);
    event e = {0};
    if (event_read(r->body, v->a, &e, NULL) != TQ_OK) {
        return TQ_OK;
    }
    for (int i = 0; i < e.n_legs; i++) {
        const balance_record b = {
            e.programme_id, str_of(ledger_account_name(e.legs[i].cell.account)), e.legs[i].cell, 0};
        int64_t *sum =
            cell_sum(v->cells, verify_cell_key(v, b.programme_id, b.account, &b.cell), false);
        if (sum != NULL && *sum != SUM_SEEN) {
            *sum = SUM_SEEN;
            balance_found(v, "balance_missing", &b);
        }
    }
    return TQ_OK;
}

tq_code verify_balance_table(verify *v, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("balance page", 64 * 1024);
    balance_record last = {.programme_id = INT64_MIN, .account = STR("")};
    for (int n = VERIFY_PAGE * 10; n == VERIFY_PAGE * 10;) {
        TQ_TRY(balance_page(v, &last, a, &n, err));
    }
    if (v->report->cells != cell_sums_count(v->cells)) {
        TQ_TRY(verify_each_event(v, name_missing, err));
        cell_sums_unseen(v->cells, cell_missing, v);
    }
    return TQ_OK;
}

/* --- rows ---------------------------------------------------------------------------------------- */

/* Columns that name a blob by its hash. */
static const struct {
    int col;
    bool required;
} blob_cols[] = {
    {C_EVIDENCE_SHA256, true},         {C_POLICY_SHA256, true},
    {C_DECISION_PAPER_BLOB, true},     {C_INVOICE_BLOB, true},
    {C_PAYMENT_PROOF_BLOB, true},      {C_BANK_FILE_SHA256, false},
    {C_BANK_ACCOUNT_LETTER, false},    {C_ORG_LINK_LETTER, false},
    {C_OPENING_SHA256, false},         {C_DELIVERY_REPORT, false},
    {C_BATCH_LIST_SHA256, false},      {C_DRAW_POPULATION_SHA256, true},
    {C_INVOICE_EXCHANGE_SHA256, true},
};
#define BLOB_OPTIONAL INT64_C(-2)

static void blob_named(verify *v, int col, int64_t id, str hex)
{
    digest d;
    for (size_t i = 0; i < TQ_COUNT(blob_cols); i++) {
        if (blob_cols[i].col != col || !digest_from_hex(hex, &d)) {
            continue;
        }
        uint64_t key[2];
        sip128(&v->key, (str){(const char *)d.b, sizeof d.b}, key);
        int64_t *named = cell_sum(v->blobs, key[0], true);
        if (named != NULL && (*named == 0 || *named == BLOB_OPTIONAL)) {
            /* Which row: 16 bits of column above 47 of id, for the message only. */
            *named = blob_cols[i].required ? ((int64_t)col << 47 | (id & ((INT64_C(1) << 47) - 1)))
                                           : BLOB_OPTIONAL;
        }
    }
}

static tq_code row_check(verify *v, int table, int64_t id, sum128 sum, bool blank, tq_err *err)
{
    const audited_table_info *t = audited_table_of(table);
    sum128 *expected = row_sum(v->rows, table, id);
    v->report->rows++;
    if (expected != NULL && sum_eq(*expected, sum)) {
        *expected = (sum128){0};
        return TQ_OK;
    }
    if (expected == NULL || sum_is_zero(*expected)) {
        if (!(t->is_private && blank && v->report->erased > 0)) {
            verify_found(v, "row_extra", t->name, id, 0, "", "");
        }
        return TQ_OK;
    }
    *expected = (sum128){0};
    const int64_t at = v->report->found;
    verify_found(v, "row_differs", t->name, id, 0, "", "");
    return at < 10 ? verify_explain_row(v, &v->report->first[at], err) : TQ_OK;
}

typedef struct row_seen {
    int64_t id;
    sum128 sum;
    bool blank;
} row_seen;

static tq_code row_page(verify *v, int table, int64_t after, row_seen *seen, int *n, tq_err *err)
{
    const audited_table_info *t = audited_table_of(table);
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(v->tx, STMT_ROW_PAGE(table), ARGS(arg_int(after), arg_int(VERIFY_PAGE)), &r,
                       err));
    for (*n = 0; *n < VERIFY_PAGE; (*n)++) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        row_seen *s = &seen[*n];
        s->id = row_int(&r);
        s->sum = sum_created(&v->key, table, s->id);
        s->blank = true;
        for (int c = t->first_col; c < t->first_col + t->cols; c++) {
            event_value value = {0};
            if (audited_col_of(c)->is_text) {
                value.text = row_text(&r);
                blob_named(v, c, s->id, value.text);
            } else {
                value.num = row_int(&r);
            }
            s->blank = s->blank && value.num == 0 && value.text.len == 0;
            sum_add(&s->sum, sum_value(&v->key, c, s->id, &value));
        }
    }
    return TQ_OK;
}

static tq_code row_table(verify *v, int table, tq_err *err)
{
    row_seen seen[VERIFY_PAGE];
    int64_t after = INT64_MIN;
    for (int n = VERIFY_PAGE; n == VERIFY_PAGE;) {
        TQ_TRY(row_page(v, table, after, seen, &n, err));
        for (int i = 0; i < n; i++) {
            after = seen[i].id;
            TQ_TRY(row_check(v, table, seen[i].id, seen[i].sum, seen[i].blank, err));
        }
    }
    int64_t id = INT64_MIN;
    for (int i = 0; i < VERIFY_FINDINGS_MAX && row_sums_next(v->rows, table, id, &id); i++, id++) {
        verify_found(v, "row_missing", audited_table_of(table)->name, id, 0, "", "");
    }
    return TQ_OK;
}

tq_code verify_row_tables(verify *v, tq_err *err)
{
    for (int t = 0; t < T_COUNT; t++) {
        TQ_TRY(row_table(v, t, err));
    }
    return TQ_OK;
}

/* One page of hashes; the last one is where the next begins. */
static tq_code page_image_hashes(verify *v, char after[65], int *n, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(v->tx, STMT_PAGE_IMAGE_HASHES,
                       ARGS(arg_str(str_of(after)), arg_int(VERIFY_PAGE)), &r, err));
    for (*n = 0; *n < VERIFY_PAGE; (*n)++) {
        bool more = false;
        digest d;
        uint64_t key[2];
        TQ_TRY(rows_next(&r, &more, err));
        if (!more || !digest_from_hex(row_text(&r), &d)) {
            break;
        }
        sip128(&v->key, (str){(const char *)d.b, sizeof d.b}, key);
        int64_t *named = cell_sum(v->blobs, key[0], true);
        if (named != NULL && *named == 0) { /* evidence of the same bytes stays required */
            *named = BLOB_OPTIONAL;
        }
        digest_hex(d, after);
    }
    return TQ_OK;
}

tq_code verify_page_images(verify *v, tq_err *err)
{
    char after[65] = "";
    for (int n = VERIFY_PAGE; n == VERIFY_PAGE;) {
        TQ_TRY(page_image_hashes(v, after, &n, err));
    }
    return TQ_OK;
}

/* --- blobs --------------------------------------------------------------------------------------- */

typedef struct blob_walk {
    store *s;
    verify *v;
} blob_walk;

static tq_code blob_check(void *ctx, digest sha256, int64_t size, tq_err *err)
{
    const blob_walk *w = ctx;
    verify *v = w->v;
    uint64_t key[2];
    (void)size;
    v->report->blobs++;
    sip128(&v->key, (str){(const char *)sha256.b, sizeof sha256.b}, key);
    int64_t *named = cell_sum(v->blobs, key[0], false);
    if (named == NULL) {
        v->report->orphans++;
    } else {
        *named = SUM_SEEN;
    }
    if (v->options->skip_blobs) {
        return TQ_OK;
    }
    str bytes = {0};
    tq_err why = {0};
    ARENA_AUTO arena *a = arena_new("blob", BLOB_MAX + 1024 * 1024);
    const tq_code code = blob_get(w->s, sha256, a, &bytes, &why);
    if (code == TQ_CORRUPT || code == TQ_NOT_FOUND) {
        char hex[65];
        digest_hex(sha256, hex);
        verify_found(v, "blob_content", "", 0, 0, "", hex);
        return TQ_OK;
    }
    if (code != TQ_OK && err != NULL) {
        *err = why;
    }
    return code;
}

static void blob_missing(void *ctx, uint64_t key, int64_t named)
{
    verify *v = ctx;
    (void)key;
    if (named == BLOB_OPTIONAL) {
        return;
    }
    const audited_col_info *c = audited_col_of((int)(named >> 47));
    verify_found(v, "blob_missing", audited_table_of(c->table)->name,
                 named & ((INT64_C(1) << 47) - 1), 0, c->name, "");
}

tq_code verify_blob_store(store *s, verify *v, tq_err *err)
{
    blob_walk w = {s, v};
    TQ_TRY(blob_each(s, blob_check, &w, err));
    cell_sums_unseen(v->blobs, blob_missing, v);
    return TQ_OK;
}
