/* SPDX-License-Identifier: Apache-2.0 */
#include "web/evidence_acts.h"

#include "app/evidence.h"
#include "http/url.h"
#include "web/acts.h"
#include "web/paper_pages.h"

tq_code web_evidence(web_rq *w, int table, const field_slot *kind, const field_slot *file,
                     const field_slot *label, tq_err *err)
{
    evidence_received got;
    evidence_request rq = {
        .table = table, .id = w->match.id, .kind = kind->s, .class = STR("full")};
    rq.name = label->given ? label->s : web_file_label(w, file);
    TQ_TRY(web_file_bytes(w, file, &rq.bytes, err));
    return evidence_receive(w->app, &w->call, &rq, &got, err);
}

tq_code page_evidence_file(web_rq *w, http_reply *out, tq_err *err)
{
    evidence_file file;
    TQ_TRY(evidence_open(w->app, &w->call, w->match.id, &file, err));
    out->status = 200;
    out->type = file.media_type;
    out->sandboxed = true;
    BUF_AUTO buf name = buf_max(HTTP_URI_MAX);
    url_encode(file.name, &name);
    http_reply_header(out, "Content-Disposition",
                      arena_printf(w->call.a,
                                   "attachment; filename=\"evidence-%lld\"; filename*=UTF-8''%.*s",
                                   (long long)w->match.id, STR_ARG(buf_view(&name))));
    buf_str_add(&out->body, file.bytes);
    return TQ_OK;
}

/* One page of a PDF as a picture, ?n= from 1; each is a record of its own (R-FILE-020). */
tq_code page_evidence_page(web_rq *w, http_reply *out, tq_err *err)
{
    long long n = 1;
    str png = STR("");
    if (!str_int64(http_arg(w->http, "n"), &n) || n < 1 || n > PAGE_IMAGE_PAGES_MAX) {
        return tq_fail(err, TQ_NOT_FOUND, "no_page", "n", "there is no such page");
    }
    TQ_TRY(evidence_page(w->app, &w->call, w->match.id, (int)n, &png, err));
    out->status = 200;
    out->type = "image/png";
    buf_str_add(&out->body, png);
    return TQ_OK;
}

/* What the file shows; and who has opened it, for both parties and those who watch (R-FILE-020): others who
 * may read the file are not told that. */
tq_code page_evidence(web_rq *w, http_reply *out, tq_err *err)
{
    evidence_opening rows[EVIDENCE_LIST_MAX];
    int n = 0;
    const tq_code asked =
        evidence_openings(w->app, &w->call, w->match.id, 0, rows, EVIDENCE_LIST_MAX, &n, err);
    if (asked != TQ_OK && !(asked == TQ_FORBIDDEN && strcmp(err->reason, "no_role") == 0)) {
        return asked;
    }
    doc *body = doc_new(w->call.a);
    doc_int(body, "id", w->match.id);
    doc_text(body, "file", arena_printf(w->call.a, "/evidence/%lld/file", (long long)w->match.id));
    doc_bool(body, "asks_who", asked == TQ_OK);
    doc *list = doc_list(body, "openings");
    for (int i = 0; i < n; i++) {
        doc *o = doc_object(list, NULL);
        doc_instant(o, "at", rows[i].at.us);
        doc_token(o, "role", "role", rows[i].role);
        doc_token(o, "what", "opening", rows[i].what);
        doc_int(o, "page", rows[i].page);
        doc_bool(o, "lent", rows[i].for_user_id != 0);
    }
    TQ_TRY(paper_pages(w, w->match.id, body, err)); /* asks whether the file may be read, too */
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    (void)doc_list(body, "fields"); /* beside what was typed it stands on the work screen */
    return web_page(w, 200, "evidence", body, out, err);
}
