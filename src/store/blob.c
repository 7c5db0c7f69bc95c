/* SPDX-License-Identifier: Apache-2.0 */
#include "store/blob.h"

#include "base/file.h"
#include "store/blob_inner.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PATH_ROOM 4096
#define REST_LEN 62 /* hex digits after the folder's two */

static void path_of(const store *s, digest sha256, char folder[PATH_ROOM], char path[PATH_ROOM])
{
    char hex[65];
    digest_hex(sha256, hex);
    int n = snprintf(folder, PATH_ROOM, "%s/blob/%.2s", store_dir(s), hex);
    TQ_ASSERT(n > 0 && n < PATH_ROOM);
    n = snprintf(path, PATH_ROOM, "%s/blob/%.2s/%s", store_dir(s), hex, hex + 2);
    TQ_ASSERT(n > 0 && n < PATH_ROOM);
}

static tq_code file_get(const store *s, digest sha256, arena *a, str *out, tq_err *err)
{
    char folder[PATH_ROOM];
    char path[PATH_ROOM];
    path_of(s, sha256, folder, path);
    if (!file_exists(path)) {
        return tq_fail(err, TQ_NOT_FOUND, "no_blob", "blob",
                       "there is no file with this content hash");
    }
    return file_read(path, BLOB_MAX, a, out, err);
}

/* True if the file is there and sound: then only its folders' entries may still be unsynced, if another
 * thread is just putting it. */
static bool already_there(const store *s, str bytes, digest sha256)
{
    char folder[PATH_ROOM];
    char path[PATH_ROOM];
    path_of(s, sha256, folder, path);
    struct stat st;
    if (stat(path, &st) != 0 || (size_t)st.st_size != bytes.len) {
        return false;
    }
    ARENA_AUTO arena *a = arena_new("blob compare", bytes.len + 65536);
    str old;
    return file_read(path, BLOB_MAX, a, &old, NULL) == TQ_OK && str_eq(old, bytes);
}

static tq_code file_put(store *s, str bytes, digest sha256, tq_err *err)
{
    char folder[PATH_ROOM];
    char path[PATH_ROOM];
    path_of(s, sha256, folder, path);
    if (already_there(s, bytes, sha256)) {
        return dir_sync(folder, err);
    }
    TQ_TRY(dir_make(folder, 0700, err));
    return file_write_durable(path, bytes, 0600, err);
}

tq_code blob_put(store *s, str bytes, digest *sha256_out, tq_err *err)
{
    if (bytes.len > BLOB_MAX) {
        return tq_fail(err, TQ_LIMIT, "blob_size", "blob", "a file of %zu bytes is larger than %d",
                       bytes.len, BLOB_MAX);
    }
    const digest sha256 = hash_of(HASH_SHA256, bytes);
    TQ_TRY(store_engine_of(s) == STORE_PG ? blob_pg_put(s, bytes, sha256, err)
                                          : file_put(s, bytes, sha256, err));
    *sha256_out = sha256;
    return TQ_OK;
}

tq_code blob_has(store_tx *tx, digest sha256, bool *out, tq_err *err)
{
    if (store_engine_of(store_of(tx)) == STORE_PG) {
        int64_t size = -1;
        TQ_TRY(store_int(tx, STMT_BLOB_SIZE, ARGS(arg_blob(sha256.b, sizeof sha256.b)), -1, &size,
                         err));
        *out = size >= 0;
        return TQ_OK;
    }
    char folder[PATH_ROOM];
    char path[PATH_ROOM];
    path_of(store_of(tx), sha256, folder, path);
    *out = file_exists(path);
    return TQ_OK;
}

tq_code blob_get(store *s, digest sha256, arena *a, str *out, tq_err *err)
{
    str bytes = {0};
    TQ_TRY(store_engine_of(s) == STORE_PG ? blob_pg_get(s, sha256, a, &bytes, err)
                                          : file_get(s, sha256, a, &bytes, err));
    if (!digest_eq(hash_of(HASH_SHA256, bytes), sha256)) {
        return tq_fail(err, TQ_CORRUPT, "blob_hash", "blob",
                       "the stored file is not the one that was put there");
    }
    *out = bytes;
    return TQ_OK;
}

tq_code blob_remove(store *s, digest sha256, tq_err *err)
{
    if (store_engine_of(s) == STORE_PG) {
        return blob_pg_remove(s, sha256, err);
    }
    char folder[PATH_ROOM];
    char path[PATH_ROOM];
    path_of(s, sha256, folder, path);
    return file_remove(path, err);
}

/* The names of a folder that are `len` hex digits long, sorted; others (temporary files) are left out. */
typedef struct names {
    struct dirent **list;
    int n;
} names;

static void names_free(names *of)
{
    for (int i = 0; i < of->n; i++) {
        free(of->list[i]);
    }
    free(of->list);
    *of = (names){0};
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static tq_code names_read(const char *path, size_t len, names *out, tq_err *err)
{
    struct dirent **list = NULL;
    const int n = scandir(path, &list, NULL, by_bytes);
    if (n < 0) {
        return file_exists(path)
                   ? tq_fail(err, TQ_IO, "file_io", path, "the folder of files cannot be read")
                   : TQ_OK;
    }
    int kept = 0;
    for (int i = 0; i < n; i++) {
        const char *name = list[i]->d_name;
        if (strlen(name) == len && strspn(name, "0123456789abcdef") == len) {
            list[kept++] = list[i];
        } else {
            free(list[i]);
        }
    }
    *out = (names){list, kept};
    return TQ_OK;
}

static tq_code each_in_folder(const char *root, const char *head, blob_visitor each, void *ctx,
                              tq_err *err)
{
    char folder[PATH_ROOM];
    int n = snprintf(folder, sizeof folder, "%s/%s", root, head);
    TQ_ASSERT(n > 0 && n < PATH_ROOM);
    TQ_CLEANUP(names_free) names files = {0};
    TQ_TRY(names_read(folder, REST_LEN, &files, err));
    for (int i = 0; i < files.n; i++) {
        char path[PATH_ROOM + REST_LEN + 2];
        char hex[65];
        n = snprintf(path, sizeof path, "%s/%s", folder, files.list[i]->d_name);
        TQ_ASSERT(n > 0 && (size_t)n < sizeof path);
        n = snprintf(hex, sizeof hex, "%.2s%.62s", head, files.list[i]->d_name);
        TQ_ASSERT(n == 64);
        digest sha256;
        TQ_ASSERT(digest_from_hex(str_of(hex), &sha256));
        struct stat st;
        if (stat(path, &st) == 0) { /* one that was removed meanwhile is not there */
            TQ_TRY(each(ctx, sha256, (int64_t)st.st_size, err));
        }
    }
    return TQ_OK;
}

tq_code blob_each(store *s, blob_visitor each, void *ctx, tq_err *err)
{
    if (store_engine_of(s) == STORE_PG) {
        return blob_pg_each(s, each, ctx, err);
    }
    char root[PATH_ROOM];
    const int n = snprintf(root, sizeof root, "%s/blob", store_dir(s));
    TQ_ASSERT(n > 0 && n < PATH_ROOM);
    TQ_CLEANUP(names_free) names folders = {0};
    TQ_TRY(names_read(root, 2, &folders, err));
    for (int i = 0; i < folders.n; i++) {
        TQ_TRY(each_in_folder(root, folders.list[i]->d_name, each, ctx, err));
    }
    return TQ_OK;
}
