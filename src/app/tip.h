/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TIP_H
#define TQ_TIP_H

/* Tips to the supervisors (P-30): anybody may say what is wrong, with a name or without.
 *
 *   tip_file    the public; for letters and calls office, centre and the supervisors   filed
 *   tip_take    supervisor, supervisor_head     taken
 *   tip_find    who took it or another          led (to a case) or unfounded
 *   tip_close   supervisor_head, another person than looked into it                closed, with an answer
 *
 * Who gave a tip is a private row of its own (tip_source) that only the supervisors' views show. The tip is filed by nobody:
 * neither log-in nor person of who fills in the page is in the event. */

#include "app/app.h"
#include "base/secrets.h"

#define TIP_TEXT_MAX 4000 /* bytes of what is said, found and answered */

typedef struct tip_new {
    str about;   /* whom: name or number */
    str content; /* lines */
    str name;    /* may be empty, as the contact */
    str contact;
    str channel;  /* page; of the staff phone or letter */
    day received; /* of a letter or call; of a page it is today */
    const char
        *demo_seed; /* the secret of a demonstration (REFUSED/no_demo elsewhere), else NULL */
} tip_new;

typedef struct tip_filed {
    int64_t id;
    bearer secret; /* shown once: with the id it answers for the progress */
} tip_filed;

/* INVALID/line, word, tip_text, days. */
TQ_MUST_CHECK tq_code tip_file(app *a, const call *c, const tip_new *rq, tip_filed *out,
                               tq_err *err);

typedef struct tip_status {
    str state;
    str outcome; /* once closed */
    day received;
} tip_status;

/* NOT_FOUND/no_tip for a wrong number and a wrong secret alike. */
TQ_MUST_CHECK tq_code tip_progress(app *a, const call *c, int64_t id, str secret, tip_status *out,
                                   tq_err *err);

/* CONFLICT/state_arrow where the tip is elsewhere, here and below. */
TQ_MUST_CHECK tq_code tip_take(app *a, const call *c, int64_t id, tq_err *err);

typedef struct tip_finding {
    int64_t tip_id;
    int64_t case_id; /* 0: unfounded */
    str finding;     /* for the file: not told to who gave the tip */
} tip_finding;
/* INVALID/tip_text; NOT_FOUND for a case of another programme. */
TQ_MUST_CHECK tq_code tip_find(app *a, const call *c, const tip_finding *rq, tq_err *err);

/* `outcome` is what who has the secret is told. FORBIDDEN/same_person. */
TQ_MUST_CHECK tq_code tip_close(app *a, const call *c, int64_t id, str outcome, tq_err *err);

#endif
