/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_FIXTURE_H
#define TQ_FIXTURE_H

/* A small county in a store of its own, for tests of use cases: programme 330522 under
 * schemes/cn-changxing-demo.yaml, calendars 2013 to 2018, one person a role, and a firm, an
 * institution and a platform with agents. Made only by use cases, never by writing rows.
 *
 * The engine is TQ_ENGINE: sqlite (default) in a temporary folder, or pg in a database of its own on
 * the server TQ_TEST_PG. fixture_close leaves nothing behind. A use case that fails while the county is
 * made ends the program with its error. */

#include "app/app.h"

#include <string.h>

typedef struct fixture {
    app *app;
    store *store;
    arena *a;
    char dir[64];
    char pg_uri[256]; /* empty on SQLite */
    char pg_name[64];
    int64_t programme_id;
    int64_t policy_id;        /* in force since FIXTURE_DAY, 0 without_policy */
    int64_t user[ROLE_COUNT]; /* one a role; none for none, public, system */
    int64_t person[ROLE_COUNT];
    int64_t second_secadmin; /* user; the first one is user[ROLE_SECADMIN] */
    int64_t second_secadmin_person;
    int64_t firm;        /* enterprise, agents firm_agent and firm_finance */
    int64_t institution; /* agent inst_agent */
    int64_t platform;    /* agent platform_agent */
    int64_t township;
    int64_t orgs; /* made by fixture_org, for fresh codes */
} fixture;

day fixture_day(int year, int month, int mday);
#define FIXTURE_DAY fixture_day(2013, 9, 2) /* a Monday: all is set up on that day */

fixture *fixture_open(void);
fixture *fixture_open_without_policy(void);
/* Under the demonstration scheme with its first `from` written as `to`. */
fixture *fixture_open_changed(const char *from, const char *to);
/* The same county in another zone, or with a fiscal year that begins in another month. */
fixture *fixture_open_at(const char *zone_name, int fiscal_month);
void fixture_close(fixture *f);

/* The role's person acting on that day at 10:00 Beijing time, in the programme and for the organisation
 * whose agent they are. Memory comes from f->a. ROLE_SYSTEM acts as nobody. */
call fixture_as(fixture *f, role r, day d);
/* The same with an arena of the caller's: for threads. */
call fixture_as_in(fixture *f, role r, day d, arena *a);
/* Anybody else whom a test has made. */
call fixture_user(fixture *f, int64_t user_id, int64_t person_id, role r, int64_t org_id, day d);

/* A new person with a log-in and this role, confirmed by the secadmins. org_id for agents, else 0. */
void fixture_person(fixture *f, role r, int64_t org_id, int64_t *user_id, int64_t *person_id);
/* One more role for a log-in, confirmed by the secadmins. */
void fixture_grant(fixture *f, int64_t user_id, role r, int64_t org_id);
/* A new organisation of the kind in 330522 with a fresh credit code (a team has none), not recognised. */
int64_t fixture_org(fixture *f, const char *kind, const char *name);
/* A confirmed bank account of the organisation whose cooling days are over on `d`. */
int64_t fixture_account(fixture *f, int64_t org_id, day d);
/* Money: a budget line of the fiscal year of `d`, a source of the voucher kind, and its booked
 * appropriation. */
int64_t fixture_fund(fixture *f, const char *kind_code, int64_t fen, day d);
/* Id of the voucher kind. */
int64_t fixture_kind(fixture *f, const char *code);

/* Prints the error and ends the program: for steps that a test takes as given. */
void fixture_need(tq_code code, const tq_err *err, const char *what);
#define NEED(call_)                                                                                \
    do {                                                                                           \
        tq_err need_err_ = {0};                                                                    \
        tq_err *err = &need_err_;                                                                  \
        const tq_code need_code_ = (call_);                                                        \
        fixture_need(need_code_, &need_err_, #call_);                                              \
    } while (0)

/* The call is refused with this code and reason; for tests of cmocka. */
#define ASSERT_FAILS(call_, code_, reason_)                                                        \
    do {                                                                                           \
        tq_err fails_ = {0};                                                                       \
        tq_err *err = &fails_;                                                                     \
        const tq_code got_ = (call_);                                                              \
        if (got_ != (code_) || strcmp(fails_.reason, (reason_)) != 0) {                            \
            fail_msg("%s: got %s/%s (%s)", #call_, tq_code_name(got_), fails_.reason,              \
                     fails_.detail);                                                               \
        }                                                                                          \
    } while (0)

/* Rows of an audited table, and events: to see that a refused use case left nothing. */
int64_t fixture_events(fixture *f);
/* Balance of an account over all cells of the programme, or of one voucher kind (0 = all). */
int64_t fixture_balance(fixture *f, ledger_account account, int64_t kind_id);

#endif
