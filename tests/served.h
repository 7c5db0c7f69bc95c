/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_SERVED_H
#define TQ_TESTS_SERVED_H

/* The program itself (TQ_BINARY) on a site that a fixture made, as a service of the machine would run
 * it: started, asked over sockets, killed, started again. 127.0.0.1 is a trusted proxy to it, so that
 * each client has an address of its own and none is throttled. Failures end the test. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct served {
    char dir[96];
    char db[320];  /* URI of the database; "" on SQLite */
    char log[128]; /* what the program says on stderr */
    pid_t pid;
    unsigned port;
} served;

void served_at(served *s, const char *dir, const char *pg_uri);
/* Microseconds until the program says that it serves. `before`: words put before the program, each ended
 * by NULL as in argv (a tracer); NULL: none. `program`: NULL for TQ_BINARY. */
int64_t served_start(served *s, const char *const *before, const char *const *program);
void served_kill(served *s); /* SIGKILL, and waits */
/* SIGTERM; the exit status, or -1 where it did not end within `ms` (then it is killed) or by itself. */
int served_stop(served *s, int ms, int64_t *took_us);
/* Runs a verb beside it; the exit status. */
int served_verb(const served *s, const char *verb);
void served_forget(served *s); /* the log file */
void served_pause(int ms);

#endif
