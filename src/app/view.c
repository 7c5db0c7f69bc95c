/* SPDX-License-Identifier: Apache-2.0 */
#include "app/view.h"

#include "app/views_gen.inc"

#define VIEW_NOBODYS INT64_C(-1)
#define LIKE_MAX 400 /* bytes of a search text with its escapes */

const view *view_of(view_id id)
{
    TQ_ASSERT(id > VIEW_NONE && id < VIEW_COUNT);
    return &views[id];
}

int view_field_at(const view *v, const char *name)
{
    for (int i = 0; i < v->n_fields; i++) {
        if (strcmp(v->fields[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

view_scope view_scope_of(const actor *who)
{
    static const role_set of_org = ROLES(ROLE_FIRM_AGENT) | ROLES(ROLE_FIRM_FINANCE) |
                                   ROLES(ROLE_INST_AGENT) | ROLES(ROLE_PLATFORM_AGENT);
    static const role_set by_person = ROLES(ROLE_INSPECTOR) | ROLES(ROLE_LINKED_BUREAU) |
                                      ROLES(ROLE_SUPERVISOR) | ROLES(ROLE_SUPERVISOR_HEAD);
    view_scope s = {.reach = REACH_PROGRAMME, .programme_id = who->programme_id};
    if (role_in(who->role, of_org)) {
        s.reach = REACH_ORG;
    } else if (who->role == ROLE_TOWNSHIP) {
        s.reach = REACH_PLACE;
    } else if (who->role == ROLE_PUBLIC || who->role == ROLE_NONE) {
        s.reach = REACH_PUBLIC;
    } else if (role_in(who->role, by_person)) {
        s.reach = who->role == ROLE_INSPECTOR       ? REACH_INSPECTOR
                  : who->role == ROLE_LINKED_BUREAU ? REACH_BUREAU
                                                    : REACH_WATCH;
        s.id = who->person_id;
        TQ_ASSERT(s.id > 0); /* nobody inspects, asks or supervises without a name */
    }
    if (s.reach == REACH_ORG || s.reach == REACH_PLACE) {
        /* id 0 would mean everybody's rows: who is nobody's agent sees none */
        s.id = who->org_id > 0 ? who->org_id : VIEW_NOBODYS;
    }
    return s;
}

bool view_reads_programme(view_reach reach)
{
    return reach == REACH_PROGRAMME || reach == REACH_BUREAU || reach == REACH_WATCH;
}

bool view_within(const view *v, view_reach reach)
{
    return v->list[reach] != VIEW_NO_STMT;
}

static bool is_text(view_type t)
{
    return t == VIEW_TYPE_TEXT || t == VIEW_TYPE_CODE || t == VIEW_TYPE_LINE ||
           t == VIEW_TYPE_TOKEN || t == VIEW_TYPE_STATE;
}

static view_row read_row(const view *v, store_rows *r, arena *a)
{
    view_value *values = ARENA_NEW(a, view_value, v->n_fields);
    for (int i = 0; i < v->n_fields; i++) {
        if (is_text(v->fields[i].type)) {
            values[i].s = row_copy(r, a);
        } else {
            values[i].n = row_int(r);
        }
    }
    return (view_row){values};
}

/* Reads at most `most` rows; a further one is told by `more`. */
static tq_code read_rows(const view *v, store_rows *r, size_t most, arena *a, view_rows *out,
                         tq_err *err)
{
    view_row *rows = ARENA_NEW(a, view_row, most);
    view_rows got = {.of = v, .rows = rows};
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(r, &more, err));
        if (!more) {
            break;
        }
        if (got.n == most) {
            got.more = true;
            break;
        }
        rows[got.n++] = read_row(v, r, a);
    }
    *out = got;
    return TQ_OK;
}

/* Both engines' lower() as used here fold ASCII only; so does this. `%`, `_` and `\` are literal. */
static str like_of(str q, char room[LIKE_MAX])
{
    size_t n = 0;
    if (q.len == 0) {
        return STR("");
    }
    room[n++] = '%';
    for (size_t i = 0; i < q.len && n + 4 < LIKE_MAX; i++) {
        const char c = q.data[i];
        if (c == '%' || c == '_' || c == '\\') {
            room[n++] = '\\';
        }
        room[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    while (n > 1 && ((unsigned char)room[n - 1] & 0xC0U) == 0x80U && !str_utf8((str){room, n})) {
        n--; /* a character that the bound cut in two */
    }
    if (!str_utf8((str){room, n})) {
        n--;
    }
    room[n++] = '%';
    return (str){room, n};
}

/* A bureau's or supervisor's own list is asked with the person; the programme's, lent to them, without. */
static bool scope_asked(const view *v, const view_scope *scope)
{
    return scope->reach == REACH_ORG || scope->reach == REACH_PLACE ||
           scope->reach == REACH_INSPECTOR ||
           (view_reads_programme(scope->reach) &&
            v->list[scope->reach] != v->list[REACH_PROGRAMME]);
}

static size_t with_scope(const view *v, store_arg *args, size_t n, const view_scope *scope)
{
    if (scope_asked(v, scope)) {
        TQ_ASSERT(scope->id != 0);
        args[n++] = arg_int(scope->id);
    }
    return n;
}

static size_t with_period(const view *v, store_arg *args, size_t n, const view_query *q)
{
    TQ_ASSERT(q->on.len == 0 || v->n_periods > 0);
    if (v->n_periods > 0) {
        args[n++] = arg_str(q->on.len > 0 ? q->on : STR(""));
        args[n++] = arg_int(q->from.n);
        args[n++] = arg_int(q->to.n);
    }
    return n;
}

tq_code view_list(store_tx *tx, const view *v, const view_scope *scope, const view_query *q,
                  arena *a, view_rows *out, tq_err *err)
{
    char like[LIKE_MAX];
    TQ_ASSERT(q->limit >= 1 && q->limit <= VIEW_PAGE_MAX);
    if (!view_within(v, scope->reach) || (q->state.len > 0 && !v->by_state)) {
        *out = (view_rows){.of = v};
        return TQ_OK;
    }
    store_arg args[9] = {arg_int(scope->programme_id), arg_int(q->after), arg_int(q->limit + 1),
                         arg_str(q->state), arg_str(like_of(q->q, like))};
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, (q->state.len > 0 ? v->list_state : v->list)[scope->reach], args,
                       with_scope(v, args, with_period(v, args, 5, q), scope), &r, err));
    return read_rows(v, &r, (size_t)q->limit, a, out, err);
}

tq_code view_count(store_tx *tx, const view *v, const view_scope *scope, const view_query *q,
                   int64_t *n, tq_err *err)
{
    char like[LIKE_MAX];
    if (!view_within(v, scope->reach) || (q->state.len > 0 && !v->by_state)) {
        *n = 0;
        return TQ_OK;
    }
    store_arg args[7] = {arg_int(scope->programme_id), arg_str(q->state),
                         arg_str(like_of(q->q, like))};
    return store_int(tx, (q->state.len > 0 ? v->count_state : v->count)[scope->reach], args,
                     with_scope(v, args, with_period(v, args, 3, q), scope), 0, n, err);
}

tq_code view_one(store_tx *tx, const view *v, const view_scope *scope, int64_t id, arena *a,
                 view_row *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    if (view_within(v, scope->reach)) {
        TQ_TRY(store_query(tx, v->one,
                           ARGS(arg_int(scope->programme_id),
                                arg_int(scope->reach == REACH_ORG ? scope->id : 0),
                                arg_int(scope->reach == REACH_PLACE ? scope->id : 0),
                                arg_int(scope->reach == REACH_PUBLIC), arg_int(id),
                                arg_int(scope->reach == REACH_INSPECTOR ? scope->id : 0),
                                arg_int(scope->reach == REACH_BUREAU ? scope->id : 0),
                                arg_int(scope->reach == REACH_WATCH ? scope->id : 0)),
                           &r, err));
        TQ_TRY(rows_next(&r, &more, err));
    }
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "no_such_record", "id", "there is no such record");
    }
    *out = read_row(v, &r, a);
    return TQ_OK;
}

tq_code view_children(store_tx *tx, const view_child *child, int64_t parent_id, arena *a,
                      view_rows *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, child->stmt, ARGS(arg_int(parent_id)), &r, err));
    return read_rows(view_of(child->view), &r, VIEW_CHILD_ROWS_MAX, a, out, err);
}
