/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_EVIDENCE_H
#define TQ_EVIDENCE_H

/* Files as evidence of an application, voucher, order, delivery or claim. The file is stored
 * and synced before the row that names it (I27); a row is added, never changed.
 *
 * A file has a class, and a role opens the classes that its work needs:
 *
 *     firm and institution of the object, intake, centre,          all
 *     reviewers, office, group, inspector, auditor, supervisors
 *     finance                      all, of a result up to redacted
 *     linked bureau                open, cover, redacted
 *     platform of the institution, township of the firm     open, cover
 *
 * Every opening of a file or page is recorded with person, role and instant before a byte is given
 * out (R-FILE-020), and both parties may see that record. */

#include "app/einvoice.h"
#include "app/page_image.h"

#define EVIDENCE_BYTES_MAX (16 * 1024 * 1024)

typedef struct evidence_request {
    int table; /* T_APPLICATION | T_VOUCHER | T_SERVICE_ORDER | T_DELIVERY | T_CLAIM */
    int64_t id;
    str kind;  /* a token of policy_evidence_bit: contract invoice payment_proof result … */
    str name;  /* label a person reads; never a path */
    str class; /* open | cover | redacted | full: who may open it (empty = full) */
    str bytes;
    str extracted; /* canonical object of what a machine read, may be empty */
    str typed;     /* canonical object of what a person typed, may be empty */
} evidence_request;

/* FORBIDDEN/not_yours for an object that is not of the actor's organisation. */
TQ_MUST_CHECK tq_code evidence_add(app *a, const call *c, const evidence_request *rq,
                                   int64_t *id_out, tq_err *err);
/* What an upload came to. */
typedef struct evidence_received {
    int64_t id;
    file_kind kind;
    bool invoice;    /* the fields of an electronic invoice were read into `fields` */
    einvoice fields; /* texts in c->a */
    tq_code why;     /* of an invoice whose fields must be typed: INVALID or LIMIT, else OK */
    char reason[48]; /* and its reason token: dtd, zip_ratio, not_an_invoice … */
} evidence_received;

/* Takes a file that a person uploaded: refuses what is none of file_kind.h (INVALID/file_kind,
 * LIMIT/file_size), reads the fields of an invoice, and adds it with them as `extracted`, which
 * `rq` leaves empty. An invoice that cannot be read is kept all the same. c->a has
 * EINVOICE_ARENA_BYTES left. */
TQ_MUST_CHECK tq_code evidence_receive(app *a, const call *c, const evidence_request *rq,
                                       evidence_received *out, tq_err *err);
/* Only the file, for papers that a decision cites: hex of its SHA-256. */
TQ_MUST_CHECK tq_code evidence_put(app *a, str bytes, char hex[65], tq_err *err);

/* Reading. FORBIDDEN/no_role, /not_yours, /class; NOT_FOUND for another programme's: the edge answers
 * all of them alike (I20). Texts live in c->a. */

typedef struct evidence_item {
    int64_t id;
    str kind, name, class, sha256;
    int64_t bytes;
    str extracted, typed; /* for einvoice_compare; empty where the actor may not open the file */
    bool may_open;
} evidence_item;

#define EVIDENCE_LIST_MAX 200

/* Files of an object in the order they came, behind the id `after` (0: from the first). The
 * names are seen by all who see the object, also of files that they may not open. `max` <=
 * EVIDENCE_LIST_MAX. */
TQ_MUST_CHECK tq_code evidence_list(app *a, const call *c, int table, int64_t id, int64_t after,
                                    evidence_item *out, int max, int *n, tq_err *err);

typedef struct evidence_file {
    str name; /* to be offered for download: file_label */
    const char
        *media_type; /* by its bytes; application/octet-stream where they are none of file_kind.h */
    str sha256;
    str bytes; /* in c->a */
} evidence_file;

/* The file for download, always as an attachment. c->a has EVIDENCE_BYTES_MAX left. While
 * writing is off (CONFLICT/writes_off) nothing can be opened, for nothing can be recorded. */
TQ_MUST_CHECK tq_code evidence_open(app *a, const call *c, int64_t evidence_id, evidence_file *out,
                                    tq_err *err);
/* How many pages of a PDF can be shown; draws them where that has not been done (page_image.h). */
TQ_MUST_CHECK tq_code evidence_pages(app *a, const call *c, int64_t evidence_id, page_images *out,
                                     tq_err *err);
/* One of them as PNG, from 1; recorded. c->a has PAGE_IMAGE_BYTES_MAX left. */
TQ_MUST_CHECK tq_code evidence_page(app *a, const call *c, int64_t evidence_id, int page, str *png,
                                    tq_err *err);

typedef struct evidence_opening {
    int64_t id;
    instant at;
    int64_t user_id, person_id;
    int64_t for_user_id; /* under whose delegation, or 0 */
    str role;
    str what; /* download | page */
    int page;
} evidence_opening;

/* Who opened it, latest first, before the id `before` (0: from the latest). Both parties of the
 * object, auditor and supervisors. `max` <= EVIDENCE_LIST_MAX. */
TQ_MUST_CHECK tq_code evidence_openings(app *a, const call *c, int64_t evidence_id, int64_t before,
                                        evidence_opening *out, int max, int *n, tq_err *err);

#endif
