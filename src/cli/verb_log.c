/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/canon.h"
#include "cli/cli_keys.h"
#include "store/log_file.h"
#include "store/log_node.h"

/* --- without a database ---------------------------------------------------------------------------- */

static void said_json(const log_said *s, bool trusted, buf *out)
{
    char hex[2][65];
    digest_hex(s->last.sha256, hex[HASH_SHA256]);
    digest_hex(s->last.sm3, hex[HASH_SM3]);
    canon w = canon_to(out);
    canon_open(&w);
    canon_kstr(&w, "kind", str_of(s->kind));
    canon_kint(&w, "events", s->events);
    canon_kint(&w, "unsigned", s->unsigned_);
    canon_kint(&w, "checkpoints", s->checkpoints);
    canon_kint(&w, "size", s->last.count);
    canon_kstr(&w, "sha256", str_of(hex[HASH_SHA256]));
    canon_kstr(&w, "sm3", str_of(hex[HASH_SM3]));
    canon_key(&w, "sm2");
    canon_bool(&w, s->last.has_sm2);
    canon_key(&w, "key_known");
    canon_bool(&w, trusted);
    canon_close(&w);
}

static void said_text(const log_said *s, bool trusted, buf *out)
{
    BUF_AUTO buf key = buf_max(128);
    buf_hex(&key, s->last.pub, sizeof s->last.pub);
    buf_printf(out, "%s: %lld events under %lld signed checkpoints, the last over %lld, %s\n",
               s->kind, (long long)s->events, (long long)s->checkpoints, (long long)s->last.count,
               s->last.has_sm2 ? "Ed25519 and SM2" : "Ed25519");
    if (s->unsigned_ > 0) {
        buf_printf(out, "%lld events after it are not signed yet\n", (long long)s->unsigned_);
    }
    if (!trusted) {
        buf_printf(
            out, "signed by key %.*s: compare it with the one that was published, or give --keys\n",
            STR_ARG(buf_view(&key)));
    }
    buf_text(out, "verified");
}

static tq_code verify_file(const cli *c, const char *path, tq_err *err)
{
    str pubs = {0};
    log_said said;
    TQ_TRY(cli_keys(c, &pubs, err));
    TQ_TRY(log_file_check(path, pubs, &said, err));
    BUF_AUTO buf out = buf_max(4096);
    if (cli_flag(c, "json")) {
        said_json(&said, pubs.len > 0, &out);
    } else {
        said_text(&said, pubs.len > 0, &out);
    }
    return cli_print(c, &out, err);
}

/* --- the log of a folder --------------------------------------------------------------------------- */

typedef struct held {
    store_tx *tx;
    log_said said;
} held;

/* Roots from the kept nodes: quick even over ten million events; `verify` reads every leaf. */
static tq_code hold_point(void *ctx, const checkpoint *point, tq_err *err)
{
    held *h = ctx;
    digest root[2];
    int64_t last = 0;
    TQ_TRY(store_int(h->tx, STMT_EVENT_LAST_SEQ, NO_ARGS, 0, &last, err));
    if (point->count > last) {
        return tq_fail(err, TQ_CORRUPT, "log_cut", "event",
                       "a checkpoint is over %lld events, the log has %lld",
                       (long long)point->count, (long long)last);
    }
    TQ_TRY(log_roots(h->tx, point->count, root, err));
    if (!digest_eq(root[HASH_SHA256], point->sha256) || !digest_eq(root[HASH_SM3], point->sm3)) {
        return tq_fail(err, TQ_CORRUPT, "checkpoint_root", "event",
                       "events %lld..%lld are not those that were signed",
                       (long long)h->said.last.count + 1, (long long)point->count);
    }
    h->said.last = *point;
    h->said.events = point->count;
    h->said.unsigned_ = last - point->count;
    h->said.checkpoints++;
    return TQ_OK;
}

static tq_code verify_folder(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    held h = {.said = {.kind = "data folder"}};
    TQ_TRY(cli_open(c, CLI_READ, &site, err));
    {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_read(site, &tx, err));
        h.tx = tx;
        TQ_TRY(checkpoint_each(store_dir(app_store(site)), hold_point, &h, err));
    }
    BUF_AUTO buf out = buf_max(4096);
    if (cli_flag(c, "json")) {
        said_json(&h.said, true, &out);
    } else {
        said_text(&h.said, true, &out);
    }
    return cli_print(c, &out, err);
}

static tq_code export_log(const cli *c, tq_err *err)
{
    APP_AUTO app *site = NULL;
    const char *to = NULL;
    TQ_TRY(cli_need(c, "to", &to, err));
    TQ_TRY(cli_open(c, CLI_READ, &site, err));
    return log_export(app_store(site), to, err);
}

tq_code verb_log(const cli *c, tq_err *err)
{
    const char *what = c->n_words > 0 ? c->words[0] : "";
    if (strcmp(what, "export") == 0 && c->n_words == 1) {
        return export_log(c, err);
    }
    if (strcmp(what, "verify") == 0 && c->n_words == 2) {
        return verify_file(c, c->words[1], err);
    }
    if (strcmp(what, "verify") == 0 && c->n_words == 1) {
        return verify_folder(c, err);
    }
    return tq_fail(err, TQ_USAGE, "log_words", "log",
                   "write: log export --to FILE, or log verify [FILE]");
}
