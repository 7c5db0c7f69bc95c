/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app_inner.h"

tq_code act_apart(store_tx *tx, const call *c, int table, int64_t id, const char *stage,
                  tq_err *err)
{
    /* R-DUTY-010: maker and checker differ by person over all stages, also under delegation (I15). */
    int64_t principal = 0;
    if (c->who.for_user_id != 0) {
        TQ_TRY(store_int(tx, STMT_USER_PERSON, ARGS(arg_int(c->who.for_user_id)), 0, &principal,
                         err));
    }
    int64_t elsewhere = 0;
    TQ_TRY(store_int(tx, STMT_ACT_ELSEWHERE,
                     ARGS(arg_str(str_of(audited_table_of(table)->name)), arg_int(id),
                          arg_str(str_of(stage)), arg_int(c->who.person_id),
                          arg_int(principal == 0 ? c->who.person_id : principal)),
                     0, &elsewhere, err));
    if (elsewhere > 0) {
        return tq_fail(err, TQ_FORBIDDEN, "same_person", stage,
                       "the same person has acted on this object in another stage");
    }
    return TQ_OK;
}

tq_code act_once(store_tx *tx, const call *c, event *e, int table, int64_t id, const char *stage,
                 tq_err *err)
{
    TQ_ASSERT(c->who.role != ROLE_SYSTEM);
    TQ_ASSERT(c->who.person_id != 0);
    TQ_TRY(act_apart(tx, c, table, id, stage, err));
    int64_t act_id = 0;
    TQ_TRY(event_new_row(tx, e, T_ACT, &act_id, err));
    event_int(e, C_ACT_PROGRAMME_ID, c->who.programme_id);
    event_text(e, C_ACT_SUBJECT, str_of(audited_table_of(table)->name));
    event_int(e, C_ACT_SUBJECT_ID, id);
    event_text(e, C_ACT_STAGE, str_of(stage));
    event_int(e, C_ACT_PERSON_ID, c->who.person_id);
    event_int(e, C_ACT_USER_ID, c->who.user_id);
    event_int(e, C_ACT_FOR_USER_ID, c->who.for_user_id);
    event_int(e, C_ACT_DAY, c->today.n);
    return TQ_OK;
}

tq_code org_next(store_tx *tx, int64_t org_id, int64_t *successor_id, tq_err *err)
{
    const store_stmt ask = store_tx_mode(tx) == STORE_WRITE ? STMT_BAN_TURN : STMT_ORG_SUCCESSOR;
    TQ_ASSERT(org_id != 0);
    return store_int(tx, ask, ARGS(arg_int(org_id)), 0, successor_id, err);
}

#define SUCCESSORS_MAX 64 /* one after the other */

static tq_code too_many(tq_err *err)
{
    return tq_fail(err, TQ_LIMIT, "successors", "organisation",
                   "more than %d organisations went into one another", SUCCESSORS_MAX);
}

tq_code org_heir(store_tx *tx, int64_t org_id, int64_t *heir_id, tq_err *err)
{
    int64_t id = org_id;
    for (int i = 0; i < SUCCESSORS_MAX; i++) {
        int64_t next = 0;
        TQ_TRY(org_next(tx, id, &next, err));
        if (next == 0) {
            *heir_id = id;
            return TQ_OK;
        }
        id = next;
    }
    return too_many(err);
}

/* R-BAN-090: what stands in the name of a firm that went into another is paid to that other, so a ban on
 * whoever goes on holds for every name before. */
tq_code ban_holds(store_tx *tx, int64_t programme_id, int64_t org_id, day today, bool *out,
                  tq_err *err)
{
    int64_t id = org_id;
    for (int i = 0; i < SUCCESSORS_MAX; i++) {
        int64_t next = 0;
        int64_t bans = 0;
        TQ_TRY(org_next(tx, id, &next, err)); /* first: it takes the turn */
        TQ_TRY(store_int(tx, STMT_BAN_HOLDS,
                         ARGS(arg_int(id), arg_int(programme_id), arg_int(today.n)), 0, &bans,
                         err));
        *out = bans > 0;
        if (*out || next == 0) {
            return TQ_OK;
        }
        id = next;
    }
    return too_many(err);
}

tq_code ban_check(store_tx *tx, int64_t programme_id, int64_t org_id, day today, tq_err *err)
{
    bool banned = false;
    TQ_TRY(ban_holds(tx, programme_id, org_id, today, &banned, err));
    if (banned) { /* R-BAN-010 */
        return tq_fail(err, TQ_REFUSED, "banned", "organisation",
                       "the organisation is excluded from county funds on this day");
    }
    return TQ_OK;
}
