/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/event.h"

#include "domain/event_inner.h"
#include "domain/states.h"

static const struct kind_row {
    const char *name;
    const char *text;
} kinds[EV_COUNT] = {
#define EVENT(name, token, what) [EV_##name] = {#token, what},
#include "domain/event_kinds.def"
#undef EVENT
};

const char *event_kind_name(event_kind k)
{
    TQ_ASSERT((unsigned)k < EV_COUNT);
    return kinds[k].name;
}

const char *event_kind_text(event_kind k)
{
    TQ_ASSERT((unsigned)k < EV_COUNT);
    return kinds[k].text;
}

bool event_kind_of(str name, event_kind *out)
{
    for (int k = 0; k < EV_COUNT; k++) {
        if (str_eq(name, str_of(kinds[k].name))) {
            *out = (event_kind)k;
            return true;
        }
    }
    return false;
}

event event_begin(arena *a, event_kind kind)
{
    TQ_ASSERT(a != NULL);
    TQ_ASSERT((unsigned)kind < EV_COUNT);
    return (event){.a = a, .kind = kind, .entry = 1};
}

event_row *event_row_slot(event *e, int table, int64_t id, bool created)
{
    TQ_ASSERT(id > 0);
    TQ_ASSERT(e->n_rows < EVENT_ROWS_MAX);
    if (e->n_rows == e->room_rows) {
        const int room = e->room_rows == 0 ? 8 : e->room_rows * 2;
        event_row *bigger = ARENA_NEW(e->a, event_row, room);
        if (e->n_rows > 0) {
            memcpy(bigger, e->rows, sizeof *bigger * (size_t)e->n_rows);
        }
        e->rows = bigger;
        e->room_rows = room;
    }
    event_row *r = &e->rows[e->n_rows++];
    *r = (event_row){.table = table, .id = id, .created = created};
    r->sets = ARENA_NEW(e->a, event_set, audited_table_of(table)->cols);
    return r;
}

void event_create(event *e, int table, int64_t id)
{
    (void)event_row_slot(e, table, id, true);
}

void event_change(event *e, int table, int64_t id)
{
    for (int i = 0; i < e->n_rows; i++) {
        if (e->rows[i].table == table && e->rows[i].id == id) {
            const event_row found = e->rows[i];
            /* event_int and event_text speak of the last row: bring it there. */
            memmove(&e->rows[i], &e->rows[i + 1], sizeof found * (size_t)(e->n_rows - i - 1));
            e->rows[e->n_rows - 1] = found;
            return;
        }
    }
    (void)event_row_slot(e, table, id, false);
}

static event_value *after_of(event *e, int col)
{
    TQ_ASSERT(e->n_rows > 0);
    event_row *r = &e->rows[e->n_rows - 1];
    TQ_ASSERT(audited_col_of(col)->table == r->table);
    int at = 0;
    while (at < r->n && r->sets[at].col < col) {
        at++;
    }
    if (at == r->n || r->sets[at].col != col) {
        TQ_ASSERT(r->n < audited_table_of(r->table)->cols);
        memmove(&r->sets[at + 1], &r->sets[at], sizeof r->sets[0] * (size_t)(r->n - at));
        r->sets[at] = (event_set){.col = col};
        r->n++;
    }
    return &r->sets[at].after;
}

void event_int(event *e, int col, int64_t value)
{
    TQ_ASSERT(!audited_col_of(col)->is_text);
    after_of(e, col)->num = value;
}

void event_text(event *e, int col, str value)
{
    TQ_ASSERT(audited_col_of(col)->is_text);
    after_of(e, col)->text = arena_copy(e->a, value);
}

ledger_leg *event_leg_slot(event *e)
{
    TQ_ASSERT(e->n_legs < EVENT_LEGS_MAX);
    if (e->n_legs == e->room_legs) {
        const int room = e->room_legs == 0 ? 8 : e->room_legs * 2;
        ledger_leg *bigger = ARENA_NEW(e->a, ledger_leg, room);
        if (e->n_legs > 0) {
            memcpy(bigger, e->legs, sizeof *bigger * (size_t)e->n_legs);
        }
        e->legs = bigger;
        e->room_legs = room;
    }
    return &e->legs[e->n_legs++];
}

static void leg_add(event *e, const ledger_cell *cell, int64_t amount)
{
    TQ_ASSERT(ledger_cell_sane(cell));
    TQ_ASSERT(amount != 0);
    *event_leg_slot(e) = (ledger_leg){.entry = e->entry, .cell = *cell, .amount = amount};
}

static int legs_in_entry(const event *e)
{
    int n = 0;
    while (n < e->n_legs && e->legs[e->n_legs - 1 - n].entry == e->entry) {
        n++;
    }
    return n;
}

void event_move(event *e, const ledger_cell *from, const ledger_cell *to, int64_t amount)
{
    TQ_ASSERT(amount > 0);
    TQ_ASSERT(amount <= MONEY_MAX);
    TQ_ASSERT(from->source_id == to->source_id);
    if (legs_in_entry(e) + 2 > LEDGER_ENTRY_LEGS_MAX) {
        e->entry++;
    }
    leg_add(e, from, -amount);
    leg_add(e, to, amount);
}

void event_entry(event *e)
{
    if (legs_in_entry(e) > 0) {
        e->entry++;
    }
}

bool event_has_private(const event *e)
{
    for (int i = 0; i < e->n_rows; i++) {
        if (audited_table_of(e->rows[i].table)->is_private) {
            return true;
        }
    }
    return false;
}

static bool same_value(const audited_col_info *c, const event_value *x, const event_value *y)
{
    return c->is_text ? str_eq(x->text, y->text) : x->num == y->num;
}

static tq_code check_set(const event *e, const event_row *r, const event_set *s, tq_err *err)
{
    const audited_col_info *c = audited_col_of(s->col);
    if (!r->created && same_value(c, &s->before, &s->after)) {
        return tq_fail(err, TQ_CONFLICT, "nothing_changed", c->name,
                       "the column already has this value");
    }
    if (c->states == NULL) {
        return TQ_OK;
    }
    switch (state_may(c->states, s->before.text, s->after.text, e->role)) {
    case STATE_OK:
        return TQ_OK;
    case STATE_NO_ARROW:
        return tq_fail(err, TQ_CONFLICT, "state_arrow", c->states,
                       "it is %.*s and cannot become %.*s", STR_ARG(s->before.text),
                       STR_ARG(s->after.text));
    case STATE_WRONG_ROLE:
        break;
    }
    return tq_fail(err, TQ_FORBIDDEN, "role", c->states, "the role %s may not make it %.*s",
                   role_name(e->role), STR_ARG(s->after.text));
}

static tq_code check_entries(const event *e, tq_err *err)
{
    int64_t sum = 0;
    int in_entry = 0;
    for (int i = 0; i < e->n_legs; i++) {
        const ledger_leg *leg = &e->legs[i];
        if (!ledger_cell_sane(&leg->cell) || leg->amount == 0) {
            return tq_fail(err, TQ_CORRUPT, "leg_form", "legs", "leg %d is malformed", i + 1);
        }
        if (__builtin_add_overflow(sum, leg->amount, &sum)) {
            return tq_fail(err, TQ_CORRUPT, "leg_sum", "legs", "entry %d overflows", leg->entry);
        }
        in_entry++;
        const bool last = i + 1 == e->n_legs || e->legs[i + 1].entry != leg->entry;
        if (!last) {
            continue;
        }
        if (sum != 0) {
            return tq_fail(err, TQ_CORRUPT, "unbalanced", "legs", "entry %d does not sum to zero",
                           leg->entry);
        }
        if (in_entry < 2 || in_entry > LEDGER_ENTRY_LEGS_MAX) {
            return tq_fail(err, TQ_CORRUPT, "leg_count", "legs", "entry %d has %d legs", leg->entry,
                           in_entry);
        }
        in_entry = 0;
    }
    return TQ_OK;
}

static bool has_state(int table)
{
    const audited_table_info *t = audited_table_of(table);
    for (int c = t->first_col; c < t->first_col + t->cols; c++) {
        if (audited_col_of(c)->states != NULL) {
            return true;
        }
    }
    return false;
}

tq_code event_check(const event *e, tq_err *err)
{
    TQ_ASSERT(e != NULL);
    for (int i = 0; i < e->n_rows; i++) {
        const event_row *r = &e->rows[i];
        bool state_set = false;
        for (int k = 0; k < r->n; k++) {
            TQ_TRY(check_set(e, r, &r->sets[k], err));
            state_set = state_set || audited_col_of(r->sets[k].col)->states != NULL;
        }
        if (r->created && !state_set && has_state(r->table)) {
            return tq_fail(err, TQ_CORRUPT, "state_absent", audited_table_of(r->table)->name,
                           "a row is created without its state");
        }
    }
    return check_entries(e, err);
}
