/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CONFINED_H
#define TQ_CONFINED_H

/* Runs a program on a stranger's file so that, were the program taken over, nothing would follow.
 *
 * The child starts with an empty environment, null input and output, no other open file, an end
 * when this process ends, and limits on processor, memory, file size, files and processes. A
 * seccomp filter that is installed before the program starts lets it read, write, map memory and
 * little else: there is no network, no other process and no second program. Where the kernel has
 * Landlock (5.13), files outside the system's libraries, fonts and the job's own folder cannot be
 * opened, and only that folder can be written; an older kernel leaves this part to the user under
 * which the server runs.
 *
 * A step of the confinement that fails ends the child before the program starts.
 *
 * The call takes as long as the child, at most wall_ms_max; it leaves no child behind. */

#include "base/err.h"
#include "base/str.h"
#include <stdint.h>

typedef struct confined_job {
    const char *program;     /* absolute path of an ELF program */
    const char *const *args; /* from the program's name on, NULL at the end; few and short */
    const char *folder;      /* where it runs, the one place that it may write */
    int cpu_seconds;
    int wall_ms_max;
    size_t memory_bytes_max; /* of address space */
    size_t file_bytes_max;   /* of any one file it writes */
} confined_job;

typedef enum confined_end {
    CONFINED_EXITED,        /* by itself, with `status` */
    CONFINED_OUT_OF_LIMITS, /* processor time or file size */
    CONFINED_FORBIDDEN,     /* it asked the kernel for what no reader of a file needs: an attack */
    CONFINED_CRASHED,
    CONFINED_TIMED_OUT, /* on the wall's clock; a busy machine can be the reason */
} confined_end;

typedef struct confined_result {
    confined_end end;
    int status;    /* CONFINED_EXITED: exit status; else the signal */
    bool landlock; /* the kernel confined its files too */
} confined_result;

/* NOT_FOUND/no_program; BUSY/no_process where the machine has no process or memory to spare;
 * IO/confinement where a step of the confinement failed. */
TQ_MUST_CHECK tq_code confined_run(const confined_job *job, confined_result *out, tq_err *err);

#endif
