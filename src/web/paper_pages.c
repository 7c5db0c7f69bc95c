/* SPDX-License-Identifier: Apache-2.0 */
#include "web/paper_pages.h"

#include "app/evidence.h"
#include "base/canon.h"

#define PAPERS_MAX 60 /* of one case on the screen; the case's own page lists all */

/* What a file is not shown for is told, not failed: no PDF, a locked one, one that costs too much, no program. */
static bool is_told(tq_code code)
{
    return code == TQ_INVALID || code == TQ_BUSY || code == TQ_NOT_FOUND || code == TQ_LIMIT;
}

tq_code paper_pages(const web_rq *w, int64_t evidence_id, doc *into, tq_err *err)
{
    page_images images = {0};
    const tq_code code = evidence_pages(w->app, &w->call, evidence_id, &images, err);
    doc *list = doc_list(into, "pages");
    if (code != TQ_OK && !(is_told(code) && strcmp(err->reason, "no_such_record") != 0)) {
        return code;
    }
    for (int i = 1; code == TQ_OK && i <= images.pages; i++) {
        doc *page = doc_object(list, NULL);
        doc_int(page, "n", i);
        doc_text(page, "src",
                 arena_printf(w->call.a, "/evidence/%lld/page?n=%d", (long long)evidence_id, i));
    }
    doc_bool(into, "more", code == TQ_OK && images.more);
    doc_token(into, "why", "reason", code == TQ_OK ? STR("") : str_of(err->reason));
    return TQ_OK;
}

/* Amounts of an invoice are kept as fen; people read yuan. */
static void put_side(const web_rq *w, doc *in, const char *key, einvoice_field f, str text)
{
    long long n = 0;
    const bool amount = f == EINVOICE_NET || f == EINVOICE_TAX || f == EINVOICE_GROSS;
    (void)w;
    if (amount && str_int64(text, &n)) {
        doc_money(in, key, n);
    } else {
        doc_text(in, key, text);
    }
}

/* What stands in the file beside what was typed; nothing for a file that no machine read. */
static void compared(const web_rq *w, const evidence_item *item, doc *list)
{
    einvoice_comparison found[EINVOICE_FIELD_COUNT];
    size_t n = 0;
    tq_err err;
    if (item->extracted.len == 0 ||
        einvoice_compare(item->extracted, item->typed, w->call.a, found, &n, &err) != TQ_OK) {
        return; /* what cannot be compared is still downloaded */
    }
    for (size_t i = 0; i < n; i++) {
        static const char *const verdicts[] = {"same", "differs", "only_file", "only_typed"};
        doc *c = doc_object(list, NULL);
        doc_token(c, "what", "einvoice", str_of(einvoice_key(found[i].field)));
        put_side(w, c, "left", found[i].field, found[i].typed);
        put_side(w, c, "right", found[i].field, found[i].extracted);
        doc_bool(c, "same", found[i].verdict == EINVOICE_SAME);
        doc_bool(c, "differs", found[i].verdict == EINVOICE_DIFFERS);
        doc_token(c, "verdict", "verdict", str_of(verdicts[found[i].verdict]));
    }
}

static tq_code shown(const web_rq *w, const evidence_item *item, doc *list, tq_err *err)
{
    doc *p = doc_object(list, NULL);
    const str id = arena_printf(w->call.a, "/evidence/%lld", (long long)item->id);
    doc_text(p, "item", id);
    doc_text(p, "file", arena_printf(w->call.a, "%.*s/file", STR_ARG(id)));
    doc_text(p, "name", item->name);
    doc_text(p, "sha256", item->sha256);
    doc_bool(p, "may_open", item->may_open);
    compared(w, item, doc_list(p, "fields"));
    if (!item->may_open) {
        (void)doc_list(p, "pages");
        doc_bool(p, "more", false);
        doc_token(p, "why", "reason", STR("class"));
        return TQ_OK;
    }
    return paper_pages(w, item->id, p, err);
}

tq_code paper_desk(const web_rq *w, const paper_of *of, size_t n, int64_t chosen, str address,
                   doc *body, tq_err *err)
{
    doc *list = doc_list(body, "papers");
    doc *one = doc_list(body, "paper");
    const evidence_item *now = NULL;
    doc *now_tab = NULL;
    for (size_t i = 0; i < n; i++) {
        evidence_item *items = ARENA_NEW(w->call.a, evidence_item, PAPERS_MAX);
        int found = 0;
        TQ_TRY(evidence_list(w->app, &w->call, of[i].table, of[i].id, 0, items, PAPERS_MAX, &found,
                             err));
        for (int k = 0; k < found; k++) {
            doc *tab = doc_object(list, NULL);
            doc_token(tab, "kind", "evidence", items[k].kind);
            doc_text(tab, "name", items[k].name);
            doc_text(tab, "href",
                     arena_printf(w->call.a, "%.*s%lld", STR_ARG(address), (long long)items[k].id));
            doc *here = doc_bool(tab, "now", false);
            if (now == NULL || items[k].id == chosen) {
                now = &items[k];
                now_tab = here;
            }
        }
    }
    if (now == NULL) {
        return TQ_OK;
    }
    now_tab->n = 1;
    return shown(w, now, one, err);
}
