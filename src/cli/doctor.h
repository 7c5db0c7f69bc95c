/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_DOCTOR_H
#define TQ_DOCTOR_H

/* Findings of `doctor`: is this installation fit to serve? `bad` must be mended first, `warn` should be. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/day.h"

#define DOCTOR_FINDINGS_MAX 32

typedef enum doctor_state { DOCTOR_OK, DOCTOR_WARN, DOCTOR_BAD } doctor_state;

typedef struct doctor_finding {
    const char *name; /* token: folder disk schema … */
    doctor_state state;
    char detail[256]; /* one lower-case sentence; no personal data */
} doctor_finding;

typedef struct doctor {
    doctor_finding list[DOCTOR_FINDINGS_MAX];
    int n;
    bool bad;
} doctor;

void doctor_say(doctor *d, const char *name, doctor_state state, const char *fmt, ...) TQ_PRINTF(4, 5);

/* What can be seen without opening the store (doctor_host.c): rights of the folder, room on the disk, the
 * program and the fonts that draw page images, and the age of the last backup. */
void doctor_folder(doctor *d, const char *dir);
void doctor_disk(doctor *d, const char *dir);
void doctor_tools(doctor *d);
void doctor_backup(doctor *d, const char *dir, instant now, arena *a);

/* DIR/backup.last, which `backup` writes when it has ended well: one instant in a line. */
TQ_MUST_CHECK tq_code doctor_backup_note(const char *dir, instant at, arena *a, tq_err *err);

#endif
