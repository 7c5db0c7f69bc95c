/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "store/verify.h"

/* Brings the schema up and holds the result to its events before anybody writes to it. A backup is the
 * older program's to make: this one does not open an older schema otherwise. */
tq_code verb_migrate(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    TQ_TRY(cli_open(c, CLI_MIGRATE, &site, err));
    verify_report *r = ARENA_NEW(c->a, verify_report, 1);
    const verify_options o = {.writes_off = true, .at = instant_now()};
    TQ_TRY(verify_run(app_store(site), &o, r, err));
    if (!r->ok) {
        return tq_fail(err, TQ_CORRUPT, "not_verified", r->first[0].table,
                       "the migrated site does not verify: %s", r->first[0].what);
    }
    return TQ_OK;
}
