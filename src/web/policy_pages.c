/* SPDX-License-Identifier: Apache-2.0 */
#include "app/programme.h"
#include "web/acts.h"
#include "web/policy_words.h"
#include "web/site_inner.h"

/* The policy as everybody may read it (P-26, R-POLICY-050): the version in force, each version that has
 * been, and what changed from one to the next. */

#define UNSET_MAX 200

typedef struct version {
    int64_t id;
    const view *view;
    view_row row;
    str text;
    policy *policy;
} version;

static int64_t number_at(const version *v, const char *name)
{
    const int at = view_field_at(v->view, name);
    TQ_ASSERT(at >= 0);
    return v->row.values[at].n;
}

static str text_at(const version *v, const char *name)
{
    const int at = view_field_at(v->view, name);
    TQ_ASSERT(at >= 0);
    return v->row.values[at].s;
}

/* NOT_FOUND where the version lies outside what the actor sees: drafts are not public. */
static tq_code version_of(web_rq *w, int64_t id, version *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    out->id = id;
    out->view = view_of(VIEW_POLICY);
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(view_one(tx, out->view, &w->scope, id, w->call.a, &out->row, err));
    store_rollback(&tx);
    return policy_version_read(w->app, id, w->call.a, &out->text, &out->policy, err);
}

static tq_code versions_of(web_rq *w, str state, int limit, view_rows *rows, tq_err *err)
{
    const view_query q = {.limit = limit, .state = state, .q = STR("")};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->app, &tx, err));
    return view_list(tx, view_of(VIEW_POLICY), &w->scope, &q, w->call.a, rows, err);
}

/* --- the articles -------------------------------------------------------------------------------- */

static void version_facts(const web_rq *w, const version *v, doc *body)
{
    policy_face face;
    policy_face_get(v->policy, &face);
    doc_int(body, "id", v->id);
    doc_text(body, "title", w->lang == LANG_EN ? face.title_en : face.title_zh);
    doc_int(body, "version", number_at(v, "version"));
    doc_text(body, "doc_no", text_at(v, "doc_no"));
    doc_day(body, "from_day", number_at(v, "from_day"));
    doc_token(body, "state", "state.policy", text_at(v, "state"));
    doc_text(body, "sha256", text_at(v, "sha256"));
    doc_bool(body, "demonstration", face.demonstration);
    doc_text(body, "file",
             site_link(w, arena_printf(w->call.a, "/policies/%lld/file", (long long)v->id)));
}

/* One section for each kind of rule, in the order in which they are asked. */
static void sections(const web_rq *w, const policy *p, doc *body)
{
    doc *list = doc_list(body, "sections");
    doc *articles = NULL;
    const char *kind = "";
    for (size_t i = 0; i < policy_articles(p); i++) {
        policy_article a;
        policy_article_get(p, i, &a);
        if (strcmp(a.kind, kind) != 0) {
            doc *section = doc_object(list, NULL);
            kind = a.kind;
            doc_text(section, "kind", str_of(kind));
            doc_for_page(doc_text(section, "label",
                                  text_token(w->lang, "policy_kind", str_of(kind))));
            articles = doc_list(section, "articles");
        }
        policy_article_doc(w, p, i, doc_object(articles, NULL));
    }
}

static void gaps(const policy *p, doc *body)
{
    str names[UNSET_MAX];
    doc *list = doc_list(body, "unset");
    const size_t n = policy_unset(p, names, UNSET_MAX);
    for (size_t i = 0; i < n && i < UNSET_MAX; i++) {
        doc_text(doc_object(list, NULL), "name", names[i]);
    }
}

static tq_code history(web_rq *w, doc *body, tq_err *err)
{
    const view *v = view_of(VIEW_POLICY);
    const int first = view_field_at(v, "version");
    view_rows rows;
    doc *list = doc_list(body, "versions");
    TQ_TRY(versions_of(w, STR(""), VIEW_PAGE_MAX, &rows, err));
    for (size_t i = 0; i < rows.n; i++) {
        const version one = {.view = v, .row = rows.rows[i], .id = rows.rows[i].values[0].n};
        doc *o = doc_object(list, NULL);
        doc_int(o, "id", one.id);
        doc_int(o, "version", number_at(&one, "version"));
        doc_text(o, "doc_no", text_at(&one, "doc_no"));
        doc_day(o, "from_day", number_at(&one, "from_day"));
        doc_token(o, "state", "state.policy", text_at(&one, "state"));
        doc_text(o, "href",
                 site_link(w, arena_printf(w->call.a, "/policies/%lld/text", (long long)one.id)));
        doc_text(o, "changes",
                 i + 1 == rows.n || one.row.values[first].n <= 1
                     ? STR("")
                     : site_link(w, arena_printf(w->call.a, "/policies/%lld/changes",
                                                 (long long)one.id)));
    }
    return TQ_OK;
}

static tq_code show(web_rq *w, const char *template, doc *body, http_reply *out, tq_err *err)
{
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, template, body, out, err);
}

static tq_code show_version(web_rq *w, const version *v, http_reply *out, tq_err *err)
{
    doc *body = doc_new(w->call.a);
    doc_bool(body, "none", false);
    version_facts(w, v, body);
    sections(w, v->policy, body);
    gaps(v->policy, body);
    TQ_TRY(history(w, body, err));
    page_title(body, doc_get(body, STR("title"))->s);
    return show(w, "policy", body, out, err);
}

tq_code page_policy_text(web_rq *w, http_reply *out, tq_err *err)
{
    version v;
    TQ_TRY(version_of(w, w->match.id, &v, err));
    return show_version(w, &v, out, err);
}

/* Where the programme has no policy yet, the page says so: nobody is sent away from a public address. */
tq_code page_policy_now(web_rq *w, http_reply *out, tq_err *err)
{
    version v;
    view_rows rows;
    TQ_TRY(versions_of(w, STR("in_force"), 1, &rows, err));
    if (rows.n == 0) {
        doc *body = doc_new(w->call.a);
        doc_bool(body, "none", true);
        return show(w, "policy", body, out, err);
    }
    TQ_TRY(version_of(w, rows.rows[0].values[0].n, &v, err));
    return show_version(w, &v, out, err);
}

tq_code page_policy_source(web_rq *w, http_reply *out, tq_err *err)
{
    version v;
    TQ_TRY(version_of(w, w->match.id, &v, err));
    out->status = 200;
    out->type = "application/yaml; charset=utf-8";
    out->sandboxed = true;
    http_reply_header(out, "Content-Disposition",
                      arena_printf(w->call.a, "attachment; filename=\"policy-%.*s-%lld.yaml\"",
                                   STR_ARG(w->programme.code),
                                   (long long)number_at(&v, "version")));
    buf_str_add(&out->body, v.text);
    return TQ_OK;
}

/* --- what changed -------------------------------------------------------------------------------- */

static void change(const web_rq *w, const char *how, const policy *p, const size_t *i,
                   const policy *q, const size_t *k, doc *list)
{
    policy_article a;
    policy_article_get(i != NULL ? p : q, i != NULL ? *i : *k, &a);
    doc *o = doc_object(list, NULL);
    doc_token(o, "how", "policy_change", str_of(how));
    doc_text(o, "id", a.id);
    doc_text(o, "kind", str_of(a.kind));
    doc_for_page(doc_text(o, "label", text_token(w->lang, "policy_kind", str_of(a.kind))));
    doc_text(o, "before", i == NULL ? STR("") : policy_article_said(w, p, *i));
    doc_text(o, "after", k == NULL ? STR("") : policy_article_said(w, q, *k));
}

/* Articles are the same where their ids are: a child of a file takes them from its base. */
static void changes(const web_rq *w, const policy *before, const policy *after, doc *list)
{
    size_t at = 0;
    policy_article a;
    for (size_t k = 0; k < policy_articles(after); k++) {
        policy_article_get(after, k, &a);
        if (!policy_article_find(before, a.id, &at)) {
            change(w, "new", before, NULL, after, &k, list);
        } else if (!policy_article_same(before, at, after, k)) {
            change(w, "other", before, &at, after, &k, list);
        }
    }
    for (size_t i = 0; i < policy_articles(before); i++) {
        policy_article_get(before, i, &a);
        if (!policy_article_find(after, a.id, &at)) {
            change(w, "gone", before, &i, after, NULL, list);
        }
    }
}

/* The version filed before this one, unless ?with= names another. */
static tq_code version_before(web_rq *w, const version *v, int64_t *id, tq_err *err)
{
    const view *of = view_of(VIEW_POLICY);
    const str with = http_arg(w->http, "with");
    long long n = 0;
    int64_t nearest = 0;
    view_rows rows;
    if (with.len > 0) {
        if (!str_int64(with, &n) || n <= 0) {
            return tq_fail(err, TQ_INVALID, "filter", "with",
                           "name the version to compare with by its id");
        }
        *id = n;
        return TQ_OK;
    }
    TQ_TRY(versions_of(w, STR(""), VIEW_PAGE_MAX, &rows, err));
    *id = v->id; /* the first version has none before it */
    for (size_t i = 0; i < rows.n; i++) {
        const version one = {.view = of, .row = rows.rows[i]};
        const int64_t number = number_at(&one, "version");
        if (number < number_at(v, "version") && number > nearest) {
            nearest = number;
            *id = rows.rows[i].values[0].n;
        }
    }
    return TQ_OK;
}

tq_code page_policy_changes(web_rq *w, http_reply *out, tq_err *err)
{
    version after;
    version before;
    int64_t id = 0;
    doc *body = doc_new(w->call.a);
    TQ_TRY(version_of(w, w->match.id, &after, err));
    TQ_TRY(version_before(w, &after, &id, err));
    TQ_TRY(version_of(w, id, &before, err));
    version_facts(w, &after, body);
    version_facts(w, &before, doc_object(body, "with"));
    doc_bool(body, "first", id == after.id);
    doc_text(body, "text",
             site_link(w, arena_printf(w->call.a, "/policies/%lld/text", (long long)after.id)));
    changes(w, before.policy, after.policy, doc_list(body, "changes"));
    page_title(body, text_token(w->lang, "route", STR("policy_changes")));
    return show(w, "policy_changes", body, out, err);
}
