/* SPDX-License-Identifier: Apache-2.0 */
#include "app/signals.h"

#include "app/row_change.h"
#include "app/signal_inner.h"

#define REASON_MAX 2048
#define DECIDERS                                                                                   \
    (ROLES(ROLE_REVIEWER1) | ROLES(ROLE_REVIEWER2) | ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP))

const char *signal_state(const policy_signal *rule)
{
    return rule->action == ACTION_SHOW ? "open" : "referred";
}

str signal_reason(const call *c, const policy_signal *rule, const signal_found *found)
{
    BUF_AUTO buf b = buf_max(REASON_MAX);
    signal_reason_write(rule, found, &b);
    TQ_ASSERT(buf_ok(&b));
    return arena_copy(c->a, buf_view(&b));
}

static tq_code links_write(store_tx *tx, const signal_new *s, int64_t signal_id, event *e,
                           tq_err *err)
{
    for (size_t i = 0; i < s->n_refs; i++) {
        int64_t id = 0;
        if (s->refs[i].kind != s->found.kind) {
            continue;
        }
        TQ_TRY(event_new_row(tx, e, T_SIGNAL_LINK, &id, err));
        event_int(e, C_SIGNAL_LINK_SIGNAL_ID, signal_id);
        event_text(e, C_SIGNAL_LINK_SUBJECT, str_of(audited_table_of(s->refs[i].table)->name));
        event_int(e, C_SIGNAL_LINK_SUBJECT_ID, s->refs[i].id);
    }
    return TQ_OK;
}

tq_code signal_write(store_tx *tx, const call *c, const signal_new *s, event *e, tq_err *err)
{
    static const char *const actions[] = {
        [ACTION_SHOW] = "show", [ACTION_REFER] = "refer", [ACTION_REFUSE] = "refuse"};
    int64_t id = 0;
    TQ_ASSERT(s->id != 0 && s->programme_id != 0);
    TQ_TRY(event_new_row(tx, e, T_SIGNAL, &id, err));
    event_int(e, C_SIGNAL_PROGRAMME_ID, s->programme_id);
    event_text(e, C_SIGNAL_KIND, str_of(signal_token(s->found.kind)));
    event_text(e, C_SIGNAL_SUBJECT, str_of(audited_table_of(s->table)->name));
    event_int(e, C_SIGNAL_SUBJECT_ID, s->id);
    event_int(e, C_SIGNAL_ORG_ID, s->org_id);
    event_text(e, C_SIGNAL_ACTION, str_of(actions[s->rule->action]));
    event_text(e, C_SIGNAL_REASON, signal_reason(c, s->rule, &s->found));
    event_int(e, C_SIGNAL_AMOUNT_FEN, s->amount_fen);
    event_text(e, C_SIGNAL_STATE, str_of(s->state));
    event_int(e, C_SIGNAL_DAY, c->today.n);
    if (!s->unfiled) {
        event_int(e, C_SIGNAL_MAKER_ID, c->who.person_id);
    }
    return links_write(tx, s, id, e, err);
}

/* R-SIGNAL-010 (I19), by person as everywhere: whoever decided the signal does not approve on the strength of it,
 * neither for themselves nor for another. */
tq_code signal_gate(store_tx *tx, const call *c, int64_t claim_id, tq_err *err)
{
    int64_t principal = 0;
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_ASSERT(claim_id != 0);
    if (c->who.for_user_id != 0) {
        TQ_TRY(store_int(tx, STMT_USER_PERSON, ARGS(arg_int(c->who.for_user_id)), 0, &principal,
                         err));
    }
    TQ_TRY(store_query(tx, STMT_SIGNAL_GATE,
                       ARGS(arg_int(claim_id), arg_int(c->who.person_id),
                            arg_int(principal == 0 ? c->who.person_id : principal)),
                       &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    TQ_ASSERT(more);
    const int64_t waiting = row_int(&r);
    const int64_t confirmed = row_int(&r);
    const int64_t own = row_int(&r);
    if (waiting > 0) {
        return tq_fail(err, TQ_CONFLICT, "signal_open", "claim",
                       "%lld signals of the claim wait for a decision", (long long)waiting);
    }
    if (confirmed > 0) {
        return tq_fail(
            err, TQ_CONFLICT, "signal_confirmed", "claim",
            "a signal of the claim was confirmed; refuse the claim, or let the group turn it back");
    }
    if (own > 0) {
        return tq_fail(err, TQ_FORBIDDEN, "same_person", "claim",
                       "who decided a signal of the claim does not approve it");
    }
    return TQ_OK;
}

static tq_code decide_need(const call *c, const event_value *row, tq_err *err)
{
    if (row_num(row, C_SIGNAL_PROGRAMME_ID) != c->who.programme_id) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "signal", "there is no such signal");
    }
    if (row_num(row, C_SIGNAL_MAKER_ID) == c->who.person_id) {
        return tq_fail(err, TQ_FORBIDDEN, "same_person", "signal",
                       "who filed the claim does not decide what is conspicuous in it");
    }
    const bool waits =
        row_is(row, C_SIGNAL_STATE, "open") || row_is(row, C_SIGNAL_STATE, "referred");
    if (!waits && !row_is(row, C_SIGNAL_STATE, "confirmed")) {
        return tq_fail(err, TQ_CONFLICT, "signal_state", "signal", "the signal is %.*s already",
                       STR_ARG(row_str(row, C_SIGNAL_STATE)));
    }
    if (!waits && c->who.role != ROLE_GROUP) {
        return tq_fail(err, TQ_FORBIDDEN, "group_decides", "signal",
                       "a confirmed signal is turned back by the group only");
    }
    return TQ_OK;
}

tq_code signal_decide(app *a, const call *c, const signal_decision *rq, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    if (!str_line_ok(rq->note, SIGNAL_NOTE_MAX)) {
        return tq_fail(err, TQ_INVALID, "signal_note", "note", "say in one line why");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, DECIDERS, &tx, err));
    TQ_TRY(row_load(tx, T_SIGNAL, rq->signal_id, c->a, row, err));
    TQ_TRY(decide_need(c, row, err));
    if (rq->confirmed && row_is(row, C_SIGNAL_STATE, "confirmed")) {
        return tq_fail(err, TQ_CONFLICT, "signal_state", "signal",
                       "the signal is confirmed already");
    }
    event e = work_event(c, EV_SIGNAL_DECIDE);
    event_change(&e, T_SIGNAL, rq->signal_id);
    event_text(&e, C_SIGNAL_STATE, rq->confirmed ? STR("confirmed") : STR("cleared"));
    int_change(&e, row, C_SIGNAL_DECIDER_ID, c->who.person_id);
    int_change(&e, row, C_SIGNAL_DECIDED_DAY, c->today.n);
    text_change(&e, row, C_SIGNAL_NOTE, rq->note);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code signal_outcomes(app *a, const call *c, day from, day to, signal_outcome *out, size_t max,
                        size_t *n, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_ASSERT(max >= SIGNAL_COUNT);
    TQ_TRY(days_need(from, to, "to", err));
    TQ_TRY(work_read(a, &tx, err));
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_SIGNAL_OUTCOMES,
                       ARGS(arg_int(c->who.programme_id), arg_int(from.n), arg_int(to.n)), &r,
                       err));
    *n = 0;
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(*n < max); /* kinds are a closed list */
        signal_outcome *o = &out[(*n)++];
        o->kind = row_copy(&r, c->a);
        o->fired = row_int(&r);
        o->decided = row_int(&r);
        o->confirmed = row_int(&r);
        TQ_ASSERT(o->confirmed <= o->decided && o->decided <= o->fired);
        o->precision_bp = o->decided == 0 ? -1 : o->confirmed * 10000 / o->decided;
    }
}
