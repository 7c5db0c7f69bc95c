/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_PATH_COUNTY_H
#define TQ_TESTS_PATH_COUNTY_H

/* A county per test, of which verify must find nothing to say when the test is over; and what several
 * programs of seldom-gone ways take as given. */

#include "given_claim.h"
#include "model.h"

#include "app/sanction.h"
#include "store/verify.h"

#define START fixture_day(2013, 10, 8)

static fixture *f;

static inline int county_open(void **state)
{
    (void)state;
    f = fixture_open();
    return 0;
}

/* Whatever a test did: the log and the tables agree, and no entry is one-sided. */
static inline int county_close(void **state)
{
    static verify_report report;
    const verify_options o = {0};
    (void)state;
    NEED(event_sequence(f->store, err));
    NEED(verify_run(f->store, &o, &report, err));
    const bool ok = report.ok;
    if (!ok) {
        print_error("verify: %s %s %s\n", report.first[0].what, report.first[0].table,
                    report.first[0].detail);
    }
    fixture_close(f);
    f = NULL;
    return ok ? 0 : -1;
}

/* issued = voucher + hold + payable + transit + paid + owed + recovered + written_off + back (I4) */
static inline void identity_holds(int64_t voucher, int64_t issued, int64_t back)
{
    static const ledger_account inside[] = {ACC_VOUCHER, ACC_HOLD, ACC_PAYABLE,   ACC_TRANSIT,
                                            ACC_PAID,    ACC_OWED, ACC_RECOVERED, ACC_WRITTEN_OFF};
    int64_t sum = back;
    for (size_t i = 0; i < TQ_COUNT(inside); i++) {
        sum += given_money(f, inside[i], voucher, 0);
    }
    assert_int_equal(sum, issued);
}

static inline decision_paper paper_of(day d)
{
    return (decision_paper){.number = STR("协调小组纪要〔2013〕2号"), .day = d};
}

static inline int64_t case_heard(int64_t org, day d)
{
    case_result made;
    const call office = fixture_as(f, ROLE_OFFICE, d);
    const case_open_request rq = {org, STR("false_use")};
    NEED(case_open(f->app, &office, &rq, &made, err));
    const case_step_request hear = {.case_id = made.case_id, .paper = paper_of(d)};
    NEED(case_hear(f->app, &office, &hear, err));
    return made.case_id;
}

#define IN_COUNTY(test) cmocka_unit_test_setup_teardown(test, county_open, county_close)

#endif
