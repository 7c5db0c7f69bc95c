/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CONFINED_FILTER_H
#define TQ_CONFINED_FILTER_H

/* What a confined child may ask of the kernel: the seccomp filter, and Landlock rules for files. */

#include "base/err.h"
#include <linux/filter.h>
#include <linux/seccomp.h>

#define CONFINED_FILTER_MAX 1024
#define CONFINED_PROGRAM_FD 500 /* where the child holds its program, open until it has started */

typedef struct confined_filter {
    unsigned short n;
    struct sock_filter code[CONFINED_FILTER_MAX];
} confined_filter;

/* The filter, for a child that starts its program by execveat(CONFINED_PROGRAM_FD, empty, …,
 * AT_EMPTY_PATH): that call alone is let through. It cannot be made a second time. The program's
 * memory is new: it does not know the address of `empty`, a wrong guess kills it, and were it to
 * map a path of its own there, no file in it can have that number (RLIMIT_NOFILE).
 * IO/confinement. */
TQ_MUST_CHECK tq_code confined_filter_make(const char *empty, confined_filter *out, tq_err *err);

/* Version of the kernel's Landlock, 0 where it has none. */
int confined_landlock_abi(void);
/* In the child, safe after a fork: from here on only the system's libraries and fonts can be
 * read, only the program and the loader be started, only the folder be written. True where the
 * kernel has no Landlock. */
bool confined_landlock(const char *folder, int program_fd);

#endif
