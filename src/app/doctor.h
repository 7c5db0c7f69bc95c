/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_DOCTOR_H
#define TQ_DOCTOR_H

/* Findings of `doctor`: is this installation fit to serve? `bad` must be mended first, `warn` should be. */

#include "app/app.h"

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

const char *doctor_state_name(doctor_state state); /* ok warn bad */
void doctor_say(doctor *d, const char *name, doctor_state state, const char *fmt, ...)
    TQ_PRINTF(4, 5);

/* What can be seen without opening the store (doctor_host.c): rights of the folder, room on the disk, the
 * program and the fonts that draw page images, and the age of the last backup. */
void doctor_folder(doctor *d, const char *dir);
void doctor_disk(doctor *d, const char *dir);
void doctor_tools(doctor *d);
void doctor_backup(doctor *d, const char *dir, instant now, arena *a);

/* What the store tells: schema, clock, writes, sums, checkpoint, jobs; with `deep` all that verify does. */
void doctor_site(doctor *d, app *site, bool deep, instant now, arena *a);
/* A check that could not be made is a finding like any other. */
void doctor_could_not(doctor *d, const char *name, const tq_err *err);

/* When the last backup was made; false where none was noted. */
bool doctor_backup_last(const char *dir, arena *a, instant *out);
/* DIR/backup.last, which `backup` writes when it has ended well: one instant in a line. */
TQ_MUST_CHECK tq_code doctor_backup_note(const char *dir, instant at, arena *a, tq_err *err);

#endif
