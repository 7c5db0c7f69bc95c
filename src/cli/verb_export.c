/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>

#include "app/export_journal.h"
#include "base/canon.h"
#include "cli/cli_fresh.h"
#include "store/bundle.h"

static tq_code put_stdout(void *ctx, str text, tq_err *err)
{
    (void)ctx;
    if (text.len > 0 && fwrite(text.data, 1, text.len, stdout) != text.len) {
        return tq_fail(err, TQ_IO, "stdout", NULL, "the journal could not be written");
    }
    return TQ_OK;
}

static tq_code export_the_journal(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    const char *name = NULL;
    journal_form form;
    TQ_TRY(cli_need(c, "format", &name, err));
    if (!journal_form_of(str_of(name), &form)) {
        return tq_fail(err, TQ_USAGE, "journal_format", "format",
                       "the formats are hledger, ledger and beancount");
    }
    TQ_TRY(cli_open(c, CLI_READ, &site, err));
    TQ_TRY(export_journal(app_store(site), form, 0, put_stdout, NULL, err));
    if (fflush(stdout) != 0) {
        return tq_fail(err, TQ_IO, "stdout", NULL, "the journal could not be written");
    }
    return TQ_OK;
}

static tq_code export_the_bundle(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    const char *to = NULL;
    TQ_TRY(cli_need(c, "to", &to, err));
    TQ_TRY(cli_open(c, CLI_READ, &site, err));
    return bundle_export(app_store(site), to, err);
}

static tq_code print_hash(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    digest d;
    char hex[65];
    TQ_TRY(cli_open(c, CLI_READ, &site, err));
    TQ_TRY(export_hash(app_store(site), &d, err));
    digest_hex(d, hex);
    BUF_AUTO buf out = buf_max(128);
    if (cli_flag(c, "json")) {
        canon w = canon_to(&out);
        canon_open(&w);
        canon_kstr(&w, "sha256", str_of(hex));
        canon_close(&w);
    } else {
        buf_text(&out, hex);
    }
    return cli_print(c, &out, err);
}

tq_code verb_export(const cli *c, tq_err *err)
{
    const char *what = c->n_words == 1 ? c->words[0] : "";
    if (strcmp(what, "journal") == 0) {
        return export_the_journal(c, err);
    }
    if (strcmp(what, "bundle") == 0) {
        return export_the_bundle(c, err);
    }
    if (strcmp(what, "hash") == 0) {
        return print_hash(c, err);
    }
    return tq_fail(err, TQ_USAGE, "export_name", what,
                   "what is exported is journal, bundle or hash");
}

/* The site of a bundle in a new folder, which appears when all is there. */
tq_code verb_import(const cli *c, tq_err *err)
{
    FRESH_AUTO cli_fresh made = {0};
    if (c->n_words != 2 || strcmp(c->words[0], "bundle") != 0) {
        return tq_fail(err, TQ_USAGE, "import_name", "import", "write: import bundle FILE");
    }
    TQ_TRY(bundle_check(c->words[1], err));
    TQ_TRY(cli_fresh_begin(c, true, &made, err));
    TQ_TRY(bundle_import(app_store(made.site), c->words[1], err));
    return cli_fresh_keep(c, &made, err);
}
