/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_STATES_H
#define TQ_STATES_H

/* State tables (architecture §7): every arrow that an audited state column may follow, with the roles
 * in which a person may take it. The list is states.def; the check runs when an event is appended and
 * again when `verify` replays it. */

#include "domain/roles.h"

typedef enum state_answer { STATE_OK, STATE_NO_ARROW, STATE_WRONG_ROLE } state_answer;

/* May `table`'s column go from `from` ("" = the row is being created) to `to` in this role? */
state_answer state_may(const char *table, str from, str to, role r);

/* Calls back for each arrow, in the order of states.def; for documentation and tests. */
typedef struct state_arrow {
    const char *table;
    const char *from; /* "_" creates */
    const char *to;
    role_set roles;
} state_arrow;
const state_arrow *state_arrows(size_t *count);

#endif
