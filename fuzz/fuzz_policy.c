/* SPDX-License-Identifier: Apache-2.0 */

/* A policy that is accepted prints to a text that loads without the file it extends, to the same
 * hash; and it decides at every stage, within what was asked of it. What it extends comes behind a
 * line "%%%". */

#include <stdint.h>

#include "domain/policy_inner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 65536

static tq_code read_base(void *ctx, str name, arena *a, str *out, tq_err *err)
{
    const str *base = ctx;
    (void)name;
    (void)a;
    if (base->len == 0) {
        return tq_fail(err, TQ_NOT_FOUND, "no_base", "extends", "there is no such file");
    }
    *out = *base;
    return TQ_OK;
}

static void decide(const policy *p)
{
    policy_decision d;
    for (size_t k = 0; k < policy_kinds(p); k++) {
        for (policy_stage s = STAGE_APPLY; s < STAGE_COUNT; s++) {
            policy_facts f = {.today = 16000,
                              .voucher_kind = policy_kind_code(p, k),
                              .holder_kind = STR("enterprise"),
                              .holder_recognised = 1,
                              .holder_region = STR("330522"),
                              .asked = 3000000,
                              .decided = 2000000,
                              .pool_left = 9000000,
                              .outcome_kind = STR("testing"),
                              .purpose = STR("iur"),
                              .institution_region = STR("310104"),
                              .agreement_open = 1,
                              .contract = 5000000,
                              .voucher_left = 2000000,
                              .order_end = 16001,
                              .voucher_end = 16001,
                              .base_gross = 3000000,
                              .base_net = 2900000,
                              .hold_left = 1000000,
                              .claim_by = 16000,
                              .evidence_mask = INT64_MAX};
            policy_evaluate(p, s, &f, &d);
            TQ_ASSERT(policy_reason_token(str_of(d.reason)) != NULL);
            TQ_ASSERT(d.granted == (d.amount > 0));
            TQ_ASSERT(s != STAGE_CLAIM || d.amount <= f.hold_left);
            TQ_ASSERT(s != STAGE_ORDER || d.amount <= f.voucher_left);
            TQ_ASSERT(s != STAGE_APPLY || d.amount <= f.pool_left);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX || size == 0) {
        return 0;
    }
    str text = {(const char *)data, size};
    str base = {0};
    const char *cut = memmem(text.data, text.len, "\n%%%\n", 5);
    if (cut != NULL) {
        const size_t head = (size_t)(cut - text.data) + 1;
        base = (str){text.data + head + 4, text.len - head - 4};
        text.len = head;
    }
    ARENA_AUTO arena *a = arena_new("fuzz", (size_t)48 << 20);
    policy *p = NULL;
    tq_err err = {0};
    const tq_code code = policy_load(text, "fuzz.yaml", read_base, &base, a, &p, &err);
    TQ_ASSERT((code == TQ_OK) == (p != NULL));
    if (p == NULL) {
        TQ_ASSERT(err.reason[0] != '\0');
        return 0;
    }
    BUF_AUTO buf out = buf_max(POLICY_PRINT_MAX);
    policy_print(p, &out);
    TQ_ASSERT(buf_ok(&out));
    policy *again = NULL;
    const tq_code back = policy_load(buf_view(&out), "print.yaml", NULL, NULL, a, &again, &err);
    TQ_ASSERT(back == TQ_OK);
    TQ_ASSERT(digest_eq(policy_sha256(p), policy_sha256(again)));
    decide(p);
    return 0;
}
