/* SPDX-License-Identifier: Apache-2.0 */
#include "app/tip.h"

#include "app/access_inner.h"
#include "app/app_inner.h"
#include "app/row_change.h"
#include "app/voucher_inner.h"

#define R_SUPERVISION (ROLES(ROLE_SUPERVISOR) | ROLES(ROLE_SUPERVISOR_HEAD))
#define R_TAKERS (ROLES(ROLE_OFFICE) | ROLES(ROLE_CENTRE) | R_SUPERVISION)

/* Lines of text, as a person wrote them. */
static tq_code text_need(str s, const char *field, tq_err *err)
{
    TQ_ASSERT(field != NULL);
    if (str_trim(s).len == 0 || s.len > TIP_TEXT_MAX || !str_utf8(s)) {
        return tq_fail(err, TQ_INVALID, "tip_text", field, "write 1 to %d bytes", TIP_TEXT_MAX);
    }
    return TQ_OK;
}

/* What came by page is of today; a letter or a call is entered by the staff, with its own day. */
static tq_code form_need(const call *c, const tip_new *rq, tq_err *err)
{
    static const char *const pages[] = {"page", NULL};
    static const char *const others[] = {"phone", "letter", NULL};
    const bool page = c->who.role == ROLE_PUBLIC;
    TQ_TRY(word_need(rq->channel, page ? pages : others, "tip.channel", err));
    TQ_TRY(line_need(rq->about, "tip.about", err));
    TQ_TRY(text_need(rq->content, "tip.tip_text", err));
    TQ_TRY(line_may(rq->name, "tip.teller", err));
    TQ_TRY(line_may(rq->contact, "tip.contact", err));
    if (rq->received.n <= 0 || rq->received.n > c->today.n) {
        return tq_fail(err, TQ_INVALID, "days", "tip.received_day", "name a day until today");
    }
    return TQ_OK;
}

/* R-TIP-010: the source is a row apart, and what was said is none of the public body. */
static void parts_put(event *e, const call *c, int64_t id, const tip_new *rq)
{
    TQ_ASSERT(id > 0);
    event_create(e, T_TIP_PRIVATE, id);
    event_text(e, C_TIP_PRIVATE_ABOUT, rq->about);
    event_text(e, C_TIP_PRIVATE_CONTENT, rq->content);
    if (rq->name.len > 0 || rq->contact.len > 0) {
        event_create(e, T_TIP_SOURCE, id);
        event_int(e, C_TIP_SOURCE_PROGRAMME_ID, c->who.programme_id);
        event_text(e, C_TIP_SOURCE_NAME, rq->name);
        event_text(e, C_TIP_SOURCE_CONTACT, rq->contact);
    }
}

tq_code tip_file(app *a, const call *c, const tip_new *rq, tip_filed *out, tq_err *err)
{
    tip_filed filed = {.secret = bearer_new()};
    char hex[65];
    if (rq->demo_seed != NULL) {
        TQ_TRY(demo_need(a, "tip.secret", err));
        filed.secret = bearer_of(hash_of(HASH_SHA256, str_of(rq->demo_seed)).b);
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(form_need(c, rq, err));
    TQ_TRY(programme_need(c, err));
    TQ_TRY(work_begin(a, c, R_TAKERS | ROLES(ROLE_PUBLIC), &tx, err));
    digest_hex(bearer_digest(str_of(filed.secret.text)), hex);
    event e = work_event(c, EV_TIP_FILE);
    TQ_TRY(event_new_row(tx, &e, T_TIP, &filed.id, err));
    event_int(&e, C_TIP_PROGRAMME_ID, c->who.programme_id);
    event_text(&e, C_TIP_CHANNEL, rq->channel);
    event_int(&e, C_TIP_NAMED, rq->name.len > 0 || rq->contact.len > 0);
    event_int(&e, C_TIP_RECEIVED_DAY, rq->received.n);
    event_text(&e, C_TIP_SECRET_SHA256, str_of(hex));
    event_text(&e, C_TIP_STATE, STR("filed"));
    parts_put(&e, c, filed.id, rq);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = filed;
    return TQ_OK;
}

/* One answer for all that is wrong: numbers can be guessed, and nobody shall learn which exist. */
static tq_code no_tip(tq_err *err)
{
    return tq_fail(err, TQ_NOT_FOUND, "no_tip", "tip", "no tip has this number and this secret");
}

tq_code tip_progress(app *a, const call *c, int64_t id, str secret, tip_status *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    event_value said[AUDITED_COLS_MAX];
    char hex[65];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    const tq_code found = row_load(tx, T_TIP, id, c->a, row, err);
    if (found == TQ_NOT_FOUND) {
        return no_tip(err);
    }
    TQ_TRY(found);
    digest_hex(bearer_digest(secret), hex);
    if (!secret_eq(row_str(row, C_TIP_SECRET_SHA256), str_of(hex)) ||
        row_num(row, C_TIP_PROGRAMME_ID) != c->who.programme_id) {
        return no_tip(err);
    }
    TQ_TRY(row_load(tx, T_TIP_PRIVATE, id, c->a, said, err));
    *out = (tip_status){.state = row_str(row, C_TIP_STATE),
                        .outcome = row_str(said, C_TIP_PRIVATE_OUTCOME),
                        .received = {(int32_t)row_num(row, C_TIP_RECEIVED_DAY)}};
    return TQ_OK;
}

/* The tip under lock, of this programme, in one of two states. */
static tq_code tip_load(store_tx *tx, const call *c, int64_t id, const char *state,
                        const char *or_state, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_ASSERT(state != NULL && or_state != NULL);
    TQ_TRY(row_load(tx, T_TIP, id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_TIP_PROGRAMME_ID), "tip", err));
    if (!row_is(row, C_TIP_STATE, state) && !row_is(row, C_TIP_STATE, or_state)) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "tip", "it is %.*s, not %s",
                       STR_ARG(row_str(row, C_TIP_STATE)), state);
    }
    return TQ_OK;
}

tq_code tip_take(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R_SUPERVISION, &tx, err));
    TQ_TRY(tip_load(tx, c, id, "filed", "filed", err));
    event e = work_event(c, EV_TIP_TAKE);
    event_change(&e, T_TIP, id);
    event_text(&e, C_TIP_STATE, STR("taken"));
    TQ_TRY(act_once(tx, c, &e, T_TIP, id, "tip", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code tip_find(app *a, const call *c, const tip_finding *rq, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(text_need(rq->finding, "tip.tip_finding", err));
    TQ_TRY(work_begin(a, c, R_SUPERVISION, &tx, err));
    TQ_TRY(tip_load(tx, c, rq->tip_id, "taken", "taken", err));
    if (rq->case_id != 0) {
        event_value row[AUDITED_COLS_MAX];
        TQ_TRY(row_load(tx, T_VIOLATION_CASE, rq->case_id, c->a, row, err));
        TQ_TRY(own_programme(c, row_num(row, C_VIOLATION_CASE_PROGRAMME_ID), "tip.case_id", err));
    }
    event e = work_event(c, EV_TIP_FIND);
    event_change(&e, T_TIP, rq->tip_id);
    event_text(&e, C_TIP_STATE, rq->case_id != 0 ? STR("led") : STR("unfounded"));
    if (rq->case_id != 0) {
        event_int(&e, C_TIP_CASE_ID, rq->case_id);
    }
    event_change(&e, T_TIP_PRIVATE, rq->tip_id);
    event_text(&e, C_TIP_PRIVATE_FINDING, rq->finding);
    TQ_TRY(act_once(tx, c, &e, T_TIP, rq->tip_id, "tip", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* R-TIP-020: nobody lays down a tip alone. */
tq_code tip_close(app *a, const call *c, int64_t id, str outcome, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(text_need(outcome, "tip.tip_answer", err));
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SUPERVISOR_HEAD), &tx, err));
    TQ_TRY(tip_load(tx, c, id, "led", "unfounded", err));
    event e = work_event(c, EV_TIP_CLOSE);
    event_change(&e, T_TIP, id);
    event_int(&e, C_TIP_CLOSED_DAY, c->today.n);
    event_text(&e, C_TIP_STATE, STR("closed"));
    event_change(&e, T_TIP_PRIVATE, id);
    event_text(&e, C_TIP_PRIVATE_OUTCOME, outcome);
    TQ_TRY(act_once(tx, c, &e, T_TIP, id, "tip_close", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
