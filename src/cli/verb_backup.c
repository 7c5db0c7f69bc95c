/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "app/doctor.h"
#include "store/backup.h"

tq_code verb_backup(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    const char *to = NULL;
    TQ_TRY(cli_need(c, "to", &to, err));
    TQ_TRY(cli_open(c, CLI_READ, &site, err));
    TQ_TRY(backup_make(app_store(site), to, err));
    return doctor_backup_note(cli_value(c, "data"), instant_now(), c->a, err);
}

tq_code verb_restore(const cli *c, tq_err *err)
{
    const char *from = NULL;
    store_options o = {.create = true, .pg_uri = cli_value(c, "db")};
    TQ_TRY(cli_need(c, "from", &from, err));
    TQ_TRY(cli_need(c, "data", &o.dir, err));
    verify_report *r = cli_flag(c, "verify") ? ARENA_NEW(c->a, verify_report, 1) : NULL;
    TQ_TRY(backup_restore(from, &o, r, err));
    if (r != NULL && !r->ok) {
        return tq_fail(err, TQ_CORRUPT, "not_verified", r->first[0].table,
                       "the restored site does not verify: %s", r->first[0].what);
    }
    return TQ_OK;
}
