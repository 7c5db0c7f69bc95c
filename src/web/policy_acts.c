/* SPDX-License-Identifier: Apache-2.0 */
#include "app/programme.h"
#include "web/acts.h"

tq_code act_policy_put_in_force(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return policy_put_in_force(w->app, &w->call, w->match.id, err);
}

tq_code act_calendar_set(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_calendar_set *f = (const in_calendar_set *)in;
    const calendar_rq rq = {.year = f->year.n, .holidays = f->holidays.s, .workdays = f->workdays.s};
    done->path = "/calendars";
    return calendar_set(w->app, &w->call, &rq, err);
}
