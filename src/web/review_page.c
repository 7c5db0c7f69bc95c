/* SPDX-License-Identifier: Apache-2.0 */
#include "app/inspection.h"
#include "http/url.h"
#include "web/acts.h"
#include "web/claim_match.h"
#include "web/duties.h"
#include "web/paper_pages.h"
#include "web/signal_lines.h"
#include "web/site_inner.h"

#define QUEUE_ROWS 50
#define ORDERS_MAX 20  /* of a claim, whose papers are shown */
#define DUE_SOON 3     /* days */
#define WAITED_LONG 10 /* days, where nothing says until when */

/* The work screen (P-20): the queue, the case, its papers, and the forms that decide. All of it is links and
 * plain forms; the address says which queue, which case and which paper. */
typedef struct review {
    web_rq *w;
    store_tx *tx;
    const duty *of; /* the queue; NULL where the role has none */
    str q;
    int64_t from; /* rows after this one are listed: pages of the queue */
    int64_t id;   /* the case; 0: none is waiting */
    view_rows rows;
} review;

/* Acts that take a case further, with the key that opens their form. */
static const struct decision_act {
    const char *route, *key, *icon;
} decision_acts[] = {
    {"claim_check", "a", ICON("circle-check")},
    {"claim_approve", "a", ICON("circle-check")},
    {"claim_register", "a", ICON("circle-check")},
    {"claim_return", "r", ICON("rotate")},
    {"claim_refuse", "x", ICON("circle-x")},
    {"claim_undo", "t", ICON("rotate")},
    {"application_approve", "a", ICON("circle-check")},
    {"voucher_issue", "a", ICON("circle-check")},
    {"application_return", "r", ICON("rotate")},
    {"application_refuse", "x", ICON("circle-x")},
    {"registration_confirm", "a", ICON("circle-check")},
    {"registration_refuse", "x", ICON("circle-x")},
    {"objection_decide", "a", ICON("circle-check")},
};

static int64_t number_arg(const web_rq *w, const char *name)
{
    long long n = 0;
    return str_int64(http_arg(w->http, name), &n) && n > 0 ? n : 0;
}

static bool mine(const web_rq *w, const duty *d)
{
    return d->role == w->call.who.role && d->queue != VIEW_NONE && duty_path(w, d).len > 0;
}

/* --- which queue, which case ------------------------------------------------------------------------ */

/* Puts the queues of the role into the list; the one asked for, else the first with something in it. */
static tq_code queues(review *r, doc *list, tq_err *err)
{
    const str of = http_arg(r->w->http, "of");
    const str state = http_arg(r->w->http, "state");
    const duty *filled = NULL, *any = NULL;
    doc *marks[64] = {0};
    TQ_ASSERT(duty_count <= TQ_COUNT(marks));
    for (size_t i = 0; i < duty_count; i++) {
        int64_t n = 0;
        if (!mine(r->w, &duties[i])) {
            continue;
        }
        TQ_TRY(duty_waiting(r->w, r->tx, &duties[i], &n, err));
        doc *d = doc_object(list, NULL);
        doc_text(d, "of", str_of(view_of(duties[i].view)->name));
        doc_text(d, "state", str_of(duties[i].state));
        doc_int(d, "count", n);
        doc_for_page(doc_text(d, "label", duty_name(r->w, &duties[i])));
        doc_for_page(doc_text(d, "href", duty_path(r->w, &duties[i])));
        marks[i] = doc_for_page(doc_bool(d, "now", false));
        if (str_eq(of, str_of(view_of(duties[i].view)->name)) &&
            str_eq(state, str_of(duties[i].state))) {
            r->of = &duties[i];
        }
        filled = filled == NULL && n > 0 ? &duties[i] : filled;
        any = any == NULL ? &duties[i] : any;
    }
    if (of.len > 0 && r->of == NULL) {
        return tq_fail(err, TQ_NOT_FOUND, "no_such_record", "of", "there is no such queue");
    }
    r->of = r->of != NULL ? r->of : filled != NULL ? filled : any;
    if (r->of != NULL) {
        marks[r->of - duties]->n = 1;
    }
    return TQ_OK;
}

/* The case asked for; the next in the queue after the one just decided; the first. */
static tq_code choose(review *r, tq_err *err)
{
    const int64_t after = number_arg(r->w, "after");
    view_query q = {
        .limit = QUEUE_ROWS, .after = r->from, .state = str_of(r->of->state), .q = r->q};
    const view *queue = view_of(r->of->queue);
    TQ_TRY(view_list(r->tx, queue, &r->w->scope, &q, r->w->call.a, &r->rows, err));
    r->id = number_arg(r->w, "id");
    if (r->id == 0 && after != 0) {
        view_rows next;
        q.after = after;
        q.limit = 1;
        TQ_TRY(view_list(r->tx, queue, &r->w->scope, &q, r->w->call.a, &next, err));
        r->id = next.n > 0 ? next.rows[0].values[0].n : 0;
    }
    if (r->id == 0 && r->rows.n > 0) {
        r->id = r->rows.rows[0].values[0].n;
    }
    return TQ_OK;
}

/* "/review?of=claim&state=submitted&q=…" and one argument more. */
static str address(const review *r, const char *name, int64_t n)
{
    buf b = buf_max(2048);
    buf_str_add(&b, duty_path(r->w, r->of));
    if (r->q.len > 0) {
        buf_text(&b, "&q=");
        url_encode(r->q, &b);
    }
    if (r->from > 0 && strcmp(name, "from") != 0) {
        buf_printf(&b, "&from=%lld", (long long)r->from);
    }
    buf_printf(&b, "&%s=%lld", name, (long long)n);
    const str found = arena_copy(r->w->call.a, buf_view(&b));
    buf_free(&b);
    return found;
}

/* --- the queue ---------------------------------------------------------------------------------------- */

static const view_value *queue_value(const review *r, const view_row *row, const char *name)
{
    const int at = view_field_at(r->rows.of, name);
    TQ_ASSERT(at >= 0);
    return &row->values[at];
}

/* How it presses: past its day, soon, waiting long, or not. */
static const char *due_tone(int64_t left, int64_t waited, bool due)
{
    if (due) {
        return left < 0 ? "r" : left <= DUE_SOON ? "o" : "n";
    }
    return waited > WAITED_LONG ? "o" : "n";
}

static void queue_row(const review *r, const view_row *row, doc *list)
{
    const int64_t today = r->w->call.today.n;
    const int64_t due_day = queue_value(r, row, "due_day")->n;
    const int64_t filed = queue_value(r, row, "filed_day")->n;
    const bool due = due_day > 0;
    const int64_t waited = filed > 0 && today > filed ? today - filed : 0;
    doc *o = doc_object(list, NULL);
    doc_int(o, "id", row->values[0].n);
    doc_text(o, "number", queue_value(r, row, "number")->s);
    doc_text(o, "name", queue_value(r, row, "name")->s);
    doc_money(o, "asked", queue_value(r, row, "asked")->n);
    doc_day(o, "filed_day", filed);
    doc_day(o, "due_day", due_day);
    doc_for_page(doc_int(o, "waited", waited));
    doc_for_page(doc_text(o, "tone", str_of(due_tone(due_day - today, waited, due))));
    doc_for_page(doc_text(o, "href", address(r, "id", row->values[0].n)));
    doc_for_page(doc_bool(o, "now", row->values[0].n == r->id));
}

/* Rows of the queue, and the ways to the case before and after the one at hand. */
static void queue_rows(const review *r, doc *body)
{
    doc *list = doc_list(body, "rows");
    str before = STR(""), after = STR("");
    bool passed = false;
    for (size_t i = 0; i < r->rows.n; i++) {
        const int64_t id = r->rows.rows[i].values[0].n;
        queue_row(r, &r->rows.rows[i], list);
        if (id == r->id) {
            passed = true;
        } else if (!passed && id < r->id) {
            before = address(r, "id", id);
        } else if (after.len == 0) {
            after = address(r, "id", id);
        }
    }
    doc_for_page(doc_text(body, "before", before));
    doc_for_page(doc_text(body, "next", after));
    doc_for_page(doc_text(body, "rest",
                          r->rows.more ? address(r, "from", r->rows.rows[r->rows.n - 1].values[0].n)
                                       : STR("")));
}

/* --- the case ------------------------------------------------------------------------------------------ */

/* The steps of the last decision that has some: what the policy said, article by article. */
static tq_code policy_steps(const review *r, const view *v, doc *body, tq_err *err)
{
    str stored = STR("");
    for (int i = 0; i < v->n_children; i++) {
        const view *child = view_of(v->children[i].view);
        const int at = view_field_at(child, "steps");
        view_rows rows;
        if (at < 0) {
            continue;
        }
        TQ_TRY(view_children(r->tx, &v->children[i], r->id, r->w->call.a, &rows, err));
        for (size_t k = 0; k < rows.n; k++) {
            const str steps = rows.rows[k].values[at].s;
            stored = steps.len > 2 ? steps : stored;
        }
    }
    decision_steps(r->w, body, stored);
    return TQ_OK;
}

static tq_code forms(const review *r, doc *list, tq_err *err)
{
    web_rq *w = r->w;
    const route *page = w->match.route;
    const view *v = view_of(r->of->view);
    const str state = v->state < 0 ? STR("") : w->row.values[v->state].s;
    for (size_t i = 0; i < TQ_COUNT(decision_acts); i++) {
        const route *act = route_named(decision_acts[i].route);
        TQ_ASSERT(act != NULL);
        if (act->view != r->of->view || !web_may(w, act) || !route_when(act, state)) {
            continue;
        }
        doc *f = doc_object(list, NULL);
        doc_text(f, "name", str_of(act->name));
        doc_text(f, "key", str_of(decision_acts[i].key));
        doc_text(f, "icon", str_of(decision_acts[i].icon));
        doc_text(f, "then", address(r, "after", r->id));
        w->match.route = act;
        const tq_code code = form_part(w, r->tx, f, err);
        w->match.route = page;
        TQ_TRY(code);
    }
    return TQ_OK;
}

/* The claim that a case is about: itself, or the one that is objected to; 0 for others. */
static int64_t claim_of(const review *r)
{
    const int at = view_field_at(view_of(r->of->view), "claim_id");
    return r->of->view == VIEW_CLAIM                  ? r->id
           : r->of->view == VIEW_OBJECTION && at >= 0 ? r->w->row.values[at].n
                                                      : 0;
}

/* Whose files lie beside the case: the claim's and those of its orders, the application's. */
static tq_code paper_owners(const review *r, paper_of of[1 + ORDERS_MAX], size_t *n, tq_err *err)
{
    static const view_child lines = {VIEW_CLAIM_MATCH, STMT_VIEW_CLAIM_MATCH_BY_CLAIM};
    const int64_t claim = claim_of(r);
    *n = 0;
    if (r->of->view == VIEW_APPLICATION) {
        of[(*n)++] = (paper_of){T_APPLICATION, r->id};
    }
    if (claim == 0) {
        return TQ_OK;
    }
    view_rows rows;
    TQ_TRY(view_children(r->tx, &lines, claim, r->w->call.a, &rows, err));
    const int at = view_field_at(rows.of, "order_id");
    of[(*n)++] = (paper_of){T_CLAIM, claim};
    for (size_t i = 0; i < rows.n && *n < 1 + ORDERS_MAX; i++) {
        const int64_t order = rows.rows[i].values[at].n;
        const paper_of *last = &of[*n - 1];
        if (last->table != T_SERVICE_ORDER ||
            last->id != order) { /* lines of one order follow each other */
            of[(*n)++] = (paper_of){T_SERVICE_ORDER, order};
        }
    }
    return TQ_OK;
}

/* The review path that the holder's credit sets (P-33), with its points; "" where the policy has no credit, or the
 * case no holder. */
static tq_code credit_path(const review *r, const view *v, doc *c, tq_err *err)
{
    web_rq *w = r->w;
    bool given = false;
    credit_sheet sheet = {0};
    const int holder = view_field_at(v, "holder_id");
    const route *page = route_named("credit_sheet");
    const int64_t org_id = holder < 0 ? 0 : w->row.values[holder].n;
    TQ_ASSERT(page != NULL);
    if (org_id != 0) {
        TQ_TRY(credit_sheet_of(w->app, r->tx, w->programme.id, org_id, w->call.today, w->call.a,
                               &given, &sheet, err));
    }
    doc_token(c, "credit", "credit_level", str_of(given ? credit_level_name(sheet.level) : ""));
    doc_int(c, "credit_points", sheet.points);
    doc_text(c, "credit_href", web_may(w, page) ? route_path(page, org_id, w->call.a) : STR(""));
    return TQ_OK;
}

static tq_code one_case(const review *r, doc *body, tq_err *err)
{
    static const char *const skip[] = {"claim_line", "evidence_of_claim", "evidence_of_application",
                                       "signal",     "content",           NULL};
    web_rq *w = r->w;
    const view *v = view_of(r->of->view);
    const route *page = w->match.route;
    const route *item = route_of_view(r->of->view, ROUTE_ITEM, w->call.who.role);
    const int64_t claim = claim_of(r);
    TQ_ASSERT(item != NULL);
    doc *c = doc_object(body, "case");
    const str name = text_token(w->lang, "view", str_of(v->name));
    const str title = view_title(v, &w->row, &w->style, w->call.a);
    doc_text(c, "name", arena_printf(w->call.a, "%.*s %.*s", STR_ARG(name), STR_ARG(title)));
    doc_text(c, "href", route_path(item, r->id, w->call.a));
    doc_bool(c, "waits", str_eq(w->row.values[v->state].s, str_of(r->of->state)));
    w->match.route = item;
    const tq_code code = item_parts(w, r->tx, skip, c, err);
    w->match.route = page;
    TQ_TRY(code);
    TQ_TRY(credit_path(r, v, c, err));
    TQ_TRY(policy_steps(r, v, c, err));
    doc *match = doc_list(c, "match");
    doc *signals = doc_list(c, "signals");
    if (claim != 0) {
        TQ_TRY(claim_signal_lines(w, r->tx, claim, signals, err));
        TQ_TRY(claim_match_lines(w, r->tx, claim, match, err));
    }
    return forms(r, doc_list(c, "forms"), err);
}

/* --- the page ------------------------------------------------------------------------------------------- */

/* A role without a queue sees the screen empty, with what it says of that. */
static void no_queue(doc *body)
{
    (void)doc_list(body, "rows");
    doc_for_page(doc_text(body, "before", STR("")));
    doc_for_page(doc_text(body, "next", STR("")));
    doc_for_page(doc_text(body, "rest", STR("")));
}

static void no_case(doc *body)
{
    (void)doc_list(body, "case"); /* an empty list: no case */
    (void)doc_list(body, "papers");
    (void)doc_list(body, "paper");
}

/* What the screen says of itself: the filters in the address. */
static void asked(const review *r, doc *body)
{
    doc_text(body, "q", r->q);
    doc_text(body, "of", r->of == NULL ? STR("") : str_of(view_of(r->of->view)->name));
    doc_text(body, "state", r->of == NULL ? STR("") : str_of(r->of->state));
    doc_text(body, "sign", currency_sign(r->w));
}

static tq_code read_queue(review *r, doc *body, tq_err *err)
{
    TQ_TRY(queues(r, doc_list(body, "queues"), err));
    if (r->of == NULL) {
        no_queue(body);
        return TQ_OK;
    }
    TQ_TRY(choose(r, err));
    queue_rows(r, body);
    return TQ_OK;
}

tq_code page_review(web_rq *w, http_reply *out, tq_err *err)
{
    doc *body = doc_new(w->call.a);
    TX_AUTO store_tx *tx = NULL;
    const str q = http_arg(w->http, "q");
    review r = {.w = w, .q = str_line_ok(q, 200) ? q : STR(""), .from = number_arg(w, "from")};
    paper_of owners[1 + ORDERS_MAX];
    size_t n = 0;
    TQ_TRY(work_read(w->app, &tx, err));
    r.tx = tx;
    TQ_TRY(read_queue(&r, body, err));
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    asked(&r, body);
    if (r.id == 0) {
        no_case(body);
        return web_page(w, 200, "review", body, out, err);
    }
    TQ_TRY(view_one(tx, view_of(r.of->view), &w->scope, r.id, w->call.a, &w->row, err));
    TQ_TRY(site_note_reading(w, r.of->view, r.id, "view", err));
    w->match.id = r.id;
    TQ_TRY(one_case(&r, body, err));
    TQ_TRY(paper_owners(&r, owners, &n, err));
    store_rollback(&tx); /* papers are read in transactions of their own */
    const str here = address(&r, "id", r.id);
    TQ_TRY(paper_desk(w, owners, n, number_arg(w, "file"),
                      arena_printf(w->call.a, "%.*s&file=", STR_ARG(here)), body, err));
    return web_page(w, 200, "review", body, out, err);
}
