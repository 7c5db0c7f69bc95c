/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_PAPER_PAGES_H
#define TQ_PAPER_PAGES_H

/* Papers beside a case: the list of files, the pages of one as pictures, and what a machine read in it
 * beside what a person typed. A stranger's file itself is only ever downloaded. */

#include "web/web.h"

/* Puts the pictures of a file into `into`: list "pages" of {n, src}, "more", and "why" it cannot be shown
 * ("" where it can). Drawing is bounded and kept (app/page_image.h); each picture that is then asked for
 * is recorded (R-FILE-020). */
TQ_MUST_CHECK tq_code paper_pages(const web_rq *w, int64_t evidence_id, doc *into, tq_err *err);

/* Of whom a file is asked for. */
typedef struct paper_of {
    int table;
    int64_t id;
} paper_of;

/* Puts the files of `n` objects into `body`: "papers" of {id, kind, name, href, now, may_open} and "paper",
 * a list with the one that is shown (`chosen`, 0: the first) or empty. `address` is the page's own with
 * "&file=" at its end. */
TQ_MUST_CHECK tq_code paper_desk(const web_rq *w, const paper_of *of, size_t n, int64_t chosen,
                                 str address, doc *body, tq_err *err);

#endif
