/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_REGISTRATION_INNER_H
#define TQ_REGISTRATION_INNER_H

#include "app/registration.h"

/* Whose it is to decide, on that day: the organisation that exists already (0: none), and whether it
 * has an agent of its own. */
typedef struct registration_route {
    int64_t org_id;
    bool own_agent;
} registration_route;
TQ_MUST_CHECK tq_code registration_route_of(store_tx *tx, const call *c, const event_value *row,
                                            registration_route *out, tq_err *err);

/* The row, where the actor may see it; NOT_FOUND otherwise. `row` has room for AUDITED_COLS_MAX. */
TQ_MUST_CHECK tq_code registration_load(store_tx *tx, const call *c, int64_t id, event_value *row,
                                        tq_err *err);

#endif
