/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/canon.h"
#include "base/file.h"
#include "domain/lots.h"

#define DRAW_FILE_MAX ((size_t)512 * 1024 * 1024)

static void summary_json(const lots_summary *s, buf *out)
{
    char hex[3][65];
    digest_hex(s->population, hex[0]);
    digest_hex(s->final_seed, hex[1]);
    digest_hex(s->result, hex[2]);
    canon w = canon_to(out);
    canon_open(&w);
    canon_kstr(&w, "number", s->number);
    canon_kint(&w, "units", s->units);
    canon_kint(&w, "must", s->must);
    canon_kint(&w, "drawn", s->drawn);
    canon_kint(&w, "inspectors", s->visitors);
    canon_kstr(&w, "population_sha256", str_of(hex[0]));
    canon_kstr(&w, "final_seed", str_of(hex[1]));
    canon_kstr(&w, "result_sha256", str_of(hex[2]));
    canon_close(&w);
}

static void summary_text(const lots_summary *s, buf *out)
{
    buf_printf(out,
               "%.*s: %lld units, %lld drawn, %lld must be visited, %lld inspectors\npopulation ",
               STR_ARG(s->number), (long long)s->units, (long long)s->drawn, (long long)s->must,
               (long long)s->visitors);
    buf_hex(out, s->population.b, sizeof s->population.b);
    buf_text(out, "\nverified: compare the population and the commitment with those published "
                  "before the draw");
}

/* Without a database: all that it needs is in the file (P-30). */
static tq_code verify_bundle(const cli *c, const char *path, tq_err *err)
{
    str text = {0};
    lots_summary s;
    ARENA_AUTO arena *file = arena_new("bundle", 2 * DRAW_FILE_MAX);
    cli own = *c; /* a bundle of a million units is longer than a command's memory */
    own.a = file;
    TQ_TRY(cli_file(&own, path, DRAW_FILE_MAX, &text, err));
    ARENA_AUTO arena *room = arena_new("draw", LOTS_ARENA(text.len));
    TQ_TRY(lots_bundle_verify(text, room, &s, err));
    BUF_AUTO buf out = buf_max(4096);
    if (cli_flag(c, "json")) {
        summary_json(&s, &out);
    } else {
        summary_text(&s, &out);
    }
    return cli_print(c, &out, err);
}

tq_code verb_draw(const cli *c, tq_err *err)
{
    const char *what = c->n_words > 0 ? c->words[0] : "";
    if (strcmp(what, "verify") == 0 && c->n_words == 2) {
        return verify_bundle(c, c->words[1], err);
    }
    return tq_fail(err, TQ_USAGE, "draw_words", "draw", "write: draw verify FILE");
}
