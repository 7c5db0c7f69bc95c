/* SPDX-License-Identifier: Apache-2.0 */
#include "app/log_read.h"

#include "app/voucher_inner.h"
#include "domain/case_rows.h"
#include "store/log_node.h"

#define R_WATCHES (ROLES(ROLE_AUDITOR) | ROLES(ROLE_SUPERVISOR) | ROLES(ROLE_SUPERVISOR_HEAD))
#define R_AGENTS (R_FIRM | ROLES(ROLE_INST_AGENT) | ROLES(ROLE_PLATFORM_AGENT))

static tq_code none(tq_err *err, const char *field)
{
    return tq_fail(err, TQ_NOT_FOUND, "no_such_record", field, "the log has no such number");
}

/* --- proofs ---------------------------------------------------------------------------------------- */

/* The checkpoint over exactly this many events, where there is one. */
static tq_code point_at(store_tx *tx, int64_t size, log_shown *out, tq_err *err)
{
    tq_err why = {0};
    const tq_code code = log_point_over(tx, size, &out->point, &why);
    if (code != TQ_OK && code != TQ_CONFLICT) {
        *err = why;
        return code;
    }
    out->is_signed = code == TQ_OK && out->point.count == size;
    return TQ_OK;
}

static tq_code size_need(store_tx *tx, int64_t size, tq_err *err)
{
    int64_t last = 0;
    TQ_TRY(store_int(tx, STMT_EVENT_LAST_SEQ, NO_ARGS, 0, &last, err));
    return size < 1 || size > last ? none(err, "size") : TQ_OK;
}

tq_code log_signed_size(app *a, int64_t *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    return store_int(tx, STMT_LOG_POINT_LAST, NO_ARGS, 0, out, err);
}

tq_code log_last_point(app *a, checkpoint *out, bool *any, tq_err *err)
{
    int64_t size = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(store_int(tx, STMT_LOG_POINT_LAST, NO_ARGS, 0, &size, err));
    *any = size > 0;
    return *any ? log_point_over(tx, size, out, err) : TQ_OK;
}

tq_code log_show_proof(app *a, arena *room, int64_t seq, int64_t size, log_shown *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    *out = (log_shown){.seq = seq, .size = size};
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(size_need(tx, seq, err));
    if (size == 0) {
        TQ_TRY(log_point_over(tx, seq, &out->point, err));
        out->size = out->point.count;
    }
    if (out->size < seq) {
        return none(err, "size");
    }
    TQ_TRY(size_need(tx, out->size, err));
    TQ_TRY(log_leaf(tx, seq, room, out->leaf, err));
    TQ_TRY(log_roots(tx, out->size, out->root, err));
    TQ_TRY(log_inclusion(tx, seq, out->size, out->path, err));
    return point_at(tx, out->size, out, err);
}

tq_code log_show_consistency(app *a, int64_t from, int64_t to, log_shown *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    *out = (log_shown){.from = from, .size = to};
    TQ_TRY(work_read(a, &tx, err));
    if (to == 0) {
        TQ_TRY(store_int(tx, STMT_LOG_POINT_LAST, NO_ARGS, 0, &out->size, err));
    }
    if (from < 1 || from > out->size) {
        return none(err, "from");
    }
    TQ_TRY(size_need(tx, out->size, err));
    TQ_TRY(log_roots(tx, from, out->old_root, err));
    TQ_TRY(log_roots(tx, out->size, out->root, err));
    TQ_TRY(log_consistency(tx, from, out->size, out->path, err));
    return point_at(tx, out->size, out, err);
}

/* --- receipts -------------------------------------------------------------------------------------- */

static tq_code event_of(store_tx *tx, int64_t seq, arena *a, event *out, tq_err *err)
{
    str body = {0};
    TQ_TRY(log_body(tx, seq, a, &body, err));
    return event_read(body, a, out, err);
}

/* R-LOG-040. An agent's own act: the user was of this organisation and acted as its agent. Of the staff everybody has
 * the receipts of the own acts, and those who watch of all: a receipt carries the whole event, and the log tells of
 * tips, inquiries and signals on the staff too. */
static tq_code is_own(store_tx *tx, const call *c, const event *e, bool *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    *out = false;
    if (!role_in(c->who.role, R_AGENTS)) {
        const bool watches = role_in(c->who.role, R_WATCHES);
        *out = e->programme_id == c->who.programme_id &&
               (watches || (e->person_id != 0 && e->person_id == c->who.person_id));
        return TQ_OK;
    }
    if (!role_in(e->role, R_AGENTS) || e->user_id == 0 || c->who.org_id == 0 ||
        e->kind == EV_SIGNAL_RAISE) { /* of its claim, and not for who filed it */
        return TQ_OK;
    }
    TQ_TRY(row_load(tx, T_USER_ACCOUNT, e->user_id, c->a, row, err));
    *out = row_num(row, C_USER_ACCOUNT_ORG_ID) == c->who.org_id;
    return TQ_OK;
}

tq_code log_receipt(app *a, const call *c, int64_t seq, buf *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event e = {0};
    log_proof proof;
    bool own = false;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(event_of(tx, seq, c->a, &e, err));
    TQ_TRY(is_own(tx, c, &e, &own, err));
    if (!own) {
        return none(err, "seq");
    }
    TQ_TRY(log_proof_make(tx, seq, c->a, &proof, err));
    receipt_print(&proof, out);
    return TQ_OK;
}

/* The last ones of a row that has more than `max`. */
static tq_code seqs_of(store_tx *tx, int table, int64_t id, int64_t *out, int max, int *n,
                       tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    int64_t count = 0;
    TQ_TRY(store_query(tx, STMT_LOG_ROW_SEQS,
                       ARGS(arg_str(str_of(audited_table_of(table)->name)), arg_int(id),
                            arg_int(INT64_MAX)),
                       &r, err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        out[count++ % max] = row_int(&r);
    }
    *n = count < max ? (int)count : max;
    return TQ_OK;
}

tq_code log_acts_of(app *a, const call *c, int table, int64_t id, log_act *out, int max, int *n,
                    tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t seqs[LOG_ACTS_MAX];
    int found = 0;
    TQ_ASSERT(max > 0 && max <= LOG_ACTS_MAX);
    TQ_ASSERT(case_table(table));
    *n = 0;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(seqs_of(tx, table, id, seqs, max, &found, err));
    for (int i = 0; i < found; i++) {
        event e = {0};
        bool own = false;
        TQ_TRY(event_of(tx, seqs[i], c->a, &e, err));
        TQ_TRY(is_own(tx, c, &e, &own, err));
        if (own) {
            out[(*n)++] = (log_act){seqs[i], e.at, str_of(event_kind_name(e.kind)),
                                    str_of(role_name(e.role))};
        }
    }
    return TQ_OK;
}

tq_code log_dossier(app *a, const call *c, int table, int64_t id, buf *out, tq_err *err)
{
    const bool official = !role_in(c->who.role, R_AGENTS);
    return dossier_build(app_store(a), table, id, official, out, err);
}
