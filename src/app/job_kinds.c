/* SPDX-License-Identifier: Apache-2.0 */
#include "app/job.h"

#include "app/opening.h"
#include "app/policy_trial.h"
#include "app/settle.h"
#include "app/tick.h"
#include "base/canon.h"
#include "domain/policy_text.h"
#include "store/blob.h"
#include "store/verify.h"

#define R(x) ROLES(ROLE_##x)

static tq_code args_read(str args, arena *a, const canon_node **out, tq_err *err)
{
    TQ_TRY(canon_read(args, a, out, err));
    TQ_ASSERT((*out)->type == CANON_OBJECT); /* job_start has looked */
    return TQ_OK;
}

/* Result texts are kept for the page that shows the job. */
static void result_set(job_run *run, const buf *text)
{
    TQ_ASSERT(buf_ok(text));
    run->result = arena_copy(run->call.a, buf_view(text));
}

static tq_code none_check(str args, arena *a, tq_err *err)
{
    const canon_node *root = NULL;
    TQ_TRY(args_read(args, a, &root, err));
    return root->count == 0
               ? TQ_OK
               : tq_fail(err, TQ_INVALID, "job_args", "args", "this job takes no arguments");
}

/* --- verify ------------------------------------------------------------------------------------ */

static void verify_tell(void *ctx, int64_t done, int64_t total)
{
    job_tell(ctx, done, total);
}

static bool verify_go_on(void *ctx)
{
    return job_go_on(ctx);
}

/* Reads one snapshot from its beginning, so there is no checkpoint: taken up again, it starts anew. */
static tq_code verify_job(job_run *run, tq_err *err)
{
    verify_report *r = ARENA_NEW(run->call.a, verify_report, 1);
    const verify_options o = {.progress = verify_tell,
                              .go_on = verify_go_on,
                              .ctx = run,
                              .writes_off = true,
                              .at = run->call.at};
    BUF_AUTO buf out = buf_max(JOB_RESULT_MAX);
    TQ_TRY(verify_run(app_store(run->app), &o, r, err));
    verify_print(r, &out);
    result_set(run, &out);
    return r->ok ? TQ_OK
                 : tq_fail(err, TQ_CORRUPT, "not_verified", r->first[0].table,
                           "%lld findings, first: %s", (long long)r->found, r->first[0].what);
}

/* --- settle collect ---------------------------------------------------------------------------- */

static tq_code collect_args(str args, arena *a, str *period, tq_err *err)
{
    const canon_node *root = NULL;
    day first;
    day last;
    TQ_TRY(args_read(args, a, &root, err));
    TQ_TRY(canon_need_str(root, "period", period, err));
    return period_parse(*period, &first, &last, err);
}

static tq_code collect_check(str args, arena *a, tq_err *err)
{
    str period;
    return collect_args(args, a, &period, err);
}

static void collect_write(const batch_report *r, buf *out)
{
    canon w = canon_to(out);
    canon_open(&w);
    canon_kint(&w, "batch", r->batch_id);
    canon_kint(&w, "count", r->count);
    canon_kint(&w, "total_fen", r->total_fen);
    canon_kint(&w, "set_off_fen", r->set_off_fen);
    canon_key(&w, "left");
    canon_list(&w);
    for (size_t i = 0; i < r->n_left && buf_ok(out) && out->len < JOB_RESULT_MAX - 1024; i++) {
        canon_open(&w);
        canon_kint(&w, "claim", r->left[i].claim_id);
        canon_kstr(&w, "number", r->left[i].number);
        canon_kstr(&w, "reason", str_of(r->left[i].reason));
        canon_close(&w);
    }
    canon_list_end(&w);
    canon_kint(&w, "left_count", (int64_t)r->n_left);
    canon_close(&w);
}

static tq_code collect_job(job_run *run, tq_err *err)
{
    batch_collect_request rq = {0};
    batch_report r = {0};
    BUF_AUTO buf out = buf_max(JOB_RESULT_MAX);
    TQ_TRY(collect_args(run->job.args, run->call.a, &rq.period, err));
    tq_code code = batch_collect(run->app, &run->call, &rq, &r, err);
    if (idem_row(&run->once, run->call.a, "batch", &r.batch_id)) {
        code = TQ_OK; /* collected before its node died: the batch's own page tells the rest */
    }
    TQ_TRY(code);
    collect_write(&r, &out);
    result_set(run, &out);
    return TQ_OK;
}

/* --- opening import ---------------------------------------------------------------------------- */

typedef struct opening_args {
    int64_t id;
    digest sha256[OPENING_FILES];
    bool given[OPENING_FILES];
    opening_totals control;
} opening_args;

static tq_code member(const canon_node *root, const char *key, const canon_node **out, tq_err *err)
{
    *out = canon_get(root, key);
    return *out != NULL && (*out)->type == CANON_OBJECT
               ? TQ_OK
               : tq_fail(err, TQ_MALFORMED, "job_args", key, "give %s as an object", key);
}

static tq_code opening_args_read(str args, arena *a, opening_args *out, tq_err *err)
{
    const canon_node *root = NULL;
    const canon_node *files = NULL;
    const canon_node *control = NULL;
    opening_args r = {0};
    TQ_TRY(args_read(args, a, &root, err));
    TQ_TRY(canon_need_int(root, "opening", &r.id, err));
    TQ_TRY(member(root, "files", &files, err));
    TQ_TRY(member(root, "control", &control, err));
    for (size_t i = 0; i < OPENING_FILES; i++) {
        const char *name = opening_file_name(i);
        str hex = {0};
        if (canon_get(files, name) == NULL) {
            continue;
        }
        TQ_TRY(canon_need_str(files, name, &hex, err));
        if (!digest_from_hex(hex, &r.sha256[i])) {
            return tq_fail(err, TQ_INVALID, "job_args", name,
                           "give the file's SHA-256 in 64 digits");
        }
        r.given[i] = true;
    }
    for (size_t i = 0; i < OPENING_TOTALS; i++) {
        TQ_TRY(canon_need_int(control, opening_total_name(i), opening_total_at(&r.control, i),
                              err));
    }
    *out = r;
    return TQ_OK;
}

static tq_code opening_args_check(str args, arena *a, tq_err *err)
{
    opening_args r;
    return opening_args_read(args, a, &r, err);
}

static tq_code opening_job(job_run *run, tq_err *err)
{
    opening_args args;
    opening_files files = {0};
    opening_report r = {0};
    BUF_AUTO buf out = buf_max(JOB_RESULT_MAX);
    TQ_TRY(opening_args_read(run->job.args, run->call.a, &args, err));
    for (size_t i = 0; i < OPENING_FILES; i++) {
        if (args.given[i]) {
            TQ_TRY(blob_get(app_store(run->app), args.sha256[i], run->call.a,
                            opening_file_at(&files, i), err));
        }
    }
    tq_code code = opening_import(run->app, &run->call, args.id, &files, &args.control, &r, err);
    if (idem_repeated(&run->once)) {
        r = (opening_report){.opening_id = args.id, .totals = args.control};
        code = TQ_OK;
    }
    TQ_TRY(code);
    opening_report_write(&r, &out);
    result_set(run, &out);
    return TQ_OK;
}

/* --- tick -------------------------------------------------------------------------------------- */

static tq_code tick_args(str args, arena *a, day *until, tq_err *err)
{
    const canon_node *root = NULL;
    str text = {0};
    *until = DAY_NONE;
    TQ_TRY(args_read(args, a, &root, err));
    if (canon_get(root, "until") == NULL) {
        return TQ_OK;
    }
    TQ_TRY(canon_need_str(root, "until", &text, err));
    return day_parse(text, until, err);
}

static tq_code tick_check(str args, arena *a, tq_err *err)
{
    day until;
    return tick_args(args, a, &until, err);
}

/* Each case is a transaction of its own and a second run finds nothing to do: no checkpoint is needed. */
static tq_code tick_job(job_run *run, tq_err *err)
{
    day until;
    tick_report r = {0};
    BUF_AUTO buf out = buf_max(JOB_RESULT_MAX);
    TQ_TRY(tick_args(run->job.args, run->call.a, &until, err));
    TQ_TRY(tick_run(run->app, until, &r, err));
    tick_write(&r, &out);
    result_set(run, &out);
    return TQ_OK;
}

/* --- policy trial ------------------------------------------------------------------------------ */

static tq_code trial_args(str args, arena *a, int64_t *policy_id, tq_err *err)
{
    const canon_node *root = NULL;
    TQ_TRY(args_read(args, a, &root, err));
    return canon_need_int(root, "policy", policy_id, err);
}

static tq_code trial_check(str args, arena *a, tq_err *err)
{
    int64_t policy_id = 0;
    return trial_args(args, a, &policy_id, err);
}

/* Reads and writes nothing, so there is no checkpoint: taken up again, it starts anew. */
static tq_code trial_job(job_run *run, tq_err *err)
{
    int64_t policy_id = 0;
    int64_t in_force = 0;
    const policy *p = NULL;
    trial_report *r = ARENA_NEW(run->call.a, trial_report, 1);
    BUF_AUTO buf out = buf_max(JOB_RESULT_MAX);
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(trial_args(run->job.args, run->call.a, &policy_id, err));
    TQ_TRY(policy_trial(run->app, &run->call, policy_id, run, r, err));
    TQ_TRY(work_read(run->app, &tx, err));
    TQ_TRY(app_policy(run->app, tx, run->call.who.programme_id, &in_force, &p, err));
    policy_trial_write(r, policy_unit(p), &out);
    result_set(run, &out);
    return TQ_OK;
}

/* --- the list ---------------------------------------------------------------------------------- */

static const job_kind kinds[] = {
    {"verify", R(SYSADMIN) | R(AUDITOR) | R(SUPERVISOR) | R(FINANCE_CHECKER) | R(SYSTEM), false,
     none_check, verify_job, "核验账本", "verify the books"},
    {"settle_collect", R(FINANCE_MAKER), true, collect_check, collect_job, "归集兑付批次",
     "collect a payment batch"},
    {"opening_import", R(FINANCE_CHECKER), true, opening_args_check, opening_job, "导入期初数据",
     "import opening data"},
    {"tick", R(SYSADMIN) | R(SYSTEM), false, tick_check, tick_job, "推进到期时限",
     "let due clocks run"},
    {"policy_trial", R(POLICY_AUTHOR) | R(POLICY_APPROVER), false, trial_check, trial_job,
     "政策试算", "try a policy version on past claims"},
};

const job_kind *job_kinds(size_t *n)
{
    *n = TQ_COUNT(kinds);
    return kinds;
}

const job_kind *job_kind_find(str name)
{
    for (size_t i = 0; i < TQ_COUNT(kinds); i++) {
        if (str_eq(name, str_of(kinds[i].name))) {
            return &kinds[i];
        }
    }
    return NULL;
}
