/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_POWERCUT_VFS_H
#define TQ_POWERCUT_VFS_H

/* A disk that forgets. Beside the data folder grows a second one, the platter: a write reaches it only
 * by a sync. Databases go there through an SQLite VFS that is the default after powercut_begin, all
 * other files through file_sync_hook (a file's bytes by its own sync, its name by its folder's).
 *
 * The same VFS can fail. All of it is for one process, that of the writers. */

#include <stdbool.h>
#include <stdint.h>

typedef enum powercut_keep {
    KEEP_NONE,   /* all unsynced writes are lost */
    KEEP_SECTORS /* of each unsynced write any subset of its 512-byte sectors is kept */
} powercut_keep;

/* Before the store is opened on `dir`. `platter` exists and is empty, or holds what an earlier life of
 * this disk left behind and `dir` has as well. */
void powercut_begin(const char *dir, const char *platter);
/* The power goes now: no write and no sync of another thread gets through any more, the platter holds
 * what the disk would. Never returns. */
_Noreturn void powercut_now(powercut_keep keep, uint64_t seed);

/* Planted defects: a sync that does nothing and says it did; the same for all other files. */
extern bool powercut_lying_sync;
extern bool powercut_lying_files;

/* Faults of the database file and its WAL. 0 = none. */
extern _Atomic int powercut_fail_syncs; /* this many syncs report EIO */
extern _Atomic bool powercut_full;      /* writes report a full disk */
extern _Atomic int powercut_short;      /* this many writes stop half-way with an I/O error */

#endif
