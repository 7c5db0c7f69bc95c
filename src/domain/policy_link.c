/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/policy_inner.h"

#include <stdio.h>

#include "domain/assessment_score.h"

/* Between rules: what refers to what, where each is asked, and whether a kind of voucher has all it
 * needs. Runs once, over rules whose values are already checked one by one. */

static tq_code fail_rule(const builder *b, const policy_rule *r, const char *reason,
                         const char *field, const char *detail)
{
    TQ_ASSERT(r->line > 0);
    return policy_fail(b, r->file, r->line, r->column, reason, field, "%s", detail);
}

size_t policy_kind_at(const policy *p, str code)
{
    TQ_ASSERT(p->n_kinds <= POLICY_KINDS_MAX);
    for (size_t i = 0; i < p->n_kinds; i++) {
        if (str_eq(p->kinds[i]->id, code)) {
            return i;
        }
    }
    return p->n_kinds;
}

/* By kind, and in the file's order within one: a stable insertion sort of at most 256. */
static void sort_rules(policy *p)
{
    for (size_t i = 1; i < p->n_rules; i++) {
        const policy_rule r = p->rules[i];
        size_t j = i;
        for (; j > 0 && p->rules[j - 1].kind->index > r.kind->index; j--) {
            p->rules[j] = p->rules[j - 1];
        }
        p->rules[j] = r;
    }
}

static tq_code list_kinds(const builder *b)
{
    policy *p = b->p;
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        if (r->kind->index != PK_voucher_kind) {
            continue;
        }
        if (p->n_kinds == POLICY_KINDS_MAX) {
            return fail_rule(b, r, "policy_size", "id", "there are too many kinds of voucher");
        }
        if (memchr(r->id.data, '.', r->id.len) != NULL || r->id.len > 24) {
            return fail_rule(b, r, "policy_field_range", "id",
                             "the code of a kind has at most 24 bytes and no dot");
        }
        p->kinds[p->n_kinds++] = r;
    }
    return p->n_kinds > 0 ? TQ_OK
                          : fail_rule(b, &p->top, "policy_incomplete", "rules",
                                      "the file has no voucher_kind");
}

static tq_code link_for(const builder *b, policy_rule *r)
{
    const policy_value *kinds = COMMON(r, for);
    if (kinds->state == PV_UNSET) {
        return fail_rule(b, r, "policy_field_type", "for",
                         "leave it out where all kinds are meant");
    }
    r->kinds = kinds->state == PV_ABSENT ? (1u << b->p->n_kinds) - 1 : 0;
    for (size_t i = 0; i < kinds->n; i++) {
        const size_t at = policy_kind_at(b->p, kinds->list[i]);
        if (at == b->p->n_kinds) {
            return fail_rule(b, r, "policy_reference", "for",
                             "it names no voucher_kind of the file");
        }
        r->kinds |= 1u << at;
    }
    if (r->kind->index == PK_voucher_kind) {
        r->kinds = 1u << policy_kind_at(b->p, r->id);
    }
    TQ_ASSERT(r->kinds != 0);
    return TQ_OK;
}

/* What decisions cite: the number of the document, or its title where none is known. */
static tq_code link_cites(const builder *b, policy_rule *r)
{
    const policy_value *cites = COMMON(r, cites);
    for (size_t i = 0; i < b->p->n_documents; i++) {
        const policy_rule *d = &b->p->documents[i];
        if (!str_eq(d->id, cites->text)) {
            continue;
        }
        const policy_value *number = OWN(d, document, number);
        const str name = number->state == PV_GIVEN ? number->text : OWN(d, document, title)->text;
        r->article = arena_printf(b->a, "%.*s: %.*s", STR_ARG(name), STR_ARG(cites->more));
        return TQ_OK;
    }
    return fail_rule(b, r, "policy_reference", "cites", "documents has no entry of this id");
}

static tq_code link_dates(const builder *b, policy_rule *r)
{
    const policy_value *from = COMMON(r, valid_from);
    const policy_value *to = COMMON(r, valid_to);
    if (from->state == PV_UNSET || to->state == PV_UNSET) {
        return fail_rule(b, r, "policy_field_type", "valid_from", "leave it out where it is open");
    }
    r->from = from->state == PV_GIVEN ? from->num : INT64_MIN;
    r->to = to->state == PV_GIVEN ? to->num : INT64_MAX;
    return r->from <= r->to
               ? TQ_OK
               : fail_rule(b, r, "policy_field_range", "valid_to", "it lies before valid_from");
}

/* A fact must be known where the rule is asked, and its test must fit its type. */
static tq_code link_test(const builder *b, policy_rule *r, const policy_value *fact,
                         const policy_value *test, const policy_value *number,
                         const policy_value *codes)
{
    TQ_ASSERT(fact->num >= 0);
    const policy_fact *f = &policy_fact_table[fact->num];
    if ((f->stages & r->stages) != r->stages) {
        return fail_rule(b, r, "policy_fact_stage", "fact", "this fact is not known at that stage");
    }
    const bool listed =
        value_is(test, "one_of") || value_is(test, "none_of") || value_is(test, "within");
    const bool counted = value_is(test, "at_least") || value_is(test, "at_most");
    if (listed != (f->type == FT_WORD)) {
        return fail_rule(b, r, "policy_field_type", "test",
                         "words are tested by one_of, none_of, within; numbers by the others");
    }
    if (listed == (codes->state == PV_ABSENT)) {
        return fail_rule(b, r, "policy_field_missing", "codes",
                         "one_of, none_of and within need codes, other tests have none");
    }
    if (counted == (number->state == PV_ABSENT)) {
        return fail_rule(b, r, "policy_field_missing", "number",
                         "at_least and at_most need a number, other tests have none");
    }
    return TQ_OK;
}

static tq_code link_cap(const builder *b, policy_rule *r)
{
    const policy_value *period = OWN(r, cap, period);
    const bool issued = value_is(OWN(r, cap, measure), "issued");
    const bool approved = value_is(OWN(r, cap, measure), "approved");
    const bool counted = value_is(OWN(r, cap, measure), "count");
    if ((approved && !value_is(period, "calendar_year")) ||
        (counted && !value_is(period, "life"))) {
        return fail_rule(b, r, "policy_field_range", "period", "this measure is not kept over it");
    }
    if ((OWN(r, cap, limit)->state == PV_ABSENT) != counted ||
        (OWN(r, cap, count)->state == PV_ABSENT) == counted) {
        return fail_rule(b, r, "policy_field_missing", counted ? "count" : "limit",
                         "measure count has a count, the others a limit");
    }
    if (counted && value_is(OWN(r, cap, over), "reduce")) {
        return fail_rule(b, r, "policy_field_range", "over", "vouchers cannot be reduced");
    }
    TQ_ASSERT(issued + approved + counted == 1);
    r->stages = approved ? S_CLAIM : S_APPLY;
    return TQ_OK;
}

static tq_code link_clock(const builder *b, policy_rule *r)
{
    const policy_value *n = OWN(r, clock, n);
    if ((n->state == PV_ABSENT) != (OWN(r, clock, unit)->state == PV_ABSENT)) {
        return fail_rule(b, r, "policy_field_missing", "unit", "n and unit stand together");
    }
    if (n->state == PV_GIVEN && value_is(OWN(r, clock, unit), "months") && n->num > 600) {
        return fail_rule(b, r, "policy_field_range", "n", "at most 600 months");
    }
    const bool use = value_is(OWN(r, clock, clock), "use");
    const bool claim = value_is(OWN(r, clock, clock), "claim");
    r->stages = use ? S_ORDER : claim ? S_CLAIM : S_NONE;
    return TQ_OK;
}

/* A share has a target in percent, an amount one in money, a count a number. */
static bool measure_targeted(const policy_rule *r)
{
    measure_figure figure = FIGURE_COUNT;
    if (!assess_figure_named(OWN(r, measure, figure)->text, &figure)) {
        return false;
    }
    const assess_unit_of unit = assess_unit(figure);
    return (OWN(r, measure, target_share)->state != PV_ABSENT) == (unit == ASSESS_SHARE) &&
           (OWN(r, measure, target_amount)->state != PV_ABSENT) == (unit == ASSESS_AMOUNT) &&
           (OWN(r, measure, target_count)->state != PV_ABSENT) == (unit == ASSESS_COUNT);
}

/* Without a target it is only shown. */
static bool indicator_targeted(const policy_rule *r)
{
    const bool days = policy_indicator_in_days(OWN(r, indicator, figure)->text);
    return (days ? OWN(r, indicator, target_share) : OWN(r, indicator, target_days))->state ==
           PV_ABSENT;
}

static tq_code link_own(const builder *b, policy_rule *r)
{
    r->stages = r->kind->stages;
    switch (r->kind->index) {
    case PK_holder_test:
        r->reason = policy_reason_token(OWN(r, holder_test, reason)->text);
        TQ_ASSERT(r->reason != NULL);
        return link_test(b, r, OWN(r, holder_test, fact), OWN(r, holder_test, test),
                         OWN(r, holder_test, number), OWN(r, holder_test, codes));
    case PK_exclusion:
        r->stages = value_is(OWN(r, exclusion, stage), "order") ? S_ORDER : S_CLAIM;
        r->reason = policy_reason_token(OWN(r, exclusion, reason)->text);
        TQ_ASSERT(r->reason != NULL);
        return link_test(b, r, OWN(r, exclusion, fact), OWN(r, exclusion, test),
                         OWN(r, exclusion, number), OWN(r, exclusion, codes));
    case PK_cap:
        return link_cap(b, r);
    case PK_clock:
        return link_clock(b, r);
    case PK_evidence:
        for (size_t i = 0; i < OWN(r, evidence, needs)->n; i++) {
            r->mask |= policy_evidence_bit(OWN(r, evidence, needs)->list[i]);
        }
        return TQ_OK;
    case PK_measure:
        return measure_targeted(r)
                   ? TQ_OK
                   : fail_rule(b, r, "policy_field_missing", "figure",
                               "state the target that fits the figure, and no other");
    case PK_indicator:
        return indicator_targeted(r) ? TQ_OK
                                     : fail_rule(b, r, "policy_field_missing", "figure",
                                                 "state the target that fits the figure, or none");
    case PK_own_share:
        return OWN(r, own_share, share)->state != PV_ABSENT ||
                       OWN(r, own_share, amount)->state != PV_ABSENT
                   ? TQ_OK
                   : fail_rule(b, r, "policy_field_missing", "share", "state share or amount");
    case PK_scheme:
    case PK_document:
    case PK_sanction:
    case PK_voucher_kind:
    case PK_provider_test:
    case PK_relation_ban:
    case PK_service_item:
    case PK_sequence:
    case PK_allocation:
    case PK_rate:
    case PK_fund:
    case PK_settlement:
    case PK_flow:
    case PK_approval:
    case PK_pooling:
    case PK_signal:
    case PK_staff_signal:
    case PK_check_item:
    case PK_finding:
    case PK_credit:
    case PK_register:
    case PK_retention:
    case PK_sample:
    case PK_COUNT:
        break;
    }
    return TQ_OK;
}

/* Each kind of voucher has exactly one allocation and fund, a rate, and one base for all its rates:
 * the amount box of a claim names the base before anything else is known. */
static tq_code kind_complete(const builder *b, size_t kind)
{
    static const policy_kind_index needed[] = {PK_allocation, PK_rate, PK_fund, PK_settlement};
    const policy *p = b->p;
    int found[PK_COUNT] = {0};
    const policy_value *of = NULL;
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        if ((r->kinds & 1u << kind) == 0) {
            continue;
        }
        found[r->kind->index]++;
        if ((r->kind->index == PK_allocation || r->kind->index == PK_fund) &&
            found[r->kind->index] > 1) {
            return fail_rule(b, r, "policy_id_repeated", "kind",
                             "the voucher kind has one already");
        }
        if (r->kind->index == PK_rate) {
            const policy_value *base = OWN(r, rate, of);
            if (of != NULL && (of->state != base->state || of->num != base->num)) {
                return fail_rule(b, r, "policy_field_range", "of",
                                 "all rates of a kind of voucher have the same base");
            }
            of = base;
        }
    }
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (found[needed[i]] == 0) {
            char detail[80];
            (void)snprintf(detail, sizeof detail, "this kind of voucher has no %s",
                           policy_kind_table[needed[i]].token);
            return fail_rule(b, p->kinds[kind], "policy_incomplete", "kind", detail);
        }
    }
    return TQ_OK;
}

/* Of a kind's rows one is asked where the first that fits decides. */
static bool asked_once(const policy_rule *r)
{
    return r->kind->index == PK_service_item || r->kind->index == PK_rate;
}

static tq_code list_asked(const builder *b, policy_stage stage)
{
    policy *p = b->p;
    TQ_ASSERT(p->n_asked[stage] == 0);
    int steps = 1; /* the last says that nothing is left */
    const policy_kind *last = NULL;
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        if ((r->stages & 1u << stage) == 0 || r->kind->ask == NULL) {
            continue;
        }
        p->asked[stage][p->n_asked[stage]++] = r;
        steps += asked_once(r) && last == r->kind ? 0 : r->kind->steps;
        last = r->kind;
        if (steps > POLICY_STEPS_MAX) {
            return fail_rule(b, r, "policy_size", "kind", "too many rules are asked at one stage");
        }
    }
    return TQ_OK;
}

/* What is not known keeps the first voucher of a kind from being issued (R-POLICY-010). */
static void list_unset(policy *p)
{
    for (size_t i = 0; i < p->n_rules; i++) {
        const policy_rule *r = &p->rules[i];
        for (int f = 0; f < policy_kind_fields(r->kind); f++) {
            if (r->own[f].state != PV_UNSET) {
                continue;
            }
            TQ_ASSERT(r->own[f].text.len > 0);
            for (size_t k = 0; k < p->n_kinds; k++) {
                if ((r->kinds & 1u << k) != 0 && p->unset_rule[k] == NULL) {
                    p->unset_rule[k] = r;
                    p->unset_name[k] = r->own[f].text;
                }
            }
        }
    }
}

tq_code policy_link(const builder *b)
{
    policy *p = b->p;
    sort_rules(p);
    TQ_TRY(list_kinds(b));
    TQ_ASSERT(p->n_kinds <= POLICY_KINDS_MAX);
    for (size_t i = 0; i < p->n_rules; i++) {
        policy_rule *r = &p->rules[i];
        TQ_ASSERT(r->kind->place == PLACE_RULE);
        TQ_TRY(link_for(b, r));
        TQ_TRY(link_cites(b, r));
        TQ_TRY(link_dates(b, r));
        TQ_TRY(link_own(b, r));
    }
    for (size_t k = 0; k < p->n_kinds; k++) {
        TQ_TRY(kind_complete(b, k));
    }
    for (policy_stage s = STAGE_APPLY; s < STAGE_COUNT; s++) {
        TQ_TRY(list_asked(b, s));
    }
    list_unset(p);
    return TQ_OK;
}
