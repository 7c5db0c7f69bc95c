/* SPDX-License-Identifier: Apache-2.0 */
#include "powercut_vfs.h"

#include "base/attrs.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512
#define FILES_MAX 64

bool powercut_lying_sync;
bool powercut_lying_files;
_Atomic int powercut_fail_syncs;
_Atomic bool powercut_full;
_Atomic int powercut_short;

/* A write that no sync has followed. */
typedef struct pending {
    struct pending *next;
    sqlite3_int64 at; /* or the new size, where `bytes` is NULL */
    int len;
    char *bytes;
} pending;

/* One file of SQLite, whoever has it open. */
typedef struct disk_file {
    char name[PATH_MAX];
    int platter; /* -1: never synced */
    pending *first, **last;
} disk_file;

typedef struct cut_file {
    sqlite3_file base;
    disk_file *disk; /* NULL: a temporary file */
    sqlite3_file *real;
} cut_file;

static pthread_mutex_t disk_lock = PTHREAD_MUTEX_INITIALIZER;
static disk_file files[FILES_MAX];
static int n_files;
static char data_dir[PATH_MAX / 2], platter_dir[PATH_MAX / 2];
static sqlite3_vfs *under;

static void need(bool fine, const char *what)
{
    if (!fine) {
        (void)fprintf(stderr, "powercut: %s: %s\n", what, strerror(errno));
        abort();
    }
}

/* The same place under the platter; false where the path is not of the data folder. */
static bool platter_path(const char *path, char *out, size_t room)
{
    const size_t n = strlen(data_dir);
    if (strncmp(path, data_dir, n) != 0 || (path[n] != '/' && path[n] != '\0')) {
        return false;
    }
    const int len = snprintf(out, room, "%s%s", platter_dir, path + n);
    need(len > 0 && (size_t)len < room, "path");
    return true;
}

static disk_file *disk_of(const char *path)
{
    char target[PATH_MAX];
    if (path == NULL || !platter_path(path, target, sizeof target)) {
        return NULL;
    }
    for (int i = 0; i < n_files; i++) {
        if (strcmp(files[i].name, target) == 0) {
            return &files[i];
        }
    }
    need(n_files < FILES_MAX, "too many files");
    disk_file *f = &files[n_files++];
    (void)snprintf(f->name, sizeof f->name, "%s", target);
    f->platter = open(target, O_RDWR | O_CLOEXEC);
    f->last = &f->first;
    return f;
}

static void remember(disk_file *f, const void *bytes, int len, sqlite3_int64 at)
{
    pending *p = calloc(1, sizeof *p);
    need(p != NULL, "memory");
    *p = (pending){.at = at, .len = len};
    if (bytes != NULL) {
        p->bytes = malloc((size_t)len);
        need(p->bytes != NULL, "memory");
        memcpy(p->bytes, bytes, (size_t)len);
    }
    *f->last = p;
    f->last = &p->next;
}

static uint64_t dice(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static void put(int fd, const char *bytes, size_t len, sqlite3_int64 at)
{
    need(pwrite(fd, bytes, len, at) == (ssize_t)len, "write to the platter");
}

/* Some sectors of the write; with no seed all of it. */
static void settle_one(const disk_file *f, const pending *p, uint64_t *seed)
{
    if (p->bytes == NULL) {
        if (seed == NULL || dice(seed) % 2 == 0) {
            need(ftruncate(f->platter, p->at) == 0, "truncate on the platter");
        }
        return;
    }
    for (sqlite3_int64 from = 0; from < p->len;) {
        sqlite3_int64 to = ((p->at + from) / SECTOR + 1) * SECTOR - p->at;
        to = to > p->len ? p->len : to;
        if (seed == NULL || dice(seed) % 2 == 0) {
            put(f->platter, p->bytes + from, (size_t)(to - from), p->at + from);
        }
        from = to;
    }
}

static void settle(disk_file *f, uint64_t *seed)
{
    if (f->platter < 0 && f->first != NULL) {
        f->platter = open(f->name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        need(f->platter >= 0, f->name);
    }
    while (f->first != NULL) {
        pending *p = f->first;
        settle_one(f, p, seed);
        f->first = p->next;
        free(p->bytes);
        free(p);
    }
    f->last = &f->first;
}

/* --- files of SQLite ----------------------------------------------------------------------------- */

static cut_file *cut(sqlite3_file *f)
{
    return (cut_file *)f;
}

static int cut_close(sqlite3_file *f)
{
    sqlite3_file *real = cut(f)->real;
    const int rc = real->pMethods == NULL ? SQLITE_OK : real->pMethods->xClose(real);
    free(real);
    return rc;
}

static int cut_read(sqlite3_file *f, void *out, int n, sqlite3_int64 at)
{
    return cut(f)->real->pMethods->xRead(cut(f)->real, out, n, at);
}

static bool take_one(_Atomic int *left)
{
    int n = *left;
    while (n > 0) {
        if (atomic_compare_exchange_weak(left, &n, n - 1)) {
            return true;
        }
    }
    return false;
}

static int cut_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
    cut_file *c = cut(f);
    if (c->disk != NULL && powercut_full) {
        return SQLITE_FULL;
    }
    const bool half = c->disk != NULL && take_one(&powercut_short);
    const int len = half ? n / 2 : n;
    (void)pthread_mutex_lock(&disk_lock);
    const int rc = c->real->pMethods->xWrite(c->real, bytes, len, at);
    if (rc == SQLITE_OK && c->disk != NULL && len > 0) {
        remember(c->disk, bytes, len, at);
    }
    (void)pthread_mutex_unlock(&disk_lock);
    return half ? SQLITE_IOERR_WRITE : rc;
}

static int cut_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    cut_file *c = cut(f);
    (void)pthread_mutex_lock(&disk_lock);
    const int rc = c->real->pMethods->xTruncate(c->real, size);
    if (rc == SQLITE_OK && c->disk != NULL) {
        remember(c->disk, NULL, 0, size);
    }
    (void)pthread_mutex_unlock(&disk_lock);
    return rc;
}

static int cut_sync(sqlite3_file *f, int flags)
{
    cut_file *c = cut(f);
    (void)flags;
    if (c->disk == NULL) {
        return SQLITE_OK;
    }
    if (take_one(&powercut_fail_syncs)) {
        return SQLITE_IOERR_FSYNC;
    }
    (void)pthread_mutex_lock(&disk_lock);
    if (!powercut_lying_sync) {
        settle(c->disk, NULL);
    }
    (void)pthread_mutex_unlock(&disk_lock);
    return SQLITE_OK;
}

static int cut_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return cut(f)->real->pMethods->xFileSize(cut(f)->real, size);
}

static int cut_lock(sqlite3_file *f, int level)
{
    return cut(f)->real->pMethods->xLock(cut(f)->real, level);
}

static int cut_unlock(sqlite3_file *f, int level)
{
    return cut(f)->real->pMethods->xUnlock(cut(f)->real, level);
}

static int cut_reserved(sqlite3_file *f, int *out)
{
    return cut(f)->real->pMethods->xCheckReservedLock(cut(f)->real, out);
}

static int cut_control(sqlite3_file *f, int op, void *arg)
{
    return cut(f)->real->pMethods->xFileControl(cut(f)->real, op, arg);
}

static int cut_sector(sqlite3_file *f)
{
    return cut(f)->real->pMethods->xSectorSize(cut(f)->real);
}

static int cut_traits(sqlite3_file *f)
{
    return cut(f)->real->pMethods->xDeviceCharacteristics(cut(f)->real);
}

static int cut_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return cut(f)->real->pMethods->xShmMap(cut(f)->real, page, size, extend, out);
}

static int cut_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    return cut(f)->real->pMethods->xShmLock(cut(f)->real, at, n, flags);
}

static void cut_shm_barrier(sqlite3_file *f)
{
    cut(f)->real->pMethods->xShmBarrier(cut(f)->real);
}

static int cut_shm_unmap(sqlite3_file *f, int delete_it)
{
    return cut(f)->real->pMethods->xShmUnmap(cut(f)->real, delete_it);
}

/* Version 2: no memory-mapped reads, so that every byte goes through here. */
static const sqlite3_io_methods cut_methods = {
    .iVersion = 2,
    .xClose = cut_close,
    .xRead = cut_read,
    .xWrite = cut_write,
    .xTruncate = cut_truncate,
    .xSync = cut_sync,
    .xFileSize = cut_size,
    .xLock = cut_lock,
    .xUnlock = cut_unlock,
    .xCheckReservedLock = cut_reserved,
    .xFileControl = cut_control,
    .xSectorSize = cut_sector,
    .xDeviceCharacteristics = cut_traits,
    .xShmMap = cut_shm_map,
    .xShmLock = cut_shm_lock,
    .xShmBarrier = cut_shm_barrier,
    .xShmUnmap = cut_shm_unmap,
};

static int cut_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
    cut_file *c = cut(f);
    (void)vfs;
    *c = (cut_file){.real = calloc(1, (size_t)under->szOsFile)};
    need(c->real != NULL, "memory");
    const int rc = under->xOpen(under, name, c->real, flags, out);
    if (c->real->pMethods == NULL) {
        free(c->real);
        return rc;
    }
    (void)pthread_mutex_lock(&disk_lock);
    c->disk = disk_of(name);
    (void)pthread_mutex_unlock(&disk_lock);
    c->base.pMethods = &cut_methods;
    return rc;
}

static int cut_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    char target[PATH_MAX];
    (void)vfs;
    (void)pthread_mutex_lock(&disk_lock);
    const int rc = under->xDelete(under, name, 0);
    if (rc == SQLITE_OK && sync_dir != 0 && platter_path(name, target, sizeof target)) {
        (void)unlink(target);
    }
    (void)pthread_mutex_unlock(&disk_lock);
    return rc;
}

/* --- other files ----------------------------------------------------------------------------------- */

static void waiting_name(char *out, size_t room, const struct stat *st)
{
    (void)snprintf(out, room, "%s.synced/%llu", platter_dir, (unsigned long long)st->st_ino);
}

static void copy_file(const char *from, const char *to)
{
    char bytes[65536];
    const int in = open(from, O_RDONLY | O_CLOEXEC);
    const int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    need(in >= 0 && out >= 0, from);
    for (ssize_t n; (n = read(in, bytes, sizeof bytes)) > 0;) {
        need(write(out, bytes, (size_t)n) == n, to);
    }
    (void)close(in);
    (void)close(out);
}

/* The names of a folder become what they are now. A file that was never synced
 * itself is not there after the cut. */
static void folder_synced(const char *folder, const char *target)
{
    DIR *d = opendir(folder);
    need(d != NULL, folder);
    (void)mkdir(target, 0700);
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        char from[PATH_MAX + 300], to[PATH_MAX + 300], waiting[PATH_MAX + 40];
        struct stat st;
        (void)snprintf(from, sizeof from, "%s/%s", folder, e->d_name);
        (void)snprintf(to, sizeof to, "%s/%s", target, e->d_name);
        if (e->d_name[0] == '.' || strncmp(e->d_name, "tongquan.db", 11) == 0 ||
            stat(from, &st) != 0) {
            continue;
        }
        if (S_ISDIR(st.st_mode)) {
            (void)mkdir(to, 0700);
            continue;
        }
        waiting_name(waiting, sizeof waiting, &st);
        if (access(waiting, F_OK) == 0) {
            (void)unlink(to);
            need(link(waiting, to) == 0 || errno == EEXIST, to);
        }
    }
    (void)closedir(d);
}

static void one_synced(const char *path, const struct stat *st)
{
    char target[PATH_MAX], waiting[PATH_MAX + 40];
    waiting_name(waiting, sizeof waiting, st);
    (void)unlink(waiting); /* of an older file that had this inode */
    copy_file(path, waiting);
    if (platter_path(path, target, sizeof target) && access(target, F_OK) == 0) {
        need(unlink(target) == 0 && link(waiting, target) == 0, target); /* its name is durable */
    }
}

/* The hook is told the name that a file shall get; its bytes still lie under NAME.*.tmp. */
static bool temporary_of(const char *path, char *out, size_t room)
{
    const char *slash = strrchr(path, '/');
    const size_t n = strlen(slash + 1);
    bool found = false;
    (void)snprintf(out, room, "%.*s", (int)(slash - path), path);
    DIR *d = opendir(out);
    need(d != NULL, out);
    for (const struct dirent *e; !found && (e = readdir(d)) != NULL;) {
        const size_t len = strlen(e->d_name);
        found = len > n + 4 && strncmp(e->d_name, slash + 1, n) == 0 &&
                strcmp(e->d_name + len - 4, ".tmp") == 0;
        if (found) {
            (void)snprintf(out, room, "%.*s/%s", (int)(slash - path), path, e->d_name);
        }
    }
    (void)closedir(d);
    return found;
}

static void path_synced(const char *path)
{
    char target[PATH_MAX], temporary[PATH_MAX];
    struct stat st;
    if (!platter_path(path, target, sizeof target)) {
        return;
    }
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        folder_synced(path, target);
    } else if (temporary_of(path, temporary, sizeof temporary) && stat(temporary, &st) == 0) {
        one_synced(temporary, &st);
    } else if (stat(path, &st) == 0) {
        one_synced(path, &st);
    }
}

static int file_synced(const char *path)
{
    (void)pthread_mutex_lock(&disk_lock);
    if (!powercut_lying_files) {
        path_synced(path);
    }
    (void)pthread_mutex_unlock(&disk_lock);
    return 0;
}

/* --- the disk ---------------------------------------------------------------------------------------- */

void powercut_begin(const char *dir, const char *platter)
{
    static sqlite3_vfs vfs;
    char waiting[PATH_MAX];
    (void)snprintf(data_dir, sizeof data_dir, "%s", dir);
    (void)snprintf(platter_dir, sizeof platter_dir, "%s", platter);
    (void)snprintf(waiting, sizeof waiting, "%s.synced", platter);
    need(mkdir(waiting, 0700) == 0 || errno == EEXIST, waiting);
    under = sqlite3_vfs_find(NULL);
    need(under != NULL, "no VFS");
    vfs = *under;
    vfs.zName = "powercut";
    vfs.szOsFile = (int)sizeof(cut_file);
    vfs.pNext = NULL;
    vfs.xOpen = cut_open;
    vfs.xDelete = cut_delete;
    need(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK, "register");
    file_sync_hook = file_synced;
}

_Noreturn void powercut_now(powercut_keep keep, uint64_t seed)
{
    (void)pthread_mutex_lock(&disk_lock);
    for (int i = 0; keep == KEEP_SECTORS && i < n_files; i++) {
        settle(&files[i], &seed);
    }
    _exit(0);
}
