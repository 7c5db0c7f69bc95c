/* SPDX-License-Identifier: Apache-2.0 */
#include "web_county.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/login.h"
#include "app/programme.h"
#include "app/token.h"
#include "base/canon.h"

#define REPLY_MAX (32 * 1024 * 1024)
#define PASSWORD "安吉白茶与长兴紫笋茶"

static call at_now(fixture *f, role r)
{
    call c = fixture_as(f, r, FIXTURE_DAY);
    c.at = instant_now();
    c.today = (day){(int32_t)(c.at.us / (INT64_C(86400) * 1000000))};
    return c;
}

static void calendars(web_county *w)
{
    const int year = day_ymd(w->now[ROLE_OFFICE].today).year;
    for (int y = year - 1; y <= year + 2; y++) {
        const calendar_rq rq = {.year = y, .holidays = STR(""), .workdays = STR("")};
        if (y > 2018) { /* the fixture has 2013 to 2018 */
            NEED(calendar_set(w->f->app, &w->now[ROLE_OFFICE], &rq, err));
        }
    }
}

static void token_for(web_county *w, call c, char out[64])
{
    const role r = c.who.role;
    const token_rq rq = {.name = STR("test"), .roles = ROLES(r), .to = day_add(c.today, 30)};
    token_made made;
    c.who.role = ROLE_NONE;
    NEED(token_make(w->f->app, &c, &rq, &made, err));
    (void)snprintf(out, sizeof w->token[r], "%s", made.text);
}

/* Staff have a second factor before any role is open to them: password by link, printed codes. */
static printed_code factor_for(web_county *w, call me)
{
    call by = w->now[ROLE_SECADMIN];
    const int64_t user_id = me.who.user_id;
    call nobody = me;
    bearer link;
    printed_code codes[PRINTED_CODES];
    by.who.user_id = w->f->second_secadmin;
    by.who.person_id = w->f->second_secadmin_person;
    nobody.who = (actor){.role = ROLE_PUBLIC};
    me.who.role = ROLE_NONE;
    NEED(password_link(w->f->app, &by, user_id, &link, err));
    NEED(password_by_link(w->f->app, &nobody, str_of(link.text), STR(PASSWORD), err));
    NEED(factor_codes(w->f->app, &me, STR(PASSWORD), codes, err));
    return codes[0];
}

/* A security administrator takes no token, so logs in. */
static void session_for(web_county *w, role r, const printed_code *code)
{
    call me = w->now[r];
    call nobody = me;
    login_done done;
    caller who;
    event_value row[AUDITED_COLS_MAX];
    nobody.who = (actor){.role = ROLE_PUBLIC};
    me.who.role = ROLE_NONE;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(w->f->app, &tx, err));
    NEED(row_load(tx, T_USER_ACCOUNT, w->f->user[r], w->f->a, row, err));
    store_rollback(&tx);
    const login_rq rq = {.login = row_str(row, C_USER_ACCOUNT_LOGIN),
                         .password = STR(PASSWORD),
                         .code = str_of(code->text),
                         .address = STR("127.0.0.1")};
    NEED(login_try(w->f->app, &nobody, &rq, &done, err));
    NEED(session_find(w->f->app, &me, str_of(done.session.text), &who, err));
    (void)snprintf(w->cookie[r], sizeof w->cookie[r], "%s", done.session.text);
    (void)snprintf(w->csrf[r], sizeof w->csrf[r], "%s", who.csrf);
}

void web_county_person(web_county *w, role r, int64_t org_id, char token[64])
{
    int64_t user_id = 0;
    int64_t person_id = 0;
    fixture_person(w->f, r, org_id, &user_id, &person_id);
    call me = fixture_user(w->f, user_id, person_id, r, org_id, FIXTURE_DAY);
    me.at = w->now[r].at;
    me.today = w->now[r].today;
    if (role_in(r, FACTOR_ROLES)) {
        (void)factor_for(w, me);
    }
    token_for(w, me, token);
}

web_county *web_county_open(void)
{
    web_county *w = calloc(1, sizeof *w);
    TQ_ASSERT(w != NULL);
    w->f = fixture_open();
    w->reply = buf_max(REPLY_MAX);
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++) {
        if (w->f->user[r] != 0) {
            w->now[r] = at_now(w->f, (role)r);
        }
    }
    calendars(w);
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++) {
        if (w->f->user[r] == 0) {
            continue;
        }
        const bool staff = role_in((role)r, FACTOR_ROLES);
        const printed_code code = staff ? factor_for(w, w->now[r]) : (printed_code){.text = ""};
        if (r == ROLE_SECADMIN) {
            session_for(w, ROLE_SECADMIN, &code);
        } else {
            token_for(w, w->now[r], w->token[r]);
        }
    }
    const web_options o = {0};
    NEED(web_site_new(w->f->app, &o, &w->site, err));
    const http_app handlers = web_site_app(w->site);
    NEED(loopback_new(&handlers, w->f->dir, &w->line, err));
    return w;
}

void web_county_close(web_county *w)
{
    loopback_free(w->line);
    web_site_free(w->site);
    fixture_close(w->f);
    buf_free(&w->reply);
    free(w);
}

static web_answer answer_of(web_county *w)
{
    const str all = buf_view(&w->reply);
    web_answer a = {0};
    const char *end = memmem(all.data, all.len, "\r\n\r\n", 4);
    if (all.len < 12 || end == NULL) {
        return a;
    }
    a.status = (unsigned)strtoul(all.data + 9, NULL, 10);
    a.head = (str){all.data, (size_t)(end - all.data) + 2};
    a.body = (str){end + 4, all.len - (size_t)(end + 4 - all.data)};
    return a;
}

static web_answer ask(web_county *w, role r, const char *path, const char *accept, const char *type,
                      const char *body)
{
    buf q = buf_max(REPLY_MAX);
    buf_printf(&q, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAccept: %s\r\n",
               body == NULL ? "GET" : "POST", path, accept);
    if (w->token[r][0] != '\0') {
        buf_printf(&q, "Authorization: Bearer %s\r\n", w->token[r]);
    } else if (w->cookie[r][0] != '\0') {
        buf_printf(&q, "Cookie: tq=%s\r\nX-CSRF: %s\r\n", w->cookie[r], w->csrf[r]);
    }
    if (body != NULL) {
        buf_printf(&q, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, strlen(body));
    }
    buf_printf(&q, "\r\n%s", body == NULL ? "" : body);
    buf_clear(&w->reply);
    loopback_ask(w->line, buf_view(&q), &w->reply);
    buf_free(&q);
    return answer_of(w);
}

web_answer web_ask(web_county *w, role r, const char *path, const char *type, const char *body)
{
    return ask(w, r, path, "application/json", type, body);
}

web_answer web_page_of(web_county *w, role r, const char *path)
{
    return ask(w, r, path, "text/html", NULL, NULL);
}

static const canon_node *node_of(web_county *w, const web_answer *a, const char *key)
{
    const canon_node *root = NULL;
    NEED(json_read(a->body, w->f->a, &root, err));
    const canon_node *n = canon_get(root, key);
    if (n == NULL) {
        (void)fprintf(stderr, "no %s in %.*s\n", key, STR_ARG(a->body));
        abort();
    }
    return n;
}

int64_t web_int(web_county *w, const web_answer *a, const char *key)
{
    return node_of(w, a, key)->num;
}

str web_text(web_county *w, const web_answer *a, const char *key)
{
    return node_of(w, a, key)->text;
}
