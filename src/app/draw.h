/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_DRAW_H
#define TQ_DRAW_H

/* Draws of firms to inspect (P-30): who may do what and when. How a draw is computed stands in
 * domain/lots.h, what is published in docs/draw.md.
 *
 *   draw_plan      office           planned
 *   draw_approve   group            approved   by a paper; another person than planned it
 *   draw_freeze    office           frozen     population and pool hashed, seed committed
 *   draw_run       office           drawn      seed revealed; picks and inspectors written
 *   draw_publish   office, group    published  bundle and replay are open to everybody
 *   draw_cancel    office while planned, group until it is run; a frozen one shows its seed thereby
 *
 * The text of the population is a blob under its own hash; draw.population_sha256 names it, so that verify
 * and export treat it like any evidence file. Inspectors are called by a code, never by name. */

#include "app/app.h"
#include "base/buf.h"
#include "domain/lots.h"

typedef struct draw_plan_request {
    str unit;   /* firm | amount | claim | voucher */
    str strata; /* none | place | kind; "" as the policy says, else none */
    day from, to;
    int64_t rate_bp;   /* at least the policy's share; 0: the share */
    int64_t visitors;  /* inspectors, 2..100 */
    str public_source; /* which value will be joined; "" none */
    day public_day;    /* when it becomes known; DAY_NONE without one */
} draw_plan_request;
typedef struct draw_made {
    int64_t draw_id;
    public_number number;
} draw_made;
/* REFUSED/draw_rate below the policy's share, REFUSED/draw_strata where the policy names others;
 * INVALID/draw_plan. */
TQ_MUST_CHECK tq_code draw_plan(app *a, const call *c, const draw_plan_request *rq, draw_made *out,
                                tq_err *err);

typedef struct draw_step_request {
    int64_t draw_id;
    decision_paper paper; /* approve: demanded */
    str reason;           /* cancel: demanded */
} draw_step_request;
/* FORBIDDEN/same_person for who planned it. */
TQ_MUST_CHECK tq_code draw_approve(app *a, const call *c, const draw_step_request *rq, tq_err *err);
/* R-DRAW-060: CORRUPT/draw_stored where the picks that are stored are not what the draw gives. */
TQ_MUST_CHECK tq_code draw_publish(app *a, const call *c, const draw_step_request *rq, tq_err *err);
TQ_MUST_CHECK tq_code draw_cancel(app *a, const call *c, const draw_step_request *rq, tq_err *err);

#define DRAW_DECLARED_MAX 50
typedef struct draw_freeze_request {
    int64_t draw_id;
    const int64_t *declared; /* users: inspectors who declared a conflict */
    size_t n_declared;
    const char
        *demo_seed; /* of a demonstration, whose replay comes to one log; NULL: drawn at random */
} draw_freeze_request;
/* CONFLICT/draw_early: the period has not ended; CONFLICT/public_known: the value that will be joined may be
 * known already; CONFLICT/draw_moved: the population changed meanwhile, try again; INVALID/inspector,
 * empty_population, too_few_inspectors; REFUSED/no_demo for a seed that somebody chose, where any programme is
 * none of a demonstration. */
TQ_MUST_CHECK tq_code draw_freeze(app *a, const call *c, const draw_freeze_request *rq,
                                  tq_err *err);

typedef struct draw_run_request {
    int64_t draw_id;
    str public_value; /* demanded where the plan names a source, else empty */
} draw_run_request;
/* CONFLICT/draw_early before the public value's day; CONFLICT/public_known where that is not after the freeze. */
TQ_MUST_CHECK tq_code draw_run(app *a, const call *c, const draw_run_request *rq, tq_err *err);

typedef struct draw_risk_request {
    int64_t draw_id, org_id;
    str reason;
} draw_risk_request;
/* A visit because of a risk: group; a list of its own beside the drawn. CONFLICT/named_before. */
TQ_MUST_CHECK tq_code draw_risk_add(app *a, const call *c, const draw_risk_request *rq,
                                    tq_err *err);

/* Everything that a draw was computed from, and what came of it; texts live in `room`. NOT_FOUND before it has
 * been run, with `open` before it is published. CORRUPT/draw_stored where what is stored is not what was frozen. */
typedef struct draw_given {
    lots_bundle texts;
    digest final_seed, result;
} draw_given;
TQ_MUST_CHECK tq_code draw_givens(app *a, int64_t draw_id, bool open, arena *room, draw_given *out,
                                  tq_err *err);

/* Memory of one draw: text, units, lots, and its result. */
#define DRAW_ROOM ((size_t)1024 * 1024 * 1024)

/* The bundle (docs/draw.md) of a draw that has been run, read again from what is stored: CORRUPT/draw_stored
 * where that gives another result than was written. `open` asks for published ones only (NOT_FOUND). */
TQ_MUST_CHECK tq_code draw_bundle(app *a, int64_t draw_id, bool open, buf *out, tq_err *err);

#define DRAW_BUNDLE_MAX ((size_t)192 * 1024 * 1024)

#endif
