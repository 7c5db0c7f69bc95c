/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs: taken by one node at a time, taken up again where they stood, and ended with their cause. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/job.h"
#include "app/programme.h"
#include "given_claim.h"

#define DAY fixture_day(2013, 11, 20)
#define STEPS 30
#define WAIT_S 30
#define SHORT_US (INT64_C(400) * 1000)
#define S_US INT64_C(1000000)

static atomic_int step_pause_ms;
static int step_pipe = -1;  /* a byte goes here after each step that is durable */
static atomic_int begun_at; /* first step of the last run */
static atomic_int fails_left;
static atomic_int inside[64];
static atomic_int times[64];
static atomic_int overlaps;

static void pause_ms(long ms)
{
    const struct timespec t = {ms / 1000, (ms % 1000) * 1000000};
    (void)nanosleep(&t, NULL);
}

/* --- kinds ------------------------------------------------------------------------------------- */

/* One row of business in each step: an outage whose day is the number of the step. */
static tq_code step_write(job_run *run, int64_t n, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t id = 0;
    char next[24];
    TQ_TRY(work_begin(run->app, &run->call, ROLES(ROLE_SYSTEM), &tx, err));
    event e = work_event(&run->call, EV_OUTAGE_FILE);
    TQ_TRY(event_new_row(tx, &e, T_OUTAGE, &id, err));
    event_int(&e, C_OUTAGE_PROGRAMME_ID, run->call.who.programme_id);
    event_int(&e, C_OUTAGE_FROM_DAY, 10000 + n);
    event_int(&e, C_OUTAGE_TO_DAY, 10000 + n);
    TQ_TRY(event_append(tx, &e, NULL, err));
    (void)snprintf(next, sizeof next, "%lld", (long long)(n + 1));
    TQ_TRY(job_step(tx, run, str_of(next), n + 1, STEPS, err));
    return store_commit(&tx, err);
}

static tq_code steps_run(job_run *run, tq_err *err)
{
    long long from = 0;
    if (run->job.checkpoint.len > 0) {
        assert_true(str_int64(run->job.checkpoint, &from));
    }
    atomic_store(&begun_at, (int)from);
    for (int64_t n = from; n < STEPS; n++) {
        TQ_TRY(step_write(run, n, err));
        if (step_pipe >= 0) {
            assert_int_equal(write(step_pipe, "s", 1), 1);
        }
        pause_ms(atomic_load(&step_pause_ms));
    }
    run->result = STR("{\"steps\":30}");
    return TQ_OK;
}

static tq_code count_run(job_run *run, tq_err *err)
{
    (void)err;
    const int64_t i = run->job.id % 64;
    if (atomic_fetch_add(&inside[i], 1) != 0) {
        (void)atomic_fetch_add(&overlaps, 1);
    }
    (void)atomic_fetch_add(&times[i], 1);
    pause_ms(10);
    (void)atomic_fetch_sub(&inside[i], 1);
    return TQ_OK;
}

/* Its use case commits and then its answer is lost, as often as told. */
static tq_code unsure_run(job_run *run, tq_err *err)
{
    int64_t id = 0;
    const tq_code code = outage_file(run->app, &run->call, DAY, DAY, STR("停电"), &id, err);
    if (idem_row(&run->once, run->call.a, "outage", &id)) {
        run->result = arena_printf(run->call.a, "{\"outage\":%lld}", (long long)id);
        return TQ_OK;
    }
    TQ_TRY(code);
    return atomic_fetch_sub(&fails_left, 1) > 0
               ? tq_fail(err, TQ_BUSY, "commit_unknown", NULL, "the answer was lost")
               : TQ_OK;
}

static tq_code refuse_run(job_run *run, tq_err *err)
{
    (void)run;
    return tq_fail(err, TQ_INVALID, "file_form", "vouchers line 7",
                   "the amount is written as 1,000");
}

/* Waits until it is told to end. */
static tq_code idle_run(job_run *run, tq_err *err)
{
    for (int i = 0; job_go_on(run) && i < WAIT_S * 200; i++) {
        job_tell(run, i, 0);
        pause_ms(5);
    }
    return job_progress(run, STR("idle"), 1, 2, err);
}

#define ALL (ROLES_ANY & ~ROLES(ROLE_PUBLIC))
static const job_kind kinds[] = {
    {"steps", ALL, false, NULL, steps_run, "步骤", "steps"},
    {"count", ALL, false, NULL, count_run, "计数", "count"},
    {"unsure", ALL, true, NULL, unsure_run, "存疑", "unsure"},
    {"refuse", ALL, false, NULL, refuse_run, "拒绝", "refuse"},
    {"idle", ALL, false, NULL, idle_run, "等待", "idle"},
};
enum { STEPS_KIND, COUNT_KIND, UNSURE_KIND, REFUSE_KIND, IDLE_KIND };

/* --- helpers ----------------------------------------------------------------------------------- */

static call clock_call(fixture *f)
{
    return (call){.who = {.role = ROLE_SYSTEM, .programme_id = f->programme_id},
                  .at = instant_now(),
                  .today = DAY,
                  .a = f->a};
}

static int64_t start(fixture *f, int kind, const call *c)
{
    int64_t id = 0;
    NEED(job_start(f->app, c, &kinds[kind], STR("{}"), &id, err));
    return id;
}

static job look(fixture *f, int64_t id)
{
    TX_AUTO store_tx *tx = NULL;
    job j;
    NEED(work_read(f->app, &tx, err));
    NEED(job_read(tx, id, f->a, &j, err));
    return j;
}

static bool is(const job *j, const char *state)
{
    return str_eq(j->state, str_of(state));
}

static job wait_for(fixture *f, int64_t id, const char *state)
{
    for (int i = 0; i < WAIT_S * 50; i++) {
        const job j = look(f, id);
        if (is(&j, state)) {
            return j;
        }
        pause_ms(20);
    }
    const job j = look(f, id);
    fail_msg("job %lld is %.*s (%.*s %.*s), not %s", (long long)id, STR_ARG(j.state),
             STR_ARG(j.error), STR_ARG(j.message), state);
    return j;
}

static job_runner *runner(app *a, const char *node, int threads, int64_t lease_us)
{
    job_runner *r = NULL;
    const job_runner_options o = {.kinds = kinds,
                                  .n_kinds = TQ_COUNT(kinds),
                                  .threads = threads,
                                  .node = node,
                                  .lease_us = lease_us,
                                  .poll_us = 10000};
    NEED(job_runner_start(a, &o, &r, err));
    return r;
}

/* Every step was done, and none twice. */
static void each_step_once(fixture *f)
{
    TX_AUTO store_tx *tx = NULL;
    ROWS_AUTO store_rows r = {0};
    int seen[STEPS] = {0};
    bool more = false;
    NEED(work_read(f->app, &tx, err));
    NEED(store_query(tx, STMT_ROW_PAGE(T_OUTAGE), ARGS(arg_int(0), arg_int(1000)), &r, err));
    for (;;) {
        NEED(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        (void)row_int(&r);
        (void)row_int(&r);
        const int64_t n = row_int(&r) - 10000;
        assert_in_range(n, 0, STEPS - 1);
        seen[n]++;
    }
    for (int i = 0; i < STEPS; i++) {
        assert_int_equal(seen[i], 1);
    }
}

/* --- tests ------------------------------------------------------------------------------------- */

static void a_job_ends_with_its_result(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const call c = clock_call(f);
    const int64_t id = start(f, STEPS_KIND, &c);
    const job waiting = look(f, id);
    assert_true(is(&waiting, "waiting"));
    job_runner *r = runner(f->app, "one", 1, S_US);
    const job j = wait_for(f, id, "done");
    job_runner_stop(r);
    assert_int_equal(j.done, STEPS);
    assert_int_equal(j.total, STEPS);
    assert_true(str_eq(j.result, STR("{\"steps\":30}")));
    assert_true(j.created.us <= j.started.us && j.started.us <= j.ended.us);
    assert_int_equal(j.attempts, 1);
    BUF_AUTO buf text = buf_max(JOB_RESULT_MAX);
    job_write(&j, &text);
    assert_true(buf_ok(&text));
    assert_non_null(strstr(text.data, "\"state\":\"done\",\"done\":30,\"total\":30"));
    each_step_once(f);
    fixture_close(f);
}

/* The child makes a county, runs the job and is killed between two steps. */
static void child(int out)
{
    fixture *f = fixture_open();
    const call c = clock_call(f);
    const int64_t id = start(f, STEPS_KIND, &c);
    assert_int_equal(write(out, f, sizeof *f), (ssize_t)sizeof *f);
    assert_int_equal(write(out, &id, sizeof id), (ssize_t)sizeof id);
    step_pipe = out;
    atomic_store(&step_pause_ms, 20);
    (void)runner(f->app, "first", 1, SHORT_US);
    pause_ms(WAIT_S * 1000);
    _exit(3);
}

static void it_goes_on_after_its_process_was_killed(void **state)
{
    (void)state;
    int ends[2];
    int64_t id = 0;
    int status = 0;
    char byte = 0;
    tq_err err = {0};
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    assert_int_equal(pipe(ends), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        child(ends[1]);
    }
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(read(ends[0], f, sizeof *f), (ssize_t)sizeof *f);
    assert_int_equal(read(ends[0], &id, sizeof id), (ssize_t)sizeof id);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(read(ends[0], &byte, 1), 1);
    }
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(close(ends[0]), 0);

    const store_options o = {.dir = f->dir, .pg_uri = f->pg_uri[0] == '\0' ? NULL : f->pg_uri};
    f->a = arena_new("second", 64 * 1024 * 1024);
    f->app = NULL;
    fixture_need(app_open(&o, &f->app, &err), &err, "app_open");
    f->store = app_store(f->app);
    const job left = look(f, id);
    assert_true(is(&left, "running"));
    assert_in_range(left.done, 7, STEPS - 1);
    job_runner *r = runner(f->app, "second", 1, SHORT_US);
    const job j = wait_for(f, id, "done");
    job_runner_stop(r);
    assert_int_equal(j.attempts, 2);
    assert_in_range(atomic_load(&begun_at), 7, STEPS - 1); /* not from the beginning */
    each_step_once(f);
    fixture_close(f);
}

static void no_two_nodes_run_the_same_job(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const call c = clock_call(f);
    int64_t ids[24];
    app *second = f->app;
    char dir[] = "/tmp/tq-job-XXXXXX";
    atomic_store(&overlaps, 0);
    for (size_t i = 0; i < TQ_COUNT(ids); i++) {
        ids[i] = start(f, COUNT_KIND, &c);
        atomic_store(&times[ids[i] % 64], 0);
    }
    assert_non_null(mkdtemp(dir));
    if (f->pg_uri[0] != '\0') {
        const store_options o = {.dir = dir, .pg_uri = f->pg_uri};
        NEED(app_open(&o, &second, err));
    }
    job_runner *r1 = runner(f->app, "one", 4, S_US);
    job_runner *r2 = second == f->app ? NULL : runner(second, "two", 4, S_US);
    for (size_t i = 0; i < TQ_COUNT(ids); i++) {
        (void)wait_for(f, ids[i], "done");
    }
    job_runner_stop(r1);
    job_runner_stop(r2);
    for (size_t i = 0; i < TQ_COUNT(ids); i++) {
        assert_int_equal(atomic_load(&times[ids[i] % 64]), 1);
    }
    assert_int_equal(atomic_load(&overlaps), 0);
    if (second != f->app) {
        app_close(second);
    }
    char line[64];
    (void)snprintf(line, sizeof line, "rm -rf '%s'", dir);
    assert_int_equal(system(line), 0);
    fixture_close(f);
}

static bool claim(fixture *f, const char *node, int64_t at_us, job *j)
{
    bool found = false;
    NEED(job_claim(f->app, str_of(node), S_US, (instant){at_us}, f->a, j, &found, err));
    return found;
}

static void a_lease_that_ran_out_is_anothers(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const call c = clock_call(f);
    tq_err why = {0};
    job a;
    job b;
    const int64_t id = start(f, STEPS_KIND, &c);
    const int64_t t0 = instant_now().us;
    assert_true(claim(f, "a", t0, &a));
    assert_int_equal(a.id, id);
    assert_false(claim(f, "b", t0 + S_US / 2, &b));
    bool cancel = true;
    NEED(job_beat(f->app, &a, 1, 2, S_US, (instant){t0 + S_US}, &cancel,
                  err)); /* lives for a second more */
    assert_false(cancel);
    assert_false(claim(f, "b", t0 + S_US + S_US / 2, &b));
    assert_true(claim(f, "b", t0 + 3 * S_US, &b));
    assert_int_equal(b.id, id);
    assert_int_equal(b.attempts, 2);
    assert_int_equal(b.done, 1);

    job_run run = {
        .app = f->app, .call = c, .job = a, .lease_us = S_US}; /* the first one wakes up */
    assert_int_equal(step_write(&run, 0, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "job_lost");
    assert_int_equal(job_finish(f->app, &a, STR(""), c.at, &why), TQ_CONFLICT);
    assert_int_equal(job_beat(f->app, &a, 1, 2, S_US, c.at, &cancel, &why), TQ_CONFLICT);
    assert_int_equal(job_give_back(f->app, &a, &why), TQ_CONFLICT);
    run.job = b;
    NEED(step_write(&run, 0, err));
    NEED(job_finish(f->app, &b, STR("{}"), c.at, err));
    fixture_close(f);
}

static void a_job_that_kills_its_nodes_is_given_up(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const call c = clock_call(f);
    job j;
    const int64_t id = start(f, STEPS_KIND, &c);
    int64_t t = instant_now().us;
    for (int i = 0; i < JOB_ATTEMPTS_MAX; i++, t += 2 * S_US) {
        assert_true(claim(f, "n", t, &j));
    }
    assert_false(claim(f, "n", t, &j));
    j = look(f, id);
    assert_true(is(&j, "failed"));
    assert_true(str_eq(j.error, STR("node_lost")));
    fixture_close(f);
}

static void a_failure_is_shown(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const call c = clock_call(f);
    const int64_t id = start(f, REFUSE_KIND, &c);
    job_runner *r = runner(f->app, "one", 1, S_US);
    const job j = wait_for(f, id, "failed");
    job_runner_stop(r);
    assert_true(str_eq(j.error, STR("file_form")));
    assert_true(str_eq(j.message, STR("vouchers line 7: the amount is written as 1,000")));
    fixture_close(f);
}

static void an_answer_that_was_lost_is_not_done_again(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const call c = fixture_as(f, ROLE_OFFICE, DAY);
    const int64_t before = fixture_events(f);
    atomic_store(&fails_left, 2);
    const int64_t id = start(f, UNSURE_KIND, &c);
    job_runner *r = runner(f->app, "one", 1, S_US);
    const job j = wait_for(f, id, "done");
    job_runner_stop(r);
    assert_int_equal(fixture_events(f), before + 1);
    assert_true(str_starts(j.result, STR("{\"outage\":")));
    fixture_close(f);
}

static void cancelled_where_it_stands(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const call asker = fixture_as(f, ROLE_OFFICE, DAY);
    const call other = fixture_as(f, ROLE_INTAKE, DAY);
    const call sysadmin = fixture_as(f, ROLE_SYSADMIN, DAY);
    tq_err why = {0};
    const int64_t waiting = start(f, STEPS_KIND, &asker);
    assert_int_equal(job_cancel(f->app, &other, waiting, &why), TQ_NOT_FOUND);
    NEED(job_cancel(f->app, &asker, waiting, err));
    job j = look(f, waiting);
    assert_true(is(&j, "cancelled"));
    assert_int_equal(job_cancel(f->app, &asker, waiting, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "job_state");

    atomic_store(&step_pause_ms, 20);
    const call c = clock_call(f);
    const int64_t idle = start(f, IDLE_KIND, &asker);
    const int64_t steps = start(f, STEPS_KIND, &c);
    job_runner *r = runner(f->app, "one", 2, SHORT_US);
    for (j = look(f, steps); j.done < 3; j = look(f, steps)) {
        pause_ms(10);
    }
    NEED(job_cancel(f->app, &sysadmin, steps, err));
    NEED(job_cancel(f->app, &asker, idle, err));
    j = wait_for(f, steps, "cancelled");
    assert_in_range(j.done, 3, STEPS - 1);
    (void)wait_for(f, idle, "cancelled");
    job_runner_stop(r);
    atomic_store(&step_pause_ms, 0);
    fixture_close(f);
}

static void a_server_that_ends_hands_its_jobs_back(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const call c = clock_call(f);
    const int64_t id = start(f, STEPS_KIND, &c);
    job j;
    atomic_store(&step_pause_ms, 20);
    job_runner *r = runner(f->app, "one", 1, 60 * S_US);
    for (j = look(f, id); j.done < 3; j = look(f, id)) {
        pause_ms(10);
    }
    job_runner_stop(r);
    j = look(f, id);
    assert_true(is(&j, "waiting"));
    assert_in_range(j.done, 3, STEPS - 1);
    atomic_store(&step_pause_ms, 0);
    r = runner(f->app, "two", 1, 60 * S_US); /* at once, not after the lease */
    j = wait_for(f, id, "done");
    job_runner_stop(r);
    assert_int_equal(j.attempts, 1);
    each_step_once(f);
    fixture_close(f);
}

static void asking_is_checked(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *args, *reason;
        role who;
    } rows[] = {
        {"verify", "{\"deep\":1}", "job_args", ROLE_AUDITOR},
        {"verify", "[]", "job_args", ROLE_AUDITOR},
        {"verify", "{} ", "", ROLE_AUDITOR},
        {"verify", "{}", "no_role", ROLE_INTAKE},
        {"settle_collect", "{\"period\":\"2013Q5\"}", "period", ROLE_FINANCE_MAKER},
        {"settle_collect", "{}", "", ROLE_FINANCE_MAKER},
        {"settle_collect", "{\"period\":\"2013Q3\"}", "no_role", ROLE_FINANCE_CHECKER},
        {"tick", "{\"until\":\"2013-02-30\"}", "", ROLE_SYSADMIN},
        {"opening_import", "{\"opening\":1,\"files\":{\"balances\":\"x\"},\"control\":{}}",
         "job_args", ROLE_FINANCE_CHECKER},
    };
    fixture *f = fixture_open();
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const call c = fixture_as(f, rows[i].who, DAY);
        tq_err why = {0};
        int64_t id = 0;
        const job_kind *kind = job_kind_find(str_of(rows[i].kind));
        assert_non_null(kind);
        assert_int_not_equal(job_start(f->app, &c, kind, str_of(rows[i].args), &id, &why), TQ_OK);
        if (rows[i].reason[0] != '\0' && strcmp(why.reason, rows[i].reason) != 0) {
            fail_msg("%s %s: %s", rows[i].kind, rows[i].args, why.reason);
        }
        assert_int_equal(id, 0);
    }
    assert_null(job_kind_find(STR("mend")));
    fixture_close(f);
}

static void the_program_does_its_own_kinds(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t source = fixture_fund(f, "apply", 10000000, FIXTURE_DAY);
    (void)fixture_account(f, f->firm, DAY);
    (void)given_claim(f, source, f->firm, 0, 3000000, 2000000, 1000000);
    const call auditor = fixture_as(f, ROLE_AUDITOR, DAY);
    const call sysadmin = fixture_as(f, ROLE_SYSADMIN, DAY);
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY);
    int64_t verify = 0;
    int64_t tick = 0;
    int64_t collect = 0;
    NEED(job_start(f->app, &auditor, job_kind_find(STR("verify")), STR("{}"), &verify, err));
    NEED(job_start(f->app, &sysadmin, job_kind_find(STR("tick")), STR("{\"until\":\"2013-11-20\"}"),
                   &tick, err));
    NEED(job_start(f->app, &maker, job_kind_find(STR("settle_collect")),
                   STR("{\"period\":\"2013Q3\"}"), &collect, err));
    job_runner *r = NULL;
    const job_runner_options o = {.threads = 1, .poll_us = 10000};
    NEED(job_runner_start(f->app, &o, &r, err));
    const job verified = wait_for(f, verify, "done");
    const job ticked = wait_for(f, tick, "done");
    const job collected = wait_for(f, collect, "done");
    job_runner_stop(r);
    assert_true(str_starts(verified.result, STR("{\"ok\":true")));
    assert_true(str_starts(ticked.result, STR("{\"orders_lapsed\":")));
    assert_true(str_starts(collected.result,
                           STR("{\"batch\":1,\"count\":1,\"total_fen\":1000000,")));
    fixture_close(f);
}

static void the_list_is_newest_first(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const call office = fixture_as(f, ROLE_OFFICE, DAY);
    const call intake = fixture_as(f, ROLE_INTAKE, DAY);
    const int64_t first = start(f, COUNT_KIND, &office);
    const int64_t second = start(f, COUNT_KIND, &intake);
    const int64_t third = start(f, COUNT_KIND, &office);
    job rows[4];
    size_t n = 0;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(job_list(tx, f->programme_id, 0, INT64_MAX, f->a, rows, 4, &n, err));
    assert_int_equal(n, 3);
    assert_int_equal(rows[0].id, third);
    NEED(job_list(tx, 0, office.who.user_id, third, f->a, rows, 4, &n, err));
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].id, first);
    assert_int_equal(rows[0].who.role, ROLE_OFFICE);
    NEED(job_list(tx, 0, intake.who.user_id, INT64_MAX, f->a, rows, 4, &n, err));
    assert_int_equal(rows[0].id, second);
    store_rollback(&tx);
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_goes_on_after_its_process_was_killed), /* first: it forks */
        cmocka_unit_test(a_job_ends_with_its_result),
        cmocka_unit_test(no_two_nodes_run_the_same_job),
        cmocka_unit_test(a_lease_that_ran_out_is_anothers),
        cmocka_unit_test(a_job_that_kills_its_nodes_is_given_up),
        cmocka_unit_test(a_failure_is_shown),
        cmocka_unit_test(an_answer_that_was_lost_is_not_done_again),
        cmocka_unit_test(cancelled_where_it_stands),
        cmocka_unit_test(a_server_that_ends_hands_its_jobs_back),
        cmocka_unit_test(asking_is_checked),
        cmocka_unit_test(the_program_does_its_own_kinds),
        cmocka_unit_test(the_list_is_newest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
