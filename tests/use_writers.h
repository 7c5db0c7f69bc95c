/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_USE_WRITERS_H
#define TQ_TESTS_USE_WRITERS_H

/* Eight clerks who run the whole way from application to approval through use cases, again and again,
 * each with a firm of their own, and a ninth who signs checkpoints. Every act is told to another process
 * once, and only once, the use case has returned TQ_OK. And the question that follows after they were
 * stopped by force: is each told act there exactly once, does the ledger add up, are the numbers free of
 * gaps? */

#include "fixture.h"

#define USE_WRITERS 8

typedef struct use_firm {
    int64_t id, user, person;
} use_firm;

typedef struct use_town {
    fixture *f;
    use_firm firms[USE_WRITERS];
    int64_t kind;
} use_town;

/* Firms, money and an institution for them; closes the app, so that another process can open it. */
void use_begin(use_town *t, fixture *f);
void use_reopen(use_town *t); /* as a server that starts again does */
void use_close(use_town *t);
/* In another process: opens the site and never returns. Acts go to `fd`, a line each: a letter, an id. */
TQ_NORETURN void use_write(use_town *t, bool checkpoints, int fd);

typedef struct use_told {
    struct use_act {
        char letter;
        int64_t id;
    } * acts;
    size_t n, room;
} use_told;
/* Everything told until the writers are gone. A half line is no acknowledgement. */
void use_read(use_told *l, int fd);
void use_free(use_told *l);

/* The question. `dir` is the data folder, `pg_uri` empty on SQLite; nobody has the site open. NULL, or
 * what is wrong. */
const char *use_missing(const use_told *l, const char *dir, const char *pg_uri);
/* Verify, on the app that is open: NULL, or what it found first. */
const char *use_verify(use_town *t);

#endif
