/* SPDX-License-Identifier: Apache-2.0 */
#include "app/policy_trial.h"

#include "app/programme.h"
#include "app/row_change.h"
#include "base/canon.h"
#include "domain/policy_text.h"

#define TRIAL_PAGE 200
#define TRIAL_TEXT_MAX (64 * 1024 * 1024) /* facts of one page of decisions */

typedef struct trial {
    app *app;
    const call *call;
    const policy *policy; /* on trial */
    job_run *run;
    trial_report *report;
    int64_t total;
} trial;

/* A decision as it was stored, and the policy that it stood on. */
typedef struct past {
    int64_t id, policy_id;
    str number, facts;
} past;

static tq_code page_read(store_tx *tx, int64_t programme_id, int64_t after, arena *mem, past *rows,
                         size_t *n, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    *n = 0;
    TQ_TRY(store_query(tx, STMT_TRIAL_DECISIONS,
                       ARGS(arg_int(programme_id), arg_int(after), arg_int(TRIAL_PAGE)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(*n < TRIAL_PAGE);
        past *p = &rows[(*n)++];
        p->id = row_int(&r);
        p->policy_id = row_int(&r);
        p->number = row_copy(&r, mem);
        p->facts = row_copy(&r, mem);
    }
}

/* What is paid, at most what was held for the claim (I10); 0 where it is refused. */
static int64_t payable(const policy *p, const policy_facts *f, const char **reason)
{
    policy_decision d = {0};
    policy_evaluate(p, STAGE_CLAIM, f, &d);
    *reason = d.reason;
    TQ_ASSERT(d.amount >= 0);
    return !d.granted ? 0 : d.amount < f->hold_left ? d.amount : f->hold_left;
}

static void count_case(trial_report *r, str number, int64_t before, int64_t after,
                       const char *reason, arena *mem)
{
    r->compared++;
    r->before.minor += before;
    r->after.minor += after;
    if (before == after) {
        r->same++;
        return;
    }
    r->more += after > before ? 1 : 0;
    r->less += after < before && after > 0 ? 1 : 0;
    r->refused += after == 0 ? 1 : 0;
    r->granted += before == 0 ? 1 : 0;
    if (r->n_cases < TRIAL_CASES_MAX) {
        r->cases[r->n_cases++] = (trial_case){arena_copy(mem, number), before, after, reason};
    }
}

static tq_code judge(trial *t, store_tx *tx, const past *p, arena *mem, tq_err *err)
{
    const policy *then = NULL;
    const char *reason = NULL;
    policy_facts f;
    TQ_TRY(policy_facts_read(p->facts, mem, &f, err));
    TQ_TRY(app_policy_by_id(t->app, tx, p->policy_id, &then, err));
    const int64_t before = payable(then, &f, &reason);
    const int64_t after = payable(t->policy, &f, &reason);
    count_case(t->report, p->number, before, after, reason, t->call->a);
    return TQ_OK;
}

/* A page of decisions in a transaction of its own, so that no writer waits for a long reading. */
static tq_code one_page(trial *t, int64_t *after, size_t *n, tq_err *err)
{
    ARENA_AUTO arena *mem = arena_new("policy trial", TRIAL_TEXT_MAX);
    TX_AUTO store_tx *tx = NULL;
    past *rows = ARENA_NEW(mem, past, TRIAL_PAGE);
    TQ_TRY(work_read(t->app, &tx, err));
    TQ_TRY(page_read(tx, t->call->who.programme_id, *after, mem, rows, n, err));
    for (size_t i = 0; i < *n; i++) {
        TQ_TRY(judge(t, tx, &rows[i], mem, err));
        *after = rows[i].id;
    }
    return TQ_OK;
}

/* The version must be of the programme that is acted in: others' drafts are not there. */
static tq_code version_need(app *a, const call *c, int64_t policy_id, int64_t *total, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t programme_id = 0;
    TQ_TRY(programme_need(c, err));
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(store_int(tx, STMT_POLICY_PROGRAMME, ARGS(arg_int(policy_id)), 0, &programme_id, err));
    if (programme_id != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "no_such_record", "policy", "there is no such record");
    }
    return store_int(tx, STMT_TRIAL_COUNT, ARGS(arg_int(c->who.programme_id)), 0, total, err);
}

tq_code policy_trial(app *a, const call *c, int64_t policy_id, job_run *run, trial_report *out,
                     tq_err *err)
{
    policy *p = NULL;
    str text;
    int64_t after = 0;
    trial t = {.app = a, .call = c, .run = run, .report = out};
    *out = (trial_report){.policy_id = policy_id};
    TQ_TRY(version_need(a, c, policy_id, &t.total, err));
    TQ_TRY(policy_version_read(a, policy_id, c->a, &text, &p, err));
    t.policy = p;
    for (size_t n = TRIAL_PAGE; n == TRIAL_PAGE;) {
        TQ_TRY(one_page(&t, &after, &n, err));
        if (run != NULL) {
            job_tell(run, out->compared, t.total);
            if (!job_go_on(run)) { /* nothing was written: taken up again, it begins anew */
                return tq_fail(err, TQ_BUSY, "job_stopping", NULL, "the trial was stopped");
            }
        }
    }
    return TQ_OK;
}

static void write_money(canon *w, const char *key, money m, const currency *unit)
{
    BUF_AUTO buf text = buf_max(64);
    money_print(m, unit, &text);
    canon_kstr(w, key, buf_view(&text));
}

void policy_trial_write(const trial_report *r, const currency *unit, buf *out)
{
    canon w = canon_to(out);
    canon_open(&w);
    canon_kint(&w, "policy", r->policy_id);
    canon_kint(&w, "trial_compared", r->compared);
    canon_kint(&w, "trial_same", r->same);
    canon_kint(&w, "trial_more", r->more);
    canon_kint(&w, "trial_less", r->less);
    canon_kint(&w, "trial_refused", r->refused);
    canon_kint(&w, "trial_granted", r->granted);
    write_money(&w, "trial_before", r->before, unit);
    write_money(&w, "trial_after", r->after, unit);
    canon_key(&w, "trial_cases");
    canon_list(&w);
    for (size_t i = 0; i < r->n_cases; i++) {
        BUF_AUTO buf line = buf_max(256);
        buf_printf(&line, "%.*s: ", STR_ARG(r->cases[i].number));
        money_print((money){r->cases[i].before}, unit, &line);
        buf_text(&line, " -> ");
        money_print((money){r->cases[i].after}, unit, &line);
        buf_printf(&line, " (%s)", r->cases[i].reason);
        canon_str(&w, buf_view(&line));
    }
    canon_list_end(&w);
    canon_close(&w);
}
