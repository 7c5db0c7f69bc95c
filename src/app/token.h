/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TOKEN_H
#define TQ_TOKEN_H

/* API tokens: a user's own roles, or some of them, for a program. A token never does more than its
 * user may on that day. Its text is shown once; stored is its SHA-256. */

#include "app/session.h"

#define TOKEN_PREFIX "tqt_" /* so that scanners find one in a file where it should not be */
#define TOKEN_DAYS_MAX 366
#define TOKENS_OF_USER_MAX 20

typedef struct token_rq {
    str name;       /* what for */
    role_set roles; /* those of them that the user holds; secadmin's role is refused (token_role) */
    bool read_only;
    day to; /* last day, at most TOKEN_DAYS_MAX from today */
} token_rq;

typedef struct token_made {
    int64_t id;
    char text[sizeof TOKEN_PREFIX + BEARER_CHARS];
} token_made;

/* Oneself, from a session (no token makes tokens: the edge sees to it), with no role needed. */
TQ_MUST_CHECK tq_code token_make(app *a, const call *c, const token_rq *rq, token_made *out,
                                 tq_err *err);
/* Oneself, or a secadmin for anybody. NOT_FOUND otherwise; CONFLICT/token_ended. */
TQ_MUST_CHECK tq_code token_end(app *a, const call *c, int64_t token_id, tq_err *err);

typedef struct token_row {
    int64_t id;
    str name;
    str roles; /* words with blanks between; "" = all */
    bool read_only;
    day made, to, used; /* used {0}: never */
    bool ended;
} token_row;
/* Of c->who.user_id, newest first; in c->a. */
TQ_MUST_CHECK tq_code token_list(app *a, const call *c, token_row out[TOKENS_OF_USER_MAX],
                                 size_t *n, tq_err *err);

/* As session_find; NOT_FOUND/no_token is one answer for all. The day of use is written once a day. */
TQ_MUST_CHECK tq_code token_find(app *a, const call *c, str text, caller *out, tq_err *err);

#endif
