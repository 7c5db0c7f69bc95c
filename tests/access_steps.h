/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_ACCESS_STEPS_H
#define TQ_TESTS_ACCESS_STEPS_H

/* Steps that the tests of log-in and of registration share. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h stands on those above. */
#include <cmocka.h>

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/login.h"
#include "fixture.h"

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define GOOD_PASSWORD "安吉白茶与长兴紫笋茶"

static fixture *f;

/* The call fails with this code and reason. */
#define FAILS(code_, reason_, call_)                                                               \
    do {                                                                                           \
        tq_err err_ = {0};                                                                         \
        tq_err *err = &err_;                                                                       \
        const tq_code got_ = (call_);                                                              \
        if (got_ != (code_) || strcmp(err_.reason, (reason_)) != 0) {                              \
            print_error("%s:%d: %s/%s: %s\n", __FILE__, __LINE__, tq_code_name(got_), err_.reason, \
                        err_.detail);                                                              \
        }                                                                                          \
        assert_int_equal(got_, (code_));                                                           \
        assert_string_equal(err_.reason, (reason_));                                               \
    } while (0)

static inline int make_county(void **state)
{
    (void)state;
    f = fixture_open_without_policy();
    return 0;
}

static inline int drop_county(void **state)
{
    (void)state;
    fixture_close(f);
    return 0;
}

/* 2013-09-09, ten o'clock and so much later. */
static inline call later(role r, int64_t us)
{
    call c = fixture_as(f, r, fixture_day(2013, 9, 9));
    c.at.us += us;
    return c;
}

/* Anybody at the other end of the line. */
static inline call anybody(int64_t us)
{
    call c = later(ROLE_SECADMIN, us);
    c.who = (actor){.role = ROLE_PUBLIC};
    return c;
}

/* The user of that role, acting on what is their own, in no role. */
static inline call oneself(role r, int64_t us)
{
    call c = later(r, us);
    c.who.role = ROLE_NONE;
    c.who.org_id = 0;
    return c;
}

static inline str login_of(int64_t user_id)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(row_load(tx, T_USER_ACCOUNT, user_id, f->a, row, err));
    return row_str(row, C_USER_ACCOUNT_LOGIN);
}

/* Gives the user a password by a link, as a secadmin does. */
static inline void give_password(int64_t user_id, const char *password, int64_t us)
{
    call c = later(ROLE_SECADMIN, us);
    bearer link;
    if (user_id == c.who.user_id) { /* nobody gives themself a link: the other secadmin does */
        c.who.user_id = f->second_secadmin;
        c.who.person_id = f->second_secadmin_person;
    }
    NEED(password_link(f->app, &c, user_id, &link, err));
    const call p = anybody(us);
    NEED(password_by_link(f->app, &p, str_of(link.text), str_of(password), err));
}

static inline tq_code try_login(str login, const char *password, const char *code,
                                const char *address, int64_t us, login_done *out, tq_err *err)
{
    const call c = anybody(us);
    const login_rq rq = {login, str_of(password), str_of(code), str_of(address)};
    return login_try(f->app, &c, &rq, out, err);
}

/* A user with an agent's role, who needs no second factor, logged in. */
static inline bearer agent_logged_in(int64_t *user_id, int64_t us)
{
    int64_t person = 0;
    login_done done;
    fixture_person(f, ROLE_FIRM_AGENT, f->firm, user_id, &person);
    give_password(*user_id, GOOD_PASSWORD, us);
    NEED(try_login(login_of(*user_id), GOOD_PASSWORD, "", "", us, &done, err));
    return done.session;
}

/* Does any table of log-in, or the log, hold these bytes as text? */
static inline bool stored_text(const char *needle)
{
    static const char sql[] =
        "SELECT string_agg(t, ' ') FROM (SELECT x::text AS t FROM event x UNION ALL "
        "SELECT x::text FROM session x UNION ALL SELECT x::text FROM credential x UNION ALL "
        "SELECT x::text FROM api_token x UNION ALL SELECT x::text FROM invitation x UNION ALL "
        "SELECT x::text FROM password_link x UNION ALL SELECT x::text FROM registration_secret x "
        "UNION ALL "
        "SELECT x::text FROM printed_code x UNION ALL SELECT x::text FROM factor x UNION ALL "
        "SELECT x::text FROM private_body x UNION ALL SELECT x::text FROM login_failure x UNION "
        "ALL "
        "SELECT x::text FROM outside_link x UNION ALL SELECT x::text FROM outside_visit x) y";
    if (f->pg_uri[0] != '\0') {
        PGconn *conn = PQconnectdb(f->pg_uri);
        PGresult *r = PQexec(conn, sql);
        assert_int_equal(PQresultStatus(r), PGRES_TUPLES_OK);
        const bool found = strstr(PQgetvalue(r, 0, 0), needle) != NULL;
        PQclear(r);
        PQfinish(conn);
        return found;
    }
    static const char *const names[] = {"tongquan.db", "tongquan.db-wal"};
    bool found = false;
    for (size_t i = 0; i < TQ_COUNT(names); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", f->dir, names[i]);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        static char bytes[32 * 1024 * 1024];
        const size_t n = fread(bytes, 1, sizeof bytes, file);
        assert_true(n < sizeof bytes);
        (void)fclose(file);
        found = found || memmem(bytes, n, needle, strlen(needle)) != NULL;
    }
    return found;
}

#endif
