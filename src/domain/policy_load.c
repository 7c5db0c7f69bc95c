/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/policy_inner.h"

/* From text to a policy: the file named by `extends` first, then this file over it. */

static tq_code fail_rule(const builder *b, const policy_rule *r, const char *reason,
                         const char *field, const char *detail)
{
    TQ_ASSERT(r->line > 0);
    return policy_fail(b, r->file, r->line, r->column, reason, field, "%s", detail);
}

static tq_code fail_node(const builder *b, const yaml_node *n, const char *reason,
                         const char *field, const char *detail)
{
    return policy_fail(b, b->file, n->line, n->column, reason, field, "%s", detail);
}

static policy_rule new_rule(const builder *b, const policy_kind *kind, const yaml_node *n)
{
    TQ_ASSERT(kind != NULL);
    policy_rule r = {.kind = kind, .file = b->file, .line = n->line, .column = n->column};
    r.common = ARENA_NEW(b->a, policy_value, PF_BEGIN_scheme - PF_BEGIN_common);
    r.own = ARENA_NEW(b->a, policy_value, policy_kind_fields(kind));
    return r;
}

/* Which of the common fields a kind may have: the file none, a document its name. */
static bool common_allowed(const policy_kind *kind, int field)
{
    switch (kind->place) {
    case PLACE_TOP:
        return false;
    case PLACE_DOCUMENT:
        return field == PF_common_id;
    case PLACE_RULE:
        break;
    }
    return kind->dated || (field != PF_common_valid_from && field != PF_common_valid_to);
}

static int field_of(const policy_kind *kind, str name)
{
    for (int i = PF_BEGIN_common; i < PF_BEGIN_scheme; i++) {
        if (common_allowed(kind, i) && str_eq(name, str_of(policy_fields[i].name))) {
            return i;
        }
    }
    for (int i = kind->first; i < kind->first + policy_kind_fields(kind); i++) {
        TQ_ASSERT(policy_fields[i].group == kind->group);
        if (str_eq(name, str_of(policy_fields[i].name))) {
            return i;
        }
    }
    return -1;
}

static bool one_of(str key, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (str_eq(key, str_of(*names))) {
            return true;
        }
    }
    return false;
}

/* Takes the fields of `map` into the rule; `structure` are keys that others read. */
static tq_code fill(const builder *b, policy_rule *r, const yaml_node *map,
                    const char *const *structure)
{
    TQ_ASSERT(map->type == YAML_MAP);
    for (const yaml_node *n = map->kids; n != NULL; n = n->next) {
        if (one_of(n->key, structure)) {
            continue;
        }
        const int at = field_of(r->kind, n->key);
        if (at < 0) {
            const str known = arena_copy(b->a, n->key);
            return policy_fail(b, b->file, n->line, n->column, "policy_field_unknown", known.data,
                               "%s has no such field", r->kind->token);
        }
        policy_value *v = at < PF_BEGIN_scheme ? &r->common[at] : &r->own[at - r->kind->first];
        TQ_TRY(value_read(b, &policy_fields[at], r->id, n, v));
    }
    return TQ_OK;
}

static tq_code complete(const builder *b, const policy_rule *r)
{
    for (int i = PF_BEGIN_common; i < PF_BEGIN_scheme; i++) {
        if (common_allowed(r->kind, i) && policy_fields[i].need == PN_FIXED &&
            r->common[i].state != PV_GIVEN) {
            return fail_rule(b, r, "policy_field_missing", policy_fields[i].name,
                             "this field must be stated");
        }
    }
    for (int i = 0; i < policy_kind_fields(r->kind); i++) {
        const policy_field *f = &policy_fields[r->kind->first + i];
        TQ_ASSERT(f->need != PN_FIXED || r->own[i].state != PV_UNSET);
        if (r->own[i].state != PV_ABSENT || f->need == PN_MAY) {
            continue;
        }
        /* a clock may be a mere date */
        if (r->kind->index == PK_clock && r->kind->first + i == PF_clock_n &&
            OWN(r, clock, until)->state != PV_ABSENT) {
            continue;
        }
        return fail_rule(b, r, "policy_field_missing", f->name,
                         f->need == PN_MUST ? "this field must be stated; write unset where the"
                                              " document is silent"
                                            : "this field must be stated");
    }
    return TQ_OK;
}

static tq_code read_id(const builder *b, const yaml_node *map, str *out)
{
    const yaml_node *n = yaml_get(map, "id");
    if (n == NULL) {
        return fail_node(b, map, "policy_field_missing", "id", "this field must be stated");
    }
    policy_value v;
    TQ_TRY(value_read(b, &policy_fields[PF_common_id], (str){0}, n, &v));
    *out = v.text;
    return TQ_OK;
}

static policy_rule *rule_named(policy_rule *rules, size_t n, str id)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(rules[i].id, id)) {
            return &rules[i];
        }
    }
    return NULL;
}

/* A member of `documents` or `rules`: one of the file it extends is replaced, another is added. */
static tq_code take_rule(const builder *b, const policy_kind *kind, const yaml_node *map,
                         policy_rule *rules, size_t *n, size_t max)
{
    static const char *const structure[] = {"kind", NULL};
    static const char *const none[] = {NULL};
    str id;
    TQ_TRY(read_id(b, map, &id));
    policy_rule r = new_rule(b, kind, map);
    r.id = id;
    TQ_TRY(fill(b, &r, map, kind->place == PLACE_RULE ? structure : none));
    policy_rule *old = rule_named(rules, *n, id);
    TQ_ASSERT(*n <= max);
    if (old != NULL && old->file == b->file) {
        return fail_node(b, map, "policy_id_repeated", "id", "this id stands twice in the file");
    }
    if (old == NULL && *n == max) {
        return fail_node(b, map, "policy_size", "id", "the file has too many rules");
    }
    *(old == NULL ? &rules[(*n)++] : old) = r;
    return TQ_OK;
}

static tq_code need_list(const builder *b, const yaml_node *n)
{
    if (n != NULL && n->type != YAML_LIST) {
        const str key = arena_copy(b->a, n->key);
        return fail_node(b, n, "policy_field_type", key.data, "a list is expected");
    }
    return TQ_OK;
}

static tq_code need_map(const builder *b, const yaml_node *n, const char *field)
{
    return n->type == YAML_MAP
               ? TQ_OK
               : fail_node(b, n, "policy_field_type", field, "a map of fields is expected");
}

static tq_code take_rules(const builder *b, const yaml_node *list)
{
    policy *p = b->p;
    TQ_TRY(need_list(b, list));
    for (const yaml_node *n = list == NULL ? NULL : list->kids; n != NULL; n = n->next) {
        TQ_TRY(need_map(b, n, "rules"));
        const yaml_node *token = yaml_get(n, "kind");
        if (token == NULL) {
            return fail_node(b, n, "policy_field_missing", "kind", "this field must be stated");
        }
        const policy_kind *kind = token->type == YAML_TEXT ? policy_kind_named(token->text) : NULL;
        if (kind == NULL || kind->place != PLACE_RULE) {
            return fail_node(b, token, "policy_kind_unknown", "kind",
                             "there is no such kind of rule");
        }
        TQ_TRY(take_rule(b, kind, n, p->rules, &p->n_rules, POLICY_RULES_MAX));
    }
    return TQ_OK;
}

static tq_code take_documents(const builder *b, const yaml_node *list)
{
    policy *p = b->p;
    TQ_TRY(need_list(b, list));
    for (const yaml_node *n = list == NULL ? NULL : list->kids; n != NULL; n = n->next) {
        TQ_TRY(need_map(b, n, "documents"));
        TQ_TRY(take_rule(b, &policy_kind_table[PK_document], n, p->documents, &p->n_documents,
                         POLICY_DOCUMENTS_MAX));
    }
    return TQ_OK;
}

/* set: {rule id: {field: value}} changes single values of the file it extends. */
static tq_code take_set(const builder *b, const yaml_node *set)
{
    static const char *const none[] = {NULL};
    if (set == NULL) {
        return TQ_OK;
    }
    TQ_TRY(need_map(b, set, "set"));
    for (const yaml_node *n = set->kids; n != NULL; n = n->next) {
        TQ_TRY(need_map(b, n, "set"));
        policy_rule *r = rule_named(b->p->rules, b->p->n_rules, n->key);
        if (r == NULL || r->file == b->file) {
            return fail_node(b, n, "policy_reference", "set",
                             "the file that is extended has no rule of this id");
        }
        if (yaml_get(n, "id") != NULL) {
            return fail_node(b, n, "policy_field_unknown", "id", "an id cannot be set");
        }
        TQ_TRY(fill(b, r, n, none));
    }
    return TQ_OK;
}

static tq_code take_remove(const builder *b, const yaml_node *list)
{
    policy *p = b->p;
    TQ_ASSERT(p->n_rules <= POLICY_RULES_MAX);
    TQ_TRY(need_list(b, list));
    for (const yaml_node *n = list == NULL ? NULL : list->kids; n != NULL; n = n->next) {
        policy_rule *r = n->type == YAML_TEXT ? rule_named(p->rules, p->n_rules, n->text) : NULL;
        if (r == NULL) {
            return fail_node(b, n, "policy_reference", "remove",
                             "the file that is extended has no rule of this id");
        }
        const size_t after = (size_t)(p->rules + p->n_rules - (r + 1));
        memmove(r, r + 1, after * sizeof *r);
        p->n_rules--;
    }
    return TQ_OK;
}

static tq_code take_top(const builder *b, const yaml_node *root)
{
    static const char *const structure[] = {"extends", "documents", "rules", "set", "remove", NULL};
    policy *p = b->p;
    TQ_TRY(need_map(b, root, "file"));
    if (yaml_get(root, "scheme") == NULL) {
        return fail_node(b, root, "policy_field_missing", "scheme", "this field must be stated");
    }
    const bool base = p->top.kind != NULL;
    if (!base) {
        p->top = new_rule(b, &policy_kind_table[PK_scheme], root);
    }
    TQ_TRY(fill(b, &p->top, root, structure));
    p->top.file = b->file;
    p->top.line = root->line;
    p->top.column = root->column;
    TQ_TRY(complete(b, &p->top));
    currency cur;
    const str code = OWN(&p->top, scheme, currency)->text;
    const yaml_node *at = yaml_get(root, "currency");
    if (currency_of(code, &cur, NULL) != TQ_OK) {
        return fail_node(b, at == NULL ? root : at, "policy_field_range", "currency",
                         "this is no code of ISO 4217");
    }
    if (base && strcmp(cur.code, p->money.code) != 0) {
        return fail_node(b, at == NULL ? root : at, "policy_field_range", "currency",
                         "the file that is extended has another currency");
    }
    p->money = cur;
    return TQ_OK;
}

static tq_code take_file(const builder *b, const yaml_node *root)
{
    TQ_TRY(take_top(b, root));
    TQ_TRY(take_remove(b, yaml_get(root, "remove")));
    TQ_TRY(take_set(b, yaml_get(root, "set")));
    TQ_TRY(take_documents(b, yaml_get(root, "documents")));
    return take_rules(b, yaml_get(root, "rules"));
}

/* What a rule, its texts and its print take besides the tree is bounded, and looked at beforehand:
 * an arena that overflows ends the program. */
static tq_code read_tree(const builder *b, str text, yaml_node **root)
{
    if (text.len > POLICY_BYTES_MAX) {
        return tq_fail(b->err, TQ_LIMIT, "policy_size", b->file,
                       "a policy file has at most %d bytes", POLICY_BYTES_MAX);
    }
    TQ_TRY(yaml_read(text, b->file, b->a, root, b->err));
    if (arena_left(b->a) < sizeof(policy) + POLICY_RULES_MAX * 4096 + 8 * text.len) {
        return tq_fail(b->err, TQ_LIMIT, "policy_size", b->file,
                       "there is no room for this policy");
    }
    return TQ_OK;
}

/* The file named by `extends`, which may not extend another. */
static tq_code take_base(const builder *b, const yaml_node *root, policy_reader read, void *ctx)
{
    const yaml_node *n = yaml_get(root, "extends");
    if (n == NULL) {
        return TQ_OK;
    }
    if (n->type != YAML_TEXT || !str_line_ok(n->text, 100)) {
        return fail_node(b, n, "policy_field_type", "extends", "the name of a scheme is expected");
    }
    if (read == NULL) {
        return fail_node(b, n, "policy_extends", "extends", "this policy must stand alone");
    }
    str text = {0};
    TQ_TRY(read(ctx, n->text, b->a, &text, b->err));
    builder base = *b;
    base.file = arena_copy(b->a, n->text).data;
    yaml_node *tree = NULL;
    TQ_TRY(read_tree(&base, text, &tree));
    const yaml_node *again = yaml_get(tree, "extends");
    static const char *const childs[] = {"extends", "set", "remove", NULL};
    for (const char *const *c = childs; again == NULL && *c != NULL; c++) {
        again = yaml_get(tree, *c);
    }
    if (again != NULL) {
        return fail_node(&base, again, "policy_extends", "extends",
                         "a file that is extended cannot extend another");
    }
    return take_file(&base, tree);
}

static tq_code finish(const builder *b)
{
    policy *p = b->p;
    for (size_t i = 0; i < p->n_documents; i++) {
        TQ_TRY(complete(b, &p->documents[i]));
    }
    for (size_t i = 0; i < p->n_rules; i++) {
        TQ_TRY(complete(b, &p->rules[i]));
    }
    TQ_TRY(policy_link(b));
    BUF_AUTO buf text = buf_max(POLICY_PRINT_MAX);
    policy_write(p, &text);
    if (!buf_ok(&text) || text.len >= POLICY_BYTES_MAX) {
        return tq_fail(b->err, TQ_LIMIT, "policy_size", b->file, "the policy is too long");
    }
    TQ_ASSERT(p->n_kinds > 0);
    p->printed = arena_copy(b->a, buf_view(&text));
    p->sha256 = hash_of(HASH_SHA256, p->printed);
    return TQ_OK;
}

tq_code policy_load(str yaml, const char *name, policy_reader read, void *ctx, arena *a,
                    policy **out, tq_err *err)
{
    TQ_ASSERT(name != NULL);
    TQ_ASSERT(out != NULL);
    const builder top = {.a = a, .err = err, .file = arena_copy(a, str_of(name)).data};
    yaml_node *root = NULL;
    TQ_TRY(read_tree(&top, yaml, &root));
    builder b = top;
    b.p = ARENA_NEW(a, policy, 1);
    TQ_TRY(take_base(&b, root, read, ctx));
    TQ_TRY(take_file(&b, root));
    TQ_TRY(finish(&b));
    *out = b.p;
    return TQ_OK;
}
