/* SPDX-License-Identifier: Apache-2.0 */
#include "app/job.h"
#include "app/programme.h"
#include "base/canon.h"
#include "web/acts.h"

#include <stdio.h>

/* The base that a file extends is uploaded beside it: a server reads no paths that a file names. */
static tq_code uploaded_base(void *ctx, str name, arena *a, str *out, tq_err *err)
{
    const str *base = ctx;
    if (base->len == 0) {
        return tq_fail(err, TQ_INVALID, "policy_base", "base",
                       "the file extends %.*s: upload that file too", STR_ARG(name));
    }
    *out = arena_copy(a, *base);
    return TQ_OK;
}

/* A fault of the file names its place as "name:line:column: field"; people are told it in their words. */
static void tell_place(const web_rq *w, tq_err *err)
{
    int line = 0;
    int column = 0;
    char name[24] = "";
    const char *colon = strchr(err->field, ':');
    if (colon == NULL || sscanf(colon, ":%d:%d: %23s", &line, &column, name) < 2) {
        return;
    }
    const char *key = arena_printf(w->call.a, "policy_fault.%s", err->reason).data;
    const char *known = w->json ? NULL : text_find(w->lang, str_of(key));
    const str more = arena_copy(w->call.a, str_of(err->detail));
    const bool en = w->json || w->lang == LANG_EN;
    const char *what = known == NULL ? "" : known;
    if (en) {
        (void)snprintf(err->detail, sizeof err->detail, "line %d, column %d, %s: %.180s", line,
                       column, name, more.data);
    } else {
        (void)snprintf(err->detail, sizeof err->detail, "第 %d 行第 %d 列 %s：%s（%.150s）", line,
                       column, name, what, more.data);
    }
    (void)snprintf(err->field, sizeof err->field, "file");
}

tq_code act_policy_file(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_policy_file *f = (const in_policy_file *)in;
    str base = {0};
    policy_file_rq rq = {
        .doc_no = f->doc_no.s, .from = {(int32_t)f->from.n}, .read = uploaded_base};
    rq.read_ctx = &base;
    rq.name = web_file_label(w, &f->file);
    TQ_TRY(web_file_bytes(w, &f->file, &rq.yaml, err));
    if (f->base.file != NULL) {
        TQ_TRY(web_file_bytes(w, &f->base, &base, err));
    }
    done->view = VIEW_POLICY;
    const tq_code code = policy_file(w->app, &w->call, &rq, &done->id, err);
    if (code != TQ_INVALID && code != TQ_MALFORMED) {
        return code;
    }
    tell_place(w, err);
    err->code = TQ_INVALID; /* no YAML at all is a fault of the field too: the form comes back */
    return TQ_INVALID;
}

tq_code act_policy_trial(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    BUF_AUTO buf args = buf_max(64);
    canon c = canon_to(&args);
    (void)in;
    canon_open(&c);
    canon_kint(&c, "policy", w->match.id);
    canon_close(&c);
    done->view = VIEW_JOB;
    return job_start(w->app, &w->call, job_kind_find(STR("policy_trial")), buf_view(&args),
                     &done->id, err);
}

tq_code act_policy_put_in_force(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return policy_put_in_force(w->app, &w->call, w->match.id, err);
}
