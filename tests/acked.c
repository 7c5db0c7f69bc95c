/* SPDX-License-Identifier: Apache-2.0 */
#include "acked.h"

#include "store/blob.h"
#include "store/event_store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define YEAR 2013
#define FEN INT64_C(10007)

typedef struct writer {
    const world *w;
    int round, thread, fd;
} writer;

static event begin(const world *w, arena *a, event_kind kind, int64_t token)
{
    event e = event_begin(a, kind);
    e.programme_id = w->programme_id;
    e.at.us = w->at + token % 1000000;
    e.today.n = (int32_t)(w->at / INT64_C(86400000000));
    e.user_id = 11;
    e.person_id = 21;
    e.role = ROLE_OFFICE;
    return e;
}

static ledger_cell cell(const world *w, ledger_account account, int64_t voucher, int64_t order)
{
    const ledger_cell all = {account, w->source_id, YEAR, w->kind_id, voucher, order, 0, 0};
    return ledger_to(&all, account, &all);
}

static tq_code issue(const world *w, store_tx *tx, arena *a, int64_t token, str name, int64_t *id,
                     tq_err *err)
{
    event e = begin(w, a, EV_VOUCHER_ISSUE, token);
    TQ_TRY(event_new_row(tx, &e, T_VOUCHER, id, err));
    event_int(&e, C_VOUCHER_PROGRAMME_ID, w->programme_id);
    event_text(&e, C_VOUCHER_NUMBER, name);
    event_int(&e, C_VOUCHER_KIND_ID, w->kind_id);
    event_int(&e, C_VOUCHER_HOLDER_ID, 1);
    event_int(&e, C_VOUCHER_POLICY_ID, 1);
    event_text(&e, C_VOUCHER_STATE, STR("active"));
    event_int(&e, C_VOUCHER_ISSUED_FEN, FEN);
    event_int(&e, C_VOUCHER_ISSUED_DAY, e.today.n);
    event_int(&e, C_VOUCHER_USE_BY_DAY, e.today.n + 365);
    event_text(&e, C_VOUCHER_PURPOSE, name);
    const ledger_cell from = cell(w, ACC_POOL, 0, 0);
    const ledger_cell to = cell(w, ACC_VOUCHER, *id, 0);
    event_move(&e, &from, &to, FEN);
    return event_append(tx, &e, NULL, err);
}

static tq_code place(const world *w, store_tx *tx, arena *a, int64_t token, str name,
                     int64_t voucher, const char *blob, tq_err *err)
{
    int64_t id = 0;
    event e = begin(w, a, EV_ORDER_PROPOSE, token);
    TQ_TRY(event_new_row(tx, &e, T_SERVICE_ORDER, &id, err));
    event_int(&e, C_SERVICE_ORDER_PROGRAMME_ID, w->programme_id);
    event_text(&e, C_SERVICE_ORDER_NUMBER, name);
    event_int(&e, C_SERVICE_ORDER_VOUCHER_ID, voucher);
    event_int(&e, C_SERVICE_ORDER_HOLDER_ID, 1);
    event_int(&e, C_SERVICE_ORDER_INSTITUTION_ID, 600);
    event_int(&e, C_SERVICE_ORDER_CONTRACT_FEN, FEN);
    event_int(&e, C_SERVICE_ORDER_VOUCHER_FEN, FEN);
    event_text(&e, C_SERVICE_ORDER_TITLE, name);
    event_text(&e, C_SERVICE_ORDER_STATE, STR("accepted"));
    if (blob[0] != '\0') {
        int64_t paper = 0;
        TQ_TRY(event_new_row(tx, &e, T_EVIDENCE, &paper, err));
        event_text(&e, C_EVIDENCE_SHA256, str_of(blob));
    }
    const ledger_cell from = cell(w, ACC_VOUCHER, voucher, 0);
    const ledger_cell to = cell(w, ACC_HOLD, voucher, id);
    event_move(&e, &from, &to, FEN);
    return event_append(tx, &e, NULL, err);
}

tq_code acked_one(const world *w, int64_t token, bool with_file, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    ARENA_AUTO arena *a = arena_new("acked", 4 * 1024 * 1024);
    const str name = arena_printf(a, "t%lld", (long long)token);
    char hex[65] = "";
    int64_t voucher = 0;
    if (with_file) {
        digest sha256;
        TQ_TRY(blob_put(w->s, arena_printf(a, "paper of t%lld", (long long)token), &sha256, err));
        digest_hex(sha256, hex);
    }
    TQ_TRY(store_begin(w->s, STORE_WRITE, &tx, err));
    TQ_TRY(issue(w, tx, a, token, name, &voucher, err));
    TQ_TRY(place(w, tx, a, token, name, voucher, hex, err));
    return store_commit(&tx, err);
}

static void *write_on(void *arg)
{
    const writer *me = arg;
    for (int64_t n = 1;; n++) {
        const int64_t token = ((int64_t)me->round * 10 + me->thread) * 1000000 + n;
        tq_err err = {0};
        char line[32];
        const tq_code code = acked_one(me->w, token, n % 8 == 0, &err);
        if (code == TQ_BUSY) {
            continue;
        }
        if (code != TQ_OK) {
            (void)fprintf(stderr, "acked: %s: %s\n", err.reason, err.detail);
            _exit(3);
        }
        const int len = snprintf(line, sizeof line, "%lld\n", (long long)token);
        if (write(me->fd, line, (size_t)len) != len) {
            _exit(4);
        }
    }
    return NULL;
}

void acked_write(const store_options *o, const world *w, int round, int fd)
{
    world mine = *w;
    writer team[ACKED_WRITERS];
    pthread_t threads[ACKED_WRITERS];
    tq_err err = {0};
    if (store_open(o, &mine.s, &err) != TQ_OK) {
        (void)fprintf(stderr, "acked: open: %s: %s\n", err.reason, err.detail);
        _exit(2);
    }
    for (int i = 0; i < ACKED_WRITERS; i++) {
        team[i] = (writer){.w = &mine, .round = round, .thread = i, .fd = fd};
        if (pthread_create(&threads[i], NULL, write_on, &team[i]) != 0) {
            _exit(2);
        }
    }
    for (;;) {
        (void)pause();
    }
}

void acked_read(acked_list *l, int fd)
{
    FILE *in = fdopen(fd, "r");
    char line[64];
    while (in != NULL && fgets(line, sizeof line, in) != NULL && strchr(line, '\n') != NULL) {
        if (l->n == l->room) {
            l->room = l->room == 0 ? 1024 : l->room * 2;
            l->tokens = realloc(l->tokens, l->room * sizeof *l->tokens);
            TQ_ASSERT(l->tokens != NULL);
        }
        l->tokens[l->n++] = strtoll(line, NULL, 10);
    }
    TQ_ASSERT(in != NULL);
    (void)fclose(in);
}

void acked_free(acked_list *l)
{
    free(l->tokens);
    *l = (acked_list){0};
}

static int by_value(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Tokens of one letter in the answer, sorted. */
static acked_list stored_of(const char *stored, char letter)
{
    acked_list l = {.room = strlen(stored) / 3 + 1};
    l.tokens = calloc(l.room, sizeof *l.tokens);
    TQ_ASSERT(l.tokens != NULL);
    for (const char *at = stored; *at != '\0'; at++) {
        if (*at == letter && at[1] == 't') {
            l.tokens[l.n++] = strtoll(at + 2, NULL, 10);
        }
    }
    qsort(l.tokens, l.n, sizeof *l.tokens, by_value);
    return l;
}

static const char *compare(const acked_list *l, const acked_list *vouchers,
                           const acked_list *orders)
{
    if (vouchers->n != orders->n) {
        return "a write is there in part";
    }
    for (size_t i = 0; i < vouchers->n; i++) {
        if (vouchers->tokens[i] != orders->tokens[i]) {
            return "a write is there in part";
        }
        if (i > 0 && vouchers->tokens[i] == vouchers->tokens[i - 1]) {
            return "a write is there twice";
        }
    }
    for (size_t i = 0; i < l->n; i++) {
        if (bsearch(&l->tokens[i], vouchers->tokens, vouchers->n, sizeof l->tokens[0], by_value) ==
            NULL) {
            return "an acknowledged write is lost";
        }
    }
    return NULL;
}

const char *acked_missing(const acked_list *l, const char *stored)
{
    acked_list vouchers = stored_of(stored, 'v');
    acked_list orders = stored_of(stored, 'o');
    const char *why = compare(l, &vouchers, &orders);
    acked_free(&vouchers);
    acked_free(&orders);
    return why;
}
