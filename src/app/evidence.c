/* SPDX-License-Identifier: Apache-2.0 */
#include "app/evidence.h"

#include <stdio.h>

#include "app/evidence_inner.h"
#include "app/inspection.h"
#include "app/row_change.h"
#include "app/voucher_inner.h"
#include "base/canon.h"
#include "store/blob.h"

#define R_PUTS                                                                                     \
    (R_FIRM | R_INST | ROLES(ROLE_INTAKE) | ROLES(ROLE_CENTRE) | ROLES(ROLE_REVIEWER1) |           \
     ROLES(ROLE_REVIEWER2) | ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP) | ROLES(ROLE_LINKED_BUREAU) |  \
     ROLES(ROLE_INSPECTOR))

static const char *const classes[] = {"open", "cover", "redacted", "full", NULL};

/* The table, and its columns for programme and the two parties (-1: none). */
static const struct subject {
    int table, programme, firm, institution;
} subjects[] = {
    {T_APPLICATION, C_APPLICATION_PROGRAMME_ID, C_APPLICATION_HOLDER_ID, -1},
    {T_VOUCHER, C_VOUCHER_PROGRAMME_ID, C_VOUCHER_HOLDER_ID, -1},
    {T_SERVICE_ORDER, C_SERVICE_ORDER_PROGRAMME_ID, C_SERVICE_ORDER_HOLDER_ID,
     C_SERVICE_ORDER_INSTITUTION_ID},
    {T_CLAIM, C_CLAIM_PROGRAMME_ID, C_CLAIM_HOLDER_ID, C_CLAIM_CLAIMANT_ID},
    {T_INSPECTION, C_INSPECTION_PROGRAMME_ID, C_INSPECTION_ORG_ID, -1},
};

/* Deliveries are not in the list: they belong to whom their order belongs to. */
static const struct subject *subject_of(int table)
{
    for (size_t i = 0; i < TQ_COUNT(subjects); i++) {
        if (subjects[i].table == table) {
            return &subjects[i];
        }
    }
    return NULL;
}

/* The institution, or its legal entity. */
static tq_code institution_need(store_tx *tx, const call *c, int64_t institution, tq_err *err)
{
    org_brief org = {0};
    if (institution != 0) {
        TQ_TRY(org_brief_read(tx, institution, c->a, &org, err));
    }
    if (c->who.org_id != 0 && c->who.org_id == org.parent_id) {
        return TQ_OK;
    }
    return own_org(c, institution, err);
}

/* A township sees what the firms that lie in it, or are assessed for it, have. */
static tq_code place_need(store_tx *tx, const call *c, int64_t firm, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_ORGANISATION, firm, c->a, row, err));
    if (c->who.org_id != 0 && (row_num(row, C_ORGANISATION_PLACE_ID) == c->who.org_id ||
                               row_num(row, C_ORGANISATION_UNIT_ID) == c->who.org_id)) {
        return TQ_OK;
    }
    return tq_fail(err, TQ_FORBIDDEN, "not_yours", "organisation",
                   "the firm lies in another place");
}

/* A platform answers for its institutions. */
static tq_code platform_need(store_tx *tx, const call *c, int64_t institution, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    if (institution == 0) {
        return own_org(c, 0, err);
    }
    TQ_TRY(row_load(tx, T_ORGANISATION, institution, c->a, row, err));
    return own_org(c, row_num(row, C_ORGANISATION_PLATFORM_ID), err);
}

tq_code evidence_subject_need(store_tx *tx, const call *c, int table, int64_t id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    if (table == T_DELIVERY) {
        TQ_TRY(row_load(tx, T_DELIVERY, id, c->a, row, err));
        table = T_SERVICE_ORDER;
        id = row_num(row, C_DELIVERY_ORDER_ID);
    }
    const struct subject *s = subject_of(table);
    TQ_ASSERT(s != NULL); /* the edge names tables, people do not */
    TQ_TRY(row_load(tx, table, id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, s->programme), audited_table_of(table)->name, err));
    const int64_t firm = row_num(row, s->firm);
    const int64_t institution = s->institution < 0 ? 0 : row_num(row, s->institution);
    if (role_in(c->who.role, R_INST)) {
        return institution_need(tx, c, institution, err);
    }
    if (c->who.role == ROLE_INSPECTOR) { /* R-INSPECT-010 */
        return inspection_task_need(tx, c, firm, err);
    }
    if (c->who.role == ROLE_PLATFORM_AGENT) {
        return platform_need(tx, c, institution, err);
    }
    return c->who.role == ROLE_TOWNSHIP ? place_need(tx, c, firm, err) : own_org(c, firm, err);
}

/* The column holds names that evidence_add wrote; another one is a damaged row. */
int evidence_table_of(str subject)
{
    for (size_t i = 0; i < TQ_COUNT(subjects); i++) {
        if (str_eq(subject, str_of(audited_table_of(subjects[i].table)->name))) {
            return subjects[i].table;
        }
    }
    TQ_ASSERT(str_eq(subject, str_of(audited_table_of(T_DELIVERY)->name)));
    return T_DELIVERY;
}

/* Only canonical text goes into an event: what a machine or a person gave is read strictly
 * before. */
static tq_code object_may(str text, arena *a, const char *field, tq_err *err)
{
    const canon_node *node = NULL;
    if (text.len == 0) {
        return TQ_OK;
    }
    TQ_TRY(canon_read(text, a, &node, err));
    return node->type == CANON_OBJECT
               ? TQ_OK
               : tq_fail(err, TQ_MALFORMED, "no_object", field, "this is not an object");
}

/* All that can be judged without the store, so that a wrong request stores no file. */
static tq_code request_need(const call *c, const evidence_request *rq, tq_err *err)
{
    TQ_TRY(line_need(rq->name, "evidence.name", err));
    if (policy_evidence_bit(rq->kind) == 0) {
        return tq_fail(err, TQ_INVALID, "word", "evidence.kind", "this is no kind of evidence");
    }
    if (rq->class.len > 0) {
        TQ_TRY(word_need(rq->class, classes, "evidence.class", err));
    }
    TQ_TRY(object_may(rq->extracted, c->a, "evidence.extracted", err));
    return object_may(rq->typed, c->a, "evidence.typed", err);
}

tq_code evidence_put(app *a, str bytes, char hex[65], tq_err *err)
{
    digest d;
    if (bytes.len == 0 || bytes.len > EVIDENCE_BYTES_MAX) {
        return tq_fail(err, TQ_LIMIT, "file_size", "evidence.file", "a file has 1 to %d bytes",
                       EVIDENCE_BYTES_MAX);
    }
    TQ_TRY(blob_put(app_store(a), bytes, &d, err));
    digest_hex(d, hex);
    return TQ_OK;
}

tq_code evidence_add(app *a, const call *c, const evidence_request *rq, int64_t *id_out,
                     tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    char hex[65];
    int64_t id = 0;
    TQ_TRY(request_need(c, rq, err));
    const bool visit = rq->table == T_INSPECTION;
    const bool may = visit ? role_in(c->who.role, ROLES(ROLE_INSPECTOR) | R_FIRM)
                           : c->who.role != ROLE_INSPECTOR;
    if (!role_in(c->who.role, R_PUTS) || !may) {
        return tq_fail(err, TQ_FORBIDDEN, "no_role", role_name(c->who.role),
                       "this role may not do this");
    }
    TQ_TRY(evidence_put(a, rq->bytes, hex, err)); /* before the row that names it (I27) */
    TQ_TRY(work_begin(a, c, R_PUTS, &tx, err));
    TQ_TRY(evidence_subject_need(tx, c, rq->table, rq->id, err));
    event e = work_event(c, EV_EVIDENCE_ADD);
    if (visit) {
        TQ_TRY(inspection_evidence_need(tx, c, rq->id, &e, err));
    }
    TQ_TRY(event_new_row(tx, &e, T_EVIDENCE, &id, err));
    event_text(&e, C_EVIDENCE_SUBJECT, str_of(audited_table_of(rq->table)->name));
    event_int(&e, C_EVIDENCE_SUBJECT_ID, rq->id);
    event_text(&e, C_EVIDENCE_KIND, rq->kind);
    event_text(&e, C_EVIDENCE_SHA256, str_of(hex));
    event_int(&e, C_EVIDENCE_BYTES, (int64_t)rq->bytes.len);
    event_text(&e, C_EVIDENCE_NAME, rq->name);
    event_text(&e, C_EVIDENCE_CLASS, rq->class.len > 0 ? rq->class : STR("full"));
    event_text(&e, C_EVIDENCE_EXTRACTED, rq->extracted);
    event_text(&e, C_EVIDENCE_TYPED, rq->typed);
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *id_out = id;
    return TQ_OK;
}

/* Reads the invoice before the file is stored: it takes time, and the transaction should not. */
static tq_code invoice_fields(const call *c, const evidence_request *rq, evidence_received *r)
{
    tq_err why = {0};
    if (!str_eq(rq->kind, STR("invoice"))) {
        return TQ_OK;
    }
    r->why = einvoice_read(rq->bytes, c->a, &r->fields, &why);
    r->invoice = r->why == TQ_OK;
    (void)snprintf(r->reason, sizeof r->reason, "%s", why.reason);
    return r->why == TQ_INVALID || r->why == TQ_LIMIT ? TQ_OK : r->why;
}

/* The file is judged by its bytes before anything is kept; an invoice that cannot be read is no
 * reason to refuse it, for the original is the accounting evidence. */
tq_code evidence_receive(app *a, const call *c, const evidence_request *rq, evidence_received *out,
                         tq_err *err)
{
    evidence_received r = {0};
    evidence_request with = *rq;
    TQ_ASSERT(rq->extracted.len == 0);
    TQ_TRY(file_kind_of(rq->bytes, &r.kind, err));
    if (invoice_fields(c, rq, &r) != TQ_OK) {
        return tq_fail(err, r.why, r.reason, "evidence.file", "the file cannot be read now");
    }
    with.extracted = r.invoice ? r.fields.extracted : STR("");
    TQ_TRY(evidence_add(a, c, &with, &r.id, err));
    *out = r;
    return TQ_OK;
}
