/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_WEB_WRITERS_H
#define TQ_TESTS_WEB_WRITERS_H

/* Eight clients who post over sockets, each to a route of its own kind and each POST with its key, to one
 * server or to the next of several when one goes away. What was not answered is sent again with its key
 * until it is; what was answered is now and then sent again, and with another body. Whatever happened to
 * the servers: each POST that was answered is there once under the id that was told, no other is there
 * twice. Failures end the test. */

#include "web_county.h"

#define WEB_WRITERS 8
#define WEB_SERVERS 2

typedef struct web_writers web_writers;

/* Firms, money and an institution for them; then closes the app, so that servers can open the site. */
web_writers *writers_new(web_county *w);
void writers_free(web_writers *all); /* takes NULL */
/* The nth server answers there now; 0: there is none. May change while the clients run. */
void writers_port(web_writers *all, int n, unsigned port);

void writers_begin(web_writers *all);
void writers_end(web_writers *all);
/* POSTs that were begun and not answered are sent again until they are, for at most so long. */
void writers_finish(web_writers *all, int ms);

/* The question, put to the database: NULL, or what is wrong. `rows` counts what is there. */
const char *writers_wrong(web_writers *all, int64_t *rows);
/* The same of a given answer, "K0-1=11 K0-2=12", against posts 1..n of the first client of which `ids` were
 * told: for the test of the question itself. */
const char *writers_wrong_rows(const char *rows, int64_t n, const int64_t *ids);

typedef struct writers_tally {
    int64_t answered; /* posts */
    int64_t least;    /* of one client */
    int64_t resent;   /* begun in an earlier life of the servers and sent again in a later one */
    int64_t repeats;  /* answered once more, with the same */
    int64_t conflicts;
    int64_t moves; /* from one server to another */
} writers_tally;
writers_tally writers_count(const web_writers *all);

#endif
