/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/policy_inner.h"

#include "base/canon.h"

#include <inttypes.h>

const policy_field policy_fields[PF_COUNT] = {
#define POLICY_GROUP(kind)
#define POLICY_FIELD(kind, field, type, need, min, max, choices, unit, doc)                        \
    [PF_##kind##_##field] = {PG_##kind, #field, PT_##type, PN_##need, min, max, choices},
#include "domain/policy_fields.def"
#undef POLICY_GROUP
#undef POLICY_FIELD
};

/* Where the fields of the next group begin. */
static const int group_begin[PG_COUNT + 1] = {
#define POLICY_GROUP(kind) PF_BEGIN_##kind,
#define POLICY_FIELD(...)
#include "domain/policy_fields.def"
#undef POLICY_GROUP
#undef POLICY_FIELD
    PF_COUNT,
};

#define FIELDS_OF(token) PG_##token, PF_BEGIN_##token
const policy_kind policy_kind_table[PK_COUNT] = {
#define POLICY_KIND(token, place, stages, dated, steps, ask, doc)                                  \
    [PK_##token] = {#token, PLACE_##place, stages, dated, steps, ask, PK_##token, FIELDS_OF(token)},
#include "domain/policy_kinds.def"
#undef POLICY_KIND
};

/* One group of fields for each kind, in the same order, behind the common ones. */
#define POLICY_KIND(token, ...)                                                                    \
    _Static_assert((int)PG_##token == (int)PK_##token + 1, "order of " #token);
#include "domain/policy_kinds.def"
#undef POLICY_KIND
_Static_assert((int)PG_COUNT == (int)PK_COUNT + 1, "each kind has a group of fields");

const policy_fact policy_fact_table[POLICY_FACTS] = {
#define POLICY_FACT(name, type, stages) {#name, FT_##type, stages, offsetof(policy_facts, name)},
#include "domain/policy_facts.def"
#undef POLICY_FACT
};

static const struct {
    const char *token, *zh, *en;
} reasons[] = {
#define POLICY_REASON(token, zh, en) {#token, zh, en},
#include "domain/policy_reasons.def"
#undef POLICY_REASON
};
#define REASONS (sizeof reasons / sizeof reasons[0])

const policy_kind *policy_kind_named(str token)
{
    for (size_t i = 0; i < PK_COUNT; i++) {
        TQ_ASSERT(policy_kind_table[i].index == (policy_kind_index)i);
        if (str_eq(token, str_of(policy_kind_table[i].token))) {
            return &policy_kind_table[i];
        }
    }
    return NULL;
}

int policy_kind_fields(const policy_kind *k)
{
    TQ_ASSERT(group_begin[k->group] == k->first);
    const int n = group_begin[k->group + 1] - k->first;
    TQ_ASSERT(n > 0);
    return n;
}

int policy_fact_named(str name)
{
    for (int i = 0; i < POLICY_FACTS; i++) {
        TQ_ASSERT(policy_fact_table[i].name != NULL);
        if (str_eq(name, str_of(policy_fact_table[i].name))) {
            return i;
        }
    }
    return -1;
}

int64_t fact_number(const policy_facts *f, int fact)
{
    TQ_ASSERT(fact >= 0);
    TQ_ASSERT(fact < POLICY_FACTS);
    TQ_ASSERT(policy_fact_table[fact].type == FT_NUMBER);
    int64_t n;
    memcpy(&n, (const char *)f + policy_fact_table[fact].at, sizeof n);
    return n;
}

str fact_word(const policy_facts *f, int fact)
{
    TQ_ASSERT(fact >= 0);
    TQ_ASSERT(fact < POLICY_FACTS);
    TQ_ASSERT(policy_fact_table[fact].type == FT_WORD);
    str s;
    memcpy(&s, (const char *)f + policy_fact_table[fact].at, sizeof s);
    return s;
}

const char *policy_reason_token(str token)
{
    for (size_t i = 0; i < REASONS; i++) {
        if (str_eq(token, str_of(reasons[i].token))) {
            return reasons[i].token;
        }
    }
    return NULL;
}

const char *policy_reason_text(const char *reason, bool chinese)
{
    for (size_t i = 0; i < REASONS; i++) {
        if (strcmp(reasons[i].token, reason) == 0) {
            return chinese ? reasons[i].zh : reasons[i].en;
        }
    }
    return reason; /* reasons of other tables than this one speak for themselves */
}

void policy_steps_write(const policy_decision *d, buf *out)
{
    TQ_ASSERT(d->n >= 0);
    TQ_ASSERT(d->n <= POLICY_STEPS_MAX);
    canon c = canon_to(out);
    canon_list(&c);
    for (int i = 0; i < d->n; i++) {
        const policy_step *s = &d->steps[i];
        canon_open(&c);
        canon_kstr(&c, "rule", s->rule);
        canon_kstr(&c, "article", s->article);
        canon_kstr(&c, "kind", str_of(s->kind));
        canon_kstr(&c, "fact", str_of(s->fact));
        canon_kstr(&c, "op", str_of(s->operator));
        canon_kint(&c, "left", s->left);
        canon_kint(&c, "right", s->right);
        if (s->left_text.len > 0) {
            canon_kstr(&c, "left_text", s->left_text);
        }
        if (s->right_text.len > 0) {
            canon_kstr(&c, "right_text", s->right_text);
        }
        canon_key(&c, "holds");
        canon_bool(&c, s->holds);
        canon_close(&c);
    }
    canon_list_end(&c);
}

static tq_code fact_put(policy_facts *f, const canon_node *n, tq_err *err)
{
    const int at = policy_fact_named(n->key);
    if (at < 0) {
        return tq_fail(err, TQ_INVALID, "policy_fact", "facts", "there is no fact %.*s",
                       STR_ARG(n->key));
    }
    const policy_fact *fact = &policy_fact_table[at];
    const canon_type wanted = fact->type == FT_NUMBER ? CANON_INT : CANON_STR;
    if (n->type != wanted) {
        return tq_fail(err, TQ_INVALID, "policy_fact", fact->name, "the fact is of another type");
    }
    if (wanted == CANON_INT) {
        TQ_ASSERT(fact->at + sizeof n->num <= sizeof *f);
        memcpy((char *)f + fact->at, &n->num, sizeof n->num);
    } else {
        TQ_ASSERT(fact->at + sizeof n->text <= sizeof *f);
        memcpy((char *)f + fact->at, &n->text, sizeof n->text);
    }
    return TQ_OK;
}

tq_code policy_facts_read(str canonical, arena *a, policy_facts *out, tq_err *err)
{
    const canon_node *root = NULL;
    policy_facts f = {0};
    TQ_TRY(canon_read(canonical, a, &root, err));
    if (root->type != CANON_OBJECT) {
        return tq_fail(err, TQ_INVALID, "policy_fact", "facts", "facts are an object");
    }
    for (const canon_node *n = root->kids; n != NULL; n = n->next) {
        TQ_TRY(fact_put(&f, n, err));
    }
    *out = f;
    return TQ_OK;
}

void policy_facts_write(const policy_facts *f, policy_stage stage, buf *out)
{
    TQ_ASSERT(stage < STAGE_COUNT);
    canon c = canon_to(out);
    canon_open(&c);
    for (int i = 0; i < POLICY_FACTS; i++) {
        const policy_fact *fact = &policy_fact_table[i];
        if ((fact->stages & 1u << stage) == 0) {
            continue;
        }
        if (fact->type == FT_NUMBER) {
            canon_kint(&c, fact->name, fact_number(f, i));
        } else {
            canon_kstr(&c, fact->name, fact_word(f, i));
        }
    }
    canon_close(&c);
}
