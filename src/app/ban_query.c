/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ban_query.h"

#include <stdlib.h>

#include "app/app_inner.h"
#include "app/row_change.h"
#include "app/voucher_inner.h"
#include "base/canon.h"
#include "base/hash.h"

#define SLICE 100 /* lines an event: five hundred codes stay within the size of one */

typedef struct answer {
    credit_code code;
    str scope; /* "" where no ban holds */
    day from, to;
} answer;

typedef struct question {
    store_tx *tx;
    const call *c;
    const ban_ask_request *rq;
    str asker;
    answer *answers;
    size_t n;
    int64_t banned;
} question;

/* --- the codes ------------------------------------------------------------------------------------ */

/* Bytes of what may stand between two codes at the start of `s`, 0 where a code goes on. */
static size_t between(str s)
{
    static const char *const marks[] = {" ", "\t", "\r", "\n", ",", ";", "，", "、", "；", "　"};
    for (size_t i = 0; i < TQ_COUNT(marks); i++) {
        if (str_starts(s, str_of(marks[i]))) {
            return strlen(marks[i]);
        }
    }
    return 0;
}

static bool code_next(str *rest, str *out)
{
    size_t n = 0;
    for (size_t gap = between(*rest); gap > 0; gap = between(*rest)) {
        *rest = (str){rest->data + gap, rest->len - gap};
    }
    while (n < rest->len && between((str){rest->data + n, rest->len - n}) == 0) {
        n++;
    }
    *out = (str){rest->data, n};
    *rest = (str){rest->data + n, rest->len - n};
    return n > 0;
}

static int by_code(const void *left, const void *right)
{
    const answer *a = left;
    const answer *b = right;
    return strcmp(a->code.text, b->code.text);
}

/* Sorted and each once: lists are pasted from other bureaus' tables, in which a firm stands twice. */
static tq_code codes_read(question *q, tq_err *err)
{
    str rest = q->rq->codes;
    size_t n = 0;
    for (str one; code_next(&rest, &one); n++) {
        if (n == BAN_ASK_MAX) {
            return tq_fail(err, TQ_LIMIT, "codes", "codes", "ask for at most %d codes at once",
                           BAN_ASK_MAX);
        }
        TQ_TRY(credit_code_parse(one, &q->answers[n].code, err));
    }
    if (n == 0) {
        return tq_fail(err, TQ_INVALID, "codes", "codes", "write one credit code or several");
    }
    qsort(q->answers, n, sizeof q->answers[0], by_code);
    q->n = 1;
    for (size_t i = 1; i < n; i++) {
        if (by_code(&q->answers[i], &q->answers[q->n - 1]) != 0) {
            q->answers[q->n++] = q->answers[i];
        }
    }
    TQ_ASSERT(q->n <= BAN_ASK_MAX);
    return TQ_OK;
}

/* --- the answers ---------------------------------------------------------------------------------- */

static tq_code answer_find(question *q, answer *one, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(q->tx, STMT_BAN_ANSWER,
                       ARGS(arg_str(str_of(one->code.text)), arg_int(q->c->today.n)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    one->scope = STR("");
    if (more) {
        one->scope = row_copy(&r, q->c->a);
        one->from = (day){(int32_t)row_int(&r)};
        one->to = (day){(int32_t)row_int(&r)};
        TQ_ASSERT(one->from.n <= q->c->today.n && q->c->today.n <= one->to.n);
        q->banned++;
    }
    return TQ_OK;
}

static const char *word_of(const answer *one)
{
    return one->scope.len > 0 ? "banned" : "none";
}

static void day_member(canon *w, const char *key, day d)
{
    BUF_AUTO buf t = buf_max(16);
    day_print(d, &t);
    TQ_ASSERT(buf_ok(&t));
    canon_kstr(w, key, buf_view(&t));
}

static void answer_print(canon *w, const answer *one)
{
    canon_open(w);
    canon_kstr(w, "credit_code", str_of(one->code.text));
    canon_kstr(w, "answer", str_of(word_of(one)));
    if (one->scope.len > 0) {
        canon_kstr(w, "scope", one->scope);
        day_member(w, "from", one->from);
        day_member(w, "to", one->to);
    }
    canon_close(w);
}

/* What both the answer and every later copy of it are printed from. */
typedef struct receipt {
    str number, programme, asker, purpose, paper_no;
    day day;
    const answer *answers;
    size_t n;
} receipt;

static void receipt_print(const receipt *r, buf *out)
{
    canon w = canon_to(out);
    canon_open(&w);
    canon_kstr(&w, "tongquan", STR("ban_query"));
    canon_kint(&w, "v", 1);
    canon_kstr(&w, "number", r->number);
    canon_kstr(&w, "programme", r->programme);
    day_member(&w, "day", r->day);
    canon_kstr(&w, "asker", r->asker);
    canon_kstr(&w, "purpose", r->purpose);
    canon_kstr(&w, "paper", r->paper_no);
    canon_key(&w, "answers");
    canon_list(&w);
    for (size_t i = 0; i < r->n; i++) {
        answer_print(&w, &r->answers[i]);
    }
    canon_list_end(&w);
    canon_close(&w);
    TQ_ASSERT(buf_ok(out));
}

/* --- asking --------------------------------------------------------------------------------------- */

static tq_code line_put(question *q, event *e, int64_t query_id, const answer *one, tq_err *err)
{
    int64_t line = 0;
    TQ_TRY(event_new_row(q->tx, e, T_BAN_QUERY_LINE, &line, err));
    event_int(e, C_BAN_QUERY_LINE_QUERY_ID, query_id);
    event_text(e, C_BAN_QUERY_LINE_CREDIT_CODE, str_of(one->code.text));
    event_text(e, C_BAN_QUERY_LINE_ANSWER, str_of(word_of(one)));
    if (one->scope.len > 0) {
        event_text(e, C_BAN_QUERY_LINE_SCOPE, one->scope);
        event_int(e, C_BAN_QUERY_LINE_FROM_DAY, one->from.n);
        event_int(e, C_BAN_QUERY_LINE_TO_DAY, one->to.n);
    }
    return TQ_OK;
}

static tq_code lines_put(question *q, int64_t query_id, tq_err *err)
{
    for (size_t i = 0; i < q->n;) {
        event e = work_event(q->c, EV_BAN_QUERY_ANSWER);
        for (size_t end = i + SLICE; i < q->n && i < end; i++) {
            TQ_TRY(line_put(q, &e, query_id, &q->answers[i], err));
        }
        TQ_TRY(event_append(q->tx, &e, NULL, err));
    }
    return TQ_OK;
}

static tq_code query_put(question *q, ban_ask_result *out, tq_err *err)
{
    programme_brief b;
    char hex[65];
    BUF_AUTO buf text = buf_max(BAN_RECEIPT_BYTES_MAX);
    event e = work_event(q->c, EV_BAN_QUERY_ANSWER);
    TQ_TRY(programme_read(q->tx, q->c->who.programme_id, &b, err));
    TQ_TRY(number_next(q->tx, q->c, &e, NUMBER_BAN_QUERY, &out->number, err));
    const receipt r = {.number = str_of(out->number.text),
                       .programme = str_of(b.code),
                       .asker = q->asker,
                       .purpose = q->rq->purpose,
                       .paper_no = q->rq->paper_no,
                       .day = q->c->today,
                       .answers = q->answers,
                       .n = q->n};
    receipt_print(&r, &text);
    digest_hex(hash_of(HASH_SHA256, buf_view(&text)), hex);
    TQ_TRY(event_new_row(q->tx, &e, T_BAN_QUERY, &out->query_id, err));
    event_int(&e, C_BAN_QUERY_PROGRAMME_ID, q->c->who.programme_id);
    event_text(&e, C_BAN_QUERY_NUMBER, r.number);
    event_int(&e, C_BAN_QUERY_PERSON_ID, q->c->who.person_id);
    event_text(&e, C_BAN_QUERY_ASKER, r.asker);
    event_int(&e, C_BAN_QUERY_DAY, r.day.n);
    event_text(&e, C_BAN_QUERY_PURPOSE, r.purpose);
    event_text(&e, C_BAN_QUERY_PAPER_NO, r.paper_no);
    event_int(&e, C_BAN_QUERY_COUNT, (int64_t)q->n);
    event_int(&e, C_BAN_QUERY_BANNED, q->banned);
    event_text(&e, C_BAN_QUERY_SHA256, str_of(hex));
    return event_append(q->tx, &e, NULL, err);
}

tq_code ban_ask(app *a, const call *c, const ban_ask_request *rq, ban_ask_result *out, tq_err *err)
{
    static const role_set asks = ROLES(ROLE_LINKED_BUREAU) | ROLES(ROLE_FINANCE_MAKER) |
                                 ROLES(ROLE_FINANCE_CHECKER) | ROLES(ROLE_OFFICE) |
                                 ROLES(ROLE_GROUP);
    event_value user[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(programme_need(c, err));
    TQ_TRY(line_need(rq->purpose, "ban_query.purpose", err));
    TQ_TRY(line_need(rq->paper_no, "ban_query.paper_no", err));
    question q = {.c = c, .rq = rq, .answers = ARENA_NEW(c->a, answer, BAN_ASK_MAX)};
    TQ_TRY(codes_read(&q, err));
    TQ_TRY(work_begin(a, c, asks, &tx, err));
    q.tx = tx;
    TQ_TRY(row_load(tx, T_USER_ACCOUNT, c->who.user_id, c->a, user, err));
    q.asker = row_str(user, C_USER_ACCOUNT_LOGIN);
    for (size_t i = 0; i < q.n; i++) {
        TQ_TRY(answer_find(&q, &q.answers[i], err));
    }
    TQ_TRY(query_put(&q, out, err));
    TQ_TRY(lines_put(&q, out->query_id, err));
    TQ_TRY(store_commit(&tx, err));
    out->count = (int64_t)q.n;
    out->banned = q.banned;
    return TQ_OK;
}

/* --- the receipt later ----------------------------------------------------------------------------- */

static tq_code lines_read(store_tx *tx, const call *c, int64_t query_id, receipt *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    answer *answers = ARENA_NEW(c->a, answer, BAN_ASK_MAX);
    bool more = false;
    TQ_TRY(store_query(tx, STMT_BAN_QUERY_LINES, ARGS(arg_int(query_id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    for (; more && out->n < BAN_ASK_MAX; out->n++) {
        answer *one = &answers[out->n];
        TQ_TRY(credit_code_parse(row_text(&r), &one->code, err));
        const bool banned = str_eq(row_text(&r), STR("banned"));
        const str scope = row_copy(&r, c->a);
        one->scope = banned ? scope : STR("");
        one->from = (day){(int32_t)row_int(&r)};
        one->to = (day){(int32_t)row_int(&r)};
        TQ_TRY(rows_next(&r, &more, err));
    }
    out->answers = answers;
    return TQ_OK;
}

tq_code ban_receipt(app *a, const call *c, int64_t query_id, buf *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    programme_brief b;
    char hex[65];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(row_load(tx, T_BAN_QUERY, query_id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_BAN_QUERY_PROGRAMME_ID), "ban_query", err));
    TQ_TRY(programme_read(tx, c->who.programme_id, &b, err));
    receipt r = {.number = row_str(row, C_BAN_QUERY_NUMBER),
                 .programme = str_of(b.code),
                 .asker = row_str(row, C_BAN_QUERY_ASKER),
                 .purpose = row_str(row, C_BAN_QUERY_PURPOSE),
                 .paper_no = row_str(row, C_BAN_QUERY_PAPER_NO),
                 .day = {(int32_t)row_num(row, C_BAN_QUERY_DAY)}};
    TQ_TRY(lines_read(tx, c, query_id, &r, err));
    receipt_print(&r, out);
    digest_hex(hash_of(HASH_SHA256, buf_view(out)), hex);
    if (!str_eq(str_of(hex), row_str(row, C_BAN_QUERY_SHA256))) { /* R-BAN-050 */
        return tq_fail(err, TQ_CORRUPT, "ban_receipt", "ban_query",
                       "the rows no longer give the hash that was handed out");
    }
    return TQ_OK;
}
