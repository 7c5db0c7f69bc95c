/* SPDX-License-Identifier: Apache-2.0 */
#include "app/programme.h"

#include "app/person_inner.h"
#include "app/row_change.h"
#include "base/money.h"
#include "store/blob.h"

#define SALT_BYTES 32

static bool code_ok(str s, size_t min, size_t max, bool digits_only)
{
    if (s.len < min || s.len > max) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        const char ch = s.data[i];
        const bool digit = ch >= '0' && ch <= '9';
        if (!digit && (digits_only || ch < 'A' || ch > 'Z')) {
            return false;
        }
    }
    return true;
}

static tq_code zone_need(arena *a, str name, tq_err *err)
{
    zone *z = NULL;
    TQ_TRY(line_need(name, "programme.zone", err));
    TQ_TRY(zone_open(arena_copy(a, name).data, &z, err));
    zone_free(z);
    return TQ_OK;
}

static tq_code facts_need(const call *c, const programme_facts *rq, tq_err *err)
{
    currency cur;
    if (!code_ok(rq->code, 2, 9, false)) {
        return tq_fail(err, TQ_INVALID, "code", "programme.code",
                       "give 2 to 9 digits or capital letters");
    }
    if (!code_ok(rq->division, 6, 6, true)) {
        return tq_fail(err, TQ_INVALID, "code", "programme.division",
                       "give the six digits of the division");
    }
    if (rq->fiscal_month < 1 || rq->fiscal_month > 12) {
        return tq_fail(err, TQ_INVALID, "month", "programme.fiscal_month",
                       "the fiscal year begins in a month from 1 to 12");
    }
    TQ_TRY(line_need(rq->name_zh, "programme.name_zh", err));
    TQ_TRY(line_need(rq->name_en, "programme.name_en", err));
    TQ_TRY(currency_of(rq->currency, &cur, err));
    return zone_need(c->a, rq->zone, err);
}

static tq_code programme_add(store_tx *tx, const call *c, const programme_facts *rq, int64_t *id,
                             tq_err *err)
{
    int64_t taken = 0;
    TQ_TRY(store_int(tx, STMT_PROGRAMME_CODE_TAKEN, ARGS(arg_str(rq->code)), 0, &taken, err));
    if (taken != 0) {
        return tq_fail(err, TQ_CONFLICT, "code_taken", "programme.code",
                       "another programme has this code");
    }
    int64_t new_id = 0;
    event e = work_event(c, EV_PROGRAMME_OPEN);
    TQ_TRY(event_new_row(tx, &e, T_PROGRAMME, &new_id, err));
    event_text(&e, C_PROGRAMME_CODE, rq->code);
    event_text(&e, C_PROGRAMME_NAME_ZH, rq->name_zh);
    event_text(&e, C_PROGRAMME_NAME_EN, rq->name_en);
    event_text(&e, C_PROGRAMME_DIVISION, rq->division);
    event_text(&e, C_PROGRAMME_CURRENCY, rq->currency);
    event_text(&e, C_PROGRAMME_ZONE, rq->zone);
    event_int(&e, C_PROGRAMME_FISCAL_MONTH, rq->fiscal_month);
    event_text(&e, C_PROGRAMME_STATE, STR("open"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    *id = new_id;
    return TQ_OK;
}

static tq_code first_users_need(const site_init_rq *rq, tq_err *err)
{
    size_t secadmins = 0;
    for (size_t i = 0; i < rq->n_users; i++) {
        const role r = rq->users[i].role;
        if (r != ROLE_SECADMIN && r != ROLE_SYSADMIN) {
            return tq_fail(err, TQ_INVALID, "first_role", "users",
                           "only secadmin and sysadmin begin here; two persons give the others");
        }
        secadmins += r == ROLE_SECADMIN ? 1 : 0;
    }
    if (secadmins < 2) {
        return tq_fail(err, TQ_INVALID, "two_secadmins", "users",
                       "name two security administrators: one alone could confirm nothing");
    }
    if (rq->salt.len != 0 && rq->salt.len != SALT_BYTES) {
        return tq_fail(err, TQ_INVALID, "salt", "salt", "a given salt has %d bytes", SALT_BYTES);
    }
    return TQ_OK;
}

static tq_code salt_put(store_tx *tx, str given, tq_err *err)
{
    uint8_t salt[SALT_BYTES];
    if (given.len == 0) {
        random_bytes(salt, sizeof salt);
    } else {
        TQ_ASSERT(given.len == sizeof salt);
        memcpy(salt, given.data, sizeof salt);
    }
    return store_run(tx, STMT_SECRET_PUT,
                     ARGS(arg_str(STR("private_salt")), arg_blob(salt, sizeof salt)), NULL, err);
}

static tq_code first_user_add(store_tx *tx, const call *c, const first_user *u, int64_t *user_id,
                              int64_t *person_id, tq_err *err)
{
    const person_rq who = {.name = u->name, .phone = u->phone, .id_no = u->id_no};
    int64_t grant_id = 0;
    TQ_TRY(person_add(tx, c, &who, person_id, err));
    TQ_TRY(user_add(tx, c, *person_id, u->login, 0, user_id, err));
    event e = work_event(c, EV_GRANT_CONFIRM);
    const grant_rq rq = {.user_id = *user_id, .role = u->role, .from = c->today};
    TQ_TRY(grant_add(tx, c, &e, &rq, "active", &grant_id, err));
    return event_append(tx, &e, NULL, err);
}

tq_code site_init(app *a, const call *c, const site_init_rq *rq, int64_t *programme_id,
                  int64_t *user_ids, int64_t *person_ids, tq_err *err)
{
    TQ_TRY(facts_need(c, &rq->programme, err));
    TQ_TRY(first_users_need(rq, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SYSTEM), &tx, err));
    int64_t rows = 0;
    TQ_TRY(store_int(tx, STMT_SITE_ROWS, NO_ARGS, 0, &rows, err));
    if (rows != 0) {
        return tq_fail(err, TQ_CONFLICT, "not_empty", "site",
                       "this installation has been set up already");
    }
    TQ_TRY(salt_put(tx, rq->salt, err));
    int64_t new_programme = 0;
    TQ_TRY(programme_add(tx, c, &rq->programme, &new_programme, err));
    int64_t *users = ARENA_NEW(c->a, int64_t, rq->n_users);
    int64_t *persons = ARENA_NEW(c->a, int64_t, rq->n_users);
    for (size_t i = 0; i < rq->n_users; i++) {
        TQ_TRY(first_user_add(tx, c, &rq->users[i], &users[i], &persons[i], err));
    }
    TQ_TRY(store_commit(&tx, err));
    for (size_t i = 0; i < rq->n_users && user_ids != NULL; i++) {
        user_ids[i] = users[i];
    }
    for (size_t i = 0; i < rq->n_users && person_ids != NULL; i++) {
        person_ids[i] = persons[i];
    }
    *programme_id = new_programme;
    return TQ_OK;
}

tq_code programme_open(app *a, const call *c, const programme_facts *rq, int64_t *programme_id,
                       tq_err *err)
{
    TQ_TRY(facts_need(c, rq, err));
    TX_AUTO store_tx *tx = NULL;
    int64_t id = 0;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SYSADMIN), &tx, err));
    TQ_TRY(programme_add(tx, c, rq, &id, err));
    TQ_TRY(store_commit(&tx, err));
    *programme_id = id;
    return TQ_OK;
}

/* Only what is given and differs. */
static void facts_change(event *e, const event_value *row, const programme_change_rq *rq)
{
    const struct {
        int column;
        str to;
    } changes[] = {
        {C_PROGRAMME_NAME_ZH, rq->name_zh}, {C_PROGRAMME_NAME_EN, rq->name_en},
        {C_PROGRAMME_ZONE, rq->zone},       {C_PROGRAMME_OFFICE, rq->office},
        {C_PROGRAMME_PHONE, rq->phone},     {C_PROGRAMME_ADDRESS, rq->address},
    };
    for (size_t i = 0; i < TQ_COUNT(changes); i++) {
        if (changes[i].to.len > 0) {
            text_change(e, row, changes[i].column, changes[i].to);
        }
    }
}

static tq_code change_need(const call *c, const programme_change_rq *rq, tq_err *err)
{
    TQ_TRY(programme_need(c, err));
    TQ_TRY(line_may(rq->name_zh, "programme.name_zh", err));
    TQ_TRY(line_may(rq->name_en, "programme.name_en", err));
    TQ_TRY(line_may(rq->office, "programme.office", err));
    TQ_TRY(line_may(rq->phone, "programme.phone", err));
    TQ_TRY(line_may(rq->address, "programme.address", err));
    return rq->zone.len > 0 ? zone_need(c->a, rq->zone, err) : TQ_OK;
}

tq_code programme_change(app *a, const call *c, const programme_change_rq *rq, tq_err *err)
{
    TQ_TRY(change_need(c, rq, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_SYSADMIN), &tx, err));
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_PROGRAMME, c->who.programme_id, c->a, row, err));
    event e = work_event(c, EV_PROGRAMME_CHANGE);
    event_change(&e, T_PROGRAMME, c->who.programme_id);
    facts_change(&e, row, rq);
    if (e.rows[0].n == 0) {
        return tq_fail(err, TQ_CONFLICT, "nothing_changed", "programme", "it is like this already");
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code voucher_kind_find(store_tx *tx, int64_t programme_id, str code, int64_t *kind_id,
                          tq_err *err)
{
    int64_t id = 0;
    TQ_TRY(store_int(tx, STMT_VOUCHER_KIND_FIND, ARGS(arg_int(programme_id), arg_str(code)), 0, &id,
                     err));
    if (id == 0) {
        return tq_fail(err, TQ_NOT_FOUND, "voucher_kind", "voucher_kind",
                       "the programme has no voucher kind of this code");
    }
    *kind_id = id;
    return TQ_OK;
}
