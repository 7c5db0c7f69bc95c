/* SPDX-License-Identifier: Apache-2.0 */
/* Private bodies: each is the one its event is bound to, or an event says that it was erased (R-RETAIN-020). */
#include "store/verify_inner.h"

#include <stdlib.h>

#include "base/canon.h"

static tq_code keep(verify_bodies *list, str hex, int64_t id, int64_t seq, tq_err *err)
{
    verify_body body = {.id = id, .seq = seq};
    if (!digest_from_hex(hex, &body.of)) {
        return TQ_OK; /* no event is bound to such a one */
    }
    if (list->n == list->room) {
        const int64_t room = list->room == 0 ? 256 : list->room * 2;
        verify_body *more = realloc(list->of, sizeof *more * (size_t)room);
        if (more == NULL) {
            return tq_fail(err, TQ_IO, "memory", NULL, "no memory left for private bodies");
        }
        list->of = more;
        list->room = room;
    }
    list->of[list->n++] = body;
    return TQ_OK;
}

static bool erases(const event *e)
{
    return e->kind == EV_PERSON_ERASE || e->kind == EV_RETENTION_ERASE;
}

/* {"bodies":[hex,…]} of app/erasure.h; what is there is named, also where the rest cannot be read. */
static tq_code named_read(verify *v, const event_record *r, const event *e, tq_err *err)
{
    const canon_node *note = NULL;
    const canon_node *list = NULL;
    if (canon_read(e->note, v->a, &note, NULL) == TQ_OK && note->type == CANON_OBJECT) {
        list = canon_get(note, "bodies");
    }
    if (list == NULL || list->type != CANON_LIST) {
        verify_found(v, "event_form", "event", r->id, r->seq, "note",
                     "an erasing does not name the bodies it takes");
        return TQ_OK;
    }
    for (const canon_node *o = list->kids; o != NULL; o = o->next) {
        if (o->type == CANON_STR) {
            TQ_TRY(keep(&v->named, o->text, r->id, r->seq, err));
        }
    }
    return TQ_OK;
}

static tq_code body_held(verify *v, const event_record *r, event *e, str salt, str body)
{
    const str parts[2] = {salt, body};
    char hex[65];
    digest_hex(hash_parts(HASH_SHA256, parts, 2), hex);
    if (strcmp(hex, e->private_hex) != 0) {
        verify_found(v, "private_digest", "private_body", r->id, r->seq, "body", "");
        return TQ_OK;
    }
    tq_err why = {0};
    if (event_read_private(body, e, &why) != TQ_OK) {
        verify_found(v, "private_form", "private_body", r->id, r->seq, "body", why.detail);
    }
    return TQ_OK;
}

tq_code verify_private_body(verify *v, const event_record *r, event *e, tq_err *err)
{
    if (erases(e)) {
        TQ_TRY(named_read(v, r, e, err));
    }
    if (e->private_hex[0] == '\0') {
        return TQ_OK;
    }
    ROWS_AUTO store_rows rows = {0};
    bool more = false;
    TQ_TRY(store_query(v->tx, STMT_PRIVATE_GET, ARGS(arg_int(r->id)), &rows, err));
    TQ_TRY(rows_next(&rows, &more, err));
    if (!more) {
        v->report->erased++;
        return erases(e) ? TQ_OK : keep(&v->missing, str_of(e->private_hex), r->id, r->seq, err);
    }
    v->privates++;
    const str salt = row_blob(&rows);
    return body_held(v, r, e, salt, row_text(&rows));
}

static int by_digest(const void *a, const void *b)
{
    const verify_body *x = a;
    const verify_body *y = b;
    return memcmp(x->of.b, y->of.b, sizeof x->of.b);
}

static int by_seq(const void *a, const void *b)
{
    const verify_body *x = a;
    const verify_body *y = b;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static void sort(verify_bodies *list, int (*order)(const void *a, const void *b))
{
    if (list->n > 0) {
        qsort(list->of, (size_t)list->n, sizeof *list->of, order);
    }
}

static bool among(const verify_bodies *sorted, const verify_body *b)
{
    return sorted->n > 0 &&
           bsearch(b, sorted->of, (size_t)sorted->n, sizeof *sorted->of, by_digest) != NULL;
}

/* First those that were named and stand still, then those that are gone unnamed: in the order of the log. */
static void missing_held(verify *v)
{
    sort(&v->missing, by_digest);
    for (int64_t i = 0; i < v->named.n; i++) {
        const verify_body *b = &v->named.of[i];
        if (!among(&v->missing, b)) {
            verify_found(v, "private_kept", "event", b->id, b->seq, "note", "");
        }
    }
    sort(&v->named, by_digest);
    sort(&v->missing, by_seq);
    for (int64_t i = 0; i < v->missing.n; i++) {
        const verify_body *b = &v->missing.of[i];
        if (!among(&v->named, b)) {
            verify_found(v, "private_missing", "private_body", b->id, b->seq, "", "");
        }
    }
}

static tq_code private_check(verify *v, int64_t id, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    event e = {0};
    int64_t seq = 0;
    arena_reset(v->a);
    TQ_TRY(store_query(v->tx, STMT_VERIFY_EVENT, ARGS(arg_int(id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (more) {
        seq = row_int(&r);
    }
    if (!more || (event_read(row_text(&r), v->a, &e, NULL) == TQ_OK && e.private_hex[0] == '\0')) {
        verify_found(v, "private_extra", "private_body", id, seq, "", "");
    }
    return TQ_OK;
}

static tq_code private_page(verify *v, int64_t *last, int64_t *ids, int *n, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(v->tx, STMT_VERIFY_PRIVATE, ARGS(arg_int(*last), arg_int(VERIFY_PAGE)), &r,
                       err));
    for (*n = 0; *n < VERIFY_PAGE; (*n)++) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        *last = ids[*n] = row_int(&r);
    }
    return TQ_OK;
}

tq_code verify_private_table(verify *v, tq_err *err)
{
    int64_t ids[VERIFY_PAGE];
    missing_held(v);
    for (int check = 0; check < 2; check++) {
        int64_t last = INT64_MIN;
        int64_t count = 0;
        for (int n = VERIFY_PAGE; n == VERIFY_PAGE;) {
            TQ_TRY(private_page(v, &last, ids, &n, err));
            count += n;
            for (int i = 0; check == 1 && i < n; i++) {
                TQ_TRY(private_check(v, ids[i], err));
            }
        }
        if (count == v->privates) {
            return TQ_OK;
        }
    }
    return TQ_OK;
}
