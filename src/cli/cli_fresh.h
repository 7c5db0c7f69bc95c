/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CLI_FRESH_H
#define TQ_CLI_FRESH_H

/* A new installation appears whole or not at all (init, demo, import bundle).
 *
 * Where --data names a folder that does not exist, everything is made in DIR.new-XXXXXX beside it and
 * renamed at the end; a process that is killed leaves that folder, which nobody takes for a site. An
 * empty folder that exists (a mount point, one that the service owns) is filled in place. What fails is
 * removed. A database given by --db cannot be renamed: what was written there before a failure stays,
 * and the message says so. */

#include "cli/cli.h"

typedef struct cli_fresh {
    app *site;
    const char *dir; /* --data, without a slash at its end */
    str made;        /* the folder that was made or filled; empty once kept */
    bool in_place;
    bool db;
} cli_fresh;

/* CONFLICT/not_empty where the folder holds anything but tongquan.yaml and lost+found. */
TQ_MUST_CHECK tq_code cli_fresh_begin(const cli *c, bool bulk, cli_fresh *out, tq_err *err);
/* Remembers --db, closes the site, and gives the folder its name. */
TQ_MUST_CHECK tq_code cli_fresh_keep(const cli *c, cli_fresh *f, tq_err *err);
void cli_fresh_end(cli_fresh *f); /* removes what was not kept */
#define FRESH_AUTO TQ_CLEANUP(cli_fresh_end)

#endif
