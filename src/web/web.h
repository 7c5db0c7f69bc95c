/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_WEB_H
#define TQ_WEB_H

/* What a handler has in hand, and how it answers. */

#include "app/idempotency.h"
#include "app/session.h"
#include "web/doc.h"
#include "web/input.h"
#include "web/route.h"

typedef struct web_site web_site;

typedef struct web_programme {
    int64_t id;
    str code, name_zh, name_en;
    currency money;
    const zone *zone; /* of the site, lives as long as it */
    str zone_name;
    bool
        other; /* asked for by ?programme=CODE, and not the one that is shown unasked: links keep it */
} web_programme;

/* One request, from the gate on. Everything lives in call.a. */
typedef struct web_rq {
    web_site *site;
    app *app;
    const http_request *http;
    call call; /* who acts (ROLE_PUBLIC where nobody is logged in), at, today, idem */
    bool signed_in;
    caller caller;         /* of the session or token; signed_in only */
    const caller_role *as; /* the role that is acted in; NULL without one */
    web_programme programme;
    language lang;
    bool json; /* the answer is JSON (Accept, or a bearer), else a page */
    doc_style style;
    route_match match;
    view_scope scope;
    view_row row;       /* ACT, ITEM: the row, in scope */
    int64_t refused_by; /* the decision that refused what was asked; 0: none */
    idem once;
} web_rq;

/* What came of an act. The page goes there by 303; JSON answers with the row (201 for MAKE). */
typedef struct web_done {
    view_id view; /* the row that was made or changed: VIEW_NONE: `path` */
    int64_t id;
    const char *path; /* an address of the site */
    doc *
        once; /* shown once, instead of going anywhere: secrets, codes, reports of what was left out */
    const char *once_page; /* template of `once`; NULL: the one that says so */
    const char *cookie;    /* Set-Cookie */
    struct {
        const char *name, *type;
        str bytes;
    } download; /* the reply is this file, where name is not NULL */
    bool
        refused; /* by a rule: a decision was recorded. `refusal` is its reason, decision_id its row */
    const char *refusal;
    int64_t decision_id;
} web_done;

/* A page of a template: `body` is the document that JSON shows too; the frame (menu, names, language,
 * csrf) is added here. `title` is a key of the locale, or NULL: `title_text`. */
TQ_MUST_CHECK tq_code web_page(web_rq *w, unsigned status, const char *template, doc *body,
                               http_reply *out, tq_err *err);
/* JSON of `body`. */
void web_json(web_rq *w, unsigned status, const doc *body, http_reply *out);
/* An error as problem+json or as a page. `fields` may be NULL: all that is wrong with the input. */
void web_problem(web_rq *w, const tq_err *why, const input_faults *faults, http_reply *out);
/* 303. */
void web_go(http_reply *out, str path);
/* Heading of the page: a text key, or a text; and the crumbs before it. */
void page_title(doc *body, str title);

/* Is the route open to the actor as they act now? */
bool web_may(const web_rq *w, const route *r);

#endif
