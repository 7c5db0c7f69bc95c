/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_WEB_COUNTY_H
#define TQ_TESTS_WEB_COUNTY_H

/* The small county behind its site, asked over no socket: the same bytes, guard, gate, handlers and pages
 * as over the wire. Its users are those of the fixture, with an API token each; the clock is the real
 * one, so calendars of this year and the next are set. */

#include "fixture.h"
#include "http/server.h"
#include "web/route.h"
#include "web/site.h"

typedef struct web_county {
    fixture *f;
    web_site *site;
    loopback *line;
    call now[ROLE_COUNT];       /* as fixture_as, at the real time */
    char token[ROLE_COUNT][64]; /* "" for roles nobody holds and for secadmin, who takes no token */
    char cookie[ROLE_COUNT][64]; /* of secadmin's log-in */
    char csrf[ROLE_COUNT][64];
    buf reply;
} web_county;

web_county *web_county_open(void);
void web_county_close(web_county *w);
/* One more person in this role (of the organisation, for agents; else 0), with a token. */
void web_county_person(web_county *w, role r, int64_t org_id, char token[64]);

typedef struct web_answer {
    unsigned status;
    str head, body; /* until the next question */
} web_answer;

/* ROLE_PUBLIC asks without credentials. `body` NULL: GET; else POST with that media type. */
web_answer web_ask(web_county *w, role r, const char *path, const char *type, const char *body);
#define web_get(w, r, path) web_ask((w), (r), (path), NULL, NULL)
#define web_post(w, r, path, json) web_ask((w), (r), (path), "application/json", (json))
/* A page instead of JSON. */
web_answer web_page_of(web_county *w, role r, const char *path);
/* Value of a key of the reply's JSON: an integer, or the text; NEEDs that it is there. */
int64_t web_int(web_county *w, const web_answer *a, const char *key);
str web_text(web_county *w, const web_answer *a, const char *key);

#endif
