/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/signal.h"

__extension__ typedef __int128 wide;

static const char *const tokens[SIGNAL_COUNT] = {
#define SIGNAL(name, token, unit, zh, en) #token,
#include "domain/signal_kinds.def"
#undef SIGNAL
};

const char *signal_token(signal_kind k)
{
    TQ_ASSERT(k < SIGNAL_COUNT);
    return tokens[k];
}

bool signal_kind_of(str token, signal_kind *out)
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        if (str_eq(token, str_of(tokens[i]))) {
            *out = (signal_kind)i;
            return true;
        }
    }
    return false;
}

/* n + share of n, rounded down; amounts of a scheme leave room in 64 bits, their product may not. */
static int64_t with_share(int64_t n, int64_t share_bp)
{
    TQ_ASSERT(n >= 0 && n <= MONEY_MAX);
    TQ_ASSERT(share_bp >= -10000 && share_bp <= 1000000);
    return (int64_t)((wide)n * (10000 + share_bp) / 10000);
}

/* A count that reaches the rule's number; left out, one is enough. */
static bool reaches(int64_t n, const policy_signal *r, signal_found *s)
{
    TQ_ASSERT(n >= 0 && r->number >= 0);
    s->measured = n;
    s->bound = r->number > 0 ? r->number : 1;
    return n >= s->bound;
}

static bool signal_invoice_twin(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    return reaches(f->twins, r, s);
}

static bool signal_invoice_file(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    return reaches(f->same_files, r, s);
}

static bool signal_invoice_replaced(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    return reaches(f->replaced_claims, r, s);
}

/* Some contracts are invoiced at signature and entered later: the rule's days are forgiven. */
static bool signal_invoice_early(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    s->measured = f->days_early;
    s->bound = r->days;
    return f->days_early > r->days;
}

static bool signal_invoice_above(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    s->measured = f->invoice_fen;
    s->bound = with_share(f->contract_fen, r->share_bp);
    return f->invoice_fen > s->bound;
}

static bool signal_related_party(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    return reaches(f->relations, r, s);
}

/* Clients of one account agency often share its telephone and its address: declared, that is no sign. */
static bool signal_shared_contact(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    return f->agencies == 0 && reaches(f->contacts, r, s);
}

static bool signal_shared_agency(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    return reaches(f->agencies, r, s);
}

static bool signal_velocity(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    TQ_ASSERT(f->claims_in_days >= 1); /* this one */
    return reaches(f->claims_in_days, r, s);
}

/* What is not known of a firm is no sign against it. */
static bool signal_size_ratio(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    s->measured = f->claimed_fen;
    s->bound = with_share(f->turnover_fen, r->share_bp - 10000);
    return f->turnover_fen > 0 && f->claimed_fen > s->bound;
}

/* Up to the amount two reviewers decide; whoever stays just below it spares themselves the group. */
static bool signal_near_limit(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    s->measured = f->asked_fen;
    if (f->approval_fen >= MONEY_MAX) {
        return false;
    }
    s->bound = with_share(f->approval_fen, -r->share_bp);
    return f->asked_fen > s->bound && f->asked_fen <= f->approval_fen;
}

static bool signal_double_funding(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    return reaches(f->funded, r, s);
}

static bool signal_invoice_status(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    return reaches(f->status_changes, r, s);
}

static bool signal_invoice_elsewhere(const signal_facts *f, const policy_signal *r, signal_found *s)
{
    return reaches(f->elsewhere, r, s);
}

typedef bool signal_test(const signal_facts *f, const policy_signal *r, signal_found *s);

static signal_test *const tests[SIGNAL_COUNT] = {
#define SIGNAL(name, token, unit, zh, en) signal_##token,
#include "domain/signal_kinds.def"
#undef SIGNAL
};

size_t signal_evaluate(const policy_signal rules[SIGNAL_COUNT], const signal_facts *f,
                       signal_found out[SIGNAL_COUNT])
{
    size_t n = 0;
    TQ_ASSERT(f->asked_fen >= 0 && f->claimed_fen >= 0);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        signal_found s = {.kind = (signal_kind)i};
        if (rules[i].on && tests[i](f, &rules[i], &s)) {
            out[n++] = s;
        }
    }
    TQ_ASSERT(n <= SIGNAL_COUNT);
    return n;
}

policy_step signal_step(const policy_signal *rule, const signal_found *found)
{
    TQ_ASSERT(rule->on); /* what is off fires nothing */
    return (policy_step){.rule = rule->rule,
                         .article = rule->article,
                         .kind = "signal",
                         .fact = signal_token(found->kind),
                         .operator= "signal",
                         .left = found->measured,
                         .right = found->bound};
}

void signal_reason_write(const policy_signal *rule, const signal_found *found, buf *out)
{
    const policy_decision d = {.n = 1, .steps = {signal_step(rule, found)}};
    policy_steps_write(&d, out);
}
