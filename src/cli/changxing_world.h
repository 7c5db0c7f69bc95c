/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_WORLD_H
#define TQ_CHANGXING_WORLD_H

/* The acting side of the Changxing demonstration: who logs in as whom, and the clock. Every step goes
 * through the use cases that a county calls; nothing is written beside them. */

#include "app/app.h"
#include "cli/changxing_plan.h"

/* One person for each role, so that separation of duties holds everywhere. */
typedef struct seat {
    int64_t user_id, person_id, org_id;
} seat;

typedef struct firm_state {
    int64_t org_id;
    seat agent;
    bool is_firm; /* else an institution */
} firm_state;

typedef struct voucher_state {
    int64_t application_id, voucher_id;
} voucher_state;

typedef struct order_state {
    int64_t order_id, invoice_id, proof_id, claim_id;
    char content[65];
    int64_t asked_fen;
} order_state;

typedef struct world {
    app *site;
    const plan *p;
    arena *life; /* of the whole run */
    arena *step; /* reset before each use case */
    int64_t programme_id;
    int64_t kind_apply, kind_award;
    seat staff[ROLE_COUNT];
    seat second_secadmin;
    seat second_inspector;
    seat firm_finance; /* of the first firm */
    int64_t townships[PLAN_TOWNSHIPS];
    firm_state *firms;
    firm_state *institutions;
    voucher_state *vouchers;
    order_state *orders;
    zone *zone;
    day today;
    int64_t moment;         /* within the day: every use case comes ten seconds after the last */
    int64_t sent_batch;     /* with the bank, which answers two days later; 0 = none */
    bool returns_one;       /* the bank will return one of its payments */
    int64_t returned_batch; /* holds the payment that the bank returned */
    int64_t case_id;
    bool
        own_papers; /* each order's papers say its own facts; else one sample of each kind serves all */
    int serial;     /* added to numbers of invoices and receipts, once per installation */
    int64_t *publications; /* open ones */
    size_t n_publications;
} world;

/* A call in a staff role, or as the agent of an organisation; resets the step arena. */
call world_as(world *w, role r);
call world_agent(world *w, role r, const seat *who);
call world_system(world *w);

/* Security administrators act for the installation. */
call world_secadmin(world *w, const seat *who);

/* The installation, its people, policy, calendars, townships and institutions, as they
 * stand on the first day. */
TQ_MUST_CHECK tq_code world_found(world *w, tq_err *err);
/* Fund of a fiscal year: appropriations for both kinds (P-21). */
TQ_MUST_CHECK tq_code world_year_fund(world *w, int year, tq_err *err);
typedef struct world_money {
    const char *code, *name, *kind, *class, *origin, *move;
    int64_t base_fen, amount_fen;
} world_money;
/* Budget line, source and one movement of a fiscal year, proposed and booked by two persons of finance. */
TQ_MUST_CHECK tq_code world_source(world *w, int year, const world_money *m, tq_err *err);
/* The scheme in force for w->programme_id from today, and its kinds. */
TQ_MUST_CHECK tq_code world_policy(world *w, tq_err *err);
/* A role of somebody in w->programme_id, proposed and confirmed by two security administrators. */
TQ_MUST_CHECK tq_code world_grant(world *w, role r, const seat *who, tq_err *err);
/* The partner of a province, with whom an agreement opens its region; NULL: recognised one by one. */
const char *world_partner(const char *region);
/* Agreements and recognitions that begin on this day (P-18). */
TQ_MUST_CHECK tq_code world_open_regions(world *w, tq_err *err);
TQ_MUST_CHECK tq_code world_firm_joins(world *w, int firm, tq_err *err);
/* A further version of an organisation's bank account, confirmed by a second person. */
TQ_MUST_CHECK tq_code world_account(world *w, const firm_state *of, str holder, int serial,
                                    tq_err *err);

#endif
