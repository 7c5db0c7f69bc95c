/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SITE_INNER_H
#define TQ_SITE_INNER_H

/* What the files of the web tier share of the site. */

#include "app/reading.h"
#include "web/home.h"
#include "web/oidc.h"
#include "web/web.h"

#define PROGRAMMES_MAX 64 /* that one server shows */

bool site_https(const web_site *s);
const char *site_base(const web_site *s); /* base_url, "" where none is set */
oidc *site_sign_in(const web_site *s);    /* providers outside; none is an empty list */
home_cache *site_home(const web_site *s);
/* The list "ways" of providers that people may sign in at, on the page of the log-in. */
void sign_in_ways(const web_rq *w, doc *body);
/* "http://127.0.0.1:8080" of a request to ourselves, or what base_url says. */
bool site_own_origin(const web_site *s, str origin, str host);
/* The programme of the request: the installation's first, or the one named. Sets programme, style, today. */
TQ_MUST_CHECK tq_code site_programme(web_rq *w, tq_err *err);
TQ_MUST_CHECK tq_code site_programme_of(web_rq *w, int64_t programme_id, tq_err *err);

/* All programmes of the installation, newest first. */
TQ_MUST_CHECK tq_code site_programmes(web_rq *w, view_rows *rows, tq_err *err);
/* A programme's zone. It is kept as long as the site: a page borrows it without a lock. */
TQ_MUST_CHECK tq_code site_zone(web_site *s, int64_t programme_id, str name, arena *a,
                                const zone **out, tq_err *err);
/* An address of the site as the visitor should have it: with ?programme=CODE where they look at another
 * programme than the site's first without being logged in. */
str site_link(const web_rq *w, str path);

/* The actor is about to be shown a row of this view: staff who read a case are recorded (app/reading.h). */
TQ_MUST_CHECK tq_code site_note_reading(web_rq *w, view_id of, int64_t id, const char *what,
                                        tq_err *err);

/* Address of the decision that refused the request; "" where none did or the actor may not read it. */
str page_decision(const web_rq *w);

/* The page of a job that has not ended: it follows the job, without script by loading again. */
bool page_live(const web_rq *w);

#define ICON(name) name /* for tools/icons.py, which draws those it finds */

/* Pages of the routes that are views and forms (list_page.c, item_page.c, form_page.c). */
TQ_MUST_CHECK tq_code list_page(web_rq *w, http_reply *out, tq_err *err);
TQ_MUST_CHECK tq_code list_csv(web_rq *w, http_reply *out, tq_err *err);
TQ_MUST_CHECK tq_code item_page(web_rq *w, http_reply *out, tq_err *err);
/* `faults` and `why` are NULL for a fresh form; status 200, 422 or 409. */
TQ_MUST_CHECK tq_code form_page(web_rq *w, unsigned status, const input_faults *faults,
                                const tq_err *why, http_reply *out, tq_err *err);
/* At start: no field of a view is called like a part of its page (both stand in one object of the JSON).
 * INTERNAL/field_name. */
TQ_MUST_CHECK tq_code item_names_check(tq_err *err);
/* The form of the act w->match.route on the row at hand, as a part of another page. */
TQ_MUST_CHECK tq_code form_part(web_rq *w, store_tx *tx, doc *into, tq_err *err);
/* Where to go when the form is done ("_then"); "": to the row. */
str form_then(const web_rq *w);
/* What is said of the row at hand (w->row of w->match.route): lists "facts", "said_lines" and "tables" of
 * its children; fields and children that `skip` names (a null-terminated list) are left out. */
TQ_MUST_CHECK tq_code item_parts(web_rq *w, store_tx *tx, const char *const *skip, doc *body,
                                 tq_err *err);
/* "¥" before an amount; "" where the currency has no sign of its own. */
str currency_sign(const web_rq *w);
/* The table of a list for a page: head, rows with cells. */
void view_table(web_rq *w, doc *in, const char *key, const view_rows *rows);
/* One field with its label, link and colour; `href` overrides the link. */
void view_cell(const web_rq *w, doc *cells, const view *of, const view_row *row, int at, str href);
/* Puts the list "steps" into the cell: the stored steps of a decision as sentences, each {said, holds}. */
void decision_steps(const web_rq *w, doc *cell, str stored);
/* Answers of routes (answer.c). load_row: the row of an ITEM or ACT, in scope. */
TQ_MUST_CHECK tq_code load_row(web_rq *w, tq_err *err);
TQ_MUST_CHECK tq_code answer_get(web_rq *w, http_reply *out, tq_err *err);
TQ_MUST_CHECK tq_code answer_post(web_rq *w, http_reply *out, input_faults *faults, tq_err *err);

str view_text(const view *v, const view_row *row, const char *name);
/* A row for JSON and for `title`: its fields under their names. */
void view_fields(doc *in, const view *v, const view_row *row);
str view_title(const view *v, const view_row *row, const doc_style *style, arena *a);
/* 16 hex digits over all fields: ETag of the row and `_version` of its forms. */
str view_version(const view *v, const view_row *row, arena *a);

#endif
