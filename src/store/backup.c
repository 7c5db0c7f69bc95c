/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "store/blob.h"
#include "store/bundle.h"

#define DB_NAME "tongquan.db"
#define BUNDLE_NAME "site.bundle"
#define COMPLETE_NAME "COMPLETE"
#define PAGES_STEP 1024
#define SMALL_MAX ((size_t)64 * 1024 * 1024)

static const char *const small_files[] = {"checkpoint.pub", "checkpoints.log"};

static const char *in_folder(arena *a, const char *dir, const char *name)
{
    TQ_ASSERT(dir != NULL);
    return arena_printf(a, "%s/%s", dir, name).data;
}

/* Makes the folder; refuses one with anything in it. */
static tq_code empty_folder(const char *path, tq_err *err)
{
    TQ_TRY(dir_make(path, 0700, err));
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return tq_fail(err, TQ_IO, "folder", path, "the folder cannot be read");
    }
    bool empty = true;
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        empty = empty && (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0);
    }
    (void)closedir(dir); /* only read */
    return empty
               ? TQ_OK
               : tq_fail(err, TQ_CONFLICT, "not_empty", path, "give a folder that is new or empty");
}

static tq_code copy_small(const char *from, const char *to, const char *name, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("backup file", 2 * SMALL_MAX);
    const char *path = in_folder(a, from, name);
    str bytes = {0};
    if (!file_exists(path)) {
        return TQ_OK;
    }
    TQ_TRY(file_read(path, SMALL_MAX, a, &bytes, err));
    return file_write_durable(in_folder(a, to, name), bytes, 0644, err);
}

static tq_code db_failed(sqlite3 *db, tq_err *err, const char *path)
{
    return tq_fail(err, TQ_STORE, "backup_copy", path, "%s",
                   db == NULL ? "no memory" : sqlite3_errmsg(db));
}

static tq_code db_steps(sqlite3 *to, sqlite3 *from, const char *path, tq_err *err)
{
    sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
    if (b == NULL) {
        return db_failed(to, err, path);
    }
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK) {
        rc = sqlite3_backup_step(b, -1); /* in one read transaction: readers never stop a writer */
    }
    (void)sqlite3_backup_finish(b); /* its failure is that of the step */
    return rc == SQLITE_DONE ? TQ_OK : db_failed(to, err, path);
}

static tq_code sync_file(const char *path, tq_err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const bool fine = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) {
        (void)close(fd); /* only read */
    }
    return fine ? TQ_OK : tq_fail(err, TQ_IO, "sync", path, "%s", strerror(errno));
}

static tq_code copy_db(const char *from_path, const char *to_path, tq_err *err)
{
    sqlite3 *from = NULL;
    sqlite3 *to = NULL;
    tq_code code = TQ_OK;
    if (sqlite3_open_v2(from_path, &from, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
        sqlite3_busy_timeout(from, 10000) != SQLITE_OK) {
        code = db_failed(from, err, from_path);
    } else if (sqlite3_open_v2(to_path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
               SQLITE_OK) {
        code = db_failed(to, err, to_path);
    } else {
        code = db_steps(to, from, to_path, err);
    }
    if (sqlite3_close(to) != SQLITE_OK && code == TQ_OK) {
        code = db_failed(to, err, to_path);
    }
    (void)sqlite3_close(from); /* only read */
    TQ_TRY(code);
    return sync_file(to_path, err);
}

typedef struct blob_copy {
    store *from;
    const char *target;
    store *to; /* NULL: files under target */
} blob_copy;

static tq_code copy_blob(void *ctx, digest sha256, int64_t size, tq_err *err)
{
    const blob_copy *c = ctx;
    (void)size;
    ARENA_AUTO arena *a = arena_new("blob", BLOB_MAX + 1024 * 1024);
    str bytes = {0};
    digest stored;
    TQ_TRY(blob_get(c->from, sha256, a, &bytes, err));
    TQ_TRY(blob_put(c->to, bytes, &stored, err));
    TQ_ASSERT(digest_eq(stored, sha256));
    return TQ_OK;
}

/* R-ACCESS-100: a copy knows nobody who was logged in, and no link that was out. */
static tq_code forget_callers(store *s, tq_err *err)
{
    static const store_stmt forgets[] = {STMT_SESSION_FORGET, STMT_PASSWORD_LINK_FORGET,
                                         STMT_INVITATION_FORGET, STMT_OUTSIDE_VISIT_FORGET};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(s, STORE_WRITE, &tx, err));
    for (size_t i = 0; i < TQ_COUNT(forgets); i++) {
        TQ_TRY(store_run(tx, forgets[i], NO_ARGS, NULL, err));
    }
    return store_commit(&tx, err);
}

/* The copied database is opened for a moment, so that blobs go the store's own durable way. */
static tq_code copy_blobs(store *from, const char *target, tq_err *err)
{
    const store_options o = {.dir = target};
    store *to = NULL;
    TQ_TRY(store_open(&o, &to, err));
    blob_copy c = {from, target, to};
    tq_code code = blob_each(from, copy_blob, &c, err);
    if (code == TQ_OK) {
        code = forget_callers(to, err);
    }
    store_close(to);
    return code;
}

static tq_code complete(const char *target, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("path", 64 * 1024);
    return file_write_durable(in_folder(a, target, COMPLETE_NAME), STR("tongquan backup 1\n"), 0644,
                              err);
}

tq_code backup_make(store *s, const char *target, tq_err *err)
{
    TQ_ASSERT(s != NULL);
    TQ_ASSERT(target != NULL);
    ARENA_AUTO arena *a = arena_new("path", 64 * 1024);
    TQ_TRY(empty_folder(target, err));
    TQ_TRY(store_flush(s, err));
    if (store_engine_of(s) == STORE_PG) {
        TQ_TRY(bundle_export(s, in_folder(a, target, BUNDLE_NAME), err));
        return complete(target, err);
    }
    for (size_t i = 0; i < TQ_COUNT(small_files); i++) {
        TQ_TRY(copy_small(store_dir(s), target, small_files[i], err));
    }
    TQ_TRY(copy_db(in_folder(a, store_dir(s), DB_NAME), in_folder(a, target, DB_NAME), err));
    TQ_TRY(dir_sync(target, err));
    TQ_TRY(copy_blobs(s, target, err));
    return complete(target, err);
}

static tq_code restore_files(const char *source, const store_options *o, tq_err *err)
{
    ARENA_AUTO arena *a = arena_new("path", 64 * 1024);
    TQ_TRY(copy_db(in_folder(a, source, DB_NAME), in_folder(a, o->dir, DB_NAME), err));
    TQ_TRY(dir_sync(o->dir, err));
    const store_options from = {.dir = source, .read_only = true};
    store *old = NULL;
    TQ_TRY(store_open(&from, &old, err));
    tq_code code = copy_blobs(old, o->dir, err);
    store_close(old);
    for (size_t i = 0; i < TQ_COUNT(small_files) && code == TQ_OK; i++) {
        code = copy_small(source, o->dir, small_files[i], err);
    }
    return code;
}

static tq_code restore_bundle(const char *bundle, const store_options *o, tq_err *err)
{
    store_options make = *o;
    store *s = NULL;
    make.create = true;
    make.bulk = true;
    TQ_TRY(store_open(&make, &s, err));
    const tq_code code = bundle_import(s, bundle, err);
    store_close(s);
    return code;
}

tq_code backup_restore(const char *source, const store_options *o, verify_report *report,
                       tq_err *err)
{
    TQ_ASSERT(source != NULL);
    TQ_ASSERT(o != NULL);
    TQ_ASSERT(o->dir != NULL);
    ARENA_AUTO arena *a = arena_new("path", 64 * 1024);
    if (!file_exists(in_folder(a, source, COMPLETE_NAME))) {
        return tq_fail(err, TQ_NOT_FOUND, "no_backup", source,
                       "the folder holds no complete backup");
    }
    const char *bundle = in_folder(a, source, BUNDLE_NAME);
    const bool is_bundle = file_exists(bundle);
    if (o->pg_uri != NULL && !is_bundle) {
        return tq_fail(
            err, TQ_USAGE, "engine", source,
            "this backup is of the other engine; restore it, then export and import a bundle");
    }
    TQ_TRY(empty_folder(o->dir, err));
    TQ_TRY(is_bundle ? restore_bundle(bundle, o, err) : restore_files(source, o, err));
    if (report == NULL) {
        return TQ_OK;
    }
    store_options open = {.dir = o->dir, .pg_uri = o->pg_uri};
    store *s = NULL;
    TQ_TRY(store_open(&open, &s, err));
    const tq_code code = verify_run(s, NULL, report, err);
    store_close(s);
    return code;
}
