/* SPDX-License-Identifier: Apache-2.0 */
#include "store/checkpoint_inner.h"

#include "base/file.h"

#define SECRET_LEN 32
#define ED_NAME "checkpoint_key"
#define SM2_NAME "checkpoint_sm2"

static tq_code secret_get(store_tx *tx, const char *name, uint8_t out[SECRET_LEN], bool *found,
                          tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_SECRET_GET, ARGS(arg_str(str_of(name))), &r, err));
    TQ_TRY(rows_next(&r, found, err));
    if (!*found) {
        return TQ_OK;
    }
    const str seed = row_blob(&r);
    if (seed.len != SECRET_LEN) {
        return tq_fail(err, TQ_CORRUPT, "checkpoint_key", name,
                       "the signing key does not have %d bytes", SECRET_LEN);
    }
    memcpy(out, seed.data, SECRET_LEN);
    return TQ_OK;
}

typedef struct found_keys {
    bool ed, sm2;
} found_keys;

static tq_code keys_get(store_tx *tx, checkpoint_keys *out, found_keys *found, tq_err *err)
{
    uint8_t secret[SECRET_LEN];
    TQ_TRY(secret_get(tx, ED_NAME, secret, &found->ed, err));
    if (found->ed) {
        sign_key_of_seed(secret, &out->ed);
    }
    TQ_TRY(secret_get(tx, SM2_NAME, secret, &found->sm2, err));
    if (found->sm2 && !sm2_key_of_secret(secret, &out->sm2)) {
        return tq_fail(err, TQ_CORRUPT, "checkpoint_key", SM2_NAME,
                       "the signing key is none of SM2");
    }
    return TQ_OK;
}

/* The public key is listed before the secret is kept: a crash between leaves a line nobody signs with. */
static tq_code key_keep(store_tx *tx, const char *pub_path, const char *name, const uint8_t *pub,
                        size_t n, const uint8_t secret[SECRET_LEN], tq_err *err)
{
    BUF_AUTO buf line = buf_max(256);
    checkpoint_pub_line(pub, n, &line);
    buf_char(&line, '\n');
    TQ_TRY(file_append_durable(pub_path, buf_view(&line), 0644, err));
    return store_run(tx, STMT_SECRET_PUT, ARGS(arg_str(str_of(name)), arg_blob(secret, SECRET_LEN)),
                     NULL, err);
}

/* Asked again under the writer's turn: two servers may begin at once. */
static tq_code keys_make(store *s, const char *pub_path, checkpoint_keys *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    found_keys found = {0};
    TQ_TRY(store_begin(s, STORE_WRITE, &tx, err));
    TQ_TRY(keys_get(tx, out, &found, err));
    if (!found.ed) {
        sign_key_new(&out->ed);
        TQ_TRY(key_keep(tx, pub_path, ED_NAME, out->ed.pub, sizeof out->ed.pub, out->ed.seed, err));
    }
    if (!found.sm2) {
        sm2_key_new(&out->sm2);
        TQ_TRY(key_keep(tx, pub_path, SM2_NAME, out->sm2.pub, sizeof out->sm2.pub, out->sm2.secret,
                        err));
    }
    TQ_TRY(store_commit(&tx, err));
    return store_flush(s, err);
}

tq_code checkpoint_keys_of_site(store *s, arena *a, checkpoint_keys *out, tq_err *err)
{
    found_keys found = {0};
    str pubs = {0};
    {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(store_begin(s, STORE_READ, &tx, err));
        TQ_TRY(keys_get(tx, out, &found, err));
    }
    if (!found.ed || !found.sm2) {
        TQ_TRY(keys_make(s, checkpoint_path(a, store_dir(s), CHECKPOINT_PUB), out, err));
    }
    TQ_TRY(checkpoint_pubs(store_dir(s), a, &pubs, err));
    checkpoint c = {.has_sm2 = true};
    memcpy(c.pub, out->ed.pub, sizeof c.pub);
    memcpy(c.sm2_pub, out->sm2.pub, sizeof c.sm2_pub);
    if (checkpoint_known(pubs, &c, NULL) != TQ_OK) {
        return tq_fail(err, TQ_CORRUPT, "checkpoint_key", CHECKPOINT_PUB,
                       "the signing keys in the database are not ones this folder knows; the "
                       "folder of a further "
                       "server begins with a copy of the first one's file");
    }
    return TQ_OK;
}
