/* SPDX-License-Identifier: Apache-2.0 */
/* Policies as they ship: what they decide, at and beside every limit. R-POLICY-010,
 * R-POLICY-020, R-POLICY-030, R-POLICY-040, R-POLICY-060. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/canon.h"
#include "base/file.h"
#include "domain/policy_inner.h"

#define FILE_MAX (256 * 1024)
#define TODAY 16000 /* 2013-10-22 */

static arena *memory;

static tq_code read_scheme(void *ctx, str name, arena *a, str *out, tq_err *err)
{
    const char *root = getenv("TQ_SOURCE_DIR");
    (void)ctx;
    const str path =
        arena_printf(a, "%s/schemes/%.*s.yaml", root == NULL ? "." : root, STR_ARG(name));
    return file_read(path.data, FILE_MAX, a, out, err);
}

static policy *load(str text)
{
    policy *p = NULL;
    tq_err err = {0};
    if (policy_load(text, "test", read_scheme, NULL, memory, &p, &err) != TQ_OK) {
        fail_msg("%s at %s: %s", err.reason, err.field, err.detail);
    }
    return p;
}

static policy *load_scheme(const char *name)
{
    str text = {0};
    assert_int_equal(read_scheme(NULL, str_of(name), memory, &text, NULL), TQ_OK);
    return load(text);
}

static str printed(const policy *p)
{
    BUF_AUTO buf b = buf_max(POLICY_PRINT_MAX);
    policy_print(p, &b);
    assert_true(buf_ok(&b));
    return arena_copy(memory, buf_view(&b));
}

/* `text` with the first `from` replaced. */
static str replaced(str text, const char *from, const char *to)
{
    const char *at = strstr(text.data, from);
    if (at == NULL) {
        fail_msg("the text has no %s", from);
        return text;
    }
    return arena_printf(memory, "%.*s%s%s", (int)(at - text.data), text.data, to,
                        at + strlen(from));
}

/* The demonstration scheme with rules that it does not need, so that each kind is asked. */
static const char more_rules[] =
    "  - {kind: holder_test, id: old, cites: {document: demo, article: x}, fact: holder_age_days,"
    " test: at_most, number: 3650, reason: holder_not_eligible}\n"
    "  - {kind: holder_test, id: here, cites: {document: demo, article: x}, fact: holder_region,"
    " test: within, codes: [3305], reason: holder_not_eligible}\n"
    "  - {kind: provider_test, id: delta, cites: {document: demo, article: x},"
    " accepts: [agreement, recognition], regions: [31, 32, 33]}\n"
    "  - {kind: service_item, id: item.routine, cites: {document: demo, article: x}, item: routine,"
    " label: {zh: 批量检测, en: routine tests}, class: unsupported}\n"
    "  - {kind: exclusion, id: no_gifts, cites: {document: demo, article: x}, switch: on, stage: "
    "order,"
    " fact: purpose, test: one_of, codes: [gift], reason: excluded}\n"
    "  - {kind: exclusion, id: off, cites: {document: demo, article: x}, switch: off, stage: order,"
    " fact: contract, test: at_least, number: 1, reason: excluded}\n"
    "  - {kind: sequence, id: one_open, cites: {document: demo, article: x}, open_max: 2}\n"
    "  - {kind: cap, id: three, cites: {document: demo, article: x}, for: [award], measure: count,"
    " period: life, count: 3, over: refuse}\n"
    "  - {kind: cap, id: face, cites: {document: demo, article: x}, for: [award], measure: issued,"
    " period: voucher, limit: 500000.00 CNY, over: reduce}\n"
    "  - {kind: cap, id: life, cites: {document: demo, article: x}, for: [award], measure: issued,"
    " period: life, limit: 1000000.00 CNY, over: reduce}\n"
    "  - {kind: cap, id: paid, cites: {document: demo, article: x}, for: [award], measure: "
    "approved,"
    " period: calendar_year, limit: 9000.00 CNY, over: reduce}\n"
    "  - {kind: own_share, id: own, cites: {document: demo, article: x}, for: [award], share: 60%,"
    " amount: 10.00 CNY}\n";

static policy *full(void)
{
    str text = printed(load_scheme("cn-changxing-demo"));
    /* only some services have a rate in this one, and small contracts none */
    static const char from[] = "    share: 5000bp\n    of: invoice_net\n";
    const char *award = strstr(strstr(text.data, "id: rate.award"), from);
    assert_non_null(award);
    const size_t head = (size_t)(award - text.data) + sizeof from - 1;
    return load(arena_printf(memory,
                             "%.*s    items: [testing, routine, iur]\n"
                             "    min_project: 1000.00 CNY\n%s%s",
                             (int)head, text.data, text.data + head, more_rules));
}

static policy_facts facts_of(policy_stage stage)
{
    static const policy_facts stages[STAGE_COUNT] = {
        [STAGE_APPLY] = {.voucher_kind = {"apply", 5},
                         .holder_kind = {"enterprise", 10},
                         .holder_recognised = 1,
                         .holder_region = {"330522", 6},
                         .asked = 3000000,
                         .pool_left = 100000000},
        [STAGE_ORDER] = {.voucher_kind = {"apply", 5},
                         .outcome_kind = {"testing", 7},
                         .purpose = {"iur", 3},
                         .institution_region = {"310104", 6},
                         .agreement_open = 1,
                         .contract = 1000000,
                         .voucher_left = 3000000,
                         .order_end = TODAY + 100,
                         .voucher_end = TODAY + 100},
        [STAGE_CLAIM] = {.voucher_kind = {"apply", 5},
                         .outcome_kind = {"testing", 7},
                         .institution_region = {"310104", 6},
                         .base_gross = 1060000,
                         .base_net = 1000000,
                         .hold_left = 600000,
                         .claim_by = TODAY,
                         .evidence_mask = 15},
    };
    policy_facts f = stages[stage];
    f.today = TODAY;
    return f;
}

/* "issued_year=100,purpose=gift" */
static void change(policy_facts *f, const char *changes)
{
    while (*changes != '\0') {
        const size_t len = strcspn(changes, ",");
        const char *equals = memchr(changes, '=', len);
        assert_non_null(equals);
        const int at = policy_fact_named((str){changes, (size_t)(equals - changes)});
        assert_true(at >= 0);
        const str value = {equals + 1, len - (size_t)(equals + 1 - changes)};
        char *member = (char *)f + policy_fact_table[at].at;
        if (policy_fact_table[at].type == FT_WORD) {
            memcpy(member, &value, sizeof value);
        } else {
            long long n = 0;
            assert_true(str_int64(value, &n));
            const int64_t number = n;
            memcpy(member, &number, sizeof number);
        }
        changes += len + (changes[len] == ',');
    }
}

/* Each row changes good facts. TODAY is 16000. */
static const struct {
    const char *what;
    policy_stage stage;
    const char *changes, *reason;
    int64_t amount;
    const char *rule; /* of the last step */
} rows[] = {
    {"all good", STAGE_APPLY, "", "granted", 3000000, "fund.apply"},
    {"no such kind", STAGE_APPLY, "voucher_kind=gold", "voucher_kind_unknown", 0, ""},
    {"banned holder", STAGE_APPLY, "holder_banned=1", "holder_banned", 0, "sanction"},
    {"banned before an order", STAGE_ORDER, "holder_banned=1", "holder_banned", 0, "sanction"},
    {"banned before a claim", STAGE_CLAIM, "holder_banned=1", "holder_banned", 0, "sanction"},
    {"banned institution", STAGE_ORDER, "institution_banned=1", "institution_banned", 0,
     "sanction"},
    {"a team", STAGE_APPLY, "holder_kind=team", "holder_kind", 0, "apply"},
    {"unrecognised", STAGE_APPLY, "holder_recognised=0", "holder_not_recognised", 0, "recognised"},
    {"oldest good age", STAGE_APPLY, "holder_age_days=3650", "granted", 3000000, "fund.apply"},
    {"a day too old", STAGE_APPLY, "holder_age_days=3651", "holder_not_eligible", 0, "old"},
    {"another city", STAGE_APPLY, "holder_region=330402", "holder_not_eligible", 0, "here"},
    {"second open application", STAGE_APPLY, "open_applications=1", "granted", 3000000,
     "fund.apply"},
    {"third open application", STAGE_APPLY, "open_applications=2", "application_open", 0,
     "one_open"},
    {"cap met exactly", STAGE_APPLY, "issued_year=1000000,asked=2000000", "granted", 2000000,
     "fund.apply"},
    {"a fen above the cap", STAGE_APPLY, "issued_year=1000000,asked=2000001", "cap_reached", 0,
     "cap.apply"},
    {"a fen above at once", STAGE_APPLY, "asked=3000001", "cap_reached", 0, "cap.apply"},
    {"top-up within the cap", STAGE_APPLY, "is_top_up=1,issued_year=2999999,asked=1", "granted", 1,
     "fund.apply"},
    {"pool met exactly", STAGE_APPLY, "pool_left=3000000", "granted", 3000000, "fund.apply"},
    {"a fen more than the pool", STAGE_APPLY, "pool_left=2999999", "pool_short", 0, "fund.apply"},
    /* R-FINDING-020 */
    {"a minor finding takes nothing", STAGE_APPLY, "holder_finding=minor", "granted", 3000000,
     "fund.apply"},
    {"a serious finding halves", STAGE_APPLY, "holder_finding=serious,asked=2000001", "granted",
     1000000, "fund.apply"},
    {"a fraud leaves a fifth", STAGE_APPLY, "holder_finding=fraud,asked=2000004", "granted", 400000,
     "fund.apply"},
    {"after the cap, before the pool", STAGE_APPLY, "holder_finding=fraud,pool_left=600000",
     "granted", 600000, "fund.apply"},
    {"a finding and an award", STAGE_APPLY, "voucher_kind=award,holder_finding=serious,decided=7",
     "granted", 3, "fund.award"},
    {"nothing asked", STAGE_APPLY, "asked=0", "nothing_payable", 0, "apply"},
    {"award decided", STAGE_APPLY, "voucher_kind=award,decided=20000000", "granted", 20000000,
     "fund.award"},
    {"award not decided", STAGE_APPLY, "voucher_kind=award", "decision_missing", 0,
     "allocation.award"},
    {"award by what is asked", STAGE_APPLY, "voucher_kind=award,asked=1,decided=7", "granted", 7,
     "fund.award"},
    {"award above the face", STAGE_APPLY, "voucher_kind=award,decided=50000001", "granted",
     50000000, "fund.award"},
    {"award near the life cap", STAGE_APPLY, "voucher_kind=award,decided=500,issued_life=99999999",
     "granted", 1, "fund.award"},
    {"award at the life cap", STAGE_APPLY, "voucher_kind=award,decided=500,issued_life=100000000",
     "cap_reached", 0, "life"},
    {"third award", STAGE_APPLY, "voucher_kind=award,decided=1,vouchers_life=2", "granted", 1,
     "fund.award"},
    {"fourth award", STAGE_APPLY, "voucher_kind=award,decided=1,vouchers_life=3", "cap_reached", 0,
     "three"},
    {"top-up of the third", STAGE_APPLY, "voucher_kind=award,decided=1,vouchers_life=3,is_top_up=1",
     "granted", 1, "fund.award"},

    {"order", STAGE_ORDER, "", "granted", 500000, "rate.apply"},
    {"order asks for less", STAGE_ORDER, "asked=499999", "granted", 499999, "rate.apply"},
    {"order asks for more", STAGE_ORDER, "asked=500001", "granted", 500000, "rate.apply"},
    {"voucher nearly used", STAGE_ORDER, "voucher_left=3", "granted", 3, "rate.apply"},
    {"voucher used up", STAGE_ORDER, "voucher_left=0", "nothing_payable", 0, "apply"},
    {"purpose on the list", STAGE_ORDER, "voucher_kind=award", "granted", 400000, "own"},
    {"purpose off the list", STAGE_ORDER, "voucher_kind=award,purpose=rent", "purpose_not_allowed",
     0, "award"},
    {"no purpose", STAGE_ORDER, "voucher_kind=award,purpose=", "purpose_not_allowed", 0, "award"},
    {"no agreement", STAGE_ORDER, "agreement_open=0", "institution_not_recognised", 0, "provider"},
    {"recognised by itself", STAGE_ORDER, "agreement_open=0,institution_recognised=1", "granted",
     500000, "rate.apply"},
    {"Harbin", STAGE_ORDER, "institution_region=230103", "institution_region", 0, "delta"},
    {"same controller", STAGE_ORDER, "related=1", "related_parties", 0, "related"},
    {"not on the list", STAGE_ORDER, "outcome_kind=massage", "item_unknown", 0, "item.testing"},
    {"listed, not supported", STAGE_ORDER, "outcome_kind=routine", "item_unsupported", 0,
     "item.routine"},
    {"demanded by law", STAGE_ORDER, "compulsory=1", "compulsory_excluded", 0, "compulsory"},
    {"excluded purpose", STAGE_ORDER, "purpose=gift", "excluded", 0, "no_gifts"},
    {"last day of the voucher", STAGE_ORDER, "voucher_end=16000,order_end=16000", "granted", 500000,
     "rate.apply"},
    {"a day after it", STAGE_ORDER, "voucher_end=15999,order_end=15999", "voucher_expired", 0,
     "clock.use"},
    {"service ends too late", STAGE_ORDER, "order_end=16101", "order_too_late", 0, "clock.use"},
    {"smallest project", STAGE_ORDER, "voucher_kind=award,contract=100000", "granted", 40000,
     "own"},
    {"a fen below it", STAGE_ORDER, "voucher_kind=award,contract=99999", "project_too_small", 0,
     "rate.award"},
    {"no rate for it", STAGE_ORDER, "voucher_kind=award,outcome_kind=patent", "no_rate", 0,
     "rate.award"},

    {"claim", STAGE_CLAIM, "", "granted", 500000, "rate.apply"},
    {"half a fen falls away", STAGE_CLAIM, "base_net=999999", "granted", 499999, "rate.apply"},
    {"one fen of base", STAGE_CLAIM, "base_net=1", "nothing_payable", 0, "apply"},
    {"hold met exactly", STAGE_CLAIM, "hold_left=500000", "granted", 500000, "rate.apply"},
    {"hold is less", STAGE_CLAIM, "hold_left=499999", "granted", 499999, "rate.apply"},
    {"a day late", STAGE_CLAIM, "claim_by=15999", "claim_late", 0, "clock.claim"},
    {"no result", STAGE_CLAIM, "evidence_mask=7", "evidence_missing", 0, "evidence"},
    {"equipment not accepted", STAGE_CLAIM, "outcome_kind=equipment", "evidence_missing", 0,
     "evidence.equipment"},
    {"equipment accepted", STAGE_CLAIM, "outcome_kind=equipment,evidence_mask=47", "granted",
     500000, "rate.apply"},
    {"own share of 60 %", STAGE_CLAIM, "voucher_kind=award,base_net=5001", "granted", 2000, "paid"},
    {"own share of 10 yuan", STAGE_CLAIM, "voucher_kind=award,base_net=1500", "granted", 500,
     "paid"},
    {"own share eats it all", STAGE_CLAIM, "voucher_kind=award,base_net=1000", "nothing_payable", 0,
     "award"},
    {"year's rest paid", STAGE_CLAIM, "voucher_kind=award,claimed_year=899999", "granted", 1,
     "paid"},
    {"year full", STAGE_CLAIM, "voucher_kind=award,claimed_year=900000", "cap_reached", 0, "paid"},
};
#define ROWS (sizeof rows / sizeof rows[0])

static const char *const all_reasons[] = {
#define POLICY_REASON(token, zh, en) #token,
#include "domain/policy_reasons.def"
#undef POLICY_REASON
};
#define REASONS (sizeof all_reasons / sizeof all_reasons[0])

static size_t reason_at(const char *reason)
{
    size_t i = 0;
    while (i < REASONS && strcmp(all_reasons[i], reason) != 0) {
        i++;
    }
    assert_true(i < REASONS);
    return i;
}

static void mark(bool *reached, const char *reason)
{
    reached[reason_at(reason)] = true;
}

/* A decision is granted with an amount, or refused by its last step with none. */
static void sane(const policy_decision *d)
{
    assert_true(d->n > 0 && d->n <= POLICY_STEPS_MAX);
    assert_int_equal(d->granted, strcmp(d->reason, "granted") == 0);
    assert_int_equal(d->granted, d->amount > 0);
    for (int i = 0; i < d->n; i++) {
        assert_int_equal(d->steps[i].holds, d->granted || i < d->n - 1);
        assert_true(d->steps[i].article.len > 0 || strcmp(d->reason, "voucher_kind_unknown") == 0);
    }
    BUF_AUTO buf b = buf_max(64 * 1024);
    const canon_node *node = NULL;
    policy_steps_write(d, &b);
    assert_int_equal(canon_read(buf_view(&b), memory, &node, NULL), TQ_OK);
    assert_int_equal(node->count, d->n);
}

static void test_every_reason(void **state)
{
    (void)state;
    const policy *p = full();
    bool reached[REASONS] = {0};
    policy_decision d;
    for (size_t i = 0; i < ROWS; i++) {
        policy_facts f = facts_of(rows[i].stage);
        change(&f, rows[i].changes);
        policy_evaluate(p, rows[i].stage, &f, &d);
        const policy_step *last = &d.steps[d.n - 1];
        if (strcmp(d.reason, rows[i].reason) != 0 || d.amount != rows[i].amount ||
            !str_eq(last->rule, str_of(rows[i].rule))) {
            fail_msg("%s: %s %lld by %.*s", rows[i].what, d.reason, (long long)d.amount,
                     STR_ARG(last->rule));
        }
        sane(&d);
        mark(reached, d.reason);
    }
    /* two need another policy: the county's own, and one without top-up */
    policy_facts f = facts_of(STAGE_APPLY);
    policy_evaluate(load_scheme("cn-changxing"), STAGE_APPLY, &f, &d);
    sane(&d);
    mark(reached, d.reason);
    f.is_top_up = 1;
    const str text = printed(load_scheme("cn-changxing-demo"));
    policy_evaluate(load(replaced(text, "top_up: yes", "top_up: no")), STAGE_APPLY, &f, &d);
    sane(&d);
    mark(reached, d.reason);
    for (size_t i = 0; i < REASONS; i++) {
        if (!reached[i]) {
            fail_msg("no row reaches %s", all_reasons[i]);
        }
        assert_string_not_equal(policy_reason_text(all_reasons[i], true), all_reasons[i]);
        assert_string_not_equal(policy_reason_text(all_reasons[i], false), all_reasons[i]);
    }
}

/* Of many obstacles the first of the list is the reason: everything is wrong, then one by one mended. */
static void test_precedence(void **state)
{
    (void)state;
    static const struct {
        policy_stage stage;
        const char *wrong;
        const char *mends[16];
    } walks[] = {
        {STAGE_APPLY,
         "voucher_kind=gold,holder_banned=1,holder_kind=team,holder_recognised=0,holder_age_days="
         "9999,"
         "open_applications=9,issued_year=3000000,pool_left=0",
         {"voucher_kind=apply", "holder_banned=0", "holder_kind=enterprise", "holder_recognised=1",
          "holder_age_days=1", "open_applications=0", "issued_year=0", "pool_left=3000000"}},
        {STAGE_ORDER,
         "voucher_kind=award,holder_banned=1,institution_banned=1,purpose=rent,agreement_open=0,"
         "institution_region=23,related=1,outcome_kind=x,compulsory=1,voucher_end=1,contract=1",
         {"holder_banned=0", "institution_banned=0", "purpose=iur", "agreement_open=1",
          "institution_region=31", "related=0", "outcome_kind=routine", "outcome_kind=testing",
          "compulsory=0", "voucher_end=16000", "order_end=16000", "contract=1000000"}},
        {STAGE_CLAIM,
         "holder_banned=1,institution_banned=1,claim_by=1,evidence_mask=0,hold_left=0",
         {"holder_banned=0", "institution_banned=0", "claim_by=16000", "evidence_mask=15",
          "hold_left=9"}},
    };
    const policy *p = full();
    policy_decision d;
    for (size_t w = 0; w < sizeof walks / sizeof walks[0]; w++) {
        policy_facts f = facts_of(walks[w].stage);
        change(&f, walks[w].wrong);
        size_t before = 0;
        for (size_t i = 0; walks[w].mends[i] != NULL; i++) {
            policy_evaluate(p, walks[w].stage, &f, &d);
            sane(&d);
            assert_false(d.granted);
            const size_t now = reason_at(d.reason);
            if (now <= before) {
                fail_msg("%s comes after %s", d.reason, all_reasons[before]);
            }
            before = now;
            change(&f, walks[w].mends[i]);
        }
        policy_evaluate(p, walks[w].stage, &f, &d);
        assert_true(d.granted);
    }
}

static void test_unset(void **state)
{
    (void)state;
    const policy *county = load_scheme("cn-changxing");
    str names[64];
    const size_t n = policy_unset(county, names, 64);
    assert_in_range(n, 20, 40);
    bool rate = false;
    for (size_t i = 0; i < n; i++) {
        rate = rate || str_eq(names[i], STR("rate.apply.share"));
    }
    assert_true(rate);
    assert_int_equal(policy_unset(county, NULL, 0), n);
    assert_int_equal(policy_unset(load_scheme("cn-changxing-demo"), names, 64), 0);

    policy_facts f = facts_of(STAGE_CLAIM);
    policy_decision d;
    const str text = printed(load_scheme("cn-changxing-demo"));
    const policy *no_rate = load(replaced(text, "share: 5000bp", "share: unset"));
    policy_evaluate(no_rate, STAGE_CLAIM, &f, &d);
    sane(&d);
    assert_string_equal(d.reason, "policy_unset");
    assert_true(str_eq(d.steps[d.n - 1].right_text, STR("rate.apply.share")));
    assert_true(str_eq(d.steps[d.n - 1].rule, STR("rate.apply")));
    /* award vouchers do not stand on that rate */
    f.voucher_kind = STR("award");
    policy_evaluate(no_rate, STAGE_CLAIM, &f, &d);
    assert_true(d.granted);
}

/* A rule with dates is asked on its first and last day and on no other. */
static void test_dates(void **state)
{
    (void)state;
    const str text = printed(load_scheme("cn-changxing-demo"));
    const policy *p = load(replaced(text, "    id: cap.apply\n",
                                    "    id: cap.apply\n    valid_from: 2013-10-22\n"
                                    "    valid_to: 2013-10-23\n"));
    static const struct {
        int64_t today;
        bool granted;
    } days[] = {{TODAY - 1, true}, {TODAY, false}, {TODAY + 1, false}, {TODAY + 2, true}};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        policy_facts f = facts_of(STAGE_APPLY);
        policy_decision d;
        f.asked = 3000001;
        f.today = days[i].today;
        policy_evaluate(p, STAGE_APPLY, &f, &d);
        assert_int_equal(d.granted, days[i].granted);
    }
}

/* Rounding to whole yuan goes down too, before the hold is looked at. */
static void test_whole_yuan(void **state)
{
    (void)state;
    const str text = printed(load_scheme("cn-changxing-demo"));
    const policy *p =
        load(replaced(text, "of: invoice_net\n", "of: invoice_net\n    round: yuan\n"));
    policy_facts f = facts_of(STAGE_CLAIM);
    policy_decision d;
    f.base_net = 20199; /* half is 100.99 */
    policy_evaluate(p, STAGE_CLAIM, &f, &d);
    assert_int_equal(d.amount, 10000);
    f.hold_left = 9999;
    policy_evaluate(p, STAGE_CLAIM, &f, &d);
    assert_int_equal(d.amount, 9999);
}

static void test_steps(void **state)
{
    (void)state;
    const policy *p = load_scheme("cn-changxing-demo");
    const policy_facts f = facts_of(STAGE_CLAIM);
    policy_decision d;
    policy_evaluate(p, STAGE_CLAIM, &f, &d);
    assert_int_equal(d.base, 1000000);
    const policy_step *share = &d.steps[d.n - 2];
    assert_string_equal(share->operator, "share");
    assert_string_equal(share->fact, "base_net");
    assert_int_equal(share->left, 1000000);
    assert_int_equal(share->right, 500000);
    assert_true(str_eq(share->right_text, STR("5000bp")));
    BUF_AUTO buf b = buf_max(64 * 1024);
    policy_facts_write(&f, STAGE_CLAIM, &b);
    assert_string_equal(
        b.data, "{\"today\":16000,\"voucher_kind\":\"apply\",\"holder_banned\":0,\"outcome_kind\":"
                "\"testing\","
                "\"institution_region\":\"310104\",\"institution_banned\":0,\"base_gross\":1060000,"
                "\"base_net\":1000000,\"hold_left\":600000,\"claim_by\":16000,\"evidence_mask\":15,"
                "\"claimed_year\":0}");
}

/* Whether the policy has this rule with these values. */
static bool same_as(const policy *p, const policy_rule *r)
{
    for (size_t i = 0; i < p->n_rules; i++) {
        bool same = str_eq(p->rules[i].id, r->id);
        for (int f = 0; same && f < policy_kind_fields(r->kind); f++) {
            same = p->rules[i].own[f].state == r->own[f].state &&
                   p->rules[i].own[f].num == r->own[f].num;
        }
        if (same) {
            return true;
        }
    }
    return false;
}

/* Each rule of the county's file cites a document and names its ground; only the demo makes values up. */
static void test_sources(void **state)
{
    (void)state;
    const policy *county = load_scheme("cn-changxing");
    for (size_t i = 0; i < county->n_rules; i++) {
        const policy_rule *r = &county->rules[i];
        assert_non_null(memmem(r->article.data, r->article.len, "article not published", 21));
        assert_int_equal(COMMON(r, basis)->state, PV_GIVEN);
    }
    const policy *demo = load_scheme("cn-changxing-demo");
    assert_int_equal(OWN(&county->top, scheme, demonstration)->state, PV_ABSENT);
    assert_int_equal(OWN(&demo->top, scheme, demonstration)->num, 1);
    for (size_t i = 0; i < demo->n_rules; i++) {
        const policy_rule *r = &demo->rules[i];
        const bool from_demo = str_eq(COMMON(r, cites)->text, STR("demo"));
        const bool noted = COMMON(r, note)->state == PV_GIVEN;
        if (!from_demo && !noted && !same_as(county, r)) {
            fail_msg("%.*s is changed and not marked", STR_ARG(r->id));
        }
    }
}

static void test_parameters(void **state)
{
    (void)state;
    const policy *p = load_scheme("cn-changxing-demo");
    const policy *county = load_scheme("cn-changxing");
    tq_err err = {0};
    policy_clock c;
    assert_int_equal(policy_clock_get(p, "apply", "use", &c, &err), TQ_OK);
    assert_true(c.n == 12 && c.months && !c.working_days && c.absolute_month == 0);
    assert_int_equal(policy_clock_get(p, NULL, "cooling", &c, &err), TQ_OK);
    assert_true(c.n == 3 && c.working_days);
    assert_int_equal(policy_clock_get(p, "gold", "use", &c, &err), TQ_NOT_FOUND);
    assert_string_equal(err.reason, "policy_kind");
    assert_int_equal(policy_clock_get(county, "apply", "use", &c, &err), TQ_INVALID);
    assert_string_equal(err.reason, "policy_unset");
    assert_non_null(strstr(err.detail, "clock.use.n"));
    const str text = printed(p);
    const policy *fixed = load(replaced(text, "    clock: use\n    n: 12\n    unit: months\n",
                                        "    clock: use\n    until: 12-20\n"));
    assert_int_equal(policy_clock_get(fixed, "apply", "use", &c, &err), TQ_OK);
    assert_true(c.n == 12 && c.months && c.absolute_month == 12 && c.absolute_day == 20);

    policy_payee payee;
    assert_int_equal(policy_payee_get(p, "apply", &payee, &err), TQ_OK);
    assert_int_equal(payee, PAYEE_HOLDER);
    assert_int_equal(policy_payee_get(p, "award", &payee, &err), TQ_OK);
    assert_int_equal(payee, PAYEE_INSTITUTION);
    assert_int_equal(policy_payee_get(county, "award", &payee, &err), TQ_INVALID);

    policy_fund fund;
    assert_int_equal(policy_fund_get(p, "award", &fund, &err), TQ_OK);
    assert_true(fund.extract.n == 1000 && fund.match.n == 5000 && fund.overcommit.n == 500);
    assert_true(fund.expiry_to_pool);
    policy_sanction sanction;
    assert_int_equal(policy_sanction_get(p, &sanction, &err), TQ_OK);
    assert_true(sanction.ban_years == 3 && sanction.ban_all_funds && sanction.good_faith_payable &&
                sanction.appeal_suspends && sanction.repair_months == 24);
    assert_int_equal(policy_sanction_get(county, &sanction, &err), TQ_INVALID);

    const str *columns = NULL;
    size_t n = 0;
    assert_int_equal(policy_payment_columns(p, &columns, &n, &err), TQ_OK);
    assert_int_equal(n, 23);
    assert_true(str_eq(columns[0], STR("seq")) && str_eq(columns[22], STR("note")));
    assert_true(policy_means_counts(p, STR("transfer")) && policy_means_counts(p, STR("bill")));
    assert_false(policy_means_counts(p, STR("cash")) ||
                 policy_means_counts(county, STR("transfer")));

    bool award = false, top_up = false, net = false;
    assert_int_equal(policy_kinds(p), 2);
    assert_true(str_eq(policy_kind_code(p, 1), STR("award")));
    assert_true(str_eq(policy_kind_label(p, 0, true), STR("申请类")));
    assert_int_equal(policy_kind_form(p, "award", &award, &top_up, &err), TQ_OK);
    assert_true(award && top_up);
    assert_int_equal(policy_base_is_net(p, "apply", &net, &err), TQ_OK);
    assert_true(net);
    assert_int_equal(policy_base_is_net(county, "apply", &net, &err), TQ_INVALID);
    assert_int_equal(policy_evidence_bit(STR("contract")), 1);
    assert_int_equal(policy_evidence_bit(STR("certificate")), 512);
    assert_int_equal(policy_evidence_bit(STR("promise")), 0);
}

int main(void)
{
    memory = arena_new("test", 256 * 1024 * 1024);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_reason), cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_unset),        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_steps),        cmocka_unit_test(test_whole_yuan),
        cmocka_unit_test(test_sources),      cmocka_unit_test(test_parameters),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(memory);
    return failed;
}
