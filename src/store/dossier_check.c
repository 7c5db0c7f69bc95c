/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dossier_inner.h"

#include <stdio.h>
#include <string.h>

#include "base/canon.h"

#define CHECK_ARENA_MAX ((size_t)1024 * 1024 * 1024)

tq_code dossier_rows(const dossier *d, case_rows *out, tq_err *err)
{
    *out = case_rows_new(d->a);
    for (int i = 0; i < d->n; i++) {
        if (d->events[i].body.len > 0) {
            TQ_TRY(case_rows_apply(out, &d->events[i].e, err));
        }
    }
    const tq_code code = case_rows_mark(out, d->table, d->id, err);
    if (code == TQ_NOT_FOUND) { /* of a row that its events do not speak of */
        return tq_fail(err, TQ_CORRUPT, "dossier_subject", "id",
                       "no event of it speaks of that row");
    }
    TQ_TRY(code);
    /* Between events that are shown others may lie that are not: old values cannot meet then. */
    return d->withheld > 0 ? TQ_OK : case_rows_whole(out, err);
}

int dossier_policies(const case_rows *rows, str out[DOSSIER_POLICIES_MAX])
{
    int n = 0;
    const int col = C_POLICY_SHA256 - audited_table_of(T_POLICY)->first_col;
    for (int i = 0; i < rows->n && n < DOSSIER_POLICIES_MAX; i++) {
        const case_row *row = &rows->rows[i];
        if (row->belongs && row->table == T_POLICY && row->now[col].text.len > 0) {
            out[n++] = row->now[col].text;
        }
    }
    return n;
}

static void hex_kstr(canon *c, const char *key, digest d)
{
    char hex[65];
    digest_hex(d, hex);
    canon_kstr(c, key, str_of(hex));
}

static void event_print(const dossier_event *e, canon *c)
{
    canon_open(c);
    canon_kint(c, "seq", e->seq);
    log_path_print(&e->path[HASH_SHA256], "sha256", c);
    log_path_print(&e->path[HASH_SM3], "sm3", c);
    if (e->body.len > 0) {
        canon_key(c, "body");
        canon_raw(c, e->body);
    } else {
        hex_kstr(c, "leaf_sha256", e->leaf[HASH_SHA256]);
        hex_kstr(c, "leaf_sm3", e->leaf[HASH_SM3]);
    }
    canon_close(c);
}

static void policies_print(const dossier *d, canon *c)
{
    canon_key(c, "policies");
    canon_list(c);
    for (int i = 0; i < d->n_policies; i++) {
        canon_open(c);
        hex_kstr(c, "sha256", hash_of(HASH_SHA256, d->policies[i]));
        canon_kstr(c, "text", d->policies[i]);
        canon_close(c);
    }
    canon_list_end(c);
}

static void money_of_case(const dossier *d, const case_rows *rows, canon *c)
{
    BUF_AUTO buf legs = buf_max(DOSSIER_BYTES_MAX);
    int64_t sums[ACC_COUNT] = {0};
    bool first = true;
    buf_char(&legs, '[');
    for (int i = 0; i < d->n; i++) {
        if (d->events[i].body.len > 0) {
            case_legs_print(rows, &d->events[i].e, d->events[i].seq, &first, sums, &legs);
        }
    }
    buf_char(&legs, ']');
    canon_key(c, "legs");
    canon_raw(c, buf_view(&legs));
    canon_key(c, "sums");
    canon_list(c);
    for (int i = 0; i < ACC_COUNT; i++) {
        if (sums[i] != 0) {
            canon_list(c);
            canon_str(c, str_of(ledger_account_name((ledger_account)i)));
            canon_int(c, sums[i]);
            canon_list_end(c);
        }
    }
    canon_list_end(c);
}

tq_code dossier_print(const dossier *d, const case_rows *rows, buf *out, tq_err *err)
{
    BUF_AUTO buf part = buf_max(DOSSIER_BYTES_MAX);
    canon c = canon_to(out);
    canon_open(&c);
    canon_kstr(&c, "tongquan", STR("dossier"));
    canon_kint(&c, "v", 2);
    canon_kstr(&c, "subject", str_of(audited_table_of(d->table)->name));
    canon_kint(&c, "id", d->id);
    canon_key(&c, "events");
    canon_list(&c);
    for (int i = 0; i < d->n; i++) {
        event_print(&d->events[i], &c);
    }
    canon_list_end(&c);
    checkpoint_print(&d->point, &part);
    canon_key(&c, "checkpoint");
    canon_raw(&c, buf_view(&part));
    policies_print(d, &c);
    buf_clear(&part);
    case_rows_print(rows, &part);
    canon_key(&c, "rows");
    canon_raw(&c, buf_view(&part));
    money_of_case(d, rows, &c);
    canon_close(&c);
    return buf_ok(out) && buf_ok(&part)
               ? TQ_OK
               : tq_fail(err, TQ_LIMIT, "case_too_large", "case", "the dossier is too large");
}

/* --- reading --------------------------------------------------------------------------------------- */

static tq_code bad(tq_err *err, const char *part, const char *what)
{
    return tq_fail(err, TQ_MALFORMED, "dossier_form", part, "%s", what);
}

static bool leaf_read(const canon_node *o, const char *key, digest *out)
{
    str hex = {0};
    return canon_need_str(o, key, &hex, NULL) == TQ_OK && digest_from_hex(hex, out);
}

static bool event_parts(const canon_node *o, dossier_event *out)
{
    const canon_node *body = canon_get(o, "body");
    if (o->type != CANON_OBJECT || canon_need_int(o, "seq", &out->seq, NULL) != TQ_OK ||
        !log_path_read(o, "sha256", &out->path[HASH_SHA256]) ||
        !log_path_read(o, "sm3", &out->path[HASH_SM3])) {
        return false;
    }
    if (body == NULL) {
        return leaf_read(o, "leaf_sha256", &out->leaf[HASH_SHA256]) &&
               leaf_read(o, "leaf_sm3", &out->leaf[HASH_SM3]);
    }
    out->body = body->raw;
    out->leaf[HASH_SHA256] = tree_leaf(HASH_SHA256, out->body);
    out->leaf[HASH_SM3] = tree_leaf(HASH_SM3, out->body);
    return true;
}

static tq_code event_held(const dossier *d, dossier_event *e, int64_t after, tq_err *err)
{
    log_proof p = {.seq = e->seq, .body = e->body, .point = d->point};
    memcpy(p.leaf, e->leaf, sizeof p.leaf);
    memcpy(p.path, e->path, sizeof p.path);
    if (e->seq <= after) {
        return bad(err, "events", "events do not stand in the order of the log");
    }
    TQ_TRY(log_proof_check(&p, err));
    return e->body.len > 0 ? event_read(e->body, d->a, &e->e, err) : TQ_OK;
}

static tq_code events_read(dossier *d, const canon_node *list, tq_err *err)
{
    int64_t after = 0;
    if (list == NULL || list->type != CANON_LIST || list->count > DOSSIER_EVENTS_MAX) {
        return bad(err, "events", "the events are missing");
    }
    d->events = ARENA_NEW(d->a, dossier_event, list->count + 1);
    for (const canon_node *o = list->kids; o != NULL; o = o->next) {
        dossier_event *e = &d->events[d->n];
        if (!event_parts(o, e)) {
            return bad(err, "events", "an event is malformed");
        }
        TQ_TRY(event_held(d, e, after, err));
        after = e->seq;
        d->withheld += e->body.len == 0;
        d->n++;
    }
    return TQ_OK;
}

static tq_code policies_read(dossier *d, const canon_node *list, tq_err *err)
{
    if (list == NULL || list->type != CANON_LIST || list->count > DOSSIER_POLICIES_MAX) {
        return bad(err, "policies", "the policies are missing");
    }
    for (const canon_node *o = list->kids; o != NULL; o = o->next) {
        if (o->type != CANON_OBJECT ||
            canon_need_str(o, "text", &d->policies[d->n_policies++], NULL) != TQ_OK) {
            return bad(err, "policies", "a policy is malformed");
        }
    }
    return TQ_OK;
}

static tq_code policies_held(const dossier *d, const case_rows *rows, tq_err *err)
{
    str named[DOSSIER_POLICIES_MAX];
    const int n = dossier_policies(rows, named);
    for (int i = 0; i < n; i++) {
        char hex[65];
        digest_hex(hash_of(HASH_SHA256, i < d->n_policies ? d->policies[i] : STR("")), hex);
        if (i >= d->n_policies || !str_eq(named[i], str_of(hex))) {
            return tq_fail(err, TQ_CORRUPT, "dossier_policy", "policies",
                           "the text is not that of the policy in force");
        }
    }
    return n == d->n_policies ? TQ_OK
                              : bad(err, "policies", "a policy stands in it that no row names");
}

/* Where the part begins: bodies of events have keys of the same names, and stand before all parts. */
static size_t part_at(str text, const char *mark)
{
    size_t found = text.len;
    const char *from = text.data;
    for (const char *at;
         (at = memmem(from, text.len - (size_t)(from - text.data), mark, strlen(mark))) != NULL;) {
        found = (size_t)(at - text.data);
        from = at + 1;
    }
    return found;
}

/* Which part is not what follows from the events: that of the first byte that differs. */
static tq_code differs(str text, str again, tq_err *err)
{
    static const char *const parts[] = {
        "\"checkpoint\":", "\"policies\":", "\"rows\":", "\"legs\":", "\"sums\":"};
    const char *part = "head and events";
    size_t at = 0;
    while (at < text.len && at < again.len && text.data[at] == again.data[at]) {
        at++;
    }
    for (size_t i = 0; i < TQ_COUNT(parts); i++) {
        if (part_at(again, parts[i]) <= at) {
            part = parts[i];
        }
    }
    return tq_fail(err, TQ_CORRUPT, "dossier_differs", "dossier",
                   "byte %zu, in %s: not what follows from the events", at, part);
}

static tq_code read_parts(dossier *d, const canon_node *root, str pubs, tq_err *err)
{
    str subject = {0};
    const canon_node *point = root->type == CANON_OBJECT ? canon_get(root, "checkpoint") : NULL;
    if (point == NULL || canon_need_str(root, "subject", &subject, NULL) != TQ_OK ||
        canon_need_int(root, "id", &d->id, NULL) != TQ_OK) {
        return bad(err, "dossier", "the file is no dossier");
    }
    d->table = audited_table_named(subject);
    if (d->table != T_CLAIM && d->table != T_VIOLATION_CASE) {
        return bad(err, "subject", "a dossier is of a claim or of a violation case");
    }
    TQ_TRY(checkpoint_parse(point->raw, &d->point, err));
    if (pubs.len > 0) {
        TQ_TRY(checkpoint_known(pubs, &d->point, err));
    }
    TQ_TRY(events_read(d, canon_get(root, "events"), err));
    return policies_read(d, canon_get(root, "policies"), err);
}

/* The line without the seal, which is all of it but its last brace. */
static tq_code seal_part(const canon_node *root, str text, const canon_node **seal_of, str *bare,
                         tq_err *err)
{
    const canon_node *seal = root->type == CANON_OBJECT ? canon_get(root, "seal") : NULL;
    const size_t mark = strlen(DOSSIER_SEAL_MARK);
    if (seal == NULL || seal->raw.data + seal->raw.len + 1 != text.data + text.len ||
        (size_t)(seal->raw.data - text.data) < mark) {
        return bad(err, "seal", "the file ends without a seal");
    }
    *bare = (str){text.data, (size_t)(seal->raw.data - text.data) - mark};
    *seal_of = seal;
    return TQ_OK;
}

tq_code dossier_check(str text, str pubs, dossier_said *out, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("dossier check", CHECK_ARENA_MAX);
    const canon_node *root = NULL;
    dossier d = {.a = a};
    case_rows rows;
    const canon_node *seal = NULL;
    str bare = {0};
    *out = (dossier_said){0};
    if (text.len > DOSSIER_BYTES_MAX) {
        return bad(err, "dossier", "the file is larger than a dossier can be");
    }
    TQ_TRY(canon_read(text, a, &root, err));
    TQ_TRY(seal_part(root, text, &seal, &bare, err));
    TQ_TRY(read_parts(&d, root, pubs, err));
    TQ_TRY(dossier_rows(&d, &rows, err));
    TQ_TRY(policies_held(&d, &rows, err));
    BUF_AUTO buf again = buf_max(DOSSIER_BYTES_MAX);
    TQ_TRY(dossier_print(&d, &rows, &again, err));
    const str whole = buf_view(&again);
    if (whole.len != bare.len + 1 || !str_eq((str){whole.data, bare.len}, bare)) {
        return differs(bare, whole, err);
    }
    TQ_TRY(seal_check(seal, DOSSIER_SEAL, pubs, &whole, 1, err));
    *out = (dossier_said){.id = d.id, .events = d.n, .withheld = d.withheld, .point = d.point};
    (void)snprintf(out->subject, sizeof out->subject, "%s", audited_table_of(d.table)->name);
    return TQ_OK;
}
