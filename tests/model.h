/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_MODEL_H
#define TQ_TESTS_MODEL_H

/* A programme that lives by chance: at each step one act of a table is drawn, with an object that is
 * mostly in a state where the act can succeed and sometimes in any. Everything follows from the seed,
 * so both engines are asked the same. Acts go through use cases only. */

#include "claim_path.h"

#define MODEL_KEEP 600
#define MODEL_FIRMS 48

typedef struct model_ids {
    int64_t id[MODEL_KEEP];
    int n;
} model_ids;

typedef struct model_firm {
    int64_t id, user, person;
} model_firm;

typedef struct model {
    fixture *f;
    path p; /* of the firm that acts */
    uint64_t seed;
    day d;
    int64_t apply, award;                /* voucher kinds */
    int64_t growth, stock, award_growth; /* sources of this year */
    int source_year;
    model_ids sources; /* and of the years before */
    str paper;         /* hash of a stored paper */
    model_firm firms[MODEL_FIRMS];
    int n_firms;
    model_firm labs[MODEL_FIRMS]; /* institutions */
    int n_labs;
    model_ids apps, vouchers, orders, claims, changes, batches, lists, objections, cases,
        recoveries, unmatched, barred;
    bool idle; /* the act found nothing to act on */
} model;

typedef struct model_act {
    const char *name;
    int weight;
    tq_code (*run)(model *m, tq_err *err);
} model_act;

/* Both end with a row without name. */
extern const model_act model_claim_acts[]; /* vouchers, orders, claims, publication */
extern const model_act model_money_acts[]; /* fund, payment, bank, sanctions */

void model_begin(model *m, fixture *f, uint64_t seed, day d, bool lapse);
/* The same scheme from that day on, but what is left of a voucher that has ended is lost for the
 * programme. */
void model_lapse_in_force(fixture *f, day d);
void model_firm_add(model *m); /* where there is room for one */
void model_lab_add(model *m);
void model_sources(model *m);            /* those of the year of m->d */
int64_t model_draw(model *m, int64_t n); /* 0 .. n-1 */
void model_keep(model_ids *l, int64_t id);
call model_by(model *m, role r);
/* The firm whose agent acts from now on; an unknown one is the first. */
void model_act_for(model *m, int64_t firm_id);
/* The agent of that institution; of the first where it is unknown. */
call model_lab(model *m, int64_t lab_id);
/* One of them, the latest being likelier: the others may be banned or gone. */
const model_firm *model_one_of(model *m, const model_firm *list, int n);
/* One of the ids whose state column holds one of the words ("a|b"), the latest being likelier; now and
 * then any. 0 and m->idle where there is none. */
int64_t model_some(model *m, const model_ids *l, int table, int state_col, const char *words);
void model_row(model *m, int table, int64_t id, event_value *row);
decision_paper model_paper(model *m);

#endif
