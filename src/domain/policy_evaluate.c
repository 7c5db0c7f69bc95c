/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/policy_inner.h"

/* One evaluator for each kind of rule, and the walk over the rules of a stage. Pure. */

struct asking {
    const policy *p;
    const policy_facts *f;
    policy_stage stage;
    unsigned kind; /* bit */
    size_t at;     /* in p->asked[stage] */
    policy_decision *out;
    int64_t amount;
};

static policy_step *step(asking *q, const policy_rule *r, const char *fact, const char *operator,
                         int64_t left, int64_t right, bool holds)
{
    TQ_ASSERT(q->out->n < POLICY_STEPS_MAX);
    policy_step *s = &q->out->steps[q->out->n++];
    *s = (policy_step){.rule = r->id,
                       .article = r->article,
                       .kind = r->kind->token,
                       .fact = fact,
                       .operator= operator,
                       .left = left,
                       .right = right,
                       .holds = holds};
    return s;
}

static bool refuse(asking *q, const char *reason)
{
    TQ_ASSERT(reason != NULL);
    q->out->reason = reason;
    return false;
}

/* Leaves a step and, where it does not hold, the reason. */
static bool check(asking *q, const policy_rule *r, const char *fact, const char *operator,
                  int64_t left, int64_t right, bool holds, const char *reason)
{
    (void)step(q, r, fact, operator, left, right, holds);
    return holds || refuse(q, reason);
}

static bool unset(asking *q, const policy_rule *r, str name)
{
    TQ_ASSERT(name.len > 0);
    step(q, r, "", "set", 0, 0, false)->right_text = name;
    return refuse(q, "policy_unset");
}

/* Needed now, so guessed never. */
static bool known(asking *q, const policy_rule *r, const policy_value *v)
{
    return v->state != PV_UNSET || unset(q, r, v->text);
}

static bool check_word(asking *q, const policy_rule *r, const char *fact, const char *operator,
                       str word, const policy_value *list, bool holds, const char *reason)
{
    policy_step *s = step(q, r, fact, operator, 0, 0, holds);
    s->left_text = word;
    s->right_text = list->text;
    return holds || refuse(q, reason);
}

static bool lower(asking *q, const policy_rule *r, const char *fact, const char *operator,
                  int64_t to)
{
    const int64_t before = q->amount;
    TQ_ASSERT(before >= 0);
    q->amount = to < before ? to : before;
    (void)step(q, r, fact, operator, before, q->amount, true);
    TQ_ASSERT(q->amount <= before);
    return true;
}

bool ask_sanction(asking *q, const policy_rule *r)
{
    const policy_facts *f = q->f;
    if (!check(q, r, "holder_banned", "=", f->holder_banned, 0, f->holder_banned == 0,
               "holder_banned")) {
        return false;
    }
    return q->stage == STAGE_APPLY || check(q, r, "institution_banned", "=", f->institution_banned,
                                            0, f->institution_banned == 0, "institution_banned");
}

bool ask_voucher_kind(asking *q, const policy_rule *r)
{
    const policy_facts *f = q->f;
    if (q->stage == STAGE_ORDER) {
        const policy_value *purposes = OWN(r, voucher_kind, purposes);
        return purposes->state == PV_ABSENT ||
               (known(q, r, purposes) &&
                check_word(q, r, "purpose", "in", f->purpose, purposes,
                           value_has(purposes, f->purpose), "purpose_not_allowed"));
    }
    const policy_value *holders = OWN(r, voucher_kind, holders);
    const policy_value *top_up = OWN(r, voucher_kind, top_up);
    if (!known(q, r, holders) || !known(q, r, top_up) ||
        !check_word(q, r, "holder_kind", "in", f->holder_kind, holders,
                    value_has(holders, f->holder_kind), "holder_kind")) {
        return false;
    }
    return f->is_top_up == 0 || check(q, r, "is_top_up", "<=", f->is_top_up, top_up->num,
                                      top_up->num != 0, "top_up_not_allowed");
}

/* Whether the fact passes; leaves the step with `wanted` as what it must come to. */
static bool fact_passes(asking *q, const policy_rule *r, const policy_value *fact,
                        const policy_value *test, const policy_value *number,
                        const policy_value *codes, bool wanted)
{
    const int at = (int)fact->num;
    const char *name = policy_fact_table[at].name;
    if (policy_fact_table[at].type == FT_WORD) {
        const str word = fact_word(q->f, at);
        const bool within = value_is(test, "within");
        const bool in = within ? value_begins(codes, word) : value_has(codes, word);
        const bool negative = value_is(test, "none_of");
        const char *operator= within ? "within" : wanted != negative ? "in" : "not in";
        policy_step *s = step(q, r, name, operator, 0, 0, (in != negative) == wanted);
        s->left_text = word;
        s->right_text = codes->text;
        return s->holds;
    }
    const int64_t n = fact_number(q->f, at);
    const bool more = value_is(test, "at_least");
    const bool less = value_is(test, "at_most");
    const bool yes = value_is(test, "yes");
    const int64_t right = more || less ? number->num : 0;
    const bool is = more ? n >= right : less ? n <= right : yes ? n != 0 : n == 0;
    const char *operator= more ? (wanted ? ">=" : "<")
    : less                     ? (wanted ? "<=" : ">")
                               : (yes == wanted ? "!=" : "=");
    return step(q, r, name, operator, n, right, is == wanted)->holds;
}

bool ask_holder_test(asking *q, const policy_rule *r)
{
    const policy_value *number = OWN(r, holder_test, number);
    const policy_value *codes = OWN(r, holder_test, codes);
    TQ_ASSERT(r->reason != NULL);
    return known(q, r, number) && known(q, r, codes) &&
           (fact_passes(q, r, OWN(r, holder_test, fact), OWN(r, holder_test, test), number, codes,
                        true) ||
            refuse(q, r->reason));
}

bool ask_exclusion(asking *q, const policy_rule *r)
{
    const policy_value *number = OWN(r, exclusion, number);
    const policy_value *codes = OWN(r, exclusion, codes);
    TQ_ASSERT(r->reason != NULL);
    if (!known(q, r, OWN(r, exclusion, switch))) {
        return false;
    }
    if (value_is(OWN(r, exclusion, switch), "off")) {
        return true;
    }
    return known(q, r, number) && known(q, r, codes) &&
           (fact_passes(q, r, OWN(r, exclusion, fact), OWN(r, exclusion, test), number, codes,
                        false) ||
            refuse(q, r->reason));
}

bool ask_provider_test(asking *q, const policy_rule *r)
{
    TQ_ASSERT(q->stage == STAGE_ORDER);
    const policy_facts *f = q->f;
    const policy_value *accepts = OWN(r, provider_test, accepts);
    const policy_value *regions = OWN(r, provider_test, regions);
    if (!known(q, r, accepts) || !known(q, r, regions)) {
        return false;
    }
    const bool agreed = f->agreement_open != 0 && value_has(accepts, STR("agreement"));
    const bool recognised =
        f->institution_recognised != 0 && value_has(accepts, STR("recognition"));
    policy_step *s =
        step(q, r,
             agreed || f->institution_recognised == 0 ? "agreement_open" : "institution_recognised",
             "=", agreed || recognised, 1, agreed || recognised);
    s->right_text = accepts->text;
    if (!s->holds) {
        return refuse(q, "institution_not_recognised");
    }
    return regions->state == PV_ABSENT ||
           check_word(q, r, "institution_region", "within", f->institution_region, regions,
                      value_begins(regions, f->institution_region), "institution_region");
}

bool ask_relation_ban(asking *q, const policy_rule *r)
{
    TQ_ASSERT(q->stage == STAGE_ORDER);
    const policy_value *action = OWN(r, relation_ban, action);
    return known(q, r, action) &&
           (value_is(action, "allow") ||
            check(q, r, "related", "=", q->f->related, 0, q->f->related == 0, "related_parties"));
}

static bool in_force(const asking *q, const policy_rule *r)
{
    return (r->kinds & q->kind) != 0 && r->from <= q->f->today && q->f->today <= r->to;
}

/* The first of the run of rules of this kind that holds today and fits; q->at moves to its last.
 * Where none fits, *near is the one to cite. */
static const policy_rule *first_fit(asking *q, const policy_rule *r,
                                    bool (*fits)(const asking *, const policy_rule *),
                                    const policy_rule **near)
{
    const policy_rule *found = NULL;
    *near = NULL;
    const policy_rule *const *rules = q->p->asked[q->stage];
    TQ_ASSERT(rules[q->at] == r);
    size_t i = q->at;
    for (; i < q->p->n_asked[q->stage] && rules[i]->kind == r->kind; i++) {
        if (found != NULL || !in_force(q, rules[i])) {
            continue;
        }
        *near = *near == NULL ? rules[i] : *near;
        found = fits(q, rules[i]) ? rules[i] : NULL;
    }
    *near = *near == NULL ? r : *near;
    q->at = i - 1;
    return found;
}

static bool item_fits(const asking *q, const policy_rule *r)
{
    return str_eq(OWN(r, service_item, item)->text, q->f->outcome_kind);
}

bool ask_service_item(asking *q, const policy_rule *r)
{
    const policy_rule *near = NULL;
    const policy_rule *found = first_fit(q, r, item_fits, &near);
    if (found == NULL) {
        step(q, near, "outcome_kind", "in", 0, 0, false)->left_text = q->f->outcome_kind;
        return refuse(q, "item_unknown");
    }
    const policy_value *class = OWN(found, service_item, class);
    return known(q, found, class) &&
           check_word(q, found, "outcome_kind", "class", q->f->outcome_kind, class,
                      !value_is(class, "unsupported"), "item_unsupported");
}

bool ask_sequence(asking *q, const policy_rule *r)
{
    TQ_ASSERT(q->f->open_applications >= 0);
    const policy_value *max = OWN(r, sequence, open_max);
    const int64_t open = q->f->open_applications + 1;
    return known(q, r, max) && check(q, r, "open_applications", "<=", open, max->num,
                                     open <= max->num, "application_open");
}

bool ask_clock(asking *q, const policy_rule *r)
{
    const policy_facts *f = q->f;
    if (q->stage == STAGE_CLAIM) {
        return check(q, r, "claim_by", "<=", f->today, f->claim_by, f->today <= f->claim_by,
                     "claim_late");
    }
    TQ_ASSERT(q->stage == STAGE_ORDER);
    return check(q, r, "voucher_end", "<=", f->today, f->voucher_end, f->today <= f->voucher_end,
                 "voucher_expired") &&
           check(q, r, "order_end", "<=", f->order_end, f->voucher_end,
                 f->order_end <= f->voucher_end, "order_too_late");
}

bool ask_evidence(asking *q, const policy_rule *r)
{
    const policy_value *items = OWN(r, evidence, items);
    const policy_value *needs = OWN(r, evidence, needs);
    if (!known(q, r, items) || !known(q, r, needs)) {
        return false;
    }
    if (items->state == PV_GIVEN && !value_has(items, q->f->outcome_kind)) {
        return true;
    }
    const int64_t have = q->f->evidence_mask & r->mask;
    TQ_ASSERT(r->mask != 0);
    policy_step *s = step(q, r, "evidence_mask", "has", have, r->mask, have == r->mask);
    s->right_text = needs->text;
    for (size_t i = 0; i < needs->n && !s->holds && s->left_text.len == 0; i++) {
        if ((have & policy_evidence_bit(needs->list[i])) == 0) {
            s->left_text = needs->list[i]; /* the first that is missing */
        }
    }
    return s->holds || refuse(q, "evidence_missing");
}

bool ask_allocation(asking *q, const policy_rule *r)
{
    TQ_ASSERT(q->amount == 0);
    const policy_value *mode = OWN(r, allocation, mode);
    if (!known(q, r, mode)) {
        return false;
    }
    if (value_is(mode, "entitlement")) {
        q->amount = q->f->asked;
        return step(q, r, "asked", "amount", q->f->asked, q->amount, true)->holds;
    }
    q->amount = q->f->decided;
    return check(q, r, "decided", ">", q->f->decided, 0, q->f->decided > 0, "decision_missing");
}

static bool rate_fits(const asking *q, const policy_rule *r)
{
    const policy_value *items = OWN(r, rate, items);
    const policy_value *regions = OWN(r, rate, regions);
    return (items->state != PV_GIVEN || value_has(items, q->f->outcome_kind)) &&
           (regions->state != PV_GIVEN || value_begins(regions, q->f->institution_region));
}

static int64_t whole_units(const policy *p, int64_t minor)
{
    int64_t unit = 1;
    for (int i = 0; i < p->money.minor_digits; i++) {
        unit *= 10;
    }
    TQ_ASSERT(unit > 0);
    return minor - minor % unit;
}

/* gross = floor(base * share), then what the voucher or its hold still covers (R-POLICY-030). */
static bool apply_rate(asking *q, const policy_rule *r)
{
    const policy_facts *f = q->f;
    const policy_value *share = OWN(r, rate, share);
    const bool net = value_is(OWN(r, rate, of), "invoice_net");
    const bool order = q->stage == STAGE_ORDER;
    const int64_t base = order ? f->contract : net ? f->base_net : f->base_gross;
    TQ_ASSERT(base >= 0);
    TQ_ASSERT(base <= MONEY_MAX);
    q->out->base = base;
    q->amount = money_share_floor((money){base}, (bps){(int32_t)share->num}).minor;
    if (value_is(OWN(r, rate, round), "yuan")) {
        q->amount = whole_units(q->p, q->amount);
    }
    step(q, r,
         order ? "contract"
         : net ? "base_net"
               : "base_gross",
         "share", base, q->amount, true)
        ->right_text = share->text;
    if (!order) {
        return lower(q, r, "hold_left", "min", f->hold_left);
    }
    return lower(q, r, "voucher_left", "min", f->voucher_left) &&
           (f->asked == 0 || lower(q, r, "asked", "min", f->asked));
}

bool ask_rate(asking *q, const policy_rule *r)
{
    const policy_rule *near = NULL;
    const policy_rule *found = first_fit(q, r, rate_fits, &near);
    if (found == NULL) {
        step(q, near, "outcome_kind", "in", 0, 0, false)->left_text = q->f->outcome_kind;
        return refuse(q, "no_rate");
    }
    for (int i = 0; i < policy_kind_fields(found->kind); i++) {
        if (!known(q, found, &found->own[i])) {
            return false;
        }
    }
    const policy_value *least = OWN(found, rate, min_project);
    if (q->stage == STAGE_ORDER && least->state == PV_GIVEN &&
        !check(q, found, "contract", ">=", q->f->contract, least->num, q->f->contract >= least->num,
               "project_too_small")) {
        return false;
    }
    return apply_rate(q, found);
}

bool ask_own_share(asking *q, const policy_rule *r)
{
    const policy_value *share = OWN(r, own_share, share);
    const policy_value *amount = OWN(r, own_share, amount);
    if (!known(q, r, share) || !known(q, r, amount)) {
        return false;
    }
    const int64_t base = q->out->base; /* a rate has been asked: its kind stands before this one */
    TQ_ASSERT(q->amount <= base);
    const bps rest = {(int32_t)(10000 - (share->state == PV_GIVEN ? share->num : 0))};
    int64_t most = money_share_floor((money){base}, rest).minor;
    if (amount->state == PV_GIVEN && base - amount->num < most) {
        most = base > amount->num ? base - amount->num : 0;
    }
    return lower(q, r, "base", "own_share", most);
}

static int64_t used_of(const policy_facts *f, const policy_rule *r, const char **fact)
{
    const bool year = value_is(OWN(r, cap, period), "calendar_year");
    if (value_is(OWN(r, cap, measure), "approved")) {
        *fact = "claimed_year";
        return f->claimed_year;
    }
    if (value_is(OWN(r, cap, measure), "count")) {
        *fact = "vouchers_life";
        return f->vouchers_life;
    }
    if (value_is(OWN(r, cap, period), "voucher")) {
        *fact = "asked";
        return 0;
    }
    *fact = year ? "issued_year" : "issued_life";
    return year ? f->issued_year : f->issued_life;
}

/* Inclusive: what comes to the limit passes (R-POLICY-020). */
bool ask_cap(asking *q, const policy_rule *r)
{
    const char *fact = "";
    const int64_t used = used_of(q->f, r, &fact);
    const bool counted = value_is(OWN(r, cap, measure), "count");
    const policy_value *limit = counted ? OWN(r, cap, count) : OWN(r, cap, limit);
    const policy_value *over = OWN(r, cap, over);
    TQ_ASSERT(used >= 0);
    if (!known(q, r, limit) || !known(q, r, over)) {
        return false;
    }
    if (value_is(over, "reduce") && used < limit->num) {
        return lower(q, r, fact, "cap", limit->num - used);
    }
    /* a top-up increases a voucher that is counted already */
    const int64_t after = used + (counted ? (q->f->is_top_up == 0) : q->amount);
    return check(q, r, fact, "<=", after, limit->num, after <= limit->num, "cap_reached");
}

/* R-FINDING-020: of the rules of findings the one of the firm's own class speaks. */
bool ask_finding(asking *q, const policy_rule *r)
{
    const policy_value *quota = OWN(r, finding, quota);
    TQ_ASSERT(q->stage == STAGE_APPLY);
    if (!str_eq(OWN(r, finding, class)->text, q->f->holder_finding) || quota->state == PV_ABSENT) {
        return true;
    }
    if (!known(q, r, quota)) {
        return false;
    }
    const bps share = {(int32_t)quota->num};
    (void)lower(q, r, "holder_finding", "quota",
                money_share_floor((money){q->amount}, share).minor);
    q->out->steps[q->out->n - 1].right_text = quota->text;
    return true;
}

bool ask_fund(asking *q, const policy_rule *r)
{
    TQ_ASSERT(q->stage == STAGE_APPLY);
    return check(q, r, "pool_left", "<=", q->amount, q->f->pool_left, q->amount <= q->f->pool_left,
                 "pool_short");
}

static bool walk(asking *q)
{
    const size_t n = q->p->n_asked[q->stage];
    for (q->at = 0; q->at < n; q->at++) {
        const policy_rule *r = q->p->asked[q->stage][q->at];
        TQ_ASSERT(r->kind->ask != NULL);
        const bool group = r->kind->index == PK_service_item || r->kind->index == PK_rate;
        if ((group || in_force(q, r)) && !r->kind->ask(q, r)) {
            return false;
        }
    }
    return true;
}

void policy_evaluate(const policy *p, policy_stage stage, const policy_facts *f,
                     policy_decision *out)
{
    TQ_ASSERT(p != NULL);
    TQ_ASSERT(f != NULL);
    TQ_ASSERT(stage < STAGE_COUNT);
    out->granted = false;
    out->reason = "granted";
    out->amount = 0;
    out->base = 0;
    out->n = 0;
    const size_t kind = policy_kind_at(p, f->voucher_kind);
    TQ_ASSERT(kind <= p->n_kinds);
    asking q = {.p = p, .f = f, .stage = stage, .kind = 1u << kind, .out = out};
    if (kind == p->n_kinds) {
        step(&q, &p->top, "voucher_kind", "in", 0, 0, false)->left_text = f->voucher_kind;
        (void)refuse(&q, "voucher_kind_unknown");
        return;
    }
    /* before a voucher is issued, all it will meet must be known */
    if (stage == STAGE_APPLY && p->unset_rule[kind] != NULL) {
        (void)unset(&q, p->unset_rule[kind], p->unset_name[kind]);
        return;
    }
    if (!walk(&q)) {
        return;
    }
    if (q.amount <= 0) {
        (void)check(&q, p->kinds[kind], "amount", ">", q.amount, 0, false, "nothing_payable");
        return;
    }
    out->granted = true;
    out->amount = q.amount;
    TQ_ASSERT(out->n > 0);
}
