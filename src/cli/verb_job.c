/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli_actor.h"

#include "app/job.h"
#include "base/canon.h"

#define ROWS 100
#define ANSWER_MAX (16 * 1024 * 1024)

static void job_line(const job *j, buf *out)
{
    buf_printf(out, "job %lld %.*s %.*s", (long long)j->id, STR_ARG(j->kind), STR_ARG(j->state));
    if (j->total > 0) {
        buf_printf(out, " %lld of %lld", (long long)j->done, (long long)j->total);
    }
    buf_text(out, j->cancel_asked && j->ended.us == 0 ? " (to be cancelled)" : "");
    if (j->error.len > 0) {
        buf_printf(out, "\n  %.*s: %.*s", STR_ARG(j->error), STR_ARG(j->message));
    }
}

/* A sysadmin's terminal shows every job of the installation; nobody else's data is in a row but in
 * result, which `show` prints and the list does not. */
static tq_code list(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    int64_t before = 0;
    size_t n = 0;
    job *jobs = ARENA_NEW(c->a, job, ROWS);
    TQ_TRY(cli_id(c, "before", false, &before, err));
    TQ_TRY(cli_act_begin(c, CLI_READ, &act, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(act.site, &tx, err));
    TQ_TRY(job_list(tx, 0, 0, before == 0 ? INT64_MAX : before, c->a, jobs, ROWS, &n, err));
    BUF_AUTO buf out = buf_max(ANSWER_MAX);
    const bool json = cli_flag(c, "json");
    canon w = canon_to(&out);
    if (json) {
        canon_list(&w);
    }
    for (size_t i = 0; i < n; i++) {
        if (json) {
            jobs[i].result = STR("");
            BUF_AUTO buf one = buf_max(ANSWER_MAX);
            job_write(&jobs[i], &one);
            canon_raw(&w, buf_view(&one));
        } else {
            buf_text(&out, i == 0 ? "" : "\n");
            job_line(&jobs[i], &out);
        }
    }
    if (json) {
        canon_list_end(&w);
    } else if (n == 0) {
        buf_text(&out, "no jobs");
    }
    return cli_print(c, &out, err);
}

static tq_code show(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    int64_t id = 0;
    job j;
    TQ_TRY(cli_id(c, "id", true, &id, err));
    TQ_TRY(cli_act_begin(c, CLI_READ, &act, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(act.site, &tx, err));
    TQ_TRY(job_read(tx, id, c->a, &j, err));
    BUF_AUTO buf out = buf_max(ANSWER_MAX);
    if (cli_flag(c, "json")) {
        job_write(&j, &out);
    } else {
        job_line(&j, &out);
        buf_printf(&out, "\n  args   %.*s\n  result %.*s", STR_ARG(j.args), STR_ARG(j.result));
    }
    return cli_print(c, &out, err);
}

static tq_code start(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    const char *name = NULL;
    const char *args = cli_value(c, "args");
    int64_t id = 0;
    TQ_TRY(cli_need(c, "kind", &name, err));
    const job_kind *kind = job_kind_find(str_of(name));
    if (kind == NULL) {
        return tq_fail(err, TQ_USAGE, "job_kind", "kind",
                       "the kinds are verify, settle_collect, opening_import and tick");
    }
    TQ_TRY(cli_act_begin(c, CLI_WRITE, &act, err));
    TQ_TRY(job_start(act.site, &act.call, kind, str_of(args == NULL ? "{}" : args), &id, err));
    return cli_made(c, "job", id, err);
}

static tq_code cancel(const cli *c, tq_err *err)
{
    return cli_step_run(c, "job", job_cancel, err);
}

tq_code verb_job(const cli *c, tq_err *err)
{
    static const cli_word words[] = {
        {"list", "before", 0, list},
        {"show", "id", 0, show},
        {"start", "role org kind args", 0, start},
        {"cancel", "role org id", 0, cancel},
    };
    return cli_word_run(c, words, TQ_COUNT(words), err);
}
