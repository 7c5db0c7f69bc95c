/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int set_lock(int fd, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
    int rc;
    do {
        rc = fcntl(fd, F_OFD_SETLK, &lock);
    } while (rc != 0 && errno == EINTR);
    return rc;
}

/* The holder writes its pid into the file; an OFD lock itself has no owner to ask for. */
static long holder_of(int fd)
{
    char text[24] = {0};
    const ssize_t n = pread(fd, text, sizeof text - 1, 0);
    long long pid = 0;
    if (n > 1 && text[n - 1] == '\n') {
        (void)str_int64((str){text, (size_t)n - 1}, &pid);
    }
    return (long)pid;
}

static bool pid_write(int fd)
{
    char text[24];
    const int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    return ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) == len;
}

tq_code file_lock(const char *path, int *fd_out, tq_err *err)
{
    TQ_ASSERT(path != NULL);
    TQ_ASSERT(fd_out != NULL);
    char text[128];
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return tq_fail(err, TQ_IO, "file_io", path, "cannot open the lock file: %s",
                       strerror_r(errno, text, sizeof text));
    }
    if (set_lock(fd, F_WRLCK) != 0) {
        const int why = errno;
        const long pid = holder_of(fd);
        (void)close(fd);
        if (why != EAGAIN && why != EACCES) {
            return tq_fail(err, TQ_IO, "file_io", path, "cannot lock the file: %s",
                           strerror_r(why, text, sizeof text));
        }
        return pid > 0 ? tq_fail(err, TQ_LOCKED, "locked", path,
                                 "process %ld holds the lock; stop it first", pid)
                       : tq_fail(err, TQ_LOCKED, "locked", path,
                                 "another process holds the lock; stop it first");
    }
    if (!pid_write(fd)) {
        const int why = errno;
        (void)close(fd);
        return tq_fail(err, TQ_IO, why == ENOSPC ? "disk_full" : "file_io", path,
                       "cannot write the lock file: %s", strerror_r(why, text, sizeof text));
    }
    *fd_out = fd;
    return TQ_OK;
}

void file_unlock(int fd)
{
    TQ_ASSERT(fd >= 0);
    /* Unlocked by name: a child forked meanwhile would keep the lock alive past close. */
    (void)set_lock(fd, F_UNLCK);
    (void)close(fd);
}
