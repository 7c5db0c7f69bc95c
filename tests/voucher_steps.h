/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_VOUCHER_STEPS_H
#define TQ_VOUCHER_STEPS_H

/* Steps that tests of vouchers and orders take as given, on top of the small county. */

#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/application.h"
#include "app/order.h"
#include "app/organisation.h"
#include "app/voucher.h"

/* A use case must fail so, and leave no event. */
#define REFUSES(f_, call_, code_, reason_)                                                         \
    do {                                                                                           \
        tq_err refuses_err_ = {0};                                                                 \
        tq_err *err = &refuses_err_;                                                               \
        const int64_t refuses_before_ = fixture_events(f_);                                        \
        assert_int_equal((int)(call_), (int)(code_));                                              \
        assert_string_equal(refuses_err_.reason, (reason_));                                       \
        assert_true(fixture_events(f_) == refuses_before_);                                        \
    } while (0)

static inline void step_recognise(fixture *f, int64_t org_id)
{
    int64_t id = 0;
    const call c = fixture_as(f, ROLE_OFFICE, FIXTURE_DAY);
    const org_fact_rq rq = {.org_id = org_id, .kind = STR("recognition"), .value = STR("county")};
    NEED(org_fact_record(f->app, &c, &rq, &id, err));
}

static inline void step_agreement(fixture *f, const char *region, day from)
{
    int64_t id = 0;
    const call c = fixture_as(f, ROLE_OFFICE, from);
    const agreement_rq rq = {.partner = STR("浙江省科技云服务平台"),
                             .region = str_of(region),
                             .from = from,
                             .doc_no = STR("长科〔2013〕8号")};
    NEED(agreement_sign(f->app, &c, &rq, &id, err));
}

/* Filed in the hall, so that any organisation's can be made by one person. */
static inline int64_t step_filed(fixture *f, int64_t holder, int64_t kind, int64_t voucher,
                                 int64_t fen, day d)
{
    int64_t id = 0;
    const call c = fixture_as(f, ROLE_INTAKE, d);
    const application_request rq = {.holder_id = holder,
                                    .kind_id = kind,
                                    .voucher_id = voucher,
                                    .way = "immediate",
                                    .asked_fen = fen};
    NEED(application_file(f->app, &c, &rq, &id, err));
    return id;
}

static inline int64_t step_approved(fixture *f, int64_t holder, int64_t kind, int64_t voucher,
                                    int64_t fen, day d)
{
    application_result r;
    const int64_t id = step_filed(f, holder, kind, voucher, fen, d);
    const call c = fixture_as(f, ROLE_REVIEWER1, d);
    NEED(application_approve(f->app, &c, id, NULL, &r, err));
    assert_true(r.granted);
    assert_true(r.amount_fen == fen);
    return id;
}

static inline int64_t step_voucher(fixture *f, int64_t holder, int64_t kind, int64_t fen, day d)
{
    voucher_issued v;
    const voucher_issue_request rq = {.application_id = step_approved(f, holder, kind, 0, fen, d)};
    const call c = fixture_as(f, ROLE_OFFICE, d);
    NEED(voucher_issue(f->app, &c, &rq, &v, err));
    return v.voucher_id;
}

static inline void step_row(fixture *f, int table, int64_t id, event_value *row)
{
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(row_load(tx, table, id, f->a, row, err));
}

static inline int64_t step_cell(fixture *f, ledger_account account, int64_t voucher, int64_t order)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t sum = 0;
    const ledger_cell like = {.account = account, .voucher_id = voucher, .order_id = order};
    NEED(work_read(f->app, &tx, err));
    NEED(ledger_sum(tx, f->programme_id, &like, &sum, err));
    return sum;
}

#endif
