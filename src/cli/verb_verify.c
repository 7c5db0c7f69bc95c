/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>

#include "store/verify.h"

#define ANSWER_MAX (1024 * 1024)

static void tell(void *ctx, int64_t done, int64_t total)
{
    (void)ctx;
    cli_progress("verify", done, total);
}

static const char *sentence(const char *what)
{
    for (const verify_word *w = verify_words; w->what != NULL; w++) {
        if (strcmp(w->what, what) == 0) {
            return w->text;
        }
    }
    return "";
}

static void report_text(const verify_report *r, buf *out)
{
    buf_printf(out, "events %lld, legs %lld, rows %lld, evidence files %lld, checkpoints %lld\n",
               (long long)r->events, (long long)r->legs, (long long)r->rows, (long long)r->blobs,
               (long long)r->checkpoints);
    buf_printf(out, "root sha256 %s\nroot sm3    %s\n", r->sha256, r->sm3);
    const int64_t kept = r->found < VERIFY_FINDINGS_MAX ? r->found : VERIFY_FINDINGS_MAX;
    for (int64_t i = 0; i < kept; i++) {
        const verify_finding *f = &r->first[i];
        buf_printf(out, "%s: %s", f->what, sentence(f->what));
        if (f->table[0] != '\0') {
            buf_printf(out, " [%s %lld %s]", f->table, (long long)f->row, f->column);
        }
        if (f->seq != 0) {
            buf_printf(out, " [event %lld]", (long long)f->seq);
        }
        buf_printf(out, " %s\n", f->detail);
    }
    buf_text(out, r->ok ? "the database is what its signed events made it" : "NOT VERIFIED");
}

tq_code verb_verify(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    TQ_TRY(cli_open(c, CLI_READ, &site, err));
    verify_report *r = ARENA_NEW(c->a, verify_report, 1);
    const verify_options o = {.progress = cli_flag(c, "quiet") ? NULL : tell, .at = instant_now()};
    TQ_TRY(verify_run(app_store(site), &o, r, err));
    BUF_AUTO buf out = buf_max(ANSWER_MAX);
    if (cli_flag(c, "json")) {
        verify_print(r, &out);
    } else {
        report_text(r, &out);
    }
    TQ_TRY(cli_print(c, &out, err));
    if (!r->ok) {
        return tq_fail(err, TQ_CORRUPT, "not_verified", r->first[0].table,
                       "%lld findings, first: %s", (long long)r->found, r->first[0].what);
    }
    return TQ_OK;
}
