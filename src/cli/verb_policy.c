/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/canon.h"
#include "base/file.h"
#include "cli/changxing_files.h"
#include "domain/policy_text.h"

#define POLICY_MAX (1024 * 1024)
#define UNSET_MAX 200
#define ANSWER_MAX (1024 * 1024)

/* A base scheme lies beside the file, or is one that the program carries. */
static tq_code read_beside(void *ctx, str name, arena *a, str *out, tq_err *err)
{
    const char *path = ctx;
    const char *slash = strrchr(path, '/');
    const int folder = slash == NULL ? 0 : (int)(slash - path) + 1;
    const str beside = arena_printf(a, "%.*s%.*s.yaml", folder, path, STR_ARG(name));
    if (file_exists(beside.data)) {
        return file_read(beside.data, POLICY_MAX, a, out, err);
    }
    return changxing_file(NULL, name, a, out, err);
}

static tq_code load(const cli *c, policy **out, tq_err *err)
{
    if (c->n_words != 2) {
        return tq_fail(err, TQ_USAGE, "policy_file", "policy", "write: policy check|explain FILE");
    }
    str text = {0};
    char *path = ARENA_NEW(c->a, char, strlen(c->words[1]) + 1);
    memcpy(path, c->words[1], strlen(c->words[1]));
    TQ_TRY(file_read(path, POLICY_MAX, c->a, &text, err));
    return policy_load(text, path, read_beside, path, c->a, out, err);
}

static void check_json(str name, const char *hex, const str *unset, size_t n, buf *out)
{
    canon w = canon_to(out);
    canon_open(&w);
    canon_kstr(&w, "policy", name);
    canon_kstr(&w, "sha256", str_of(hex));
    canon_key(&w, "unset");
    canon_list(&w);
    for (size_t i = 0; i < n; i++) {
        canon_str(&w, unset[i]);
    }
    canon_list_end(&w);
    canon_close(&w);
}

static tq_code check(const cli *c, tq_err *err)
{
    policy *p = NULL;
    str unset[UNSET_MAX];
    char hex[65];
    TQ_TRY(load(c, &p, err));
    BUF_AUTO buf out = buf_max(ANSWER_MAX);
    const size_t n = policy_unset(p, unset, UNSET_MAX);
    digest_hex(policy_sha256(p), hex);
    const str name = policy_name(p);
    if (cli_flag(c, "json")) {
        check_json(name, hex, unset, n < UNSET_MAX ? n : UNSET_MAX, &out);
        return cli_print(c, &out, err);
    }
    buf_printf(&out, "%.*s %s\n", STR_ARG(name), hex);
    for (size_t i = 0; i < n && i < UNSET_MAX; i++) {
        buf_printf(&out, "unset: %.*s\n", STR_ARG(unset[i]));
    }
    buf_text(&out, n == 0 ? "nothing is unset: vouchers can be issued under it"
                          : "no voucher can be issued under it until these are filled in");
    return cli_print(c, &out, err);
}

typedef struct fact_field {
    const char *name;
    size_t at;
    bool text;
} fact_field;

#define NUM(field)                                                                                 \
    {                                                                                              \
#field, offsetof(policy_facts, field), false                                               \
    }
#define TXT(field)                                                                                 \
    {                                                                                              \
#field, offsetof(policy_facts, field), true                                                \
    }
static const fact_field fact_fields[] = {
    NUM(today),
    TXT(voucher_kind),
    TXT(holder_kind),
    NUM(holder_age_days),
    NUM(holder_recognised),
    TXT(holder_region),
    NUM(holder_banned),
    TXT(holder_finding),
    NUM(open_applications),
    NUM(issued_year),
    NUM(issued_life),
    NUM(vouchers_life),
    NUM(asked),
    NUM(decided),
    NUM(pool_left),
    NUM(is_top_up),
    TXT(outcome_kind),
    TXT(purpose),
    TXT(institution_region),
    NUM(institution_recognised),
    NUM(agreement_open),
    NUM(institution_banned),
    NUM(related),
    NUM(compulsory),
    NUM(contract),
    NUM(voucher_left),
    NUM(order_end),
    NUM(voucher_end),
    NUM(base_gross),
    NUM(base_net),
    NUM(hold_left),
    NUM(claim_by),
    NUM(evidence_mask),
    NUM(claimed_year),
};
#undef NUM
#undef TXT

static tq_code fact_set(policy_facts *f, str pair, tq_err *err)
{
    const char *equals = pair.len == 0 ? NULL : memchr(pair.data, '=', pair.len);
    if (equals == NULL) {
        return tq_fail(err, TQ_USAGE, "fact_form", "facts", "write facts as name=value,name=value");
    }
    const str name = {pair.data, (size_t)(equals - pair.data)};
    const str value = {equals + 1, pair.len - name.len - 1};
    for (size_t i = 0; i < TQ_COUNT(fact_fields); i++) {
        if (!str_eq(name, str_of(fact_fields[i].name))) {
            continue;
        }
        if (fact_fields[i].text) {
            memcpy((char *)f + fact_fields[i].at, &value, sizeof value);
            return TQ_OK;
        }
        long long n = 0;
        if (!str_int64(value, &n)) {
            return tq_fail(err, TQ_USAGE, "fact_value", fact_fields[i].name,
                           "write a whole number (money in minor units, days since 1970-01-01)");
        }
        const int64_t number = n;
        memcpy((char *)f + fact_fields[i].at, &number, sizeof number);
        return TQ_OK;
    }
    return tq_fail(err, TQ_USAGE, "fact_name", "facts", "there is no fact %.*s", STR_ARG(name));
}

static tq_code facts_of(const cli *c, policy_facts *out, tq_err *err)
{
    const char *list = NULL;
    const char *kind = NULL;
    TQ_TRY(cli_need(c, "kind", &kind, err));
    TQ_TRY(cli_need(c, "facts", &list, err));
    out->voucher_kind = str_of(kind);
    for (str rest = str_of(list); rest.len > 0;) {
        const char *comma = memchr(rest.data, ',', rest.len);
        const size_t n = comma == NULL ? rest.len : (size_t)(comma - rest.data);
        TQ_TRY(fact_set(out, (str){rest.data, n}, err));
        rest = (str){rest.data + n + (comma != NULL), rest.len - n - (comma != NULL)};
    }
    return TQ_OK;
}

static void steps_text(const policy_decision *d, const currency *unit, bool zh, buf *out)
{
    for (int i = 0; i < d->n; i++) {
        buf_text(out, d->steps[i].holds ? "ok " : "NO ");
        policy_step_text(&d->steps[i], unit, zh, out);
        buf_char(out, '\n');
    }
    buf_printf(out, "%s ", policy_reason_text(d->reason, zh));
    if (d->granted) {
        cli_amount_print(d->amount, unit, out);
    }
}

static void sentences(canon *w, const char *key, const policy_decision *d, const currency *unit,
                      bool zh)
{
    canon_key(w, key);
    canon_list(w);
    for (int i = 0; i < d->n; i++) {
        BUF_AUTO buf one = buf_max(4096);
        policy_step_text(&d->steps[i], unit, zh, &one);
        canon_str(w, buf_ok(&one) ? buf_view(&one) : STR(""));
    }
    canon_list_end(w);
}

static void explain_json(const policy *p, const policy_decision *d, const currency *unit, buf *out)
{
    char hex[65];
    BUF_AUTO buf steps = buf_max(ANSWER_MAX);
    canon w = canon_to(out);
    digest_hex(policy_sha256(p), hex);
    policy_steps_write(d, &steps);
    canon_open(&w);
    canon_kstr(&w, "policy", policy_name(p));
    canon_kstr(&w, "sha256", str_of(hex));
    canon_key(&w, "granted");
    canon_bool(&w, d->granted);
    canon_kstr(&w, "reason", str_of(d->reason));
    canon_kstr(&w, "reason_zh", str_of(policy_reason_text(d->reason, true)));
    canon_kstr(&w, "reason_en", str_of(policy_reason_text(d->reason, false)));
    canon_kint(&w, "amount", d->amount);
    canon_kint(&w, "base", d->base);
    canon_key(&w, "steps");
    canon_raw(&w, buf_view(&steps));
    sentences(&w, "zh", d, unit, true);
    sentences(&w, "en", d, unit, false);
    canon_close(&w);
}

static tq_code stage_of(const cli *c, policy_stage *out, tq_err *err)
{
    static const char *const names[STAGE_COUNT] = {
        [STAGE_APPLY] = "apply", [STAGE_ORDER] = "order", [STAGE_CLAIM] = "claim"};
    const char *stage = NULL;
    TQ_TRY(cli_need(c, "stage", &stage, err));
    for (int i = 0; i < STAGE_COUNT; i++) {
        if (strcmp(names[i], stage) == 0) {
            *out = (policy_stage)i;
            return TQ_OK;
        }
    }
    return tq_fail(err, TQ_USAGE, "stage_name", "stage", "the stages are apply, order and claim");
}

/* --lang zh (as most who ask read it) or en. */
static tq_code language_of(const cli *c, bool *zh, tq_err *err)
{
    const char *lang = cli_value(c, "lang");
    *zh = lang == NULL || strcmp(lang, "zh") == 0;
    return *zh || strcmp(lang, "en") == 0
               ? TQ_OK
               : tq_fail(err, TQ_USAGE, "lang", "lang", "the languages are zh and en");
}

static tq_code explain(const cli *c, tq_err *err)
{
    policy *p = NULL;
    policy_stage stage = STAGE_APPLY;
    policy_facts f = {0};
    policy_decision d;
    bool zh = true;
    TQ_TRY(stage_of(c, &stage, err));
    TQ_TRY(language_of(c, &zh, err));
    TQ_TRY(load(c, &p, err));
    TQ_TRY(facts_of(c, &f, err));
    policy_evaluate(p, stage, &f, &d);
    BUF_AUTO buf out = buf_max(ANSWER_MAX);
    if (cli_flag(c, "json")) {
        explain_json(p, &d, policy_unit(p), &out);
    } else {
        steps_text(&d, policy_unit(p), zh, &out);
    }
    return cli_print(c, &out, err);
}

tq_code verb_policy(const cli *c, tq_err *err)
{
    const char *what = c->n_words > 0 ? c->words[0] : "";
    if (strcmp(what, "check") == 0) {
        return check(c, err);
    }
    if (strcmp(what, "explain") == 0) {
        return explain(c, err);
    }
    return tq_fail(err, TQ_USAGE, "policy_verb", what, "write: policy check|explain FILE");
}
