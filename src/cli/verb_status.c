/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/canon.h"
#include "store/checkpoint.h"

static tq_code keep_last(void *ctx, const checkpoint *c, tq_err *err)
{
    (void)err;
    *(checkpoint *)ctx = *c;
    return TQ_OK;
}

tq_code verb_status(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    checkpoint last = {0};
    int64_t seq = 0;
    TQ_TRY(cli_open(c, CLI_READ, &site, err));
    store *s = app_store(site);
    {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_read(site, &tx, err));
        TQ_TRY(store_int(tx, STMT_EVENT_LAST_SEQ, NO_ARGS, 0, &seq, err));
    }
    TQ_TRY(checkpoint_each(store_dir(s), keep_last, &last, err));
    const char *engine = store_engine_of(s) == STORE_PG ? "postgresql" : "sqlite";
    BUF_AUTO buf at = buf_max(64);
    instant_print(last.at, &at);
    BUF_AUTO buf out = buf_max(1024);
    if (cli_flag(c, "json")) {
        canon w = canon_to(&out);
        canon_open(&w);
        canon_kstr(&w, "engine", str_of(engine));
        canon_kint(&w, "events", seq);
        canon_kint(&w, "checkpointed", last.count);
        canon_kstr(&w, "checkpoint_at", last.count == 0 ? STR("") : buf_view(&at));
        canon_close(&w);
    } else {
        buf_printf(&out, "engine %s\nevents %lld\nlast checkpoint over %lld events%s%s", engine,
                   (long long)seq, (long long)last.count, last.count == 0 ? "" : " at ",
                   last.count == 0 ? "" : at.data);
    }
    return cli_print(c, &out, err);
}
