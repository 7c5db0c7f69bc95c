/* SPDX-License-Identifier: Apache-2.0 */
#include "app/organisation.h"

#include "app/row_change.h"

#define R(r) ROLES(ROLE_##r)
#define REGISTRARS (R(INTAKE) | R(CENTRE) | R(OFFICE) | R(GROUP) | R(LINKED_BUREAU))
#define TREE_DEPTH_MAX 8

/* Facts that hold one at a time set a column of the organisation. */
typedef struct fact_kind {
    const char *name;
    int col; /* of organisation, -1 where none */
} fact_kind;

static const fact_kind fact_kinds[] = {
    {"recognition", -1},
    {"certificate", -1},
    {"region", C_ORGANISATION_REGION},
    {"place", C_ORGANISATION_PLACE_ID},
    {"assessment_unit", C_ORGANISATION_UNIT_ID},
    {"controller", -1},
    {"owner", -1},
    {"representative", -1},
    {"account_agency", -1},
    {"taxpayer", -1},
    {"size", -1},
    {"turnover", -1},
    {"phone", -1},
    {"address", -1},
};

static const char *const link_kinds[] = {"invoice_issuer", "report_stamp", "account", NULL};

static tq_code fact_kind_need(str name, const fact_kind **out, tq_err *err)
{
    for (size_t i = 0; i < TQ_COUNT(fact_kinds); i++) {
        if (str_eq(name, str_of(fact_kinds[i].name))) {
            *out = &fact_kinds[i];
            return TQ_OK;
        }
    }
    return tq_fail(err, TQ_INVALID, "word", "fact.kind", "there is no such kind of fact");
}

/* Six digits, or the id of a township or park. */
static tq_code value_need(store_tx *tx, const call *c, const fact_kind *kind, str value,
                          int64_t *id, tq_err *err)
{
    long long number = 0;
    *id = 0;
    TQ_ASSERT(kind != NULL);
    if (kind->col < 0) {
        return TQ_OK;
    }
    if (!str_int64(value, &number) || number <= 0) {
        return tq_fail(err, TQ_INVALID, "fact_value", "fact.value",
                       "give the digits of the division, or the number of the township or park");
    }
    if (kind->col == C_ORGANISATION_REGION) {
        return value.len == 6 ? TQ_OK
                              : tq_fail(err, TQ_INVALID, "region", "fact.value",
                                        "give the six digits of the division");
    }
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(org_need_active(tx, number, c->a, row, err));
    if (!row_is(row, C_ORGANISATION_KIND, "township") &&
        !row_is(row, C_ORGANISATION_KIND, "park")) {
        return tq_fail(err, TQ_INVALID, "no_place", "fact.value", "name a township or a park");
    }
    *id = number;
    return TQ_OK;
}

/* What was told at registration stands in the organisation's row alone. Before the column is set
 * anew, the former value becomes a dated fact, so that any earlier day can still be answered. */
static tq_code former_keep(store_tx *tx, event *e, const fact_kind *kind, const org_fact_rq *rq,
                           const event_value *org, day from, tq_err *err)
{
    TQ_ASSERT(kind->col >= 0);
    int64_t id = 0;
    const bool text = audited_col_of(kind->col)->is_text;
    const str value = text ? row_str(org, kind->col)
                           : arena_printf(e->a, "%lld", (long long)row_num(org, kind->col));
    const int64_t since = row_num(org, C_ORGANISATION_SINCE_DAY);
    const bool empty = text ? value.len == 0 : row_num(org, kind->col) == 0;
    if (empty || since >= from.n) {
        return TQ_OK;
    }
    TQ_TRY(event_new_row(tx, e, T_ORG_FACT, &id, err));
    event_int(e, C_ORG_FACT_ORG_ID, rq->org_id);
    event_text(e, C_ORG_FACT_KIND, rq->kind);
    event_text(e, C_ORG_FACT_VALUE, value);
    event_int(e, C_ORG_FACT_FROM_DAY, since);
    event_int(e, C_ORG_FACT_TO_DAY, from.n - 1);
    return TQ_OK;
}

/* Closes the fact of the kind that is open, and sets the organisation's column. */
static tq_code fact_replaces(store_tx *tx, const call *c, event *e, const fact_kind *kind,
                             const org_fact_rq *rq, day from, int64_t value_id, tq_err *err)
{
    event_value org[AUDITED_COLS_MAX];
    event_value old[AUDITED_COLS_MAX];
    int64_t old_id = 0;
    TQ_TRY(store_int(tx, STMT_ORG_FACT_OPEN, ARGS(arg_int(rq->org_id), arg_str(rq->kind)), 0,
                     &old_id, err));
    if (old_id != 0) {
        TQ_TRY(row_load(tx, T_ORG_FACT, old_id, c->a, old, err));
        if (row_num(old, C_ORG_FACT_FROM_DAY) >= from.n) {
            return tq_fail(err, TQ_INVALID, "fact_day", "fact.from",
                           "the present fact began on that day or after it");
        }
        event_change(e, T_ORG_FACT, old_id);
        event_int(e, C_ORG_FACT_TO_DAY, from.n - 1);
    }
    TQ_TRY(row_load(tx, T_ORGANISATION, rq->org_id, c->a, org, err));
    if (old_id == 0) {
        TQ_TRY(former_keep(tx, e, kind, rq, org, from, err));
    }
    const bool text = audited_col_of(kind->col)->is_text;
    if (text ? str_eq(row_str(org, kind->col), rq->value) : row_num(org, kind->col) == value_id) {
        return TQ_OK;
    }
    event_change(e, T_ORGANISATION, rq->org_id);
    if (text) {
        event_text(e, kind->col, rq->value);
    } else {
        event_int(e, kind->col, value_id);
    }
    return TQ_OK;
}

/* A fact of which one holds at a time may not begin ahead: today's row would then tell of tomorrow. */
static tq_code fact_need(const call *c, const org_fact_rq *rq, const fact_kind **kind, day *from,
                         tq_err *err)
{
    TQ_TRY(fact_kind_need(rq->kind, kind, err));
    TQ_TRY(line_need(rq->value, "fact.value", err));
    TQ_TRY(line_may(rq->number, "fact.number", err));
    *from = rq->from.n == 0 ? c->today : rq->from;
    TQ_TRY(days_need(*from, rq->to, "fact.to", err));
    if ((*kind)->col >= 0 && (from->n > c->today.n || rq->to.n != 0)) {
        return tq_fail(err, TQ_INVALID, "fact_day", "fact.from",
                       "this fact begins today or earlier, and holds until the next of its kind");
    }
    return TQ_OK;
}

tq_code org_fact_record(app *a, const call *c, const org_fact_rq *rq, int64_t *fact_id, tq_err *err)
{
    const fact_kind *kind = NULL;
    int64_t id = 0;
    int64_t value_id = 0;
    day from;
    event_value org[AUDITED_COLS_MAX];
    TQ_TRY(fact_need(c, rq, &kind, &from, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, REGISTRARS, &tx, err));
    TQ_TRY(org_need_active(tx, rq->org_id, c->a, org, err));
    TQ_TRY(value_need(tx, c, kind, rq->value, &value_id, err));
    event e = work_event(c, EV_ORG_FACT);
    if (kind->col >= 0) {
        TQ_TRY(fact_replaces(tx, c, &e, kind, rq, from, value_id, err));
    }
    TQ_TRY(event_new_row(tx, &e, T_ORG_FACT, &id, err));
    event_int(&e, C_ORG_FACT_ORG_ID, rq->org_id);
    event_text(&e, C_ORG_FACT_KIND, rq->kind);
    event_text(&e, C_ORG_FACT_VALUE, rq->value);
    event_text(&e, C_ORG_FACT_NUMBER, rq->number);
    event_int(&e, C_ORG_FACT_FROM_DAY, from.n);
    event_int(&e, C_ORG_FACT_TO_DAY, rq->to.n);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *fact_id = id;
    return TQ_OK;
}

/* Sets the last day of a dated row; nothing is deleted, so that any earlier day can be asked again. */
static tq_code dated_end(app *a, const call *c, event_kind kind, int table, int64_t id,
                         int from_col, int to_col, day to, tq_err *err)
{
    TQ_ASSERT(audited_col_of(from_col)->table == table);
    TQ_ASSERT(audited_col_of(to_col)->table == table);
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, REGISTRARS, &tx, err));
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, table, id, c->a, row, err));
    if (to.n == 0 || to.n < row_num(row, from_col)) {
        return tq_fail(err, TQ_INVALID, "days", "to", "the last day lies before the first");
    }
    event e = work_event(c, kind);
    event_change(&e, table, id);
    event_int(&e, to_col, to.n);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code org_fact_end(app *a, const call *c, int64_t fact_id, day to, tq_err *err)
{
    return dated_end(a, c, EV_ORG_FACT, T_ORG_FACT, fact_id, C_ORG_FACT_FROM_DAY, C_ORG_FACT_TO_DAY,
                     to, err);
}

tq_code org_link_end(app *a, const call *c, int64_t link_id, day to, tq_err *err)
{
    return dated_end(a, c, EV_ORG_LINK, T_ORG_LINK, link_id, C_ORG_LINK_FROM_DAY, C_ORG_LINK_TO_DAY,
                     to, err);
}

/* A second row for the same days would have to be ended twice, and the one forgotten would go on. */
tq_code org_link_set(app *a, const call *c, const org_link_rq *rq, int64_t *link_id, tq_err *err)
{
    int64_t id = 0;
    bool linked = false;
    event_value org[AUDITED_COLS_MAX];
    const day from = rq->from.n == 0 ? c->today : rq->from;
    TQ_TRY(word_need(rq->kind, link_kinds, "link.kind", err));
    TQ_TRY(line_may(rq->letter, "link.letter", err));
    TQ_TRY(days_need(from, rq->to, "link.to", err));
    if (rq->org_id == rq->other_id) {
        return tq_fail(err, TQ_INVALID, "link_self", "link.other", "name another organisation");
    }
    const char *kind = arena_copy(c->a, rq->kind).data;
    if (rq->letter.len == 0 && strcmp(kind, "account") == 0) {
        return tq_fail(err, TQ_INVALID, "no_letter", "link.letter",
                       "an account of another is used only by its owner's letter");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, REGISTRARS, &tx, err));
    TQ_TRY(org_need_active(tx, rq->org_id, c->a, org, err));
    TQ_TRY(org_need_active(tx, rq->other_id, c->a, org, err));
    TQ_TRY(org_linked(tx, rq->org_id, kind, rq->other_id, from, &linked, err));
    if (linked) {
        return tq_fail(err, TQ_CONFLICT, "linked", "link", "this link holds already");
    }
    event e = work_event(c, EV_ORG_LINK);
    TQ_TRY(event_new_row(tx, &e, T_ORG_LINK, &id, err));
    event_int(&e, C_ORG_LINK_ORG_ID, rq->org_id);
    event_text(&e, C_ORG_LINK_KIND, rq->kind);
    event_int(&e, C_ORG_LINK_OTHER_ID, rq->other_id);
    event_int(&e, C_ORG_LINK_FROM_DAY, from.n);
    event_int(&e, C_ORG_LINK_TO_DAY, rq->to.n);
    event_text(&e, C_ORG_LINK_LETTER, rq->letter);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *link_id = id;
    return TQ_OK;
}

/* Walks up to the root: a ring would let each part answer for the other. */
tq_code org_parent_set(app *a, const call *c, int64_t org_id, int64_t parent_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, REGISTRARS, &tx, err));
    event_value org[AUDITED_COLS_MAX];
    event_value above[AUDITED_COLS_MAX];
    TQ_TRY(org_need_active(tx, org_id, c->a, org, err));
    if (!row_is(org, C_ORGANISATION_KIND, "institution")) {
        return tq_fail(err, TQ_INVALID, "org_kind", "org.parent", "only institutions form a tree");
    }
    if (parent_id == 0 && row_str(org, C_ORGANISATION_CREDIT_CODE).len == 0) {
        return tq_fail(err, TQ_INVALID, "credit_code", "org.parent",
                       "without a code of its own it needs a legal entity");
    }
    int64_t up = parent_id;
    for (int depth = 0; up != 0; depth++) {
        if (up == org_id || depth == TREE_DEPTH_MAX) {
            return tq_fail(err, TQ_INVALID, "tree_loop", "org.parent",
                           "the tree would be a ring or deeper than %d", TREE_DEPTH_MAX);
        }
        TQ_TRY(org_need_active(tx, up, c->a, above, err));
        if (!row_is(above, C_ORGANISATION_KIND, "institution")) {
            return tq_fail(err, TQ_INVALID, "org_kind", "org.parent",
                           "only institutions form a tree");
        }
        up = row_num(above, C_ORGANISATION_PARENT_ID);
    }
    event e = work_event(c, EV_ORG_LINK);
    event_change(&e, T_ORGANISATION, org_id);
    event_int(&e, C_ORGANISATION_PARENT_ID, parent_id);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code org_linked(store_tx *tx, int64_t org_id, const char *kind, int64_t other_id, day d,
                   bool *linked, tq_err *err)
{
    int64_t n = 0;
    TQ_TRY(store_int(tx, STMT_ORG_LINKED,
                     ARGS(arg_int(org_id), arg_str(str_of(kind)), arg_int(other_id), arg_int(d.n)),
                     0, &n, err));
    *linked = n > 0;
    return TQ_OK;
}
