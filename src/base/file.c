/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

int (*file_sync_hook)(const char *path) = NULL;

#define FILE_CHUNK 65536

static tq_code io_fail(tq_err *err, const char *path, const char *doing)
{
    const int why = errno;
    char text[128];
    const char *reason = why == ENOENT                    ? "file_absent"
                         : why == ENOSPC || why == EDQUOT ? "disk_full"
                         : why == EACCES || why == EPERM  ? "file_access"
                                                          : "file_io";
    return tq_fail(err, why == ENOENT ? TQ_NOT_FOUND : TQ_IO, reason, path, "cannot %s: %s", doing,
                   strerror_r(why, text, sizeof text));
}

/* After a failed sync nobody knows what is on the disk, so nothing more may be acknowledged. */
TQ_NORETURN static void sync_lost(const char *path, int why)
{
    char text[128];
    (void)fprintf(stderr, "tongquan: sync of %s failed: %s; stopping\n", path,
                  strerror_r(why, text, sizeof text));
    _exit(1);
}

static void sync_or_stop(int fd, const char *path, bool folder)
{
    const int injected = file_sync_hook == NULL ? 0 : file_sync_hook(path);
    if (injected != 0) {
        sync_lost(path, injected);
    }
    /* Some file systems have nothing to sync for a folder and say EINVAL. */
    if (fsync(fd) != 0 && !(folder && errno == EINVAL)) {
        sync_lost(path, errno);
    }
}

static int open_retry(const char *path, int flags, mode_t mode)
{
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static bool write_all(int fd, str bytes)
{
    size_t done = 0;
    while (done < bytes.len) {
        const ssize_t n = write(fd, bytes.data + done, bytes.len - done);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}

tq_code file_read(const char *path, size_t bytes_max, arena *a, str *out, tq_err *err)
{
    TQ_ASSERT(path != NULL);
    TQ_ASSERT(out != NULL);
    TQ_ASSERT(bytes_max < SIZE_MAX);
    const int fd = open_retry(path, O_RDONLY, 0);
    if (fd < 0) {
        return io_fail(err, path, "open the file");
    }
    struct stat st;
    BUF_AUTO buf content = buf_max(bytes_max + 1);
    char *chunk = malloc(FILE_CHUNK);
    ssize_t n = chunk != NULL && fstat(fd, &st) == 0 ? 1 : -1;
    const bool too_large = n == 1 && S_ISREG(st.st_mode) && (uint64_t)st.st_size > bytes_max;
    while (n > 0 && !too_large && content.len <= bytes_max && buf_ok(&content)) {
        n = read(fd, chunk, FILE_CHUNK);
        if (n > 0) {
            buf_add(&content, chunk, (size_t)n);
        } else if (n < 0 && errno == EINTR) {
            n = 1;
        }
    }
    free(chunk);
    const int why = errno;
    (void)close(fd);
    if (n < 0) {
        errno = why;
        return io_fail(err, path, "read the file");
    }
    if (too_large || !buf_ok(&content) || content.len > bytes_max || arena_left(a) <= content.len) {
        return tq_fail(err, TQ_LIMIT, "file_size", path, "the file is larger than %zu bytes",
                       bytes_max);
    }
    *out = arena_copy(a, buf_view(&content));
    return TQ_OK;
}

static void folder_of(const char *path, char out[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    const size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    TQ_ASSERT(len < PATH_MAX);
    if (slash == NULL) {
        memcpy(out, ".", 2);
    } else if (len == 0) {
        memcpy(out, "/", 2);
    } else {
        memcpy(out, path, len);
        out[len] = '\0';
    }
}

static tq_code folder_open(const char *path, int *fd, tq_err *err)
{
    *fd = open_retry(path, O_RDONLY | O_DIRECTORY, 0);
    return *fd < 0 ? io_fail(err, path, "open the folder") : TQ_OK;
}

static void folder_sync_close(int fd, const char *path)
{
    sync_or_stop(fd, path, true);
    (void)close(fd);
}

tq_code dir_sync(const char *path, tq_err *err)
{
    int fd;
    TQ_TRY(folder_open(path, &fd, err));
    folder_sync_close(fd, path);
    return TQ_OK;
}

static tq_code path_check(const char *path, tq_err *err)
{
    TQ_ASSERT(path != NULL);
    if (path[0] == '\0' || strnlen(path, PATH_MAX) >= PATH_MAX - 64) {
        return tq_fail(err, TQ_INVALID, "path", "path", "the path is empty or too long");
    }
    return TQ_OK;
}

/* Writes, syncs and renames; false with errno, and without litter. */
static bool replace(const char *path, str bytes, unsigned mode)
{
    static _Atomic unsigned long serial;
    char temporary[PATH_MAX];
    (void)snprintf(temporary, sizeof temporary, "%s.%ld-%lu.tmp", path, (long)getpid(),
                   atomic_fetch_add(&serial, 1));
    const int fd = open_retry(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, (mode_t)mode);
    if (fd < 0) {
        return false;
    }
    bool good = write_all(fd, bytes);
    if (good) {
        sync_or_stop(fd, path, false);
    }
    int why = errno;
    (void)close(fd);
    if (good && rename(temporary, path) != 0) {
        good = false;
        why = errno;
    }
    if (!good) {
        (void)unlink(temporary); /* the old content stands; a left-over would only be litter */
    }
    errno = why;
    return good;
}

tq_code file_write_durable(const char *path, str bytes, unsigned mode, tq_err *err)
{
    TQ_TRY(path_check(path, err));
    char folder[PATH_MAX];
    folder_of(path, folder);
    int folder_fd; /* opened first: after the rename nothing may fail but a sync */
    TQ_TRY(folder_open(folder, &folder_fd, err));
    if (!replace(path, bytes, mode)) {
        const tq_code code = io_fail(err, path, "write the file");
        (void)close(folder_fd);
        return code;
    }
    folder_sync_close(folder_fd, folder);
    return TQ_OK;
}

/* Says in `fresh` whether the file was made by this call. */
static int open_append(const char *path, unsigned mode, bool *fresh)
{
    for (;;) {
        *fresh = false;
        int fd = open_retry(path, O_WRONLY | O_APPEND, 0);
        if (fd >= 0 || errno != ENOENT) {
            return fd;
        }
        *fresh = true;
        fd = open_retry(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL, (mode_t)mode);
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
    }
}

/* Adds and syncs; false with errno, the file as it was. */
static bool append(int fd, const char *path, str bytes)
{
    struct stat before;
    if (fstat(fd, &before) != 0) {
        return false;
    }
    if (!write_all(fd, bytes)) {
        const int why = errno;
        /* Half a record would be read as one: back to the old end, or nothing is known. */
        if (ftruncate(fd, before.st_size) != 0) {
            sync_lost(path, errno);
        }
        errno = why;
        return false;
    }
    sync_or_stop(fd, path, false);
    return true;
}

tq_code file_append_durable(const char *path, str bytes, unsigned mode, tq_err *err)
{
    TQ_TRY(path_check(path, err));
    char folder[PATH_MAX];
    folder_of(path, folder);
    int folder_fd; /* opened first: once the record is there nothing may fail but a sync */
    TQ_TRY(folder_open(folder, &folder_fd, err));
    bool fresh = false;
    const int fd = open_append(path, mode, &fresh);
    if (fd < 0 || !append(fd, path, bytes)) {
        const tq_code code = io_fail(err, path, "write the file");
        (void)close(folder_fd);
        if (fd >= 0) {
            (void)close(fd);
        }
        return code;
    }
    (void)close(fd);
    if (fresh) {
        sync_or_stop(folder_fd, folder, true);
    }
    (void)close(folder_fd);
    return TQ_OK;
}

static tq_code dir_make_one(const char *path, unsigned mode, tq_err *err)
{
    if (mkdir(path, (mode_t)mode) == 0) {
        char parent[PATH_MAX];
        folder_of(path, parent);
        return dir_sync(parent, err);
    }
    struct stat st;
    if (errno == EEXIST && stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode)) {
            return TQ_OK;
        }
        errno = ENOTDIR;
    }
    return io_fail(err, path, "make the folder");
}

tq_code dir_make(const char *path, unsigned mode, tq_err *err)
{
    TQ_TRY(path_check(path, err));
    char part[PATH_MAX];
    size_t len = strlen(path);
    memcpy(part, path, len + 1);
    while (len > 1 && part[len - 1] == '/') {
        part[--len] = '\0';
    }
    for (size_t i = 1; i < len; i++) {
        if (part[i] == '/' && part[i - 1] != '/') {
            part[i] = '\0';
            TQ_TRY(dir_make_one(part, mode, err));
            part[i] = '/';
        }
    }
    return dir_make_one(part, mode, err);
}

bool file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

tq_code file_remove(const char *path, tq_err *err)
{
    if (unlink(path) != 0 && errno != ENOENT) {
        return io_fail(err, path, "remove the file");
    }
    return TQ_OK;
}
