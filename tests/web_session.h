/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_WEB_SESSION_H
#define TQ_TESTS_WEB_SESSION_H

/* What a browser does, for tests of log-in and of people: cookies, the secret of a form, headers of
 * one's own. Each test program has one county. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h stands on those above. */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "web_county.h"

#define SECRET_MAX 64
#define WEB_PASSWORD "安吉白茶与长兴紫笋茶"

static web_county *w;

static inline int make_county(void **state)
{
    (void)state;
    w = web_county_open();
    return 0;
}

static inline int drop_county(void **state)
{
    (void)state;
    web_county_close(w);
    return 0;
}

typedef struct web_session {
    char cookie[SECRET_MAX], csrf[SECRET_MAX];
} web_session;

/* `headers` are lines with CRLF; body NULL: GET; `type` "" sends none. */
static inline web_answer ask_raw(const char *path, const char *headers, const char *type,
                                 const char *body)
{
    buf q = buf_max(1024 * 1024);
    buf_printf(&q, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n%s", body == NULL ? "GET" : "POST",
               path, headers);
    if (body != NULL) {
        buf_printf(&q, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, strlen(body));
    }
    buf_printf(&q, "\r\n%s", body == NULL ? "" : body);
    buf_clear(&w->reply);
    loopback_ask(w->line, buf_view(&q), &w->reply);
    buf_free(&q);
    const str all = buf_view(&w->reply);
    const char *end = memmem(all.data, all.len, "\r\n\r\n", 4);
    assert_non_null(end);
    return (web_answer){.status = (unsigned)strtoul(all.data + 9, NULL, 10),
                        .head = {all.data, (size_t)(end - all.data) + 2},
                        .body = {end + 4, all.len - (size_t)(end + 4 - all.data)}};
}

#define JSON "application/json"
#define FORM "application/x-www-form-urlencoded"
#define WANT_JSON "Accept: application/json\r\n"
#define WANT_PAGE "Accept: text/html\r\n"
#define PUBLIC_POST(path, body) ask_raw((path), WANT_JSON, JSON, (body))

static inline bool holds(str all, const char *part)
{
    return memmem(all.data, all.len, part, strlen(part)) != NULL;
}

/* What stands between two texts; false where it is not there or too long. */
static inline bool between(str all, const char *from, char until, char out[], size_t room)
{
    const char *at = memmem(all.data, all.len, from, strlen(from));
    if (at == NULL) {
        return false;
    }
    at += strlen(from);
    const char *end = memchr(at, until, all.len - (size_t)(at - all.data));
    if (end == NULL || (size_t)(end - at) >= room) {
        return false;
    }
    memcpy(out, at, (size_t)(end - at));
    out[end - at] = '\0';
    return true;
}

/* Asks with the cookie of a session, and its secret where something is to be changed. */
static inline web_answer ask_in(const web_session *s, const char *path, const char *body)
{
    char headers[512];
    (void)snprintf(headers, sizeof headers, WANT_JSON "Cookie: tq=%s\r\n%s%s%s", s->cookie,
                   body == NULL ? "" : "X-CSRF: ", body == NULL ? "" : s->csrf,
                   body == NULL ? "" : "\r\n");
    return ask_raw(path, headers, JSON, body);
}

/* The secret stands in every form of a page. */
static inline void learn_csrf(web_session *s)
{
    char headers[256];
    (void)snprintf(headers, sizeof headers, WANT_PAGE "Cookie: tq=%s\r\n", s->cookie);
    const web_answer a = ask_raw("/me/password", headers, "", NULL);
    assert_int_equal(a.status, 200);
    assert_true(between(a.body, "name=\"_csrf\" value=\"", '"', s->csrf, sizeof s->csrf));
}

static inline web_answer log_in(const char *login, const char *password, const char *code,
                                const char *cookie, web_session *out)
{
    char body[512];
    char headers[512];
    (void)snprintf(body, sizeof body, "{\"login\":\"%s\",\"password\":\"%s\",\"code\":\"%s\"}",
                   login, password, code);
    (void)snprintf(headers, sizeof headers, WANT_JSON "%s", cookie);
    const web_answer a = ask_raw("/login", headers, JSON, body);
    if (a.status == 200) {
        assert_true(between(a.head, "Set-Cookie: tq=", ';', out->cookie, sizeof out->cookie));
    }
    return a;
}

/* A password by the link of a security administrator, as people get their first one. */
static inline void give_password(int64_t user_id)
{
    char path[64];
    char token[SECRET_MAX];
    char body[256];
    (void)snprintf(path, sizeof path, "/users/%lld/password-link", (long long)user_id);
    const web_answer a = web_post(w, ROLE_SECADMIN, path, "{}");
    assert_int_equal(a.status, 200);
    assert_true(between(a.body, "/password?token=", '"', token, sizeof token));
    (void)snprintf(body, sizeof body, "{\"token\":\"%s\",\"new_password\":\"%s\"}", token,
                   WEB_PASSWORD);
    assert_int_equal(PUBLIC_POST("/password", body).status, 200);
    assert_int_equal(PUBLIC_POST("/password", body).status, 422); /* once */
}

static inline str login_of(int64_t user_id)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/users/%lld", (long long)user_id);
    const web_answer a = web_get(w, ROLE_SECADMIN, path);
    assert_int_equal(a.status, 200);
    return web_text(w, &a, "login");
}

/* Logged in as the firm's agent, who needs no second factor. */
static inline web_session firm_session(void)
{
    char login[80];
    web_session s = {"", ""};
    (void)snprintf(login, sizeof login, "%.*s", STR_ARG(login_of(w->f->user[ROLE_FIRM_AGENT])));
    assert_int_equal(log_in(login, WEB_PASSWORD, "", "", &s).status, 200);
    learn_csrf(&s);
    return s;
}

/* Status of a command that must leave nothing behind. */
#define NOTHING_DONE(status_, ask_)                                                                \
    do {                                                                                           \
        const int64_t events_ = fixture_events(w->f);                                              \
        const web_answer nothing_ = (ask_);                                                        \
        if (nothing_.status != (status_)) {                                                        \
            print_error("%u %.*s\n", nothing_.status, STR_ARG(nothing_.body));                     \
        }                                                                                          \
        assert_int_equal(nothing_.status, (status_));                                              \
        assert_int_equal(fixture_events(w->f), events_);                                           \
    } while (0)
#define DONE(status_, ask_)                                                                        \
    do {                                                                                           \
        const web_answer done_ = (ask_);                                                           \
        if (done_.status != (status_)) {                                                           \
            print_error("%u %.*s\n", done_.status, STR_ARG(done_.body));                           \
        }                                                                                          \
        assert_int_equal(done_.status, (status_));                                                 \
    } while (0)

#endif
