/* SPDX-License-Identifier: Apache-2.0 */
#include "base/canon.h"
#include "store/log_file.h"
#include "store/log_node.h"

tq_code log_point_over(store_tx *tx, int64_t size, checkpoint *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_LOG_POINT_OVER, ARGS(arg_int(size)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_CONFLICT, "not_signed_yet", "checkpoint",
                       "no signed checkpoint is over event %lld yet", (long long)size);
    }
    (void)row_int(&r);
    return checkpoint_parse(row_text(&r), out, err);
}

tq_code log_body(store_tx *tx, int64_t seq, arena *a, str *out, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_LOG_EVENT, ARGS(arg_int(seq)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "no_such_record", "seq",
                       "there is no event of this number");
    }
    *out = row_copy(&r, a);
    return TQ_OK;
}

/* Hashed anew, not read from its column: a leaf that is shown is that of the bytes that are there. */
tq_code log_leaf(store_tx *tx, int64_t seq, arena *a, digest out[2], tq_err *err)
{
    str body = {0};
    TQ_TRY(log_body(tx, seq, a, &body, err));
    out[HASH_SHA256] = tree_leaf(HASH_SHA256, body);
    out[HASH_SM3] = tree_leaf(HASH_SM3, body);
    return TQ_OK;
}

static tq_code event_of(store_tx *tx, int64_t seq, arena *a, log_proof *out, tq_err *err)
{
    out->seq = seq;
    TQ_TRY(log_body(tx, seq, a, &out->body, err));
    out->leaf[HASH_SHA256] = tree_leaf(HASH_SHA256, out->body);
    out->leaf[HASH_SM3] = tree_leaf(HASH_SM3, out->body);
    return TQ_OK;
}

tq_code log_proof_in(store_tx *tx, int64_t seq, const checkpoint *point, arena *a, log_proof *out,
                     tq_err *err)
{
    TQ_ASSERT(seq <= point->count);
    TQ_TRY(event_of(tx, seq, a, out, err));
    out->point = *point;
    TQ_TRY(log_inclusion(tx, seq, point->count, out->path, err));
    /* R-LOG-010: never hand out what does not hold: then the log is not what was signed. */
    return log_proof_check(out, err);
}

tq_code log_proof_make(store_tx *tx, int64_t seq, arena *a, log_proof *out, tq_err *err)
{
    checkpoint point;
    if (seq < 1) {
        return tq_fail(err, TQ_NOT_FOUND, "no_such_record", "seq", "events are numbered from 1");
    }
    TQ_TRY(event_of(tx, seq, a, out, err));
    TQ_TRY(log_point_over(tx, seq, &point, err));
    return log_proof_in(tx, seq, &point, a, out, err);
}

tq_code log_proof_check(const log_proof *p, tq_err *err)
{
    const digest roots[2] = {[HASH_SHA256] = p->point.sha256, [HASH_SM3] = p->point.sm3};
    for (int k = HASH_SHA256; k <= HASH_SM3; k++) {
        if (!tree_inclusion_ok((hash_kind)k, p->leaf[k], p->seq - 1, p->point.count, &p->path[k],
                               roots[k])) {
            return tq_fail(err, TQ_CORRUPT, "log_proof", k == HASH_SM3 ? "sm3" : "sha256",
                           "event %lld is not under the signed root of %lld events",
                           (long long)p->seq, (long long)p->point.count);
        }
    }
    return TQ_OK;
}

/* --- as text --------------------------------------------------------------------------------------- */

void log_path_print(const tree_proof *p, const char *key, canon *c)
{
    canon_key(c, key);
    canon_list(c);
    for (int i = 0; i < p->n; i++) {
        char hex[65];
        digest_hex(p->node[i], hex);
        canon_str(c, str_of(hex));
    }
    canon_list_end(c);
}

bool log_path_read(const canon_node *object, const char *key, tree_proof *out)
{
    const canon_node *list = canon_get(object, key);
    out->n = 0;
    if (list == NULL || list->type != CANON_LIST || list->count > TREE_PROOF_MAX) {
        return false;
    }
    for (const canon_node *k = list->kids; k != NULL; k = k->next) {
        if (k->type != CANON_STR || !digest_from_hex(k->text, &out->node[out->n++])) {
            return false;
        }
    }
    return true;
}

void receipt_print(const log_proof *p, buf *out)
{
    BUF_AUTO buf point = buf_max(CHECKPOINT_TEXT_MAX);
    checkpoint_print(&p->point, &point);
    canon c = canon_to(out);
    canon_open(&c);
    canon_kstr(&c, "tongquan", STR("receipt"));
    canon_kint(&c, "v", 1);
    canon_kint(&c, "seq", p->seq);
    log_path_print(&p->path[HASH_SHA256], "sha256", &c);
    log_path_print(&p->path[HASH_SM3], "sm3", &c);
    canon_key(&c, "checkpoint");
    canon_raw(&c, buf_view(&point));
    canon_key(&c, "body");
    canon_raw(&c, p->body);
    canon_close(&c);
}

tq_code receipt_read(str text, arena *a, log_proof *out, tq_err *err)
{
    const canon_node *root = NULL;
    TQ_TRY(canon_read(text, a, &root, err));
    const canon_node *point = root->type == CANON_OBJECT ? canon_get(root, "checkpoint") : NULL;
    const canon_node *body = root->type == CANON_OBJECT ? canon_get(root, "body") : NULL;
    if (point == NULL || body == NULL || canon_need_int(root, "seq", &out->seq, NULL) != TQ_OK ||
        !log_path_read(root, "sha256", &out->path[HASH_SHA256]) ||
        !log_path_read(root, "sm3", &out->path[HASH_SM3])) {
        return tq_fail(err, TQ_MALFORMED, "receipt_form", "receipt", "the file is no receipt");
    }
    TQ_TRY(checkpoint_parse(point->raw, &out->point, err));
    out->body = body->raw;
    out->leaf[HASH_SHA256] = tree_leaf(HASH_SHA256, out->body);
    out->leaf[HASH_SM3] = tree_leaf(HASH_SM3, out->body);
    /* Nothing may stand in it that is not held to the signature. */
    BUF_AUTO buf again = buf_max(LOG_FILE_LINE_MAX);
    receipt_print(out, &again);
    if (!str_eq(buf_view(&again), text)) {
        return tq_fail(err, TQ_MALFORMED, "receipt_form", "receipt",
                       "the file is not written as a receipt is");
    }
    return log_proof_check(out, err);
}
