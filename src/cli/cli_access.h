/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CLI_ACCESS_H
#define TQ_CLI_ACCESS_H

/* Words of the verb `user` that are about log-in (verb_access.c); the log-in is the word after them. */

#include "cli/cli.h"

/* Sets the password read from standard input, without echo; another user's must be changed at log-in. */
TQ_MUST_CHECK tq_code user_passwd(const cli *c, tq_err *err);
/* One line of standard input, without echo and twice where a person types. */
#define PASSWORD_ROOM (PASSWORD_BYTES_MAX + 2)
TQ_MUST_CHECK tq_code password_typed(char *line, size_t room, tq_err *err);
/* Ends a lock-out before its time. */
TQ_MUST_CHECK tq_code user_unlock(const cli *c, tq_err *err);

#endif
