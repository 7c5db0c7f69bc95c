/* SPDX-License-Identifier: Apache-2.0 */
/* Use cases in any order, drawn from a seed: whatever is refused on the way, the ledger adds up after
 * each step, verify is clean at the end, and both engines end in the same export hash. A seed that fails
 * is printed. */
#include "store_site.h"

#include "claim_path.h"

#include "app/bank_result.h"
#include "app/sanction.h"
#include "app/settle.h"
#include "store/blob.h"
#include "store/bundle.h"
#include "store/event_store.h"
#include "store/verify.h"

#define KEEP 400

typedef struct ids {
    int64_t id[KEEP];
    int n;
} ids;

typedef struct model {
    fixture *f;
    path p;
    uint64_t seed;
    day d;
    ids apps, vouchers, orders, claims, changes, batches, lists, objections, cases;
    int at; /* on the handbook's way */
    int done, refused;
} model;

static int64_t draw(model *m, int64_t n)
{
    m->seed = m->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((m->seed >> 33) % (uint64_t)n);
}

static void keep(ids *l, int64_t id)
{
    if (id != 0 && l->n < KEEP) {
        l->id[l->n++] = id;
    }
}

/* Mostly one of the last few, for those are on their way. */
static int64_t some(model *m, const ids *l)
{
    if (l->n == 0) {
        return 1;
    }
    const int last = draw(m, 4) == 0 ? l->n : l->n < 3 ? 1 : 2;
    return l->id[l->n - 1 - (int)draw(m, last)];
}

static call by(model *m, role r)
{
    m->p.d = m->d;
    return r == ROLE_FIRM_AGENT ? as_firm(&m->p) : as(&m->p, r);
}

static tq_code claim_one(model *m, tq_err *err)
{
    fixture *f = m->f;
    const call firm = by(m, ROLE_FIRM_AGENT);
    claim_filed filed = {0};
    event_value row[AUDITED_COLS_MAX];
    m->p.order = some(m, &m->orders);
    {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_read(f->app, &tx, err));
        TQ_TRY(row_load(tx, T_SERVICE_ORDER, m->p.order, f->a, row, err));
    }
    m->p.voucher = row_num(row, C_SERVICE_ORDER_VOUCHER_ID);
    m->p.invoice = invoice_make(&m->p, CONTRACT_FEN, NET_FEN);
    m->p.proof = proof_make(&m->p, "transfer", CONTRACT_FEN, m->d);
    const evidence_request paper = {.table = T_SERVICE_ORDER, .id = m->p.order,
                                    .kind = STR("contract"), .name = STR("contract"),
                                    .class = STR("full"), .bytes = STR("a contract")};
    int64_t evidence = 0;
    TQ_TRY(evidence_add(f->app, &firm, &paper, &evidence, err));
    /* Half of a line's net is allowed; a third of its gross is less. */
    const int64_t fen = row_num(row, C_SERVICE_ORDER_VOUCHER_FEN) / (2 + draw(m, 3));
    const claim_line_new line = path_line(&m->p, 3 * fen);
    const tq_code code = path_submit(&m->p, &line, 1, fen, draw(m, 3) == 0, &filed, err);
    keep(&m->claims, filed.claim_id);
    return code;
}

static tq_code content_of(model *m, int64_t id, char hex[65], int64_t *asked, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(work_read(m->f->app, &tx, err));
    TQ_TRY(row_load(tx, T_CLAIM, id, m->f->a, row, err));
    *asked = row_num(row, C_CLAIM_ASKED_FEN);
    return claim_content_check(tx, id, m->f->a, hex, err);
}

static tq_code review(model *m, bool second, tq_err *err)
{
    char hex[65] = "";
    int64_t asked = 0;
    int64_t decision = 0;
    const int64_t id = some(m, &m->claims);
    TQ_TRY(content_of(m, id, hex, &asked, err));
    const call c = by(m, second ? ROLE_REVIEWER2 : ROLE_REVIEWER1);
    if (second) {
        const claim_approval rq = {id, str_of(hex), asked};
        return claim_approve(m->f->app, &c, &rq, NULL, &decision, err);
    }
    const claim_checking rq = {.claim_id = id, .content = str_of(hex)};
    return claim_check(m->f->app, &c, &rq, &decision, err);
}

static tq_code step_voucher(model *m, int64_t what, tq_err *err)
{
    app *a = m->f->app;
    const call intake = by(m, ROLE_INTAKE), one = by(m, ROLE_REVIEWER1), office = by(m, ROLE_OFFICE),
               group = by(m, ROLE_GROUP), clock = by(m, ROLE_SYSTEM);
    application_result decided = {0};
    voucher_issued issued = {0};
    tq_code code;
    int64_t id = 0;
    switch (what) {
    case 0: {
        const application_request rq = {.holder_id = m->p.firm, .kind_id = m->p.kind,
                                        .voucher_id = draw(m, 3) == 0 ? some(m, &m->vouchers) : 0,
                                        .way = "immediate", .asked_fen = 500000 + draw(m, 1500000)};
        code = application_file(a, &intake, &rq, &id, err);
        keep(&m->apps, id);
        return code;
    }
    case 1:
        return application_approve(a, &one, some(m, &m->apps), &decided, err);
    case 2: {
        const voucher_issue_request rq = {.application_id = some(m, &m->apps),
                                          .code_seed = STR("model")};
        code = voucher_issue(a, &office, &rq, &issued, err);
        keep(&m->vouchers, issued.voucher_id);
        return code;
    }
    case 3:
        return voucher_top_up(a, &office, some(m, &m->apps), &issued, err);
    case 4:
        return draw(m, 3) == 0
                   ? voucher_freeze(a, &office, some(m, &m->vouchers), STR("doubt"), err)
                   : TQ_OK;
    case 5:
        return voucher_unfreeze(a, &office, some(m, &m->vouchers), err);
    case 6:
        return voucher_expire_due(a, &clock, &id, err);
    default: {
        const voucher_cancel_request rq = {.voucher_id = some(m, &m->vouchers), .cause = STR("end")};
        return draw(m, 6) == 0 ? voucher_cancel(a, &group, &rq, err) : TQ_OK;
    }
    }
}

static tq_code step_order(model *m, int64_t what, tq_err *err)
{
    app *a = m->f->app;
    const call firm = by(m, ROLE_FIRM_AGENT), lab = by(m, ROLE_INST_AGENT);
    order_result made = {0};
    order_clocks clocks = {0};
    const call clock = by(m, ROLE_SYSTEM);
    tq_code code;
    int64_t id = some(m, &m->orders);
    switch (what) {
    case 0: {
        const order_proposal rq = {.voucher_id = some(m, &m->vouchers),
                                   .institution_id = m->f->institution,
                                   .outcome_kind = STR("testing"),
                                   .title = STR("检测"),
                                   .contract_fen = 1000000 + draw(m, 3000000),
                                   .end = day_add(m->d, 60)};
        code = order_propose(a, &firm, &rq, &made, err);
        keep(&m->orders, made.order_id);
        return code;
    }
    case 1:
        return order_accept(a, &lab, id, err);
    case 2:
        return draw(m, 4) == 0 ? order_cancel(a, &firm, id, STR("changed"), err) : TQ_OK;
    case 3: {
        const order_delivery rq = {.order_id = id, .outcome_count = 1, .report = STR("R"), .last = true};
        return order_deliver(a, &lab, &rq, &made.order_id, err);
    }
    case 4:
        return order_confirm(a, &firm, id, err);
    case 5: {
        const order_change_request rq = {id, 1000000 + draw(m, 3000000), 100000 + draw(m, 900000),
                                         day_add(m->d, 30)};
        id = 0;
        code = order_change_propose(a, &firm, &rq, &id, err);
        keep(&m->changes, id);
        return code;
    }
    case 6:
        return order_change_agree(a, &lab, some(m, &m->changes), err);
    default:
        return draw(m, 2) == 0 ? order_close(a, &firm, id, err)
                               : order_clocks_due(a, &clock, &clocks, err);
    }
}

static tq_code step_claim(model *m, int64_t what, tq_err *err)
{
    app *a = m->f->app;
    const call office = by(m, ROLE_OFFICE), one = by(m, ROLE_REVIEWER1);
    int64_t id = some(m, &m->claims);
    int64_t made = 0;
    public_number number;
    switch (what) {
    case 0:
    case 1:
        return claim_one(m, err);
    case 2:
        return review(m, false, err);
    case 3:
        return review(m, true, err);
    case 4:
        return claim_register(a, &office, id, &number, err);
    case 5: {
        const publication_new rq = {.claims = &id, .n = 1};
        publication_opened opened = {0};
        const tq_code code = publication_open(a, &office, &rq, &opened, err);
        keep(&m->lists, opened.publication_id);
        return code;
    }
    case 6:
        return publication_end(a, &office, some(m, &m->lists), err);
    default: {
        const claim_undoing undo = {.claim_id = id, .reason = "error"};
        const claim_returning back = {.claim_id = id, .missing = STR("report")};
        const call two = by(m, ROLE_REVIEWER2);
        return draw(m, 2) == 0 ? claim_undo(a, &two, &undo, &made, err)
                               : claim_return(a, &one, &back, err);
    }
    }
}

static tq_code result_of(model *m, tq_err *err)
{
    static const char *const words[] = {"paid,", "paid,", "returned,户名不符"};
    batch_line_view v;
    size_t n = 0;
    bank_result_report r;
    const call maker = by(m, ROLE_FINANCE_MAKER);
    {
        TX_AUTO store_tx *tx = NULL;
        TQ_TRY(work_read(m->f->app, &tx, err));
        TQ_TRY(batch_lines(tx, some(m, &m->batches), 0, m->f->a, &v, 1, &n, err));
    }
    if (n == 0) {
        return TQ_OK;
    }
    const ymd on = day_ymd(m->d);
    const bank_result_request rq = {
        .bytes = arena_printf(m->f->a,
                              "payment_no,amount,status,reason,date\r\n%.*s,%lld.%02lld,%s,%04d-%02d-%02d\r\n",
                              STR_ARG(v.payment_no), (long long)(v.amount_fen / 100),
                              (long long)(v.amount_fen % 100), words[draw(m, 3)], (int)on.year,
                              (int)on.month, (int)on.mday)};
    return bank_result_apply(m->f->app, &maker, &rq, &r, err);
}

static tq_code step_batch(model *m, int64_t what, tq_err *err)
{
    app *a = m->f->app;
    const call maker = by(m, ROLE_FINANCE_MAKER), checker = by(m, ROLE_FINANCE_CHECKER);
    batch_report r = {0};
    const int64_t id = some(m, &m->batches);
    switch (what) {
    case 0: {
        const batch_collect_request rq = {.period = STR("2014Q4")};
        const tq_code code = batch_collect(a, &maker, &rq, &r, err);
        keep(&m->batches, r.batch_id);
        return code;
    }
    case 1:
    case 2: {
        TQ_TRY(batch_lock(a, &maker, id, &r, err));
        const batch_release_request rq = {id, str_of(r.list_sha256)};
        return draw(m, 4) == 0 ? batch_cancel(a, &maker, id, err)
                               : batch_release(a, &checker, &rq, &r, err);
    }
    case 3:
        return draw(m, 4) == 0 ? batch_recall(a, &checker, id, err)
                               : batch_send(a, &maker, id, &r, err);
    case 4:
    case 5:
        return result_of(m, err);
    case 6:
        return batch_close(a, &checker, id, err);
    default: {
        const batch_repeat_request rq = {.batch_id = id, .same_account = true};
        const tq_code code = batch_repeat(a, &maker, &rq, &r, err);
        keep(&m->batches, r.batch_id);
        return code;
    }
    }
}

static tq_code step_of(model *m, int64_t story, int64_t what, tq_err *err)
{
    switch (story) {
    case 0:
        return step_voucher(m, what, err);
    case 1:
        return step_order(m, what, err);
    case 2:
        return step_claim(m, what, err);
    default:
        return step_batch(m, what, err);
    }
}

/* Chance alone seldom gets a claim paid: half of the steps go on along the handbook's way. */
static tq_code one_step(model *m, tq_err *err)
{
    static const int way[][2] = {{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 3}, {1, 4}, {2, 0},
                                 {2, 2}, {2, 3}, {2, 4}, {2, 5}, {2, 6}, {3, 0}, {3, 1}, {3, 3},
                                 {3, 4}};
    const int n = (int)TQ_COUNT(way);
    m->d = day_add(m->d, draw(m, 8) == 0 ? (int)draw(m, 3) : 0);
    if (draw(m, 3) == 0) {
        const int64_t story = draw(m, 4);
        return step_of(m, story, draw(m, 8), err);
    }
    if (way[m->at][0] == 2 && way[m->at][1] == 6) {
        m->d = day_add(m->d, 12); /* past the last day of the publication */
    }
    const tq_code code = step_of(m, way[m->at][0], way[m->at][1], err);
    if (code == TQ_OK) {
        m->at = (m->at + 1) % n;
    } else if (draw(m, 3) == 0) {
        m->at = draw(m, 2) == 0 ? (int)draw(m, n) : m->orders.n == 0 ? 0 : 3;
    }
    return code;
}

static void ledger_holds(model *m, uint64_t seed, int step)
{
    static const char *const broken[] = {
        "SELECT COUNT(*) FROM (SELECT event_id FROM leg GROUP BY event_id, entry "
        "HAVING SUM(amount) <> 0) AS x",
        "SELECT COUNT(*) FROM balance WHERE amount < 0 AND account NOT IN ('fund', 'overcommit')",
        "SELECT COUNT(*) FROM (SELECT v.id FROM voucher AS v JOIN balance AS b "
        "ON b.voucher_id = v.id WHERE v.state IN ('active', 'frozen') "
        "GROUP BY v.id, v.issued_fen HAVING SUM(b.amount) <> v.issued_fen) AS x",
        "SELECT COUNT(*) FROM claim WHERE paid_fen > approved_fen",
    };
    for (size_t i = 0; i < TQ_COUNT(broken); i++) {
        char answer[512];
        const bool fine = m->f->pg_uri[0] == '\0' ? raw_sqlite(m->f->dir, broken[i], answer, sizeof answer)
                                                  : raw_pg(m->f->pg_uri, broken[i], answer, sizeof answer);
        if (!fine || strcmp(answer, "0") != 0) {
            fail_msg("seed %llu, step %d: %s: %s", (unsigned long long)seed, step, broken[i], answer);
        }
    }
}

static void blobs_put(fixture *f)
{
    static const char *const papers[] = {"minutes", "invoice", "proof"};
    for (size_t i = 0; i < TQ_COUNT(papers); i++) {
        digest sha256;
        CHECK_OK(blob_put(f->store, str_of(papers[i]), &sha256, &err));
    }
}

static void run(uint64_t seed, int steps, digest *hash)
{
    static verify_report report;
    const verify_options o = {0};
    model m = {.f = fixture_open(), .seed = seed, .d = fixture_day(2013, 10, 8)};
    blobs_put(m.f); /* the papers that county_ready, invoices and proofs name */
    county_ready(m.f);
    (void)fixture_account(m.f, m.f->firm, m.d);
    m.p = (path){.f = m.f, .d = m.d, .firm = m.f->firm, .user = m.f->user[ROLE_FIRM_AGENT],
                 .person = m.f->person[ROLE_FIRM_AGENT], .kind = fixture_kind(m.f, "apply")};
    for (int i = 0; i < steps; i++) {
        tq_err err = {0};
        const tq_code code = one_step(&m, &err);
        if (code != TQ_OK && code != TQ_CONFLICT && code != TQ_REFUSED && code != TQ_FORBIDDEN &&
            code != TQ_INVALID && code != TQ_NOT_FOUND) {
            fail_msg("seed %llu, step %d: %s %s %s: %s", (unsigned long long)seed, i,
                     tq_code_name(code), err.reason, err.field, err.detail);
        }
        m.done += code == TQ_OK;
        m.refused += code != TQ_OK;
        if (getenv("TQ_MODEL_TRACE") != NULL && code != TQ_OK) {
            print_message("%d %s %s %s\n", i, tq_code_name(code), err.reason, err.field);
        }
        ledger_holds(&m, seed, i);
    }
    CHECK_OK(event_sequence(m.f->store, &err));
    CHECK_OK(verify_run(m.f->store, &o, &report, &err));
    if (!report.ok) {
        fail_msg("seed %llu: %s %s %s %lld: %s", (unsigned long long)seed, report.first[0].what,
                 report.first[0].table, report.first[0].column, (long long)report.first[0].row,
                 report.first[0].detail);
    }
    CHECK_OK(export_hash(m.f->store, hash, &err));
    print_message("seed %llu: %d done, %d refused, %d vouchers %d orders %d claims %d batches, paid %lld\n",
                  (unsigned long long)seed, m.done, m.refused, m.vouchers.n, m.orders.n, m.claims.n,
                  m.batches.n, (long long)fixture_balance(m.f, ACC_PAID, 0));
    assert_true(m.done > steps / 10);
    fixture_close(m.f);
}

static void both_engines_tell_the_same(void **state)
{
    const bool full = getenv("TQ_FULL") != NULL;
    (void)state;
    for (uint64_t seed = 1; seed <= (full ? 20 : 3); seed++) {
        digest one, other;
        assert_int_equal(setenv("TQ_ENGINE", "sqlite", 1), 0);
        run(seed, full ? 2000 : 200, &one);
        assert_int_equal(setenv("TQ_ENGINE", "pg", 1), 0);
        run(seed, full ? 2000 : 200, &other);
        assert_memory_equal(&one, &other, sizeof one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_engines_tell_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
