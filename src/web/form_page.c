/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secrets.h"
#include "web/pick.h"
#include "web/site_inner.h"

#define BLANK_ROWS 1      /* empty rows offered beside those that are filled in */
#define BLANK_ROWS_MORE 5 /* when more are asked for */
#define FIND_FROM 20      /* a choice of more has a search box */
#define QUARTERS_SHOWN 5

typedef struct form {
    web_rq *w;
    store_tx *tx;
    const input_faults *faults;
    doc *had;                /* what the row and its lines have, by name of the form */
    size_t n_had;            /* lines */
    const pick_list **picks; /* what has been read for choices */
    const char *prefix;      /* of the ids of fields: several forms may stand on one page */
} form;

/* The text of this route's field, else of every route's: field.order_propose.end, field.end */
static str label_of(const form *f, const char *set, const char *name)
{
    arena *a = f->w->call.a;
    const char *special =
        text_find(f->w->lang, arena_printf(a, "%s.%s.%s", set, f->w->match.route->name, name));
    if (special != NULL) {
        return str_of(special);
    }
    const char *found = text_find(f->w->lang, arena_printf(a, "%s.%s", set, name));
    return found != NULL ? str_of(found) : strcmp(set, "field") == 0 ? str_of(name) : STR("");
}

static str error_of(const form *f, str name)
{
    for (size_t i = 0; f->faults != NULL && i < f->faults->n; i++) {
        if (str_eq(f->faults->at[i].field, name)) {
            const char *text = text_find(f->w->lang, arena_printf(f->w->call.a, "reason.%s",
                                                                  f->faults->at[i].reason));
            return text != NULL ? str_of(text) : f->faults->at[i].detail;
        }
    }
    return STR("");
}

/* What the row has, under the names of the form: an act that changes facts begins with them. Texts do
 * not go over: the cause of one act is not the cause of the next. */
static str row_value(const form *f, str name)
{
    const doc *d = doc_get(f->had, name);
    BUF_AUTO buf b = buf_max(128);
    if (d == NULL || d->type == DOC_TEXT) {
        return STR("");
    }
    if (d->type == DOC_MONEY) {
        money_print((money){d->n}, &f->w->style.money, &b);
    } else if (d->type == DOC_INT) {
        d->n == 0 ? (void)0 : buf_int(&b, d->n);
    } else if (d->type == DOC_BOOL) {
        buf_text(&b, d->n != 0 ? "on" : "");
    } else if (d->type == DOC_JSON) {
        buf_str_add(&b, d->s);
    } else {
        doc_write_plain(d, &f->w->style, &b);
    }
    return arena_copy(f->w->call.a, buf_view(&b));
}

/* The child whose rows are what the form calls `rows`: it has all their fields. */
static const view_child *child_of(const view *v, const field *d)
{
    for (int i = 0; i < v->n_children; i++) {
        const view *child = view_of(v->children[i].view);
        int k = 0;
        while (k < d->n_rows_fields && view_field_at(child, d->rows[k].name) >= 0) {
            k++;
        }
        if (k == d->n_rows_fields) {
            return &v->children[i];
        }
    }
    return NULL;
}

/* What a line is about, in the reader's language: a field of the child that ends in _zh or _en. */
static int caption_at(const view *v, language l)
{
    const char *tail = l == LANG_EN ? "_en" : "_zh";
    for (int i = 0; i < v->n_fields; i++) {
        const size_t n = strlen(v->fields[i].name);
        if (n > 3 && strcmp(v->fields[i].name + n - 3, tail) == 0) {
            return i;
        }
    }
    return -1;
}

static tq_code had_rows(form *f, const view *v, const field *d, tq_err *err)
{
    const view_child *child = child_of(v, d);
    view_rows rows;
    if (child == NULL) {
        return TQ_OK;
    }
    TQ_TRY(view_children(f->tx, child, f->w->match.id, f->w->call.a, &rows, err));
    const int named = caption_at(rows.of, f->w->lang);
    for (size_t k = 0; k < rows.n; k++) {
        doc *one = doc_new(f->w->call.a);
        view_fields(one, rows.of, &rows.rows[k]);
        if (named >= 0) {
            doc_text(f->had, arena_printf(f->w->call.a, "%s.%zu.", d->name, k).data,
                     rows.rows[k].values[named].s);
        }
        for (int i = 0; i < d->n_rows_fields; i++) {
            const doc *from = doc_get(one, str_of(d->rows[i].name));
            const str key = arena_printf(f->w->call.a, "%s.%zu.%s", d->name, k, d->rows[i].name);
            doc *to = doc_int(f->had, key.data, from->n);
            to->type = from->type;
            to->s = from->s;
        }
    }
    f->n_had = rows.n;
    return TQ_OK;
}

static tq_code had(form *f, tq_err *err)
{
    const route *r = f->w->match.route;
    f->had = doc_new(f->w->call.a);
    if (r->kind != ROUTE_ACT) {
        return TQ_OK;
    }
    const view *v = view_of(r->view);
    view_fields(f->had, v, &f->w->row);
    for (int i = 0; i < v->n_fields;
         i++) { /* hashes are shown to be confirmed, other texts are not */
        doc *d = doc_find(f->had, v->fields[i].name);
        d->type = v->fields[i].type == VIEW_TYPE_CODE ? DOC_JSON : d->type;
    }
    for (int i = 0; i < r->n_fields; i++) {
        if (r->fields[i].type == FIELD_ROWS) {
            TQ_TRY(had_rows(f, v, &r->fields[i], err));
        }
    }
    return TQ_OK;
}

/* The quarter that runs and those before it, as "2026Q4". */
static str quarter_back(const form *f, int back)
{
    const ymd today = day_ymd(f->w->call.today);
    const int n = today.year * 4 + (today.month - 1) / 3 - back;
    return arena_printf(f->w->call.a, "%dQ%d", n / 4, n % 4 + 1);
}

static bool of_quarters(const field *d)
{
    return d->set != NULL && strcmp(d->set, "quarter") == 0;
}

/* What was typed; on a fresh form what the address proposes (?kind_id=2). */
static str typed(const form *f, const field *d, str name)
{
    if (d->type == FIELD_SECRET) {
        return STR("");
    }
    if (f->w->http->method == HTTP_POST) {
        return input_raw(f->w->http, name);
    }
    const str proposed = http_arg(f->w->http, arena_copy(f->w->call.a, name).data);
    if (str_line_ok(proposed, 400)) {
        return proposed;
    }
    return of_quarters(d) && (d->flags & REQ) != 0 ? quarter_back(f, 0) : row_value(f, name);
}

static void option(doc *list, str value, str label, str now)
{
    doc *o = doc_object(list, NULL);
    doc_text(o, "value", value);
    doc_text(o, "label", label);
    doc_bool(o, "now", str_eq(value, now));
}

/* Calls option for each word of a list with blanks between. */
static void word_options(const form *f, doc *list, const field *d, str now)
{
    str words = str_of(d->words);
    while (words.len > 0) {
        const char *blank = memchr(words.data, ' ', words.len);
        const str word = {words.data, blank == NULL ? words.len : (size_t)(blank - words.data)};
        option(list, word, text_token(f->w->lang, d->set, word), now);
        words = blank == NULL ? (str){0} : (str){blank + 1, words.len - word.len - 1};
    }
}

/* What stands around a choice. */
typedef struct choice {
    str q;               /* what was searched for */
    bool find;           /* there is a search box */
    bool more;           /* there are others than those offered */
    const route *source; /* where something to choose comes from, when there is nothing */
    bool none;
} choice;

/* One possible answer to a question that must be answered needs no asking; in a line of a table it would
 * fill lines that nobody wants. */
static str only_answer(const form *f, const field *d, str name, const pick_list *found)
{
    const bool fresh = f->w->http->method != HTTP_POST && memchr(name.data, '.', name.len) == NULL;
    return fresh && (d->flags & REQ) != 0 && found->n == 1 && !found->more ? found->options[0].value
                                                                           : STR("");
}

static tq_code pick_options(const form *f, doc *list, const field *d, str name, str now, choice *c,
                            tq_err *err)
{
    const web_rq *w = f->w;
    const view *v = view_of(d->pick);
    const str q = input_raw(w->http, arena_printf(w->call.a, "_q.%.*s", STR_ARG(name)));
    const pick_list *found = NULL;
    c->q = str_line_ok(q, 200) ? q : STR("");
    TQ_TRY(pick_read(w, f->tx, d, c->q, f->picks, &found, err));
    now = now.len == 0 ? only_answer(f, d, name, found) : now;
    bool there = now.len == 0;
    for (size_t i = 0; i < found->n; i++) {
        option(list, found->options[i].value, found->options[i].label, now);
        there = there || str_eq(found->options[i].value, now);
    }
    str label = STR("");
    if (!there) {
        TQ_TRY(pick_chosen(w, f->tx, d, now, &label, err));
    }
    if (label.len > 0) {
        option(list, now, label, now);
    }
    c->find = v->by_search && (found->more || c->q.len > 0 || found->n > FIND_FROM);
    c->more = found->more;
    c->none = found->n == 0 && label.len == 0 && c->q.len == 0;
    c->source = c->none ? route_of_view(d->pick, ROUTE_LIST, w->call.who.role) : NULL;
    return TQ_OK;
}

/* What a line of text may be filled with; other things may be typed. */
static void suggestions(const form *f, doc *list, const field *d)
{
    if (of_quarters(d)) {
        for (int i = 0; i < QUARTERS_SHOWN; i++) {
            const str quarter = quarter_back(f, i);
            option(list, quarter, quarter, STR(""));
        }
        return;
    }
    word_options(f, list, d, STR(""));
}

static void one_kind(doc *o, const field *d)
{
    static const struct {
        const char *name;
        field_type type;
    } kinds[] = {
        {"is_money", FIELD_MONEY},   {"is_day", FIELD_DAY},   {"is_long", FIELD_LONG},
        {"is_secret", FIELD_SECRET}, {"is_bool", FIELD_BOOL}, {"is_file", FIELD_FILE},
        {"is_rows", FIELD_ROWS},     {"is_rate", FIELD_RATE},
    };
    for (size_t i = 0; i < TQ_COUNT(kinds); i++) {
        doc_bool(o, kinds[i].name, d->type == kinds[i].type);
    }
    const bool picked = d->type == FIELD_TEXT && d->pick != VIEW_NONE;
    doc_bool(o, "is_choice", d->type == FIELD_CHOICE || d->type == FIELD_PICK || picked);
    doc_bool(o, "is_number", d->type == FIELD_INT || d->type == FIELD_ID);
    /* Where to go after the log-in is not for people to fill in. */
    const bool hidden = strcmp(d->name, "next") == 0 || strcmp(d->name, "token") == 0;
    doc_bool(o, "is_hidden", hidden);
    doc_bool(o, "is_text", d->type == FIELD_TEXT && !hidden && !picked);
    doc_bool(o, "suggests", d->type == FIELD_TEXT && d->set != NULL);
}

/* What a password manager may put here; "" leaves it to the browser. */
static str autocomplete(const field *d)
{
    static const struct {
        const char *name, *token;
    } known[] = {
        {"login", "username"},
        {"password", "current-password"},
        {"new_password", "new-password"},
        {"code", "one-time-code"},
    };
    for (size_t i = 0; i < TQ_COUNT(known); i++) {
        if (strcmp(d->name, known[i].name) == 0 && (d->type == FIELD_SECRET || i == 0)) {
            return str_of(known[i].token);
        }
    }
    return STR("");
}

static tq_code one_field(const form *f, doc *list, const field *d, str prefix, tq_err *err);

/* One more than the row that a field "lines.2.amount" with something in it belongs to; else 0. */
static size_t row_of(const field *d, const http_pair *p)
{
    const size_t head = strlen(d->name) + 1;
    long long n = 0;
    if (p->value.len == 0 || p->name.len <= head || !str_starts(p->name, str_of(d->name)) ||
        p->name.data[head - 1] != '.') {
        return 0;
    }
    const char *number = p->name.data + head;
    const char *dot = memchr(number, '.', p->name.len - head);
    const bool whole = dot != NULL && str_int64((str){number, (size_t)(dot - number)}, &n);
    return whole && n < INPUT_ROWS_MAX ? (size_t)n + 1 : 0;
}

static tq_code field_rows(const form *f, doc *o, const field *d, tq_err *err)
{
    doc *head = doc_list(o, "head");
    doc *rows = doc_list(o, "rows");
    size_t filled = 0; /* rows up to the last that has something in it */
    for (int i = 0; i < d->n_rows_fields; i++) {
        doc *h = doc_object(head, NULL);
        doc_text(h, "label", label_of(f, "field", d->rows[i].name));
    }
    for (size_t i = 0; i < f->w->http->n_form; i++) {
        const size_t upto = row_of(d, &f->w->http->form[i]);
        filled = upto > filled ? upto : filled;
    }
    filled = f->w->http->method == HTTP_POST ? filled : f->n_had;
    const bool more = input_raw(f->w->http, STR(INPUT_MORE)).len > 0;
    /* Rows with a caption are those of a list that is there, a checklist: nobody adds to it. */
    const bool fixed =
        doc_get(f->had, arena_printf(f->w->call.a, "%s.0.", d->name)) != NULL && filled <= f->n_had;
    const size_t wanted = fixed ? f->n_had : filled + (more ? BLANK_ROWS_MORE : BLANK_ROWS);
    const size_t most = (size_t)d->max < wanted ? (size_t)d->max : wanted;
    doc_bool(o, "can_grow", !fixed && most < (size_t)d->max);
    for (size_t k = 0; k < most; k++) {
        doc *row = doc_object(rows, NULL);
        const doc *caption = doc_get(f->had, arena_printf(f->w->call.a, "%s.%zu.", d->name, k));
        doc_text(row, "caption", caption == NULL ? STR("") : caption->s);
        doc *cells = doc_list(row, "fields");
        for (int i = 0; i < d->n_rows_fields; i++) {
            TQ_TRY(one_field(f, cells, &d->rows[i],
                             arena_printf(f->w->call.a, "%s.%zu.", d->name, k), err));
        }
    }
    return TQ_OK;
}

/* The options of a field, none for most, and what stands around them. */
static tq_code one_choice(const form *f, doc *o, const field *d, str name, str now, tq_err *err)
{
    doc *list = doc_list(o, "options");
    choice c = {.q = STR("")};
    if (d->pick != VIEW_NONE) {
        TQ_TRY(pick_options(f, list, d, name, now, &c, err));
    } else if (d->type == FIELD_CHOICE) {
        word_options(f, list, d, now);
    } else if (d->type == FIELD_TEXT && d->set != NULL) {
        suggestions(f, list, d);
    }
    doc_bool(o, "find", c.find);
    doc_text(o, "q", c.q);
    doc_bool(o, "more", c.more);
    doc_bool(o, "none", c.none);
    doc_text(o, "source", c.source == NULL ? STR("") : str_of(c.source->path));
    doc_text(o, "source_name",
             c.source == NULL ? STR("") : text_token(f->w->lang, "route", str_of(c.source->name)));
    return TQ_OK;
}

/* Whole sentences that a field may be filled with: template.<route>.1, .2 and so on of the locale. */
static void templates(const form *f, doc *list, const field *d)
{
    const char *known = NULL;
    if (d->type != FIELD_TEXT && d->type != FIELD_LONG) {
        return;
    }
    for (int n = 1; n == 1 || known != NULL; n++) {
        const str key =
            arena_printf(f->w->call.a, "template.%s.%s.%d", f->w->match.route->name, d->name, n);
        known = text_find(f->w->lang, key);
        if (known != NULL) {
            doc_text(doc_object(list, NULL), "text", str_of(known));
        }
    }
}

static tq_code one_field(const form *f, doc *list, const field *d, str prefix, tq_err *err)
{
    arena *a = f->w->call.a;
    const str name = arena_printf(a, "%.*s%s", STR_ARG(prefix), d->name);
    const str now = typed(f, d, name);
    doc *o = doc_object(list, NULL);
    doc_text(o, "name", name);
    doc_text(o, "id", arena_printf(a, "%s%.*s", f->prefix, STR_ARG(name)));
    doc_text(o, "label", label_of(f, "field", d->name));
    doc_text(o, "hint", label_of(f, "hint", d->name));
    doc_text(o, "error", error_of(f, name));
    doc_text(o, "value", now);
    doc_bool(o, "on", str_eq(now, STR("on")) || str_eq(now, STR("true")));
    doc_bool(o, "required", (d->flags & REQ) != 0);
    doc_text(o, "autocomplete", autocomplete(d));
    doc_int(o, "max", d->max);
    doc_text(o, "currency", currency_sign(f->w));
    one_kind(o, d);
    templates(f, doc_list(o, "templates"), d);
    TQ_TRY(one_choice(f, o, d, name, now, err));
    return d->type == FIELD_ROWS ? field_rows(f, o, d, err) : TQ_OK;
}

static void summary(const form *f, const tq_err *why, doc *body)
{
    arena *a = f->w->call.a;
    doc *list = doc_list(body, "errors");
    for (size_t i = 0; f->faults != NULL && i < f->faults->n; i++) {
        const input_fault *x = &f->faults->at[i];
        const char *dot = memrchr(x->field.data, '.', x->field.len);
        const char *leaf = dot == NULL ? x->field.data : dot + 1;
        doc *e = doc_object(list, NULL);
        const str last = arena_copy(a, (str){leaf, x->field.len - (size_t)(leaf - x->field.data)});
        doc_text(e, "href", arena_printf(a, "#f-%.*s", STR_ARG(x->field)));
        doc_text(e, "label", label_of(f, "field", last.data));
        doc_text(e, "text", error_of(f, x->field));
    }
    if (why != NULL && (f->faults == NULL || f->faults->n == 0)) {
        doc *e = doc_object(list, NULL);
        const str text = text_token(f->w->lang, "reason", str_of(why->reason));
        /* a use case names "registration.kind"; the form calls it "kind" */
        const char *dot = strrchr(why->field, '.');
        const char *leaf = dot == NULL ? why->field : dot + 1;
        doc_text(e, "href", arena_printf(a, "#f-%s", leaf[0] == '\0' ? "form" : leaf));
        doc_text(e, "label", leaf[0] == '\0' ? STR("") : label_of(f, "field", leaf));
        doc_text(e, "text",
                 text.data != why->reason ? text : str_of(why->detail)); /* a token has no text */
    }
    const str decision = page_decision(f->w);
    if (decision.len > 0) {
        doc *e = doc_object(list, NULL);
        doc_text(e, "href", decision);
        doc_text(e, "label", STR(""));
        doc_text(e, "text", text_token(f->w->lang, "text", STR("see_decision")));
    }
}

static bool has_file(const route *r)
{
    for (int i = 0; i < r->n_fields; i++) {
        if (r->fields[i].type == FIELD_FILE) {
            return true;
        }
    }
    return false;
}

/* Above the form stands what it is about: the row of an act, with its amounts and state. */
static void subject(web_rq *w, doc *body)
{
    const route *r = w->match.route;
    doc *facts = doc_list(body, "facts");
    const route *item =
        r->view == VIEW_NONE ? NULL : route_of_view(r->view, ROUTE_ITEM, w->call.who.role);
    const route *list =
        r->view == VIEW_NONE ? NULL : route_of_view(r->view, ROUTE_LIST, w->call.who.role);
    str back = list == NULL ? STR("/work") : str_of(list->path);
    str back_name = text_token(w->lang, "route", list == NULL ? STR("work") : str_of(list->name));
    if (r->kind == ROUTE_ACT) {
        const view *v = view_of(r->view);
        for (int i = 1; i < v->n_fields; i++) {
            if (v->fields[i].show == VIEW_SHOW_FIELD) {
                view_cell(w, facts, v, &w->row, i, STR(""));
            }
        }
        if (item != NULL) {
            back = route_path(item, w->match.id, w->call.a);
            back_name = view_title(v, &w->row, &w->style, w->call.a);
        }
    }
    doc_text(body, "back", back);
    doc_text(body, "back_name", back_name);
}

/* The address that the form goes on to when it is done: of the work screen only, never another site's. */
str form_then(const web_rq *w)
{
    const str then = input_raw(w->http, STR(INPUT_THEN));
    return str_starts(then, STR("/review?")) && str_line_ok(then, 400) ? then : STR("");
}

static tq_code form_fields(form *f, doc *list, tq_err *err)
{
    const route *r = f->w->match.route;
    TQ_TRY(had(f, err));
    for (int i = 0; i < r->n_fields; i++) {
        if ((r->fields[i].flags & STAFF) == 0 || f->w->scope.reach != REACH_ORG) {
            TQ_TRY(one_field(f, list, &r->fields[i], STR(""), err));
        }
    }
    return TQ_OK;
}

/* What a form sends beside its fields. */
static void envelope(const web_rq *w, unsigned status, doc *body)
{
    const route *r = w->match.route;
    arena *a = w->call.a;
    doc_text(body, "action", site_link(w, route_path(r, w->match.id, a)));
    doc_text(body, "hint",
             text_find(w->lang, arena_printf(a, "hint.%s", r->name)) == NULL
                 ? STR("")
                 : text_token(w->lang, "hint", str_of(r->name)));
    doc_text(body, "submit", text_token(w->lang, "route", str_of(r->name)));
    doc_bool(body, "upload", has_file(r));
    doc_bool(body, "public_form", !w->signed_in);
    if (strcmp(r->name, "login") == 0) {
        sign_in_ways(w, body);
    } else {
        (void)doc_list(body, "ways");
    }
    const str sent = input_raw(w->http, STR("_idem"));
    /* A form that comes back after a fault keeps its key: nothing was done under it. After a conflict
     * something may have been, so the next try is another command. */
    const bool keep = sent.len > 0 && status == 422 && str_line_ok(sent, IDEM_KEY_MAX);
    const bearer fresh = bearer_new();
    doc_text(body, "idem", keep ? sent : arena_copy(a, str_of(fresh.text)));
    doc_text(body, "version",
             r->kind == ROUTE_ACT ? view_version(view_of(r->view), &w->row, a) : STR(""));
}

tq_code form_part(web_rq *w, store_tx *tx, doc *into, tq_err *err)
{
    const pick_list *picks = NULL;
    form f = {.w = w, .tx = tx, .picks = &picks};
    f.prefix = arena_printf(w->call.a, "f-%s-", w->match.route->name).data;
    TQ_TRY(form_fields(&f, doc_list(into, "fields"), err));
    envelope(w, 200, into);
    return TQ_OK;
}

tq_code form_page(web_rq *w, unsigned status, const input_faults *faults, const tq_err *why,
                  http_reply *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    doc *body = doc_new(w->call.a);
    TQ_TRY(work_read(w->app, &tx, err));
    const pick_list *picks = NULL;
    form f = {.w = w, .tx = tx, .faults = faults, .picks = &picks, .prefix = "f-"};
    TQ_TRY(form_fields(&f, doc_list(body, "fields"), err));
    summary(&f, why, body);
    store_rollback(&tx);
    subject(w, body);
    envelope(w, status, body);
    doc_text(body, "then", form_then(w));
    return web_page(w, status, "form", body, out, err);
}
