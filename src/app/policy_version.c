/* SPDX-License-Identifier: Apache-2.0 */
#include "app/programme.h"

#include "app/due_rows.h"
#include "app/row_change.h"
#include "app/voucher_inner.h"
#include "store/blob.h"

#define POLICY_PRINT_MAX (1024 * 1024) /* as much as app_policy reads back */

/* Reads the file with what it extends and keeps its canonical print. */
static tq_code policy_keep(app *a, const call *c, const policy_file_rq *rq, digest *sha256,
                           tq_err *err)
{
    policy *p = NULL;
    TQ_ASSERT(rq->read != NULL);
    TQ_TRY(policy_load(rq->yaml, arena_copy(c->a, rq->name).data, rq->read, rq->read_ctx, c->a, &p,
                       err));
    BUF_AUTO buf print = buf_max(POLICY_PRINT_MAX);
    policy_print(p, &print);
    if (!buf_ok(&print)) {
        return tq_fail(err, TQ_LIMIT, "policy_size", "policy", "the policy is larger than %d bytes",
                       POLICY_PRINT_MAX);
    }
    TQ_TRY(blob_put(app_store(a), buf_view(&print), sha256, err));
    TQ_ASSERT(digest_eq(*sha256, policy_sha256(p)));
    return TQ_OK;
}

tq_code policy_file(app *a, const call *c, const policy_file_rq *rq, int64_t *policy_id,
                    tq_err *err)
{
    digest sha256 = {0};
    int64_t version = 0;
    int64_t id = 0;
    TQ_TRY(programme_need(c, err));
    TQ_TRY(line_need(rq->name, "policy.name", err));
    TQ_TRY(line_need(rq->doc_no, "policy.doc_no", err));
    if (c->who.role != ROLE_POLICY_AUTHOR) { /* before any file is kept */
        return tq_fail(err, TQ_FORBIDDEN, "no_role", role_name(c->who.role),
                       "this role may not do this");
    }
    TQ_TRY(policy_keep(a, c, rq, &sha256, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_POLICY_AUTHOR), &tx, err));
    event_value programme[AUDITED_COLS_MAX]; /* locked: versions are counted */
    TQ_TRY(row_load(tx, T_PROGRAMME, c->who.programme_id, c->a, programme, err));
    TQ_TRY(store_int(tx, STMT_POLICY_LAST_VERSION, ARGS(arg_int(c->who.programme_id)), 0, &version,
                     err));
    char hex[65];
    digest_hex(sha256, hex);
    event e = work_event(c, EV_POLICY_DRAFT);
    TQ_TRY(event_new_row(tx, &e, T_POLICY, &id, err));
    event_int(&e, C_POLICY_PROGRAMME_ID, c->who.programme_id);
    event_text(&e, C_POLICY_NAME, rq->name);
    event_int(&e, C_POLICY_VERSION, version + 1);
    event_text(&e, C_POLICY_SHA256, str_of(hex));
    event_text(&e, C_POLICY_DOC_NO, rq->doc_no);
    event_int(&e, C_POLICY_FROM_DAY, rq->from.n);
    event_text(&e, C_POLICY_STATE, STR("draft"));
    event_int(&e, C_POLICY_MAKER_ID, c->who.person_id);
    TQ_TRY(act_once(tx, c, &e, T_POLICY, id, "policy_make", err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *policy_id = id;
    return TQ_OK;
}

/* A kept version is its canonical print, which stands alone. */
static tq_code extends_nothing(void *ctx, str name, arena *a, str *out, tq_err *err)
{
    (void)ctx;
    (void)a;
    (void)out;
    return tq_fail(err, TQ_CORRUPT, "policy_extends", "extends",
                   "a kept policy extends %.*s; it must stand alone", STR_ARG(name));
}

static tq_code version_blob(app *a, int64_t policy_id, digest *sha256, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(store_query(tx, STMT_POLICY_BRIEF, ARGS(arg_int(policy_id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "no_such_record", "policy", "there is no such record");
    }
    return digest_from_hex(row_text(&r), sha256)
               ? TQ_OK
               : tq_fail(err, TQ_CORRUPT, "policy_hash", "policy.sha256", "the hash is malformed");
}

/* Not app_policy_by_id: its cache is for versions that money stands on, and readers would fill it. */
tq_code policy_version_read(app *a, int64_t policy_id, arena *mem, str *text, policy **out,
                            tq_err *err)
{
    digest sha256;
    str found = {0};
    TQ_TRY(version_blob(a, policy_id, &sha256, err));
    TQ_TRY(blob_get(app_store(a), sha256, mem, &found, err));
    TQ_TRY(policy_load(found, "policy", extends_nothing, NULL, mem, out, err));
    *text = found;
    return TQ_OK;
}

/* Opens the kinds that the policy names and the programme does not have yet. */
static tq_code kinds_open(app *a, store_tx *tx, const call *c, int64_t policy_id, tq_err *err)
{
    const policy *p = NULL;
    TQ_TRY(app_policy_by_id(a, tx, policy_id, &p, err));
    event e = work_event(c, EV_KIND_OPEN);
    for (size_t i = 0; i < policy_kinds(p); i++) {
        const str code = policy_kind_code(p, i);
        int64_t id = 0;
        TQ_TRY(store_int(tx, STMT_VOUCHER_KIND_FIND,
                         ARGS(arg_int(c->who.programme_id), arg_str(code)), 0, &id, err));
        if (id != 0) {
            continue;
        }
        TQ_TRY(event_new_row(tx, &e, T_VOUCHER_KIND, &id, err));
        event_int(&e, C_VOUCHER_KIND_PROGRAMME_ID, c->who.programme_id);
        event_text(&e, C_VOUCHER_KIND_CODE, code);
        event_text(&e, C_VOUCHER_KIND_NAME_ZH, policy_kind_label(p, i, true));
        event_text(&e, C_VOUCHER_KIND_NAME_EN, policy_kind_label(p, i, false));
    }
    return e.n_rows == 0 ? TQ_OK : event_append(tx, &e, NULL, err);
}

/* The version takes the place of the one in force; what is new in it is opened. */
static tq_code version_starts(app *a, store_tx *tx, const call *c, int64_t policy_id,
                              int64_t before, event *e, tq_err *err)
{
    event_change(e, T_POLICY, policy_id);
    event_text(e, C_POLICY_STATE, STR("in_force"));
    if (c->who.role != ROLE_SYSTEM) {
        event_int(e, C_POLICY_CHECKER_ID, c->who.person_id);
        TQ_TRY(act_once(tx, c, e, T_POLICY, policy_id, "policy_check", err));
    }
    if (before != 0 && before != policy_id) {
        event_change(e, T_POLICY, before);
        event_text(e, C_POLICY_STATE, STR("superseded"));
    }
    event_change(e, T_PROGRAMME, c->who.programme_id);
    event_int(e, C_PROGRAMME_POLICY_ID, policy_id);
    TQ_TRY(event_append(tx, e, NULL, err));
    return kinds_open(a, tx, c, policy_id, err);
}

tq_code policy_put_in_force(app *a, const call *c, int64_t policy_id, tq_err *err)
{
    TQ_TRY(programme_need(c, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_POLICY_APPROVER), &tx, err));
    event_value programme[AUDITED_COLS_MAX];
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_PROGRAMME, c->who.programme_id, c->a, programme, err));
    TQ_TRY(row_load(tx, T_POLICY, policy_id, c->a, row, err));
    TQ_TRY(own_programme(c, row_num(row, C_POLICY_PROGRAMME_ID), "policy", err));
    if (row_num(row, C_POLICY_FROM_DAY) <= c->today.n) {
        event e = work_event(c, EV_POLICY_IN_FORCE);
        TQ_TRY(version_starts(a, tx, c, policy_id, row_num(programme, C_PROGRAMME_POLICY_ID), &e,
                              err));
    } else {
        const policy *p = NULL;
        TQ_TRY(app_policy_by_id(a, tx, policy_id, &p, err)); /* the clock must be able to read it */
        event e = work_event(c, EV_POLICY_APPROVE);
        event_change(&e, T_POLICY, policy_id);
        event_text(&e, C_POLICY_STATE, STR("approved"));
        event_int(&e, C_POLICY_CHECKER_ID, c->who.person_id);
        TQ_TRY(act_once(tx, c, &e, T_POLICY, policy_id, "policy_check", err));
        TQ_TRY(event_append(tx, &e, NULL, err));
    }
    return store_commit(&tx, err);
}

/* Of two versions the one with the later first day counts, and of the same day the one filed later:
 * a clock that was down for a while finds several at once and must not go back. */
static bool newer(const event_value *one, const event_value *other)
{
    const int64_t days = row_num(one, C_POLICY_FROM_DAY) - row_num(other, C_POLICY_FROM_DAY);
    TQ_ASSERT(row_num(one, C_POLICY_VERSION) != row_num(other, C_POLICY_VERSION));
    return days > 0 ||
           (days == 0 && row_num(one, C_POLICY_VERSION) > row_num(other, C_POLICY_VERSION));
}

static tq_code approved_starts(app *a, const call *c, int64_t policy_id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value programme[AUDITED_COLS_MAX];
    event_value row[AUDITED_COLS_MAX];
    event_value now[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SYSTEM), &tx, err));
    TQ_TRY(row_load(tx, T_PROGRAMME, c->who.programme_id, c->a, programme, err));
    TQ_TRY(row_load(tx, T_POLICY, policy_id, c->a, row, err));
    if (!row_is(row, C_POLICY_STATE, "approved")) {
        return tq_fail(err, TQ_CONFLICT, "state_arrow", "policy", "another clock has done it");
    }
    const int64_t before = row_num(programme, C_PROGRAMME_POLICY_ID);
    bool starts = true;
    if (before != 0) {
        TQ_TRY(row_load(tx, T_POLICY, before, c->a, now, err));
        starts = newer(row, now);
    }
    if (starts) {
        event e = work_event(c, EV_POLICY_IN_FORCE);
        TQ_TRY(version_starts(a, tx, c, policy_id, before, &e, err));
    } else {
        event e = work_event(c, EV_POLICY_PASSED_OVER);
        event_change(&e, T_POLICY, policy_id);
        event_text(&e, C_POLICY_STATE, STR("superseded"));
        TQ_TRY(event_append(tx, &e, NULL, err));
    }
    return store_commit(&tx, err);
}

tq_code policy_start_due(app *a, const call *c, int64_t *n, tq_err *err)
{
    TQ_ASSERT(c->who.role == ROLE_SYSTEM);
    return due_rows_run(a, c, STMT_POLICY_DUE, approved_starts, "policy", n, err);
}
