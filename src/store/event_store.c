/* SPDX-License-Identifier: Apache-2.0 */
#include "store/event_store.h"

#include "base/buf.h"
#include "store/blob.h"
#include "store/store_inner.h"

tq_code row_load(store_tx *tx, int table, int64_t id, arena *a, event_value *out, tq_err *err)
{
    const audited_table_info *t = audited_table_of(table);
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_ROW_GET(table), ARGS(arg_int(id)), &r, err));
    bool more = false;
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", t->name, "there is no such record");
    }
    for (int c = 0; c < t->cols; c++) {
        out[c] = (event_value){0};
        if (audited_col_of(t->first_col + c)->is_text) {
            out[c].text = row_copy(&r, a);
        } else {
            out[c].num = row_int(&r);
        }
    }
    return TQ_OK;
}

tq_code row_lock(store_tx *tx, int table, int64_t id, arena *a, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_ASSERT(store_tx_mode(tx) == STORE_WRITE);
    if (store_engine_of(store_of(tx)) == STORE_SQLITE) {
        return TQ_OK;
    }
    return row_load(tx, table, id, a, row, err);
}

static tq_code row_write_all(store_tx *tx, const event_row *r, event_value *image, tq_err *err)
{
    const audited_table_info *t = audited_table_of(r->table);
    TQ_ASSERT(t->cols < STORE_ARGS_MAX);
    for (int k = 0; k < r->n; k++) {
        image[r->sets[k].col - t->first_col] = r->sets[k].after;
    }
    store_arg args[STORE_ARGS_MAX];
    args[0] = arg_int(r->id);
    for (int c = 0; c < t->cols; c++) {
        args[c + 1] = audited_col_of(t->first_col + c)->is_text ? arg_str(image[c].text)
                                                                : arg_int(image[c].num);
    }
    int64_t changed = 0;
    TQ_TRY(store_run(tx, r->created ? STMT_ROW_ADD(r->table) : STMT_ROW_PUT(r->table), args,
                     (size_t)t->cols + 1, &changed, err));
    TQ_ASSERT(changed == 1);
    return TQ_OK;
}

/* SQLite rewrites the entry of every index whose columns an UPDATE names, also where they stay the same. */
static tq_code col_write(store_tx *tx, const event_row *r, const event_set *s, tq_err *err)
{
    int64_t changed = 0;
    TQ_TRY(store_run(tx, STMT_COL_PUT(s->col),
                     ARGS(arg_int(r->id), audited_col_of(s->col)->is_text ? arg_str(s->after.text)
                                                                          : arg_int(s->after.num)),
                     &changed, err));
    TQ_ASSERT(changed == 1);
    return TQ_OK;
}

/* Few columns are written each alone where no CHECK can see the row half changed: every CHECK over several
 * columns is one over numbers, so at most one of them may be a number. */
static bool col_by_col(const store_tx *tx, const event_row *r)
{
    int numbers = 0;
    for (int k = 0; k < r->n; k++) {
        numbers += audited_col_of(r->sets[k].col)->is_text ? 0 : 1;
    }
    const int most =
        tx->store->engine == STORE_SQLITE ? 3 : 1; /* each is a journey to PostgreSQL */
    return !r->created && r->n <= most && numbers <= 1;
}

static tq_code row_write(store_tx *tx, const event_row *r, event_value *image, tq_err *err)
{
    if (!col_by_col(tx, r)) {
        return row_write_all(tx, r, image, err);
    }
    for (int k = 0; k < r->n; k++) {
        TQ_TRY(col_write(tx, r, &r->sets[k], err));
    }
    return TQ_OK;
}

/* Reads the row's image and puts the old values into the event. */
static tq_code fill_before(store_tx *tx, event *e, event_row *r, event_value *image, tq_err *err)
{
    if (r->created) {
        return TQ_OK;
    }
    TQ_TRY(row_load(tx, r->table, r->id, e->a, image, err));
    for (int k = 0; k < r->n; k++) {
        r->sets[k].before = image[r->sets[k].col - audited_table_of(r->table)->first_col];
    }
    return TQ_OK;
}

static tq_code insufficient(const ledger_leg *leg, tq_err *err)
{
    return tq_fail(err, TQ_CONFLICT, "insufficient", ledger_account_name(leg->cell.account),
                   "the account holds less than this movement needs");
}

static tq_code leg_apply(store_tx *tx, const event *e, int64_t event_id, int n, tq_err *err)
{
    const ledger_leg *leg = &e->legs[n];
    const ledger_cell *c = &leg->cell;
    const str account = str_of(ledger_account_name(c->account));
    TQ_TRY(store_run(tx, STMT_LEG_ADD,
                     ARGS(arg_int(event_id), arg_int(n + 1), arg_int(leg->entry), arg_str(account),
                          arg_int(leg->amount), arg_int(e->programme_id), arg_int(c->source_id),
                          arg_int(c->year), arg_int(c->kind_id), arg_int(c->voucher_id),
                          arg_int(c->order_id), arg_int(c->claim_id), arg_int(c->line_id)),
                     NULL, err));
    /* A taking leg must find its cell: an upsert would check the delta itself against zero. */
    const bool give = leg->amount > 0 || ledger_may_be_negative(c->account);
    int64_t changed = 0;
    const tq_code code =
        store_run(tx, give ? STMT_BALANCE_GIVE : STMT_BALANCE_TAKE,
                  ARGS(arg_int(e->programme_id), arg_str(account), arg_int(c->source_id),
                       arg_int(c->year), arg_int(c->kind_id), arg_int(c->voucher_id),
                       arg_int(c->order_id), arg_int(c->claim_id), arg_int(c->line_id),
                       arg_int(leg->amount)),
                  &changed, err);
    if (code == TQ_CONFLICT || (code == TQ_OK && changed == 0)) {
        return insufficient(leg, err);
    }
    return code;
}

static tq_code legs_apply(store_tx *tx, const event *e, int64_t event_id, tq_err *err)
{
    for (int n = 0; n < e->n_legs; n++) {
        TQ_TRY(leg_apply(tx, e, event_id, n, err));
    }
    return TQ_OK;
}

static tq_code body_add(store_tx *tx, const event *e, str body, int64_t *id, tq_err *err)
{
    const str parts[2] = {{"\0", 1}, body}; /* RFC 9162: a leaf is H(0x00 || bytes) */
    const digest sha256 = hash_parts(HASH_SHA256, parts, 2);
    const digest sm3 = hash_parts(HASH_SM3, parts, 2);
    store_arg args[9] = {arg_str(str_of(event_kind_name(e->kind))),
                         arg_int(e->programme_id),
                         arg_int(e->at.us),
                         arg_int(e->user_id),
                         arg_int(e->person_id),
                         arg_str(body),
                         arg_blob(sha256.b, sizeof sha256.b),
                         arg_blob(sm3.b, sizeof sm3.b)};
    if (store_engine_of(store_of(tx)) == STORE_PG) {
        return store_int(tx, STMT_EVENT_ADD, args, 8, 0, id, err);
    }
    /* Counting here spares SQLite the search for the last one and a table for what it returns. */
    TQ_TRY(store_event_id(tx, id, err));
    args[8] = arg_int(*id);
    return store_run(tx, STMT_EVENT_PUT, args, 9, NULL, err);
}

/* The salt hides private bodies that could be guessed (a phone number has few values). It is made
 * from the site's own secret, so that replaying one operation log on two engines gives equal logs. */
static tq_code private_salt(store_tx *tx, const event *e, str body, digest *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_SECRET_GET, ARGS(arg_str(STR("private_salt"))), &r, err));
    bool more = false;
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_CORRUPT, "no_site_secret", "secret.private_salt",
                       "the installation has no salt secret; was it made by init?");
    }
    BUF_AUTO buf first_row = buf_max(64);
    buf_int(&first_row, e->rows[0].id);
    buf_int(&first_row, e->at.us);
    const str parts[3] = {row_blob(&r), buf_view(&first_row), body};
    *out = hash_parts(HASH_SHA256, parts, 3);
    return TQ_OK;
}

static void bind_private(event *e, str salt, str body)
{
    const str parts[2] = {salt, body};
    digest_hex(hash_parts(HASH_SHA256, parts, 2), e->private_hex);
}

/* R-LEDGER-010: no entry is dated in a closed period (I8), whatever the use case forgot. */
static tq_code need_open_period(store_tx *tx, const event *e, tq_err *err)
{
    int64_t closed_until = 0;
    if (e->n_legs == 0) {
        return TQ_OK;
    }
    TQ_TRY(store_int(tx, STMT_PROGRAMME_CLOSED_UNTIL, ARGS(arg_int(e->programme_id)), 0,
                     &closed_until, err));
    if (closed_until != 0 && e->today.n <= closed_until) {
        return tq_fail(err, TQ_CONFLICT, "period_closed", "day",
                       "the day lies in a period that finance has closed");
    }
    return TQ_OK;
}

/* R-FILE-010, I27: a row never names a file that is not there. What verify demands is demanded here already. */
static tq_code need_files(store_tx *tx, const event *e, tq_err *err)
{
    static const int cols[] = {C_EVIDENCE_SHA256, C_POLICY_SHA256, C_DECISION_PAPER_BLOB,
                               C_INVOICE_BLOB, C_PAYMENT_PROOF_BLOB};
    for (int i = 0; i < e->n_rows; i++) {
        const event_row *r = &e->rows[i];
        for (int k = 0; k < r->n; k++) {
            bool names_file = false;
            for (size_t c = 0; c < TQ_COUNT(cols); c++) {
                names_file |= r->sets[k].col == cols[c] && r->sets[k].after.text.len > 0;
            }
            digest sha256;
            bool there = false;
            if (!names_file) {
                continue;
            }
            if (digest_from_hex(r->sets[k].after.text, &sha256)) {
                TQ_TRY(blob_has(tx, sha256, &there, err));
            }
            if (!there) {
                return tq_fail(err, TQ_INVALID, "blob", audited_col_of(r->sets[k].col)->name,
                               "no file with this hash is stored; upload the file first");
            }
        }
    }
    return TQ_OK;
}

/* For store_tx_did: which rows an answer may name. A counter is nobody's object, but costs nothing. */
static void did_note(store_tx *tx, const event *e, int64_t event_id)
{
    store_did *did = &tx->did;
    if (did->event_id == 0) {
        did->kind = event_kind_name(e->kind);
    }
    did->event_id = event_id;
    for (int i = 0; i < e->n_rows; i++) {
        const event_row *row = &e->rows[i];
        if (did->row[row->table].id == 0 || (row->created && !did->row[row->table].made)) {
            did->row[row->table].id = row->id;
            did->row[row->table].made = row->created;
        }
    }
}

tq_code event_append(store_tx *tx, event *e, int64_t *id_out, tq_err *err)
{
    TQ_ASSERT(store_tx_mode(tx) == STORE_WRITE);
    TQ_ASSERT(e->n_rows > 0 || e->n_legs > 0 || e->note.len > 0);
    event_value **images = ARENA_NEW(e->a, event_value *, e->n_rows + 1);
    for (int i = 0; i < e->n_rows; i++) {
        images[i] = ARENA_NEW(e->a, event_value, audited_table_of(e->rows[i].table)->cols);
        TQ_TRY(fill_before(tx, e, &e->rows[i], images[i], err));
    }
    TQ_TRY(event_check(e, err));
    TQ_TRY(need_open_period(tx, e, err));
    TQ_TRY(need_files(tx, e, err));

    BUF_AUTO buf hidden = buf_max(EVENT_BODY_MAX);
    digest salt = {0};
    if (event_has_private(e)) {
        event_write_private(e, &hidden);
        TQ_TRY(private_salt(tx, e, buf_view(&hidden), &salt, err));
        bind_private(e, (str){(const char *)salt.b, sizeof salt.b}, buf_view(&hidden));
    }
    BUF_AUTO buf body = buf_max(EVENT_BODY_MAX);
    event_write(e, &body);
    if (!buf_ok(&body) || !buf_ok(&hidden)) {
        return tq_fail(err, TQ_LIMIT, "event_size", event_kind_name(e->kind),
                       "the event is larger than %d bytes; do it in smaller parts", EVENT_BODY_MAX);
    }
    int64_t id = 0;
    TQ_TRY(body_add(tx, e, buf_view(&body), &id, err));
    if (hidden.len > 0) {
        TQ_TRY(store_run(tx, STMT_PRIVATE_ADD,
                         ARGS(arg_int(id), arg_blob(salt.b, sizeof salt.b),
                              arg_str(buf_view(&hidden))),
                         NULL, err));
    }
    for (int i = 0; i < e->n_rows; i++) {
        TQ_TRY(row_write(tx, &e->rows[i], images[i], err));
    }
    TQ_TRY(legs_apply(tx, e, id, err));
    did_note(tx, e, id);
    if (id_out != NULL) {
        *id_out = id;
    }
    return TQ_OK;
}

static tq_code replay_row(store_tx *tx, event *e, event_row *r, tq_err *err)
{
    const audited_table_info *t = audited_table_of(r->table);
    event_value *image = ARENA_NEW(e->a, event_value, t->cols);
    if (!r->created) {
        TQ_TRY(row_load(tx, r->table, r->id, e->a, image, err));
        for (int k = 0; k < r->n; k++) {
            const event_value *now = &image[r->sets[k].col - t->first_col];
            if (now->num != r->sets[k].before.num || !str_eq(now->text, r->sets[k].before.text)) {
                return tq_fail(err, TQ_CORRUPT, "replay", t->name,
                               "row %lld is not what the event says it was", (long long)r->id);
            }
        }
    }
    return row_write(tx, r, image, err);
}

tq_code event_replay(store_tx *tx, event *e, str body, str private_body, str salt, tq_err *err)
{
    TQ_ASSERT(store_tx_mode(tx) == STORE_WRITE);
    TQ_TRY(event_check(e, err));
    int64_t id = 0;
    TQ_TRY(body_add(tx, e, body, &id, err));
    if (private_body.len > 0) {
        const str parts[2] = {salt, private_body};
        char hex[65];
        digest_hex(hash_parts(HASH_SHA256, parts, 2), hex);
        if (strcmp(hex, e->private_hex) != 0) {
            return tq_fail(err, TQ_CORRUPT, "private_digest", "private",
                           "the private body is not the one the event is bound to");
        }
        TQ_TRY(store_run(tx, STMT_PRIVATE_ADD,
                         ARGS(arg_int(id), arg_blob(salt.data, salt.len), arg_str(private_body)),
                         NULL, err));
    }
    for (int i = 0; i < e->n_rows; i++) {
        TQ_TRY(replay_row(tx, e, &e->rows[i], err));
    }
    return legs_apply(tx, e, id, err);
}

#define SEQUENCE_SLICE 1000

static tq_code sequence_slice(store *s, int *done, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t ids[SEQUENCE_SLICE];
    int n = 0;
    int64_t held = 0;
    int64_t seq = 0;
    TQ_TRY(store_begin(s, STORE_WRITE, &tx, err));
    TQ_TRY(store_int(tx, STMT_EVENT_SEQUENCER_LOCK, NO_ARGS, 0, &held, err));
    if (held == 1) {
        TQ_TRY(store_int(tx, STMT_EVENT_LAST_SEQ, NO_ARGS, 0, &seq, err));
        ROWS_AUTO store_rows r = {0};
        TQ_TRY(store_query(tx, STMT_EVENT_UNSEQUENCED, ARGS(arg_int(SEQUENCE_SLICE)), &r, err));
        for (bool more = true;;) {
            TQ_TRY(rows_next(&r, &more, err));
            if (!more) {
                break;
            }
            ids[n++] = row_int(&r);
        }
    }
    for (int i = 0; i < n; i++) {
        TQ_TRY(store_run(tx, STMT_EVENT_SET_SEQ, ARGS(arg_int(ids[i]), arg_int(seq + i + 1)), NULL,
                         err));
    }
    TQ_TRY(store_commit(&tx, err));
    *done = n;
    return TQ_OK;
}

tq_code event_sequence(store *s, tq_err *err)
{
    if (store_engine_of(s) == STORE_SQLITE) {
        return TQ_OK;
    }
    int done = SEQUENCE_SLICE;
    while (done == SEQUENCE_SLICE) {
        TQ_TRY(sequence_slice(s, &done, err));
    }
    return store_flush(s, err);
}

tq_code event_new_row(store_tx *tx, event *e, int table, int64_t *id, tq_err *err)
{
    TQ_TRY(store_new_id(tx, table, id, err));
    event_create(e, table, *id);
    return TQ_OK;
}

/* The counter row that this event has already made or moved; NULL where it has not. */
static const event_row *counter_in(const event *e, int64_t id, const char *series, int64_t year)
{
    for (int i = 0; i < e->n_rows; i++) {
        const event_row *r = &e->rows[i];
        if (r->table != T_COUNTER) {
            continue;
        }
        bool same_name = false;
        bool same_year = false;
        for (int k = 0; k < r->n; k++) {
            const event_set *set = &r->sets[k];
            same_name |= set->col == C_COUNTER_NAME && str_eq(set->after.text, str_of(series));
            same_year |= set->col == C_COUNTER_YEAR && set->after.num == year;
        }
        if (r->id == id || (r->created && same_name && same_year)) {
            return r;
        }
    }
    return NULL;
}

static int64_t counter_value(const event_row *r)
{
    for (int k = 0; k < r->n; k++) {
        if (r->sets[k].col == C_COUNTER_VALUE) {
            return r->sets[k].after.num;
        }
    }
    return 0;
}

/* Locks the counter's row; *id stays 0 where there is none yet. */
static tq_code counter_read(store_tx *tx, const event *e, const char *series, int64_t year,
                            int64_t *id, int64_t *value, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_COUNTER_FIND,
                       ARGS(arg_int(e->programme_id), arg_str(str_of(series)), arg_int(year)), &r,
                       err));
    TQ_TRY(rows_next(&r, &more, err));
    if (more) {
        *id = row_int(&r);
        *value = row_int(&r);
    }
    return TQ_OK;
}

tq_code event_serial(store_tx *tx, event *e, const char *series, int64_t year, int64_t *out,
                     tq_err *err)
{
    int64_t id = 0;
    int64_t value = 0;
    TQ_TRY(counter_read(tx, e, series, year, &id, &value, err));
    if (id == 0) {
        /* Two that begin a year's series at once would both make its row: the second looks again. */
        int64_t programme = 0;
        TQ_TRY(store_int(tx, STMT_COUNTER_TURN, ARGS(arg_int(e->programme_id)), 0, &programme,
                         err));
        TQ_TRY(counter_read(tx, e, series, year, &id, &value, err));
    }
    const event_row *moved = counter_in(e, id, series, year);
    if (moved != NULL) {
        value = counter_value(moved);
        event_change(e, T_COUNTER, moved->id);
    } else if (id != 0) {
        event_change(e, T_COUNTER, id);
    } else {
        TQ_TRY(event_new_row(tx, e, T_COUNTER, &id, err));
        event_int(e, C_COUNTER_PROGRAMME_ID, e->programme_id);
        event_text(e, C_COUNTER_NAME, str_of(series));
        event_int(e, C_COUNTER_YEAR, year);
    }
    event_int(e, C_COUNTER_VALUE, value + 1);
    *out = value + 1;
    return TQ_OK;
}
