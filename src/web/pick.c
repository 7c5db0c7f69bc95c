/* SPDX-License-Identifier: Apache-2.0 */
#include "web/pick.h"

#include "web/site_inner.h"

typedef struct picking {
    const web_rq *w;
    const field *f;
    const view *v;
    pick_option *options; /* room for PICK_SHOWN */
    size_t n;
    bool more;
} picking;

bool pick_by_column(const field *f)
{
    return f->type == FIELD_TEXT;
}

/* Codes and numbers that a field is picked by are columns of the view; `words` names the column then. */
static str value_of(const picking *p, const view_row *row)
{
    if (!pick_by_column(p->f)) {
        return arena_printf(p->w->call.a, "%lld", (long long)row->values[0].n);
    }
    const int at = view_field_at(p->v, p->f->words);
    TQ_ASSERT(at > 0);
    return row->values[at].s;
}

static bool offered(const picking *p, const view_row *row)
{
    const route states = {.when = p->f->words};
    return pick_by_column(p->f) || p->v->state < 0 ||
           route_when(&states, row->values[p->v->state].s);
}

static void take(picking *p, const view_rows *rows)
{
    for (size_t i = 0; i < rows->n && !p->more; i++) {
        if (!offered(p, &rows->rows[i])) {
            continue;
        }
        if (p->n == PICK_SHOWN) {
            p->more = true;
            return;
        }
        p->options[p->n++] = (pick_option){
            value_of(p, &rows->rows[i]),
            view_title(p->v, &rows->rows[i], &p->w->style, p->w->call.a),
        };
    }
}

/* The child of the row at hand that the field means; NULL where the view has a list of its own. */
static const view_child *child_of(const picking *p)
{
    const route *r = p->w->match.route;
    if (r->view == VIEW_NONE || view_within(p->v, REACH_PROGRAMME)) {
        return NULL;
    }
    const view *at_hand = view_of(r->view);
    for (int i = 0; i < at_hand->n_children; i++) {
        if (at_hand->children[i].view == p->f->pick) {
            return &at_hand->children[i];
        }
    }
    return NULL;
}

static tq_code take_list(picking *p, store_tx *tx, str q, tq_err *err)
{
    view_query ask = {.limit = VIEW_PAGE_MAX, .state = STR(""), .q = p->v->by_search ? q : STR("")};
    for (size_t looked = 0; !p->more;) {
        view_rows rows;
        TQ_TRY(view_list(tx, p->v, &p->w->scope, &ask, p->w->call.a, &rows, err));
        take(p, &rows);
        looked += rows.n;
        if (!rows.more) {
            break;
        }
        p->more = p->more || looked >= PICK_LOOKED;
        ask.after = rows.rows[rows.n - 1].values[0].n;
    }
    return TQ_OK;
}

tq_code pick_read(const web_rq *w, store_tx *tx, const field *f, str q, const pick_list **known,
                  const pick_list **out, tq_err *err)
{
    for (const pick_list *l = *known; l != NULL; l = l->next) {
        if (l->of == f && str_eq(l->q, q)) {
            *out = l;
            return TQ_OK;
        }
    }
    picking p = {.w = w, .f = f, .v = view_of(f->pick)};
    p.options = ARENA_NEW(w->call.a, pick_option, PICK_SHOWN);
    const view_child *child = child_of(&p);
    if (child != NULL) {
        view_rows rows;
        TQ_TRY(view_children(tx, child, w->match.id, w->call.a, &rows, err));
        take(&p, &rows);
    } else {
        TQ_TRY(take_list(&p, tx, q, err));
    }
    pick_list *l = ARENA_NEW(w->call.a, pick_list, 1);
    *l = (pick_list){
        .of = f, .q = q, .options = p.options, .n = p.n, .more = p.more, .next = *known};
    *known = l;
    *out = l;
    return TQ_OK;
}

tq_code pick_chosen(const web_rq *w, store_tx *tx, const field *f, str value, str *label,
                    tq_err *err)
{
    const view *v = view_of(f->pick);
    long long id = 0;
    view_row row;
    *label = STR("");
    if (pick_by_column(f)) {
        *label = value; /* it names itself */
        return TQ_OK;
    }
    if (!str_int64(value, &id) || id <= 0) {
        return TQ_OK;
    }
    const tq_code code = view_one(tx, v, &w->scope, id, w->call.a, &row, err);
    if (code == TQ_OK) {
        *label = view_title(v, &row, &w->style, w->call.a);
    }
    return code == TQ_NOT_FOUND ? TQ_OK : code;
}
