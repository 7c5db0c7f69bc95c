/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_POLICY_INNER_H
#define TQ_POLICY_INNER_H

/* What the files of the policy share: the tables made of the four lists, and a loaded policy. */

#include "base/yaml_tree.h"
#include "domain/policy.h"

#define POLICY_BYTES_MAX (256 * 1024)
#define POLICY_PRINT_MAX (1024 * 1024)
#define POLICY_RULES_MAX 256
#define POLICY_DOCUMENTS_MAX 32
#define POLICY_KINDS_MAX 16

#define S_NONE 0u
#define S_APPLY (1u << STAGE_APPLY)
#define S_ORDER (1u << STAGE_ORDER)
#define S_CLAIM (1u << STAGE_CLAIM)
#define S_ALL (S_APPLY | S_ORDER | S_CLAIM)

typedef enum policy_type {
    PT_INT,
    PT_BOOL,
    PT_MONEY,
    PT_RATE,
    PT_DAY,
    PT_MONTHDAY,
    PT_CODE,
    PT_PERIOD,
    PT_CODES,
    PT_FACT,
    PT_LINE,
    PT_TEXT,
    PT_CITES
} policy_type;

typedef enum policy_need { PN_FIXED, PN_MUST, PN_MAY } policy_need;

typedef enum policy_group {
#define POLICY_GROUP(kind) PG_##kind,
#define POLICY_FIELD(...)
#include "domain/policy_fields.def"
#undef POLICY_GROUP
#undef POLICY_FIELD
    PG_COUNT
} policy_group;

/* PF_<kind>_<field> counts all fields; PF_BEGIN_<kind> is the kind's first. */
enum {
#define POLICY_GROUP(kind) PF_BEGIN_##kind, PF_BACK_##kind = PF_BEGIN_##kind - 1,
#define POLICY_FIELD(kind, field, ...) PF_##kind##_##field,
#include "domain/policy_fields.def"
#undef POLICY_GROUP
#undef POLICY_FIELD
    PF_COUNT
};

typedef struct policy_field {
    policy_group group;
    const char *name;
    policy_type type;
    policy_need need;
    int64_t min, max;
    const char *choices; /* separated by blanks; "": any */
} policy_field;

extern const policy_field policy_fields[PF_COUNT];

typedef enum policy_state { PV_ABSENT, PV_UNSET, PV_GIVEN } policy_state;

typedef struct policy_value {
    policy_state state;
    int64_t
        num;  /* int, bool, minor units, basis points, day.n, month * 100 + day, index of a fact */
    str text; /* code, line, zh, document; a list joined by blanks; "rule.field" where unset */
    str more; /* en, article */
    const str *list; /* codes */
    size_t n;
} policy_value;

typedef struct asking asking;
typedef struct policy_rule policy_rule;
typedef bool policy_ask(asking *q, const policy_rule *r); /* false: refused, which ends it */

typedef enum policy_place { PLACE_TOP, PLACE_DOCUMENT, PLACE_RULE } policy_place;

typedef enum policy_kind_index {
#define POLICY_KIND(token, ...) PK_##token,
#include "domain/policy_kinds.def"
#undef POLICY_KIND
    PK_COUNT
} policy_kind_index;

typedef struct policy_kind {
    const char *token;
    policy_place place;
    unsigned stages;
    bool dated;
    int steps;
    policy_ask *ask;
    policy_kind_index index;
    policy_group group;
    int first; /* of its fields */
} policy_kind;

extern const policy_kind policy_kind_table[PK_COUNT];
const policy_kind *policy_kind_named(str token); /* NULL: unknown */
int policy_kind_fields(const policy_kind *k);    /* how many fields it has */

struct policy_rule {
    const policy_kind *kind;
    policy_value *common;
    policy_value *own;
    str id;
    str article;        /* as decisions cite it */
    unsigned stages;    /* where this rule is asked */
    unsigned kinds;     /* bits of voucher kinds */
    int64_t from, to;   /* days */
    int64_t mask;       /* evidence */
    const char *reason; /* of tests and exclusions */
    const char *file;   /* where it stands */
    int line, column;
};

#define OWN(rule, kind, field) (&(rule)->own[PF_##kind##_##field - PF_BEGIN_##kind])
#define COMMON(rule, field) (&(rule)->common[PF_common_##field - PF_BEGIN_common])

struct policy {
    policy_rule top;
    policy_rule documents[POLICY_DOCUMENTS_MAX];
    size_t n_documents;
    policy_rule rules[POLICY_RULES_MAX];
    size_t n_rules;
    const policy_rule *asked[STAGE_COUNT][POLICY_RULES_MAX];
    size_t n_asked[STAGE_COUNT];
    const policy_rule *kinds[POLICY_KINDS_MAX];
    size_t n_kinds;
    const policy_rule
        *unset_rule[POLICY_KINDS_MAX]; /* the first that keeps the kind from being issued */
    str unset_name[POLICY_KINDS_MAX];
    currency money;
    str printed;
    digest sha256;
};

static inline bool value_is(const policy_value *v, const char *code)
{
    return v->state == PV_GIVEN && str_eq(v->text, str_of(code));
}
bool value_has(const policy_value *v, str code);    /* a list names it */
bool value_begins(const policy_value *v, str code); /* a member begins it */

typedef enum policy_fact_type { FT_NUMBER, FT_WORD } policy_fact_type;
typedef struct policy_fact {
    const char *name;
    policy_fact_type type;
    unsigned stages;
    size_t at; /* in policy_facts */
} policy_fact;
#define POLICY_FACTS 34
extern const policy_fact policy_fact_table[POLICY_FACTS];
int policy_fact_named(str name); /* -1: unknown */
int64_t fact_number(const policy_facts *f, int fact);
str fact_word(const policy_facts *f, int fact);

const char *policy_reason_token(str token); /* the list's own text; NULL: unknown */

/* --- loading --- */
typedef struct builder {
    arena *a;
    tq_err *err;
    policy *p;
    const char *file;
} builder;

TQ_MUST_CHECK tq_code policy_fail(const builder *b, const char *file, int line, int column,
                                  const char *reason, const char *field, const char *fmt, ...)
    TQ_PRINTF(7, 8);
TQ_MUST_CHECK tq_code value_read(const builder *b, const policy_field *f, str rule,
                                 const yaml_node *node, policy_value *out);
void value_print(const policy *p, const policy_field *f, const policy_value *v, buf *out);
/* Voucher kinds, references between rules, stages, dates; after all rules have their values. */
TQ_MUST_CHECK tq_code policy_link(const builder *b);
size_t policy_kind_at(const policy *p, str code); /* n_kinds: unknown */
void policy_write(const policy *p, buf *out);

policy_ask ask_sanction, ask_voucher_kind, ask_holder_test, ask_provider_test, ask_relation_ban,
    ask_service_item, ask_exclusion, ask_sequence, ask_clock, ask_evidence, ask_allocation,
    ask_rate, ask_own_share, ask_cap, ask_finding, ask_fund;

#endif
