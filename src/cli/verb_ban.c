/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "app/report.h"
#include "base/canon.h"
#include "base/file.h"
#include "cli/cli_keys.h"
#include "store/ban_register.h"

/* Who runs it can read the database already: no role is asked, and the bans are public. */
static tq_code export_file(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    const char *to = NULL;
    programme_face p = {0};
    day on = DAY_NONE;
    BUF_AUTO buf text = buf_max(BAN_REGISTER_BYTES_MAX);
    TQ_TRY(cli_need(c, "to", &to, err));
    TQ_TRY(cli_day(c, "day", DAY_NONE, &on, err));
    TQ_TRY(cli_open(c, CLI_READ, &site, err));
    if (day_cmp(on, DAY_NONE) == 0) {
        TQ_TRY(report_programme(site, c->a, &p, err));
        TQ_TRY(cli_today(p.zone.data, &on, err));
    }
    TQ_TRY(ban_register_export(app_store(site), on, &text, err));
    return file_write_durable(to, buf_view(&text), 0644, err);
}

static tq_code verify_file(const cli *c, const char *path, tq_err *err)
{
    str text = {0};
    str pubs = {0};
    ban_register_said said;
    ARENA_AUTO arena *file = arena_new("ban_register", 2 * BAN_REGISTER_BYTES_MAX);
    cli own = *c; /* a county's register may be longer than a command's memory */
    own.a = file;
    TQ_TRY(cli_keys(&own, &pubs, err));
    TQ_TRY(cli_file(&own, path, BAN_REGISTER_BYTES_MAX, &text, err));
    TQ_TRY(ban_register_check(text, pubs, &said, err));
    BUF_AUTO buf out = buf_max(4096);
    if (cli_flag(c, "json")) {
        canon w = canon_to(&out);
        canon_open(&w);
        canon_kstr(&w, "day", str_of(said.day));
        canon_kint(&w, "count", said.count);
        canon_key(&w, "key_known");
        canon_bool(&w, pubs.len > 0);
        canon_close(&w);
    } else {
        buf_printf(&out, "%lld bans in force on %s%s\nverified", (long long)said.count, said.day,
                   pubs.len > 0 ? "" : "; whose key it is was not asked (--keys)");
    }
    return cli_print(c, &out, err);
}

tq_code verb_ban(const cli *c, tq_err *err)
{
    const char *what = c->n_words > 0 ? c->words[0] : "";
    if (strcmp(what, "export") == 0 && c->n_words == 1) {
        return export_file(c, err);
    }
    if (strcmp(what, "verify") == 0 && c->n_words == 2) {
        return verify_file(c, c->words[1], err);
    }
    return tq_fail(err, TQ_USAGE, "ban_words", "ban",
                   "write: ban export --to FILE, or ban verify FILE");
}
