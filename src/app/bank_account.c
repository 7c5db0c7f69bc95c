/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bank_account.h"

#include "app/organisation.h"
#include "app/row_change.h"

#define R(r) ROLES(ROLE_##r)
#define AGENTS (R(FIRM_AGENT) | R(FIRM_FINANCE) | R(INST_AGENT))
#define BUREAU (R(INTAKE) | R(CENTRE) | R(OFFICE) | R(REVIEWER1) | R(REVIEWER2) | R(GROUP))
#define FINANCE (R(FINANCE_MAKER) | R(FINANCE_CHECKER))
#define NUMBER_MIN 8
#define NUMBER_MAX 32
#define BANK_CODE_LEN 12
#define TAIL_LEN 4

/* Digits of a typed number without blanks and hyphens; false where anything else stands in it. */
static bool number_digits(str typed, char *out, size_t room, size_t *len)
{
    size_t n = 0;
    for (size_t i = 0; i < typed.len; i++) {
        const char ch = typed.data[i];
        if (ch == ' ' || ch == '-') {
            continue;
        }
        if (ch < '0' || ch > '9' || n == room) {
            return false;
        }
        out[n++] = ch;
    }
    *len = n;
    return true;
}

static tq_code account_need(const account_rq *rq, char *number, size_t *len, tq_err *err)
{
    char code[BANK_CODE_LEN];
    size_t code_len = 0;
    TQ_TRY(line_need(rq->holder, "account.holder", err));
    TQ_TRY(line_need(rq->bank, "account.bank", err));
    TQ_TRY(line_may(rq->letter, "account.letter", err));
    if (!number_digits(rq->number, number, NUMBER_MAX, len) || *len < NUMBER_MIN) {
        return tq_fail(err, TQ_INVALID, "account_number", "account.number", "give %d to %d digits",
                       NUMBER_MIN, NUMBER_MAX);
    }
    if (!number_digits(rq->bank_code, code, sizeof code, &code_len) || code_len != BANK_CODE_LEN) {
        return tq_fail(err, TQ_INVALID, "bank_code", "account.bank_code",
                       "give the %d digits of the branch", BANK_CODE_LEN);
    }
    return TQ_OK;
}

/* Agents see accounts of their own organisation only; others look the same as absent ones. */
static tq_code own_org(const call *c, int64_t org_id, tq_err *err)
{
    if (role_in(c->who.role, AGENTS) && c->who.org_id != org_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "bank_account", "there is no such record");
    }
    return TQ_OK;
}

/* Is the holder the organisation, an owner linked to it by a letter valid today (R-ACC-040: the host of
 * a team), or a person who acts for a team that is no legal person and names them by its letter? */
static tq_code holder_need(store_tx *tx, const call *c, int64_t org_id, str holder, str letter,
                           tq_err *err)
{
    event_value org[AUDITED_COLS_MAX];
    int64_t linked = 0;
    TQ_TRY(org_need_active(tx, org_id, c->a, org, err));
    const bool team = row_is(org, C_ORGANISATION_KIND, "team");
    if (!team && str_eq(row_str(org, C_ORGANISATION_NAME), holder)) {
        return TQ_OK;
    }
    if (team) {
        TQ_TRY(store_int(tx, STMT_ACCOUNT_PERSON_NAMED,
                         ARGS(arg_int(org_id), arg_str(holder), arg_int(c->today.n)), 0, &linked,
                         err));
    }
    if (linked != 0) {
        return letter.len > 0 ? TQ_OK
                              : tq_fail(err, TQ_INVALID, "no_letter", "account.letter",
                                        "a team names the person who is paid for it by a letter");
    }
    TQ_TRY(store_int(tx, STMT_ACCOUNT_OWNER_LINKED,
                     ARGS(arg_int(org_id), arg_str(holder), arg_int(c->today.n)), 0, &linked, err));
    if (linked == 0) {
        return tq_fail(
            err, TQ_INVALID, "holder_name", "account.holder",
            "the holder is not the registered name, nor that of an owner linked by letter");
    }
    return TQ_OK;
}

/* Four digits are public so that a payee can recognise the account; the rest is private. */
static void account_rows(event *e, const call *c, const account_rq *rq, int64_t id, int64_t version,
                         str number)
{
    TQ_ASSERT(number.len >= NUMBER_MIN);
    TQ_ASSERT(version >= 1);
    TQ_ASSERT(c->who.person_id != 0);
    const str tail = {number.data + number.len - TAIL_LEN, TAIL_LEN};
    event_int(e, C_BANK_ACCOUNT_ORG_ID, rq->org_id);
    event_int(e, C_BANK_ACCOUNT_VERSION, version);
    event_text(e, C_BANK_ACCOUNT_STATE, STR("proposed"));
    event_int(e, C_BANK_ACCOUNT_MAKER_ID, c->who.person_id);
    event_text(e, C_BANK_ACCOUNT_TAIL, tail);
    event_text(e, C_BANK_ACCOUNT_LETTER, rq->letter);
    event_create(e, T_BANK_ACCOUNT_PRIVATE, id);
    event_text(e, C_BANK_ACCOUNT_PRIVATE_HOLDER, str_trim(rq->holder));
    event_text(e, C_BANK_ACCOUNT_PRIVATE_NUMBER, number);
    event_text(e, C_BANK_ACCOUNT_PRIVATE_BANK, str_trim(rq->bank));
    event_text(e, C_BANK_ACCOUNT_PRIVATE_BANK_CODE, str_trim(rq->bank_code));
}

tq_code account_propose(app *a, const call *c, const account_rq *rq, int64_t *account_id,
                        tq_err *err)
{
    char number[NUMBER_MAX];
    size_t len = 0;
    int64_t version = 0;
    int64_t id = 0;
    TQ_TRY(account_need(rq, number, &len, err));
    TQ_TRY(own_org(c, rq->org_id, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, AGENTS | BUREAU, &tx, err));
    TQ_TRY(holder_need(tx, c, rq->org_id, str_trim(rq->holder), rq->letter, err));
    TQ_TRY(store_int(tx, STMT_ACCOUNT_LAST_VERSION, ARGS(arg_int(rq->org_id)), 0, &version, err));
    event e = work_event(c, EV_ACCOUNT_PROPOSE);
    TQ_TRY(event_new_row(tx, &e, T_BANK_ACCOUNT, &id, err));
    account_rows(&e, c, rq, id, version + 1, (str){number, len});
    TQ_TRY(act_once(tx, c, &e, T_BANK_ACCOUNT, id, "account_make", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *account_id = id;
    return TQ_OK;
}

/* The name is compared again: between filing and confirmation the firm may have been renamed. */
tq_code account_confirm(app *a, const call *c, int64_t account_id, tq_err *err)
{
    TQ_TRY(programme_need(c, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, AGENTS | BUREAU | FINANCE, &tx, err));
    event_value row[AUDITED_COLS_MAX];
    event_value hidden[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_BANK_ACCOUNT, account_id, c->a, row, err));
    TQ_TRY(own_org(c, row_num(row, C_BANK_ACCOUNT_ORG_ID), err));
    TQ_TRY(row_load(tx, T_BANK_ACCOUNT_PRIVATE, account_id, c->a, hidden, err));
    TQ_TRY(holder_need(tx, c, row_num(row, C_BANK_ACCOUNT_ORG_ID),
                       row_str(hidden, C_BANK_ACCOUNT_PRIVATE_HOLDER),
                       row_str(row, C_BANK_ACCOUNT_LETTER), err));
    const policy *p = NULL;
    int64_t policy_id = 0;
    policy_clock cooling;
    day usable;
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    TQ_TRY(policy_clock_get(p, NULL, "cooling", &cooling, err));
    TQ_TRY(clock_end(tx, c->who.programme_id, c->today, &cooling, &usable, err));
    event e = work_event(c, EV_ACCOUNT_CONFIRM);
    event_change(&e, T_BANK_ACCOUNT, account_id);
    event_text(&e, C_BANK_ACCOUNT_STATE, STR("active"));
    event_int(&e, C_BANK_ACCOUNT_CHECKER_ID, c->who.person_id);
    event_int(&e, C_BANK_ACCOUNT_USABLE_DAY, usable.n);
    TQ_TRY(act_once(tx, c, &e, T_BANK_ACCOUNT, account_id, "account_check", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* Refusing is a check and needs the other person; closing is the owner's own business (stage NULL). */
static tq_code account_end(app *a, const call *c, int64_t account_id, event_kind kind,
                           const char *state, const char *stage, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, AGENTS | BUREAU | FINANCE, &tx, err));
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_BANK_ACCOUNT, account_id, c->a, row, err));
    TQ_TRY(own_org(c, row_num(row, C_BANK_ACCOUNT_ORG_ID), err));
    event e = work_event(c, kind);
    event_change(&e, T_BANK_ACCOUNT, account_id);
    event_text(&e, C_BANK_ACCOUNT_STATE, str_of(state));
    if (stage != NULL) {
        event_int(&e, C_BANK_ACCOUNT_CHECKER_ID, c->who.person_id);
        TQ_TRY(act_once(tx, c, &e, T_BANK_ACCOUNT, account_id, stage, err));
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code account_refuse(app *a, const call *c, int64_t account_id, tq_err *err)
{
    return account_end(a, c, account_id, EV_ACCOUNT_REFUSE, "refused", "account_check", err);
}

tq_code account_close(app *a, const call *c, int64_t account_id, tq_err *err)
{
    return account_end(a, c, account_id, EV_ACCOUNT_CLOSE, "closed", NULL, err);
}

/* Not the newest alone: while that one cools, the one before it is still good, or a firm could be kept
 * without its money by filing. */
tq_code bank_account_usable(store_tx *tx, int64_t org_id, day today, int64_t *account_id,
                            tq_err *err)
{
    int64_t id = 0;
    int64_t cooling = 0;
    TQ_TRY(store_int(tx, STMT_ACCOUNT_USABLE, ARGS(arg_int(org_id), arg_int(today.n)), 0, &id,
                     err));
    if (id != 0) {
        *account_id = id;
        return TQ_OK;
    }
    TQ_TRY(store_int(tx, STMT_ACCOUNT_COOLING, ARGS(arg_int(org_id), arg_int(today.n)), 0, &cooling,
                     err));
    if (cooling != 0) {
        return tq_fail(err, TQ_CONFLICT, "account_cooling", "bank_account",
                       "the account is confirmed, but its cooling days are not over");
    }
    return tq_fail(err, TQ_CONFLICT, "no_account", "bank_account",
                   "the payee has no confirmed bank account");
}
