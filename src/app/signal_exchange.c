/* SPDX-License-Identifier: Apache-2.0 */
#include "app/signal_exchange.h"

#include <stdlib.h>

#include "app/row_change.h"
#include "app/signal_list_inner.h"
#include "app/voucher_inner.h"
#include "base/canon.h"
#include "base/hash.h"
#include "store/blob.h"

#define HEX 64
#define KEY_ID 8
#define KEY_MAX 200
#define SLICE 1000

/* One of our invoices, and what the other county would call it. */
typedef struct hashed {
    char hex[HEX + 1];
    int64_t invoice_id;
} hashed;

typedef struct exchange {
    comparison w;
    const char *way; /* given | taken */
    str other;       /* programme code of the other county; empty of a given file */
    int64_t year;
    char key_id[KEY_ID + 1];
    hashed *ours;
    size_t n;
} exchange;

static tq_code key_need(str key, exchange *x, tq_err *err)
{
    char hex[HEX + 1];
    if (key.len < EXCHANGE_KEY_MIN || !str_line_ok(key, KEY_MAX)) {
        return tq_fail(err, TQ_INVALID, "exchange_key", "exchange_key",
                       "a key has %d to %d characters; make one with openssl rand -hex 32",
                       EXCHANGE_KEY_MIN, KEY_MAX);
    }
    digest_hex(hash_of(HASH_SHA256, key), hex);
    memcpy(x->key_id, hex, KEY_ID);
    x->key_id[KEY_ID] = '\0';
    return TQ_OK;
}

static tq_code year_need(const call *c, int64_t year, tq_err *err)
{
    return year >= 2000 && year <= day_ymd(c->today).year
               ? TQ_OK
               : tq_fail(err, TQ_INVALID, "exchange_year", "year", "name a year until this one");
}

static int by_hex(const void *a, const void *b)
{
    return memcmp(((const hashed *)a)->hex, ((const hashed *)b)->hex, HEX);
}

/* Slice by slice: each answer of the store is bounded. */
static tq_code slice_read(exchange *x, str key, int64_t *after, bool *more, tq_err *err)
{
    const day from = day_of_ymd((ymd){(int)x->year, 1, 1});
    const day to = day_of_ymd((ymd){(int)x->year, 12, 31});
    ROWS_AUTO store_rows r = {0};
    size_t n = 0;
    TQ_TRY(store_query(x->w.tx, STMT_EXCHANGE_INVOICES,
                       ARGS(arg_int(x->w.c->who.programme_id), arg_int(from.n), arg_int(to.n),
                            arg_int(*after), arg_int(SLICE)),
                       &r, err));
    for (;; n++) {
        bool row = false;
        TQ_TRY(rows_next(&r, &row, err));
        if (!row) {
            *more = n == SLICE;
            return TQ_OK;
        }
        if (x->n == EXCHANGE_INVOICES_MAX) {
            return tq_fail(err, TQ_LIMIT, "exchange_size", "year", "more than %d invoices",
                           EXCHANGE_INVOICES_MAX);
        }
        hashed *h = &x->ours[x->n++];
        h->invoice_id = *after = row_int(&r);
        digest_hex(hmac_sha256(key, row_text(&r)), h->hex);
    }
}

static tq_code ours_read(exchange *x, str key, tq_err *err)
{
    int64_t after = 0;
    bool more = true;
    x->ours = ARENA_NEW(x->w.c->a, hashed, EXCHANGE_INVOICES_MAX);
    while (more) {
        TQ_TRY(slice_read(x, key, &after, &more, err));
    }
    qsort(x->ours, x->n, sizeof *x->ours, by_hex);
    return TQ_OK;
}

/* R-SIGNAL-090: a key that served another year would tell which invoices of both years are the same firm's. */
static tq_code key_of_year(const exchange *x, tq_err *err)
{
    int64_t others = 0;
    TQ_TRY(store_int(x->w.tx, STMT_EXCHANGE_KEY_YEARS,
                     ARGS(arg_int(x->w.c->who.programme_id), arg_str(str_of(x->key_id)),
                          arg_int(x->year)),
                     0, &others, err));
    return others == 0 ? TQ_OK
                       : tq_fail(err, TQ_CONFLICT, "exchange_key_year", "exchange_key",
                                 "this key was used for another year; agree on a new one for %lld",
                                 (long long)x->year);
}

/* The row, and the file beside it: what was given out can be asked for later. */
static tq_code row_put(app *a, exchange *x, str file, int64_t count, tq_err *err)
{
    char hex[HEX + 1];
    digest sha256;
    int64_t known = 0;
    const call *c = x->w.c;
    TQ_TRY(key_of_year(x, err));
    digest_hex(hash_of(HASH_SHA256, file), hex);
    TQ_TRY(store_int(x->w.tx, STMT_EXCHANGE_KNOWN,
                     ARGS(arg_int(c->who.programme_id), arg_str(str_of(x->way)),
                          arg_str(str_of(hex))),
                     0, &known, err));
    if (known > 0) {
        return tq_fail(err, TQ_CONFLICT, "exchange_known", "file",
                       "this file is in the list already");
    }
    TQ_TRY(blob_put(app_store(a), file, &sha256, err));
    TQ_TRY(event_new_row(x->w.tx, &x->w.e, T_INVOICE_EXCHANGE, &x->w.list_id, err));
    event_int(&x->w.e, C_INVOICE_EXCHANGE_PROGRAMME_ID, c->who.programme_id);
    event_text(&x->w.e, C_INVOICE_EXCHANGE_WAY, str_of(x->way));
    event_text(&x->w.e, C_INVOICE_EXCHANGE_OTHER, x->other);
    event_int(&x->w.e, C_INVOICE_EXCHANGE_YEAR, x->year);
    event_text(&x->w.e, C_INVOICE_EXCHANGE_KEY_ID, arena_copy(c->a, str_of(x->key_id)));
    event_int(&x->w.e, C_INVOICE_EXCHANGE_COUNT, count);
    event_text(&x->w.e, C_INVOICE_EXCHANGE_SHA256, arena_copy(c->a, str_of(hex)));
    event_int(&x->w.e, C_INVOICE_EXCHANGE_MAKER_ID, c->who.person_id);
    event_int(&x->w.e, C_INVOICE_EXCHANGE_DAY, c->today.n);
    return TQ_OK;
}

static tq_code exchange_end(exchange *x, int64_t count, exchange_report *out, tq_err *err)
{
    if (x->w.hits > 0) {
        event_change(&x->w.e, T_INVOICE_EXCHANGE, x->w.list_id);
        event_int(&x->w.e, C_INVOICE_EXCHANGE_HITS, x->w.hits);
    }
    TQ_TRY(event_append(x->w.tx, &x->w.e, NULL, err));
    *out = (exchange_report){.exchange_id = x->w.list_id, .count = count, .hits = x->w.hits};
    return TQ_OK;
}

static tq_code own_code(exchange *x, str *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(x->w.tx, T_PROGRAMME, x->w.c->who.programme_id, x->w.c->a, row, err));
    *out = row_str(row, C_PROGRAMME_CODE);
    return TQ_OK;
}

/* --- given --------------------------------------------------------------------------------------- */

static void file_write(const exchange *x, str programme, buf *out)
{
    canon w = canon_to(out);
    canon_open(&w);
    canon_kstr(&w, "tongquan", STR("invoice_exchange"));
    canon_kint(&w, "v", 1);
    canon_kstr(&w, "programme", programme);
    canon_kint(&w, "year", x->year);
    canon_kstr(&w, "key_id", str_of(x->key_id));
    canon_kint(&w, "count", (int64_t)x->n);
    canon_close(&w);
    for (size_t i = 0; i < x->n; i++) {
        buf_printf(out, "\n%s", x->ours[i].hex);
    }
    buf_char(out, '\n');
}

tq_code exchange_give(app *a, const call *c, int64_t year, str key, exchange_report *out,
                      tq_err *err)
{
    exchange x = {.way = "given", .year = year, .w = {.c = c}};
    BUF_AUTO buf file = buf_max(EXCHANGE_FILE_MAX);
    str programme;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(key_need(key, &x, err));
    TQ_TRY(year_need(c, year, err));
    TQ_TRY(programme_need(c, err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE), &tx, err));
    x.w.tx = tx;
    x.w.e = work_event(c, EV_EXCHANGE_GIVE);
    TQ_TRY(own_code(&x, &programme, err));
    TQ_TRY(ours_read(&x, key, err));
    file_write(&x, programme, &file);
    TQ_ASSERT(buf_ok(&file));
    TQ_TRY(row_put(a, &x, buf_view(&file), (int64_t)x.n, err));
    TQ_TRY(exchange_end(&x, (int64_t)x.n, out, err));
    return store_commit(&tx, err);
}

/* --- taken --------------------------------------------------------------------------------------- */

static tq_code bad_line(int64_t line, tq_err *err)
{
    return tq_fail(err, TQ_INVALID, "exchange_file", "file",
                   "line %lld is not what such a file has there", (long long)line);
}

/* Takes a line, its end included, off the front. */
static bool line_take(str *rest, str *line)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
    if (end == NULL) {
        return false;
    }
    *line = (str){rest->data, (size_t)(end - rest->data)};
    *rest = (str){end + 1, rest->len - line->len - 1};
    return true;
}

static tq_code head_read(exchange *x, str line, int64_t *count, tq_err *err)
{
    const canon_node *h = NULL;
    str what, key_id, programme;
    int64_t v = 0;
    tq_err why = {0};
    if (canon_read(line, x->w.c->a, &h, &why) != TQ_OK || h->type != CANON_OBJECT ||
        canon_need_str(h, "tongquan", &what, &why) != TQ_OK ||
        !str_eq(what, STR("invoice_exchange")) || canon_need_int(h, "v", &v, &why) != TQ_OK ||
        v != 1 || canon_need_str(h, "programme", &x->other, &why) != TQ_OK ||
        !str_line_ok(x->other, 40) || canon_need_int(h, "year", &x->year, &why) != TQ_OK ||
        canon_need_str(h, "key_id", &key_id, &why) != TQ_OK ||
        canon_need_int(h, "count", count, &why) != TQ_OK || *count < 0) {
        return bad_line(1, err);
    }
    TQ_TRY(own_code(x, &programme, err));
    if (str_eq(programme, x->other)) {
        return tq_fail(err, TQ_INVALID, "exchange_own", "file", "this file is our own");
    }
    if (!str_eq(key_id, str_of(x->key_id))) {
        return tq_fail(err, TQ_INVALID, "exchange_other_key", "exchange_key",
                       "the file was made with another key, %.*s", STR_ARG(key_id));
    }
    return year_need(x->w.c, x->year, err);
}

/* R-SIGNAL-050: the claims on an invoice that the other county has too, each told once of that county. */
static tq_code invoice_met(exchange *x, int64_t invoice_id, tq_err *err)
{
    met_claim met[MET_CLAIMS_MAX];
    size_t n = 0;
    const signal_facts f = {.elsewhere = 1};
    const signal_ref refs[] = {
        {SIGNAL_INVOICE_ELSEWHERE, T_INVOICE, invoice_id},
        {SIGNAL_INVOICE_ELSEWHERE, T_INVOICE_EXCHANGE, x->w.list_id},
    };
    TQ_TRY(comparison_claims(&x->w, STMT_SIGNAL_INVOICE_CLAIMS,
                             ARGS(arg_int(x->w.c->who.programme_id), arg_int(invoice_id)), met, &n,
                             err));
    for (size_t i = 0; i < n; i++) {
        int64_t told = 0;
        TQ_TRY(store_int(x->w.tx, STMT_EXCHANGE_TOLD, ARGS(arg_int(met[i].id), arg_str(x->other)),
                         0, &told, err));
        if (told == 0) {
            TQ_TRY(comparison_fire(&x->w, &met[i], SIGNAL_INVOICE_ELSEWHERE, &f, refs,
                                   TQ_COUNT(refs), err));
        }
    }
    return TQ_OK;
}

/* Both are sorted: one walk. A file that is not, or has a line twice, was altered. */
static tq_code hashes_compare(exchange *x, str rest, int64_t count, tq_err *err)
{
    str line, last = STR("");
    size_t at = 0;
    int64_t n = 0;
    digest d;
    for (; line_take(&rest, &line); n++) {
        if (n == count || line.len != HEX || !digest_from_hex(line, &d) ||
            (last.len > 0 && memcmp(last.data, line.data, HEX) >= 0)) {
            return bad_line(n + 2, err);
        }
        while (at < x->n && memcmp(x->ours[at].hex, line.data, HEX) < 0) {
            at++;
        }
        if (at < x->n && memcmp(x->ours[at].hex, line.data, HEX) == 0) {
            TQ_TRY(invoice_met(x, x->ours[at].invoice_id, err));
        }
        last = line;
    }
    return n == count && rest.len == 0 ? TQ_OK : bad_line(n + 2, err);
}

tq_code exchange_take(app *a, const call *c, str file, str key, exchange_report *out, tq_err *err)
{
    exchange x = {.way = "taken", .w = {.c = c}};
    str rest = file;
    str head;
    int64_t count = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(key_need(key, &x, err));
    TQ_TRY(programme_need(c, err));
    if (file.len > EXCHANGE_FILE_MAX) {
        return tq_fail(err, TQ_LIMIT, "file_size", "file", "the file is larger than %d bytes",
                       EXCHANGE_FILE_MAX);
    }
    if (!line_take(&rest, &head)) {
        return bad_line(1, err);
    }
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE), &tx, err));
    x.w.tx = tx;
    x.w.e = work_event(c, EV_EXCHANGE_TAKE);
    TQ_TRY(head_read(&x, head, &count, err));
    TQ_TRY(comparison_begin(a, &x.w, err));
    TQ_TRY(ours_read(&x, key, err));
    TQ_TRY(row_put(a, &x, file, count, err));
    TQ_TRY(hashes_compare(&x, rest, count, err));
    TQ_TRY(exchange_end(&x, count, out, err));
    return store_commit(&tx, err);
}

tq_code exchange_file(app *a, const call *c, int64_t exchange_id, str *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    digest sha256;
    {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_read(a, &tx, err));
        TQ_TRY(row_load(tx, T_INVOICE_EXCHANGE, exchange_id, c->a, row, err));
    }
    TQ_TRY(own_programme(c, row_num(row, C_INVOICE_EXCHANGE_PROGRAMME_ID), "exchange", err));
    if (!digest_from_hex(row_str(row, C_INVOICE_EXCHANGE_SHA256), &sha256)) {
        return tq_fail(err, TQ_CORRUPT, "exchange_hash", "exchange", "the hash is malformed");
    }
    return blob_get(app_store(a), sha256, c->a, out, err);
}
