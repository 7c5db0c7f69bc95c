/* SPDX-License-Identifier: Apache-2.0 */
#include "app/assessment_inner.h"

#include <stdlib.h>
#include <string.h>

typedef struct dated_unit {
    int64_t org_id, unit_id;
    bool assessed;    /* an assessment unit goes before the place */
    int32_t from, to; /* 0: open */
} dated_unit;

typedef struct placed {
    int64_t id, unit_id, successor_id;
} placed;

struct unit_map {
    dated_unit *facts; /* by organisation, in the order of filing */
    size_t n_facts;
    placed *orgs; /* by id */
    size_t n_orgs;
};

#define SUCCESSORS_MAX 16
#define EVENT_ROOM ((size_t)64 * 1024 * 1024)

/* Room for one more in a list that lives in an arena. */
static void *grown(arena *a, void *list, size_t n, size_t *room, size_t size)
{
    if (n < *room) {
        return list;
    }
    const size_t more = *room == 0 ? 256 : *room * 2;
    void *wide = arena_take(a, more * size);
    if (n > 0) {
        memcpy(wide, list, n * size);
    }
    *room = more;
    return wide;
}

static tq_code facts_read(store_tx *tx, arena *a, unit_map *m, tq_err *err)
{
    size_t room = 0;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_ASSESSMENT_PLACES, NO_ARGS, &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        dated_unit f = {.org_id = row_int(&r)};
        f.assessed = str_eq(row_text(&r), STR("assessment_unit"));
        long long unit = 0;
        const bool numbered = str_int64(row_text(&r), &unit);
        f.from = (int32_t)row_int(&r);
        f.to = (int32_t)row_int(&r);
        f.unit_id = numbered ? unit : 0;
        m->facts = grown(a, m->facts, m->n_facts, &room, sizeof *m->facts);
        m->facts[m->n_facts++] = f;
    }
}

tq_code unit_map_read(store_tx *tx, arena *a, unit_map **out, tq_err *err)
{
    unit_map *m = ARENA_NEW(a, unit_map, 1);
    size_t room = 0;
    *m = (unit_map){0};
    TQ_TRY(facts_read(tx, a, m, err));
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_ASSESSMENT_ORGANISATIONS, NO_ARGS, &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        placed p = {.id = row_int(&r)};
        const str kind = row_text(&r);
        const bool unit = str_eq(kind, STR("township")) || str_eq(kind, STR("park"));
        const int64_t lies_in = row_int(&r);
        p.unit_id = unit ? p.id : lies_in;
        p.successor_id = row_int(&r);
        m->orgs = grown(a, m->orgs, m->n_orgs, &room, sizeof *m->orgs);
        m->orgs[m->n_orgs++] = p;
    }
    *out = m;
    return TQ_OK;
}

static int placed_by_id(const void *key, const void *one)
{
    const int64_t id = *(const int64_t *)key;
    const placed *p = one;
    return id < p->id ? -1 : id > p->id;
}

static const placed *placed_of(const unit_map *m, int64_t id)
{
    return m->n_orgs == 0 ? NULL : bsearch(&id, m->orgs, m->n_orgs, sizeof *m->orgs, placed_by_id);
}

static size_t first_fact(const unit_map *m, int64_t org_id)
{
    size_t low = 0;
    size_t high = m->n_facts;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (m->facts[mid].org_id < org_id) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

int64_t unit_on(const unit_map *m, int64_t org_id, day d)
{
    int64_t place = 0;
    int64_t assessed = 0;
    for (size_t i = first_fact(m, org_id); i < m->n_facts && m->facts[i].org_id == org_id; i++) {
        const dated_unit *f = &m->facts[i];
        if (f->from <= d.n && (f->to == 0 || d.n <= f->to)) {
            *(f->assessed ? &assessed : &place) = f->unit_id; /* of two the later filed */
        }
    }
    if (assessed != 0 || place != 0) {
        return assessed != 0 ? assessed : place;
    }
    const placed *p = placed_of(m, org_id); /* what it was registered with has no first day */
    return p == NULL ? 0 : p->unit_id;
}

int64_t unit_now(const unit_map *m, int64_t unit_id)
{
    for (int i = 0; i < SUCCESSORS_MAX; i++) {
        const placed *p = placed_of(m, unit_id);
        if (p == NULL || p->successor_id == 0) {
            break;
        }
        unit_id = p->successor_id;
    }
    return unit_id;
}

/* --- what firms did ------------------------------------------------------------------------------ */

typedef struct tally {
    const assess_frame *f;
    arena *a;
    counted_row *rows;
    size_t n, room;
} tally;

static tq_code put(tally *t, int64_t org_id, day d, counted_row what, tq_err *err)
{
    what.then_id = unit_on(t->f->units, org_id, d);
    what.row.org_id = org_id;
    what.row.unit_id = unit_now(t->f->units, what.then_id);
    if (what.row.unit_id == 0) {
        return TQ_OK; /* lies in no unit: nobody is judged by it */
    }
    if (t->n == ASSESS_ROWS_MAX) {
        return tq_fail(err, TQ_LIMIT, "assessment_rows", "assessment", "more than %d rows to count",
                       ASSESS_ROWS_MAX);
    }
    t->rows = grown(t->a, t->rows, t->n, &t->room, sizeof *t->rows);
    t->rows[t->n++] = what;
    return TQ_OK;
}

/* Money of a voucher that went over with its firm: it counts for whom it was issued to. */
typedef struct passed_on {
    int64_t voucher_id, amount;
    day on;
} passed_on;

static tq_code first_holder(store_tx *tx, int64_t voucher_id, int64_t *org_id, tq_err *err)
{
    ARENA_AUTO arena *room = arena_new("issue", EVENT_ROOM);
    event e = {0};
    bool more = false;
    {
        ROWS_AUTO store_rows r = {0};
        TQ_TRY(store_query(tx, STMT_ASSESSMENT_ISSUE_EVENT, ARGS(arg_int(voucher_id)), &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        TQ_TRY(more ? event_read(row_copy(&r, room), room, &e, err) : TQ_OK);
    }
    for (int i = 0; i < e.n_rows; i++) {
        for (int k = 0; e.rows[i].table == T_VOUCHER && k < e.rows[i].n; k++) {
            if (e.rows[i].sets[k].col == C_VOUCHER_HOLDER_ID) {
                *org_id = e.rows[i].sets[k].after.num;
            }
        }
    }
    return TQ_OK;
}

static tq_code issued_before(store_tx *tx, tally *t, const passed_on *list, size_t n, tq_err *err)
{
    for (size_t i = 0; i < n; i++) {
        int64_t org = 0;
        TQ_TRY(first_holder(tx, list[i].voucher_id, &org, err));
        TQ_TRY(put(t, org, list[i].on, (counted_row){.row = {.issued_fen = list[i].amount}}, err));
    }
    return TQ_OK;
}

static tq_code issued(store_tx *tx, tally *t, const store_arg *period, tq_err *err)
{
    passed_on *list = NULL;
    size_t n = 0;
    size_t room = 0;
    {
        ROWS_AUTO store_rows r = {0};
        TQ_TRY(store_query(tx, STMT_ASSESSMENT_ISSUED, period, 3, &r, err));
        for (bool more = true;;) {
            TQ_TRY(rows_next(&r, &more, err));
            if (!more) {
                break;
            }
            const int64_t holder = row_int(&r);
            const day on = zone_day(t->f->zone, (instant){row_int(&r)});
            const int64_t amount = row_int(&r);
            const int64_t voucher = row_int(&r);
            if (row_int(&r) > 0) {
                list = grown(t->a, list, n, &room, sizeof *list);
                list[n++] = (passed_on){voucher, amount, on};
                continue;
            }
            TQ_TRY(put(t, holder, on, (counted_row){.row = {.issued_fen = amount}}, err));
        }
    }
    return issued_before(tx, t, list, n, err);
}

static tq_code redeemed(store_tx *tx, tally *t, const store_arg *period, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_ASSESSMENT_REDEEMED, period, 3, &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        const int64_t holder = row_int(&r);
        const day paid = zone_day(t->f->zone, (instant){row_int(&r)});
        const int64_t amount = row_int(&r);
        const day agreed = {(int32_t)row_int(&r)};
        const day on = t->f->by_paid_day || agreed.n == 0 ? paid : agreed;
        TQ_TRY(put(t, holder, on, (counted_row){.row = {.redeemed_fen = amount}}, err));
    }
}

static tq_code ordered(store_tx *tx, tally *t, str division, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_ASSESSMENT_ORDERS,
                       ARGS(arg_int(t->f->programme_id), arg_int(t->f->from.n),
                            arg_int(t->f->to.n)),
                       &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        const int64_t holder = row_int(&r);
        const day agreed = {(int32_t)row_int(&r)};
        const day confirmed = {(int32_t)row_int(&r)};
        const bool elsewhere = !str_starts(row_text(&r), division_stem(division));
        const assess_row one = {
            .contract_fen = row_int(&r), .orders = 1, .cross_orders = elsewhere};
        const day on = t->f->by_paid_day || agreed.n == 0 ? confirmed : agreed;
        TQ_TRY(put(t, holder, on, (counted_row){.row = one}, err));
    }
}

/* --- who is on the list --------------------------------------------------------------------------- */

static int by_id(const void *x, const void *y)
{
    const int64_t a = *(const int64_t *)x;
    const int64_t b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

typedef struct id_list {
    int64_t *ids;
    size_t n;
} id_list;

static void sort_ids(id_list *l)
{
    if (l->n > 1) {
        qsort(l->ids, l->n, sizeof *l->ids, by_id);
    }
}

static tq_code ids_of(store_tx *tx, arena *a, store_stmt stmt, const store_arg *args, size_t n_args,
                      id_list *out, tq_err *err)
{
    size_t room = 0;
    *out = (id_list){0};
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, stmt, args, n_args, &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        out->ids = grown(a, out->ids, out->n, &room, sizeof *out->ids);
        out->ids[out->n++] = row_int(&r);
    }
    sort_ids(out);
    return TQ_OK;
}

/* Who held a voucher in the year: also whoever has gone into another since. */
static tq_code holders_of(store_tx *tx, arena *a, const store_arg *in_year, id_list *out,
                          tq_err *err)
{
    id_list passed;
    TQ_TRY(ids_of(tx, a, STMT_ASSESSMENT_HOLDERS, in_year, 3, out, err));
    TQ_TRY(ids_of(tx, a, STMT_ASSESSMENT_PASSED_ON, in_year, 3, &passed, err));
    size_t room = out->n;
    for (size_t i = 0; i < passed.n; i++) {
        int64_t org = 0;
        TQ_TRY(first_holder(tx, passed.ids[i], &org, err));
        out->ids = grown(a, out->ids, out->n, &room, sizeof *out->ids);
        out->ids[out->n++] = org;
    }
    sort_ids(out);
    return TQ_OK;
}

/* R-FINDING-030: firms in which an inspection of the year found what the policy counts. */
static tq_code found_of(store_tx *tx, tally *t, const store_arg *in_year, id_list *out, tq_err *err)
{
    size_t room = 0;
    *out = (id_list){0};
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_ASSESSMENT_FINDINGS, in_year, 3, &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        const int64_t org = row_int(&r);
        if (t->f->counted[finding_named(row_text(&r))]) {
            out->ids = grown(t->a, out->ids, out->n, &room, sizeof *out->ids);
            out->ids[out->n++] = org;
        }
    }
    sort_ids(out);
    return TQ_OK;
}

static int64_t among(const id_list *l, int64_t id)
{
    return l->n > 0 && bsearch(&id, l->ids, l->n, sizeof *l->ids, by_id) != NULL;
}

/* A redeemed leg of the year makes a firm a paid one, also where the bank sent the money back later. */
static tq_code listed(store_tx *tx, tally *t, tq_err *err)
{
    const assess_frame *f = t->f;
    const store_arg in_year[] = {arg_int(f->programme_id), arg_int(f->from.n), arg_int(f->to.n)};
    id_list firms;
    id_list holders;
    id_list violators;
    id_list found;
    id_list paid = {.ids = ARENA_NEW(t->a, int64_t, t->n + 1)};
    TQ_TRY(ids_of(tx, t->a, STMT_ASSESSMENT_FIRMS, ARGS(arg_int(f->assessment_id)), &firms, err));
    TQ_TRY(holders_of(tx, t->a, in_year, &holders, err));
    TQ_TRY(ids_of(tx, t->a, STMT_ASSESSMENT_VIOLATORS, in_year, 3, &violators, err));
    TQ_TRY(found_of(tx, t, in_year, &found, err));
    for (size_t i = 0; i < t->n; i++) {
        if (t->rows[i].row.redeemed_fen > 0) {
            paid.ids[paid.n++] = t->rows[i].row.org_id;
        }
    }
    qsort(paid.ids, paid.n, sizeof *paid.ids, by_id);
    for (size_t i = 0; i < firms.n; i++) {
        const int64_t org = firms.ids[i];
        const assess_row one = {.listed = 1,
                                .vouchers = among(&holders, org),
                                .paid = among(&paid, org),
                                .violation =
                                    among(&violators, org) != 0 || among(&found, org) != 0};
        TQ_TRY(put(t, org, f->base, (counted_row){.row = one}, err));
    }
    return TQ_OK;
}

static int by_unit(const void *x, const void *y)
{
    const counted_row *a = x;
    const counted_row *b = y;
    if (a->row.unit_id != b->row.unit_id) {
        return a->row.unit_id < b->row.unit_id ? -1 : 1;
    }
    if (a->row.org_id != b->row.org_id) {
        return a->row.org_id < b->row.org_id ? -1 : 1;
    }
    return a->then_id < b->then_id ? -1 : a->then_id > b->then_id;
}

/* R-ASSESS-010: sums of one firm, unit and unit of then; what the bank returned may leave nothing, never less. */
static size_t merged(counted_row *rows, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || by_unit(&rows[kept - 1], &rows[i]) != 0) {
            rows[kept++] = rows[i];
            continue;
        }
        assess_row *sum = &rows[kept - 1].row;
        const assess_row *one = &rows[i].row;
        sum->listed += one->listed;
        sum->vouchers += one->vouchers;
        sum->paid += one->paid;
        sum->violation += one->violation;
        sum->issued_fen += one->issued_fen;
        sum->redeemed_fen += one->redeemed_fen;
        sum->contract_fen += one->contract_fen;
        sum->orders += one->orders;
        sum->cross_orders += one->cross_orders;
    }
    for (size_t i = 0; i < kept; i++) {
        TQ_ASSERT(rows[i].row.listed <= 1);
        if (rows[i].row.redeemed_fen < 0) {
            rows[i].row.redeemed_fen = 0; /* returned this year, paid in the year before */
        }
    }
    return kept;
}

tq_code assess_count(store_tx *tx, const assess_frame *f, arena *a, counted_row **out, size_t *n,
                     tq_err *err)
{
    tally t = {.f = f, .a = a};
    str division;
    const store_arg period[] = {arg_int(f->programme_id),
                                arg_int(zone_day_start(f->zone, f->from).us),
                                arg_int(zone_day_start(f->zone, day_add(f->to, 1)).us)};
    event_value programme[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_PROGRAMME, f->programme_id, a, programme, err));
    division = row_str(programme, C_PROGRAMME_DIVISION);
    TQ_TRY(issued(tx, &t, period, err));
    TQ_TRY(redeemed(tx, &t, period, err));
    TQ_TRY(ordered(tx, &t, division, err));
    TQ_TRY(listed(tx, &t, err));
    if (t.n > 1) {
        qsort(t.rows, t.n, sizeof *t.rows, by_unit);
    }
    *n = merged(t.rows, t.n);
    *out = t.rows;
    return TQ_OK;
}
