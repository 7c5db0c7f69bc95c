/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/assessment_score.h"
#include "domain/policy_inner.h"

/* Parameters that use cases read directly. */

static const char *const evidence_tokens[] = {
    "contract",   "invoice",  "payment_proof", "result",           "accounting_entry",
    "acceptance", "transfer", "employment",    "social_insurance", "certificate",
};

int64_t policy_evidence_bit(str token)
{
    for (size_t i = 0; i < sizeof evidence_tokens / sizeof evidence_tokens[0]; i++) {
        if (str_eq(token, str_of(evidence_tokens[i]))) {
            return INT64_C(1) << i;
        }
    }
    return 0;
}

size_t policy_unset(const policy *p, str *names, size_t n_max)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        for (int f = 0; f < policy_kind_fields(r->kind); f++) {
            if (r->own[f].state != PV_UNSET) {
                continue;
            }
            if (n < n_max) {
                TQ_ASSERT(names != NULL);
                names[n] = r->own[f].text;
            }
            n++;
        }
    }
    return n;
}

static tq_code kind_bit(const policy *p, const char *kind, unsigned *bit, tq_err *err)
{
    if (kind == NULL || *kind == '\0') {
        *bit = (1u << p->n_kinds) - 1; /* a rule for all kinds */
        return TQ_OK;
    }
    const size_t at = policy_kind_at(p, str_of(kind));
    if (at == p->n_kinds) {
        return tq_fail(err, TQ_NOT_FOUND, "policy_kind", "voucher_kind",
                       "the policy has no voucher kind %.40s", kind);
    }
    *bit = 1u << at;
    return TQ_OK;
}

static tq_code fail_unset(str name, tq_err *err)
{
    return tq_fail(err, TQ_INVALID, "policy_unset", "policy",
                   "the policy leaves %.*s unset; a new version must state it", STR_ARG(name));
}

/* The first rule of `index` for the voucher kind whose field at `field` is stated. */
static tq_code find(const policy *p, policy_kind_index index, int field, const char *kind,
                    const policy_rule **out, tq_err *err)
{
    unsigned bits = 0;
    TQ_TRY(kind_bit(p, kind, &bits, err));
    TQ_ASSERT(bits != 0);
    const policy_kind *k = &policy_kind_table[index];
    TQ_ASSERT(field >= k->first);
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        if (r->kind != k || (r->kinds & bits) != bits ||
            r->own[field - k->first].state == PV_ABSENT) {
            continue;
        }
        if (r->own[field - k->first].state == PV_UNSET) {
            return fail_unset(r->own[field - k->first].text, err);
        }
        *out = r;
        return TQ_OK;
    }
    return tq_fail(err, TQ_INVALID, "policy_unset", "policy", "the policy states no %s.%s",
                   k->token, policy_fields[field].name);
}

static tq_code stated(const policy_value *v, tq_err *err)
{
    return v->state == PV_UNSET ? fail_unset(v->text, err) : TQ_OK;
}

static const policy_rule *clock_named(const policy *p, const char *name, unsigned bits)
{
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        if (r->kind->index == PK_clock && (r->kinds & bits) == bits &&
            value_is(OWN(r, clock, clock), name)) {
            return r;
        }
    }
    return NULL;
}

tq_code policy_clock_get(const policy *p, const char *kind, const char *name, policy_clock *out,
                         tq_err *err)
{
    TQ_ASSERT(name != NULL);
    unsigned bits = 0;
    TQ_TRY(kind_bit(p, kind, &bits, err));
    const policy_rule *r = clock_named(p, name, bits);
    if (r == NULL) {
        return tq_fail(err, TQ_INVALID, "policy_unset", "policy",
                       "the policy states no clock %.30s", name);
    }
    const policy_value *n = OWN(r, clock, n);
    const policy_value *until = OWN(r, clock, until);
    TQ_TRY(stated(n, err));
    TQ_TRY(stated(OWN(r, clock, unit), err));
    TQ_TRY(stated(until, err));
    policy_clock c = {.n = n->num,
                      .working_days = value_is(OWN(r, clock, unit), "working_days"),
                      .months = value_is(OWN(r, clock, unit), "months"),
                      .absolute_month = until->num / 100,
                      .absolute_day = until->num % 100};
    if (n->state == PV_ABSENT) {
        c.n = 12; /* the date comes round within a year, so it alone decides */
        c.months = true;
        TQ_ASSERT(c.absolute_month >= 1);
    }
    *out = c;
    return TQ_OK;
}

bool policy_clock_stated(const policy *p, const char *kind, const char *name)
{
    unsigned bits = 0;
    TQ_ASSERT(name != NULL);
    return kind_bit(p, kind, &bits, NULL) == TQ_OK && clock_named(p, name, bits) != NULL;
}

tq_code policy_approval_get(const policy *p, const char *kind, policy_stage stage, int64_t *limit,
                            tq_err *err)
{
    unsigned bits = 0;
    TQ_ASSERT(stage == STAGE_APPLY || stage == STAGE_CLAIM);
    TQ_TRY(kind_bit(p, kind, &bits, err));
    *limit = MONEY_MAX;
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        if (r->kind->index != PK_approval || (r->kinds & bits) != bits ||
            !value_is(OWN(r, approval, stage), stage == STAGE_APPLY ? "apply" : "claim")) {
            continue;
        }
        const policy_value *above = OWN(r, approval, above);
        TQ_TRY(stated(above, err));
        *limit = above->num < *limit ? above->num : *limit; /* of two limits the stricter */
    }
    TQ_ASSERT(*limit >= 0);
    return TQ_OK;
}

tq_code policy_pooling_get(const policy *p, const char *kind, int64_t *members_max, tq_err *err)
{
    unsigned bits = 0;
    TQ_TRY(kind_bit(p, kind, &bits, err));
    *members_max = 0;
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        if (r->kind->index == PK_pooling && (r->kinds & bits) == bits) {
            TQ_TRY(stated(OWN(r, pooling, members_max), err));
            *members_max = OWN(r, pooling, members_max)->num;
            TQ_ASSERT(*members_max >= 1);
            return TQ_OK;
        }
    }
    return TQ_OK;
}

static bool any_unset(const policy_rule *r)
{
    for (int f = 0; f < policy_kind_fields(r->kind); f++) {
        if (r->own[f].state == PV_UNSET) {
            return true;
        }
    }
    return false;
}

static policy_signal signal_read(const policy_rule *r)
{
    const policy_value *action = OWN(r, signal, action);
    TQ_ASSERT(!any_unset(r));
    return (policy_signal)
    {
        .on = value_is(OWN(r, signal, switch), "on"), .rule = r->id, .article = r->article,
        .number = OWN(r, signal, number)->num, .days = OWN(r, signal, days)->num,
        .share_bp = OWN(r, signal, share)->num,
        .action = value_is(action, "refuse")  ? ACTION_REFUSE
                  : value_is(action, "refer") ? ACTION_REFER
                                              : ACTION_SHOW,
    };
}

policy_signal policy_signal_get(const policy *p, const char *kind, const char *name, day on)
{
    unsigned bits = 0;
    TQ_ASSERT(name != NULL);
    if (kind_bit(p, kind, &bits, NULL) !=
        TQ_OK) { /* a kind that the version in force no longer has */
        bits = 0;
    }
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        if (r->kind->index == PK_signal && value_is(OWN(r, signal, signal), name) &&
            (r->kinds & bits) == bits && r->from <= on.n && on.n <= r->to) {
            return any_unset(r) ? (policy_signal){0} : signal_read(r);
        }
    }
    return (policy_signal){0};
}

static int64_t or_else(const policy_value *v, int64_t otherwise)
{
    return v->state == PV_GIVEN ? v->num : otherwise;
}

policy_staff_signal policy_staff_signal_get(const policy *p, const char *name)
{
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        if (r->kind->index == PK_staff_signal && value_is(OWN(r, staff_signal, signal), name) &&
            !any_unset(r)) {
            return (policy_staff_signal)
            {
                .on = value_is(OWN(r, staff_signal, switch), "on"),
                .number = OWN(r, staff_signal, number)->num,
                .share_bp = OWN(r, staff_signal, share)->num,
                .from_hour = or_else(OWN(r, staff_signal, from_hour), 8),
                .to_hour = or_else(OWN(r, staff_signal, to_hour), 20)
            };
        }
    }
    return (policy_staff_signal){0};
}

tq_code policy_payee_get(const policy *p, const char *kind, policy_payee *out, tq_err *err)
{
    const policy_rule *r = NULL;
    TQ_TRY(find(p, PK_settlement, PF_settlement_payee, kind, &r, err));
    TQ_ASSERT(r != NULL);
    const bool holder = value_is(OWN(r, settlement, payee), "holder");
    TQ_ASSERT(holder || value_is(OWN(r, settlement, payee), "institution"));
    *out = holder ? PAYEE_HOLDER : PAYEE_INSTITUTION;
    return TQ_OK;
}

tq_code policy_fund_get(const policy *p, const char *kind, policy_fund *out, tq_err *err)
{
    const policy_rule *r = NULL;
    TQ_TRY(find(p, PK_fund, PF_fund_overcommit, kind, &r, err));
    TQ_ASSERT(r != NULL);
    TQ_TRY(stated(OWN(r, fund, extract), err));
    TQ_TRY(stated(OWN(r, fund, match), err));
    TQ_TRY(stated(OWN(r, fund, on_expiry), err));
    *out = (policy_fund){.extract = {(int32_t)OWN(r, fund, extract)->num},
                         .match = {(int32_t)OWN(r, fund, match)->num},
                         .overcommit = {(int32_t)OWN(r, fund, overcommit)->num},
                         .expiry_to_pool = value_is(OWN(r, fund, on_expiry), "pool")};
    return TQ_OK;
}

tq_code policy_sanction_get(const policy *p, policy_sanction *out, tq_err *err)
{
    const policy_rule *r = NULL;
    TQ_TRY(find(p, PK_sanction, PF_sanction_ban_years, NULL, &r, err));
    TQ_ASSERT(r != NULL);
    TQ_TRY(stated(OWN(r, sanction, scope), err));
    TQ_TRY(stated(OWN(r, sanction, good_faith), err));
    TQ_TRY(stated(OWN(r, sanction, appeal), err));
    *out =
        (policy_sanction){.ban_years = OWN(r, sanction, ban_years)->num,
                          .ban_all_funds = value_is(OWN(r, sanction, scope), "all_funds"),
                          .good_faith_payable = value_is(OWN(r, sanction, good_faith), "payable"),
                          .appeal_suspends = value_is(OWN(r, sanction, appeal), "suspends"),
                          .repair_months = or_else(OWN(r, sanction, repair_after), 0),
                          .article = r->article};
    return TQ_OK;
}

tq_code policy_sample_get(const policy *p, policy_sample *out, tq_err *err)
{
    const policy_rule *r = NULL;
    TQ_TRY(find(p, PK_sample, PF_sample_share, NULL, &r, err));
    TQ_ASSERT(r != NULL);
    TQ_TRY(stated(OWN(r, sample, of), err));
    const policy_value *strata = OWN(r, sample, strata);
    *out = (policy_sample){.share_bp = OWN(r, sample, share)->num,
                           .all_holders = value_is(OWN(r, sample, of), "holders"),
                           .half_years = value_is(OWN(r, sample, every), "half_year"),
                           .strata = strata->state == PV_GIVEN ? strata->text : STR("")};
    return TQ_OK;
}

tq_code policy_payment_columns(const policy *p, const str **columns, size_t *n, tq_err *err)
{
    const policy_rule *r = NULL;
    TQ_TRY(find(p, PK_settlement, PF_settlement_columns, NULL, &r, err));
    TQ_ASSERT(r != NULL);
    *columns = OWN(r, settlement, columns)->list;
    *n = OWN(r, settlement, columns)->n;
    TQ_ASSERT(*n > 0);
    return TQ_OK;
}

size_t policy_kinds(const policy *p)
{
    TQ_ASSERT(p->n_kinds > 0);
    return p->n_kinds;
}

str policy_kind_code(const policy *p, size_t i)
{
    TQ_ASSERT(i < p->n_kinds);
    return p->kinds[i]->id;
}

str policy_kind_label(const policy *p, size_t i, bool chinese)
{
    TQ_ASSERT(i < p->n_kinds);
    const policy_value *label = OWN(p->kinds[i], voucher_kind, label);
    return chinese ? label->text : label->more;
}

tq_code policy_kind_form(const policy *p, const char *kind, bool *award, bool *top_up, tq_err *err)
{
    const size_t at = policy_kind_at(p, str_of(kind));
    if (at == p->n_kinds) {
        return tq_fail(err, TQ_NOT_FOUND, "policy_kind", "voucher_kind",
                       "the policy has no voucher kind %.40s", kind);
    }
    const policy_rule *r = p->kinds[at];
    TQ_TRY(stated(OWN(r, voucher_kind, top_up), err));
    *award = value_is(OWN(r, voucher_kind, form), "award");
    *top_up = OWN(r, voucher_kind, top_up)->num != 0;
    return TQ_OK;
}

bool policy_means_counts(const policy *p, str means)
{
    const policy_rule *r = NULL;
    tq_err err;
    /* where the means are not stated, none counts */
    if (find(p, PK_settlement, PF_settlement_means, NULL, &r, &err) != TQ_OK) {
        return false;
    }
    TQ_ASSERT(r != NULL);
    return value_has(OWN(r, settlement, means), means);
}

tq_code policy_base_is_net(const policy *p, const char *kind, bool *out, tq_err *err)
{
    const policy_rule *r = NULL;
    TQ_TRY(find(p, PK_rate, PF_rate_of, kind, &r, err));
    TQ_ASSERT(r != NULL);
    *out = value_is(OWN(r, rate, of), "invoice_net");
    return TQ_OK;
}

static tq_code measure_of(const policy_rule *r, policy_measure *out, tq_err *err)
{
    static const int targets[] = {[ASSESS_SHARE] = PF_measure_target_share,
                                  [ASSESS_AMOUNT] = PF_measure_target_amount,
                                  [ASSESS_COUNT] = PF_measure_target_count};
    policy_measure m = {.id = r->id,
                        .label_zh = OWN(r, measure, label)->text,
                        .label_en = OWN(r, measure, label)->more,
                        .weight_bp = OWN(r, measure, weight)->num,
                        .by_paid_day = value_is(OWN(r, measure, by), "paid_day")};
    const bool known = assess_figure_named(OWN(r, measure, figure)->text, &m.figure);
    TQ_ASSERT(known); /* linking has seen to it */
    const policy_value *target = &r->own[targets[assess_unit(m.figure)] - PF_BEGIN_measure];
    TQ_TRY(stated(OWN(r, measure, weight), err));
    TQ_TRY(stated(OWN(r, measure, by), err));
    TQ_TRY(stated(target, err));
    m.target = target->num;
    *out = m;
    return TQ_OK;
}

tq_code policy_measures(const policy *p, day d, policy_measure *out, size_t max, size_t *n,
                        tq_err *err)
{
    int64_t weights = 0;
    *n = 0;
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        if (r->kind->index != PK_measure || d.n < r->from || d.n > r->to) {
            continue;
        }
        if (*n == max) {
            return tq_fail(err, TQ_LIMIT, "policy_size", "policy",
                           "more than %zu measures on one day", max);
        }
        TQ_TRY(measure_of(r, &out[*n], err));
        weights += out[(*n)++].weight_bp;
    }
    if (*n == 0) {
        return tq_fail(err, TQ_INVALID, "policy_unset", "policy",
                       "the policy states no measure for that year");
    }
    return weights == ASSESS_WHOLE
               ? TQ_OK
               : tq_fail(err, TQ_INVALID, "policy_weights", "policy",
                         "the weights of the year add up to %lld of 10000 basis points",
                         (long long)weights);
}

static const char *const finding_names[] = {[FINDING_NONE] = "none",
                                            [FINDING_MINOR] = "minor",
                                            [FINDING_SERIOUS] = "serious",
                                            [FINDING_FRAUD] = "fraud"};

const char *finding_name(finding_class f)
{
    TQ_ASSERT(f <= FINDING_FRAUD);
    return finding_names[f];
}

finding_class finding_named(str token)
{
    for (int i = FINDING_MINOR; i <= FINDING_FRAUD; i++) {
        if (str_eq(token, str_of(finding_names[i]))) {
            return (finding_class)i;
        }
    }
    return FINDING_NONE;
}

/* The next rule of the kind that holds on the day, from *at on; NULL after the last. */
static const policy_rule *next_of(const policy *p, policy_kind_index kind, day d, size_t *at)
{
    while (*at < p->n_rules) {
        const policy_rule *r = &p->rules[(*at)++];
        if (r->kind->index == kind && d.n >= r->from && d.n <= r->to) {
            return r;
        }
    }
    return NULL;
}

static bool among(str one, const str *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(one, list[i])) {
            return true;
        }
    }
    return false;
}

/* R-INSPECT-070: a line without `for` or `items` is asked of every firm. */
static bool check_is_asked(const policy_rule *r, const policy_visited *of)
{
    const policy_value *kinds = COMMON(r, for);
    const policy_value *items = OWN(r, check_item, items);
    bool kind = kinds->state == PV_ABSENT;
    bool item = items->state != PV_GIVEN;
    for (size_t i = 0; i < kinds->n && !kind; i++) {
        kind = among(kinds->list[i], of->kinds, of->n_kinds);
    }
    for (size_t i = 0; !item && i < items->n; i++) {
        item = among(items->list[i], of->items, of->n_items);
    }
    return kind && item;
}

tq_code policy_checks(const policy *p, day d, const policy_visited *of, policy_check *out,
                      size_t max, size_t *n, tq_err *err)
{
    size_t at = 0;
    *n = 0;
    for (const policy_rule *r; (r = next_of(p, PK_check_item, d, &at)) != NULL;) {
        if (!check_is_asked(r, of)) {
            continue;
        }
        if (*n == max) {
            return tq_fail(err, TQ_LIMIT, "policy_size", "policy",
                           "the checklist has more than %zu lines", max);
        }
        out[(*n)++] = (policy_check){.id = r->id,
                                     .label_zh = OWN(r, check_item, label)->text,
                                     .label_en = OWN(r, check_item, label)->more,
                                     .finding = finding_named(OWN(r, check_item, finding)->text)};
    }
    return *n > 0 ? TQ_OK
                  : tq_fail(err, TQ_INVALID, "policy_unset", "policy",
                            "the policy has no checklist for inspections");
}

tq_code policy_finding_get(const policy *p, finding_class f, day d, policy_finding *out,
                           tq_err *err)
{
    size_t at = 0;
    TQ_ASSERT(f > FINDING_NONE);
    for (const policy_rule *r; (r = next_of(p, PK_finding, d, &at)) != NULL;) {
        if (!value_is(OWN(r, finding, class), finding_name(f))) {
            continue;
        }
        TQ_TRY(stated(OWN(r, finding, points), err));
        TQ_TRY(stated(OWN(r, finding, months), err));
        TQ_TRY(stated(OWN(r, finding, must_visit), err));
        TQ_TRY(stated(OWN(r, finding, quota), err));
        TQ_TRY(stated(OWN(r, finding, case), err));
        *out = (policy_finding){.points = OWN(r, finding, points)->num,
                                .months = OWN(r, finding, months)->num,
                                .must_visit_years = OWN(r, finding, must_visit)->num,
                                .lowers = OWN(r, finding, quota)->state == PV_GIVEN,
                                .opens_case = OWN(r, finding, case)->num != 0};
        return TQ_OK;
    }
    return tq_fail(err, TQ_INVALID, "policy_unset", "policy",
                   "the policy does not say what a %s finding does", finding_name(f));
}

tq_code policy_findings_counted(const policy *p, day d, bool counted[FINDING_FRAUD + 1],
                                tq_err *err)
{
    size_t at = 0;
    for (int i = 0; i <= FINDING_FRAUD; i++) {
        counted[i] = false;
    }
    for (const policy_rule *r; (r = next_of(p, PK_finding, d, &at)) != NULL;) {
        const finding_class f = finding_named(OWN(r, finding, class)->text);
        TQ_ASSERT(f > FINDING_NONE);
        TQ_TRY(stated(OWN(r, finding, township), err));
        counted[f] = OWN(r, finding, township)->num != 0;
    }
    return TQ_OK;
}

tq_code policy_credit_get(const policy *p, day d, bool *given, credit_terms *out, tq_err *err)
{
    size_t at = 0;
    const policy_rule *r = next_of(p, PK_credit, d, &at);
    *given = r != NULL;
    if (r == NULL) {
        return TQ_OK;
    }
    TQ_TRY(stated(OWN(r, credit, start), err));
    TQ_TRY(stated(OWN(r, credit, light), err));
    TQ_TRY(stated(OWN(r, credit, visit), err));
    *out = (credit_terms){.start = OWN(r, credit, start)->num,
                          .light = OWN(r, credit, light)->num,
                          .visit = OWN(r, credit, visit)->num};
    if (OWN(r, credit, light_upto)->state != PV_ABSENT) {
        TQ_TRY(stated(OWN(r, credit, light_upto), err));
        out->light_upto_fen = OWN(r, credit, light_upto)->num;
    }
    return out->visit <= out->light ? TQ_OK
                                    : tq_fail(err, TQ_INVALID, "policy_levels", "policy",
                                              "credit.visit lies above credit.light");
}

tq_code policy_register_get(const policy *p, str *authority, tq_err *err)
{
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        if (r->kind->index == PK_register) {
            TQ_TRY(stated(OWN(r, register, authority), err));
            *authority = OWN(r, register, authority)->text;
            return TQ_OK;
        }
    }
    return tq_fail(err, TQ_INVALID, "policy_unset", "policy",
                   "the policy does not name the authority that is sent the register");
}

bool policy_retention_get(const policy *p, retention_record of, int64_t *months)
{
    static const char *const names[] = {
        [RETAIN_TIP] = "tip", [RETAIN_OBJECTION] = "objection", [RETAIN_INQUIRY] = "inquiry"};
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        if (r->kind->index == PK_retention && value_is(OWN(r, retention, record), names[of])) {
            *months = OWN(r, retention, months)->num;
            return OWN(r, retention, months)->state == PV_GIVEN;
        }
    }
    return false;
}

bool policy_indicator_in_days(str figure)
{
    const str end = STR("_days");
    return figure.len > end.len &&
           memcmp(figure.data + figure.len - end.len, end.data, end.len) == 0;
}

static policy_indicator indicator_of(const policy_rule *r)
{
    policy_indicator i = {.id = r->id,
                          .label_zh = OWN(r, indicator, label)->text,
                          .label_en = OWN(r, indicator, label)->more,
                          .owner_zh = OWN(r, indicator, owner)->text,
                          .owner_en = OWN(r, indicator, owner)->more,
                          .group = OWN(r, indicator, group)->text,
                          .figure = OWN(r, indicator, figure)->text};
    i.in_days = policy_indicator_in_days(i.figure);
    const policy_value *target =
        i.in_days ? OWN(r, indicator, target_days) : OWN(r, indicator, target_share);
    i.has_target = target->state == PV_GIVEN;
    if (i.has_target) {
        i.target = i.in_days ? target->num * 100 : target->num;
    }
    return i;
}

tq_code policy_indicators(const policy *p, day d, policy_indicator *out, size_t max, size_t *n,
                          tq_err *err)
{
    size_t at = 0;
    *n = 0;
    for (const policy_rule *r = next_of(p, PK_indicator, d, &at); r != NULL;
         r = next_of(p, PK_indicator, d, &at)) {
        if (*n == max) {
            return tq_fail(err, TQ_LIMIT, "policy_size", "policy", "more than %zu indicators", max);
        }
        out[(*n)++] = indicator_of(r);
    }
    return TQ_OK;
}
