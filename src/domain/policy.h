/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_POLICY_H
#define TQ_POLICY_H

/* A scheme as data: loading, checking and evaluating a policy file (schemes/ *.yaml).
 *
 * A policy is read once into an immutable value. Its identity is the SHA-256 of its canonical print.
 * Parameters the document leaves open are `unset`; whatever needs one is refused with
 * reason policy_unset and the parameter's name, never guessed.
 *
 * Rules are rows: each rule kind is one row of policy_kinds.def (token, stages, fields, evaluator,
 * doc). policy_evaluate walks the rules of a stage in the order of policy_kinds.def, and of one kind
 * in the file's order, and leaves a step for each; the first refusal ends it. A file may so be
 * arranged as its readers like without changing an amount. Whatever a voucher will need must be known
 * before it is issued: STAGE_APPLY is refused while any rule of its kind has an `unset`. Evaluation is
 * pure: no clock, no store, no allocation. The language: docs/policy-language.md. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/day.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/money.h"
#include "domain/credit.h"

typedef struct policy policy;

/* Gives the text of the file named by `extends` (one level). */
typedef tq_code (*policy_reader)(void *ctx, str name, arena *a, str *out, tq_err *err);

/* All of it lives in `a`. Errors carry file:line:column and the field. */
TQ_MUST_CHECK tq_code policy_load(str yaml, const char *name, policy_reader read, void *ctx,
                                  arena *a, policy **out, tq_err *err);
digest policy_sha256(const policy *p);
void policy_print(const policy *p, buf *out); /* canonical text, reads back to the same policy */
str policy_name(const policy *p);
/* Names of parameters that are still `unset` ("rate.apply"); n_max is room. */
size_t policy_unset(const policy *p, str *names, size_t n_max);

/* Where a rule is asked. */
typedef enum policy_stage {
    STAGE_APPLY, /* may this holder have a voucher of this kind, and how much */
    STAGE_ORDER, /* may this voucher pay this institution for this service, and how much */
    STAGE_CLAIM, /* what is payable of what was delivered, invoiced and paid */
    STAGE_COUNT
} policy_stage;

/* What rules may look at, gathered by the use case under lock; 0/"" where it does not apply. Money in
 * minor units, days as day.n. A rule that names a fact outside its stage fails at load. */
typedef struct policy_facts {
    int64_t today;
    str voucher_kind;
    /* holder */
    str holder_kind; /* enterprise | team */
    int64_t holder_age_days;
    int64_t holder_recognised; /* 1: on a list of recognition valid today (P-13, P-20) */
    str holder_region;
    int64_t holder_banned;
    int64_t open_applications;
    str holder_finding;  /* worst finding whose points count: none minor serious fraud */
    int64_t issued_year; /* issued to this holder of this kind this calendar year, minus returned */
    int64_t issued_life;
    int64_t vouchers_life;
    int64_t asked;
    int64_t decided;   /* amount entered by the group's decision (award vouchers), 0 = none */
    int64_t pool_left; /* of the kind, with the open part of the bounded over-commitment */
    int64_t is_top_up;
    /* order */
    str outcome_kind; /* testing iur patent standard certification novelty_search talent … */
    str purpose;
    str institution_region;
    int64_t institution_recognised; /* individually, by the group */
    int64_t agreement_open;         /* a partner agreement covers the region on that day (P-18) */
    int64_t institution_banned;
    int64_t related;    /* 1: owner, controller, account or representative in common */
    int64_t compulsory; /* 1: testing or certification that the law demands anyway */
    int64_t contract;
    int64_t voucher_left;
    int64_t order_end, voucher_end;
    /* claim */
    int64_t base_gross,
        base_net; /* sum over allocations of min(invoice line, proven paid, contract rest) */
    int64_t hold_left;
    int64_t claim_by;      /* last day */
    int64_t evidence_mask; /* bits of policy_evidence_bit */
    int64_t claimed_year;  /* approved and pending of this holder this calendar year */
} policy_facts;

#define POLICY_STEPS_MAX 32

/* One asked rule, as data: texts are made from it in any language. */
typedef struct policy_step {
    str rule;    /* id in the policy file */
    str article; /* document number and article it cites */
    const char *kind;
    const char *fact;     /* name of the fact compared, "" where none */
    const char *operator; /* "<=", "=", "in", "min", "share" … */
    int64_t left, right;  /* numbers compared, or amount before and after */
    str left_text, right_text;
    bool holds;
} policy_step;

typedef struct policy_decision {
    bool granted;
    const char *reason; /* token of policy_reasons.def; "granted" */
    int64_t amount;     /* granted amount in minor units */
    int64_t base;       /* for claims: the base the rate was applied to */
    int n;
    policy_step steps[POLICY_STEPS_MAX];
} policy_decision;

void policy_evaluate(const policy *p, policy_stage stage, const policy_facts *f,
                     policy_decision *out);
/* [{"rule":…,"article":…,"kind":…,"fact":…,"op":…,"left":…,"right":…,"holds":…},…] */
void policy_steps_write(const policy_decision *d, buf *out);
void policy_facts_write(const policy_facts *f, policy_stage stage, buf *out); /* canonical object */
/* Back from what policy_facts_write wrote, for whoever asks again what was decided; words live in `a`. A
 * fact that the text has not is 0 or "". MALFORMED, or INVALID/policy_fact for what is no fact. */
TQ_MUST_CHECK tq_code policy_facts_read(str canonical, arena *a, policy_facts *out, tq_err *err);
const char *policy_reason_text(const char *reason, bool chinese);

/* Parameters that use cases read directly. Each returns INVALID/policy_unset with the parameter's name
 * where it is unset, NOT_FOUND/policy_kind for an unknown voucher kind. */
typedef struct policy_clock {
    int64_t n;
    bool working_days; /* else calendar days; unit months where months is set */
    bool months;
    int64_t absolute_month,
        absolute_day; /* and/or a date in the year; 0 = none; the earlier wins */
} policy_clock;
/* kind NULL: the rule for all kinds. A clock that is only a date comes as 12 months and that date.
 * name: use | claim | supplement | deemed_confirmation | publicity | cooling | objection | pay_by | name_grace (how long after
 * a change of name papers may still bear the old one) | reply (to an inspection) | appeal (against the decision of a
 * case) | inquiry_papers (of an urgent inquiry) */
TQ_MUST_CHECK tq_code policy_clock_get(const policy *p, const char *kind, const char *name,
                                       policy_clock *out, tq_err *err);

/* Whether the policy states that clock for the kind, known or `unset`: some clocks may be left out. */
bool policy_clock_stated(const policy *p, const char *kind, const char *name);

/* Inspections (P-30, P-37) and credit (P-33). Classes of finding from the mildest to the worst. */
typedef enum finding_class {
    FINDING_NONE,
    FINDING_MINOR,
    FINDING_SERIOUS,
    FINDING_FRAUD
} finding_class;
const char *finding_name(finding_class f); /* none | minor | serious | fraud */
finding_class finding_named(str token);    /* FINDING_NONE for any other word */
typedef struct policy_check {
    str id; /* of the rule */
    str label_zh, label_en;
    finding_class finding; /* of a wrong answer */
} policy_check;
#define POLICY_CHECKS_MAX 64
/* What a firm holds and had done, by which its checklist is chosen (R-INSPECT-070). */
typedef struct policy_visited {
    const str *kinds; /* of its vouchers */
    size_t n_kinds;
    const str *items; /* outcomes of its orders */
    size_t n_items;
} policy_visited;
/* The checklist of day `d` in the order of the file; none is INVALID/policy_unset. */
TQ_MUST_CHECK tq_code policy_checks(const policy *p, day d, const policy_visited *of,
                                    policy_check *out, size_t max, size_t *n, tq_err *err);
typedef struct policy_finding {
    int64_t points, months, must_visit_years;
    bool
        lowers; /* the next vouchers, while the points count: the evaluator does it (R-FINDING-020) */
    bool opens_case;
} policy_finding;
/* What findings of the class do on day `d`; INVALID/policy_unset. */
TQ_MUST_CHECK tq_code policy_finding_get(const policy *p, finding_class f, day d,
                                         policy_finding *out, tq_err *err);
/* Which classes count against the township in the yearly assessment (P-32); none where no rule says so. */
TQ_MUST_CHECK tq_code policy_findings_counted(const policy *p, day d,
                                              bool counted[FINDING_FRAUD + 1], tq_err *err);
/* INVALID/policy_unset where the policy has no credit or leaves it open; *given is false without a rule,
 * and nothing else is set then. */
TQ_MUST_CHECK tq_code policy_credit_get(const policy *p, day d, bool *given, credit_terms *out,
                                        tq_err *err);

/* Authority that is sent the register (P-39). INVALID/policy_unset where the policy does not name it.
 * Lives as long as the policy. */
TQ_MUST_CHECK tq_code policy_register_get(const policy *p, str *authority, tq_err *err);

/* Records whose personal data are erased when their term has run out: app/retention.h. */
typedef enum retention_record { RETAIN_TIP, RETAIN_OBJECTION, RETAIN_INQUIRY } retention_record;
/* Months after the day of closing; false where the policy states no term, and nothing is erased then. */
bool policy_retention_get(const policy *p, retention_record of, int64_t *months);

/* Figures by which townships and parks are assessed (P-32): domain/assessment_score.h. */
typedef enum measure_figure {
    FIGURE_COVERAGE,
    FIGURE_ACTIVE,
    FIGURE_CLEAN,
    FIGURE_RATE,
    FIGURE_CROSS_REGION,
    FIGURE_REDEEMED,
    FIGURE_CONTRACT,
    FIGURE_ORDERS,
    FIGURE_COUNT
} measure_figure;
typedef struct policy_measure {
    str id; /* of the rule */
    str label_zh, label_en;
    measure_figure figure;
    int64_t weight_bp; /* of the score; all add up to 10000 */
    int64_t target;    /* > 0: basis points, minor units or a count */
    bool by_paid_day;  /* else by the day on which the order was agreed */
} policy_measure;
/* The measures that hold on day `d`, in the order of the file. INVALID/policy_unset where there is none, or one
 * leaves its weight, target or day open; INVALID/policy_weights where the weights do not add up;
 * LIMIT/policy_size above `max`. Texts live as long as the policy. */
TQ_MUST_CHECK tq_code policy_measures(const policy *p, day d, policy_measure *out, size_t max,
                                      size_t *n, tq_err *err);

/* Figures by which the programme is watched (P-09): app/indicator.h. */
typedef struct policy_indicator {
    str id; /* of the rule */
    str label_zh, label_en, owner_zh, owner_en;
    str group;  /* money | platform | service */
    str figure; /* a word of policy_fields.def */
    bool in_days;
    bool has_target;
    int64_t target; /* basis points, or hundredths of a day */
} policy_indicator;
/* Those that hold on day `d`, in the order of the file; none: *n = 0. A target left open is none.
 * LIMIT/policy_size above `max`. Texts live as long as the policy. */
TQ_MUST_CHECK tq_code policy_indicators(const policy *p, day d, policy_indicator *out, size_t max,
                                        size_t *n, tq_err *err);
bool policy_indicator_in_days(str figure); /* else a share */

/* Above *limit the group decides; MONEY_MAX where no rule says so. `stage` is STAGE_APPLY or STAGE_CLAIM. */
TQ_MUST_CHECK tq_code policy_approval_get(const policy *p, const char *kind, policy_stage stage,
                                          int64_t *limit, tq_err *err);

/* Holders that may buy one service together, the first included; 0 where no rule allows it. */
TQ_MUST_CHECK tq_code policy_pooling_get(const policy *p, const char *kind, int64_t *members_max,
                                         tq_err *err);

typedef enum policy_action { ACTION_SHOW, ACTION_REFER, ACTION_REFUSE } policy_action;
typedef struct policy_signal {
    bool on;
    str rule, article;
    int64_t number; /* 0: not stated */
    int64_t days;
    int64_t share_bp;
    policy_action action;
} policy_signal;
/* The rule `signal` of that name which holds for the kind of voucher on that day; off where there is none,
 * or where what it needs is `unset`: what nobody has said stops nobody. */
policy_signal policy_signal_get(const policy *p, const char *kind, const char *name, day on);

typedef struct policy_staff_signal {
    bool on;
    int64_t number, share_bp;
    int64_t from_hour, to_hour;
} policy_staff_signal;
/* The rule `staff_signal` of that name; off where there is none, or where what it needs is `unset`. */
policy_staff_signal policy_staff_signal_get(const policy *p, const char *name);

typedef enum policy_payee { PAYEE_HOLDER, PAYEE_INSTITUTION } policy_payee;
TQ_MUST_CHECK tq_code policy_payee_get(const policy *p, const char *kind, policy_payee *out,
                                       tq_err *err);

typedef struct policy_fund {
    bps extract;         /* P-21: 1000 */
    bps match;           /* of what was extracted: 5000 */
    bps overcommit;      /* of the pool's appropriations of the year */
    bool expiry_to_pool; /* else lapsed */
} policy_fund;
TQ_MUST_CHECK tq_code policy_fund_get(const policy *p, const char *kind, policy_fund *out,
                                      tq_err *err);

typedef struct policy_sanction {
    int64_t ban_years;       /* P-31: 3 */
    bool ban_all_funds;      /* scope: all county funds, else this programme */
    bool good_faith_payable; /* delivered before the ban stays payable to the institution */
    bool appeal_suspends;
    int64_t repair_months; /* after which a ban's end may be asked for; 0: not before its term */
    str article;           /* that the rule cites; lives as long as the policy */
} policy_sanction;
TQ_MUST_CHECK tq_code policy_sanction_get(const policy *p, policy_sanction *out, tq_err *err);

/* How much is inspected (P-30). */
typedef struct policy_sample {
    bool half_years;  /* a share of each half year, else of each year */
    int64_t share_bp; /* of all that is counted, at least */
    bool all_holders; /* counted: all with a voucher, else those with a paid claim */
    str strata;       /* none | place | kind; "" where the plan of a draw may choose */
} policy_sample;
TQ_MUST_CHECK tq_code policy_sample_get(const policy *p, policy_sample *out, tq_err *err);

/* Required evidence at claim for this outcome kind, as bits by position of the token in
 * policy_evidence_tokens: contract invoice payment_proof result accounting_entry acceptance transfer
 * employment social_insurance certificate. */
int64_t policy_evidence_bit(str token); /* 0 where unknown */
/* Columns of the payment list in order, tokens of the batch's column table. */
TQ_MUST_CHECK tq_code policy_payment_columns(const policy *p, const str **columns, size_t *n,
                                             tq_err *err);
/* Voucher kinds of the file. */
size_t policy_kinds(const policy *p);
str policy_kind_code(const policy *p, size_t i);
str policy_kind_label(const policy *p, size_t i, bool chinese);
TQ_MUST_CHECK tq_code policy_kind_form(const policy *p, const char *kind, bool *award, bool *top_up,
                                       tq_err *err);
/* Means of payment that count as paid, e.g. transfer; "bill" only when honoured. */
bool policy_means_counts(const policy *p, str means);
/* True: the taxable base is the invoice without tax. */
TQ_MUST_CHECK tq_code policy_base_is_net(const policy *p, const char *kind, bool *out, tq_err *err);

#endif
