/* SPDX-License-Identifier: Apache-2.0 */
#include "store/verify_inner.h"

#include <stdio.h>

bool event_states_given(const event *e)
{
    for (int i = 0; i < e->n_rows; i++) {
        const event_row *r = &e->rows[i];
        const audited_table_info *t = audited_table_of(r->table);
        for (int k = 0; k < r->n; k++) {
            if (audited_col_of(r->sets[k].col)->states != NULL && r->sets[k].after.text.len == 0) {
                return false;
            }
        }
        for (int c = t->first_col; r->created && c < t->first_col + t->cols; c++) {
            bool set = audited_col_of(c)->states == NULL;
            for (int k = 0; k < r->n && !set; k++) {
                set = r->sets[k].col == c;
            }
            if (!set) {
                return false;
            }
        }
    }
    return true;
}

sum128 verify_leg_sum(const verify *v, int64_t event_id, int64_t n, int64_t programme_id,
                      str account, const ledger_leg *leg)
{
    ledger_account known = ACC_COUNT;
    (void)ledger_account_of(account, &known);
    const int64_t parts[13] = {
        event_id,
        n,
        leg->entry,
        (int64_t)known,
        leg->amount,
        programme_id,
        leg->cell.source_id,
        leg->cell.year,
        leg->cell.kind_id,
        leg->cell.voucher_id,
        leg->cell.order_id,
        leg->cell.claim_id,
        leg->cell.line_id,
    };
    uint64_t out[2];
    sip128(&v->key, (str){(const char *)parts, sizeof parts}, out);
    return (sum128){out[0], out[1]};
}

uint64_t verify_cell_key(const verify *v, int64_t programme_id, str account, const ledger_cell *c)
{
    ledger_account known = ACC_COUNT;
    (void)ledger_account_of(account, &known);
    const int64_t parts[9] = {
        programme_id,  (int64_t)known, c->source_id, c->year,    c->kind_id,
        c->voucher_id, c->order_id,    c->claim_id,  c->line_id,
    };
    uint64_t out[2];
    sip128(&v->key, (str){(const char *)parts, sizeof parts}, out);
    return out[0];
}

static void found(verify *v, const event_record *r, const char *what, const char *column,
                  const char *detail)
{
    verify_found(v, what, "event", r->id, r->seq, column, detail);
}

static tq_code check_leaves(verify *v, const event_ahead *ahead, tq_err *err)
{
    const event_record *r = &ahead->r;
    const digest sha256 = ahead->leaf[HASH_SHA256];
    const digest sm3 = ahead->leaf[HASH_SM3];
    if (!str_eq(r->sha256, (str){(const char *)sha256.b, sizeof sha256.b})) {
        found(v, r, "event_leaf", "leaf_sha256", "");
    }
    if (!str_eq(r->sm3, (str){(const char *)sm3.b, sizeof sm3.b})) {
        found(v, r, "event_leaf", "leaf_sm3", "");
    }
    if (r->seq <= 0) {
        v->report->unsequenced++;
        return TQ_OK;
    }
    tree_add(&v->sha256, sha256);
    tree_add(&v->sm3, sm3);
    return verify_log_leaf(v, sha256, sm3, err);
}

/* The roots at each signed count, as the log passes it. */
static void check_points(verify *v)
{
    while (v->next_point < v->n_points && v->points[v->next_point].count <= v->sha256.count) {
        const checkpoint *c = &v->points[v->next_point++];
        if (c->count < v->sha256.count || (digest_eq(tree_root(&v->sha256), c->sha256) &&
                                           digest_eq(tree_root(&v->sm3), c->sm3))) {
            continue;
        }
        char detail[160];
        const long long before =
            v->next_point > 1 ? (long long)v->points[v->next_point - 2].count : 0;
        (void)snprintf(detail, sizeof detail, "events %lld..%lld are not those that were signed",
                       before + 1, (long long)c->count);
        verify_found(v, "checkpoint_root", "", 0, before + 1, "", detail);
    }
}

static void check_columns(verify *v, const event_record *r, const event *e)
{
    const struct {
        const char *name;
        bool same;
    } cols[] = {
        /* Where one writer numbers the events, the number is the id; elsewhere ids have gaps. */
        {"id", v->engine != STORE_SQLITE || r->id == r->seq},
        {"kind", str_eq(r->kind, str_of(event_kind_name(e->kind)))},
        {"programme_id", r->programme_id == e->programme_id},
        {"at_us", r->at_us == e->at.us},
        {"user_id", r->user_id == e->user_id},
        {"person_id", r->person_id == e->person_id},
    };
    for (size_t i = 0; i < TQ_COUNT(cols); i++) {
        if (!cols[i].same) {
            found(v, r, "event_column", cols[i].name, "");
        }
    }
}

static void apply_legs(verify *v, const event_record *r, const event *e)
{
    for (int i = 0; i < e->n_legs; i++) {
        const ledger_leg *leg = &e->legs[i];
        const str account = str_of(ledger_account_name(leg->cell.account));
        sum128 *sum = row_sum(v->rows, VERIFY_LEGS, r->id >> LEG_BITS);
        int64_t *amount =
            cell_sum(v->cells, verify_cell_key(v, e->programme_id, account, &leg->cell), true);
        if (sum == NULL || amount == NULL || __builtin_add_overflow(*amount, leg->amount, amount)) {
            found(v, r, "too_large", "legs", "");
            return;
        }
        sum_add(sum, verify_leg_sum(v, r->id, i + 1, e->programme_id, account, leg));
        if (*amount < 0 && !ledger_may_be_negative(leg->cell.account) && r->seq > 0) {
            char detail[160];
            (void)snprintf(detail, sizeof detail, "%s of voucher %lld",
                           ledger_account_name(leg->cell.account), (long long)leg->cell.voucher_id);
            verify_found(v, "below_zero", "balance", 0, r->seq, "amount", detail);
        }
    }
    v->report->legs += e->n_legs;
}

static void apply_row(verify *v, const event_record *r, const event_row *row)
{
    const audited_table_info *t = audited_table_of(row->table);
    sum128 *sum = row_sum(v->rows, row->table, row->id);
    if (sum == NULL) {
        verify_found(v, "too_large", t->name, row->id, r->seq, "id", "");
        return;
    }
    if (row->created) {
        if (!sum_is_zero(*sum)) {
            verify_found(v, "created_twice", t->name, row->id, r->seq, "", "");
        }
        sum_add(sum, sum_created(&v->key, row->table, row->id));
    } else if (sum_is_zero(*sum)) {
        /* Of a person whose first facts were erased later changes say nothing any more. */
        if (!t->is_private || v->report->erased == 0) {
            verify_found(v, "not_created", t->name, row->id, r->seq, "", "");
        }
        return;
    }
    for (int k = 0; k < row->n; k++) {
        sum_take(sum, sum_value(&v->key, row->sets[k].col, row->id, &row->sets[k].before));
        sum_add(sum, sum_value(&v->key, row->sets[k].col, row->id, &row->sets[k].after));
    }
}

/* An event that leaves no mark in public rows or legs could be put in again unseen. No honest one has
 * the same bytes: its private digest is salted, its time and user are in it. */
static void check_once(verify *v, const event_record *r, const event *e)
{
    if (e->n_legs > 0 || (e->n_rows > 0 && e->private_hex[0] == '\0')) {
        return;
    }
    uint64_t key[2];
    sip128(&v->key, r->body, key);
    int64_t *seen = cell_sum(v->blobs, key[0], true);
    if (seen != NULL && *seen == SUM_SEEN) {
        found(v, r, "event_twice", "body", "");
    } else if (seen != NULL) {
        *seen = SUM_SEEN;
    }
}

/* Takes a copy of the event: private rows are read into it. */
static tq_code apply_event(verify *v, const event_ahead *ahead, tq_err *err)
{
    const event_record *r = &ahead->r;
    tq_err why = {0};
    if (!ahead->readable) {
        found(v, r, "event_form", "body", ahead->why.detail);
        return TQ_OK;
    }
    event e = ahead->e;
    e.a = v->a;
    check_columns(v, r, &e);
    verify_log_rows(v, r, &e);
    check_once(v, r, &e);
    TQ_TRY(verify_private_body(v, r, &e, err));
    if (!event_states_given(&e)) {
        found(v, r, "event_check", "body", "a row has no state");
    } else if (event_check(&e, &why) != TQ_OK) {
        found(v, r, "event_check", "body", why.detail);
    }
    apply_legs(v, r, &e);
    for (int i = 0; i < e.n_rows; i++) {
        apply_row(v, r, &e.rows[i]);
    }
    return TQ_OK;
}

static tq_code one_event(verify *v, const event_ahead *ahead, tq_err *err)
{
    const event_record *r = &ahead->r;
    arena_reset(v->a);
    v->report->events++;
    if (r->seq > 0 && r->seq != v->last_seq + 1) {
        char detail[160];
        (void)snprintf(detail, sizeof detail, "number %lld is followed by %lld",
                       (long long)v->last_seq, (long long)r->seq);
        verify_found(v, "event_gap", "event", r->id, v->last_seq + 1, "seq", detail);
    }
    v->last_seq = r->seq > 0 ? r->seq : v->last_seq;
    TQ_TRY(check_leaves(v, ahead, err));
    check_points(v);
    return apply_event(v, ahead, err);
}

tq_code verify_events(verify *v, tq_err *err)
{
    v->sha256 = tree_begin(HASH_SHA256);
    v->sm3 = tree_begin(HASH_SM3);
    TQ_TRY(verify_log_begin(v, err));
    check_points(v);
    TQ_TRY(verify_each_ahead(v, one_event, err));
    TQ_ASSERT(v->sha256.count == v->sm3.count);
    if (v->next_point < v->n_points) {
        char detail[160];
        (void)snprintf(detail, sizeof detail, "%lld events were signed, %lld are there",
                       (long long)v->points[v->n_points - 1].count, (long long)v->sha256.count);
        verify_found(v, "log_cut", "event", 0, v->sha256.count + 1, "seq", detail);
    }
    digest_hex(tree_root(&v->sha256), v->report->sha256);
    digest_hex(tree_root(&v->sm3), v->report->sm3);
    return TQ_OK;
}
