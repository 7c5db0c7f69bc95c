/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions per second with their steps, on one core, under the demonstration scheme. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/day.h"
#include "base/file.h"
#include "domain/policy.h"

#define ROUNDS 1000000
#define FILE_MAX (256 * 1024)

static tq_code read_scheme(void *ctx, str name, arena *a, str *out, tq_err *err)
{
    const char *root = getenv("TQ_SOURCE_DIR");
    (void)ctx;
    const str path =
        arena_printf(a, "%s/schemes/%.*s.yaml", root == NULL ? "." : root, STR_ARG(name));
    return file_read(path.data, FILE_MAX, a, out, err);
}

static policy_facts claim_facts(void)
{
    return (policy_facts){.today = 16000,
                          .voucher_kind = STR("apply"),
                          .outcome_kind = STR("testing"),
                          .institution_region = STR("310104"),
                          .base_gross = 1060000,
                          .base_net = 1000000,
                          .hold_left = 450000,
                          .claim_by = 16100,
                          .evidence_mask = INT64_MAX};
}

static policy_facts order_facts(void)
{
    return (policy_facts){.today = 16000,
                          .voucher_kind = STR("award"),
                          .outcome_kind = STR("iur"),
                          .purpose = STR("iur"),
                          .institution_region = STR("310104"),
                          .agreement_open = 1,
                          .contract = 1000000,
                          .voucher_left = 900000,
                          .order_end = 16050,
                          .voucher_end = 16300};
}

static policy_facts apply_facts(void)
{
    return (policy_facts){.today = 16000,
                          .voucher_kind = STR("apply"),
                          .holder_kind = STR("enterprise"),
                          .holder_recognised = 1,
                          .issued_year = 1000000,
                          .asked = 2000000,
                          .pool_left = 900000000};
}

static void measure(const policy *p, const char *what, policy_stage stage, policy_facts f)
{
    policy_decision d;
    int64_t steps = 0, sum = 0;
    const instant from = instant_now();
    for (int i = 0; i < ROUNDS; i++) {
        f.today = 16000 + i % 50; /* no two alike in a row */
        policy_evaluate(p, stage, &f, &d);
        steps += d.n;
        sum += d.amount;
    }
    const int64_t us = instant_now().us - from.us;
    printf("%-6s %s: %" PRId64 " decisions/s, %" PRId64 " steps each, sum %" PRId64 "\n", what,
           d.reason, INT64_C(1000000) * ROUNDS / (us > 0 ? us : 1), steps / ROUNDS, sum);
}

int main(void)
{
    arena *a = arena_new("policy", 16 * 1024 * 1024);
    tq_err err = {0};
    policy *p = NULL;
    str text = {0};
    if (read_scheme(NULL, STR("cn-changxing-demo"), a, &text, &err) != TQ_OK ||
        policy_load(text, "cn-changxing-demo", read_scheme, NULL, a, &p, &err) != TQ_OK) {
        fprintf(stderr, "%s %s: %s\n", err.reason, err.field, err.detail);
        arena_free(a);
        return 1;
    }
    measure(p, "apply", STAGE_APPLY, apply_facts());
    measure(p, "order", STAGE_ORDER, order_facts());
    measure(p, "claim", STAGE_CLAIM, claim_facts());
    arena_free(a);
    return 0;
}
