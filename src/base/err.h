/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ERR_H
#define TQ_ERR_H

/* The one vocabulary of failure.
 *
 * A function that can fail returns tq_code and takes `tq_err *err` as its last argument; its
 * outputs are untouched on failure. A refusal by a rule of the scheme is not an error but a result
 * (a decision); an error means that the program could not decide or was asked something malformed.
 *
 * `reason` is a stable public token (snake_case), `field` names the input at fault ("claim.amount",
 * "line 7, column 3"), `detail` is one lower-case sentence for a person who must mend it; it carries
 * no personal data, no account number and no voucher code. */

#include "base/attrs.h"
#include <stdbool.h>

/*      code          HTTP exit retry  meaning */
#define TQ_ERR_MAP(X)                                                                              \
    X(OK, 200, 0, false, "done")                                                                   \
    X(INVALID, 422, 1, false, "a value is not acceptable")                                         \
    X(MALFORMED, 400, 1, false, "the input cannot be read")                                        \
    X(NOT_FOUND, 404, 1, false, "no such record")                                                  \
    X(FORBIDDEN, 404, 1, false, "the actor may not do this")                                       \
    X(REFUSED, 422, 1, false, "a rule of the scheme refuses this")                                 \
    X(CONFLICT, 409, 4, false, "the record is not in a state that allows this")                    \
    X(LIMIT, 413, 1, false, "a stated maximum is exceeded")                                        \
    X(BUSY, 503, 75, true, "the store is busy; try again")                                         \
    X(LOCKED, 503, 4, true, "another process holds the data folder")                               \
    X(CORRUPT, 500, 3, false, "stored data failed its check")                                      \
    X(IO, 500, 1, false, "the operating system reported a failure")                                \
    X(STORE, 500, 1, false, "the database reported a failure")                                     \
    X(USAGE, 400, 2, false, "the command was called wrongly")                                      \
    X(INTERNAL, 500, 1, false, "the program met a state it believed impossible")

typedef enum tq_code {
#define X(name, http, exit, retry, text) TQ_##name,
    TQ_ERR_MAP(X)
#undef X
} tq_code;

typedef struct tq_err {
    tq_code code;
    char reason[48];
    char field[64];
    char detail[256];
} tq_err;

/* Fills `err` (which may be NULL) and returns `code`, so that failing reads `return tq_fail(...)`.
 * `field` may be NULL. `code` is never TQ_OK. */
TQ_MUST_CHECK tq_code tq_fail(tq_err *err, tq_code code, const char *reason, const char *field,
                              const char *fmt, ...) TQ_PRINTF(5, 6);

/* Puts a place ("line 7", "claims.csv:12") before the field of an error on its way up. */
tq_code tq_err_at(tq_err *err, const char *fmt, ...) TQ_PRINTF(2, 3);

const char *tq_code_name(tq_code code);    /* "INVALID" */
const char *tq_code_meaning(tq_code code); /* the sentence of the table */
int tq_code_http(tq_code code);
int tq_code_exit(tq_code code); /* exit status of the command line, architecture §11 */
bool tq_code_retry(tq_code code);

/* Leaves the function with the failure of `call`. The only macro that hides control flow. */
#define TQ_TRY(call)                                                                               \
    do {                                                                                           \
        const tq_code tq_try_code_ = (call);                                                       \
        if (tq_try_code_ != TQ_OK) {                                                               \
            return tq_try_code_;                                                                   \
        }                                                                                          \
    } while (0)

/* An assertion that stays in production builds: our own mistake, never bad input. Prints and aborts. */
#define TQ_ASSERT(cond) ((cond) ? (void)0 : tq_assert_failed(#cond, __FILE__, __LINE__))
TQ_NORETURN void tq_assert_failed(const char *cond, const char *file, int line);

#endif
