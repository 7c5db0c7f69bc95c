/* SPDX-License-Identifier: Apache-2.0 */
#include "web/gate.h"

#include <stdio.h>

#include "http/url.h"
#include "web/menu.h"
#include "web/site_inner.h"
#include "web/template.h"

#define PAGE_MAX (16U * 1024 * 1024)

void page_title(doc *body, str title)
{
    doc_for_page(doc_text(body, "heading", title));
    /* A row may have a title of its own; then that is what the word means. */
    if (doc_get(body, STR("title")) == NULL) {
        doc_for_page(doc_text(body, "title", title));
    }
}

void web_go(http_reply *out, str path)
{
    out->status = 303;
    out->type = "text/plain";
    http_reply_header(out, "Location", path);
}

void web_json(web_rq *w, unsigned status, const doc *body, http_reply *out)
{
    out->status = status;
    out->type = "application/json";
    doc_write_json(body, &w->style, &out->body);
}

static str route_text(const web_rq *w, const char *set, const char *name)
{
    return text_token(w->lang, set, str_of(name));
}

static bool is_home(const web_rq *w)
{
    return w->match.route != NULL && strcmp(w->match.route->path, "/") == 0;
}

static void roles_of(const web_rq *w, doc *page)
{
    doc *list = doc_list(page, "roles");
    for (size_t i = 0; w->signed_in && i < w->caller.n_roles; i++) {
        const caller_role *r = &w->caller.roles[i];
        doc *item = doc_object(list, NULL);
        doc_text(item, "value", gate_role_text(r, w->call.a));
        doc_token(item, "label", "role", str_of(role_name(r->role)));
        doc_text(item, "org", r->org_name);
        doc_text(item, "programme", r->programme_code);
        doc_bool(item, "lent", r->for_user_id != 0);
        doc_bool(item, "now", r == w->as);
    }
}

/* First character of a name, for the round badge. */
static str initial(str name)
{
    size_t n = name.len > 0 ? 1 : 0;
    while (n < name.len && ((unsigned char)name.data[n] & 0xC0U) == 0x80U) {
        n++;
    }
    return (str){name.data, n};
}

/* The same page with one choice of how it looks: what it was asked for stays. */
static str same_page_with(const web_rq *w, const char *choice, const char *value)
{
    buf b = buf_max(2 * HTTP_URI_MAX);
    buf_str_add(&b, w->http->path);
    buf_printf(&b, "?%s=%s", choice, value);
    for (size_t i = 0; i < w->http->n_args; i++) {
        const http_pair *p = &w->http->args[i];
        if (str_eq(p->name, STR("lang")) || str_eq(p->name, STR("large")) || p->value.len == 0) {
            continue;
        }
        buf_char(&b, '&');
        url_encode(p->name, &b);
        buf_char(&b, '=');
        url_encode(p->value, &b);
    }
    const str found = buf_ok(&b) ? arena_copy(w->call.a, buf_view(&b)) : w->http->path;
    buf_free(&b);
    return found;
}

static str look_of(const web_rq *w, const char *arg, const char *cookie)
{
    const str asked = http_arg(w->http, arg);
    return asked.len > 0 ? asked : http_cookie(w->http, cookie);
}

/* ?lang= and ?large= hold until the other is asked for. */
static void remember_look(const web_rq *w, http_reply *out)
{
    const str lang = http_arg(w->http, "lang");
    const str large = http_arg(w->http, "large");
    if (str_eq(lang, STR("zh")) || str_eq(lang, STR("en"))) {
        http_reply_header(out, "Set-Cookie", str_of(gate_cookie(w, COOKIE_LANG, lang, false)));
    }
    if (str_eq(large, STR("0")) || str_eq(large, STR("1"))) {
        http_reply_header(out, "Set-Cookie", str_of(gate_cookie(w, COOKIE_LARGE, large, false)));
    }
}

static void looks(const web_rq *w, doc *page)
{
    const bool en = w->lang == LANG_EN;
    const bool large = str_eq(look_of(w, "large", COOKIE_LARGE), STR("1"));
    doc_text(page, "lang", str_of(language_tag(w->lang)));
    doc_text(page, "other_lang", same_page_with(w, "lang", en ? "zh" : "en"));
    doc_text(page, "other_name", en ? STR("中文") : STR("English"));
    doc_text(page, "other_tag", str_of(language_tag(en ? LANG_ZH : LANG_EN)));
    doc_bool(page, "large", large);
    doc_text(page, "other_size", same_page_with(w, "large", large ? "0" : "1"));
}

bool page_live(const web_rq *w)
{
    const route *r = w->match.route;
    if (r == NULL || r->kind != ROUTE_ITEM || r->view != VIEW_JOB || w->row.values == NULL) {
        return false;
    }
    const str state = w->row.values[view_of(VIEW_JOB)->state].s;
    return str_eq(state, STR("waiting")) || str_eq(state, STR("running"));
}

/* What the form before this page has done; NULL on every other page. */
static const route *just_done(const web_rq *w)
{
    const str name = http_cookie(w->http, COOKIE_DID);
    return name.len == 0 ? NULL : route_named(arena_copy(w->call.a, name).data);
}

static void frame(web_rq *w, doc *body)
{
    doc *page = doc_for_page(doc_object(body, "page"));
    const bool en = w->lang == LANG_EN;
    looks(w, page);
    doc_bool(page, "home", is_home(w));
    doc_bool(page, "shell",
             w->signed_in && !is_home(w)); /* the home page looks the same to everybody */
    doc_bool(page, "registers", route_find(HTTP_GET, STR("/register")).route != NULL);
    doc_text(page, "programme", en ? w->programme.name_en : w->programme.name_zh);
    doc_bool(page, "signed_in", w->signed_in);
    doc_bool(page, "demo",
             memmem(w->programme.name_zh.data, w->programme.name_zh.len, "演示", 6) != NULL);
    doc_text(page, "user",
             w->signed_in ? (w->caller.name.len > 0 ? w->caller.name : w->caller.login) : STR(""));
    doc_text(page, "initial", w->signed_in ? initial(w->caller.name) : STR(""));
    doc_text(page, "acting",
             w->as == NULL ? STR("") : route_text(w, "role", role_name(w->as->role)));
    doc_bool(page, "many_roles", w->signed_in && w->caller.n_roles > 1);
    doc_text(page, "org", w->as == NULL ? STR("") : w->as->org_name);
    doc_text(page, "csrf", w->signed_in ? str_of(w->caller.csrf) : STR(""));
    doc_text(page, "path", w->http->path);
    doc_day(page, "today", w->call.today.n);
    doc_bool(page, "refresh", page_live(w));
    const route *did = just_done(w);
    doc_text(page, "did", did == NULL ? STR("") : route_text(w, "route", did->name));
    menu_put(w, !is_home(w), page);
    roles_of(w, page);
    if (doc_get(body, STR("heading")) == NULL) {
        page_title(body,
                   w->match.route == NULL ? STR("") : route_text(w, "route", w->match.route->name));
    }
}

tq_code web_page(web_rq *w, unsigned status, const char *template, doc *body, http_reply *out,
                 tq_err *err)
{
    frame(w, body);
    buf page = buf_max(PAGE_MAX);
    const tq_code code = template_render(template, body, &w->style, &page, err);
    if (code != TQ_OK) {
        buf_free(&page);
        return code;
    }
    remember_look(w, out);
    if (just_done(w) != NULL) {
        http_reply_header(out, "Set-Cookie", str_of(gate_cookie(w, COOKIE_DID, STR(""), true)));
    }
    out->status = status;
    out->type = "text/html; charset=utf-8";
    buf_free(&out->body);
    out->body = page;
    return TQ_OK;
}

str page_decision(const web_rq *w)
{
    const route *item = route_of_view(VIEW_DECISION, ROUTE_ITEM, w->call.who.role);
    return w->refused_by == 0 || item == NULL ? STR("")
                                              : route_path(item, w->refused_by, w->call.a);
}

/* --- errors ------------------------------------------------------------------------------------- */

/* The address has tried too often; any other busyness is ours and soon over. */
static bool is_wait(const tq_err *why)
{
    return strcmp(why->reason, "login_wait") == 0 || strcmp(why->reason, "registration_wait") == 0;
}

static unsigned status_of(const web_rq *w, const tq_err *why)
{
    if (why->code == TQ_FORBIDDEN && strcmp(why->reason, "csrf") == 0) {
        return 403;
    }
    if (why->code == TQ_FORBIDDEN && strcmp(why->reason, "not_signed_in") == 0) {
        return 401;
    }
    (void)w;
    if (why->code == TQ_BUSY && is_wait(why)) {
        return 429;
    }
    return (unsigned)tq_code_http(why->code);
}

static void write_problem(web_rq *w, unsigned status, const tq_err *why, const input_faults *faults,
                          http_reply *out)
{
    doc *p = doc_new(w->call.a);
    /* Absent and forbidden look alike (I20): the reason of a refusal by authority is not told. */
    const bool blind = status == 404;
    const char *reason = blind ? "not_found" : why->reason;
    /* All that a rule refuses is one kind of problem: which rule, the reason and the decision say. */
    const bool refused = why->code == TQ_REFUSED;
    doc_text(p, "type", arena_printf(w->call.a, "/problems/%s", refused ? "refused" : reason));
    doc_text(p, "title", route_text(w, "reason", reason));
    doc_int(p, "status", status);
    doc_text(p, "reason", str_of(reason));
    doc_text(p, "detail", blind ? STR("there is no such thing here") : str_of(why->detail));
    if (why->field[0] != '\0' && !blind) {
        doc_text(p, "field", str_of(why->field));
    }
    const str decision = page_decision(w);
    if (decision.len > 0) {
        doc_text(p, "decision", decision);
    }
    if (faults != NULL && faults->n > 0) {
        doc *list = doc_list(p, "errors");
        for (size_t i = 0; i < faults->n; i++) {
            doc *e = doc_object(list, NULL);
            doc_text(e, "field", faults->at[i].field);
            doc_text(e, "reason", str_of(faults->at[i].reason));
            doc_text(e, "detail", faults->at[i].detail);
        }
    }
    doc_text(p, "request", str_of(w->http->id));
    buf_clear(&out->body);
    doc_write_json(p, &w->style, &out->body);
    out->status = status;
    out->type = "application/problem+json";
}

void web_problem(web_rq *w, const tq_err *why, const input_faults *faults, http_reply *out)
{
    const unsigned status = status_of(w, why);
    tq_err err;
    (void)memcpy(out->log_reason, why->reason, sizeof out->log_reason);
    if (why->code == TQ_BUSY) {
        http_reply_header(out, "Retry-After", is_wait(why) ? STR("60") : STR("2"));
    }
    if (status == 401) {
        http_reply_header(out, "WWW-Authenticate", STR("Bearer realm=\"tongquan\""));
    }
    if (!w->json) {
        const bool blind = status == 404;
        doc *body = doc_new(w->call.a);
        char key[16];
        (void)snprintf(key, sizeof key, "%u", status);
        page_title(body, route_text(w, "status", key));
        doc_text(body, "reason", blind ? STR("") : route_text(w, "reason", why->reason));
        doc_text(body, "detail", blind || status >= 500 ? STR("") : str_of(why->detail));
        doc_text(body, "request", str_of(w->http->id));
        if (web_page(w, status, "problem", body, out, &err) == TQ_OK) {
            return;
        }
    }
    write_problem(w, status, why, faults, out);
}
