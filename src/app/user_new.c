/* SPDX-License-Identifier: Apache-2.0 */
#include "app/person.h"

#include "app/person_inner.h"

#define R(r) ROLES(ROLE_##r)
#define AGENTS (R(FIRM_AGENT) | R(FIRM_FINANCE) | R(INST_AGENT))
#define KEEPERS                                                                                    \
    (AGENTS | R(SECADMIN) | R(INTAKE) | R(REVIEWER1) | R(REVIEWER2) | R(OFFICE) |                  \
     R(FINANCE_MAKER) | R(FINANCE_CHECKER) | R(GROUP))

/* Two events, since a private body must be erasable for one person alone, but one transaction: a log-in
 * that is taken must not leave a nameless person behind. */
tq_code user_open_new(app *a, const call *c, const person_rq *rq, str login, int64_t org_id,
                      int64_t *user_id, tq_err *err)
{
    int64_t person_id = 0;
    int64_t id = 0;
    if (role_in(c->who.role, AGENTS) && org_id != c->who.org_id) {
        return tq_fail(err, TQ_FORBIDDEN, "other_org", "user.org",
                       "an agent opens log-ins of their own organisation");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, KEEPERS, &tx, err));
    if (org_id != 0) {
        event_value org[AUDITED_COLS_MAX];
        TQ_TRY(row_load(tx, T_ORGANISATION, org_id, c->a, org, err));
    }
    TQ_TRY(person_add(tx, c, rq, &person_id, err));
    TQ_TRY(user_add(tx, c, person_id, login, org_id, &id, err));
    TQ_TRY(store_commit(&tx, err));
    *user_id = id;
    return TQ_OK;
}
