/* SPDX-License-Identifier: Apache-2.0 */
#include "web/claim_match.h"

/* `agree`: the two are the same; at_most: the left is no more than the right (amounts, days). */
typedef enum match_way { AGREE, AT_MOST, IS_NONE, IS_NORMAL } match_way;

static const struct match_rule {
    const char *what; /* match.<what> */
    const char *left, *right;
    match_way way;
    bool of_proof; /* only where there is a proof of payment */
} rules[] = {
    {"amount_invoice", "amount", "gross", AT_MOST, false},
    {"amount_contract", "amount", "contract", AT_MOST, false},
    {"amount_paid", "amount", "paid", AT_MOST, true},
    {"buyer", "holder", "buyer", AGREE, false},
    {"seller", "institution", "seller", AGREE, false},
    {"payer", "holder", "payer", AGREE, true},
    {"invoice_day", "issued_day", "filed_day", AT_MOST, false},
    {"paid_day", "paid_day", "filed_day", AT_MOST, true},
    {"invoice_state", "invoice_state", "invoice_state", IS_NORMAL, false},
    {"other_claims", "other_claims", "other_claims", IS_NONE, false},
};

static const view_value *value_at(const view *v, const view_row *row, const char *name)
{
    const int at = view_field_at(v, name);
    TQ_ASSERT(at >= 0);
    return &row->values[at];
}

static bool holds(const struct match_rule *rule, const view_value *left, const view_value *right)
{
    switch (rule->way) {
    case AGREE:
        return str_eq(left->s, right->s);
    case AT_MOST:
        return left->n <= right->n;
    case IS_NONE:
        return left->n == 0;
    case IS_NORMAL:
        return str_eq(left->s, STR("normal"));
    }
    return false;
}

static void side(doc *in, const char *key, const view *v, const view_row *row, const char *name)
{
    const int at = view_field_at(v, name);
    TQ_ASSERT(at >= 0);
    switch (v->fields[at].type) {
    case VIEW_TYPE_MONEY:
        doc_money(in, key, row->values[at].n);
        break;
    case VIEW_TYPE_DAY:
        doc_day(in, key, row->values[at].n);
        break;
    case VIEW_TYPE_INT:
        doc_int(in, key, row->values[at].n);
        break;
    case VIEW_TYPE_STATE:
        doc_token(in, key, "state.invoice", row->values[at].s);
        break;
    case VIEW_TYPE_ID:
    case VIEW_TYPE_INSTANT:
    case VIEW_TYPE_BPS:
    case VIEW_TYPE_BOOL:
    case VIEW_TYPE_TEXT:
    case VIEW_TYPE_CODE:
    case VIEW_TYPE_LINE:
    case VIEW_TYPE_TOKEN:
        doc_text(in, key, row->values[at].s);
        break;
    }
}

static void one_line(const web_rq *w, const view *v, const view_row *row, doc *line)
{
    const route *order = route_of_view(VIEW_SERVICE_ORDER, ROUTE_ITEM, w->call.who.role);
    const route *invoice = route_of_view(VIEW_INVOICE, ROUTE_ITEM, w->call.who.role);
    const bool paid = value_at(v, row, "proof_id")->n != 0;
    doc_text(line, "order", value_at(v, row, "order")->s);
    doc_text(line, "order_href",
             order == NULL ? STR("")
                           : route_path(order, value_at(v, row, "order_id")->n, w->call.a));
    doc_text(line, "invoice", value_at(v, row, "invoice")->s);
    doc_text(line, "invoice_href",
             invoice == NULL ? STR("")
                             : route_path(invoice, value_at(v, row, "invoice_id")->n, w->call.a));
    doc_text(line, "proof", value_at(v, row, "proof")->s);
    doc *checks = doc_list(line, "checks");
    for (size_t i = 0; i < TQ_COUNT(rules); i++) {
        if (rules[i].of_proof && !paid) {
            continue;
        }
        doc *c = doc_object(checks, NULL);
        doc_token(c, "what", "match", str_of(rules[i].what));
        side(c, "left", v, row, rules[i].left);
        side(c, "right", v, row, rules[i].right);
        doc_bool(c, "one", strcmp(rules[i].left, rules[i].right) == 0);
        doc_bool(c, "same",
                 holds(&rules[i], value_at(v, row, rules[i].left),
                       value_at(v, row, rules[i].right)));
    }
}

tq_code claim_match_lines(const web_rq *w, store_tx *tx, int64_t claim_id, doc *list, tq_err *err)
{
    static const view_child of_claim = {VIEW_CLAIM_MATCH, STMT_VIEW_CLAIM_MATCH_BY_CLAIM};
    view_rows rows;
    TQ_TRY(view_children(tx, &of_claim, claim_id, w->call.a, &rows, err));
    for (size_t i = 0; i < rows.n; i++) {
        one_line(w, rows.of, &rows.rows[i], doc_object(list, NULL));
    }
    return TQ_OK;
}
