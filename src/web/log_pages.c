/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of the log, and receipts of what one did. */
#include "app/log_read.h"
#include "web/acts.h"
#include "web/site_inner.h"

/* --- proofs ---------------------------------------------------------------------------------------- */

static void put_digest(doc *in, const char *key, digest d)
{
    char hex[65];
    digest_hex(d, hex);
    doc_text(in, key, arena_copy(in->a, str_of(hex)));
}

/* One tree: what is proven, and the way. */
static void put_tree(doc *in, const char *key, hash_kind k, const log_shown *p)
{
    doc *t = doc_object(in, key);
    if (p->seq > 0) {
        put_digest(t, "leaf", p->leaf[k]);
    } else {
        put_digest(t, "old_root", p->old_root[k]);
    }
    put_digest(t, "root", p->root[k]);
    doc *path = doc_list(t, "path");
    for (int i = 0; i < p->path[k].n; i++) {
        char hex[65];
        digest_hex(p->path[k].node[i], hex);
        doc_text(path, NULL, arena_copy(in->a, str_of(hex)));
    }
    doc *rows = doc_for_page(doc_list(t, "rows"));
    for (const doc *d = path->first; d != NULL; d = d->next) {
        doc_text(doc_object(rows, NULL), "hash", d->s);
    }
}

static tq_code show_proof(web_rq *w, const char *name, const log_shown *p, http_reply *out,
                          tq_err *err)
{
    doc *body = doc_new(w->call.a);
    doc_int(body, p->seq > 0 ? "event" : "from", p->seq > 0 ? p->seq : p->from);
    doc_int(body, "size", p->size);
    put_tree(body, "sha256", HASH_SHA256, p);
    put_tree(body, "sm3", HASH_SM3, p);
    if (p->is_signed) {
        BUF_AUTO buf line = buf_max(CHECKPOINT_TEXT_MAX);
        checkpoint_print(&p->point, &line);
        doc_json(body, "checkpoint", arena_copy(w->call.a, buf_view(&line)));
        doc_for_page(doc_instant(body, "signed_at", p->point.at.us));
        doc_for_page(doc_text(body, "checkpoint_href",
                              arena_printf(w->call.a, "/log/checkpoint/%lld", (long long)p->size)));
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    /* A page asks for every name. */
    doc_bool(body, "asks", false);
    if (p->seq == 0) {
        doc_int(body, "event", 0);
    }
    if (!p->is_signed) {
        doc_text(body, "checkpoint_href", STR(""));
    }
    page_title(body, text_token(w->lang, "route", str_of(name)));
    return web_page(w, 200, "log_proof", body, out, err);
}

/* A number of the query; 0 where it is not given; anything else is no record. */
static tq_code number_of(const web_rq *w, const char *name, int64_t *out, tq_err *err)
{
    long long n = 0;
    const str text = http_arg(w->http, name);
    *out = 0;
    if (text.len > 0 && (!str_int64(text, &n) || n < 1)) {
        return tq_fail(err, TQ_NOT_FOUND, "no_such_record", name,
                       "numbers of the log begin with 1");
    }
    *out = n;
    return TQ_OK;
}

/* Nothing was asked yet: how much is signed, and the form. */
static tq_code ask_proof(web_rq *w, const char *name, http_reply *out, tq_err *err)
{
    int64_t last = 0;
    doc *body = doc_new(w->call.a);
    TQ_TRY(log_signed_size(w->app, &last, err));
    doc_int(body, "signed", last);
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    page_title(body, text_token(w->lang, "route", str_of(name)));
    doc_bool(body, "asks", true);
    doc_bool(body, "of_event", strcmp(name, "log_proof") == 0);
    return web_page(w, 200, "log_proof", body, out, err);
}

tq_code page_log_proof(web_rq *w, http_reply *out, tq_err *err)
{
    int64_t seq = 0;
    int64_t size = 0;
    log_shown p;
    TQ_TRY(number_of(w, "event", &seq, err));
    TQ_TRY(number_of(w, "size", &size, err));
    if (seq == 0) {
        return ask_proof(w, "log_proof", out, err);
    }
    TQ_TRY(log_show_proof(w->app, w->call.a, seq, size, &p, err));
    return show_proof(w, "log_proof", &p, out, err);
}

tq_code page_log_consistency(web_rq *w, http_reply *out, tq_err *err)
{
    int64_t from = 0;
    int64_t to = 0;
    log_shown p;
    TQ_TRY(number_of(w, "from", &from, err));
    TQ_TRY(number_of(w, "to", &to, err));
    if (from == 0) {
        return ask_proof(w, "log_consistency", out, err);
    }
    TQ_TRY(log_show_consistency(w->app, from, to, &p, err));
    return show_proof(w, "log_consistency", &p, out, err);
}

/* --- receipts -------------------------------------------------------------------------------------- */

static void download(http_reply *out, arena *a, const char *type, const char *name,
                     const buf *bytes)
{
    out->status = 200;
    out->type = type;
    out->sandboxed = true;
    http_reply_header(out, "Content-Disposition",
                      arena_printf(a, "attachment; filename=\"%s\"", name));
    buf_str_add(&out->body, buf_view(bytes));
}

tq_code page_receipt(web_rq *w, http_reply *out, tq_err *err)
{
    BUF_AUTO buf text = buf_max(LOG_FILE_LINE_MAX);
    TQ_TRY(log_receipt(w->app, &w->call, w->match.id, &text, err));
    buf_char(&text, '\n');
    const str name = arena_printf(w->call.a, "receipt-%lld.json", (long long)w->match.id);
    download(out, w->call.a, "application/json", name.data, &text);
    return TQ_OK;
}

/* Absent and out of scope alike. */
static tq_code row_seen(web_rq *w, view_id of, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    view_row row;
    TQ_TRY(work_read(w->app, &tx, err));
    return view_one(tx, view_of(of), &w->scope, w->match.id, w->call.a, &row, err);
}

static tq_code receipts(web_rq *w, view_id of, int table, http_reply *out, tq_err *err)
{
    log_act acts[LOG_ACTS_MAX];
    int n = 0;
    TQ_TRY(row_seen(w, of, err));
    TQ_TRY(log_acts_of(w->app, &w->call, table, w->match.id, acts, LOG_ACTS_MAX, &n, err));
    doc *body = doc_new(w->call.a);
    doc_int(body, "id", w->match.id);
    doc *list = doc_list(body, "receipts");
    for (int i = 0; i < n; i++) {
        doc *o = doc_object(list, NULL);
        doc_int(o, "event", acts[i].seq);
        doc_instant(o, "at", acts[i].at.us);
        doc_token(o, "kind", "event", acts[i].kind);
        doc_token(o, "role", "role", acts[i].role);
        doc_text(o, "href",
                 site_link(w,
                           arena_printf(w->call.a, "/log/receipts/%lld", (long long)acts[i].seq)));
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    page_title(body, text_token(w->lang, "route", STR("claim_receipts")));
    return web_page(w, 200, "receipts", body, out, err);
}

tq_code page_application_receipts(web_rq *w, http_reply *out, tq_err *err)
{
    return receipts(w, VIEW_APPLICATION, T_APPLICATION, out, err);
}

tq_code page_order_receipts(web_rq *w, http_reply *out, tq_err *err)
{
    return receipts(w, VIEW_SERVICE_ORDER, T_SERVICE_ORDER, out, err);
}

tq_code page_claim_receipts(web_rq *w, http_reply *out, tq_err *err)
{
    return receipts(w, VIEW_CLAIM, T_CLAIM, out, err);
}

/* --- dossiers -------------------------------------------------------------------------------------- */

static tq_code dossier_file(web_rq *w, view_id of, int table, http_reply *out, tq_err *err)
{
    BUF_AUTO buf text = buf_max(DOSSIER_BYTES_MAX);
    TQ_TRY(row_seen(w, of, err));
    TQ_TRY(site_note_reading(w, of, w->match.id, "dossier", err));
    TQ_TRY(log_dossier(w->app, &w->call, table, w->match.id, &text, err));
    buf_char(&text, '\n');
    const str name =
        arena_printf(w->call.a, "dossier-%s-%lld.json", view_of(of)->name, (long long)w->match.id);
    download(out, w->call.a, "application/json", name.data, &text);
    return TQ_OK;
}

tq_code page_claim_dossier(web_rq *w, http_reply *out, tq_err *err)
{
    return dossier_file(w, VIEW_CLAIM, T_CLAIM, out, err);
}

tq_code page_case_dossier(web_rq *w, http_reply *out, tq_err *err)
{
    return dossier_file(w, VIEW_VIOLATION_CASE, T_VIOLATION_CASE, out, err);
}
