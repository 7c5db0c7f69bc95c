/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/event_inner.h"

#include "base/canon.h"
#include "base/hash.h"

#define EVENT_VERSION 1

static void value_write(canon *c, const audited_col_info *col, const event_value *v)
{
    if (col->is_text) {
        canon_str(c, v->text);
    } else {
        canon_int(c, v->num);
    }
}

static void row_write(canon *c, const event_row *r)
{
    canon_list(c);
    canon_str(c, str_of(audited_table_of(r->table)->name));
    canon_int(c, r->id);
    canon_int(c, r->created ? 1 : 0);
    canon_open(c);
    for (int i = 0; i < r->n; i++) {
        const event_set *s = &r->sets[i];
        const audited_col_info *col = audited_col_of(s->col);
        canon_key(c, col->name);
        if (r->created) {
            value_write(c, col, &s->after);
            continue;
        }
        canon_list(c);
        value_write(c, col, &s->before);
        value_write(c, col, &s->after);
        canon_list_end(c);
    }
    canon_close(c);
    canon_list_end(c);
}

static void rows_write(canon *c, const event *e, bool is_private)
{
    canon_key(c, "rows");
    canon_list(c);
    for (int i = 0; i < e->n_rows; i++) {
        if (audited_table_of(e->rows[i].table)->is_private == is_private) {
            row_write(c, &e->rows[i]);
        }
    }
    canon_list_end(c);
}

static void leg_write(canon *c, const ledger_leg *leg)
{
    canon_list(c);
    canon_int(c, leg->entry);
    canon_str(c, str_of(ledger_account_name(leg->cell.account)));
    canon_int(c, leg->amount);
    canon_int(c, leg->cell.source_id);
    canon_int(c, leg->cell.year);
    canon_int(c, leg->cell.kind_id);
    canon_int(c, leg->cell.voucher_id);
    canon_int(c, leg->cell.order_id);
    canon_int(c, leg->cell.claim_id);
    canon_int(c, leg->cell.line_id);
    canon_list_end(c);
}

void event_write(const event *e, buf *out)
{
    canon c = canon_to(out);
    canon_open(&c);
    canon_kint(&c, "v", EVENT_VERSION);
    canon_kstr(&c, "kind", str_of(event_kind_name(e->kind)));
    canon_kint(&c, "programme", e->programme_id);
    canon_kint(&c, "at", e->at.us);
    canon_kint(&c, "day", e->today.n);
    canon_kint(&c, "user", e->user_id);
    canon_kint(&c, "person", e->person_id);
    canon_kstr(&c, "role", str_of(role_name(e->role)));
    canon_kint(&c, "for", e->for_user_id);
    rows_write(&c, e, false);
    canon_key(&c, "legs");
    canon_list(&c);
    for (int i = 0; i < e->n_legs; i++) {
        leg_write(&c, &e->legs[i]);
    }
    canon_list_end(&c);
    canon_kstr(&c, "private", str_of(e->private_hex));
    canon_key(&c, "note");
    canon_raw(&c, e->note.len == 0 ? STR("{}") : e->note);
    canon_close(&c);
}

void event_write_private(const event *e, buf *out)
{
    if (!event_has_private(e)) {
        return;
    }
    canon c = canon_to(out);
    canon_open(&c);
    rows_write(&c, e, true);
    canon_close(&c);
}

static tq_code bad_event(tq_err *err, const char *field, const char *what)
{
    return tq_fail(err, TQ_MALFORMED, "event_form", field, "%s", what);
}

static tq_code value_read(const canon_node *n, const audited_col_info *col, event_value *out,
                          tq_err *err)
{
    if (n == NULL || n->type != (col->is_text ? CANON_STR : CANON_INT)) {
        return bad_event(err, col->name, "the value is absent or of the wrong type");
    }
    *out = (event_value){.num = col->is_text ? 0 : n->num, .text = n->text};
    return TQ_OK;
}

static tq_code set_read(const canon_node *n, event *e, event_row *r, tq_err *err)
{
    const int col = audited_col_named(r->table, n->key);
    if (col < 0) {
        return bad_event(err, audited_table_of(r->table)->name, "a column is unknown");
    }
    if (r->n > 0 && r->sets[r->n - 1].col >= col) {
        return bad_event(err, audited_col_of(col)->name, "columns are out of order");
    }
    event_set s = {.col = col};
    const audited_col_info *info = audited_col_of(col);
    if (r->created) {
        TQ_TRY(value_read(n, info, &s.after, err));
    } else {
        if (n->type != CANON_LIST || n->count != 2) {
            return bad_event(err, info->name, "a change is not a pair of old and new");
        }
        TQ_TRY(value_read(n->kids, info, &s.before, err));
        TQ_TRY(value_read(n->kids->next, info, &s.after, err));
    }
    s.before.text = arena_copy(e->a, s.before.text);
    s.after.text = arena_copy(e->a, s.after.text);
    r->sets[r->n++] = s;
    return TQ_OK;
}

static tq_code row_read(const canon_node *n, event *e, bool is_private, tq_err *err)
{
    if (n->type != CANON_LIST || n->count != 4 || n->kids->type != CANON_STR) {
        return bad_event(err, "rows", "a row is not [table,id,created,columns]");
    }
    const canon_node *id = n->kids->next;
    const canon_node *created = id->next;
    const canon_node *cols = created->next;
    const int table = audited_table_named(n->kids->text);
    if (table < 0 || audited_table_of(table)->is_private != is_private) {
        return bad_event(err, "rows", "a table is unknown or in the wrong body");
    }
    if (id->type != CANON_INT || id->num <= 0 || created->type != CANON_INT ||
        (created->num != 0 && created->num != 1) || cols->type != CANON_OBJECT ||
        e->n_rows >= EVENT_ROWS_MAX) {
        return bad_event(err, "rows", "a row is not [table,id,created,columns]");
    }
    event_row *r = event_row_slot(e, table, id->num, created->num == 1);
    for (const canon_node *k = cols->kids; k != NULL; k = k->next) {
        TQ_TRY(set_read(k, e, r, err));
    }
    return TQ_OK;
}

static tq_code leg_read(const canon_node *n, event *e, tq_err *err)
{
    int64_t v[10] = {0};
    ledger_leg leg = {0};
    if (n->type != CANON_LIST || n->count != 10) {
        return bad_event(err, "legs", "a leg does not have ten parts");
    }
    int i = 0;
    for (const canon_node *k = n->kids; k != NULL; k = k->next, i++) {
        if (i == 1) {
            if (k->type != CANON_STR || !ledger_account_of(k->text, &leg.cell.account)) {
                return bad_event(err, "legs", "an account is unknown");
            }
            continue;
        }
        if (k->type != CANON_INT) {
            return bad_event(err, "legs", "a part of a leg is not an integer");
        }
        v[i] = k->num;
    }
    if (v[0] < 1 || v[0] > EVENT_LEGS_MAX || e->n_legs >= EVENT_LEGS_MAX) {
        return bad_event(err, "legs", "an entry number is out of range");
    }
    leg.entry = (int)v[0];
    leg.amount = v[2];
    leg.cell.source_id = v[3];
    leg.cell.year = v[4];
    leg.cell.kind_id = v[5];
    leg.cell.voucher_id = v[6];
    leg.cell.order_id = v[7];
    leg.cell.claim_id = v[8];
    leg.cell.line_id = v[9];
    *event_leg_slot(e) = leg;
    e->entry = leg.entry;
    return TQ_OK;
}

static tq_code rows_read(const canon_node *object, event *e, bool is_private, tq_err *err)
{
    const canon_node *rows = canon_get(object, "rows");
    if (rows == NULL || rows->type != CANON_LIST) {
        return bad_event(err, "rows", "the list of rows is absent");
    }
    for (const canon_node *n = rows->kids; n != NULL; n = n->next) {
        TQ_TRY(row_read(n, e, is_private, err));
    }
    return TQ_OK;
}

static tq_code head_read(const canon_node *object, event *e, tq_err *err)
{
    int64_t version = 0;
    int64_t today = 0;
    str kind = {0};
    str role_text = {0};
    str private_hex = {0};
    TQ_TRY(canon_need_int(object, "v", &version, err));
    TQ_TRY(canon_need_str(object, "kind", &kind, err));
    TQ_TRY(canon_need_int(object, "programme", &e->programme_id, err));
    TQ_TRY(canon_need_int(object, "at", &e->at.us, err));
    TQ_TRY(canon_need_int(object, "day", &today, err));
    TQ_TRY(canon_need_int(object, "user", &e->user_id, err));
    TQ_TRY(canon_need_int(object, "person", &e->person_id, err));
    TQ_TRY(canon_need_str(object, "role", &role_text, err));
    TQ_TRY(canon_need_int(object, "for", &e->for_user_id, err));
    TQ_TRY(canon_need_str(object, "private", &private_hex, err));
    if (version != EVENT_VERSION) {
        return bad_event(err, "v", "this version of events is unknown");
    }
    if (!event_kind_of(kind, &e->kind)) {
        return bad_event(err, "kind", "this kind of event is unknown");
    }
    if (today < INT32_MIN || today > INT32_MAX) {
        return bad_event(err, "day", "the day is out of range");
    }
    e->today.n = (int32_t)today;
    e->role = role_of(role_text);
    if (e->role == ROLE_NONE && role_text.len > 0) {
        return bad_event(err, "role", "this role is unknown");
    }
    digest ignored;
    if (private_hex.len > 0) {
        if (!digest_from_hex(private_hex, &ignored)) {
            return bad_event(err, "private", "the digest is not 64 hex digits");
        }
        memcpy(e->private_hex, private_hex.data, 64);
    }
    return TQ_OK;
}

/* The keys that event_write writes and no others, in its order. With the strict scanner and the order of
 * columns that makes the text that was read the only one of its event: nobody need write it again to see. */
static bool keys_are(const canon_node *object, const char *const *keys, size_t n)
{
    const canon_node *k = object->kids;
    for (size_t i = 0; i < n; i++, k = k->next) {
        if (k == NULL || !str_eq(k->key, str_of(keys[i]))) {
            return false;
        }
    }
    return k == NULL;
}

tq_code event_read(str body, arena *a, event *out, tq_err *err)
{
    static const char *const keys[] = {"v",    "kind",    "programme", "at",  "day",
                                       "user", "person",  "role",      "for", "rows",
                                       "legs", "private", "note"};
    const canon_node *object = NULL;
    TQ_TRY(canon_read(body, a, &object, err));
    if (object->type != CANON_OBJECT) {
        return bad_event(err, "", "the event is not an object");
    }
    event e = {.a = a};
    TQ_TRY(head_read(object, &e, err));
    if (!keys_are(object, keys, TQ_COUNT(keys))) {
        return bad_event(err, "",
                         "the body is not in canonical form: keys are added or out of order");
    }
    TQ_TRY(rows_read(object, &e, false, err));
    const canon_node *legs = canon_get(object, "legs");
    if (legs == NULL || legs->type != CANON_LIST) {
        return bad_event(err, "legs", "the list of legs is absent");
    }
    for (const canon_node *n = legs->kids; n != NULL; n = n->next) {
        TQ_TRY(leg_read(n, &e, err));
    }
    const canon_node *note = canon_get(object, "note");
    if (note == NULL || note->type != CANON_OBJECT) {
        return bad_event(err, "note", "the note is absent");
    }
    e.note = arena_copy(a, note->raw);
    *out = e;
    return TQ_OK;
}

tq_code event_read_private(str body, event *e, tq_err *err)
{
    const canon_node *object = NULL;
    TQ_TRY(canon_read(body, e->a, &object, err));
    if (object->type != CANON_OBJECT) {
        return bad_event(err, "private", "the private body is not an object");
    }
    static const char *const keys[] = {"rows"};
    if (!keys_are(object, keys, TQ_COUNT(keys))) {
        return bad_event(err, "private", "the private body is not in canonical form");
    }
    return rows_read(object, e, true, err);
}
