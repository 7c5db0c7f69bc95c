/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody tries who has one role and wants more: fields that were not offered, rows of others, headers
 * that bend the request, keys of others, input that breaks readers or amounts, texts that are markup. Each
 * is answered as it must be, and no event is written. */
#include "web_steps.h"

#include <stdlib.h>

#include "app/sanction.h"
#include "app/token.h"
#include "domain/roles.h"

static web_county *w;
static char other_token[64];        /* of an agent of the second firm */
static int64_t of_view[VIEW_COUNT]; /* a row of the first firm */

/* --- asking with any head -------------------------------------------------------------------------- */

typedef struct asker {
    const char *token, *cookie, *csrf;
} asker;

static asker as_role(int r)
{
    return (asker){w->token[r], w->cookie[r], w->csrf[r]};
}

static web_answer ask_with(asker by, const char *line, const char *headers, const char *type,
                           str body)
{
    buf q = buf_max((size_t)32 * 1024 * 1024);
    web_answer a = {0};
    buf_printf(&q, "%s HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: application/json\r\n%s", line,
               headers);
    if (by.token != NULL && by.token[0] != '\0') {
        buf_printf(&q, "Authorization: Bearer %s\r\n", by.token);
    } else if (by.cookie != NULL && by.cookie[0] != '\0') {
        buf_printf(&q, "Cookie: tq=%s\r\nX-CSRF: %s\r\n", by.cookie, by.csrf);
    }
    if (type != NULL) {
        buf_printf(&q, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, body.len);
    }
    buf_text(&q, "\r\n");
    buf_str_add(&q, body);
    buf_clear(&w->reply);
    loopback_ask(w->line, buf_view(&q), &w->reply);
    buf_free(&q);
    const str all = buf_view(&w->reply);
    const char *end = all.len == 0 ? NULL : memmem(all.data, all.len, "\r\n\r\n", 4);
    if (end != NULL) {
        a.status = (unsigned)strtoul(all.data + 9, NULL, 10);
        a.head = (str){all.data, (size_t)(end - all.data) + 2};
        a.body = (str){end + 4, all.len - (size_t)(end + 4 - all.data)};
    }
    return a;
}

static web_answer post_as(asker by, const char *where, const char *json)
{
    char line[300];
    (void)snprintf(line, sizeof line, "POST %s", where);
    return ask_with(by, line, "", "application/json", str_of(json));
}

static bool says(str s, const char *what)
{
    return s.len > 0 && memmem(s.data, s.len, what, strlen(what)) != NULL;
}

static void is_refused(web_answer a, unsigned status, const char *what, int64_t events)
{
    if (a.status != status) {
        fail_msg("%s: %u instead of %u: %.*s", what, a.status, status,
                 (int)(a.body.len < 400 ? a.body.len : 400), a.body.data);
    }
    if (fixture_events(w->f) != events) {
        fail_msg("%s: an event was written", what);
    }
}

/* --- the county, with one of most things that a firm has ------------------------------------------- */

static call of_path(const path *p)
{
    return fixture_user(w->f, p->user, p->person, ROLE_FIRM_AGENT, p->firm, p->d);
}

static int64_t row_by(const char *where, asker by)
{
    char line[200];
    (void)snprintf(line, sizeof line, "GET %s?limit=1", where);
    const web_answer a = ask_with(by, line, "", NULL, STR(""));
    const char *at = a.body.len == 0 ? NULL : memmem(a.body.data, a.body.len, "\"id\":", 5);
    return at == NULL ? 0 : strtoll(at + 5, NULL, 10);
}

static void rows_of_the_first_firm(void)
{
    static const struct {
        view_id view;
        const char *path;
    } lists[] = {
        {VIEW_APPLICATION, "/applications"},
        {VIEW_VOUCHER, "/vouchers"},
        {VIEW_SERVICE_ORDER, "/orders"},
        {VIEW_ORDER_CHANGE, "/order-changes"},
        {VIEW_INVOICE, "/invoices"},
        {VIEW_PAYMENT_PROOF, "/proofs"},
        {VIEW_CLAIM, "/claims"},
        {VIEW_VIOLATION_CASE, "/cases"},
    };
    for (size_t i = 0; i < TQ_COUNT(lists); i++) {
        of_view[lists[i].view] = row_by(lists[i].path, as_role(ROLE_FIRM_AGENT));
        if (of_view[lists[i].view] == 0) {
            fail_msg("the first firm has no row in %s", lists[i].path);
        }
    }
}

static int make_county(void **state)
{
    (void)state;
    int64_t change = 0;
    token_made made;
    case_result opened;
    w = web_county_open();
    web_county_ready(w);
    path p = path_make(w->f, false, web_today(w));
    const claim_filed filed = path_filed(&p, INT64_C(100000), 1000, false);
    (void)filed;
    const int64_t second = order_make(&p, 1000, 0);
    const call firm = of_path(&p);
    const order_change_request rq = {
        .order_id = second, .contract_fen = 900, .voucher_fen = 100, .end = day_add(p.d, 61)};
    NEED(order_change_propose(w->f->app, &firm, &rq, &change, err));
    const call office = fixture_as(w->f, ROLE_OFFICE, p.d);
    const case_open_request open = {w->f->firm, STR("false_use")};
    NEED(case_open(w->f->app, &office, &open, &opened, err));
    const path q = path_firm(w->f, true, p.d);
    call c = of_path(&q);
    c.at = instant_now();
    c.who.role = ROLE_NONE;
    const token_rq token = {
        .name = STR("b"), .roles = ROLES(ROLE_FIRM_AGENT), .to = day_add(c.today, 30)};
    NEED(token_make(w->f->app, &c, &token, &made, err));
    (void)snprintf(other_token, sizeof other_token, "%s", made.text);
    rows_of_the_first_firm();
    return 0;
}

static int drop_county(void **state)
{
    (void)state;
    web_county_close(w);
    return 0;
}

static bool is_post(const route *r)
{
    return r->kind == ROUTE_MAKE || r->kind == ROUTE_ACT || r->kind == ROUTE_DO;
}

static void fill_id(const route *r, int64_t id, char out[200])
{
    const char *hole = strstr(r->path, "{id}");
    if (hole == NULL) {
        (void)snprintf(out, 200, "%s", r->path);
    } else {
        (void)snprintf(out, 200, "%.*s%lld%s", (int)(hole - r->path), r->path, (long long)id,
                       hole + 4);
    }
}

/* --- fields that were not offered ------------------------------------------------------------------ */

static bool has_field(const route *r, const char *name)
{
    for (int i = 0; i < r->n_fields; i++) {
        if (strcmp(r->fields[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static int first_role(const route *r)
{
    for (int who = ROLE_NONE + 1; who < ROLE_COUNT; who++) {
        if (role_in((role)who, r->roles) &&
            (w->token[who][0] != '\0' || w->cookie[who][0] != '\0')) {
            return who;
        }
    }
    return ROLE_PUBLIC;
}

static void no_field_may_be_set_that_was_not_offered(void **state)
{
    static const char *const names[] = {
        "status", "state", "amount_approved", "owner",       "role",
        "region", "id",    "created_at",      "approved_by", "__proto__"};
    int routes_tried = 0;
    int without_row = 0;
    (void)state;
    for (int i = 0; i < route_count; i++) {
        const route *r = &routes[i];
        char where[200];
        char line[300];
        if (!is_post(r)) {
            continue;
        }
        fill_id(r,
                r->kind == ROUTE_ACT ? (of_view[r->view] != 0 ? of_view[r->view] : 987654321) : 0,
                where);
        (void)snprintf(line, sizeof line, "POST %s", where);
        const asker by = as_role(first_role(r));
        for (size_t n = 0; n < TQ_COUNT(names); n++) {
            char json[80];
            char form[80];
            const int64_t events = fixture_events(w->f);
            if (has_field(r, names[n])) {
                continue;
            }
            (void)snprintf(json, sizeof json, "{\"%s\":1}", names[n]);
            (void)snprintf(form, sizeof form, "%s=1", names[n]);
            web_answer a = post_as(by, where, json);
            const bool absent =
                r->kind == ROUTE_ACT && a.status == 404; /* no row of that kind here */
            is_refused(a, absent ? 404 : 400, where, events);
            assert_true(absent || says(a.body, "unknown_field"));
            a = ask_with(by, line, "", "application/x-www-form-urlencoded", str_of(form));
            is_refused(a, absent ? 404 : 400, where, events);
            without_row += absent && n == 0 ? 1 : 0;
            routes_tried += n == 0 ? 1 : 0;
        }
    }
    print_message("%d POST routes, %d of them without a row to try\n", routes_tried, without_row);
    assert_true(routes_tried - without_row > 40);
}

/* --- rows of another firm --------------------------------------------------------------------------- */

/* As it answers for what is not there, but for the number of the request. */
static void like_absent(web_answer a, const char *where, const char *line, asker by,
                        const char *type, str body)
{
    char one[2048];
    (void)snprintf(one, sizeof one, "%.*s", STR_ARG(a.body));
    const unsigned status = a.status;
    const web_answer b = ask_with(by, line, "", type, body);
    char two[2048];
    (void)snprintf(two, sizeof two, "%.*s", STR_ARG(b.body));
    char *end = strstr(one, "\"request\"");
    char *end2 = strstr(two, "\"request\"");
    if (status != 404 || b.status != 404 || end == NULL || end2 == NULL) {
        fail_msg("%s: %u %s, absent: %u", where, status, one, b.status);
        return;
    }
    *end = '\0';
    *end2 = '\0';
    assert_string_equal(one, two);
}

static void anothers_rows_are_as_absent(void **state)
{
    (void)state;
    const asker other = {.token = other_token};
    int tried = 0;
    for (int i = 0; i < route_count; i++) {
        const route *r = &routes[i];
        char where[200];
        char nowhere[200];
        char line[300];
        char line2[300];
        if ((r->kind != ROUTE_ITEM && r->kind != ROUTE_ACT) || of_view[r->view] == 0) {
            continue;
        }
        const bool post = r->kind == ROUTE_ACT;
        const int64_t events = fixture_events(w->f);
        fill_id(r, of_view[r->view], where);
        fill_id(r, 987654321, nowhere);
        (void)snprintf(line, sizeof line, "%s %s", post ? "POST" : "GET", where);
        (void)snprintf(line2, sizeof line2, "%s %s", post ? "POST" : "GET", nowhere);
        const char *type = post ? "application/json" : NULL;
        like_absent(ask_with(other, line, "", type, post ? STR("{}") : STR("")), where, line2,
                    other, type, post ? STR("{}") : STR(""));
        (void)snprintf(line, sizeof line, "GET %s", where); /* the form of an act */
        is_refused(ask_with(other, line, "", NULL, STR("")), 404, where, events);
        /* and the first firm does find its own */
        if (r->kind == ROUTE_ITEM) {
            assert_int_equal(ask_with(as_role(ROLE_FIRM_AGENT), line, "", NULL, STR("")).status,
                             200);
        }
        assert_int_equal(fixture_events(w->f), events);
        tried++;
    }
    print_message("%d routes asked for another firm's row\n", tried);
    assert_true(tried > 20);
}

/* Ids of others inside a body. */
static void anothers_rows_cannot_be_named_in_a_field(void **state)
{
    (void)state;
    static const char *const at[] = {"/orders", "/claims"};
    for (size_t i = 0; i < TQ_COUNT(at); i++) {
        char json[400];
        const int64_t events = fixture_events(w->f);
        if (i == 0) {
            (void)snprintf(
                json, sizeof json,
                "{\"voucher_id\":%lld,\"institution_id\":%lld,\"outcome_kind\":\"testing\","
                "\"title\":\"x\",\"contract\":\"10.00\",\"end_day\":\"2027-01-31\"}",
                (long long)of_view[VIEW_VOUCHER], (long long)w->f->institution);
        } else {
            (void)snprintf(json, sizeof json,
                           "{\"voucher_id\":%lld,\"asked\":\"1.00\",\"lines\":[{\"order_id\":%lld,"
                           "\"invoice_id\":%lld,\"proof_id\":%lld,\"amount\":\"1.00\"}]}",
                           (long long)of_view[VIEW_VOUCHER], (long long)of_view[VIEW_SERVICE_ORDER],
                           (long long)of_view[VIEW_INVOICE],
                           (long long)of_view[VIEW_PAYMENT_PROOF]);
        }
        const web_answer a = post_as((asker){.token = other_token}, at[i], json);
        if (a.status != 404 && a.status != 422) {
            fail_msg("%s: %u %.*s", at[i], a.status, STR_ARG(a.body));
        }
        assert_int_equal(fixture_events(w->f), events);
    }
}

/* --- headers --------------------------------------------------------------------------------------- */

static void headers_open_nothing(void **state)
{
    static const char *const heads[] = {
        "X-Forwarded-For: 127.0.0.1\r\n",
        "X-Forwarded-User: sysadmin\r\n",
        "X-Original-URL: /applications\r\n",
        "X-Rewrite-URL: /applications\r\n",
        "X-HTTP-Method-Override: POST\r\n",
        "X-Method-Override: DELETE\r\n",
        "X-Remote-User: 1\r\n",
        "Tq-Role: finance_checker\r\n",
        "Forwarded: for=127.0.0.1\r\n",
        "X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\n",
    };
    char line[200];
    (void)state;
    (void)snprintf(line, sizeof line, "GET /claims/%lld", (long long)of_view[VIEW_CLAIM]);
    for (size_t i = 0; i < TQ_COUNT(heads); i++) {
        const int64_t events = fixture_events(w->f);
        is_refused(ask_with((asker){.token = other_token}, line, heads[i], NULL, STR("")), 404,
                   heads[i], events);
        is_refused(ask_with((asker){.token = other_token}, "GET /batches", heads[i], NULL, STR("")),
                   404, heads[i], events);
        is_refused(ask_with((asker){0}, "GET /claims", heads[i], NULL, STR("")), 401, heads[i],
                   events);
        const web_answer home = ask_with((asker){0}, "GET /login", heads[i], NULL, STR(""));
        assert_false(says(home.body, "evil.example") || says(home.head, "evil.example"));
    }
}

/* --- keys of others, versions that are past ---------------------------------------------------------- */

static void a_key_is_its_users_own(void **state)
{
    (void)state;
    static const char key[] = "Idempotency-Key: same-key\r\n";
    const str body = STR("{\"kind\":\"park\",\"name\":\"甲园\",\"region\":\"330522\"}");
    const web_answer one =
        ask_with(as_role(ROLE_INTAKE), "POST /organisations", key, "application/json", body);
    assert_int_equal(one.status, 201);
    const int64_t id = web_int(w, &one, "id");
    const int64_t events = fixture_events(w->f);
    const web_answer again =
        ask_with(as_role(ROLE_INTAKE), "POST /organisations", key, "application/json", body);
    assert_int_equal(again.status, 201);
    assert_int_equal(web_int(w, &again, "id"), id);
    assert_int_equal(fixture_events(w->f), events);
    const str changed = STR("{\"kind\":\"park\",\"name\":\"乙园\",\"region\":\"330522\"}");
    is_refused(ask_with(as_role(ROLE_INTAKE), "POST /organisations", key, "application/json",
                        changed),
               409, "the key for another body", events);
    /* another user's same key is another key: their own row, and nothing of the first one's */
    const web_answer other =
        ask_with(as_role(ROLE_CENTRE), "POST /organisations", key, "application/json", changed);
    assert_int_equal(other.status, 201);
    assert_false(says(other.head, "Idempotency-Replayed"));
    assert_true(web_int(w, &other, "id") != id);
    /* nor does a key open a route */
    is_refused(ask_with((asker){.token = other_token}, "POST /organisations", key,
                        "application/json", body),
               404, "a key of another", fixture_events(w->f));
}

static void a_past_version_is_a_conflict(void **state)
{
    (void)state;
    char line[200];
    const int64_t events = fixture_events(w->f);
    (void)snprintf(line, sizeof line, "POST /claims/%lld/withdraw", (long long)of_view[VIEW_CLAIM]);
    is_refused(ask_with(as_role(ROLE_FIRM_AGENT), line, "If-Match: \"0000000000000000\"\r\n",
                        "application/json", STR("{}")),
               409, "If-Match", events);
}

/* --- input that breaks readers ------------------------------------------------------------------------- */

static void nothing_but_one_clean_object_is_read(void **state)
{
    const str bodies[] = {
        STR("{\"name\":\"a\",\"name\":\"b\"}"),
        STR("{\"name\":\"a\",\"n\\u0061me\":\"b\"}"),
        STR("{\"name\":\"a\"} x"),
        STR("{\"name\":\"a\"}{}"),
        STR("{\"name\":\"a\"/**/}"),
        STR("{\"name\":\"\\ud800\"}"),
        STR("{\"name\":\"\\udc00\\ud800\"}"),
        STR("{\"name\":\"\xc0\xaf\"}"),
        STR("{\"name\":\"\xed\xa0\x80\"}"),
        STR("{\"name\":\"\xff\"}"),
        STR("\xef\xbb\xbf{\"name\":\"a\"}"),
        STR("{\0\"name\":\"a\"}"),
        STR("[{\"name\":\"a\"}]"),
        STR("\"name\""),
        STR("null"),
        STR("{\"name\":\"1\\u0000\"}"),
        STR("{\"name\":\"a\",}"),
        STR("{'name':'a'}"),
        STR("{\"name\":NaN}"),
        STR("{\"name\":0x10}"),
        STR("{\"name\":1e400}"),
        STR("{"),
    };
    const asker by = as_role(ROLE_INTAKE);
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(bodies); i++) {
        const int64_t events = fixture_events(w->f);
        is_refused(ask_with(by, "POST /organisations", "", "application/json", bodies[i]), 400,
                   arena_printf(w->f->a, "body %zu", i).data, events);
    }
    for (size_t depth = 33; depth < 200000; depth *= 55) { /* 33, 1815, 99825 */
        BUF_AUTO buf deep = buf_max(1024 * 1024);
        buf_text(&deep, "{\"name\":");
        for (size_t i = 0; i < depth; i++) {
            buf_char(&deep, '[');
        }
        is_refused(ask_with(by, "POST /organisations", "", "application/json", buf_view(&deep)),
                   400, "depth", fixture_events(w->f));
    }
    BUF_AUTO buf large = buf_max(4 * 1024 * 1024);
    buf_text(&large, "{\"name\":\"");
    for (int i = 0; i < 3 * 1024 * 1024; i++) {
        buf_char(&large, 'a');
    }
    buf_text(&large, "\"}");
    is_refused(ask_with(by, "POST /organisations", "", "application/json", buf_view(&large)), 413,
               "3 MiB", fixture_events(w->f));
    is_refused(ask_with(by, "POST /organisations", "", "text/plain", STR("{}")), 415, "text/plain",
               fixture_events(w->f));
    is_refused(ask_with(by, "POST /organisations", "Content-Encoding: gzip\r\n", "application/json",
                        STR("{}")),
               415, "gzip", fixture_events(w->f));
}

static void an_amount_is_plain_digits_or_nothing(void **state)
{
    static const char *const amounts[] = {
        "\"NaN\"",
        "\"Infinity\"",
        "\"-0\"",
        "\"-1\"",
        "\"1e400\"",
        "\"1E2\"",
        "\"1.001\"",
        "\"9223372036854775808\"",
        "\"92233720368547758.08\"",
        "\"1,000\"",
        "\"１００\"",
        "\"١٠٠\"",
        "\"0x10\"",
        "\"+1\"",
        "\"01\"",
        "\" 1\"",
        "\"1 \"",
        "\"\"",
        "\".5\"",
        "\"5.\"",
        "\"1.5.5\"",
        "1",
        "true",
        "[]",
        "{}",
        "\"0000000000000000000000000000000000000000000000000000000000000000000000000000001\"",
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(amounts); i++) {
        char json[400];
        const int64_t events = fixture_events(w->f);
        (void)snprintf(json, sizeof json,
                       "{\"means\":\"transfer\",\"payer\":\"长兴绿能电池有限公司\",\"paid_day\":"
                       "\"2026-01-05\","
                       "\"amount\":%s,\"reference\":\"amount\"}",
                       amounts[i]);
        const web_answer a = post_as(as_role(ROLE_FIRM_AGENT), "/proofs", json);
        is_refused(a, 422, amounts[i], events);
        if (!says(a.body, "\"amount\"") && !says(a.body, "amount")) {
            fail_msg("%s: no field in %.*s", amounts[i], STR_ARG(a.body));
        }
    }
}

static void invisible_and_turning_characters_are_refused(void **state)
{
    static const char *const texts[] = {"a\\u202eb", "a\\u200bb", "a\\u200db", "a\\u2066b",
                                        "a\\ufeffb", "a\\nb",     "a\\rb",     "a\\tb",
                                        "a\\u001bb", "a\\u0085b", "a\\u2028b"};
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(texts); i++) {
        char json[200];
        const int64_t events = fixture_events(w->f);
        (void)snprintf(json, sizeof json,
                       "{\"kind\":\"park\",\"name\":\"%s\",\"region\":\"330522\"}", texts[i]);
        const web_answer a = post_as(as_role(ROLE_INTAKE), "/organisations", json);
        is_refused(a, 422, texts[i], events);
        assert_true(says(a.body, "name"));
    }
}

/* --- texts that are markup or formulas ------------------------------------------------------------------- */

static void markup_is_shown_and_not_run(void **state)
{
    static const char *const texts[] = {
        "<script>alert(1)</script>", "\\\"><img src=x onerror=alert(1)>", "'-alert(1)-'",
        "{{7*7}}${7*7}<%=7%>",       "</title><svg/onload=alert(1)>",     "%n%s%x",
        "javascript:alert(1)"};
    static const char *const raw_marks[] = {"<script>alert", "<img src=x", "<svg/onload", "<%="};
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(texts); i++) {
        char json[300];
        char where[100];
        (void)snprintf(json, sizeof json,
                       "{\"kind\":\"park\",\"name\":\"%s\",\"region\":\"330522\"}", texts[i]);
        web_answer a = post_as(as_role(ROLE_INTAKE), "/organisations", json);
        assert_int_equal(a.status, 201);
        (void)snprintf(where, sizeof where, "/organisations/%lld", (long long)web_int(w, &a, "id"));
        const char *const pages[] = {where, "/organisations", "/search?q=alert"};
        for (size_t p = 0; p < TQ_COUNT(pages); p++) {
            const web_answer page = web_page_of(w, ROLE_SECADMIN, pages[p]);
            assert_int_equal(page.status, 200);
            assert_true(says(page.body, "<!doctype html>") || says(page.body, "<!DOCTYPE html>"));
            for (size_t m = 0; m < TQ_COUNT(raw_marks); m++) {
                if (says(page.body, raw_marks[m])) {
                    fail_msg("%s has %s as markup: %.*s", pages[p], raw_marks[m], 200,
                             (const char *)memmem(page.body.data, page.body.len, raw_marks[m],
                                                  strlen(raw_marks[m])) -
                                 60);
                }
            }
        }
        a = web_get(w, ROLE_INTAKE, where);
        assert_true(says(a.head, "nosniff") &&
                    says(a.head, "application/json")); /* no browser takes it for HTML */
    }
}

static void a_cell_is_no_formula(void **state)
{
    static const char *const texts[] = {"=1+1",
                                        "+1+1",
                                        "-1+2",
                                        "@SUM(A1)",
                                        "＝1+1",
                                        "=HYPERLINK(\\\"http://e\\\")",
                                        "=cmd|' /C calc'!A0"};
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(texts); i++) {
        char json[300];
        (void)snprintf(json, sizeof json,
                       "{\"kind\":\"park\",\"name\":\"%s\",\"region\":\"330522\"}", texts[i]);
        assert_int_equal(post_as(as_role(ROLE_INTAKE), "/organisations", json).status, 201);
    }
    const web_answer csv = web_get(w, ROLE_INTAKE, "/organisations.csv");
    static const char *const starts[] = {",=", ",\"=", ",@", ",+1", ",-1+", ",＝", ",\"＝"};
    assert_int_equal(csv.status, 200);
    assert_true(says(csv.body, "SUM(A1)"));
    for (size_t i = 0; i < TQ_COUNT(starts); i++) {
        if (says(csv.body, starts[i])) {
            fail_msg("a cell begins with %s: %.*s", starts[i], STR_ARG(csv.body));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_field_may_be_set_that_was_not_offered),
        cmocka_unit_test(anothers_rows_are_as_absent),
        cmocka_unit_test(anothers_rows_cannot_be_named_in_a_field),
        cmocka_unit_test(headers_open_nothing),
        cmocka_unit_test(a_key_is_its_users_own),
        cmocka_unit_test(a_past_version_is_a_conflict),
        cmocka_unit_test(nothing_but_one_clean_object_is_read),
        cmocka_unit_test(an_amount_is_plain_digits_or_nothing),
        cmocka_unit_test(invisible_and_turning_characters_are_refused),
        cmocka_unit_test(markup_is_shown_and_not_run),
        cmocka_unit_test(a_cell_is_no_formula),
    };
    return cmocka_run_group_tests(tests, make_county, drop_county);
}
