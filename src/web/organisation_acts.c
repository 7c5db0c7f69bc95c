/* SPDX-License-Identifier: Apache-2.0 */
#include "app/organisation.h"
#include "web/acts.h"

tq_code act_org_register(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_org_register *f = (const in_org_register *)in;
    const org_rq rq = {
        .kind = f->kind.s,
        .credit_code = f->credit_code.s,
        .name = f->name.s,
        .region = f->region.s,
        .place_id = f->place_id.n,
        .parent_id = f->parent_id.n,
        .platform_id = f->platform_id.n,
        .since = {(int32_t)f->since.n},
    };
    done->view = VIEW_ORGANISATION;
    return org_register(w->app, &w->call, &rq, &done->id, err);
}
