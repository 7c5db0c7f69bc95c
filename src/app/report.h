/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_REPORT_H
#define TQ_REPORT_H

/* What the programme can say of itself (R-REPORT-010, R-REPORT-020; P-05, P-53, P-54). Every figure is computed from the ledger
 * and the audited rows up to the end of a day; none is stored.
 *
 * issued      issue and top-up entries, gross, before expiry and cancellation
 * redeemed    bank-confirmed or set off, minus returned by the bank, before clawback
 * rate        redeemed / issued, half up, basis points
 * induced R&D contract amounts of confirmed orders, voucher part included
 * enterprises holders with at least one paid claim
 * services    outcome_count by outcome_kind, recorded at delivery */

#include "app/app.h"

#define REPORT_KINDS_MAX 32
#define REPORT_CELLS_MAX 512

typedef struct report_service {
    str kind;
    int64_t count;
} report_service;

typedef struct report_headline {
    day until;
    money issued, redeemed, induced, own;
    bps rate;
    int64_t enterprises;
    report_service services[REPORT_KINDS_MAX];
    int n_services;
} report_headline;

/* Contract, voucher and own money of confirmed orders by region of the institution and year of
 * confirmation: the trickle-down of P-02 in numbers. */
typedef struct report_flow_cell {
    str region;
    int year;
    int64_t orders;
    money contract, voucher, own;
} report_flow_cell;
typedef struct report_flow {
    report_flow_cell cells[REPORT_CELLS_MAX];
    int n;
} report_flow;

/* Each source of money with what became of it (P-06): class is stock (存量) or growth (增量). */
typedef struct report_fund_row {
    str source, name, class, origin, kind, document;
    int64_t year;
    int64_t balance[ACC_COUNT]; /* minor units by account */
} report_fund_row;
typedef struct report_funds {
    report_fund_row rows[REPORT_CELLS_MAX];
    int n;
} report_funds;

/* The programme of an installation that runs one; the first where it runs several. */
typedef struct programme_face {
    int64_t id;
    str code, name_zh, name_en, zone;
} programme_face;
TQ_MUST_CHECK tq_code report_programme(app *a, arena *mem, programme_face *out, tq_err *err);

/* `until` is the last day counted, in the programme's zone. */
TQ_MUST_CHECK tq_code report_headline_of(app *a, const programme_face *p, day until, arena *mem,
                                         report_headline *out, tq_err *err);
TQ_MUST_CHECK tq_code report_flow_of(app *a, const programme_face *p, day until, arena *mem,
                                     report_flow *out, tq_err *err);
TQ_MUST_CHECK tq_code report_funds_of(app *a, const programme_face *p, day until, arena *mem,
                                      report_funds *out, tq_err *err);

/* Canonical JSON; amounts are integers named *_fen. */
void report_headline_write(const report_headline *r, buf *out);
void report_flow_write(const report_flow *r, buf *out);
void report_funds_write(const report_funds *r, buf *out);

#endif
