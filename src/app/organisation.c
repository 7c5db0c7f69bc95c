/* SPDX-License-Identifier: Apache-2.0 */
#include "app/organisation.h"

#include "app/organisation_inner.h"
#include "app/row_change.h"

#define R(r) ROLES(ROLE_##r)
#define REGISTRARS (R(INTAKE) | R(CENTRE) | R(OFFICE) | R(GROUP))

static const char *const org_kinds[] = {"enterprise", "team",     "institution", "platform",
                                        "bureau",     "township", "park",        NULL};

static bool digits(str s, size_t len)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') {
            return false;
        }
    }
    return s.len == len;
}

/* Has this kind of organisation a credit code: always, never, or as it is. */
static tq_code code_need(const org_rq *rq, credit_code *out, tq_err *err)
{
    const bool institution = str_eq(rq->kind, STR("institution"));
    const bool must = str_eq(rq->kind, STR("enterprise")) || str_eq(rq->kind, STR("platform")) ||
                      (institution && rq->parent_id == 0);
    *out = (credit_code){""};
    if (rq->credit_code.len == 0) {
        return !must ? TQ_OK
                     : tq_fail(err, TQ_INVALID, "credit_code", "org.credit_code",
                               "give the unified social credit code");
    }
    if (str_eq(rq->kind, STR("team"))) {
        return tq_fail(err, TQ_INVALID, "credit_code", "org.credit_code",
                       "a team is no legal person and has no credit code");
    }
    return credit_code_parse(rq->credit_code, out, err);
}

/* Places are organisations of their own, so that towns that merge have successors too. */
static tq_code place_need(store_tx *tx, const call *c, int64_t id, const char *field, tq_err *err)
{
    if (id == 0) {
        return TQ_OK;
    }
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(org_need_active(tx, id, c->a, row, err));
    if (!row_is(row, C_ORGANISATION_KIND, "township") &&
        !row_is(row, C_ORGANISATION_KIND, "park")) {
        return tq_fail(err, TQ_INVALID, "no_place", field, "name a township or a park");
    }
    return TQ_OK;
}

static tq_code kind_is(store_tx *tx, const call *c, int64_t id, const char *kind, const char *field,
                       tq_err *err)
{
    if (id == 0) {
        return TQ_OK;
    }
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(org_need_active(tx, id, c->a, row, err));
    if (!row_is(row, C_ORGANISATION_KIND, kind)) {
        return tq_fail(err, TQ_INVALID, "org_kind", field,
                       "the organisation named is of another kind");
    }
    return TQ_OK;
}

static tq_code org_rq_need(const call *c, const org_rq *rq, tq_err *err)
{
    TQ_TRY(word_need(rq->kind, org_kinds, "org.kind", err));
    TQ_TRY(line_need(rq->name, "org.name", err));
    if (!digits(rq->region, 6)) {
        return tq_fail(err, TQ_INVALID, "region", "org.region",
                       "give the six digits of the division");
    }
    if (rq->since.n > c->today.n) {
        return tq_fail(err, TQ_INVALID, "days", "org.since", "the day lies ahead");
    }
    const bool institution = str_eq(rq->kind, STR("institution"));
    if (!institution && (rq->parent_id != 0 || rq->platform_id != 0)) {
        return tq_fail(err, TQ_INVALID, "org_kind", "org.parent",
                       "only an institution has a legal entity above it or a platform");
    }
    return TQ_OK;
}

/* A name begins with the organisation, not with its registration: old papers bear it too. */
static void name_row(event *e, int64_t org_id, str name, day from)
{
    TQ_ASSERT(org_id != 0);
    TQ_ASSERT(name.len > 0);
    event_int(e, C_ORG_NAME_ORG_ID, org_id);
    event_text(e, C_ORG_NAME_NAME, name);
    event_int(e, C_ORG_NAME_FROM_DAY, from.n);
}

tq_code org_rq_check(const call *c, const org_rq *rq, credit_code *code, tq_err *err)
{
    TQ_TRY(org_rq_need(c, rq, err));
    return code_need(rq, code, err);
}

static tq_code org_rows_need(store_tx *tx, const call *c, const org_rq *rq, str code, tq_err *err)
{
    int64_t taken = 0;
    TQ_TRY(place_need(tx, c, rq->place_id, "org.place", err));
    TQ_TRY(place_need(tx, c, rq->unit_id, "org.unit", err));
    TQ_TRY(kind_is(tx, c, rq->parent_id, "institution", "org.parent", err));
    TQ_TRY(kind_is(tx, c, rq->platform_id, "platform", "org.platform", err));
    if (code.len > 0) {
        TQ_TRY(org_by_code(tx, code, &taken, err));
    }
    if (taken != 0) {
        return tq_fail(err, TQ_CONFLICT, "credit_code_taken", "org.credit_code",
                       "an organisation with this credit code is registered");
    }
    return TQ_OK;
}

tq_code org_add(store_tx *tx, const call *c, const org_rq *rq, const credit_code *code,
                int64_t *org_id, tq_err *err)
{
    int64_t id = 0;
    int64_t name_id = 0;
    TQ_TRY(org_rows_need(tx, c, rq, str_of(code->text), err));
    const day from = rq->since.n == 0 ? c->today : rq->since;
    event e = work_event(c, EV_ORG_REGISTER);
    TQ_TRY(event_new_row(tx, &e, T_ORGANISATION, &id, err));
    event_text(&e, C_ORGANISATION_KIND, rq->kind);
    event_text(&e, C_ORGANISATION_CREDIT_CODE, str_of(code->text));
    event_text(&e, C_ORGANISATION_NAME, str_trim(rq->name));
    event_text(&e, C_ORGANISATION_REGION, rq->region);
    event_int(&e, C_ORGANISATION_PLACE_ID, rq->place_id);
    event_int(&e, C_ORGANISATION_UNIT_ID, rq->unit_id == 0 ? rq->place_id : rq->unit_id);
    event_int(&e, C_ORGANISATION_PARENT_ID, rq->parent_id);
    event_int(&e, C_ORGANISATION_PLATFORM_ID, rq->platform_id);
    event_text(&e, C_ORGANISATION_STATE, STR("active"));
    event_int(&e, C_ORGANISATION_SINCE_DAY, rq->since.n);
    TQ_TRY(event_new_row(tx, &e, T_ORG_NAME, &name_id, err));
    name_row(&e, id, str_trim(rq->name), from);
    TQ_TRY(event_append(tx, &e, NULL, err));
    *org_id = id;
    return TQ_OK;
}

tq_code org_register(app *a, const call *c, const org_rq *rq, int64_t *org_id, tq_err *err)
{
    credit_code code;
    int64_t id = 0;
    TQ_TRY(org_rq_check(c, rq, &code, err));
    const bool bureau = str_eq(rq->kind, STR("bureau"));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, REGISTRARS | (bureau ? R(LINKED_BUREAU) : 0), &tx, err));
    TQ_TRY(org_add(tx, c, rq, &code, &id, err));
    TQ_TRY(store_commit(&tx, err));
    *org_id = id;
    return TQ_OK;
}

/* The former name is closed, not overwritten: papers are judged by the name of their own day. */
tq_code org_rename(app *a, const call *c, int64_t org_id, str name, day from, tq_err *err)
{
    TQ_TRY(line_need(name, "org.name", err));
    if (from.n > c->today.n) {
        return tq_fail(err, TQ_INVALID, "days", "org.name_from", "the day lies ahead");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, REGISTRARS | R(LINKED_BUREAU), &tx, err));
    event_value row[AUDITED_COLS_MAX];
    event_value old[AUDITED_COLS_MAX];
    int64_t old_id = 0;
    int64_t name_id = 0;
    TQ_TRY(org_need_active(tx, org_id, c->a, row, err));
    TQ_TRY(store_int(tx, STMT_ORG_NAME_OPEN, ARGS(arg_int(org_id)), 0, &old_id, err));
    TQ_ASSERT(old_id != 0); /* given at registration, closed only here */
    TQ_TRY(row_load(tx, T_ORG_NAME, old_id, c->a, old, err));
    if (from.n <= row_num(old, C_ORG_NAME_FROM_DAY)) {
        return tq_fail(err, TQ_INVALID, "name_day", "org.name_from",
                       "the present name began on that day or after it");
    }
    event e = work_event(c, EV_ORG_RENAME);
    event_change(&e, T_ORGANISATION, org_id);
    event_text(&e, C_ORGANISATION_NAME, str_trim(name));
    event_change(&e, T_ORG_NAME, old_id);
    event_int(&e, C_ORG_NAME_TO_DAY, from.n - 1);
    TQ_TRY(event_new_row(tx, &e, T_ORG_NAME, &name_id, err));
    name_row(&e, org_id, str_trim(name), from);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* What it still holds is cancelled apart from this, by the group: dissolving decides about no money. */
tq_code org_dissolve(app *a, const call *c, int64_t org_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R(OFFICE) | R(GROUP), &tx, err));
    event e = work_event(c, EV_ORG_FACT);
    event_change(&e, T_ORGANISATION, org_id);
    event_text(&e, C_ORGANISATION_STATE, STR("dissolved"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code org_need_active(store_tx *tx, int64_t org_id, arena *a, event_value *row, tq_err *err)
{
    TQ_TRY(row_load(tx, T_ORGANISATION, org_id, a, row, err));
    if (!row_is(row, C_ORGANISATION_STATE, "active")) {
        return tq_fail(err, TQ_CONFLICT, "org_gone", "organisation",
                       "the organisation was merged, converted or dissolved");
    }
    return TQ_OK;
}

tq_code org_by_code(store_tx *tx, str code, int64_t *org_id, tq_err *err)
{
    TQ_ASSERT(code.len > 0);
    return store_int(tx, STMT_ORG_BY_CODE, ARGS(arg_str(code)), 0, org_id, err);
}

tq_code org_name_on(store_tx *tx, int64_t org_id, day d, arena *a, str *name, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_ORG_NAME_ON, ARGS(arg_int(org_id), arg_int(d.n)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    *name = more ? row_copy(&r, a) : STR("");
    return TQ_OK;
}
