/* SPDX-License-Identifier: Apache-2.0 */
#include "app/due_rows.h"
#include "app/signal_inner.h"
#include "app/signals.h"
#include "domain/policy_text.h"

static int64_t larger(int64_t x, int64_t y)
{
    return x > y ? x : y;
}

static void refer_to(claim_signals *s, signal_kind kind, int table, int64_t id)
{
    TQ_ASSERT(id != 0);
    for (size_t i = 0; i < s->n_refs; i++) { /* two lines may stand on one invoice */
        if (s->refs[i].kind == kind && s->refs[i].table == table && s->refs[i].id == id) {
            return;
        }
    }
    if (s->n_refs < SIGNAL_LINKS_MAX) {
        s->refs[s->n_refs++] = (signal_ref){kind, table, id};
    }
}

static bool any_on(const claim_signals *s, signal_kind from, signal_kind to)
{
    bool on = false;
    for (int k = (int)from; k <= (int)to; k++) {
        on = on || s->rules[k].on;
    }
    return on;
}

/* Invoices like this one, wherever in the installation: years and programmes make no difference. */
static tq_code near_misses(store_tx *tx, const claim_case *k, const claim_line_fact *l,
                           claim_signals *s, signal_facts *f, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_SIGNAL_INVOICE,
                       ARGS(arg_int(l->invoice_id), arg_int(l->seller_id), arg_int(l->gross_fen),
                            arg_int(l->issued_day), arg_str(l->invoice_blob),
                            arg_int(l->replaces_id), arg_int(k->id)),
                       &r, err));
    /* By likeness: how many there are in all stands in each row, and a few of them are linked. */
    int64_t *const count[] = {&f->twins, &f->same_files, &f->replaced_claims};
    static const signal_kind kinds[] = {SIGNAL_INVOICE_TWIN, SIGNAL_INVOICE_FILE,
                                        SIGNAL_INVOICE_REPLACED};
    static const int tables[] = {T_INVOICE, T_INVOICE, T_CLAIM};
    int64_t last = 0;
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        const int64_t likeness = row_int(&r);
        const int64_t id = row_int(&r);
        const int64_t all = row_int(&r);
        TQ_ASSERT(likeness >= 1 && likeness <= (int64_t)TQ_COUNT(count));
        *count[likeness - 1] += likeness != last ? all : 0;
        last = likeness;
        refer_to(s, kinds[likeness - 1], tables[likeness - 1], id);
    }
}

static tq_code look_at_lines(store_tx *tx, const claim_case *k, claim_signals *s, signal_facts *f,
                             tq_err *err)
{
    const bool near = any_on(s, SIGNAL_INVOICE_TWIN, SIGNAL_INVOICE_REPLACED);
    for (size_t i = 0; i < k->n_lines; i++) {
        const claim_line_fact *l = &k->lines[i];
        const claim_order_fact *o = NULL;
        for (size_t n = 0; n < k->n_orders; n++) {
            o = k->orders[n].id == l->order_id ? &k->orders[n] : o;
        }
        TQ_ASSERT(o != NULL); /* every line's order was loaded */
        f->days_early = larger(f->days_early, o->made_day - l->issued_day);
        if (i == 0 || l->gross_fen - o->contract_fen > f->invoice_fen - f->contract_fen) {
            f->invoice_fen = l->gross_fen;
            f->contract_fen = o->contract_fen;
        }
        bool seen = false; /* another line of the claim on the same invoice */
        for (size_t n = 0; n < i; n++) {
            seen = seen || k->lines[n].invoice_id == l->invoice_id;
        }
        if (near && !seen) {
            TQ_TRY(near_misses(tx, k, l, s, f, err));
        }
    }
    return TQ_OK;
}

static tq_code in_common(store_tx *tx, const claim_case *k, int64_t institution_id, day on,
                         claim_signals *s, signal_facts *f, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_SIGNAL_COMMON,
                       ARGS(arg_int(k->holder_id), arg_int(institution_id), arg_int(on.n)), &r,
                       err));
    TQ_TRY(rows_next(&r, &more, err));
    TQ_ASSERT(more);
    const int64_t relations = row_int(&r);
    const int64_t contacts = row_int(&r);
    const int64_t agencies = row_int(&r);
    if (relations > 0) {
        refer_to(s, SIGNAL_RELATED_PARTY, T_ORGANISATION, institution_id);
    }
    if (contacts > 0) {
        refer_to(s, SIGNAL_SHARED_CONTACT, T_ORGANISATION, institution_id);
    }
    if (agencies > 0) {
        refer_to(s, SIGNAL_SHARED_AGENCY, T_ORGANISATION, institution_id);
    }
    f->relations = larger(f->relations, relations);
    f->contacts = larger(f->contacts, contacts);
    f->agencies = larger(f->agencies, agencies);
    return TQ_OK;
}

/* Each institution once: orders of one claim mostly have the same. */
static tq_code look_at_parties(store_tx *tx, const claim_case *k, day on, claim_signals *s,
                               signal_facts *f, tq_err *err)
{
    if (!any_on(s, SIGNAL_RELATED_PARTY, SIGNAL_SHARED_AGENCY)) {
        return TQ_OK;
    }
    for (size_t i = 0; i < k->n_orders; i++) {
        bool seen = false;
        for (size_t n = 0; n < i; n++) {
            seen = seen || k->orders[n].institution_id == k->orders[i].institution_id;
        }
        if (!seen) {
            TQ_TRY(in_common(tx, k, k->orders[i].institution_id, on, s, f, err));
        }
    }
    return TQ_OK;
}

/* A turnover is typed in whole units; what is no number is not known. */
static int64_t turnover_of(str typed, const currency *unit)
{
    long long whole = 0;
    int64_t scale = 1;
    for (int i = 0; i < unit->minor_digits; i++) {
        scale *= 10;
    }
    return str_int64(typed, &whole) && whole > 0 && whole <= MONEY_MAX / scale
               ? (int64_t)whole * scale
               : 0;
}

/* What the county paid for the same by another measure (P-34), order by order. */
static tq_code look_at_funds(store_tx *tx, const call *c, const claim_case *k, claim_signals *s,
                             signal_facts *f, tq_err *err)
{
    for (size_t i = 0; i < k->n_orders && s->rules[SIGNAL_DOUBLE_FUNDING].on; i++) {
        const claim_order_fact *o = &k->orders[i];
        ROWS_AUTO store_rows r = {0};
        bool more = false;
        TQ_TRY(store_query(tx, STMT_SIGNAL_FUNDING,
                           ARGS(arg_int(k->holder_id), arg_str(o->outcome_kind),
                                arg_int(o->made_day),
                                arg_int(o->delivered_day == 0 ? c->today.n : o->delivered_day)),
                           &r, err));
        TQ_TRY(rows_next(&r, &more, err));
        for (bool first = true; more; first = false) {
            const int64_t id = row_int(&r);
            const int64_t all = row_int(&r);
            f->funded += first ? all : 0;
            refer_to(s, SIGNAL_DOUBLE_FUNDING, T_OTHER_FUNDING, id);
            TQ_TRY(rows_next(&r, &more, err));
        }
    }
    return TQ_OK;
}

static tq_code look_at_history(store_tx *tx, const call *c, const claim_case *k, claim_signals *s,
                               signal_facts *f, tq_err *err)
{
    f->claims_in_days = 1;
    f->claimed_fen = f->asked_fen;
    if (!any_on(s, SIGNAL_VELOCITY, SIGNAL_SIZE_RATIO)) {
        return TQ_OK;
    }
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_SIGNAL_HISTORY,
                       ARGS(arg_int(k->holder_id), arg_int(k->programme_id), arg_int(k->id),
                            arg_int(c->today.n - s->rules[SIGNAL_VELOCITY].days),
                            arg_int(c->today.n - s->rules[SIGNAL_SIZE_RATIO].days),
                            arg_int(c->today.n)),
                       &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    TQ_ASSERT(more);
    f->claims_in_days += row_int(&r);
    f->claimed_fen += row_int(&r);
    f->turnover_fen = turnover_of(row_text(&r), policy_unit(k->p));
    return TQ_OK;
}

/* Signals are a means of supervision, not part of what a voucher promises: the version in force says what is
 * looked for, whenever the voucher was issued. */
static tq_code rules_read(app *a, store_tx *tx, const call *c, const claim_case *k,
                          claim_signals *s, bool *any, tq_err *err)
{
    const policy *now = NULL;
    int64_t policy_id = 0;
    TQ_TRY(app_policy(a, tx, k->programme_id, &policy_id, &now, err));
    *any = false;
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        s->rules[i] = policy_signal_get(now, k->kind.data, signal_token((signal_kind)i), c->today);
        *any = *any || s->rules[i].on;
    }
    return TQ_OK;
}

tq_code claim_signals_look(app *a, store_tx *tx, const call *c, const claim_case *k, int64_t asked,
                           claim_signals *out, tq_err *err)
{
    signal_facts f = {.asked_fen = asked, .approval_fen = MONEY_MAX};
    bool any = false;
    TQ_ASSERT(k->n_orders > 0 && asked > 0);
    *out = (claim_signals){0};
    TQ_TRY(rules_read(a, tx, c, k, out, &any, err));
    if (!any) {
        return TQ_OK;
    }
    TQ_TRY(look_at_lines(tx, k, out, &f, err));
    TQ_TRY(look_at_parties(tx, k, c->today, out, &f, err));
    TQ_TRY(look_at_funds(tx, c, k, out, &f, err));
    TQ_TRY(look_at_history(tx, c, k, out, &f, err));
    TQ_TRY(policy_approval_get(k->p, k->kind.data, STAGE_CLAIM, &f.approval_fen, err));
    out->n = signal_evaluate(out->rules, &f, out->found);
    for (size_t i = 0; i < out->n; i++) {
        out->refuse = out->refuse || out->rules[out->found[i].kind].action == ACTION_REFUSE;
    }
    return TQ_OK;
}

void claim_signals_steps(const claim_signals *s, policy_decision *d)
{
    TQ_ASSERT(s->refuse);
    *d = (policy_decision){.reason = "signal_refused"};
    for (size_t i = 0; i < s->n; i++) {
        if (s->rules[s->found[i].kind].action == ACTION_REFUSE) {
            d->steps[d->n++] = signal_step(&s->rules[s->found[i].kind], &s->found[i]);
        }
    }
    TQ_ASSERT(d->n > 0);
}

/* A claim that comes again after a supplement shows the same things; they were told, and perhaps decided. */
static tq_code told_before(store_tx *tx, const claim_case *k, const char *kind, str reason,
                           bool *told, tq_err *err)
{
    *told = false;
    if (row_str(k->row, C_CLAIM_NUMBER).len == 0) { /* never filed */
        return TQ_OK;
    }
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_SIGNAL_TOLD, ARGS(arg_int(k->id)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        const bool same_kind = str_eq(row_text(&r), str_of(kind));
        *told = *told || (str_eq(row_text(&r), reason) && same_kind);
    }
}

/* Where a rule refuses, all that was found is told with it, as refused: the claim goes no further. */
static tq_code one_write(store_tx *tx, const call *c, const claim_case *k, const signal_new *like,
                         const claim_signals *s, const signal_found *found, event *e, tq_err *err)
{
    const policy_signal *rule = &s->rules[found->kind];
    signal_new fresh = *like;
    bool told = false;
    fresh.rule = rule;
    fresh.found = *found;
    fresh.state = s->refuse ? "refused" : signal_state(rule);
    TQ_TRY(told_before(tx, k, signal_token(found->kind), signal_reason(c, rule, found), &told,
                       err));
    return told && !s->refuse ? TQ_OK : signal_write(tx, c, &fresh, e, err);
}

static tq_code raise(store_tx *tx, const call *c, const claim_case *k, int64_t asked,
                     const claim_signals *s, bool unfiled, bool *any, tq_err *err)
{
    const signal_new like = {.table = k->id == 0 ? T_VOUCHER : T_CLAIM,
                             .id = k->id == 0 ? k->voucher_id : k->id,
                             .programme_id = k->programme_id,
                             .org_id = k->holder_id,
                             .amount_fen = asked,
                             .refs = s->refs,
                             .n_refs = s->n_refs,
                             .unfiled = unfiled};
    event e = work_event(c, EV_SIGNAL_RAISE);
    TQ_ASSERT(s->n <= SIGNAL_COUNT);
    for (size_t i = 0; i < s->n; i++) {
        TQ_TRY(one_write(tx, c, k, &like, s, &s->found[i], &e, err));
    }
    *any = e.n_rows > 0;
    return *any ? event_append(tx, &e, NULL, err) : TQ_OK;
}

tq_code claim_signals_write(store_tx *tx, const call *c, const claim_case *k, int64_t asked,
                            const claim_signals *s, tq_err *err)
{
    bool any = false;
    return raise(tx, c, k, asked, s, false, &any, err);
}

/* --- again, before it is paid ------------------------------------------------------------------------ */

static tq_code parties_again(app *a, store_tx *tx, const call *c, const claim_case *k,
                             claim_signals *s, tq_err *err)
{
    signal_facts f = {.approval_fen = MONEY_MAX};
    bool any = false;
    TQ_TRY(rules_read(a, tx, c, k, s, &any, err));
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        if (i < SIGNAL_RELATED_PARTY || i > SIGNAL_SHARED_AGENCY) {
            s->rules[i].on = false;
        }
    }
    TQ_TRY(look_at_parties(tx, k, c->today, s, &f, err));
    s->n = signal_evaluate(s->rules, &f, s->found);
    return TQ_OK;
}

tq_code claim_signals_again(app *a, const call *c, int64_t claim_id, int64_t *fresh, tq_err *err)
{
    claim_signals s = {0};
    claim_case *k = NULL;
    bool any = false;
    call apart = *c;
    apart.idem = NULL; /* the key of the command is for the act that follows */
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, &apart, ROLES(ROLE_REVIEWER2) | ROLES(ROLE_SYSTEM), &tx, err));
    TQ_TRY(claim_case_open(a, tx, c, claim_id, false, &k, err));
    TQ_TRY(parties_again(a, tx, c, k, &s, err));
    TQ_TRY(raise(tx, c, k, row_num(k->row, C_CLAIM_ASKED_FEN), &s, true, &any, err));
    *fresh += any;
    return any ? store_commit(&tx, err) : TQ_OK;
}

static tq_code again_one(app *a, const call *c, int64_t id, tq_err *err)
{
    int64_t fresh = 0;
    TQ_TRY(claim_signals_again(a, c, id, &fresh, err));
    return fresh > 0 ? TQ_OK : tq_fail(err, TQ_CONFLICT, "not_due", "claim", "nothing is new");
}

tq_code signals_due(app *a, const call *c, int64_t *done, tq_err *err)
{
    return due_rows_run(a, c, STMT_SIGNAL_UNPAID_RELATED, again_one, "signal", done, err);
}
