/* SPDX-License-Identifier: Apache-2.0 */
/* Policy files: what is refused and where, what a child file changes, and that the print is the
 * identity: R-POLICY-050. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "domain/policy_inner.h"

#define FILE_MAX (256 * 1024)
#define ARENA_MAX (32 * 1024 * 1024)
#define ROUNDS 4000

static arena *memory;

static tq_code read_scheme(void *ctx, str name, arena *a, str *out, tq_err *err)
{
    const char *root = getenv("TQ_SOURCE_DIR");
    (void)ctx;
    const str path =
        arena_printf(a, "%s/schemes/%.*s.yaml", root == NULL ? "." : root, STR_ARG(name));
    return file_read(path.data, FILE_MAX, a, out, err);
}

/* The smallest good file; line numbers stand on the right of the rows below. */
static const char small[] =
    "format: 1\n"                                                                  /* 1 */
    "scheme: small\n"                                                              /* 2 */
    "title: {zh: 小, en: small}\n"                                                 /* 3 */
    "jurisdiction: 330522\n"                                                       /* 4 */
    "currency: CNY\n"                                                              /* 5 */
    "zone: Asia/Shanghai\n"                                                        /* 6 */
    "fiscal_month: 1\n"                                                            /* 7 */
    "documents:\n"                                                                 /* 8 */
    "  - {id: d, title: {zh: 办法, en: measures}, level: measures, number: 1号}\n" /* 9 */
    "rules:\n"                                                                     /* 10 */
    "  - {kind: voucher_kind, id: v, cites: {document: d, article: 1}, label: {zh: 券, en: v},"
    " form: entitlement, top_up: no, holders: [enterprise]}\n" /* 11 */
    "  - kind: cap\n"                                          /* 12 */
    "    id: cap\n"                                            /* 13 */
    "    cites: {document: d, article: 2}\n"                   /* 14 */
    "    measure: issued\n"                                    /* 15 */
    "    period: calendar_year\n"                              /* 16 */
    "    limit: 30000.00 CNY\n"                                /* 17 */
    "    over: refuse\n"                                       /* 18 */
    "  - kind: allocation\n"                                   /* 19 */
    "    id: allocation\n"                                     /* 20 */
    "    cites: {document: d, article: 3}\n"                   /* 21 */
    "    mode: entitlement\n"                                  /* 22 */
    "  - kind: rate\n"                                         /* 23 */
    "    id: rate\n"                                           /* 24 */
    "    cites: {document: d, article: 4}\n"                   /* 25 */
    "    share: 50%\n"                                         /* 26 */
    "    of: invoice_net\n"                                    /* 27 */
    "  - kind: fund\n"                                         /* 28 */
    "    id: fund\n"                                           /* 29 */
    "    cites: {document: d, article: 5}\n"                   /* 30 */
    "    overcommit: 0%\n"                                     /* 31 */
    "    on_expiry: pool\n"                                    /* 32 */
    "  - kind: settlement\n"                                   /* 33 */
    "    id: settle\n"                                         /* 34 */
    "    cites: {document: d, article: 6}\n"                   /* 35 */
    "    payee: holder\n"                                      /* 36 */
    "  - kind: clock\n"                                        /* 37 */
    "    id: use\n"                                            /* 38 */
    "    cites: {document: d, article: 7}\n"                   /* 39 */
    "    clock: use\n"                                         /* 40 */
    "    n: 12\n"                                              /* 41 */
    "    unit: months\n"                                       /* 42 */
    "    until: 12-31\n"                                       /* 43 */
    "  - kind: holder_test\n"                                  /* 44 */
    "    id: young\n"                                          /* 45 */
    "    cites: {document: d, article: 8}\n"                   /* 46 */
    "    valid_from: 2013-09-01\n"                             /* 47 */
    "    fact: holder_age_days\n"                              /* 48 */
    "    test: at_most\n"                                      /* 49 */
    "    number: 3650\n"                                       /* 50 */
    "    reason: holder_not_eligible\n";                       /* 51 */

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

static policy *load(str text)
{
    policy *p = NULL;
    tq_err err = {0};
    if (policy_load(text, "small", read_scheme, NULL, memory, &p, &err) != TQ_OK) {
        fail_msg("%s at %s: %s", err.reason, err.field, err.detail);
    }
    return p;
}

static str printed(const policy *p)
{
    BUF_AUTO buf b = buf_max(POLICY_PRINT_MAX);
    policy_print(p, &b);
    assert_true(buf_ok(&b));
    return arena_copy(memory, buf_view(&b));
}

static const struct {
    const char *from, *to, *reason, *place;
} refusals[] = {
    /* the file */
    {"format: 1\n", "format: 2\n", "policy_field_range", "small:1:1: format"},
    {"format: 1\n", "", "policy_field_missing", "small:1:1: format"},
    {"scheme: small\n", "", "policy_field_missing", "small:1:1: scheme"},
    {"scheme: small", "scheme: Small", "policy_field_type", "small:2:1: scheme"},
    {"title: {zh: 小, en: small}", "title: small", "policy_field_type", "small:3:1: title"},
    {"title: {zh: 小, en: small}", "title: {zh: 小}", "policy_field_type", "small:3:1: title"},
    {"title: {zh: 小, en: small}", "title: unset", "policy_field_missing", "small:3:1: title"},
    {"currency: CNY", "currency: XYZ", "policy_field_range", "small:5:1: currency"},
    {"fiscal_month: 1", "fiscal_month: 0", "policy_field_range", "small:7:1: fiscal_month"},
    {"fiscal_month: 1", "fiscal_month: 13", "policy_field_range", "small:7:1: fiscal_month"},
    {"fiscal_month: 1", "fiscal_month: 1\nrate: 50%", "policy_field_unknown", "small:8:1: rate"},
    {"documents:\n  - {", "documents: {\n   a: {", "yaml_form", NULL},
    {"rules:\n", "rules: &a\n", "yaml_anchor", NULL},
    {"level: measures", "level: law", "policy_field_range", "small:9:44: level"},
    {"number: 1号", "basis: P-20", "policy_field_unknown", "small:9:61: basis"},
    /* a rule's frame */
    {"kind: cap", "kind: caps", "policy_kind_unknown", "small:12:5: kind"},
    {"kind: cap", "kind: document", "policy_kind_unknown", "small:12:5: kind"},
    {"kind: cap\n    ", "", "policy_field_missing", "small:12:5: kind"},
    {"    id: cap\n", "", "policy_field_missing", "small:12:5: id"},
    {"id: cap", "id: v", "policy_id_repeated", "small:12:5: id"},
    {"id: cap", "id: .cap", "policy_field_type", "small:13:5: id"},
    {"id: cap", "id: cap..x", "policy_field_type", "small:13:5: id"},
    {"id: v,", "id: v.w,", "policy_field_range", "small:11:5: id"},
    {"    cites: {document: d, article: 2}\n", "", "policy_field_missing", "small:12:5: cites"},
    {"{document: d, article: 2}", "{document: e, article: 2}", "policy_reference",
     "small:12:5: cites"},
    {"{document: d, article: 2}", "d 2", "policy_field_type", "small:14:5: cites"},
    {"    measure: issued", "    for: [w]\n    measure: issued", "policy_reference",
     "small:12:5: for"},
    {"    measure: issued", "    measures: issued", "policy_field_unknown", "small:15:5: measures"},
    {"    over: refuse", "    over: refuse\n    over: reduce", "yaml_repeated_key", "small:19:5"},
    {"    mode: entitlement", "    mode: entitlement\n    valid_from: 2013-09-01",
     "policy_field_unknown", "small:23:5: valid_from"},
    {"valid_from: 2013-09-01", "valid_from: 2013-09-31", "policy_field_type",
     "small:47:5: valid_from"},
    {"valid_from: 2013-09-01", "valid_from: 2013-09-01\n    valid_to: 2013-08-31",
     "policy_field_range", "small:44:5: valid_to"},
    /* types */
    {"measure: issued", "measure: paid", "policy_field_range", "small:15:5: measure"},
    {"measure: issued", "measure: [issued]", "policy_field_type", "small:15:5: measure"},
    {"measure: issued", "measure: unset", "policy_field_missing", "small:15:5: measure"},
    {"30000.00 CNY", "30000.00", "policy_field_type", "small:17:5: limit"},
    {"30000.00 CNY", "30000.00 EUR", "policy_field_type", "small:17:5: limit"},
    {"30000.00 CNY", "30,000.00 CNY", "policy_field_type", "small:17:5: limit"},
    {"30000.00 CNY", "30000.001 CNY", "policy_field_type", "small:17:5: limit"},
    {"30000.00 CNY", "-1.00 CNY", "policy_field_type", "small:17:5: limit"},
    {"30000.00 CNY", "3e4 CNY", "policy_field_type", "small:17:5: limit"},
    {"30000.00 CNY", "99999999999999999999.00 CNY", "policy_field_type", "small:17:5: limit"},
    {"30000.00 CNY", "\"30000.00 CNY\"", "policy_field_type", "small:17:5: limit"},
    {"share: 50%", "share: 50", "policy_field_type", "small:26:5: share"},
    {"share: 50%", "share: 0.5", "policy_field_type", "small:26:5: share"},
    {"share: 50%", "share: 12.345%", "policy_field_type", "small:26:5: share"},
    {"share: 50%", "share: 12.%", "policy_field_type", "small:26:5: share"},
    {"share: 50%", "share: 100.01%", "policy_field_range", "small:26:5: share"},
    {"share: 50%", "share: 10001bp", "policy_field_range", "small:26:5: share"},
    {"n: 12\n", "n: 3x\n", "policy_field_type", "small:41:5: n"},
    {"n: 12\n", "n: 3.5\n", "policy_field_type", "small:41:5: n"},
    {"n: 12\n", "n: 012\n", "policy_field_type", "small:41:5: n"},
    {"n: 12\n", "n: 10001\n", "policy_field_range", "small:41:5: n"},
    {"n: 12\n", "n: 601\n", "policy_field_range", "small:37:5: n"},
    {"until: 12-31", "until: 02-29", "policy_field_type", "small:43:5: until"},
    {"until: 12-31", "until: 2013-12-31", "policy_field_type", "small:43:5: until"},
    {"top_up: no", "top_up: false", "policy_field_type", "small:11:109: top_up"},
    {"holders: [enterprise]", "holders: []", "policy_field_range", "small:11:121: holders"},
    {"holders: [enterprise]", "holders: enterprise", "policy_field_type", "small:11:121: holders"},
    {"holders: [enterprise]", "holders: [enterprise, enterprise]", "policy_field_range",
     "small:11:121: holders"},
    {"holders: [enterprise]", "holders: [person]", "policy_field_range", "small:11:121: holders"},
    {"fact: holder_age_days", "fact: holder_shoe_size", "policy_fact", "small:48:5: fact"},
    /* between fields and rules */
    {"fact: holder_age_days", "fact: contract", "policy_fact_stage", "small:44:5: fact"},
    {"fact: holder_age_days", "fact: holder_region", "policy_field_type", "small:44:5: test"},
    {"    number: 3650\n", "", "policy_field_missing", "small:44:5: number"},
    {"    number: 3650\n", "    number: 3650\n    codes: [a]\n", "policy_field_missing",
     "small:44:5: codes"},
    {"    unit: months\n", "", "policy_field_missing", "small:37:5: unit"},
    {"    n: 12\n    unit: months\n    until: 12-31\n", "", "policy_field_missing",
     "small:37:5: n"},
    {"    limit: 30000.00 CNY\n", "", "policy_field_missing", "small:12:5: limit"},
    {"    limit: 30000.00 CNY\n", "    count: 1\n", "policy_field_missing", "small:12:5: limit"},
    {"measure: issued\n    period: calendar_year", "measure: approved\n    period: life",
     "policy_field_range", "small:12:5: period"},
    {"    over: refuse\n", "", "policy_field_missing", "small:12:5: over"},
    {"  - kind: fund\n    id: fund\n    cites: {document: d, article: 5}\n    overcommit: 0%\n"
     "    on_expiry: pool\n",
     "", "policy_incomplete", "small:11:5: kind"},
    {"  - kind: fund\n",
     "  - {kind: allocation, id: second, cites: {document: d, article: 5},"
     " mode: decided}\n  - kind: fund\n",
     "policy_id_repeated", "small:28:5: kind"},
    {"  - kind: fund\n",
     "  - {kind: rate, id: second, cites: {document: d, article: 5},"
     " share: 1%, of: invoice_gross}\n  - kind: fund\n",
     "policy_field_range", "small:28:5: of"},
    {"scheme: small\n", "scheme: small\nextends: cn-changxing-demo\n", "policy_extends", NULL},
    {"scheme: small\n", "scheme: small\nset: {cap: {over: reduce}}\n", "policy_reference",
     "small:3:7: set"},
    {"scheme: small\n", "scheme: small\nremove: [cap]\n", "policy_reference", "small:3:10: remove"},
};

static void test_refusals(void **state)
{
    (void)state;
    (void)load(str_of(small));
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const str text = replaced(str_of(small), refusals[i].from, refusals[i].to);
        policy *p = NULL;
        tq_err err = {0};
        const tq_code code = policy_load(text, "small", read_scheme, NULL, memory, &p, &err);
        if (code == TQ_OK || strcmp(err.reason, refusals[i].reason) != 0 ||
            (refusals[i].place != NULL && strcmp(err.field, refusals[i].place) != 0)) {
            fail_msg("row %zu (%s): %s at %s: %s", i, refusals[i].to, err.reason, err.field,
                     err.detail);
        }
        assert_null(p);
        assert_true(strlen(err.detail) > 0);
    }
}

static void test_identity(void **state)
{
    (void)state;
    static const char *const names[] = {"cn-changxing", "cn-changxing-demo"};
    for (size_t i = 0; i < 2; i++) {
        str text = {0};
        assert_int_equal(read_scheme(NULL, str_of(names[i]), memory, &text, NULL), TQ_OK);
        const policy *p = load(text);
        assert_true(str_eq(policy_name(p), str_of(names[i])));
        const str once = printed(p);
        policy *again = NULL;
        /* the print stands alone */
        assert_int_equal(policy_load(once, "print", NULL, NULL, memory, &again, NULL), TQ_OK);
        assert_true(digest_eq(policy_sha256(p), policy_sha256(again)));
        assert_true(str_eq(printed(again), once));
        assert_true(digest_eq(policy_sha256(p), hash_of(HASH_SHA256, once)));
    }
}

/* Equal content has one identity however it is written; other content has another. */
static void test_same_and_other(void **state)
{
    (void)state;
    const policy *p = load(str_of(small));
    static const struct {
        const char *from, *to;
        bool same;
    } edits[] = {
        {"share: 50%", "share: 5000bp", true},
        {"share: 50%", "share: 50.00%   # half", true},
        {"30000.00 CNY", "30000 CNY", true},
        {"scheme: small", "scheme: \"small\"", true},
        {"    n: 12\n    unit: months\n", "    unit: months\n    n: 12\n", true},
        {"  - kind: cap\n    id: cap\n    cites: {document: d, article: 2}\n    measure: issued\n"
         "    period: calendar_year\n    limit: 30000.00 CNY\n    over: refuse\n  - kind: "
         "allocation\n"
         "    id: allocation\n    cites: {document: d, article: 3}\n    mode: entitlement\n",
         "  - kind: allocation\n    id: allocation\n    cites: {document: d, article: 3}\n"
         "    mode: entitlement\n  - {over: refuse, kind: cap, id: cap, measure: issued,"
         " cites: {article: 2, document: d}, period: calendar_year, limit: 30000.00 CNY}\n",
         true},
        {"share: 50%", "share: 50.01%", false},
        {"30000.00 CNY", "30000.01 CNY", false},
        {"30000.00 CNY", "unset", false},
        {"article: 7", "article: 7a", false},
        {"en: small", "en: Small", false},
        {"    until: 12-31\n", "", false},
    };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        const policy *q = load(replaced(str_of(small), edits[i].from, edits[i].to));
        if (digest_eq(policy_sha256(p), policy_sha256(q)) != edits[i].same) {
            fail_msg("%s", edits[i].to);
        }
    }
}

/* unset is a word of the language only where it is plain; quoted it is a text like any other. */
static void test_unset_quoted(void **state)
{
    (void)state;
    const policy *p = load(replaced(str_of(small), "number: 1号", "number: \"unset\""));
    assert_true(str_eq(p->rules[0].article, STR("unset: 1")));
    const policy *q = load(printed(p));
    assert_true(digest_eq(policy_sha256(p), policy_sha256(q)));
}

static void test_extends(void **state)
{
    (void)state;
    const policy *p = load(STR("format: 1\nscheme: child\nextends: cn-changxing\n"
                               "remove: [clock.pay_by]\n"
                               "set:\n  cap.apply: {limit: 50000.00 CNY, over: reduce}\n"
                               "rules:\n  - {kind: relation_ban, id: related, action: allow,"
                               " cites: {document: rules, article: x}}\n"
                               "  - {kind: sequence, id: one, open_max: 1,"
                               " cites: {document: rules, article: y}}\n"));
    const str text = printed(p);
    assert_true(str_eq(policy_name(p), STR("child")));
    assert_null(strstr(text.data, "extends"));
    assert_null(strstr(text.data, "clock.pay_by"));
    assert_non_null(strstr(text.data, "limit: 50000.00 CNY\n    over: reduce"));
    assert_non_null(strstr(text.data, "period: calendar_year\n    limit: 50000.00 CNY"));
    assert_non_null(strstr(text.data, "action: allow"));
    assert_null(strstr(text.data, "action: unset"));
    assert_non_null(strstr(text.data, "open_max: 1"));
    assert_non_null(strstr(text.data, "长兴县跨区域创新券")); /* inherited */
}

/* Files damaged at random: whatever is still accepted prints to a text that reads back the same. */
static void test_damaged(void **state)
{
    (void)state;
    uint64_t seed = 20130901;
    size_t accepted = 0;
    const char *full = getenv("TQ_FULL");
    const int rounds = full != NULL && *full == '1' ? 10 * ROUNDS : ROUNDS;
    const size_t len = sizeof small - 1;
    static const char spare[] = "019.,:-{}[]\"'#\n %bpaxzN\xe5\x8d";
    for (int i = 0; i < rounds; i++) {
        ARENA_AUTO arena *a = arena_new("round", ARENA_MAX);
        char text[sizeof small];
        memcpy(text, small, sizeof small);
        for (int k = 0; k < 1 + (i % 4 == 0); k++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            const size_t at = (size_t)(seed >> 33) % len;
            text[at] = spare[(seed >> 20) % (sizeof spare - 1)];
        }
        policy *p = NULL, *q = NULL;
        tq_err err = {0};
        if (policy_load((str){text, len}, "damaged", NULL, NULL, a, &p, &err) != TQ_OK) {
            assert_true(strlen(err.reason) > 0 && strlen(err.field) > 0);
            continue;
        }
        accepted++;
        BUF_AUTO buf b = buf_max(POLICY_PRINT_MAX);
        policy_print(p, &b);
        if (policy_load(buf_view(&b), "print", NULL, NULL, a, &q, &err) != TQ_OK ||
            !digest_eq(policy_sha256(p), policy_sha256(q))) {
            fail_msg("round %d: %s at %s\n%s", i, err.reason, err.field, text);
        }
    }
    assert_in_range(accepted, rounds / 50, rounds);
}

int main(void)
{
    memory = arena_new("test", 512 * 1024 * 1024);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),       cmocka_unit_test(test_identity),
        cmocka_unit_test(test_same_and_other), cmocka_unit_test(test_unset_quoted),
        cmocka_unit_test(test_extends),        cmocka_unit_test(test_damaged),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_free(memory);
    return failed;
}
