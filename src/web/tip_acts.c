/* SPDX-License-Identifier: Apache-2.0 */
#include "app/tip.h"

#include "web/access_acts.h"

/* Number and secret are shown once: whoever keeps them may ask how it goes. */
static void filed_show(web_rq *w, web_done *done, const tip_filed *filed)
{
    doc *once = web_once(w, done, "/tips/progress");
    web_once_line(w, once, "number", arena_printf(w->call.a, "%lld", (long long)filed->id));
    web_once_line(w, once, "secret", arena_copy(w->call.a, str_of(filed->secret.text)));
}

/* The public of this programme, also where the browser is logged in: who gives a tip is not on record. */
static call anybody(const web_rq *w)
{
    call c = web_public(w);
    c.who.programme_id = w->programme.id;
    return c;
}

tq_code act_tip_file(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_tip_file *f = (const in_tip_file *)in;
    const call c = anybody(w);
    const tip_new rq = {.about = f->about.s,
                        .content = f->tip_text.s,
                        .name = f->teller.s,
                        .contact = f->contact.s,
                        .channel = STR("page"),
                        .received = c.today};
    tip_filed filed;
    TQ_TRY(tip_file(w->app, &c, &rq, &filed, err));
    filed_show(w, done, &filed);
    return TQ_OK;
}

tq_code act_tip_enter(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_tip_enter *f = (const in_tip_enter *)in;
    const call c = web_again(w);
    const tip_new rq = {.about = f->about.s,
                        .content = f->tip_text.s,
                        .name = f->teller.s,
                        .contact = f->contact.s,
                        .channel = f->channel.s,
                        .received = web_day(&f->received_day)};
    tip_filed filed;
    TQ_TRY(tip_file(w->app, &c, &rq, &filed, err));
    filed_show(w, done, &filed);
    return TQ_OK;
}

tq_code act_tip_progress(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_tip_progress *f = (const in_tip_progress *)in;
    const call c = anybody(w);
    tip_status t;
    const tq_code code = tip_progress(w->app, &c, f->number.n, f->secret.s, &t, err);
    if (code == TQ_NOT_FOUND) { /* one answer for a wrong number and a wrong secret */
        return tq_fail(err, TQ_INVALID, "no_tip", "number",
                       "no tip has this number and this secret");
    }
    TQ_TRY(code);
    doc *d = doc_new(w->call.a);
    doc_int(d, "number", f->number.n);
    doc_token(d, "state", "state.tip", t.state);
    doc_day(d, "received_day", t.received.n);
    doc_text(d, "tip_answer", t.outcome);
    done->once = d;
    done->once_page = "tip_progress";
    return TQ_OK;
}

tq_code act_tip_take(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return tip_take(w->app, &w->call, w->match.id, err);
}

tq_code act_tip_find(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_tip_find *f = (const in_tip_find *)in;
    const tip_finding rq = {
        .tip_id = w->match.id, .case_id = f->case_id.n, .finding = f->tip_finding.s};
    (void)done;
    return tip_find(w->app, &w->call, &rq, err);
}

tq_code act_tip_close(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_tip_close *f = (const in_tip_close *)in;
    (void)done;
    return tip_close(w->app, &w->call, w->match.id, f->tip_answer.s, err);
}
