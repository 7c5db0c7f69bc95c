/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CLAIM_PATH_H
#define TQ_CLAIM_PATH_H

/* The way to a claim, for tests: a recognised firm with a voucher of 30,000 yuan, an order of 50,000
 * that was delivered and confirmed, an invoice and its payment. Amounts in fen. */

#include "app/application.h"
#include "app/evidence.h"
#include "app/invoice.h"
#include "app/order.h"
#include "app/organisation.h"
#include "app/person.h"
#include "app/publication.h"
#include "app/review_claim.h"
#include "app/submit_claim.h"
#include "app/voucher.h"
#include "fixture.h"
#include "store/blob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define VOUCHER_FEN INT64_C(3000000)
#define CONTRACT_FEN INT64_C(5000000)
#define NET_FEN INT64_C(4716981)
#define ALLOWED_FEN INT64_C(2358490) /* half of the net, down to the fen */

typedef struct path {
    fixture *f;
    day d;
    int64_t firm, user, person; /* the firm's agent */
    int64_t lab;                /* who invoices; 0 = the institution of the fixture */
    int64_t kind;
    int64_t voucher;
    int64_t order;
    int64_t invoice;
    int64_t proof;
    int serial;          /* of invoices and proofs */
    const char *purpose; /* of orders; NULL = none */
} path;

static inline str hex_of(fixture *f, const char *text)
{
    char hex[65];
    digest sha256;
    NEED(blob_put(f->store, str_of(text), &sha256, err));
    digest_hex(sha256, hex);
    return arena_copy(f->a, str_of(hex));
}

static inline call as_firm(path *p)
{
    return fixture_user(p->f, p->user, p->person, ROLE_FIRM_AGENT, p->firm, p->d);
}

static inline call as(path *p, role r)
{
    return fixture_as(p->f, r, p->d);
}

static inline void recognise(fixture *f, int64_t firm)
{
    int64_t fact = 0;
    const call c = fixture_as(f, ROLE_OFFICE, FIXTURE_DAY);
    const org_fact_rq rq = {.org_id = firm,
                            .kind = STR("recognition"),
                            .value = STR("county"),
                            .number = STR("CX-1"),
                            .from = FIXTURE_DAY};
    NEED(org_fact_record(f->app, &c, &rq, &fact, err));
}

/* Once per fixture: money in the pool, and the institution recognised. */
static inline void county_ready(fixture *f)
{
    int64_t id = 0;
    const call group = fixture_as(f, ROLE_GROUP, FIXTURE_DAY);
    const decision_paper paper = {STR("纪要〔2013〕1号"), FIXTURE_DAY, hex_of(f, "minutes")};
    (void)fixture_fund(f, "apply", INT64_C(100000000), FIXTURE_DAY);
    NEED(recognition_grant(f->app, &group, f->institution, FIXTURE_DAY, fixture_day(2018, 12, 31),
                           &paper, &id, err));
    recognise(f, f->firm);
}

static inline void paper_add(path *p, int table, int64_t id, const char *kind)
{
    int64_t evidence = 0;
    const call c = as_firm(p);
    const evidence_request rq = {.table = table,
                                 .id = id,
                                 .kind = str_of(kind),
                                 .name = str_of(kind),
                                 .class = STR("full"),
                                 .bytes = arena_printf(p->f->a, "%s of %lld", kind, (long long)id)};
    NEED(evidence_add(p->f->app, &c, &rq, &evidence, err));
}

static inline void voucher_make(path *p)
{
    int64_t application = 0;
    application_result decided = {0};
    voucher_issued issued = {0};
    const call intake = as(p, ROLE_INTAKE);
    const call reviewer = as(p, ROLE_REVIEWER1);
    const call office = as(p, ROLE_OFFICE);
    const application_request rq = {
        .holder_id = p->firm, .kind_id = p->kind, .way = "immediate", .asked_fen = VOUCHER_FEN};
    NEED(application_file(p->f->app, &intake, &rq, &application, err));
    NEED(application_approve(p->f->app, &reviewer, application, NULL, &decided, err));
    if (!decided.granted) {
        fail_msg("voucher refused: %s", decided.reason);
    }
    const voucher_issue_request issue = {.application_id = application, .code_seed = STR("test")};
    NEED(voucher_issue(p->f->app, &office, &issue, &issued, err));
    p->voucher = issued.voucher_id;
}

/* An accepted order; 0 voucher_fen = as much as the policy allows. */
static inline int64_t order_make(path *p, int64_t contract, int64_t voucher_fen)
{
    order_result r = {0};
    const call firm = as_firm(p);
    const call lab = as(p, ROLE_INST_AGENT);
    const order_proposal rq = {.voucher_id = p->voucher,
                               .institution_id = p->f->institution,
                               .outcome_kind = STR("testing"),
                               .title = STR("电池循环寿命检测"),
                               .purpose = str_of(p->purpose),
                               .contract_fen = contract,
                               .voucher_fen = voucher_fen,
                               .end = day_add(p->d, 60)};
    NEED(order_propose(p->f->app, &firm, &rq, &r, err));
    if (!r.accepted) {
        fail_msg("order refused: %s", r.reason);
    }
    NEED(order_accept(p->f->app, &lab, r.order_id, err));
    return r.order_id;
}

static inline void order_finish(path *p, int64_t order)
{
    int64_t delivery = 0;
    const call firm = as_firm(p);
    const call lab = as(p, ROLE_INST_AGENT);
    const order_delivery rq = {
        .order_id = order, .outcome_count = 12, .report = STR("JC-2013-118"), .last = true};
    paper_add(p, T_SERVICE_ORDER, order, "contract");
    NEED(order_deliver(p->f->app, &lab, &rq, &delivery, err));
    NEED(order_confirm(p->f->app, &firm, order, err));
}

static inline invoice_new invoice_form_of(path *p)
{
    const str firm_name =
        p->firm == p->f->firm ? STR("长兴绿能电池有限公司") : STR("长兴小试电源有限公司");
    p->serial++;
    return (invoice_new){
        .number = arena_printf(p->f->a, "2433%08lld%08d", (long long)p->firm, p->serial),
        .seller_id = p->lab != 0 ? p->lab : p->f->institution,
        .institution_id = p->lab != 0 ? p->lab : p->f->institution,
        .buyer_id = p->firm,
        .buyer_name = firm_name,
        .issued = p->d,
        .gross_fen = CONTRACT_FEN,
        .net_fen = NET_FEN,
        .blob = hex_of(p->f, "invoice"),
    };
}

static inline int64_t invoice_make(path *p, int64_t gross, int64_t net)
{
    int64_t id = 0;
    const call c = as_firm(p);
    invoice_new rq = invoice_form_of(p);
    rq.gross_fen = gross;
    rq.net_fen = net;
    NEED(invoice_add(p->f->app, &c, &rq, &id, err));
    return id;
}

static inline int64_t proof_make(path *p, const char *means, int64_t fen, day paid)
{
    int64_t id = 0;
    const call c = as_firm(p);
    const invoice_new names = invoice_form_of(p);
    const proof_new rq = {.org_id = p->firm,
                          .means = str_of(means),
                          .payer = names.buyer_name,
                          .paid = paid,
                          .amount_fen = fen,
                          .reference = arena_printf(p->f->a, "REF-%d", p->serial),
                          .blob = hex_of(p->f, "proof")};
    NEED(proof_add(p->f->app, &c, &rq, &id, err));
    return id;
}

/* The firm of the fixture, or a new one with an agent of its own; with a voucher. */
static inline path path_firm(fixture *f, bool fresh, day d)
{
    path p = {.f = f,
              .d = d,
              .firm = f->firm,
              .user = f->user[ROLE_FIRM_AGENT],
              .person = f->person[ROLE_FIRM_AGENT],
              .kind = fixture_kind(f, "apply")};
    if (fresh) {
        p.firm = fixture_org(f, "enterprise", "长兴小试电源有限公司");
        fixture_person(f, ROLE_FIRM_AGENT, p.firm, &p.user, &p.person);
        recognise(f, p.firm);
    }
    voucher_make(&p);
    return p;
}

/* All of it: ready to be claimed. */
static inline path path_make(fixture *f, bool fresh, day d)
{
    path p = path_firm(f, fresh, d);
    p.order = order_make(&p, CONTRACT_FEN, 0);
    order_finish(&p, p.order);
    p.invoice = invoice_make(&p, CONTRACT_FEN, NET_FEN);
    p.proof = proof_make(&p, "transfer", CONTRACT_FEN, d);
    return p;
}

static inline claim_line_new path_line(const path *p, int64_t fen)
{
    return (claim_line_new){
        .order_id = p->order, .invoice_id = p->invoice, .proof_id = p->proof, .amount_fen = fen};
}

static inline tq_code path_submit(path *p, const claim_line_new *lines, size_t n, int64_t asked,
                                  bool final, claim_filed *out, tq_err *err)
{
    const call c = as_firm(p);
    const claim_form form = {
        .voucher_id = p->voucher, .asked_fen = asked, .final = final, .lines = lines, .n_lines = n};
    const claim_submission rq = {.form = &form};
    return claim_submit(p->f->app, &c, &rq, out, err);
}

static inline claim_filed path_filed(path *p, int64_t fen, int64_t asked, bool final)
{
    claim_filed filed = {0};
    const claim_line_new line = path_line(p, fen);
    NEED(path_submit(p, &line, 1, asked, final, &filed, err));
    return filed;
}

static inline void path_check(path *p, const claim_filed *filed, int64_t reduce)
{
    int64_t decision = 0;
    const call c = as(p, ROLE_REVIEWER1);
    const claim_checking rq = {.claim_id = filed->claim_id,
                               .content = str_of(filed->content),
                               .reduce_fen = reduce,
                               .reason = STR("培训费不属于检测")};
    NEED(claim_check(p->f->app, &c, &rq, &decision, err));
}

static inline tq_code path_approve(path *p, const claim_filed *filed, int64_t amount, tq_err *err)
{
    int64_t decision = 0;
    const call c = as(p, ROLE_REVIEWER2);
    const claim_approval rq = {filed->claim_id, str_of(filed->content), amount};
    return claim_approve(p->f->app, &c, &rq, NULL, &decision, err);
}

/* Submitted, checked, approved in full. */
static inline claim_filed path_approved(path *p, int64_t fen, int64_t asked, bool final)
{
    const claim_filed filed = path_filed(p, fen, asked, final);
    path_check(p, &filed, 0);
    NEED(path_approve(p, &filed, asked, err));
    return filed;
}

static inline void row_of(fixture *f, int table, int64_t id, event_value *row)
{
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(row_load(tx, table, id, f->a, row, err));
}

static inline str state_of_claim(fixture *f, int64_t id)
{
    event_value row[AUDITED_COLS_MAX];
    row_of(f, T_CLAIM, id, row);
    return row_str(row, C_CLAIM_STATE);
}

static inline int64_t balance_of(path *p, ledger_account account)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t sum = 0;
    const ledger_cell like = {.account = account, .voucher_id = p->voucher};
    NEED(work_read(p->f->app, &tx, err));
    NEED(ledger_sum(tx, p->f->programme_id, &like, &sum, err));
    return sum;
}

#define ASSERT_STATE(f, id, state) assert_true(str_eq(state_of_claim((f), (id)), STR(state)))

#endif
