/* SPDX-License-Identifier: Apache-2.0 */
#include "app/evidence_inner.h"
#include "app/reading.h"
#include "app/voucher_inner.h"
#include "store/blob.h"

#define R_SEES_ALL                                                                                 \
    (R_FIRM | R_INST | ROLES(ROLE_INTAKE) | ROLES(ROLE_CENTRE) | ROLES(ROLE_REVIEWER1) |           \
     ROLES(ROLE_REVIEWER2) | ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP) | ROLES(ROLE_INSPECTOR) |      \
     ROLES(ROLE_AUDITOR) | ROLES(ROLE_SUPERVISOR) | ROLES(ROLE_SUPERVISOR_HEAD))
#define R_PAYS (ROLES(ROLE_FINANCE_MAKER) | ROLES(ROLE_FINANCE_CHECKER))
#define R_NEAR (ROLES(ROLE_PLATFORM_AGENT) | ROLES(ROLE_TOWNSHIP))
#define R_ASKS_WHO                                                                                 \
    (R_FIRM | R_INST | ROLES(ROLE_AUDITOR) | ROLES(ROLE_SUPERVISOR) | ROLES(ROLE_SUPERVISOR_HEAD))

/* From what everybody may see to the whole file. */
enum { UP_TO_COVER = 2, UP_TO_REDACTED = 3, UP_TO_FULL = 4 };
static const char *const ranks[] = {"open", "cover", "redacted", "full"};

/* R-FILE-030: results are their customer's secret; contracts, invoices and proofs are what is
 * paid on. */
static const struct reader {
    role_set roles;
    int papers, results; /* how far up the ranks */
} readers[] = {
    {R_SEES_ALL, UP_TO_FULL, UP_TO_FULL},
    {R_PAYS, UP_TO_FULL, UP_TO_REDACTED},
    {ROLES(ROLE_LINKED_BUREAU), UP_TO_REDACTED, UP_TO_REDACTED},
    {R_NEAR, UP_TO_COVER, UP_TO_COVER},
};

/* A role that stands in no row reads no evidence: administrators of the system, authors of
 * policy. */
static const struct reader *reader_of(role r)
{
    for (size_t i = 0; i < TQ_COUNT(readers); i++) {
        if (role_in(r, readers[i].roles)) {
            return &readers[i];
        }
    }
    return NULL;
}

static tq_code no_role(const call *c, tq_err *err)
{
    return tq_fail(err, TQ_FORBIDDEN, "no_role", role_name(c->who.role),
                   "this role may not do this");
}

static bool may_open(const struct reader *who, str kind, str class)
{
    const int top = str_eq(kind, STR("result")) ? who->results : who->papers;
    for (int i = 0; i < top; i++) {
        if (str_eq(class, str_of(ranks[i]))) {
            return true;
        }
    }
    return false; /* also for a class that is not known: closed rather than open */
}

/* --- one file -------------------------------------------------------------------------------- */

/* The row's texts live in the arena of the call and outlive the snapshot. */
typedef struct found {
    str sha256, name;
} found;

/* Role, object and class, in a snapshot: a reading locks nothing. */
static tq_code found_read(app *a, const call *c, int64_t id, found *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    const struct reader *who = reader_of(c->who.role);
    if (who == NULL) {
        return no_role(c, err);
    }
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(row_load(tx, T_EVIDENCE, id, c->a, row, err));
    const int table = evidence_table_of(row_str(row, C_EVIDENCE_SUBJECT));
    TQ_TRY(evidence_subject_need(tx, c, table, row_num(row, C_EVIDENCE_SUBJECT_ID), err));
    if (!may_open(who, row_str(row, C_EVIDENCE_KIND), row_str(row, C_EVIDENCE_CLASS))) {
        return tq_fail(err, TQ_FORBIDDEN, "class", "evidence",
                       "this role may not open a file of this class");
    }
    *out = (found){row_str(row, C_EVIDENCE_SHA256), row_str(row, C_EVIDENCE_NAME)};
    return TQ_OK;
}

/* R-FILE-020: durable before a byte of the file is given out; a crash in between leaves a record
 * too many, never one too few. */
static tq_code opening_record(app *a, const call *c, int64_t id, const char *what, int page,
                              tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, R_SEES_ALL | R_PAYS | R_NEAR | ROLES(ROLE_LINKED_BUREAU), &tx, err));
    reading r = {c->who, c->at, c->today, T_EVIDENCE, id, what, page, 0};
    TQ_TRY(reading_seal(tx, &r, c->a, err));
    TQ_TRY(reading_write(tx, &r, err));
    return store_commit(&tx, err);
}

tq_code evidence_open(app *a, const call *c, int64_t evidence_id, evidence_file *out, tq_err *err)
{
    found f = {0};
    digest sha256;
    str bytes = {0};
    file_kind kind = FILE_PDF;
    TQ_TRY(found_read(a, c, evidence_id, &f, err));
    TQ_TRY(opening_record(a, c, evidence_id, "download", 0, err));
    if (!digest_from_hex(f.sha256, &sha256)) {
        return tq_fail(err, TQ_CORRUPT, "evidence_hash", "evidence", "the hash is malformed");
    }
    TQ_TRY(blob_get(app_store(a), sha256, c->a, &bytes, err));
    /* Files of imports and of older versions may be of no kind that is taken today. */
    const bool known = file_kind_of(bytes, &kind, NULL) == TQ_OK;
    const file_kind_info *info = file_kind_info_of(kind);
    *out = (evidence_file){
        .name = file_label(f.name, known ? info->ending : "bin", c->a),
        .media_type = known ? info->media_type : "application/octet-stream",
        .sha256 = f.sha256,
        .bytes = bytes,
    };
    return TQ_OK;
}

/* Drawing shows nothing yet, so it is no opening; it asks the same questions. */
tq_code evidence_pages(app *a, const call *c, int64_t evidence_id, page_images *out, tq_err *err)
{
    found f = {0};
    TQ_TRY(found_read(a, c, evidence_id, &f, err));
    return page_images_make(a, f.sha256, c->at, out, err);
}

/* One record a page: who leafed through the first page of ten has not seen the ninth. */
tq_code evidence_page(app *a, const call *c, int64_t evidence_id, int page, str *png, tq_err *err)
{
    found f = {0};
    TQ_TRY(found_read(a, c, evidence_id, &f, err));
    TQ_TRY(opening_record(a, c, evidence_id, "page", page, err));
    return page_image_read(a, f.sha256, page, c->a, png, err);
}

/* --- lists ----------------------------------------------------------------------------------- */

/* Columns in the order of the statement. */
static void item_read(store_rows *r, const struct reader *who, arena *a, evidence_item *out)
{
    out->id = row_int(r);
    out->kind = row_copy(r, a);
    out->name = row_copy(r, a);
    out->class = row_copy(r, a);
    out->sha256 = row_copy(r, a);
    out->bytes = row_int(r);
    out->extracted = row_copy(r, a);
    out->typed = row_copy(r, a);
    out->may_open = may_open(who, out->kind, out->class);
    if (!out->may_open) { /* the fields are a part of the file */
        out->extracted = STR("");
        out->typed = STR("");
    }
}

/* Seen by all who see the object: that a report exists, and of which class, is no secret. */
tq_code evidence_list(app *a, const call *c, int table, int64_t id, int64_t after,
                      evidence_item *out, int max, int *n, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    ROWS_AUTO store_rows r = {0};
    const struct reader *who = reader_of(c->who.role);
    TQ_ASSERT(max > 0);
    TQ_ASSERT(max <= EVIDENCE_LIST_MAX);
    if (who == NULL) {
        return no_role(c, err);
    }
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(evidence_subject_need(tx, c, table, id, err));
    TQ_TRY(store_query(tx, STMT_EVIDENCE_LIST,
                       ARGS(arg_str(str_of(audited_table_of(table)->name)), arg_int(id),
                            arg_int(after), arg_int(max)),
                       &r, err));
    int count = 0;
    for (bool more = false;; count++) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        TQ_ASSERT(count < max);
        item_read(&r, who, c->a, &out[count]);
    }
    *n = count;
    return TQ_OK;
}

static void opening_read(store_rows *r, arena *a, evidence_opening *out)
{
    out->id = row_int(r);
    out->at.us = row_int(r);
    out->user_id = row_int(r);
    out->person_id = row_int(r);
    out->for_user_id = row_int(r);
    out->role = row_copy(r, a);
    out->what = row_copy(r, a);
    out->page = (int)row_int(r);
}

/* Owners of a file learn who read it; its readers do not learn of one another. */
tq_code evidence_openings(app *a, const call *c, int64_t evidence_id, int64_t before,
                          evidence_opening *out, int max, int *n, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    ROWS_AUTO store_rows r = {0};
    event_value row[AUDITED_COLS_MAX];
    TQ_ASSERT(max > 0);
    TQ_ASSERT(max <= EVIDENCE_LIST_MAX);
    if (!role_in(c->who.role, R_ASKS_WHO)) {
        return no_role(c, err);
    }
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(row_load(tx, T_EVIDENCE, evidence_id, c->a, row, err));
    const int table = evidence_table_of(row_str(row, C_EVIDENCE_SUBJECT));
    TQ_TRY(evidence_subject_need(tx, c, table, row_num(row, C_EVIDENCE_SUBJECT_ID), err));
    TQ_TRY(store_query(tx, STMT_FILE_ACCESS_LIST,
                       ARGS(arg_str(STR("evidence")), arg_int(evidence_id),
                            arg_int(before == 0 ? INT64_MAX : before), arg_int(max)),
                       &r, err));
    int count = 0;
    for (bool more = false;; count++) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        TQ_ASSERT(count < max);
        opening_read(&r, c->a, &out[count]);
    }
    *n = count;
    return TQ_OK;
}
