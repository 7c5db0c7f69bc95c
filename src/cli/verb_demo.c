/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdlib.h>

#include "cli/changxing_run.h"
#include "store/checkpoint.h"

#define DEMO_SEED 2013

static tq_code seed_of(const cli *c, uint64_t *out, tq_err *err)
{
    const char *text = cli_value(c, "seed");
    long long n = DEMO_SEED;
    if (text != NULL && !str_int64(str_of(text), &n)) {
        return tq_fail(err, TQ_USAGE, "seed_form", "seed", "write the seed as a whole number");
    }
    *out = (uint64_t)n;
    return TQ_OK;
}

/* Replays Changxing 2013 to 2017 into an empty folder (or database). What fails half-way is no demo:
 * site_init refuses a second run, and the folder is to be thrown away. */
tq_code verb_demo(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    uint64_t seed = 0;
    if (c->n_words != 1 || strcmp(c->words[0], "changxing") != 0) {
        return tq_fail(err, TQ_USAGE, "demo_name", "demo", "the demonstration is called changxing");
    }
    TQ_TRY(seed_of(c, &seed, err));
    TQ_TRY(cli_open(c, CLI_BULK, &site, err));
    TQ_TRY(changxing_replay(site, seed, cli_flag(c, "quiet") ? NULL : cli_progress, err));
    return checkpoint_write(app_store(site), instant_now(), err);
}
