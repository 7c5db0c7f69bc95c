/* SPDX-License-Identifier: Apache-2.0 */
/* A payment run is made slice by slice, each a transaction of its own. Here the process is killed between
 * two of them: what stands must be visible as half done, must verify, and the same call must complete it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/bank_result.h"
#include "app/payment_list.h"
#include "app/settle.h"
#include "given_claim.h"
#include "store/verify.h"

#define YUAN INT64_C(100)
#define LINES (SETTLE_SLICE * 5 + 7)
#define DAY_RUN fixture_day(2013, 11, 20)

typedef enum act { ACT_COLLECT, ACT_RELEASE, ACT_RESULT } act;

static void open_site(fixture *f, bool bulk)
{
    const store_options o = {
        .dir = f->dir, .pg_uri = f->pg_uri[0] == '\0' ? NULL : f->pg_uri, .bulk = bulk};
    NEED(app_open(&o, &f->app, err));
    f->store = app_store(f->app);
}

static void close_site(fixture *f)
{
    app_close(f->app);
    f->app = NULL;
    f->store = NULL;
}

/* Published claims of one firm, all of 100 yuan. */
static fixture *site_with_claims(void)
{
    fixture *f = fixture_open();
    const int64_t source = fixture_fund(f, "apply", LINES * 1000 * YUAN, FIXTURE_DAY);
    (void)fixture_account(f, f->firm, FIXTURE_DAY);
    close_site(f);
    open_site(f, true);
    for (int i = 0; i < LINES; i++) {
        (void)given_claim(f, source, f->firm, 0, 300 * YUAN, 200 * YUAN, 100 * YUAN);
    }
    close_site(f);
    open_site(f, false);
    return f;
}

static int64_t ask(fixture *f, store_stmt stmt, int64_t key)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t n = 0;
    NEED(work_read(f->app, &tx, err));
    NEED(store_int(tx, stmt, ARGS(arg_int(key)), 0, &n, err));
    return n;
}

static tq_code run_act(fixture *f, act what, int64_t batch_id, str list, batch_report *out,
                       tq_err *err)
{
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const call checker = fixture_as(f, ROLE_FINANCE_CHECKER, DAY_RUN);
    const batch_collect_request collect = {.period = STR("2013Q3")};
    const batch_release_request release = {batch_id, list};
    if (what == ACT_RESULT) { /* `list` is the bank's file */
        const bank_result_request result = {.bytes = list, .batch_id = batch_id};
        bank_result_report r;
        return bank_result_apply(f->app, &maker, &result, &r, err);
    }
    return what == ACT_COLLECT ? batch_collect(f->app, &maker, &collect, out, err)
                               : batch_release(f->app, &checker, &release, out, err);
}

/* How far it has come: lines in the batch, lines that the release has dealt with, lines with a result. */
static int64_t progress(store *s, act what, const fixture *f, int64_t batch_id)
{
    tq_err err = {0};
    store_tx *tx = NULL;
    int64_t n = 0;
    if (store_begin(s, STORE_READ, &tx, &err) == TQ_OK) {
        const int64_t key = what == ACT_COLLECT ? f->programme_id : batch_id;
        tq_code code =
            store_int(tx, what == ACT_COLLECT ? STMT_BATCH_RUNNING : STMT_BATCH_LINES_WAITING,
                      ARGS(arg_int(key)), 0, &n, &err);
        if (code == TQ_OK && what == ACT_COLLECT && n != 0) {
            code = store_int(tx, STMT_BATCH_LINE_LAST, ARGS(arg_int(n)), 0, &n, &err);
        }
        if (code == TQ_OK && what == ACT_RESULT) {
            code = store_int(tx, STMT_BATCH_LINES_OPEN, ARGS(arg_int(batch_id)), 0, &n, &err);
        }
        n = code == TQ_OK && what != ACT_COLLECT ? LINES - n : n;
    }
    store_rollback(&tx);
    return n;
}

/* Runs the act in a process of its own and kills it when the first slice can be seen. The fixture's own
 * store is closed meanwhile: a folder has one writer. */
static void killed_midway(fixture *f, act what, int64_t batch_id, str list)
{
    close_site(f);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        batch_report r;
        open_site(f, false);
        _exit(run_act(f, what, batch_id, list, &r, NULL) == TQ_OK ? 0 : 1);
    }
    const store_options o = {
        .dir = f->dir, .pg_uri = f->pg_uri[0] == '\0' ? NULL : f->pg_uri, .read_only = true};
    store *s = NULL;
    NEED(store_open(&o, &s, err));
    int status = 0;
    while (progress(s, what, f, batch_id) == 0 && waitpid(child, &status, WNOHANG) == 0) {
        const struct timespec wait = {.tv_nsec = 200000};
        (void)nanosleep(&wait, NULL);
    }
    (void)kill(child, SIGKILL);
    (void)waitpid(child, &status, 0);
    store_close(s);
    open_site(f, false);
}

static void need_clean(fixture *f)
{
    verify_report *r = calloc(1, sizeof *r);
    const verify_options o = {.skip_blobs = true};
    assert_non_null(r);
    NEED(event_sequence(f->store, err));
    NEED(verify_run(f->store, &o, r, err));
    if (!r->ok) {
        fail_msg("%s %s %s", r->first[0].what, r->first[0].table, r->first[0].detail);
    }
    free(r);
}

static batch_report collected_after_kills(fixture *f)
{
    batch_report r = {0};
    killed_midway(f, ACT_COLLECT, 0, STR(""));
    const int64_t half = ask(f, STMT_BATCH_RUNNING, f->programme_id);
    const int64_t lines = ask(f, STMT_BATCH_LINE_LAST, half);
    assert_int_not_equal(half, 0);
    assert_true(lines > 0 && lines % SETTLE_SLICE == 0 && lines < LINES); /* whole slices only */
    assert_int_equal(given_text(f, T_BATCH, half, C_BATCH_NUMBER).len, 0);
    assert_int_equal(given_num(f, T_BATCH, half, C_BATCH_COUNT), lines);
    need_clean(f);

    tq_err why = {0};
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const batch_collect_request other = {.period = STR("2013Q4")};
    assert_int_equal(batch_lock(f->app, &maker, half, &r, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "batch_collecting");
    assert_int_equal(batch_collect(f->app, &maker, &other, &r, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "run_open");
    NEED(run_act(f, ACT_COLLECT, 0, STR(""), &r, err));
    assert_int_equal(r.batch_id, half);
    assert_int_equal(r.count, LINES);
    assert_int_equal(r.total_fen, LINES * 100 * YUAN);
    assert_int_equal(ask(f, STMT_BATCH_LINE_LAST, half), LINES);
    assert_true(given_text(f, T_BATCH, half, C_BATCH_NUMBER).len > 0);
    NEED(batch_lock(f->app, &maker, half, &r, err));
    assert_int_equal(r.count, LINES);
    need_clean(f);
    return r;
}

/* Half released, as everybody must see it. */
static void half_released(fixture *f, const batch_report *locked)
{
    tq_err why = {0};
    batch_report r;
    killed_midway(f, ACT_RELEASE, locked->batch_id, str_of(locked->list_sha256));
    const int64_t waiting = ask(f, STMT_BATCH_LINES_WAITING, locked->batch_id);
    assert_true(waiting > 0 && waiting < LINES);
    assert_true(str_eq(given_text(f, T_BATCH, locked->batch_id, C_BATCH_STATE), STR("released")));
    assert_int_equal(fixture_balance(f, ACC_TRANSIT, 0), (LINES - waiting) * 100 * YUAN);
    assert_int_equal(fixture_balance(f, ACC_PAYABLE, 0), waiting * 100 * YUAN);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    assert_int_equal(batch_send(f->app, &maker, locked->batch_id, &r, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "batch_releasing");
    payment_list_file file; /* nor is a list given out that lacks payments */
    assert_int_equal(payment_list_export(f->app, &maker, locked->batch_id, CSV_UTF8_BOM, &file,
                                         &why),
                     TQ_CONFLICT);
    assert_string_equal(why.reason, "not_released");
    need_clean(f);
}

/* The bank pays every line. */
static str bank_file(fixture *f, int64_t batch_id)
{
    const size_t room = (size_t)(LINES + 1) * 64;
    char *text = arena_take(f->a, room);
    batch_line_view *v = ARENA_NEW(f->a, batch_line_view, LINES);
    size_t n = 0;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(batch_lines(tx, batch_id, 0, f->a, v, LINES, &n, err));
    assert_int_equal(n, LINES);
    size_t at = (size_t)snprintf(text, room, "payment_no,amount,status,reason,date\r\n");
    for (size_t i = 0; i < n; i++) {
        at += (size_t)snprintf(text + at, room - at, "%.*s,100.00,paid,,2013-11-20\r\n",
                               STR_ARG(v[i].payment_no));
    }
    return (str){text, at};
}

static void results_after_a_kill(fixture *f, int64_t batch_id)
{
    const str file = bank_file(f, batch_id);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const bank_result_request rq = {.bytes = file, .batch_id = batch_id};
    bank_result_report r;
    killed_midway(f, ACT_RESULT, batch_id, file);
    const int64_t open = ask(f, STMT_BATCH_LINES_OPEN, batch_id);
    assert_true(open > 0 && open < LINES);
    assert_int_equal(fixture_balance(f, ACC_PAID, 0), (LINES - open) * 100 * YUAN);
    assert_true(str_eq(given_text(f, T_BATCH, batch_id, C_BATCH_STATE), STR("sent")));
    need_clean(f);
    NEED(bank_result_apply(f->app, &maker, &rq, &r, err));
    assert_false(r.seen_before);
    assert_int_equal(r.paid, open); /* what was left, none twice */
    assert_int_equal(fixture_balance(f, ACC_PAID, 0), LINES * 100 * YUAN);
    assert_int_equal(given_num(f, T_BANK_FILE, r.file_id, C_BANK_FILE_MATCHED), LINES);
    assert_true(str_eq(given_text(f, T_BATCH, batch_id, C_BATCH_STATE), STR("reconciled")));
    need_clean(f);
    NEED(bank_result_apply(f->app, &maker, &rq, &r, err));
    assert_true(r.seen_before);
}

static void test_killed_between_slices(void **state)
{
    (void)state;
    fixture *f = site_with_claims();
    batch_report r;
    const batch_report locked = collected_after_kills(f);
    half_released(f, &locked);
    NEED(run_act(f, ACT_RELEASE, locked.batch_id, str_of(locked.list_sha256), &r, err));
    assert_int_equal(r.count, LINES);
    assert_string_equal(r.list_sha256,
                        locked.list_sha256); /* what was signed is what was released */
    assert_int_equal(ask(f, STMT_BATCH_LINES_WAITING, locked.batch_id), 0);
    assert_int_equal(fixture_balance(f, ACC_TRANSIT, 0), LINES * 100 * YUAN);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    tq_err why = {0};
    assert_int_equal(run_act(f, ACT_RELEASE, locked.batch_id, str_of(locked.list_sha256), &r, &why),
                     TQ_CONFLICT);
    NEED(batch_send(f->app, &maker, locked.batch_id, &r, err));
    assert_int_equal(r.count, LINES);
    results_after_a_kill(f, locked.batch_id);
    fixture_close(f);
}

static void test_half_released_is_recalled(void **state)
{
    (void)state;
    fixture *f = site_with_claims();
    batch_report r = {0};
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const call checker = fixture_as(f, ROLE_FINANCE_CHECKER, DAY_RUN);
    NEED(run_act(f, ACT_COLLECT, 0, STR(""), &r, err));
    NEED(batch_lock(f->app, &maker, r.batch_id, &r, err));
    half_released(f, &r);
    NEED(batch_recall(f->app, &checker, r.batch_id, err));
    assert_int_equal(fixture_balance(f, ACC_TRANSIT, 0), 0);
    assert_int_equal(fixture_balance(f, ACC_PAYABLE, 0), LINES * 100 * YUAN);
    assert_int_equal(given_num(f, T_BATCH, r.batch_id, C_BATCH_COUNT), 0);
    assert_int_equal(given_num(f, T_BATCH, r.batch_id, C_BATCH_TOTAL_FEN), 0);
    need_clean(f);
    NEED(run_act(f, ACT_COLLECT, 0, STR(""), &r, err)); /* all of them wait again */
    assert_int_equal(r.count, LINES);
    NEED(batch_cancel(f->app, &maker, r.batch_id, err));
    need_clean(f);
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_between_slices),
        cmocka_unit_test(test_half_released_is_recalled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
