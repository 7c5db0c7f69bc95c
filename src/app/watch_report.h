/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_WATCH_REPORT_H
#define TQ_WATCH_REPORT_H

/* The report of supervision over a quarter, or any days (P-30 … P-34): what was drawn, visited, found, decided and
 * recovered, counted from the audited rows and the ledger when it is asked for. Of tips and of signals on the staff
 * only those who watch learn the number; inquiries, with their urgent ones and the papers that came late or not at
 * all (R-INQUIRY-040), are for the supervisors alone. */

#include "app/app.h"

#define WATCH_FIGURES_MAX 24
#define WATCH_INQUIRIES_MAX 500

typedef struct watch_figure {
    const char *
        token; /* draws drawn visits findings credit signals confirmed opened decided dismissed bans
                          delisted objections claimed_back recovered written_off tips staff,
                          and of the period of the rule `sample`: sample_due sampled */
    int64_t count;
    int64_t amount_fen; /* 0 where the figure has no money */
} watch_figure;

/* Those that the actor's role may know, in the order above. INVALID/days. */
TQ_MUST_CHECK tq_code watch_figures(app *a, const call *c, day from, day to,
                                    watch_figure out[WATCH_FIGURES_MAX], size_t *n, tq_err *err);

typedef struct watch_inquiry {
    int64_t id;
    str case_no;
    day from, until;
    bool urgent, hold;
    day papers_by, papers; /* day 0: none */
    bool papers_late;      /* came after their day, or have not come and it is over */
    str state;
    int64_t readings; /* under it, in the sealed log */
} watch_inquiry;

/* Inquiries that ran on one of the days, oldest first; FORBIDDEN/no_role for others than supervisors. */
TQ_MUST_CHECK tq_code watch_inquiries(app *a, const call *c, day from, day to, watch_inquiry *out,
                                      size_t max, size_t *n, tq_err *err);

#endif
