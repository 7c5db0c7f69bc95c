/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "app/doctor.h"
#include "base/canon.h"

#define ANSWER_MAX (64 * 1024)
static void write_json(const doctor *d, buf *out)
{
    canon w = canon_to(out);
    canon_open(&w);
    canon_key(&w, "ok");
    canon_bool(&w, !d->bad);
    canon_key(&w, "checks");
    canon_list(&w);
    for (int i = 0; i < d->n; i++) {
        canon_open(&w);
        canon_kstr(&w, "name", str_of(d->list[i].name));
        canon_kstr(&w, "state", str_of(doctor_state_name(d->list[i].state)));
        canon_kstr(&w, "detail", str_of(d->list[i].detail));
        canon_close(&w);
    }
    canon_list_end(&w);
    canon_close(&w);
}

static void write_text(const doctor *d, buf *out)
{
    static const char *const marks[] = {"ok  ", "warn", "BAD "};
    for (int i = 0; i < d->n; i++) {
        buf_printf(out, "%s%s %-12s %s", i == 0 ? "" : "\n", marks[d->list[i].state],
                   d->list[i].name, d->list[i].detail);
    }
}

tq_code verb_doctor(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    doctor *d = ARENA_NEW(c->a, doctor, 1);
    const char *dir = NULL;
    const instant now = instant_now();
    tq_err why = {0};
    TQ_TRY(cli_need(c, "data", &dir, err));
    doctor_folder(d, dir);
    doctor_disk(d, dir);
    doctor_tools(d);
    doctor_backup(d, dir, now, c->a);
    if (cli_open(c, CLI_READ, &site, &why) == TQ_OK) {
        doctor_site(d, site, cli_flag(c, "deep"), now, c->a);
    } else {
        doctor_could_not(d, "schema", &why);
    }
    BUF_AUTO buf out = buf_max(ANSWER_MAX);
    if (cli_flag(c, "json")) {
        write_json(d, &out);
    } else {
        write_text(d, &out);
    }
    TQ_TRY(cli_print(c, &out, err));
    return d->bad
               ? tq_fail(err, TQ_CORRUPT, "not_fit", NULL, "the installation is not fit to serve")
               : TQ_OK;
}
