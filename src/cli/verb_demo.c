/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdlib.h>

#include "cli/changxing_people.h"
#include "cli/changxing_run.h"
#include "cli/cli_fresh.h"
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

/* China has one legal time, eight hours ahead of UTC, without summer time. */
static day today_in_county(void)
{
    return (day){(int32_t)((instant_now().us / 1000000 + 8 * 3600) / 86400)};
}

/* Replays Changxing 2013 to 2017 and what is in hand today into a new folder (or database), which appears when
 * all is done. */
tq_code verb_demo(const cli *c, tq_err *err)
{
    FRESH_AUTO cli_fresh made = {0};
    uint64_t seed = 0;
    day today = {0};
    int64_t users = 0;
    if (c->n_words != 1 || strcmp(c->words[0], "changxing") != 0) {
        return tq_fail(err, TQ_USAGE, "demo_name", "demo", "the demonstration is called changxing");
    }
    TQ_TRY(seed_of(c, &seed, err));
    TQ_TRY(cli_day(c, "today", today_in_county(), &today, err));
    TQ_TRY(cli_fresh_begin(c, true, &made, err));
    TQ_TRY(changxing_replay(made.site, seed, today, cli_flag(c, "quiet") ? NULL : cli_progress,
                            err));
    TQ_TRY(checkpoint_write(app_store(made.site), instant_now(), err));
    TQ_TRY(changxing_people(made.site, &users, err));
    TQ_TRY(cli_fresh_keep(c, &made, err));
    BUF_AUTO buf told = buf_max(1024);
    changxing_people_tell(users, cli_flag(c, "json"), &told);
    return cli_print(c, &told, err);
}
