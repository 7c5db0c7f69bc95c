/* SPDX-License-Identifier: Apache-2.0 */
/* The whole way of a voucher's money over the wire, each step by its own role's user: fund, application,
 * issue, order, delivery, confirmation, invoice, proof, claim, return, correction, review twice, register,
 * publication, objection, end, batch, release, list, bank result, paid; then a case with ban and
 * clawback. Every POST goes twice under one key: one effect, one answer. The ledger has the last word. */
#include "claim_path.h"

#include <pthread.h>
#include <stdlib.h>

#include "app/log_read.h"
#include "app/order_pool.h"
#include "app/settle.h"
#include "base/secrets.h"
#include "policy_steps.h"
#include "store/checkpoint.h"
#include "store/event_store.h"
#include "web_county.h"

#define PUBLISHED_AGO 40 /* days: five working days are over in any week with holidays */
#define ASK_MAX 4096
#define THREADS 20

static web_county *w;
static int keys;

static int county_make(void **state)
{
    (void)state;
    w = web_county_open();
    return 0;
}

static int county_drop(void **state)
{
    (void)state;
    web_county_close(w);
    return 0;
}

static day today(void)
{
    return w->now[ROLE_OFFICE].today;
}

static const char *iso(day d)
{
    buf text = buf_max(32);
    day_print(d, &text);
    const char *out = arena_copy(w->f->a, buf_view(&text)).data;
    buf_free(&text);
    return out;
}

/* Own buffer: threads ask at the same time. Status; the body in `reply`. */
static unsigned ask_on(loopback *line, role r, const char *where, const char *headers,
                       const char *json, buf *reply)
{
    buf q = buf_max(64 * 1024);
    buf_printf(&q, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: application/json\r\n",
               where);
    buf_printf(&q, "Authorization: Bearer %s\r\nContent-Type: application/json\r\n", w->token[r]);
    buf_printf(&q, "%sContent-Length: %zu\r\n\r\n%s", headers, strlen(json), json);
    buf_clear(reply);
    loopback_ask(line, buf_view(&q), reply);
    buf_free(&q);
    return (unsigned)strtoul(buf_view(reply).data + 9, NULL, 10);
}

static unsigned ask_raw(role r, const char *where, const char *headers, const char *json,
                        buf *reply)
{
    return ask_on(w->line, r, where, headers, json, reply);
}

static web_answer answer_in(const buf *reply)
{
    const str all = buf_view(reply);
    const char *end = memmem(all.data, all.len, "\r\n\r\n", 4);
    assert_non_null(end);
    return (web_answer){.status = (unsigned)strtoul(all.data + 9, NULL, 10),
                        .head = {all.data, (size_t)(end - all.data) + 2},
                        .body = {end + 4, all.len - (size_t)(end + 4 - all.data)}};
}

/* Does it twice under one key: the second time nothing happens and the same record comes back. */
static int64_t act(role r, const char *where, const char *json)
{
    char header[80];
    buf reply = buf_max(1024 * 1024);
    (void)snprintf(header, sizeof header, "Idempotency-Key: cycle-key-%08d\r\n", ++keys);
    const unsigned first = ask_raw(r, where, header, json, &reply);
    if (first != 200 && first != 201) {
        fail_msg("%s by %s: %.*s", where, role_name(r), STR_ARG(buf_view(&reply)));
    }
    const web_answer once = answer_in(&reply);
    const bool has_id = memmem(once.body.data, once.body.len, "\"id\"", 4) != NULL;
    const int64_t id = has_id ? web_int(w, &once, "id") : 0;
    const int64_t events = fixture_events(w->f);
    const unsigned second = ask_raw(r, where, header, json, &reply);
    if (second != first && second != 200 && second != 201) {
        fail_msg("%s by %s again: %.*s", where, role_name(r), STR_ARG(buf_view(&reply)));
    }
    const web_answer again = answer_in(&reply);
    assert_int_equal(fixture_events(w->f), events);
    if (has_id && memmem(again.body.data, again.body.len, "\"id\"", 4) != NULL) {
        assert_int_equal(web_int(w, &again, "id"), id);
    }
    buf_free(&reply);
    return id;
}

/* "/claims/%" and 7: the record's number stands where the sign is. */
static const char *at(const char *form, int64_t id)
{
    const char *hole = strchr(form, '%');
    assert_non_null(hole);
    return arena_printf(w->f->a, "%.*s%lld%s", (int)(hole - form), form, (long long)id, hole + 1)
        .data;
}

#define TEXT(...) (arena_printf(w->f->a, __VA_ARGS__).data)

/* The same no to who asks again under the key, since the first answer may have been lost. */
static void refused_twice(role r, const char *where, const char *json)
{
    char header[80];
    buf reply = buf_max(1024 * 1024);
    int64_t events = 0;
    (void)snprintf(header, sizeof header, "Idempotency-Key: refused-key-%08d\r\n", ++keys);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(ask_raw(r, where, header, json, &reply), 422);
        const web_answer a = answer_in(&reply);
        assert_true(web_text(w, &a, "decision").len > STR("/decisions/").len);
        assert_true(again == 0 || fixture_events(w->f) == events);
        events = fixture_events(w->f);
    }
    buf_free(&reply);
}

/* --- what stands before the way begins ---------------------------------------------------------- */

static void recognised_since(day d)
{
    int64_t id = 0;
    const call group = fixture_as(w->f, ROLE_GROUP, d);
    const decision_paper paper = {STR("纪要〔演示〕1号"), d, hex_of(w->f, "minutes")};
    NEED(recognition_grant(w->f->app, &group, w->f->institution, d, day_add(d, 900), &paper, &id,
                           err));
    recognise(w->f, w->f->firm);
}

/* Budget line, source and appropriation over the wire, by two persons. */
static void fund_by_wire(void)
{
    const int year = day_ymd(today()).year;
    const int64_t line =
        act(ROLE_FINANCE_MAKER, "/budget-lines",
            TEXT("{\"year\":%d,\"doc_no\":\"演1\",\"project_code\":\"P\",\"function_code\":"
                 "\"2060499\",\"gov_econ_code\":\"50799\",\"dept_econ_code\":\"31299\",\"nature\":"
                 "\"一般公共预算\",\"pay_mode\":"
                 "\"财政直接支付\"}",
                 year));
    const int64_t source =
        act(ROLE_FINANCE_MAKER, "/funds",
            TEXT("{\"kind_code\":\"apply\",\"budget_line_id\":%lld,\"code\":\"W1\",\"name\":"
                 "\"科技专项\",\"class\":\"growth\",\"origin\":\"science_fund\"}",
                 (long long)line));
    const int64_t move =
        act(ROLE_FINANCE_MAKER, "/fund-moves",
            TEXT("{\"kind\":\"appropriate\",\"source_id\":%lld,\"year\":%d,\"amount\":"
                 "\"1000000.00\",\"doc_no\":\"演1\"}",
                 (long long)source, year));
    act(ROLE_FINANCE_CHECKER, at("/fund-moves/%/book", move), "{}");
    assert_int_equal(fixture_balance(w->f, ACC_POOL, 0), 100000000);
}

/* --- the way ------------------------------------------------------------------------------------------ */

typedef struct way {
    int64_t application, voucher, order, invoice, proof, claim;
} way;

static void voucher_by_wire(way *y)
{
    y->application = act(ROLE_FIRM_AGENT, "/applications",
                         TEXT("{\"kind_id\":%lld,\"way\":\"immediate\",\"asked\":\"20000.00\"}",
                              (long long)fixture_kind(w->f, "apply")));
    act(ROLE_REVIEWER1, at("/applications/%/approve", y->application), "{}");
    act(ROLE_OFFICE, at("/applications/%/issue", y->application), "{}");
    const web_answer a = web_get(w, ROLE_FIRM_AGENT, at("/applications/%", y->application));
    y->voucher = web_int(w, &a, "voucher_id");
    assert_int_equal(fixture_balance(w->f, ACC_VOUCHER, 0), 2000000);
}

static void order_by_wire(way *y)
{
    y->order = act(
        ROLE_FIRM_AGENT, "/orders",
        TEXT("{\"voucher_id\":%lld,\"institution_id\":%lld,\"outcome_kind\":\"testing\",\"title\":"
             "\"循环寿命检测\",\"contract\":\"25000.00\",\"voucher_part\":\"10000.00\",\"end_day\":"
             "\"%s\"}",
             (long long)y->voucher, (long long)w->f->institution, iso(day_add(today(), 40))));
    act(ROLE_INST_AGENT, at("/orders/%/accept", y->order), "{}");
    assert_int_equal(fixture_balance(w->f, ACC_HOLD, 0), 1000000);
    act(ROLE_INST_AGENT, at("/orders/%/deliver", y->order),
        "{\"outcome_count\":3,\"report\":\"YS-1\",\"last\":true}");
    act(ROLE_FIRM_AGENT, at("/orders/%/confirm", y->order), "{}");
}

static void evidence_for(int64_t claim)
{
    static const char *const kinds[] = {"contract", "invoice", "payment_proof", "result"};
    const call c = w->now[ROLE_FIRM_AGENT];
    for (size_t i = 0; i < TQ_COUNT(kinds); i++) {
        int64_t id = 0;
        const evidence_request rq = {
            .table = T_CLAIM,
            .id = claim,
            .kind = str_of(kinds[i]),
            .name = str_of(kinds[i]),
            .bytes = arena_printf(w->f->a, "%s of %lld", kinds[i], (long long)claim)};
        NEED(evidence_add(w->f->app, &c, &rq, &id, err));
    }
}

static const char *claim_json(const way *y, const char *asked)
{
    return TEXT("{\"voucher_id\":%lld,\"asked\":\"%s\",\"final\":true,\"draft\":true,\"lines\":[{"
                "\"order_id\":%lld,"
                "\"invoice_id\":%lld,\"proof_id\":%lld,\"amount\":\"25000.00\"}]}",
                (long long)y->voucher, asked, (long long)y->order, (long long)y->invoice,
                (long long)y->proof);
}

static void claim_by_wire(way *y)
{
    y->invoice = act(ROLE_FIRM_AGENT, "/invoices",
                     TEXT("{\"number\":\"26330000000000000001\",\"seller_id\":%lld,\"issued_day\":"
                          "\"%s\",\"gross\":"
                          "\"25000.00\",\"net\":\"23584.91\"}",
                          (long long)w->f->institution, iso(today())));
    y->proof = act(ROLE_FIRM_AGENT, "/proofs",
                   TEXT("{\"means\":\"transfer\",\"payer\":\"长兴绿能电池有限公司\",\"paid_day\":"
                        "\"%s\",\"amount\":"
                        "\"25000.00\",\"reference\":\"YH-W1\"}",
                        iso(today())));
    refused_twice(ROLE_FIRM_AGENT, "/claims", /* not a draft, and its papers are missing */
                  TEXT("{\"voucher_id\":%lld,\"asked\":\"10000.00\",\"lines\":[{\"order_id\":%lld,"
                       "\"invoice_id\":"
                       "%lld,\"proof_id\":%lld,\"amount\":\"25000.00\"}]}",
                       (long long)y->voucher, (long long)y->order, (long long)y->invoice,
                       (long long)y->proof));
    y->claim = act(ROLE_FIRM_AGENT, "/claims", claim_json(y, "10000.00"));
    evidence_for(y->claim);
    act(ROLE_FIRM_AGENT, at("/claims/%/submit", y->claim), "{}");
}

/* Returned, corrected, checked; approved only with the version that was seen. */
static void review_by_wire(const way *y)
{
    buf reply = buf_max(1024 * 1024);
    act(ROLE_REVIEWER1, at("/claims/%/return", y->claim), "{\"missing\":\"缺骑缝章\"}");
    act(ROLE_FIRM_AGENT, at("/claims/%/submit", y->claim), "{}");
    act(ROLE_REVIEWER1, at("/claims/%/check", y->claim), "{}");
    const int64_t events = fixture_events(w->f);
    assert_int_equal(ask_raw(ROLE_REVIEWER2, at("/claims/%/approve", y->claim),
                             "If-Match: \"0000000000000000\"\r\n", "{\"amount\":\"10000.00\"}",
                             &reply),
                     409);
    assert_int_equal(fixture_events(w->f), events);
    buf_free(&reply);
    act(ROLE_REVIEWER2, at("/claims/%/approve", y->claim), "{\"amount\":\"10000.00\"}");
    assert_int_equal(fixture_balance(w->f, ACC_PAYABLE, 0), 1000000);
    act(ROLE_OFFICE, at("/claims/%/register", y->claim), "{}");
}

static void publish_and_object_by_wire(const way *y)
{
    act(ROLE_OFFICE, "/publications",
        TEXT("{\"claims\":[{\"claim_id\":%lld}]}", (long long)y->claim));
    const web_answer a = web_get(w, ROLE_OFFICE, at("/claims/%", y->claim));
    const str number = web_text(w, &a, "number");
    act(ROLE_OFFICE, "/objections/new",
        TEXT("{\"claim_number\":\"%.*s\",\"ground\":\"疑似重复\"}", STR_ARG(number)));
    ASSERT_STATE(w->f, y->claim, "objected");
    act(ROLE_GROUP, "/objections/1/decide", "{\"upheld\":false,\"reason\":\"unfounded\"}");
    ASSERT_STATE(w->f, y->claim, "published");
}

static void from_fund_to_publication(void **state)
{
    (void)state;
    way y = {0};
    (void)hex_of(w->f, "invoice");
    (void)hex_of(w->f, "proof");
    policy_step_in_force(
        w->f, "",
        "  - {kind: pooling, id: pool, cites: {document: demo, article: demonstration}, "
        "members_max: 2}\n",
        today()); /* a voucher lives by the policy it was issued under */
    recognised_since(day_add(today(), -PUBLISHED_AGO));
    fund_by_wire();
    voucher_by_wire(&y);
    order_by_wire(&y);
    claim_by_wire(&y);
    review_by_wire(&y);
    publish_and_object_by_wire(&y);
}

/* A rule's no is 422 with the decision that says why; nothing but the decision is written. */
static void a_rule_refuses_with_its_decision(void **state)
{
    (void)state;
    const int64_t id = act(ROLE_FIRM_AGENT, "/applications",
                           TEXT("{\"kind_id\":%lld,\"way\":\"immediate\",\"asked\":\"20000.00\"}",
                                (long long)fixture_kind(w->f, "apply")));
    const int64_t pool = fixture_balance(w->f, ACC_POOL, 0);
    refused_twice(ROLE_REVIEWER1, at("/applications/%/approve", id), "{}");
    assert_int_equal(fixture_balance(w->f, ACC_POOL, 0), pool);
}

/* --- races ---------------------------------------------------------------------------------------- */

typedef struct racer {
    role r;
    const char *where, *json;
    unsigned status;
    loopback *line; /* one connection, one thread */
    pthread_t thread;
} racer;

static void *run(void *arg)
{
    racer *one = arg;
    buf reply = buf_max(1024 * 1024);
    one->status = ask_on(one->line, one->r, one->where, "", one->json, &reply);
    buf_free(&reply);
    return NULL;
}

/* How many of twenty who ask the same at once are told that it is done. */
static int winners(role r, const char *where, const char *json)
{
    static racer all[THREADS];
    int won = 0;
    for (int i = 0; i < THREADS; i++) {
        all[i] = (racer){.r = r, .where = where, .json = json};
        const http_app handlers = web_site_app(w->site);
        NEED(loopback_new(&handlers, w->f->dir, &all[i].line, err));
        assert_int_equal(pthread_create(&all[i].thread, NULL, run, &all[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(all[i].thread, NULL), 0);
        loopback_free(all[i].line);
        won += all[i].status == 200 || all[i].status == 201;
        /* who comes too late is told so, not that something broke */
        if (all[i].status != 200 && all[i].status != 201 && all[i].status != 409 &&
            all[i].status != 422 && all[i].status != 503) {
            fail_msg("%s: %u", where, all[i].status);
        }
    }
    return won;
}

static int rounds(void)
{
    const char *full = getenv("TQ_FULL");
    return full != NULL && full[0] != '\0' ? 50 : 5;
}

static void one_of_twenty_wins(void **state)
{
    (void)state;
    const day d = today();
    (void)fixture_fund(w->f, "apply", INT64_C(1000000000), d);
    for (int i = 0; i < rounds(); i++) {
        path p = path_firm(w->f, true, d);
        p.order = order_make(&p, CONTRACT_FEN, 0);
        order_finish(&p, p.order);
        p.invoice = invoice_make(&p, CONTRACT_FEN, NET_FEN);
        p.proof = proof_make(&p, "transfer", CONTRACT_FEN, d);
        const claim_filed filed = path_filed(&p, CONTRACT_FEN, ALLOWED_FEN, true);
        path_check(&p, &filed, 0);
        assert_int_equal(winners(ROLE_REVIEWER2, at("/claims/%/approve", filed.claim_id),
                                 "{\"amount\":\"23584.90\"}"),
                         1);
        assert_int_equal(balance_of(&p, ACC_PAYABLE), ALLOWED_FEN);
        /* The last balance: two orders of more than half of a voucher, twenty asking for either. */
        path q = path_firm(w->f, true, d);
        order_result r = {0};
        const call firm = as_firm(&q);
        const order_proposal rq = {.voucher_id = q.voucher,
                                   .institution_id = w->f->institution,
                                   .outcome_kind = STR("testing"),
                                   .title = STR("检测"),
                                   .contract_fen = 2 * VOUCHER_FEN,
                                   .voucher_fen = VOUCHER_FEN,
                                   .end = day_add(d, 30)};
        NEED(order_propose(w->f->app, &firm, &rq, &r, err));
        assert_int_equal(winners(ROLE_INST_AGENT, at("/orders/%/accept", r.order_id), "{}"), 1);
        assert_int_equal(balance_of(&q, ACC_HOLD), VOUCHER_FEN);
        assert_int_equal(balance_of(&q, ACC_VOUCHER), 0);
        /* The same invoice. */
        assert_int_equal(
            winners(
                ROLE_FIRM_AGENT, "/invoices",
                TEXT("{\"number\":\"2633%016d\",\"seller_id\":%lld,\"issued_day\":\"%s\",\"gross\":"
                     "\"100.00\",\"net\":\"94.34\"}",
                     1000 + i, (long long)w->f->institution, iso(d))),
            1);
    }
}

/* --- bought together ---------------------------------------------------------------------------------- */

#define SHARE "{\"holder_code\":\"%.*s\",\"contract\":\"2000.00\"}"

/* By the firm of the county's one log-in. */
static int64_t proposed_by_wire(int64_t voucher)
{
    return act(
        ROLE_FIRM_AGENT, "/orders",
        TEXT("{\"voucher_id\":%lld,\"institution_id\":%lld,\"outcome_kind\":\"testing\",\"title\":"
             "\"合购检测\",\"contract\":\"2000.00\",\"end_day\":\"%s\"}",
             (long long)voucher, (long long)w->f->institution, iso(day_add(today(), 30))));
}

/* Another firm's order, to which the firm with the log-in is invited. */
static int64_t invited_by(path *lead, int64_t *order)
{
    order_result r = {0};
    int64_t member = 0;
    const call firm = as_firm(lead);
    const order_proposal rq = {.voucher_id = lead->voucher,
                               .institution_id = w->f->institution,
                               .outcome_kind = STR("testing"),
                               .title = STR("合购检测"),
                               .contract_fen = 200000,
                               .end = day_add(lead->d, 30)};
    NEED(order_propose(w->f->app, &firm, &rq, &r, err));
    *order = r.order_id;
    const order_invitation invitation = {
        .order_id = r.order_id, .holder_id = w->f->firm, .contract_fen = 200000};
    NEED(order_member_invite(w->f->app, &firm, &invitation, &member, err));
    return member;
}

static void firms_buy_together(void **state)
{
    (void)state;
    buf reply = buf_max(1024 * 1024);
    int64_t theirs = 0;
    const day d = today();
    (void)fixture_fund(w->f, "apply", INT64_C(1000000000), d);
    path other = path_firm(w->f, true, d);
    const int64_t voucher = 1; /* from_fund_to_publication's: the county's first */

    /* Invites by credit code, since firms do not see each other; a third is one too many; takes it back. */
    const int64_t order = proposed_by_wire(voucher);
    web_answer a = web_get(w, ROLE_OFFICE, at("/organisations/%", other.firm));
    const str code = web_text(w, &a, "credit_code");
    const int64_t member =
        act(ROLE_FIRM_AGENT, at("/orders/%/invite", order), TEXT(SHARE, STR_ARG(code)));
    assert_int_equal(ask_raw(ROLE_FIRM_AGENT, at("/orders/%/invite", order), "",
                             TEXT(SHARE, 18, "91330000000000000X"), &reply),
                     422);
    assert_int_equal(ask_raw(ROLE_INST_AGENT, at("/orders/%/accept", order), "", "{}", &reply),
                     409);
    act(ROLE_FIRM_AGENT, at("/order-members/%/leave", member), "{\"cause\":\"改为单独购买\"}");
    act(ROLE_INST_AGENT, at("/orders/%/accept", order), "{}");

    /* Is invited and joins; both parts are held by one acceptance. */
    const int64_t mine = invited_by(&other, &theirs);
    a = web_get(w, ROLE_FIRM_AGENT, "/order-members?state=invited");
    assert_int_equal(web_int(w, &a, "count"), 1);
    act(ROLE_FIRM_AGENT, at("/order-members/%/join", mine),
        TEXT("{\"voucher_id\":%lld}", (long long)voucher));
    const int64_t held = fixture_balance(w->f, ACC_HOLD, 0);
    act(ROLE_INST_AGENT, at("/orders/%/accept", theirs), "{}");
    assert_int_equal(fixture_balance(w->f, ACC_HOLD, 0), held + 200000);
    buf_free(&reply);
}

/* --- money out ------------------------------------------------------------------------------------------ */

/* A claim published so long ago that its publication can be ended now. */
static path published_long_ago(day d)
{
    (void)fixture_account(w->f, w->f->firm, d);
    (void)fixture_fund(w->f, "apply", INT64_C(100000000), d);
    path p = path_firm(w->f, true, d);
    (void)fixture_account(w->f, p.firm, d);
    p.order = order_make(&p, CONTRACT_FEN, 0);
    order_finish(&p, p.order);
    p.invoice = invoice_make(&p, CONTRACT_FEN, NET_FEN);
    p.proof = proof_make(&p, "transfer", CONTRACT_FEN, d);
    const claim_filed filed = path_approved(&p, CONTRACT_FEN, ALLOWED_FEN, true);
    public_number number;
    publication_opened out;
    const call office = fixture_as(w->f, ROLE_OFFICE, d);
    NEED(claim_register(w->f->app, &office, filed.claim_id, &number, err));
    const publication_new rq = {.claims = &filed.claim_id, .n = 1};
    NEED(publication_open(w->f->app, &office, &rq, &out, err));
    act(ROLE_OFFICE, at("/publications/%/end", out.publication_id), "{}");
    p.serial = (int)filed.claim_id;
    return p;
}

/* Form data with one file, as a browser sends it. */
static void post_file(role r, const char *where, const char *fields, const char *file)
{
    buf q = buf_max(64 * 1024);
    buf body = buf_max(32 * 1024);
    buf reply = buf_max(1024 * 1024);
    buf_printf(&body, "%s--tq\r\nContent-Disposition: form-data; name=\"%s\r\n--tq--\r\n", fields,
               file);
    buf_printf(&q, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: application/json\r\n",
               where);
    buf_printf(&q, "Authorization: Bearer %s\r\nContent-Type: multipart/form-data; boundary=tq\r\n",
               w->token[r]);
    buf_printf(&q, "Content-Length: %zu\r\n\r\n", buf_view(&body).len);
    buf_str_add(&q, buf_view(&body));
    loopback_ask(w->line, buf_view(&q), &reply);
    const web_answer a = answer_in(&reply);
    if (a.status != 200 && a.status != 201) {
        fail_msg("%s by %s: %u %.*s", where, role_name(r), a.status, STR_ARG(a.body));
    }
    buf_free(&q);
    buf_free(&body);
    buf_free(&reply);
}

#define FIELD(name, value)                                                                         \
    "--tq\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define SCAN "paper\"; filename=\"p.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\n%%EOF\n"

static void bank_says_paid(int64_t batch, str total)
{
    batch_line_view line;
    size_t n = 0;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(w->f->app, &tx, err));
    NEED(batch_lines(tx, batch, 0, w->f->a, &line, 1, &n, err));
    store_rollback(&tx);
    assert_int_equal(n, 1);
    const char *file = TEXT("file\"; filename=\"r.csv\"\r\nContent-Type: text/csv\r\n\r\n"
                            "payment_no,amount,status,reason,date\r\n%.*s,%.*s,paid,,%s",
                            STR_ARG(line.payment_no), STR_ARG(total), iso(today()));
    post_file(ROLE_FINANCE_MAKER, "/bank-files", TEXT(FIELD("batch_id", "%lld"), (long long)batch),
              file);
}

/* P-31, P-55: opened, heard, decided by the group, claimed back in part, handed back, closed. */
static void clawback(int64_t firm, str claim_number)
{
    const int64_t id =
        act(ROLE_OFFICE, "/cases", TEXT("{\"org_id\":%lld,\"cause\":\"sale\"}", (long long)firm));
    post_file(ROLE_OFFICE, at("/cases/%/hear", id),
              TEXT(FIELD("paper_no", "听1") FIELD("paper_day", "%s"), iso(today())), SCAN);
    post_file(ROLE_GROUP, at("/cases/%/decide", id),
              TEXT(FIELD("paper_no", "决1") FIELD("paper_day", "%s") FIELD("reason", "转让创新券")
                       FIELD("parts.0.claim_number", "%.*s") FIELD("parts.0.amount", "5000.00")
                           FIELD("due_day", "%s"),
                   iso(today()), STR_ARG(claim_number), iso(day_add(today(), 30))),
              SCAN);
    assert_int_equal(fixture_balance(w->f, ACC_OWED, 0), 500000);
    act(ROLE_OFFICE, at("/cases/%/appeal", id), "{\"reason\":\"不服\"}");
    post_file(ROLE_GROUP, at("/cases/%/uphold", id),
              TEXT(FIELD("paper_no", "复1") FIELD("paper_day", "%s") FIELD("reason", "维持"),
                   iso(today())),
              SCAN);
    act(ROLE_FINANCE_MAKER, "/recoveries/1/collect",
        "{\"amount\":\"5000.00\",\"reference\":\"回单1\"}");
    act(ROLE_OFFICE, at("/cases/%/enforce", id), "{\"reason\":\"执行\"}");
    act(ROLE_FINANCE_CHECKER, "/recoveries/1/hand-back",
        "{\"amount\":\"5000.00\",\"reference\":\"缴回1\"}");
    act(ROLE_OFFICE, at("/cases/%/close", id), "{\"reason\":\"结案\"}");
}

/* R-LOG-090: on paper lies what was signed when it was printed; before there is none the letter does without. */
static void the_letter_carries_the_log(int64_t batch)
{
    char root[65];
    char mark[96];
    checkpoint last;
    bool any = false;
    const web_answer before = web_get(w, ROLE_FINANCE_MAKER, at("/batches/%/request", batch));
    assert_int_equal(before.status, 200);
    assert_null(memmem(before.body.data, before.body.len, "SM3 ", 4));
    NEED(event_sequence(app_store(w->f->app), err));
    NEED(checkpoint_write(app_store(w->f->app), w->now[ROLE_FINANCE_MAKER].at, err));
    NEED(log_last_point(w->f->app, &last, &any, err));
    assert_true(any);
    digest_hex(last.sm3, root);
    (void)snprintf(mark, sizeof mark, "SM3 %s", root);
    const web_answer after = web_get(w, ROLE_FINANCE_MAKER, at("/batches/%/request", batch));
    assert_non_null(memmem(after.body.data, after.body.len, mark, strlen(mark)));
}

static void from_publication_to_paid(void **state)
{
    (void)state;
    const day d = day_add(today(), -PUBLISHED_AGO);
    const ymd y = day_ymd(today());
    const path p = published_long_ago(d);
    /* Collected with what was left out and why: the first claim's publication still runs. */
    web_answer a = web_post(w, ROLE_FINANCE_MAKER, "/batches",
                            TEXT("{\"period\":\"%dQ%d\"}", y.year, (y.month - 1) / 3 + 1));
    const int64_t batch = web_int(w, &a, "batch_id");
    assert_int_equal(web_int(w, &a, "count"), 1);
    assert_non_null(memmem(a.body.data, a.body.len, "publication_open", 16));
    act(ROLE_FINANCE_MAKER, at("/batches/%/lock", batch), "{}");
    a = web_get(w, ROLE_FINANCE_CHECKER, at("/batches/%", batch));
    const str list = web_text(w, &a, "list_sha256");
    const char *release = TEXT("{\"list_sha256\":\"%.*s\"}", STR_ARG(list));
    const int64_t before = fixture_balance(w->f, ACC_TRANSIT, 0);
    assert_int_equal(before, 0);
    (void)winners(ROLE_FINANCE_CHECKER, at("/batches/%/release", batch), release);
    assert_int_equal(fixture_balance(w->f, ACC_TRANSIT, 0), ALLOWED_FEN);
    assert_int_equal(web_post(w, ROLE_FINANCE_CHECKER, at("/batches/%/list", batch),
                              "{\"charset\":\"utf8\"}")
                         .status,
                     200);
    act(ROLE_FINANCE_MAKER, at("/batches/%/send", batch), "{}");
    the_letter_carries_the_log(batch);
    assert_int_equal(fixture_balance(w->f, ACC_TRANSIT, 0), ALLOWED_FEN);
    ASSERT_STATE(w->f, p.serial, "sent");
    a = web_get(w, ROLE_FINANCE_MAKER, at("/batches/%", batch));
    bank_says_paid(batch, web_text(w, &a, "total"));
    ASSERT_STATE(w->f, p.serial, "paid");
    assert_int_equal(fixture_balance(w->f, ACC_TRANSIT, 0), 0);
    assert_int_equal(fixture_balance(w->f, ACC_PAID, 0), ALLOWED_FEN);
    act(ROLE_FINANCE_CHECKER, at("/batches/%/close", batch), "{}");
    a = web_get(w, ROLE_OFFICE, at("/claims/%", p.serial));
    clawback(p.firm, web_text(w, &a, "number"));
    assert_int_equal(fixture_balance(w->f, ACC_PAID, 0), ALLOWED_FEN - 500000);
    assert_int_equal(fixture_balance(w->f, ACC_OWED, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_fund_to_publication),
        cmocka_unit_test(a_rule_refuses_with_its_decision),
        cmocka_unit_test(from_publication_to_paid),
        cmocka_unit_test(one_of_twenty_wins),
        cmocka_unit_test(firms_buy_together),
    };
    return cmocka_run_group_tests_name("web_cycle", tests, county_make, county_drop);
}
