/* SPDX-License-Identifier: Apache-2.0 */
#include "app/token.h"

#include "web/access_acts.h"

tq_code page_tokens(web_rq *w, http_reply *out, tq_err *err)
{
    token_row all[TOKENS_OF_USER_MAX];
    size_t n = 0;
    doc *body = doc_new(w->call.a);
    TQ_TRY(web_signed_in(w, err));
    TQ_TRY(token_list(w->app, &w->call, all, &n, err));
    doc *list = doc_list(body, "tokens");
    for (size_t i = 0; i < n; i++) {
        doc *o = doc_object(list, NULL);
        doc_int(o, "token_id", all[i].id);
        doc_text(o, "name", all[i].name);
        doc_text(o, "roles", all[i].roles); /* words of the API, as they are */
        doc_bool(o, "read_only", all[i].read_only);
        doc_day(o, "made", all[i].made.n);
        doc_day(o, "to", all[i].to.n);
        doc_day(o, "used", all[i].used.n);
        doc_bool(o, "ended", all[i].ended);
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, "tokens", body, out, err);
}

tq_code act_token_make(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_token_make *f = (const in_token_make *)in;
    const in_token_role *rows = (const in_token_role *)f->roles.rows;
    token_rq rq = {.name = f->name.s, .read_only = f->read_only.n != 0, .to = {(int32_t)f->to.n}};
    token_made made;
    TQ_TRY(web_self(w, err));
    for (size_t i = 0; i < f->roles.n_rows; i++) {
        rq.roles |= ROLES(role_of(rows[i].role.s));
    }
    rq.roles =
        f->roles.n_rows == 0 ? ROLES_ANY : rq.roles; /* none named: all that the user holds */
    const call c = web_again(w);
    TQ_TRY(token_make(w->app, &c, &rq, &made, err));
    doc *once = web_once(w, done, "/me/tokens");
    doc_int(once, "token_id", made.id);
    web_once_line(w, once, "token", arena_copy(w->call.a, str_of(made.text)));
    return TQ_OK;
}

tq_code act_token_end(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_token_end *f = (const in_token_end *)in;
    TQ_TRY(web_self(w, err));
    done->path = "/me/tokens";
    return token_end(w->app, &w->call, f->token_id.n, err);
}
