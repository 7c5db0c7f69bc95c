/* SPDX-License-Identifier: Apache-2.0 */
#include "app/job.h"

#include <stdio.h>

#include "app/job_inner.h"
#include "base/canon.h"

static tq_code lost(const job *j, tq_err *err)
{
    char field[32];
    (void)snprintf(field, sizeof field, "job %lld", (long long)j->id);
    return tq_fail(err, TQ_CONFLICT, "job_lost", field, "another node has taken the job");
}

/* --- rows -------------------------------------------------------------------------------------- */

/* The order of columns that all statements of job.sql share. */
static job row_read(store_rows *r, arena *a)
{
    job j = {.id = row_int(r)};
    j.kind = row_copy(r, a);
    j.args = row_copy(r, a);
    j.state = row_copy(r, a);
    j.node = row_copy(r, a);
    j.attempts = row_int(r);
    j.checkpoint = row_copy(r, a);
    j.done = row_int(r);
    j.total = row_int(r);
    j.result = row_copy(r, a);
    j.error = row_copy(r, a);
    j.message = row_copy(r, a);
    j.cancel_asked = row_int(r) != 0;
    j.who.programme_id = row_int(r);
    j.who.org_id = row_int(r);
    j.who.user_id = row_int(r);
    j.who.person_id = row_int(r);
    j.who.for_user_id = row_int(r);
    j.who.role = role_of(row_text(r));
    j.created.us = row_int(r);
    j.started.us = row_int(r);
    j.ended.us = row_int(r);
    TQ_ASSERT(j.id > 0 && j.attempts >= 0);
    return j;
}

tq_code job_read(store_tx *tx, int64_t id, arena *a, job *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_JOB_GET, ARGS(arg_int(id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "job", "there is no such job");
    }
    *out = row_read(&r, a);
    return TQ_OK;
}

tq_code job_list(store_tx *tx, int64_t programme_id, int64_t user_id, int64_t before, arena *a,
                 job *out, size_t max, size_t *n, tq_err *err)
{
    TQ_ASSERT(max > 0);
    ROWS_AUTO store_rows r = {0};
    size_t count = 0;
    TQ_TRY(store_query(tx, STMT_JOB_PAGE,
                       ARGS(arg_int(before), arg_int(programme_id), arg_int(user_id),
                            arg_int((int64_t)max)),
                       &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        TQ_ASSERT(count < max);
        out[count++] = row_read(&r, a);
    }
    *n = count;
    return TQ_OK;
}

static void instant_member(canon *w, const char *key, instant at)
{
    BUF_AUTO buf text = buf_max(64);
    if (at.us != 0) {
        instant_print(at, &text);
    }
    canon_kstr(w, key, buf_view(&text));
}

void job_write(const job *j, buf *out)
{
    canon w = canon_to(out);
    canon_open(&w);
    canon_kint(&w, "id", j->id);
    canon_kstr(&w, "kind", j->kind);
    canon_kstr(&w, "state", j->state);
    canon_kint(&w, "done", j->done);
    canon_kint(&w, "total", j->total);
    canon_key(&w, "cancel_asked");
    canon_bool(&w, j->cancel_asked);
    canon_kint(&w, "attempts", j->attempts);
    canon_kint(&w, "user", j->who.user_id);
    canon_kstr(&w, "role", str_of(role_name(j->who.role)));
    instant_member(&w, "created", j->created);
    instant_member(&w, "started", j->started);
    instant_member(&w, "ended", j->ended);
    canon_kstr(&w, "error", j->error);
    canon_kstr(&w, "message", j->message);
    canon_key(&w, "args");
    canon_raw(&w, j->args);
    canon_key(&w, "result");
    if (j->result.len == 0) {
        canon_null(&w);
    } else {
        canon_raw(&w, j->result);
    }
    canon_close(&w);
}

/* --- asking ------------------------------------------------------------------------------------ */

static tq_code args_need(const job_kind *kind, str args, arena *a, tq_err *err)
{
    const canon_node *root = NULL;
    if (args.len > JOB_ARGS_MAX) {
        return tq_fail(err, TQ_LIMIT, "job_args", "args", "the arguments are longer than %d bytes",
                       JOB_ARGS_MAX);
    }
    TQ_TRY(canon_read(args, a, &root, err));
    if (root->type != CANON_OBJECT) {
        return tq_fail(err, TQ_MALFORMED, "job_args", "args", "the arguments are an object");
    }
    return kind->check == NULL ? TQ_OK : kind->check(args, a, err);
}

tq_code job_start(app *a, const call *c, const job_kind *kind, str args, int64_t *id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t open = 0;
    int64_t made = 0;
    TQ_ASSERT(kind != NULL);
    TQ_TRY(args_need(kind, args, c->a, err));
    TQ_TRY(work_begin(a, c, kind->roles, &tx, err));
    TQ_TRY(store_int(tx, STMT_JOB_OPEN_COUNT, ARGS(arg_str(str_of(kind->name))), 0, &open, err));
    if (open >= JOB_OPEN_MAX) {
        return tq_fail(err, TQ_CONFLICT, "job_queue_full", kind->name,
                       "%lld jobs of this kind wait already; let them end first", (long long)open);
    }
    TQ_TRY(store_int(tx, STMT_JOB_ADD,
                     ARGS(arg_str(str_of(kind->name)), arg_str(args), arg_int(c->who.programme_id),
                          arg_int(c->who.org_id), arg_int(c->who.user_id),
                          arg_int(c->who.person_id), arg_int(c->who.for_user_id),
                          arg_str(str_of(role_name(c->who.role))), arg_int(c->at.us)),
                     0, &made, err));
    TQ_ASSERT(made > 0);
    idem_note(c, "job", made);
    TQ_TRY(store_commit(&tx, err));
    *id = made;
    return TQ_OK;
}

tq_code job_cancel(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    job j;
    int64_t changed = 0;
    TQ_TRY(work_begin(a, c, (role_set) ~(ROLES(ROLE_PUBLIC) | ROLES(ROLE_NONE)), &tx, err));
    TQ_TRY(job_read(tx, id, c->a, &j, err));
    const bool mine = j.who.user_id == c->who.user_id && j.who.programme_id == c->who.programme_id;
    if (!mine && c->who.role != ROLE_SYSADMIN) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "job", "there is no such job");
    }
    TQ_TRY(store_run(tx, STMT_JOB_CANCEL_WAITING, ARGS(arg_int(id), arg_int(c->at.us)), &changed,
                     err));
    if (changed == 0) {
        TQ_TRY(store_run(tx, STMT_JOB_CANCEL_ASK, ARGS(arg_int(id)), &changed, err));
    }
    if (changed == 0) {
        return tq_fail(err, TQ_CONFLICT, "job_state", "job", "the job has ended: it is %.*s",
                       STR_ARG(j.state));
    }
    idem_note(c, "job", id);
    return store_commit(&tx, err);
}

/* --- running ----------------------------------------------------------------------------------- */

static tq_code take(app *a, str node, int64_t lease_us, instant now, arena *mem, job *out,
                    bool *found, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
    bool more = false;
    {
        ROWS_AUTO store_rows r = {0};
        TQ_TRY(store_query(tx, STMT_JOB_TAKE,
                           ARGS(arg_int(now.us), arg_int(now.us + lease_us), arg_str(node)), &r,
                           err));
        TQ_TRY(rows_next(&r, &more, err));
        if (more) {
            *out = row_read(&r, mem);
        }
    }
    *found = more;
    return store_commit(&tx, err);
}

tq_code job_claim(app *a, str node, int64_t lease_us, instant now, arena *mem, job *out,
                  bool *found, tq_err *err)
{
    TQ_ASSERT(node.len > 0 && lease_us > 0);
    for (;;) {
        job j;
        bool have = false;
        TQ_TRY(take(a, node, lease_us, now, mem, &j, &have, err));
        if (!have || j.attempts <= JOB_ATTEMPTS_MAX) {
            *found = have;
            if (have) {
                *out = j;
            }
            return TQ_OK;
        }
        tq_err why = {0};
        TQ_ASSERT(tq_fail(&why, TQ_INTERNAL, "node_lost", NULL,
                          "%d nodes ended while they ran this job",
                          JOB_ATTEMPTS_MAX) == TQ_INTERNAL);
        TQ_TRY(job_fail(a, &j, STR(""), &why, now, err));
    }
}

tq_code job_step(store_tx *tx, job_run *run, str checkpoint, int64_t done, int64_t total,
                 tq_err *err)
{
    int64_t cancel = 0;
    TQ_ASSERT(checkpoint.len <= JOB_CHECKPOINT_MAX);
    TQ_ASSERT(done >= 0 && total >= 0);
    if (job_watch_stopping(run->watch)) {
        return tq_fail(err, TQ_BUSY, "job_stopping", NULL,
                       "the server ends; the job goes on later");
    }
    TQ_TRY(store_int(tx, STMT_JOB_CHECKPOINT,
                     ARGS(arg_int(run->job.id), arg_str(run->job.node), arg_int(run->job.attempts),
                          arg_str(checkpoint), arg_int(done), arg_int(total),
                          arg_int(instant_now().us + run->lease_us)),
                     -1, &cancel, err));
    if (cancel < 0) {
        return lost(&run->job, err);
    }
    if (cancel != 0) {
        return tq_fail(err, TQ_CONFLICT, "job_cancelled", NULL, "the job was cancelled");
    }
    job_tell(run, done, total);
    return TQ_OK;
}

tq_code job_progress(job_run *run, str checkpoint, int64_t done, int64_t total, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(app_store(run->app), STORE_WRITE, &tx, err));
    TQ_TRY(job_step(tx, run, checkpoint, done, total, err));
    return store_commit(&tx, err);
}

/* What the job did is committed before this, so a failure here must not look like a failed job. */
static tq_code end(app *a, const job *j, const char *state, str result, const tq_err *why,
                   instant now, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t changed = 0;
    char message[JOB_MESSAGE_MAX] = "";
    if (why != NULL) {
        (void)snprintf(message, sizeof message, "%s%s%s", why->field,
                       why->field[0] == '\0' ? "" : ": ", why->detail);
    }
    TQ_ASSERT(result.len <= JOB_RESULT_MAX);
    TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
    TQ_TRY(store_run(tx, STMT_JOB_END,
                     ARGS(arg_int(j->id), arg_str(j->node), arg_int(j->attempts),
                          arg_str(str_of(state)), arg_str(result),
                          arg_str(str_of(why == NULL ? "" : why->reason)), arg_str(str_of(message)),
                          arg_int(now.us)),
                     &changed, err));
    return changed == 0 ? lost(j, err) : store_commit(&tx, err);
}

tq_code job_finish(app *a, const job *j, str result, instant now, tq_err *err)
{
    return end(a, j, "done", result, NULL, now, err);
}

tq_code job_fail(app *a, const job *j, str result, const tq_err *why, instant now, tq_err *err)
{
    TQ_ASSERT(why->reason[0] != '\0');
    return end(a, j, "failed", result, why, now, err);
}

tq_code job_cancelled(app *a, const job *j, instant now, tq_err *err)
{
    return end(a, j, "cancelled", STR(""), NULL, now, err);
}

tq_code job_give_back(app *a, const job *j, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t changed = 0;
    TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
    TQ_TRY(store_run(tx, STMT_JOB_GIVE_BACK,
                     ARGS(arg_int(j->id), arg_str(j->node), arg_int(j->attempts)), &changed, err));
    return changed == 0 ? lost(j, err) : store_commit(&tx, err);
}

tq_code job_beat(app *a, const job *j, int64_t done, int64_t total, int64_t lease_us, instant now,
                 bool *cancel, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t asked = 0;
    TQ_TRY(store_begin(app_store(a), STORE_WRITE, &tx, err));
    TQ_TRY(store_int(tx, STMT_JOB_BEAT,
                     ARGS(arg_int(j->id), arg_str(j->node), arg_int(j->attempts), arg_int(done),
                          arg_int(total), arg_int(now.us + lease_us)),
                     -1, &asked, err));
    if (asked < 0) {
        return lost(j, err);
    }
    TQ_TRY(store_commit(&tx, err));
    *cancel = asked != 0;
    return TQ_OK;
}
