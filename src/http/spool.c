/* SPDX-License-Identifier: Apache-2.0 */
#include "http/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

#define FOLDER_MAX 4000

struct spool {
    atomic_ullong next;
    char folder[];
};

static bool is_ours(const char *name)
{
    const size_t len = strlen(name);
    return len > 5 && strcmp(name + len - 5, ".part") == 0;
}

/* Only files of our own making go: a wrongly named folder must not be emptied of somebody's
 * papers. */
static tq_code sweep(const char *folder, tq_err *err)
{
    DIR *d = opendir(folder);
    if (d == NULL) {
        return tq_fail(err, TQ_IO, "spool", "spool", "the folder for uploads cannot be read");
    }
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (is_ours(e->d_name)) {
            (void)unlinkat(dirfd(d), e->d_name, 0); /* one that stays is found at the next start */
        }
    }
    (void)closedir(d); /* only read */
    return TQ_OK;
}

tq_code spool_open(const char *folder, spool **out, tq_err *err)
{
    TQ_ASSERT(folder != NULL);
    const size_t len = strlen(folder);
    if (len == 0 || len > FOLDER_MAX) {
        return tq_fail(err, TQ_INVALID, "spool", "spool",
                       "the folder for uploads needs a shorter name");
    }
    TQ_TRY(dir_make(folder, 0700, err));
    TQ_TRY(sweep(folder, err));
    spool *s = calloc(1, sizeof *s + len + 1);
    TQ_ASSERT(s != NULL);
    memcpy(s->folder, folder, len + 1);
    *out = s;
    return TQ_OK;
}

void spool_free(spool *s)
{
    free(s);
}

bool spool_begin(spool *s, arena *a, spool_file *f)
{
    TQ_ASSERT(f->fd == -1);
    /* Numbers are of this process; O_EXCL keeps a second server on the folder from mixing files. */
    const unsigned long long n = atomic_fetch_add(&s->next, 1);
    const char *path = arena_printf(a, "%s/%ld-%llu.part", s->folder, (long)getpid(), n).data;
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return false;
    }
    f->path = path;
    f->fd = fd;
    f->bytes = 0;
    if (f->sum == NULL) {
        f->sum = hasher_new(HASH_SHA256);
    }
    return true;
}

/* Hashed on the way, so that the bytes need not be read again. Written without a sync: what is
 * to last is stored by the application, which syncs its own copy. */
bool spool_add(spool_file *f, str bytes)
{
    TQ_ASSERT(f->fd >= 0);
    hasher_add(f->sum, bytes);
    while (bytes.len > 0) {
        const ssize_t n = write(f->fd, bytes.data, bytes.len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes.data += n;
        bytes.len -= (size_t)n;
        f->bytes += n;
    }
    return true;
}

bool spool_end(spool_file *f, char sha256[65])
{
    TQ_ASSERT(f->fd >= 0);
    digest_hex(hasher_end(f->sum), sha256);
    const int rc = close(f->fd);
    f->fd = -1;
    return rc == 0; /* a network folder may refuse only now */
}

void spool_drop(spool_file *f)
{
    if (f->fd >= 0) {
        (void)close(f->fd); /* it is to be removed */
        f->fd = -1;
    }
    hasher_free(f->sum);
    f->sum = NULL;
}

void spool_remove(const char *path)
{
    (void)unlink(
        path); /* absent: the application took it; other faults are swept at the next start */
}
