/* SPDX-License-Identifier: Apache-2.0 */
#include "store/blob_inner.h"

#include "store/store_inner.h"

#define PAGE 256

static store_arg hash_arg(const digest *d)
{
    return arg_blob(d->b, sizeof d->b);
}

tq_code blob_pg_put(store *s, str bytes, digest sha256, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin_on(s, STORE_WRITE, CHANNEL_BLOB, &tx, err));
    int64_t n = 0;
    size_t done = 0;
    do { /* an empty file is one empty chunk */
        const size_t rest = bytes.len - done;
        const size_t len = rest < BLOB_CHUNK ? rest : BLOB_CHUNK;
        const char *at = bytes.len == 0 ? "" : bytes.data + done;
        TQ_TRY(store_run(tx, STMT_BLOB_CHUNK_PUT,
                         ARGS(hash_arg(&sha256), arg_int(n), arg_blob(at, len)), NULL, err));
        done += len;
        n++;
    } while (done < bytes.len);
    return store_commit(&tx, err);
}

static tq_code not_found(tq_err *err)
{
    return tq_fail(err, TQ_NOT_FOUND, "no_blob", "blob", "there is no file with this content hash");
}

static tq_code read_chunks(store_tx *tx, digest sha256, char *to, size_t size, size_t *got,
                           tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_BLOB_CHUNKS, ARGS(hash_arg(&sha256)), &r, err));
    size_t used = 0;
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        const str chunk = row_blob(&r);
        if (chunk.len > size - used) {
            return tq_fail(err, TQ_CORRUPT, "blob_size", "blob",
                           "the file changed while it was read");
        }
        if (chunk.len > 0) {
            memcpy(to + used, chunk.data, chunk.len);
        }
        used += chunk.len;
    }
    *got = used;
    return TQ_OK;
}

tq_code blob_pg_get(store *s, digest sha256, arena *a, str *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin_on(s, STORE_READ, CHANNEL_BLOB, &tx, err));
    int64_t size = -1;
    TQ_TRY(store_int(tx, STMT_BLOB_SIZE, ARGS(hash_arg(&sha256)), -1, &size, err));
    if (size < 0) {
        return not_found(err);
    }
    if (size > BLOB_MAX) {
        return tq_fail(err, TQ_CORRUPT, "blob_size", "blob",
                       "the stored file is larger than any may be");
    }
    char *data = arena_take(a, (size_t)size + 1);
    size_t got = 0;
    TQ_TRY(read_chunks(tx, sha256, data, (size_t)size, &got, err));
    TQ_TRY(store_commit(&tx, err));
    *out = (str){data, got};
    return TQ_OK;
}

tq_code blob_pg_remove(store *s, digest sha256, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin_on(s, STORE_WRITE, CHANNEL_BLOB, &tx, err));
    TQ_TRY(store_run(tx, STMT_BLOB_REMOVE, ARGS(hash_arg(&sha256)), NULL, err));
    return store_commit(&tx, err);
}

typedef struct blob_row {
    digest sha256;
    int64_t size;
} blob_row;

/* The page is read to its end before anybody is called, who may want the blob connection himself. */
static tq_code read_page(store *s, str after, blob_row *page, int *n, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin_on(s, STORE_READ, CHANNEL_BLOB, &tx, err));
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_BLOB_PAGE, ARGS(arg_blob(after.data, after.len), arg_int(PAGE)), &r,
                       err));
    int count = 0;
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        TQ_ASSERT(count < PAGE);
        const str hash = row_blob(&r);
        if (hash.len != sizeof page[count].sha256.b) {
            return tq_fail(err, TQ_CORRUPT, "blob_name", "blob",
                           "a stored file has no SHA-256 as its name");
        }
        memcpy(page[count].sha256.b, hash.data, hash.len);
        page[count++].size = row_int(&r);
    }
    *n = count;
    return TQ_OK;
}

tq_code blob_pg_each(store *s, blob_visitor each, void *ctx, tq_err *err)
{
    blob_row page[PAGE];
    digest last = {0};
    str after = {"", 0};
    for (;;) {
        int n = 0;
        TQ_TRY(read_page(s, after, page, &n, err));
        for (int i = 0; i < n; i++) {
            TQ_TRY(each(ctx, page[i].sha256, page[i].size, err));
        }
        if (n < PAGE) {
            return TQ_OK;
        }
        last = page[n - 1].sha256;
        after = (str){(const char *)last.b, sizeof last.b};
    }
}
