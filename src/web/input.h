/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_INPUT_H
#define TQ_INPUT_H

/* From a form or a JSON body to the typed fields of a route. All faults are told at once, each with the
 * field and the mend. Unknown and repeated fields are refused (mass assignment: I20), nothing is rounded,
 * trimmed into shape or guessed. In a form, rows of a field `lines` are named lines.0.amount,
 * lines.1.amount …; a row whose fields are all empty is not there. */

#include "web/route.h"

#define INPUT_FAULTS_MAX 50
#define INPUT_ROWS_MAX 500

typedef struct input_fault {
    str field;          /* "lines.1.amount" */
    const char *reason; /* token: reason.<token> in the locale */
    str detail;
} input_fault;

typedef struct input_faults {
    input_fault at[INPUT_FAULTS_MAX];
    size_t n;
} input_faults;

void input_fault_add(input_faults *f, str field, const char *reason, str detail);

/* Fills slots (n_fields of the route). MALFORMED for a body that cannot be read or has fields that are not
 * there; INVALID/fields where `faults` says what is wrong. */
TQ_MUST_CHECK tq_code input_read(const route *r, const http_request *rq, const currency *money,
                                 field_slot *slots, input_faults *faults, tq_err *err);

/* Buttons of a form that do nothing but show it again, with all that was typed: to search in a choice
 * (whose box is called "_q." and the name of the field), and for more empty rows. */
#define INPUT_FIND "_find"
#define INPUT_MORE "_more"
/* Where a form of the work screen goes on to when it is done. */
#define INPUT_THEN "_then"
bool input_asks_again(const http_request *rq);

/* What a form sent for a field, to be shown again; "" where nothing. */
str input_raw(const http_request *rq, str name);

#endif
