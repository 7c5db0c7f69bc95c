/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ADMIN_H
#define TQ_ADMIN_H

/* The admin socket: DIR/admin.sock of a server that runs, over which a verb that finds the writer's lock
 * held is done by its holder. The client sends its words, the files that they name and what was typed
 * without echo; the server parses them as a terminal would, runs the verb's own function on its site, and
 * sends back what it printed, what it complained of, and the exit status.
 *
 * Who may: the uid of the server and root, by the kernel's word (SO_PEERCRED) behind a socket of mode 0600.
 * Who acts: the person bound to the uid at the other end, in the role of --role, exactly as at the
 * terminal (cli/cli_actor.h); the use cases ask the same questions. */

#include "cli/cli.h"

#define ADMIN_SOCKET "admin.sock"

/* The verb of that name where it can be asked for over the socket: those that act for a person or let
 * clocks run. NULL for all others: they make, move or read installations, or need no lock. */
const cli_verb *admin_verb(const char *name);

typedef struct admin admin;
/* A thread of its own, one request at a time. The folder's lock must be held: a socket that stands there
 * is a dead server's and is replaced. */
TQ_MUST_CHECK tq_code admin_start(app *site, admin **out, tq_err *err);
/* Waits for the request under way; removes the socket. Takes NULL. */
void admin_stop(admin *d);

/* The client. NOT_FOUND where no server listens in the folder of --data. */
TQ_MUST_CHECK tq_code admin_ask(const cli *c, const cli_verb *verb, int argc, char **argv,
                                int *status, tq_err *err);
/* A socket that is connected to DIR/admin.sock, or bound to it. The path may be longer than a socket's
 * address can be. */
TQ_MUST_CHECK tq_code admin_socket(const char *dir, bool serve, int *fd, tq_err *err);

#endif
