/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/policy_inner.h"

/* The canonical print: every field in the order of the table, rules in the order in which they are
 * asked. Its hash is the identity of the policy (R-POLICY-050), so it is made once, at load. */

static void print_fields(const policy *p, const policy_rule *r, const char *indent, buf *out)
{
    const int common = PF_BEGIN_scheme - PF_BEGIN_common;
    const int n = common + policy_kind_fields(r->kind);
    for (int i = 0; i < n; i++) {
        const policy_value *v = i < common ? &r->common[i] : &r->own[i - common];
        const policy_field *f = &policy_fields[i < common ? i : r->kind->first + i - common];
        if (v->state != PV_ABSENT) {
            buf_printf(out, "%s%s: ", indent, f->name);
            value_print(p, f, v, out);
            buf_char(out, '\n');
        }
    }
}

void policy_write(const policy *p, buf *out)
{
    TQ_ASSERT(p->top.kind == &policy_kind_table[PK_scheme]);
    print_fields(p, &p->top, "", out);
    buf_text(out, "documents:");
    buf_text(out, p->n_documents == 0 ? " []\n" : "\n");
    for (size_t i = 0; i < p->n_documents; i++) {
        buf_text(out, "  -\n");
        print_fields(p, &p->documents[i], "    ", out);
    }
    buf_text(out, "rules:");
    buf_text(out, p->n_rules == 0 ? " []\n" : "\n");
    for (size_t i = 0; i < p->n_rules; i++) {
        buf_printf(out, "  - kind: %s\n", p->rules[i].kind->token);
        print_fields(p, &p->rules[i], "    ", out);
    }
}

void policy_print(const policy *p, buf *out)
{
    TQ_ASSERT(p->printed.len > 0);
    buf_str_add(out, p->printed);
}

digest policy_sha256(const policy *p)
{
    TQ_ASSERT(p->printed.len > 0);
    return p->sha256;
}

str policy_name(const policy *p)
{
    TQ_ASSERT(p->top.own != NULL);
    return OWN(&p->top, scheme, scheme)->text;
}
