/* SPDX-License-Identifier: Apache-2.0 */
#include "app/draw_inner.h"

#include "app/row_change.h"

/* How a draw ends: published, or cancelled before anybody knows what it gives. */

/* --- what is stored against what is computed --------------------------------------------------------- */

static tq_code differs(const char *field, tq_err *err)
{
    return tq_fail(err, TQ_CORRUPT, "draw_stored", field,
                   "what is stored is not what the draw gives");
}

static bool score_is(str hex, digest score)
{
    digest d;
    return digest_from_hex(hex, &d) && digest_eq(d, score);
}

/* One row of the statement draw_picked, column by column, against the pick that belongs there. */
static bool pick_is(store_rows *r, const draw_again *d, const lots_pick *k)
{
    const lots_unit *u = &d->in.units[k->unit];
    const bool drawn = k->place > 0;
    bool same = str_eq(row_text(r), u->key);
    same = str_eq(row_text(r), drawn ? STR("drawn") : STR("must")) && same;
    same = str_eq(row_text(r), u->stratum) && same;
    same = row_int(r) == (u->amount > 0 ? u->amount : 0) && same;
    same = row_int(r) == k->place && same;
    const str score = row_text(r);
    return same && (drawn ? score_is(score, k->score) : score.len == 0);
}

/* R-DRAW-060: no pick may be missing, added or put in another place since the draw was run. */
static tq_code picks_need(store_tx *tx, int64_t draw_id, const draw_again *d, tq_err *err)
{
    size_t n = 0;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_DRAW_PICKED, ARGS(arg_int(draw_id)), &r, err));
    for (bool more = true;; n++) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return n == d->out.n_picks ? TQ_OK : differs("draw.picks", err);
        }
        if (n == d->out.n_picks || !pick_is(&r, d, &d->out.picks[n])) {
            return differs("draw.picks", err);
        }
    }
}

static tq_code visitors_need(store_tx *tx, int64_t draw_id, const draw_again *d, tq_err *err)
{
    size_t n = 0;
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_DRAW_VISITORS, ARGS(arg_int(draw_id)), &r, err));
    for (bool more = true;; n++) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return n == d->out.n_visitors ? TQ_OK : differs("draw.inspectors", err);
        }
        const lots_visitor *v = n < d->out.n_visitors ? &d->out.visitors[n] : NULL;
        if (v == NULL || row_int(&r) != d->person[v->person] || !score_is(row_text(&r), v->score)) {
            return differs("draw.inspectors", err);
        }
    }
}

/* --- acts -------------------------------------------------------------------------------------------- */

/* Computed before the transaction, as files are read outside of it; compared inside, under the lock of the draw. */
tq_code draw_publish(app *a, const call *c, const draw_step_request *rq, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    draw_again again;
    ARENA_AUTO arena *room = arena_new("draw", DRAW_ROOM);
    TQ_TRY(draw_compute(a, c, rq->draw_id, room, &again, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(draw_load(tx, c, rq->draw_id, row, err));
    TQ_TRY(draw_need(row, "drawn", err));
    TQ_TRY(picks_need(tx, rq->draw_id, &again, err));
    TQ_TRY(visitors_need(tx, rq->draw_id, &again, err));
    event e = work_event(c, EV_DRAW_PUBLISH);
    event_change(&e, T_DRAW, rq->draw_id);
    event_text(&e, C_DRAW_STATE, STR("published"));
    event_int(&e, C_DRAW_PUBLISHED_DAY, c->today.n);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* R-DRAW-030: no arrow leads out of a draw whose seed is revealed; the state table refuses it. A frozen one shows
 * the seed when it is cancelled: everybody can see what it would have given, and nobody freezes again and again
 * until a result pleases. */
tq_code draw_cancel(app *a, const call *c, const draw_step_request *rq, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    digest seed;
    TQ_TRY(line_need(rq->reason, "reason", err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_OFFICE) | ROLES(ROLE_GROUP), &tx, err));
    TQ_TRY(draw_load(tx, c, rq->draw_id, row, err));
    event e = work_event(c, EV_DRAW_CANCEL);
    event_change(&e, T_DRAW, rq->draw_id);
    event_text(&e, C_DRAW_STATE, STR("cancelled"));
    event_text(&e, C_DRAW_CAUSE, rq->reason);
    if (row_is(row, C_DRAW_STATE, "frozen")) {
        TQ_TRY(draw_seed(tx, rq->draw_id, c->a, &seed, err));
        draw_hex(&e, C_DRAW_SEED, seed);
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
