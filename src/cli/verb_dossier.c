/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/canon.h"
#include "base/file.h"
#include "cli/cli_keys.h"
#include "store/dossier.h"

/* --claim N or --case N. */
static tq_code subject_of(const cli *c, int *table, int64_t *id, tq_err *err)
{
    const char *claim = cli_value(c, "claim");
    const char *kase = cli_value(c, "case");
    const char *given = claim != NULL ? claim : kase;
    long long n = 0;
    if ((claim == NULL) == (kase == NULL) || !str_int64(str_of(given), &n) || n < 1) {
        return tq_fail(err, TQ_USAGE, "dossier_of", "claim",
                       "write --claim N or --case N, the number of its page");
    }
    *table = claim != NULL ? T_CLAIM : T_VIOLATION_CASE;
    *id = n;
    return TQ_OK;
}

static tq_code build(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    const char *to = NULL;
    int table = 0;
    int64_t id = 0;
    BUF_AUTO buf text = buf_max(DOSSIER_BYTES_MAX);
    TQ_TRY(cli_need(c, "to", &to, err));
    TQ_TRY(subject_of(c, &table, &id, err));
    TQ_TRY(cli_open(c, CLI_READ, &site, err));
    TQ_TRY(dossier_build(app_store(site), table, id, true, &text, err));
    buf_char(&text, '\n');
    return file_write_durable(to, buf_view(&text), 0600,
                              err); /* papers of a case are not for everybody */
}

static void said_print(const cli *c, const dossier_said *s, bool trusted, buf *out)
{
    if (!cli_flag(c, "json")) {
        buf_printf(out,
                   "%s %lld: %lld events, of which %lld by their hash only, under %lld signed "
                   "ones%s\nverified",
                   s->subject, (long long)s->id, (long long)s->events, (long long)s->withheld,
                   (long long)s->point.count,
                   trusted ? "" : "; whose key it is was not asked (--keys)");
        return;
    }
    canon w = canon_to(out);
    canon_open(&w);
    canon_kstr(&w, "subject", str_of(s->subject));
    canon_kint(&w, "id", s->id);
    canon_kint(&w, "events", s->events);
    canon_kint(&w, "withheld", s->withheld);
    canon_kint(&w, "size", s->point.count);
    canon_key(&w, "key_known");
    canon_bool(&w, trusted);
    canon_close(&w);
}

static tq_code verify(const cli *c, const char *path, tq_err *err)
{
    str text = {0};
    str pubs = {0};
    dossier_said said;
    TQ_TRY(cli_keys(c, &pubs, err));
    TQ_TRY(cli_file(c, path, DOSSIER_BYTES_MAX, &text, err));
    if (text.len > 0 && text.data[text.len - 1] == '\n') {
        text.len--;
    }
    TQ_TRY(dossier_check(text, pubs, &said, err));
    BUF_AUTO buf out = buf_max(4096);
    said_print(c, &said, pubs.len > 0, &out);
    return cli_print(c, &out, err);
}

tq_code verb_dossier(const cli *c, tq_err *err)
{
    const char *what = c->n_words > 0 ? c->words[0] : "";
    if (strcmp(what, "build") == 0 && c->n_words == 1) {
        return build(c, err);
    }
    if (strcmp(what, "verify") == 0 && c->n_words == 2) {
        return verify(c, c->words[1], err);
    }
    return tq_fail(err, TQ_USAGE, "dossier_words", "dossier",
                   "write: dossier build --claim N --to FILE, or dossier verify FILE");
}
