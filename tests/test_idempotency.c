/* SPDX-License-Identifier: Apache-2.0 */
/* A command that comes twice acts once (I25): again in the same process, after a restart, at the same
 * time, after a refusal, and under another body. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/idempotency.h"
#include "app/programme.h"
#include "fixture.h"

#define DAY fixture_day(2013, 11, 20)
#define RACERS 8

static idem key_of(const char *key, const char *body)
{
    return (idem){.actor = STR("user:1"),
                  .route = STR("POST /outages"),
                  .key = str_of(key),
                  .body = hash_of(HASH_SHA256, str_of(body))};
}

static tq_code file(fixture *f, idem *i, int64_t *id, tq_err *why)
{
    call c = fixture_as(f, ROLE_OFFICE, DAY);
    c.idem = i;
    return outage_file(f->app, &c, DAY, DAY, STR("停电"), id, why);
}

static void the_second_time_says_what_was_done(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    tq_err why = {0};
    int64_t id = 0;
    int64_t same = 0;
    int64_t other = 0;
    idem first = key_of("k1", "a");
    idem again = key_of("k1", "a");
    idem reused = key_of("k1", "b");
    idem fresh = key_of("k2", "a");
    NEED(file(f, &first, &id, err));
    assert_false(idem_repeated(&first));
    const int64_t events = fixture_events(f);
    assert_int_equal(file(f, &again, &other, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "done_before");
    assert_true(idem_repeated(&again));
    assert_true(idem_row(&again, f->a, "outage", &same));
    assert_int_equal(same, id);
    assert_false(idem_row(&again, f->a, "claim", &same));
    assert_true(str_starts(again.answer, STR("{\"event\":")));
    assert_int_equal(other, 0);
    assert_int_equal(file(f, &reused, &other, &why), TQ_CONFLICT);
    assert_string_equal(why.reason, "idempotency_key_reused");
    assert_false(idem_repeated(&reused));
    assert_int_equal(fixture_events(f), events);
    NEED(file(f, &fresh, &other, err));
    assert_int_equal(fixture_events(f), events + 1);
    fixture_close(f);
}

static void who_and_where_are_part_of_the_key(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    int64_t id = 0;
    idem first = key_of("k", "a");
    idem somebody = key_of("k", "a");
    idem elsewhere = key_of("k", "a");
    somebody.actor = STR("user:2");
    elsewhere.route = STR("POST /calendars");
    NEED(file(f, &first, &id, err));
    NEED(file(f, &somebody, &id, err));
    NEED(file(f, &elsewhere, &id, err));
    fixture_close(f);
}

static void it_stands_after_a_restart(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    tq_err why = {0};
    int64_t id = 0;
    idem first = key_of("k", "a");
    idem again = key_of("k", "a");
    NEED(file(f, &first, &id, err));
    app_close(f->app);
    const store_options o = {.dir = f->dir, .pg_uri = f->pg_uri[0] == '\0' ? NULL : f->pg_uri};
    f->app = NULL;
    NEED(app_open(&o, &f->app, err));
    f->store = app_store(f->app);
    assert_int_equal(file(f, &again, &id, &why), TQ_CONFLICT);
    assert_true(idem_repeated(&again));
    fixture_close(f);
}

static void a_refused_try_leaves_the_key_free(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    tq_err why = {0};
    int64_t id = 0;
    idem one = key_of("k", "a");
    call c = fixture_as(f, ROLE_OFFICE, DAY);
    c.idem = &one;
    assert_int_not_equal(outage_file(f->app, &c, DAY, day_add(DAY, -1), STR("停电"), &id, &why),
                         TQ_OK);
    idem two = key_of("k", "b");
    NEED(file(f, &two, &id, err));
    fixture_close(f);
}

static void a_role_that_was_lost_shows_nothing(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    tq_err why = {0};
    int64_t id = 0;
    idem first = key_of("k", "a");
    idem again = key_of("k", "a");
    NEED(file(f, &first, &id, err));
    call c = fixture_as(f, ROLE_INTAKE, DAY);
    c.who.role = ROLE_OFFICE;
    c.idem = &again;
    assert_int_equal(outage_file(f->app, &c, DAY, DAY, STR("停电"), &id, &why), TQ_FORBIDDEN);
    assert_false(idem_repeated(&again));
    fixture_close(f);
}

static void keys_are_plain(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "two words", "tab\t", "换", "\x7f"};
    fixture *f = fixture_open();
    tq_err why = {0};
    int64_t id = 0;
    for (size_t i = 0; i < TQ_COUNT(bad); i++) {
        idem k = key_of(bad[i], "a");
        assert_int_equal(file(f, &k, &id, &why), TQ_INVALID);
        assert_string_equal(why.reason, "idempotency_key");
    }
    char longest[IDEM_KEY_MAX + 2];
    memset(longest, 'k', sizeof longest);
    assert_int_equal(idem_key_check((str){longest, IDEM_KEY_MAX}, &why), TQ_OK);
    assert_int_equal(idem_key_check((str){longest, IDEM_KEY_MAX + 1}, &why), TQ_INVALID);
    fixture_close(f);
}

/* --- at the same time -------------------------------------------------------------------------- */

typedef struct racer {
    fixture *f;
    pthread_t thread;
    call c;
    idem key;
    int64_t id;
    tq_code code;
    tq_err err;
} racer;

static tq_code race_once(void *ctx, tq_err *err)
{
    racer *r = ctx;
    return outage_file(r->f->app, &r->c, DAY, DAY, STR("停电"), &r->id, err);
}

static void *race(void *ctx)
{
    racer *r = ctx;
    r->code = app_retry(&r->c, race_once, r, &r->err);
    if (r->code != TQ_OK) {
        (void)idem_row(&r->key, r->c.a, "outage", &r->id);
    }
    return NULL;
}

static void of_many_at_once_one_acts(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    const int64_t before = fixture_events(f);
    racer racers[RACERS];
    int done = 0;
    for (int i = 0; i < RACERS; i++) {
        arena *a = arena_new("racer", 1024 * 1024);
        racers[i] =
            (racer){.f = f, .c = fixture_as_in(f, ROLE_OFFICE, DAY, a), .key = key_of("k", "a")};
        racers[i].c.idem = &racers[i].key;
    }
    for (int i = 0; i < RACERS; i++) {
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < RACERS; i++) {
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
        done += racers[i].code == TQ_OK;
        if (racers[i].code != TQ_OK) {
            assert_string_equal(racers[i].err.reason, "done_before");
        }
        assert_int_equal(racers[i].id, racers[0].id);
        assert_true(racers[i].id > 0);
        arena_free(racers[i].c.a);
    }
    assert_int_equal(done, 1);
    assert_int_equal(fixture_events(f), before + 1);
    fixture_close(f);
}

/* --- again ------------------------------------------------------------------------------------- */

typedef struct flaky {
    fixture *f;
    call c;
    int left;
    bool acts; /* commits, and then its answer is lost */
    int tries;
    int64_t id;
} flaky;

static tq_code flaky_once(void *ctx, tq_err *err)
{
    flaky *k = ctx;
    k->tries++;
    if (k->acts) {
        TQ_TRY(outage_file(k->f->app, &k->c, DAY, DAY, STR("停电"), &k->id, err));
    }
    if (k->left-- > 0) {
        return tq_fail(err, TQ_BUSY, k->acts ? "commit_unknown" : "busy", NULL, "try again");
    }
    return TQ_OK;
}

static void busy_is_tried_again(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    tq_err why = {0};
    flaky k = {.f = f, .c = fixture_as(f, ROLE_OFFICE, DAY), .left = 3};
    assert_int_equal(app_retry(&k.c, flaky_once, &k, &why), TQ_OK);
    assert_int_equal(k.tries, 4);
    k = (flaky){.f = f, .c = k.c, .left = 1000};
    assert_int_equal(app_retry(&k.c, flaky_once, &k, &why), TQ_BUSY);
    assert_int_equal(k.tries, APP_TRIES); /* and no more */

    const int64_t before = fixture_events(f);
    k = (flaky){.f = f, .c = k.c, .left = 1, .acts = true};
    assert_int_equal(app_retry(&k.c, flaky_once, &k, &why),
                     TQ_BUSY); /* who has no key must look first */
    assert_int_equal(k.tries, 1);
    assert_int_equal(fixture_events(f), before + 1);
    idem key = key_of("k", "a");
    k = (flaky){.f = f, .c = k.c, .left = 1, .acts = true};
    k.c.idem = &key;
    assert_int_equal(app_retry(&k.c, flaky_once, &k, &why), TQ_CONFLICT);
    assert_true(idem_repeated(&key));
    assert_int_equal(fixture_events(f), before + 2);
    fixture_close(f);
}

static void old_keys_are_forgotten(void **state)
{
    (void)state;
    fixture *f = fixture_open();
    int64_t id = 0;
    int64_t n = 0;
    idem old = key_of("old", "a");
    idem again = key_of("old", "a");
    NEED(file(f, &old, &id, err));
    const call c = fixture_as(f, ROLE_OFFICE, DAY);
    NEED(idem_sweep(f->app, c.at, &n, err));
    assert_int_equal(n, 0);
    NEED(idem_sweep(f->app, (instant){c.at.us + 1}, &n, err));
    assert_int_equal(n, 1);
    NEED(file(f, &again, &id, err));
    fixture_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_time_says_what_was_done),
        cmocka_unit_test(who_and_where_are_part_of_the_key),
        cmocka_unit_test(it_stands_after_a_restart),
        cmocka_unit_test(a_refused_try_leaves_the_key_free),
        cmocka_unit_test(a_role_that_was_lost_shows_nothing),
        cmocka_unit_test(keys_are_plain),
        cmocka_unit_test(of_many_at_once_one_acts),
        cmocka_unit_test(busy_is_tried_again),
        cmocka_unit_test(old_keys_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
