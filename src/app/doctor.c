/* SPDX-License-Identifier: Apache-2.0 */
#include "app/doctor.h"

#include "app/report.h"
#include "domain/roles.h"
#include "store/checkpoint.h"
#include "store/verify.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define AHEAD_US (INT64_C(60) * 1000000) /* what clocks of two servers may differ */

static tq_code last_of(void *ctx, const checkpoint *c, tq_err *err)
{
    (void)err;
    *(checkpoint *)ctx = *c;
    return TQ_OK;
}

/* A check that could not be made is a finding like any other. */
void doctor_could_not(doctor *d, const char *name, const tq_err *err)
{
    doctor_say(d, name, DOCTOR_BAD, "%s: %s", err->reason, err->detail);
}

static tq_code one_number(app *site, store_stmt stmt, int64_t *out, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(site, &tx, err));
    return store_int(tx, stmt, NO_ARGS, 0, out, err);
}

/* The programme's zone and the day there. */
static tq_code day_there(app *site, instant now, arena *a, str *zone_name, day *out, tq_err *err)
{
    programme_face p = {0};
    zone *z = NULL;
    TQ_TRY(report_programme(site, a, &p, err));
    TQ_TRY(zone_open(p.zone.data, &z, err));
    *zone_name = p.zone;
    *out = zone_day(z, now);
    zone_free(z);
    return TQ_OK;
}

static void look_at_clock(doctor *d, app *site, instant now, arena *a)
{
    tq_err err = {0};
    str zone_name = {0};
    day today = {0};
    int64_t last = 0;
    if (day_there(site, now, a, &zone_name, &today, &err) != TQ_OK ||
        one_number(site, STMT_DOCTOR_LAST_EVENT, &last, &err) != TQ_OK) {
        doctor_could_not(d, "clock", &err);
    } else if (last > now.us + AHEAD_US) {
        doctor_say(d, "clock", DOCTOR_BAD,
                   "the last event lies %lld s ahead of this machine's clock",
                   (long long)((last - now.us) / 1000000));
    } else {
        BUF_AUTO buf day_text = buf_max(64);
        day_print(today, &day_text);
        doctor_say(d, "clock", DOCTOR_OK, "today is %s in %.*s", day_text.data, STR_ARG(zone_name));
    }
}

static void look_at_sums(doctor *d, app *site)
{
    tq_err err = {0};
    int64_t legs = 0;
    int64_t balances = 0;
    if (one_number(site, STMT_DOCTOR_LEGS, &legs, &err) != TQ_OK ||
        one_number(site, STMT_DOCTOR_BALANCES, &balances, &err) != TQ_OK) {
        doctor_could_not(d, "balances", &err);
        return;
    }
    const bool sound = legs == 0 && balances == 0;
    doctor_say(d, "balances", sound ? DOCTOR_OK : DOCTOR_BAD,
               sound ? "legs and balances sum to nothing"
                     : "legs sum to %lld, balances to %lld, not to 0",
               (long long)legs, (long long)balances);
}

static tq_code writes_reason(app *site, bool *off, arena *a, str *why, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(work_read(site, &tx, err));
    TQ_TRY(store_query(tx, STMT_WRITES_OFF_REASON, NO_ARGS, &r, err));
    TQ_TRY(rows_next(&r, off, err));
    if (*off) {
        *why = row_copy(&r, a);
    }
    return TQ_OK;
}

static void look_at_writes(doctor *d, app *site, arena *a)
{
    tq_err err = {0};
    bool off = false;
    str why = {0};
    if (writes_reason(site, &off, a, &why, &err) != TQ_OK) {
        doctor_could_not(d, "writes", &err);
    } else if (off) {
        doctor_say(d, "writes", DOCTOR_BAD, "writing is off since a check failed: %.*s",
                   STR_ARG(why));
    } else {
        doctor_say(d, "writes", DOCTOR_OK, "writing is on");
    }
}

static void look_at_checkpoint(doctor *d, app *site, instant now)
{
    tq_err err = {0};
    checkpoint last = {0};
    int64_t events = 0;
    store *s = app_store(site);
    if (checkpoint_each(store_dir(s), last_of, &last, &err) != TQ_OK ||
        one_number(site, STMT_EVENT_LAST_SEQ, &events, &err) != TQ_OK) {
        doctor_could_not(d, "checkpoint", &err);
    } else if (last.count == 0) {
        doctor_say(d, "checkpoint", DOCTOR_WARN,
                   "none is signed yet: the end of the log could be cut off unseen");
    } else {
        const int64_t hours = (now.us - last.at.us) / HOUR_US;
        doctor_say(d, "checkpoint", events > last.count && hours > 2 ? DOCTOR_WARN : DOCTOR_OK,
                   "the last one covers %lld of %lld events and is %lld h old",
                   (long long)last.count, (long long)events, (long long)hours);
    }
}

/* Persons who hold two roles that nobody may hold together: given before the rule, or past the use cases. */
static tq_code mixed_roles(app *site, day today, int64_t *n, int64_t *first, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    ROWS_AUTO store_rows r = {0};
    int64_t person = 0;
    role_set held = 0;
    bool told = false;
    *n = 0;
    *first = 0;
    TQ_TRY(work_read(site, &tx, err));
    TQ_TRY(store_query(tx, STMT_DOCTOR_ROLES, ARGS(arg_int(today.n)), &r, err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        const int64_t id = row_int(&r);
        const role one = role_of(row_text(&r));
        if (id != person) {
            person = id;
            held = 0;
            told = false;
        }
        if (!told && (roles_apart(one) & held) != 0) {
            told = true;
            *first = *n == 0 ? id : *first;
            (*n)++;
        }
        held |= ROLES(one);
    }
}

/* R-DUTY-020 */
static void look_at_roles(doctor *d, app *site, instant now, arena *a)
{
    tq_err err = {0};
    str zone_name = {0};
    day today = {0};
    int64_t n = 0;
    int64_t first = 0;
    if (day_there(site, now, a, &zone_name, &today, &err) != TQ_OK ||
        mixed_roles(site, today, &n, &first, &err) != TQ_OK) {
        doctor_could_not(d, "roles", &err);
    } else if (n > 0) {
        doctor_say(
            d, "roles", DOCTOR_BAD,
            "%lld persons hold roles that nobody may hold together; the first is person %lld",
            (long long)n, (long long)first);
    } else {
        doctor_say(d, "roles", DOCTOR_OK, "those who administer or watch do no work on cases");
    }
}

static tq_code failed_jobs(app *site, instant since, int64_t *n, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(site, &tx, err));
    return store_int(tx, STMT_DOCTOR_JOBS_FAILED, ARGS(arg_int(since.us)), 0, n, err);
}

static void look_at_jobs(doctor *d, app *site, instant now)
{
    tq_err err = {0};
    int64_t n = 0;
    if (failed_jobs(site, (instant){now.us - 7 * 24 * HOUR_US}, &n, &err) != TQ_OK) {
        doctor_could_not(d, "jobs", &err);
    } else {
        doctor_say(d, "jobs", n == 0 ? DOCTOR_OK : DOCTOR_WARN, "%lld failed in the last 7 days",
                   (long long)n);
    }
}

/* With --deep: everything that verify does, which reads each evidence file. */
static void look_deep(doctor *d, app *site, arena *a)
{
    tq_err err = {0};
    verify_report *r = ARENA_NEW(a, verify_report, 1);
    const verify_options o = {.at = instant_now()};
    if (verify_run(app_store(site), &o, r, &err) != TQ_OK) {
        doctor_could_not(d, "verify", &err);
        return;
    }
    doctor_say(d, "verify", r->ok ? DOCTOR_OK : DOCTOR_BAD, "%lld findings in %lld events",
               (long long)r->found, (long long)r->events);
    doctor_say(d, "orphans", r->orphans == 0 ? DOCTOR_OK : DOCTOR_WARN,
               "%lld evidence files are named by no row", (long long)r->orphans);
}

void doctor_site(doctor *d, app *site, bool deep, instant now, arena *a)
{
    doctor_say(d, "schema", DOCTOR_OK, "%s, the schema of this program",
               store_engine_of(app_store(site)) == STORE_PG ? "postgresql" : "sqlite");
    look_at_clock(d, site, now, a);
    look_at_writes(d, site, a);
    look_at_sums(d, site);
    look_at_checkpoint(d, site, now);
    look_at_jobs(d, site, now);
    look_at_roles(d, site, now, a);
    if (deep) {
        look_deep(d, site, a);
    }
}
