/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_VOUCHER_INNER_H
#define TQ_VOUCHER_INNER_H

/* What applications, vouchers and orders share below their headers. */

#include "app/app.h"

#define R_FIRM (ROLES(ROLE_FIRM_AGENT) | ROLES(ROLE_FIRM_FINANCE))
#define R_INST ROLES(ROLE_INST_AGENT)
#define R_SYSTEM ROLES(ROLE_SYSTEM)

/* One application before the policy. */
typedef struct apply_case {
    int64_t application_id;
    int64_t holder_id;
    int64_t kind_id;
    int64_t voucher_id; /* of a top-up */
    int64_t asked;
    int64_t decided; /* by the group, award kinds only */
    str kind;        /* code */
} apply_case;

/* All facts of STAGE_APPLY as the transaction sees them. Under the locks of fund and holder
 * they are final. */
TQ_MUST_CHECK tq_code apply_facts(store_tx *tx, const call *c, const policy *p, const apply_case *k,
                                  policy_facts *out, tq_err *err);

/* What may be issued of a kind in the fiscal year of c->today. */
typedef struct fund_room {
    int64_t year;
    int64_t pool;
    int64_t extra;        /* still open part of the bounded over-commitment */
    int64_t extra_source; /* whose name it bears */
} fund_room;
TQ_MUST_CHECK tq_code fund_room_read(store_tx *tx, const call *c, const policy *p, int64_t kind_id,
                                     const char *kind, fund_room *out, tq_err *err);
/* pool (then overcommit) → voucher. */
TQ_MUST_CHECK tq_code fund_draw(store_tx *tx, event *e, const fund_room *room, int64_t kind_id,
                                int64_t voucher_id, int64_t amount, tq_err *err);

/* Kind and holder of an organisation, read without a lock. NOT_FOUND. */
typedef struct org_brief {
    str kind, region, state;
    int64_t parent_id;
    int64_t since_day;
} org_brief;
TQ_MUST_CHECK tq_code org_brief_read(store_tx *tx, int64_t org_id, arena *a, org_brief *out,
                                     tq_err *err);

/* FORBIDDEN/not_yours where an agent acts for another organisation than `org_id`. Bureau roles
 * and the system pass. */
TQ_MUST_CHECK tq_code own_org(const call *c, int64_t org_id, tq_err *err);
/* NOT_FOUND where a row of another programme is named. */
TQ_MUST_CHECK tq_code own_programme(const call *c, int64_t programme_id, const char *what,
                                    tq_err *err);
/* Is the organisation banned on the day? For facts; gates ask ban_check. */
TQ_MUST_CHECK tq_code ban_fact(store_tx *tx, const call *c, int64_t org_id, int64_t *out,
                               tq_err *err);

/* Facts and steps of a policy decision as texts in the call's arena. */
void decision_texts(const call *c, const policy_facts *f, policy_stage stage,
                    const policy_decision *d, str *facts, str *steps);
/* A note of one text. */
void event_note(event *e, const char *key, str text);

#endif
