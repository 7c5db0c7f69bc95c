/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_BACKUP_H
#define TQ_BACKUP_H

/* A copy of a running site in a folder of its own, and the way back.
 *
 * SQLite: the database by the engine's online copy, then every blob, the checkpoint files first, so that
 * the copy is a prefix of the site's history with nothing missing. PostgreSQL: site.bundle
 * (store/bundle.h), in which there are no passwords either: users get links for new ones. The target
 * is new or empty. A file COMPLETE is written last: a folder without it is no backup. Sessions, links
 * for passwords and open invitations end in the copy. */

#include "store/verify.h"

TQ_MUST_CHECK tq_code backup_make(store *s, const char *target, tq_err *err);

/* Fills the empty folder (and, with o->pg_uri, the empty database) that `o` names from a backup. The
 * store is closed again afterwards; `report`, where not NULL, is what verify says of it. */
TQ_MUST_CHECK tq_code backup_restore(const char *source, const store_options *o,
                                     verify_report *report, tq_err *err);

#endif
