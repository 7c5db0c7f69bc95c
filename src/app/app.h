/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_APP_H
#define TQ_APP_H

/* What every use case stands on. A use case is one function: typed request in, result out, one
 * transaction, one or more events. It reads
 *
 *     TX_AUTO store_tx *tx = NULL;
 *     TQ_TRY(work_begin(app, c, ROLES(ROLE_REVIEWER1), &tx, err));
 *     ... facts, decision ...
 *     event e = work_event(c, EV_CLAIM_CHECK);
 *     event_change(&e, T_CLAIM, rq->claim_id);
 *     event_text(&e, C_CLAIM_STATE, STR("checked"));
 *     TQ_TRY(act_once(tx, c, &e, T_CLAIM, rq->claim_id, "review1", err));
 *     TQ_TRY(event_append(tx, &e, NULL, err));
 *     return store_commit(&tx, err);
 *
 * Rows are read with row_load or a statement of store/sql/<story>.sql; nothing else writes. */

#include "base/ids.h"
#include "domain/policy.h"
#include "store/event_store.h"

typedef struct app app;

/* Opens the store and reads programmes and policies lazily. Takes ownership of nothing else. */
TQ_MUST_CHECK tq_code app_open(const store_options *o, app **out, tq_err *err);
/* For one more owner: it lives until each has closed it. */
app *app_share(app *a);
void app_close(app *a); /* takes NULL */
store *app_store(app *a);

/* Who acts, decided by the edge (session, token, uid of the command line); use cases check the role. */
typedef struct actor {
    int64_t user_id;
    int64_t person_id;
    role role;
    int64_t programme_id; /* 0: the installation */
    int64_t org_id;       /* whose agent: firm or institution roles */
    int64_t for_user_id;  /* acts under delegation of this user, else 0 */
} actor;

typedef struct call {
    actor who;
    instant at;
    day today;         /* legal date in the programme's zone */
    arena *a;          /* lives as long as the call */
    struct idem *idem; /* app/idempotency.h: the command may come twice; else NULL */
    int64_t *
        refused_by; /* out, where not NULL: the decision by which a rule refused; untouched without */
} call;

/* Begins a transaction in which `c->who` acts. The role must be in `allowed`; the user must hold it by an
 * active grant on that day (programme and organisation matching; a grant on programme 0 covers all), or
 * by an active delegation from for_user_id, who holds it. ROLE_SYSTEM and ROLE_PUBLIC need no grant, and no
 * person.
 * FORBIDDEN/no_role otherwise. CONFLICT/writes_off while a failed check is not cleared. With `c->idem`:
 * CONFLICT/done_before and CONFLICT/idempotency_key_reused. */
TQ_MUST_CHECK tq_code work_begin(app *a, const call *c, role_set allowed, store_tx **out,
                                 tq_err *err);
TQ_MUST_CHECK tq_code work_read(app *a, store_tx **out, tq_err *err);
event work_event(const call *c, event_kind kind);

/* Separation of duties (I15), by person: records that the actor acted on the object in this stage, and
 * refuses (FORBIDDEN/same_person) where the same person, or the person they act for, has acted on it in
 * another stage. Stages of one money object: apply, issue; propose, book; claim, review1, review2,
 * register, batch_make, batch_check, result; account_make, account_check. */
TQ_MUST_CHECK tq_code act_once(store_tx *tx, const call *c, event *e, int table, int64_t id,
                               const char *stage, tq_err *err);
/* The same check without a record: has this person acted on the object in a stage other than `stage`? */
TQ_MUST_CHECK tq_code act_apart(store_tx *tx, const call *c, int table, int64_t id,
                                const char *stage, tq_err *err);

/* The one question that all gates ask (P-31, I18): REFUSED/banned where the organisation is banned on the
 * day in a scope that covers the programme. Asked at apply, issue, order, claim, approve, settle, pay. */
TQ_MUST_CHECK tq_code ban_check(store_tx *tx, int64_t programme_id, int64_t org_id, day today,
                                tq_err *err);
/* The same as a fact. In a WRITE transaction the organisation is locked, shared with others who ask, so
 * that no ban of it begins before the transaction ends. Who went into another is banned with that other. */
TQ_MUST_CHECK tq_code ban_holds(store_tx *tx, int64_t programme_id, int64_t org_id, day today,
                                bool *out, tq_err *err);
/* Who took the organisation over, 0 = nobody; locked likewise. */
TQ_MUST_CHECK tq_code org_next(store_tx *tx, int64_t org_id, int64_t *successor_id, tq_err *err);
/* Who goes on for the organisation today: itself, or the last of its successors. */
TQ_MUST_CHECK tq_code org_heir(store_tx *tx, int64_t org_id, int64_t *heir_id, tq_err *err);

/* The policy version in force for the programme, or that of a voucher. Cached; lives as long as the app. */
TQ_MUST_CHECK tq_code app_policy(app *a, store_tx *tx, int64_t programme_id, int64_t *policy_id,
                                 const policy **out, tq_err *err);
TQ_MUST_CHECK tq_code app_policy_by_id(app *a, store_tx *tx, int64_t policy_id, const policy **out,
                                       tq_err *err);

/* End of a clock that starts on `from` (the day of notice is not counted), by the programme's calendars
 * and declared outages: working days skip weekends and holidays and count 调休 workdays; an end inside
 * an outage moves to the next working day. CONFLICT/no_calendar names the year that lacks one. */
TQ_MUST_CHECK tq_code clock_end(store_tx *tx, int64_t programme_id, day from,
                                const policy_clock *clock, day *out, tq_err *err);

/* Next gap-free public number; the counter is part of the event, and is locked last: call it after all
 * other reads. The year is the fiscal year of c->today. */
TQ_MUST_CHECK tq_code number_next(store_tx *tx, const call *c, event *e, number_kind kind,
                                  public_number *out, tq_err *err);
/* Fiscal year of a day in the programme. */
TQ_MUST_CHECK tq_code fiscal_year(store_tx *tx, int64_t programme_id, day d, int64_t *out,
                                  tq_err *err);

/* CONFLICT/period_closed where c->today lies in a period that finance has closed (I8). event_append refuses
 * money there in any case; asking first spares the work. */
TQ_MUST_CHECK tq_code period_open(store_tx *tx, const call *c, tq_err *err);

/* Adds a decision row (with its number) to the event. `paper` of an off-line decision may be empty. */
typedef struct decision_paper {
    str number;
    day day;
    str blob; /* SHA-256 hex of the scan, or empty */
} decision_paper;
TQ_MUST_CHECK tq_code decision_add(store_tx *tx, const call *c, event *e, int table, int64_t id,
                                   const char *outcome, const char *reason, int64_t policy_id,
                                   str facts, str steps, const decision_paper *paper,
                                   int64_t *decision_id, tq_err *err);
/* Before the commit of a refusal that is the answer to the call: tells the caller by c->refused_by, and
 * whoever sends the call again (app/idempotency.h, idem_row of "refusal"). */
void decision_refuses(const call *c, int64_t decision_id);

#endif
