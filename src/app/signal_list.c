/* SPDX-License-Identifier: Apache-2.0 */
#include "app/signal_list.h"

#include "app/row_change.h"
#include "app/signal_list_inner.h"
#include "base/csv.h"
#include "base/hash.h"

#define COLUMNS_MAX 6

tq_code comparison_begin(app *a, comparison *w, tq_err *err)
{
    int64_t policy_id = 0;
    event_value programme[AUDITED_COLS_MAX];
    TQ_TRY(app_policy(a, w->tx, w->c->who.programme_id, &policy_id, &w->p, err));
    TQ_TRY(row_load(w->tx, T_PROGRAMME, w->c->who.programme_id, w->c->a, programme, err));
    return currency_of(row_str(programme, C_PROGRAMME_CURRENCY), &w->unit, err);
}

tq_code comparison_claims(comparison *w, store_stmt stmt, const store_arg *args, size_t n_args,
                          met_claim out[MET_CLAIMS_MAX], size_t *n, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(w->tx, stmt, args, n_args, &r, err));
    *n = 0;
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        if (*n == MET_CLAIMS_MAX) {
            return tq_fail(
                err, TQ_LIMIT, "list_hits", "file",
                "a row meets more than %d claims; take it out and look at the firm by hand",
                MET_CLAIMS_MAX);
        }
        met_claim *m = &out[(*n)++];
        m->id = row_int(&r);
        m->holder_id = row_int(&r);
        m->amount_fen = row_int(&r);
        m->kind = row_copy(&r, w->c->a);
    }
}

/* R-SIGNAL-030. A claim that is filed already cannot be refused by a rule: where it would have been, it is referred. */
tq_code comparison_fire(comparison *w, const met_claim *m, signal_kind kind, const signal_facts *f,
                        const signal_ref *refs, size_t n_refs, tq_err *err)
{
    policy_signal rules[SIGNAL_COUNT] = {0};
    signal_found found[SIGNAL_COUNT];
    rules[kind] = policy_signal_get(w->p, m->kind.data, signal_token(kind), w->c->today);
    if (signal_evaluate(rules, f, found) == 0) {
        return TQ_OK;
    }
    const signal_new fresh = {.rule = &rules[kind],
                              .found = found[0],
                              .table = T_CLAIM,
                              .id = m->id,
                              .programme_id = w->c->who.programme_id,
                              .org_id = m->holder_id,
                              .amount_fen = m->amount_fen,
                              .state = signal_state(&rules[kind]),
                              .refs = refs,
                              .n_refs = n_refs};
    w->hits++;
    return signal_write(w->tx, w->c, &fresh, &w->e, err);
}

/* --- other county funds ------------------------------------------------------------------------------ */

static const char *const funding_columns[] = {"measure", "credit_code", "item", "amount",
                                              "from",    "to",          NULL};

static tq_code funding_row(comparison *w, const str *cells, tq_err *err)
{
    money amount;
    day from, to;
    met_claim met[MET_CLAIMS_MAX];
    size_t n = 0;
    int64_t id = 0;
    TQ_TRY(line_need(cells[0], "measure", err));
    TQ_TRY(line_need(cells[1], "credit_code", err));
    TQ_TRY(line_need(cells[2], "item", err));
    TQ_TRY(money_parse(cells[3], &w->unit, &amount, err));
    TQ_TRY(day_parse(cells[4], &from, err));
    TQ_TRY(day_parse(cells[5], &to, err));
    if (from.n > to.n) {
        return tq_fail(err, TQ_INVALID, "funding_period", "to",
                       "the first day lies after the last");
    }
    TQ_TRY(event_new_row(w->tx, &w->e, T_OTHER_FUNDING, &id, err));
    event_int(&w->e, C_OTHER_FUNDING_PROGRAMME_ID, w->c->who.programme_id);
    event_int(&w->e, C_OTHER_FUNDING_LIST_ID, w->list_id);
    event_text(&w->e, C_OTHER_FUNDING_MEASURE, cells[0]);
    event_text(&w->e, C_OTHER_FUNDING_CREDIT_CODE, cells[1]);
    event_text(&w->e, C_OTHER_FUNDING_ITEM, cells[2]);
    event_int(&w->e, C_OTHER_FUNDING_AMOUNT_FEN, amount.minor);
    event_int(&w->e, C_OTHER_FUNDING_FROM_DAY, from.n);
    event_int(&w->e, C_OTHER_FUNDING_TO_DAY, to.n);
    TQ_TRY(comparison_claims(w, STMT_SIGNAL_FUNDED_CLAIMS,
                             ARGS(arg_int(w->c->who.programme_id), arg_str(cells[1]),
                                  arg_str(cells[2]), arg_int(from.n), arg_int(to.n),
                                  arg_str(cells[0]), arg_int(amount.minor)),
                             met, &n, err));
    for (size_t i = 0; i < n; i++) {
        const signal_facts f = {.funded = 1};
        const signal_ref ref = {SIGNAL_DOUBLE_FUNDING, T_OTHER_FUNDING, id};
        TQ_TRY(comparison_fire(w, &met[i], SIGNAL_DOUBLE_FUNDING, &f, &ref, 1, err));
    }
    return TQ_OK;
}

/* --- status of invoices ------------------------------------------------------------------------------ */

static const char *const status_columns[] = {"code", "number", "status", "day", NULL};
static const char *const statuses[] = {"normal", "red", "void", NULL};

/* R-SIGNAL-040: an invoice that the tax authority no longer counts is red here too: nothing more can be claimed on it. One that we
 * do not know is nobody's concern: the list may be of the whole county. */
static tq_code status_row(comparison *w, const str *cells, tq_err *err)
{
    invoice_key key;
    day on;
    met_claim met[MET_CLAIMS_MAX];
    size_t n = 0;
    int64_t id = 0;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(invoice_key_make(cells[0], cells[1], STR(""), STR(""), &key, err));
    TQ_TRY(word_need(cells[2], statuses, "status", err));
    TQ_TRY(day_parse(cells[3], &on, err));
    TQ_TRY(store_int(w->tx, STMT_INVOICE_BY_KEY, ARGS(arg_str(str_of(key.text))), 0, &id, err));
    if (id == 0 || str_eq(cells[2], STR("normal"))) {
        return TQ_OK;
    }
    TQ_TRY(row_load(w->tx, T_INVOICE, id, w->c->a, row, err));
    if (!row_is(row, C_INVOICE_STATE, "normal")) {
        return TQ_OK;
    }
    event_change(&w->e, T_INVOICE, id);
    event_text(&w->e, C_INVOICE_STATE, STR("red"));
    TQ_TRY(comparison_claims(w, STMT_SIGNAL_INVOICE_CLAIMS,
                             ARGS(arg_int(w->c->who.programme_id), arg_int(id)), met, &n, err));
    for (size_t i = 0; i < n; i++) {
        const signal_facts f = {.status_changes = 1};
        const signal_ref ref = {SIGNAL_INVOICE_STATUS, T_INVOICE, id};
        TQ_TRY(comparison_fire(w, &met[i], SIGNAL_INVOICE_STATUS, &f, &ref, 1, err));
    }
    return TQ_OK;
}

/* --- the list ------------------------------------------------------------------------------------------ */

typedef struct list_kind {
    const char *name;
    const char *const *columns;
    tq_code (*row)(comparison *w, const str *cells, tq_err *err);
} list_kind;

static const list_kind kinds[] = {
    {"funding", funding_columns, funding_row},
    {"invoice_status", status_columns, status_row},
};

static tq_code kind_need(str name, const list_kind **out, tq_err *err)
{
    for (size_t i = 0; i < TQ_COUNT(kinds); i++) {
        if (str_eq(name, str_of(kinds[i].name))) {
            *out = &kinds[i];
            return TQ_OK;
        }
    }
    return tq_fail(err, TQ_INVALID, "list_kind", "kind",
                   "a list is of kind funding or invoice_status");
}

static tq_code rows_compare(comparison *w, const list_kind *kind, str bytes, tq_err *err)
{
    str text = {0};
    csv file;
    TQ_TRY(csv_decode(bytes, w->c->a, &text, err));
    TQ_TRY(csv_open(text, kind->columns, w->c->a, &file, err));
    for (;;) {
        str cells[COLUMNS_MAX];
        bool more = false;
        TQ_TRY(csv_row(&file, cells, &more, err));
        if (!more) {
            break;
        }
        if (w->rows == SIGNAL_LIST_ROWS) {
            return tq_fail(err, TQ_LIMIT, "file_rows", "file", "more than %d rows; split the list",
                           SIGNAL_LIST_ROWS);
        }
        if (kind->row(w, cells, err) != TQ_OK) {
            return tq_err_at(err, "line %d", file.line);
        }
        w->rows++;
    }
    return w->rows > 0 ? TQ_OK
                       : tq_fail(err, TQ_INVALID, "file_empty", "file", "the file has no rows");
}

static tq_code list_begin(app *a, comparison *w, const list_kind *kind, str bytes, tq_err *err)
{
    char hex[65];
    int64_t known = 0;
    const digest sha256 = hash_of(HASH_SHA256, bytes);
    digest_hex(sha256, hex);
    TQ_TRY(store_int(w->tx, STMT_SIGNAL_LIST_KNOWN,
                     ARGS(arg_int(w->c->who.programme_id), arg_str(str_of(kind->name)),
                          arg_str(str_of(hex))),
                     0, &known, err));
    if (known > 0) {
        return tq_fail(err, TQ_CONFLICT, "list_known", "file", "this list was compared already");
    }
    TQ_TRY(comparison_begin(a, w, err));
    TQ_TRY(event_new_row(w->tx, &w->e, T_SIGNAL_LIST, &w->list_id, err));
    event_int(&w->e, C_SIGNAL_LIST_PROGRAMME_ID, w->c->who.programme_id);
    event_text(&w->e, C_SIGNAL_LIST_KIND, str_of(kind->name));
    event_text(&w->e, C_SIGNAL_LIST_SHA256, str_of(hex));
    event_int(&w->e, C_SIGNAL_LIST_MAKER_ID, w->c->who.person_id);
    event_int(&w->e, C_SIGNAL_LIST_DAY, w->c->today.n);
    return TQ_OK;
}

tq_code signal_list_compare(app *a, const call *c, const signal_list_rq *rq,
                            signal_list_report *out, tq_err *err)
{
    const list_kind *kind = NULL;
    TQ_TRY(kind_need(rq->kind, &kind, err));
    TQ_TRY(programme_need(c, err));
    if (rq->bytes.len > SIGNAL_LIST_BYTES) {
        return tq_fail(err, TQ_LIMIT, "file_size", "file", "the file is larger than %d bytes",
                       SIGNAL_LIST_BYTES);
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE), &tx, err));
    comparison w = {.tx = tx, .c = c, .e = work_event(c, EV_SIGNAL_LIST)};
    TQ_TRY(list_begin(a, &w, kind, rq->bytes, err));
    TQ_TRY(rows_compare(&w, kind, rq->bytes, err));
    event_change(&w.e, T_SIGNAL_LIST, w.list_id);
    event_int(&w.e, C_SIGNAL_LIST_COUNT, w.rows);
    event_int(&w.e, C_SIGNAL_LIST_HITS, w.hits);
    TQ_TRY(event_append(tx, &w.e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = (signal_list_report){.list_id = w.list_id, .rows = w.rows, .hits = w.hits};
    return TQ_OK;
}
