/* SPDX-License-Identifier: Apache-2.0 */
#include "app/invoice.h"

#include "app/claim_inner.h"
#include "app/organisation.h"

#define FILERS                                                                                     \
    (ROLES(ROLE_FIRM_AGENT) | ROLES(ROLE_FIRM_FINANCE) | ROLES(ROLE_INST_AGENT) |                  \
     ROLES(ROLE_INTAKE))

/* The unique index has the last word where two writers on PostgreSQL passed the look-up together. */
static tq_code used_if(tq_code code, const char *constraint, const char *reason, tq_err *err)
{
    if (code == TQ_CONFLICT && err != NULL && strcmp(err->field, constraint) == 0) {
        return tq_fail(err, TQ_CONFLICT, reason, "key", "it is recorded already");
    }
    return code;
}

tq_code claim_need_party(const call *c, int64_t holder_id, int64_t institution_id, tq_err *err)
{
    const role r = c->who.role;
    const bool firm = r == ROLE_FIRM_AGENT || r == ROLE_FIRM_FINANCE;
    if (!firm && r != ROLE_INST_AGENT) {
        return TQ_OK;
    }
    const int64_t own = firm ? holder_id : institution_id;
    if (own == 0 || c->who.org_id != own) {
        return tq_fail(err, TQ_FORBIDDEN, "other_org", "actor",
                       "this belongs to another organisation");
    }
    return TQ_OK;
}

static bool hex_or_empty(str s)
{
    digest d;
    return s.len == 0 || digest_from_hex(s, &d);
}

tq_code claim_seller_check(store_tx *tx, int64_t institution_id, int64_t seller_id, day issued,
                           const char *field, tq_err *err)
{
    if (seller_id == institution_id) {
        return TQ_OK;
    }
    bool linked = false;
    int64_t heir = 0; /* an institution that took over another goes on with its invoices */
    TQ_TRY(org_linked(tx, institution_id, "invoice_issuer", seller_id, issued, &linked, err));
    if (!linked) {
        TQ_TRY(store_int(tx, STMT_CLAIM_SUCCEEDED_BY,
                         ARGS(arg_int(seller_id), arg_int(institution_id)), 0, &heir, err));
    }
    if (!linked && heir == 0) { /* R-INVOICE-020 */
        return tq_fail(err, TQ_INVALID, "seller_link", field,
                       "the seller is not the institution and not its invoice issuer on that day; "
                       "record the link first");
    }
    return TQ_OK;
}

/* R-INVOICE-040: printers and banks know a new name late: where the policy states the clock `name_grace`,
 * a paper may bear the former name until it has run out, counted from that name's last day. */
static tq_code name_in_grace(app *a, store_tx *tx, const call *c, int64_t org_id, str name, day on,
                             bool *holds, tq_err *err)
{
    const policy *p = NULL;
    int64_t policy_id = 0;
    int64_t last = 0;
    policy_clock grace;
    day end;
    *holds = false;
    TQ_TRY(store_int(tx, STMT_ORG_NAME_UNTIL, ARGS(arg_int(org_id), arg_str(name), arg_int(on.n)),
                     0, &last, err));
    if (last == 0 || c->who.programme_id == 0) {
        return TQ_OK;
    }
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    if (policy_clock_stated(p, NULL, "name_grace")) {
        TQ_TRY(policy_clock_get(p, NULL, "name_grace", &grace, err));
        TQ_TRY(clock_end(tx, c->who.programme_id, (day){(int32_t)last}, &grace, &end, err));
        *holds = on.n <= end.n;
    }
    return TQ_OK;
}

static tq_code name_check(app *a, store_tx *tx, const call *c, int64_t org_id, str name, day on,
                          const char *reason, tq_err *err)
{
    int64_t bears = 0;
    bool grace = false;
    TQ_TRY(store_int(tx, STMT_ORG_BEARS_NAME, ARGS(arg_int(org_id), arg_str(name), arg_int(on.n)),
                     0, &bears, err));
    if (bears == 0) {
        TQ_TRY(name_in_grace(a, tx, c, org_id, name, on, &grace, err));
    }
    if (bears == 0 && !grace) { /* R-INVOICE-030 */
        return tq_fail(err, TQ_INVALID, reason, reason,
                       "the name on the paper is not the organisation's name on that day");
    }
    return TQ_OK;
}

static tq_code invoice_form(const call *c, const invoice_new *rq, invoice_key *key, tq_err *err)
{
    TQ_TRY(invoice_key_make(rq->code, rq->number, rq->country, rq->seller_tax_id, key, err));
    if (rq->issued.n <= 0 || rq->issued.n > c->today.n) {
        return tq_fail(err, TQ_INVALID, "invoice_day", "invoice.issued",
                       "an invoice is issued on a day that is not in the future");
    }
    if (rq->net_fen <= 0 || rq->net_fen > rq->gross_fen || rq->gross_fen > MONEY_MAX) {
        return tq_fail(err, TQ_INVALID, "invoice_amount", "invoice.gross",
                       "give the amount with tax and, not above it, the amount without");
    }
    if (!str_line_ok(rq->buyer_name, INVOICE_NAME_MAX)) {
        return tq_fail(err, TQ_INVALID, "buyer_name", "invoice.buyer_name",
                       "give the buyer's name as printed");
    }
    if (!hex_or_empty(rq->blob)) {
        return tq_fail(err, TQ_INVALID, "blob", "invoice.blob", "give the file's SHA-256 in hex");
    }
    return TQ_OK;
}

/* The old invoice is red, of the same two parties, and has no other in its place. */
static tq_code replaced_check(store_tx *tx, const event_value *old, int64_t old_id,
                              int64_t seller_id, int64_t buyer_id, bool must_be_red, tq_err *err)
{
    if (must_be_red && !row_is(old, C_INVOICE_STATE, "red")) {
        return tq_fail(err, TQ_CONFLICT, "not_red", "invoice.replaces",
                       "only an invoice that was red-flushed can be replaced");
    }
    if (row_num(old, C_INVOICE_SELLER_ID) != seller_id ||
        row_num(old, C_INVOICE_BUYER_ID) != buyer_id) {
        return tq_fail(err, TQ_INVALID, "invoice_parties", "invoice.replaces",
                       "a replacement has the seller and the buyer of the invoice it replaces");
    }
    int64_t other = 0;
    TQ_TRY(store_int(tx, STMT_INVOICE_REPLACED_BY, ARGS(arg_int(old_id)), 0, &other, err));
    if (other != 0) {
        return tq_fail(err, TQ_CONFLICT, "invoice_replaced", "invoice.replaces",
                       "the invoice has a replacement already");
    }
    return TQ_OK;
}

static tq_code invoice_facts(app *a, store_tx *tx, const call *c, const invoice_new *rq,
                             const invoice_key *key, tq_err *err)
{
    event_value org[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_ORGANISATION, rq->buyer_id, c->a, org, err)); /* the firm's lock */
    TQ_TRY(claim_seller_check(tx, rq->institution_id, rq->seller_id, rq->issued, "invoice.seller",
                              err));
    int64_t known = 0;
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_ORG_KIND_OF, ARGS(arg_int(rq->institution_id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "invoice.institution",
                       "there is no such institution");
    }
    TQ_TRY(name_check(a, tx, c, rq->buyer_id, rq->buyer_name, rq->issued, "buyer_name", err));
    TQ_TRY(store_int(tx, STMT_INVOICE_BY_KEY, ARGS(arg_str(str_of(key->text))), 0, &known, err));
    if (known != 0) { /* R-INVOICE-010, I11 */
        return tq_fail(err, TQ_CONFLICT, "invoice_used", "key", "it is recorded already");
    }
    if (rq->replaces_id != 0) {
        event_value old[AUDITED_COLS_MAX];
        TQ_TRY(row_load(tx, T_INVOICE, rq->replaces_id, c->a, old, err));
        TQ_TRY(replaced_check(tx, old, rq->replaces_id, rq->seller_id, rq->buyer_id, true, err));
    }
    return TQ_OK;
}

tq_code invoice_add(app *a, const call *c, const invoice_new *rq, int64_t *invoice_id, tq_err *err)
{
    invoice_key key;
    TQ_ASSERT(rq->buyer_id >= 0 && rq->seller_id >= 0 && rq->institution_id >= 0);
    TQ_TRY(invoice_form(c, rq, &key, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, FILERS, &tx, err));
    TQ_TRY(claim_need_party(c, rq->buyer_id, rq->institution_id, err));
    TQ_TRY(invoice_facts(a, tx, c, rq, &key, err));

    TQ_ASSERT(rq->net_fen > 0 && rq->net_fen <= rq->gross_fen);
    event e = work_event(c, EV_INVOICE_ADD);
    int64_t id = 0;
    TQ_TRY(event_new_row(tx, &e, T_INVOICE, &id, err));
    event_text(&e, C_INVOICE_KEY, str_of(key.text));
    event_int(&e, C_INVOICE_SELLER_ID, rq->seller_id);
    event_int(&e, C_INVOICE_BUYER_ID, rq->buyer_id);
    event_int(&e, C_INVOICE_ISSUED_DAY, rq->issued.n);
    event_int(&e, C_INVOICE_GROSS_FEN, rq->gross_fen);
    event_int(&e, C_INVOICE_NET_FEN, rq->net_fen);
    event_text(&e, C_INVOICE_STATE, STR("normal"));
    event_int(&e, C_INVOICE_REPLACES_ID, rq->replaces_id);
    event_text(&e, C_INVOICE_BLOB, rq->blob);
    const tq_code code = event_append(tx, &e, NULL, err);
    TQ_TRY(used_if(code, "invoice_key_key", "invoice_used", err));
    TQ_TRY(store_commit(&tx, err));
    *invoice_id = id;
    return TQ_OK;
}

/* The seller is not always the institution; whoever sold or bought may say that it was reversed. */
static tq_code red_party(const call *c, const event_value *invoice, tq_err *err)
{
    return claim_need_party(c, row_num(invoice, C_INVOICE_BUYER_ID),
                            row_num(invoice, C_INVOICE_SELLER_ID), err);
}

tq_code invoice_red(app *a, const call *c, const invoice_red_flush *rq, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value old[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, FILERS | ROLES(ROLE_REVIEWER1) | ROLES(ROLE_REVIEWER2), &tx, err));
    int64_t buyer = 0;
    TQ_TRY(store_int(tx, STMT_CLAIM_INVOICE_BUYER, ARGS(arg_int(rq->invoice_id)), 0, &buyer, err));
    if (buyer == 0) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "invoice", "there is no such invoice");
    }
    event_value org[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_ORGANISATION, buyer, c->a, org, err)); /* the firm's lock */
    TQ_TRY(row_load(tx, T_INVOICE, rq->invoice_id, c->a, old, err));
    TQ_TRY(red_party(c, old, err));
    if (!row_is(old, C_INVOICE_STATE, "normal")) {
        return tq_fail(err, TQ_CONFLICT, "invoice_state", "invoice", "the invoice is %.*s already",
                       STR_ARG(row_str(old, C_INVOICE_STATE)));
    }

    event e = work_event(c, EV_INVOICE_RED);
    event_change(&e, T_INVOICE, rq->invoice_id);
    event_text(&e, C_INVOICE_STATE, STR("red"));
    if (rq->replacement_id != 0) {
        event_value fresh[AUDITED_COLS_MAX];
        TQ_TRY(row_load(tx, T_INVOICE, rq->replacement_id, c->a, fresh, err));
        TQ_TRY(replaced_check(tx, old, rq->invoice_id, row_num(fresh, C_INVOICE_SELLER_ID),
                              row_num(fresh, C_INVOICE_BUYER_ID), false, err));
        if (rq->replacement_id == rq->invoice_id || !row_is(fresh, C_INVOICE_STATE, "normal") ||
            row_num(fresh, C_INVOICE_REPLACES_ID) != 0) {
            return tq_fail(
                err, TQ_CONFLICT, "replacement", "invoice.replacement",
                "the replacement must be another invoice, normal, in no one's place yet");
        }
        event_change(&e, T_INVOICE, rq->replacement_id);
        event_int(&e, C_INVOICE_REPLACES_ID, rq->invoice_id);
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

static const char *const all_means[] = {"transfer", "bill", "cash", "third_party", "offset"};

static tq_code proof_form(const call *c, const proof_new *rq, tq_err *err)
{
    bool known = false;
    for (size_t i = 0; i < TQ_COUNT(all_means); i++) {
        known = known || str_eq(rq->means, str_of(all_means[i]));
    }
    if (!known) {
        return tq_fail(err, TQ_INVALID, "means", "proof.means",
                       "means of payment are transfer, bill, cash, third_party, offset");
    }
    const bool open_bill = rq->paid.n == 0 && str_eq(rq->means, STR("bill"));
    if ((rq->paid.n <= 0 && !open_bill) || rq->paid.n > c->today.n) {
        return tq_fail(err, TQ_INVALID, "proof_day", "proof.paid",
                       "money was paid on a day that is not in the future");
    }
    if (rq->amount_fen <= 0 || rq->amount_fen > MONEY_MAX) {
        return tq_fail(err, TQ_INVALID, "proof_amount", "proof.amount", "give the amount paid");
    }
    if (!str_line_ok(rq->reference, INVOICE_REFERENCE_MAX)) {
        return tq_fail(err, TQ_INVALID, "reference", "proof.reference",
                       "give the reference of the bank or the number of the paper");
    }
    if (!str_line_ok(rq->payer, INVOICE_NAME_MAX)) {
        return tq_fail(err, TQ_INVALID, "payer_name", "proof.payer", "give the payer's name");
    }
    if (!hex_or_empty(rq->blob)) {
        return tq_fail(err, TQ_INVALID, "blob", "proof.blob", "give the file's SHA-256 in hex");
    }
    return TQ_OK;
}

static tq_code proof_facts(app *a, store_tx *tx, const call *c, const proof_new *rq, tq_err *err)
{
    event_value org[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_ORGANISATION, rq->org_id, c->a, org, err)); /* the firm's lock */
    const bool other_pays =
        str_eq(rq->means, STR("third_party")) || str_eq(rq->means, STR("offset"));
    if (!other_pays) {
        TQ_TRY(name_check(a, tx, c, rq->org_id, rq->payer, rq->paid.n == 0 ? c->today : rq->paid,
                          "payer_name", err));
    }
    int64_t known = 0;
    TQ_TRY(store_int(tx, STMT_PROOF_BY_REFERENCE,
                     ARGS(arg_int(rq->org_id), arg_str(rq->means), arg_str(rq->reference)), 0,
                     &known, err));
    if (known != 0) {
        return tq_fail(err, TQ_CONFLICT, "proof_used", "proof.reference", "it is recorded already");
    }
    return TQ_OK;
}

tq_code proof_add(app *a, const call *c, const proof_new *rq, int64_t *proof_id, tq_err *err)
{
    TQ_TRY(proof_form(c, rq, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, FILERS, &tx, err));
    /* An institution that claims also shows what the firm paid; which firm, the claim will check. */
    TQ_TRY(claim_need_party(c, rq->org_id, c->who.org_id, err));
    TQ_TRY(proof_facts(a, tx, c, rq, err));

    TQ_ASSERT(rq->amount_fen > 0 && rq->paid.n <= c->today.n);
    event e = work_event(c, EV_PROOF_ADD);
    int64_t id = 0;
    TQ_TRY(event_new_row(tx, &e, T_PAYMENT_PROOF, &id, err));
    event_int(&e, C_PAYMENT_PROOF_ORG_ID, rq->org_id);
    event_text(&e, C_PAYMENT_PROOF_MEANS, rq->means);
    event_text(&e, C_PAYMENT_PROOF_PAYER, rq->payer);
    event_int(&e, C_PAYMENT_PROOF_DAY, rq->paid.n);
    event_int(&e, C_PAYMENT_PROOF_AMOUNT_FEN, rq->amount_fen);
    event_text(&e, C_PAYMENT_PROOF_REFERENCE, rq->reference);
    event_text(&e, C_PAYMENT_PROOF_BLOB, rq->blob);
    const tq_code code = event_append(tx, &e, NULL, err);
    TQ_TRY(used_if(code, "payment_proof_org_id_means_reference_key", "proof_used", err));
    TQ_TRY(store_commit(&tx, err));
    *proof_id = id;
    return TQ_OK;
}

tq_code proof_honour(app *a, const call *c, const proof_honoured *rq, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value proof[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, FILERS, &tx, err));
    TQ_TRY(row_load(tx, T_PAYMENT_PROOF, rq->proof_id, c->a, proof, err));
    TQ_TRY(claim_need_party(c, row_num(proof, C_PAYMENT_PROOF_ORG_ID), c->who.org_id, err));
    if (!row_is(proof, C_PAYMENT_PROOF_MEANS, "bill")) {
        return tq_fail(err, TQ_CONFLICT, "not_a_bill", "proof",
                       "only a bill of exchange is honoured");
    }
    if (row_num(proof, C_PAYMENT_PROOF_DAY) != 0) {
        return tq_fail(err, TQ_CONFLICT, "honoured", "proof", "the bill was honoured already");
    }
    if (rq->honoured.n <= 0 || rq->honoured.n > c->today.n) {
        return tq_fail(err, TQ_INVALID, "proof_day", "proof.honoured",
                       "a bill is honoured on a day that is not in the future");
    }
    event e = work_event(c, EV_PROOF_HONOUR);
    event_change(&e, T_PAYMENT_PROOF, rq->proof_id);
    event_int(&e, C_PAYMENT_PROOF_DAY, rq->honoured.n);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
