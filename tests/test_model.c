/* SPDX-License-Identifier: Apache-2.0 */
/* Use cases in any order, drawn from a seed: whatever is refused on the way, after each step every entry
 * sums to zero, every voucher's money is accounted for (I4), nothing is below zero; verify is clean at
 * the end, and both engines end in the same export hash. A seed that fails is printed. A run that did
 * not reach every way that money can go (architecture §8) fails. */
#include "store_site.h"

#include "ledger_sql.h"
#include "model.h"

#include "store/bundle.h"
#include "store/event_store.h"
#include "store/verify.h"

#define DAYS_MAX 1600 /* calendars end with 2018 */
#define ROWS_MAX 200

static void ledger_holds(const looking_glass *g, uint64_t seed, int step, const char *act)
{
    for (size_t i = 0; i < TQ_COUNT(ledger_broken); i++) {
        long long n = -1;
        look(g, ledger_broken[i], take_number, &n);
        if (n != 0) {
            fail_msg("seed %llu, step %d, after %s: %lld rows of: %s", (unsigned long long)seed,
                     step, act, n, ledger_broken[i]);
        }
    }
}

/* P-31, I18, asked of what the step has written, by the bans that hold now on its day: no money went to the bank
 * for somebody who is banned, and none of theirs came back to wait there. An organisation is banned with whoever
 * goes on for it. The claim of an institution stays payable when its customer is banned for what was agreed and
 * delivered before: the scheme keeps good faith. A set-off pays too: it would settle a debt of the banned with
 * county funds that were refused to them. */
static void nobody_banned_is_paid(const looking_glass *g, long long after, const model *m,
                                  uint64_t seed, int step, const char *act)
{
    static char sql[3000];
    long long n = -1;
    (void)snprintf(
        sql, sizeof sql,
        "WITH RECURSIVE barred(id, from_day) AS (SELECT n.org_id, n.from_day FROM ban n WHERE "
        "n.state = 'active' AND n.from_day <= %d AND n.to_day >= %d UNION SELECT o.id, h.from_day "
        "FROM organisation o JOIN barred h ON o.successor_id = h.id) "
        "SELECT COUNT(*) FROM leg l JOIN event e ON e.id = l.event_id JOIN claim c ON c.id = "
        "l.claim_id WHERE l.event_id > %lld AND l.amount > 0 AND (l.account = 'transit' OR "
        "l.account = 'paid' AND e.kind = 'recovery_set_off' OR l.account = 'payable' AND e.kind = "
        "'bank_result' AND c.state = 'returned_by_bank') AND (c.payee_id IN (SELECT id FROM "
        "barred) OR c.holder_id IN (SELECT id FROM barred) AND (c.payee_id = c.holder_id OR EXISTS "
        "(SELECT 1 FROM claim_line k JOIN service_order o ON o.id = k.order_id WHERE k.claim_id = "
        "c.id AND (o.agreed_day = 0 OR o.delivered_day = 0 OR o.delivered_day > (SELECT "
        "MIN(b.from_day) FROM barred b WHERE b.id = c.holder_id) OR o.state NOT IN ('delivered', "
        "'confirmed')))))",
        m->d.n, m->d.n, after);
    look(g, sql, take_number, &n);
    if (n != 0) {
        fail_msg("seed %llu, step %d, after %s: money for somebody who is banned, %lld legs",
                 (unsigned long long)seed, step, act, n);
    }
}

/* --- what was reached --------------------------------------------------------------------------- */

/* Every way of the ledger's table that this build has, as "kind of event: from > to". */
static const char *const ways[] = {
    "fund_book: fund > pool",
    "fund_book: pool > fund",
    "fund_book: pool > pool",
    "fund_book: voucher > voucher",
    "fund_book: hold > hold",
    "fund_book: payable > payable",
    "fund_book: overcommit > pool",
    "fund_book: fund > overcommit",
    "voucher_issue: pool > voucher",
    "voucher_issue: overcommit > voucher",
    "voucher_top_up: pool > voucher",
    "order_accept: voucher > hold",
    "order_change_agree: voucher > hold",
    "order_change_agree: hold > voucher",
    "order_cancel: hold > voucher",
    "order_cancel: hold > pool",
    "order_cancel: hold > lapsed",
    "order_close: hold > voucher",
    "order_close: hold > pool",
    "order_close: hold > lapsed",
    "claim_approve: hold > payable",
    "claim_approve: hold > voucher",
    "claim_approve: hold > pool",
    "claim_approve: hold > lapsed",
    "claim_undo: payable > hold",
    "objection_decide: payable > hold",
    "batch_release: payable > transit",
    "batch_recall: transit > payable",
    "bank_result: transit > paid",
    "bank_result: transit > payable",
    "bank_result: paid > payable",
    "voucher_expire: voucher > pool",
    "voucher_expire: voucher > lapsed",
    "voucher_cancel: voucher > pool",
    "voucher_cancel: voucher > lapsed",
    "case_decide: paid > owed",
    "recovery_set_off: payable > paid",
    "recovery_set_off: owed > recovered",
    "recovery_collect: owed > recovered",
    "recovery_hand_back: recovered > fund",
    "recovery_write_off: owed > written_off",
    "case_uphold: owed > paid",
    "case_dismiss: owed > paid",
    "case_dismiss: recovered > payable",
    "case_dismiss: fund > payable",
};

/* Events without money that the acts must reach as well, as "kind". */
static const char *const kinds[] = {
    "application_refuse", "application_approve", "voucher_freeze",   "voucher_unfreeze",
    "voucher_extend",     "order_decline",       "order_lapse",      "order_dispute",
    "order_confirm",      "claim_return",        "claim_withdraw",   "claim_refuse",
    "claim_check",        "claim_register",      "publication_open", "publication_end",
    "objection_file",     "batch_open",          "batch_lock",       "batch_send",
    "batch_cancel",       "batch_close",         "line_pull",        "bank_line_settle",
    "case_open",          "case_hear",           "case_appeal",      "case_enforce",
    "case_uphold",        "org_merge",           "case_close",       "year_close",
    "fund_refuse",
};

typedef struct tally {
    const char *const *names;
    size_t n;
    long long counts[ROWS_MAX];
    char others[4096]; /* what was reached and is not in the list */
} tally;

static void count(void *ctx, const char *text, long long n)
{
    tally *t = ctx;
    for (size_t i = 0; i < t->n; i++) {
        if (strcmp(t->names[i], text) == 0) {
            t->counts[i] += n;
            return;
        }
    }
    const size_t used = strlen(t->others);
    if (strstr(t->others, text) == NULL) {
        (void)snprintf(t->others + used, sizeof t->others - used, "%s\n", text);
    }
}

static tally reached = {.names = ways, .n = TQ_COUNT(ways)};
static tally happened = {.names = kinds, .n = TQ_COUNT(kinds)};

static void count_all(const looking_glass *g)
{
    look(g,
         "SELECT e.kind || ': ' || a.account || ' > ' || b.account, COUNT(*) FROM leg AS a JOIN "
         "leg AS b "
         "ON b.event_id = a.event_id AND b.entry = a.entry AND b.source_id = a.source_id JOIN "
         "event AS e "
         "ON e.id = a.event_id WHERE a.amount < 0 AND b.amount > 0 GROUP BY 1",
         count, &reached);
    look(g, "SELECT kind, COUNT(*) FROM event GROUP BY 1", count, &happened);
}

static size_t print_tally(const tally *t)
{
    size_t missing = 0;
    for (size_t i = 0; i < t->n; i++) {
        print_message("%8lld  %s\n", t->counts[i], t->names[i]);
        missing += t->counts[i] == 0;
    }
    return missing;
}

/* --- the run ------------------------------------------------------------------------------------ */

static const model_act *draw_act(model *m)
{
    int64_t sum = 0;
    for (int list = 0; list < 2; list++) {
        for (const model_act *a = list == 0 ? model_claim_acts : model_money_acts; a->name != NULL;
             a++) {
            sum += a->weight;
        }
    }
    int64_t at = model_draw(m, sum);
    for (int list = 0; list < 2; list++) {
        for (const model_act *a = list == 0 ? model_claim_acts : model_money_acts; a->name != NULL;
             a++) {
            at -= a->weight;
            if (at < 0) {
                return a;
            }
        }
    }
    TQ_ASSERT(at < 0); /* the weights sum up */
    return NULL;
}

static bool may_fail_so(tq_code code)
{
    return code == TQ_OK || code == TQ_CONFLICT || code == TQ_REFUSED || code == TQ_FORBIDDEN ||
           code == TQ_INVALID || code == TQ_NOT_FOUND;
}

/* One act; TQ_OK or how it was refused. */
static void one_step(model *m, uint64_t seed, int i, int *done, int *refused, const char **name)
{
    tq_err err = {0};
    const model_act *act = draw_act(m);
    for (int tries = 0; tries < 20; tries++, act = draw_act(m)) {
        m->idle = false;
        err = (tq_err){0};
        const tq_code code = act->run(m, &err);
        if (!may_fail_so(code)) {
            fail_msg("seed %llu, step %d, %s: %s %s %s: %s", (unsigned long long)seed, i, act->name,
                     tq_code_name(code), err.reason, err.field, err.detail);
        }
        if (m->idle) {
            continue; /* there was nothing to act on: another act */
        }
        if (getenv("TQ_MODEL_TRACE") != NULL) {
            print_message("%d %d %s: %s %s %s\n", i, m->d.n, act->name, tq_code_name(code),
                          err.reason, err.field);
        }
        *(code == TQ_OK ? done : refused) += 1;
        break;
    }
    *name = act->name;
}

static void verify_clean(fixture *f, uint64_t seed)
{
    static verify_report report;
    const verify_options o = {0};
    CHECK_OK(event_sequence(f->store, &err));
    CHECK_OK(verify_run(f->store, &o, &report, &err));
    if (!report.ok) {
        fail_msg("seed %llu: %s %s %s %lld: %s", (unsigned long long)seed, report.first[0].what,
                 report.first[0].table, report.first[0].column, (long long)report.first[0].row,
                 report.first[0].detail);
    }
}

static void run(uint64_t seed, int steps, digest *hash)
{
    static model m;
    const day first = fixture_day(2013, 10, 8);
    const char *name = "";
    int done = 0;
    int refused = 0;
    long long last = 0; /* event before the step */
    fixture *f = fixture_open();
    model_begin(&m, f, seed, first, seed % 2 == 0);
    looking_glass g = look_in(f->dir, f->pg_uri);
    arena *whole = f->a;
    f->a = arena_new("step", (size_t)64 * 1024 * 1024); /* what a step reads goes with it */
    for (int i = 0; i < steps; i++) {
        /* The years pass; the clock is a day off now and then, also backwards. */
        const int64_t ahead = (int64_t)(i + 1) * (steps < 900 ? 900 : DAYS_MAX) / steps;
        m.d =
            day_add(first, (int)ahead + (model_draw(&m, 6) == 0 ? (int)model_draw(&m, 3) - 1 : 0));
        look(&g, "SELECT COALESCE(MAX(id), 0) FROM event", take_number, &last);
        one_step(&m, seed, i, &done, &refused, &name);
        ledger_holds(&g, seed, i, name);
        nobody_banned_is_paid(&g, last, &m, seed, i, name);
        arena_reset(f->a);
    }
    arena_free(f->a);
    f->a = whole;
    verify_clean(f, seed);
    CHECK_OK(export_hash(f->store, hash, &err));
    count_all(&g);
    print_message(
        "seed %llu: %d done, %d refused, %d vouchers %d orders %d claims %d batches, paid %lld\n",
        (unsigned long long)seed, done, refused, m.vouchers.n, m.orders.n, m.claims.n, m.batches.n,
        (long long)fixture_balance(f, ACC_PAID, 0));
    assert_true(done > steps / 3);
    look_away(&g);
    fixture_close(f);
}

static void both_engines_tell_the_same(void **state)
{
    const bool full = getenv("TQ_FULL") != NULL;
    const char *only = getenv("TQ_MODEL_SEED");
    const uint64_t from = only == NULL ? 1 : strtoull(only, NULL, 10);
    const uint64_t seeds = only != NULL ? 1 : full ? 10 : 4;
    const char *steps = getenv("TQ_MODEL_STEPS");
    const int n = steps != NULL ? (int)strtol(steps, NULL, 10) : 1800;
    (void)state;
    for (uint64_t seed = from; seed < from + seeds; seed++) {
        digest one, other;
        assert_int_equal(setenv("TQ_ENGINE", "sqlite", 1), 0);
        run(seed, n, &one);
        if (getenv("TQ_MODEL_LITE") != NULL) {
            continue;
        }
        assert_int_equal(setenv("TQ_ENGINE", "pg", 1), 0);
        run(seed, n, &other);
        assert_memory_equal(&one, &other, sizeof one);
    }
    const size_t missing = print_tally(&reached) + print_tally(&happened);
    print_message("also:\n%s", reached.others);
    if (missing > 0 && only == NULL) {
        fail_msg("%zu ways were never gone", missing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_engines_tell_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
