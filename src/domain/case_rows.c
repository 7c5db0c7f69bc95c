/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/case_rows.h"

#include "base/canon.h"

#include <stdlib.h>
#include <string.h>

#define CASE_SLOTS ((size_t)65536) /* a power of two, over three times the rows */

/* `up`: a row that belongs brings the one it names. Otherwise: a row belongs with the one it names. */
static const struct link {
    int col, to;
    bool up;
} links[] = {
    {C_CLAIM_VOUCHER_ID, T_VOUCHER, true},
    {C_VOUCHER_APPLICATION_ID, T_APPLICATION, true},
    {C_VOUCHER_POLICY_ID, T_POLICY, true},
    {C_DECISION_POLICY_ID, T_POLICY, true},
    {C_CLAIM_LINE_CLAIM_ID, T_CLAIM, false},
    {C_CLAIM_LINE_ORDER_ID, T_SERVICE_ORDER, true},
    {C_CLAIM_LINE_ORDER_LINE_ID, T_ORDER_LINE, true},
    {C_CLAIM_LINE_INVOICE_ID, T_INVOICE, true},
    {C_CLAIM_LINE_PROOF_ID, T_PAYMENT_PROOF, true},
    {C_DELIVERY_ORDER_ID, T_SERVICE_ORDER, false},
    {C_BAN_CASE_ID, T_VIOLATION_CASE, false},
    {C_RECOVERY_CASE_ID, T_VIOLATION_CASE, false},
    {C_RECOVERY_CLAIM_ID, T_CLAIM, true},
    {C_RECOVERY_INSTALMENT_RECOVERY_ID, T_RECOVERY, false},
    {C_BAN_REPAIR_BAN_ID, T_BAN, false},
    {C_VIOLATION_CASE_INSPECTION_ID, T_INSPECTION, true},
    {C_INSPECTION_LINE_INSPECTION_ID, T_INSPECTION, false},
    {C_SIGNAL_LINK_SIGNAL_ID, T_SIGNAL, false},
    {C_OBJECTION_CLAIM_ID, T_CLAIM, false},
    {C_REGISTER_LINE_CLAIM_ID, T_CLAIM, false},
    {C_REGISTER_LINE_FILING_ID, T_REGISTER_FILING, true},
    {C_PUBLICATION_LINE_CLAIM_ID, T_CLAIM, false},
    {C_PUBLICATION_LINE_PUBLICATION_ID, T_PUBLICATION, true},
    {C_BATCH_LINE_CLAIM_ID, T_CLAIM, false},
    {C_BATCH_LINE_BATCH_ID, T_BATCH, true},
    {C_BANK_LINE_LINE_ID, T_BATCH_LINE, false},
    {C_BANK_LINE_FILE_ID, T_BANK_FILE, true},
};

/* Rows about another one, which they name by its table and id. */
static const struct about {
    int table, subject, subject_id;
} abouts[] = {
    {T_DECISION, C_DECISION_SUBJECT, C_DECISION_SUBJECT_ID},
    {T_EVIDENCE, C_EVIDENCE_SUBJECT, C_EVIDENCE_SUBJECT_ID},
    {T_ACT, C_ACT_SUBJECT, C_ACT_SUBJECT_ID},
    {T_SIGNAL, C_SIGNAL_SUBJECT, C_SIGNAL_SUBJECT_ID},
};

/* Rows of one organisation each: an event that speaks of one that does not belong is another's case too. */
static const int owned[] = {T_CLAIM,      T_APPLICATION,    T_VOUCHER,      T_SERVICE_ORDER,
                            T_INSPECTION, T_VIOLATION_CASE, T_RECOVERY,     T_PUBLICATION_LINE,
                            T_BATCH_LINE, T_BANK_LINE,      T_REGISTER_LINE};

bool case_table(int table)
{
    TQ_ASSERT(table >= 0 && table < T_COUNT);
    for (size_t i = 0; i < TQ_COUNT(links); i++) {
        if (links[i].to == table || audited_col_of(links[i].col)->table == table) {
            return true;
        }
    }
    for (size_t i = 0; i < TQ_COUNT(abouts); i++) {
        if (abouts[i].table == table) {
            return true;
        }
    }
    return false;
}

case_rows case_rows_new(arena *a)
{
    TQ_ASSERT(a != NULL);
    return (case_rows){.a = a, .slots = ARENA_NEW(a, int, CASE_SLOTS)};
}

static size_t slot_of(const case_rows *of, int table, int64_t id)
{
    const uint64_t mixed = ((uint64_t)id * T_COUNT + (uint64_t)table) * 0x9e3779b97f4a7c15u;
    size_t at = (size_t)(mixed >> 32) & (CASE_SLOTS - 1);
    while (of->slots[at] != 0 &&
           (of->rows[of->slots[at] - 1].id != id || of->rows[of->slots[at] - 1].table != table)) {
        at = (at + 1) & (CASE_SLOTS - 1);
    }
    return at;
}

static case_row *find(const case_rows *of, int table, int64_t id)
{
    const int n = of->slots[slot_of(of, table, id)];
    return n == 0 ? NULL : &of->rows[n - 1];
}

const case_row *case_rows_find(const case_rows *of, int table, int64_t id)
{
    TQ_ASSERT(of != NULL);
    return find(of, table, id);
}

static const event_value *value_of(const case_row *row, int col)
{
    const audited_table_info *t = audited_table_of(row->table);
    TQ_ASSERT(col >= t->first_col);
    TQ_ASSERT(col < t->first_col + t->cols);
    return &row->now[col - t->first_col];
}

static tq_code row_of(case_rows *to, const event_row *r, case_row **out, tq_err *err)
{
    *out = find(to, r->table, r->id);
    if (*out != NULL) {
        return TQ_OK;
    }
    if (to->n == CASE_ROWS_MAX) {
        return tq_fail(err, TQ_LIMIT, "case_too_large", "case",
                       "the events of this case speak of too many rows");
    }
    if (to->n == to->room) {
        const int room = to->room == 0 ? 64 : to->room * 2;
        case_row *more = ARENA_NEW(to->a, case_row, (size_t)room);
        for (int i = 0; i < to->n; i++) {
            more[i] = to->rows[i];
        }
        to->rows = more;
        to->room = room;
    }
    const size_t slot = slot_of(to, r->table, r->id);
    *out = &to->rows[to->n++];
    to->slots[slot] = to->n;
    **out = (case_row){.table = r->table, .id = r->id, .created = r->created};
    /* A row met without its beginning has no values to compare with. */
    (*out)->broken = !r->created;
    return TQ_OK;
}

static bool value_eq(const event_value *a, const event_value *b)
{
    return a->num == b->num && str_eq(a->text, b->text);
}

tq_code case_rows_apply(case_rows *to, const event *e, tq_err *err)
{
    TQ_ASSERT(e != NULL);
    for (int i = 0; i < e->n_rows; i++) {
        const event_row *r = &e->rows[i];
        case_row *row = NULL;
        if (!case_table(r->table)) {
            continue;
        }
        TQ_TRY(row_of(to, r, &row, err));
        const int first = audited_table_of(r->table)->first_col;
        for (int k = 0; k < r->n; k++) {
            event_value *now = &row->now[r->sets[k].col - first];
            row->broken = row->broken || !value_eq(now, &r->sets[k].before);
            *now = r->sets[k].after;
        }
    }
    return TQ_OK;
}

static int by_table_and_id(const void *a, const void *b)
{
    const case_row *x = a;
    const case_row *y = b;
    if (x->table != y->table) {
        return x->table < y->table ? -1 : 1;
    }
    return x->id < y->id ? -1 : x->id > y->id;
}

/* What was found by its place is found by its new one. */
static void sort(case_rows *of)
{
    if (of->n > 1) {
        qsort(of->rows, (size_t)of->n, sizeof *of->rows, by_table_and_id);
    }
    memset(of->slots, 0, CASE_SLOTS * sizeof *of->slots);
    for (int i = 0; i < of->n; i++) {
        of->rows[i].belongs = false;
        of->slots[slot_of(of, of->rows[i].table, of->rows[i].id)] = i + 1;
    }
}

static bool mark(case_row *row)
{
    if (row == NULL || row->belongs) {
        return false;
    }
    row->belongs = true;
    return true;
}

/* Does this row lead to others, or others to it? True where something new belongs. */
static bool follow_links(case_rows *of, case_row *row)
{
    bool any = false;
    for (size_t i = 0; i < TQ_COUNT(links); i++) {
        if (audited_col_of(links[i].col)->table != row->table) {
            continue;
        }
        case_row *other = find(of, links[i].to, value_of(row, links[i].col)->num);
        if (links[i].up && row->belongs) {
            any = mark(other) || any;
        } else if (!links[i].up && other != NULL && other->belongs) {
            any = mark(row) || any;
        }
    }
    return any;
}

static bool follow_about(case_rows *of, case_row *row)
{
    for (size_t i = 0; i < TQ_COUNT(abouts); i++) {
        if (abouts[i].table != row->table) {
            continue;
        }
        const int table = audited_table_named(value_of(row, abouts[i].subject)->text);
        const case_row *other =
            table < 0 ? NULL : find(of, table, value_of(row, abouts[i].subject_id)->num);
        return other != NULL && other->belongs && mark(row);
    }
    return false;
}

tq_code case_rows_mark(case_rows *of, int table, int64_t id, tq_err *err)
{
    sort(of);
    if (!mark(find(of, table, id))) {
        return tq_fail(err, TQ_NOT_FOUND, "no_such_record", audited_table_of(table)->name,
                       "no signed event speaks of it");
    }
    for (bool any = true; any;) {
        any = false;
        for (int i = 0; i < of->n; i++) {
            any = follow_links(of, &of->rows[i]) || any;
            any = follow_about(of, &of->rows[i]) || any;
        }
    }
    return TQ_OK;
}

bool case_row_names(const case_row *row, size_t i, int *table, int64_t *id)
{
    if (i >= TQ_COUNT(links)) {
        return false;
    }
    const bool named = links[i].up && audited_col_of(links[i].col)->table == row->table;
    *table = links[i].to;
    *id = named ? value_of(row, links[i].col)->num : 0;
    return true;
}

static bool is_owned(int table)
{
    for (size_t i = 0; i < TQ_COUNT(owned); i++) {
        if (owned[i] == table) {
            return true;
        }
    }
    return false;
}

bool case_rows_foreign(const case_rows *of, const event *e)
{
    TQ_ASSERT(e != NULL);
    for (int i = 0; i < e->n_rows; i++) {
        const event_row *r = &e->rows[i];
        if (r->table == T_SIGNAL || r->table == T_SIGNAL_LINK) {
            return true;
        }
        const case_row *row = is_owned(r->table) ? find(of, r->table, r->id) : NULL;
        if (is_owned(r->table) && (row == NULL || !row->belongs)) {
            return true;
        }
    }
    return false;
}

tq_code case_rows_whole(const case_rows *of, tq_err *err)
{
    for (int i = 0; i < of->n; i++) {
        const case_row *row = &of->rows[i];
        if (row->belongs && (row->broken || !row->created)) {
            return tq_fail(err, TQ_CORRUPT, "case_gap", audited_table_of(row->table)->name,
                           "row %lld: an event between is missing", (long long)row->id);
        }
    }
    return TQ_OK;
}

static void row_print(const case_row *row, canon *c)
{
    const audited_table_info *t = audited_table_of(row->table);
    canon_list(c);
    canon_str(c, str_of(t->name));
    canon_int(c, row->id);
    canon_open(c);
    for (int col = t->first_col; col < t->first_col + t->cols; col++) {
        const event_value *v = value_of(row, col);
        if (audited_col_of(col)->is_text) {
            canon_kstr(c, audited_col_of(col)->name, v->text);
        } else {
            canon_kint(c, audited_col_of(col)->name, v->num);
        }
    }
    canon_close(c);
    canon_list_end(c);
}

void case_rows_print(const case_rows *of, buf *out)
{
    canon c = canon_to(out);
    canon_list(&c);
    for (int i = 0; i < of->n; i++) {
        if (of->rows[i].belongs) {
            row_print(&of->rows[i], &c);
        }
    }
    canon_list_end(&c);
}

/* By its claim, where it has one; else by its voucher. */
static bool leg_belongs(const case_rows *of, const ledger_cell *cell)
{
    const case_row *row = cell->claim_id != 0 ? find(of, T_CLAIM, cell->claim_id)
                                              : find(of, T_VOUCHER, cell->voucher_id);
    return row != NULL && row->belongs;
}

void case_legs_print(const case_rows *of, const event *e, int64_t seq, bool *first,
                     int64_t sums[ACC_COUNT], buf *out)
{
    TQ_ASSERT(seq > 0);
    for (int i = 0; i < e->n_legs; i++) {
        const ledger_leg *leg = &e->legs[i];
        if (!leg_belongs(of, &leg->cell)) {
            continue;
        }
        if (!*first) {
            buf_char(out, ',');
        }
        *first = false;
        canon c = canon_to(out);
        canon_list(&c);
        canon_int(&c, seq);
        canon_int(&c, leg->entry);
        canon_str(&c, str_of(ledger_account_name(leg->cell.account)));
        canon_int(&c, leg->amount);
        canon_int(&c, leg->cell.voucher_id);
        canon_int(&c, leg->cell.order_id);
        canon_int(&c, leg->cell.claim_id);
        canon_int(&c, leg->cell.line_id);
        canon_list_end(&c);
        sums[leg->cell.account] += leg->amount;
    }
}
