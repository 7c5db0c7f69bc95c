/* SPDX-License-Identifier: Apache-2.0 */
#include "app/signal_exchange.h"
#include "app/signal_list.h"
#include "app/signals.h"
#include "app/staff_signal.h"
#include "base/file.h"
#include "domain/signal.h"
#include "web/acts.h"
#include "web/signal_lines.h"
#include "web/site_inner.h"

tq_code act_signal_decide(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_signal_decide *f = (const in_signal_decide *)in;
    const signal_decision rq = {.signal_id = w->match.id,
                                .confirmed = str_eq(f->outcome.s, STR("confirmed")),
                                .note = f->note.s};
    (void)done;
    return signal_decide(w->app, &w->call, &rq, err);
}

tq_code act_staff_signal_decide(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_staff_signal_decide *f = (const in_staff_signal_decide *)in;
    const bool confirmed = str_eq(f->outcome.s, STR("confirmed"));
    (void)done;
    return staff_signal_decide(w->app, &w->call, w->match.id, confirmed, f->note.s, err);
}

tq_code act_staff_look_now(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_staff_look_now *f = (const in_staff_look_now *)in;
    staff_looked looked = {0};
    TQ_TRY(staff_look(w->app, &w->call, web_day(&f->from_day), web_day(&f->to_day), &looked, err));
    done->view = VIEW_STAFF_LOOK;
    done->id = looked.look_id;
    return TQ_OK;
}

tq_code act_signal_list_compare(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_signal_list_compare *f = (const in_signal_list_compare *)in;
    signal_list_rq rq = {.kind = f->kind.s};
    signal_list_report r = {0};
    TQ_TRY(file_read(f->file.file->path, SIGNAL_LIST_BYTES, w->call.a, &rq.bytes, err));
    TQ_TRY(signal_list_compare(w->app, &w->call, &rq, &r, err));
    done->view = VIEW_SIGNAL_LIST;
    done->id = r.list_id;
    return TQ_OK;
}

tq_code act_exchange_give(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_exchange_give *f = (const in_exchange_give *)in;
    exchange_report r = {0};
    TQ_TRY(exchange_give(w->app, &w->call, f->year.n, f->exchange_key.s, &r, err));
    done->view = VIEW_INVOICE_EXCHANGE;
    done->id = r.exchange_id;
    return TQ_OK;
}

tq_code act_exchange_take(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_exchange_take *f = (const in_exchange_take *)in;
    exchange_report r = {0};
    str bytes;
    TQ_TRY(file_read(f->file.file->path, EXCHANGE_FILE_MAX, w->call.a, &bytes, err));
    TQ_TRY(exchange_take(w->app, &w->call, bytes, f->exchange_key.s, &r, err));
    done->view = VIEW_INVOICE_EXCHANGE;
    done->id = r.exchange_id;
    return TQ_OK;
}

tq_code page_exchange_file(web_rq *w, http_reply *out, tq_err *err)
{
    str text;
    TQ_TRY(exchange_file(w->app, &w->call, w->match.id, &text, err));
    out->status = 200;
    out->type = "text/plain; charset=utf-8";
    out->sandboxed = true;
    http_reply_header(out, "Content-Disposition",
                      arena_printf(w->call.a, "attachment; filename=\"invoices-%.*s-%lld.txt\"",
                                   STR_ARG(w->programme.code), (long long)w->match.id));
    buf_str_add(&out->body, text);
    return TQ_OK;
}

/* Amounts of a machine's table are plain integers; a precision that nothing says is empty. */
static void report_csv(const signal_outcome *rows, size_t n, buf *out)
{
    buf_text(out, "kind,fired,decided,confirmed,precision_bp\n");
    for (size_t i = 0; i < n; i++) {
        const signal_outcome *o = &rows[i];
        buf_printf(out, "%.*s,%lld,%lld,%lld,", STR_ARG(o->kind), (long long)o->fired,
                   (long long)o->decided, (long long)o->confirmed);
        if (o->precision_bp >= 0) {
            buf_printf(out, "%lld", (long long)o->precision_bp);
        }
        buf_char(out, '\n');
    }
}

static void csv_reply(const signal_outcome *rows, size_t n, http_reply *out)
{
    report_csv(rows, n, &out->body);
    out->status = 200;
    out->type = "text/csv; charset=utf-8";
    out->sandboxed = true;
    http_reply_header(out, "Content-Disposition", STR("attachment; filename=\"signals.csv\""));
}

tq_code page_signal_report(web_rq *w, http_reply *out, tq_err *err)
{
    signal_outcome rows[SIGNAL_COUNT];
    size_t n = 0;
    day from, to;
    TQ_TRY(web_period(w, &from, &to, err));
    TQ_TRY(signal_outcomes(w->app, &w->call, from, to, rows, TQ_COUNT(rows), &n, err));
    if (str_eq(http_arg(w->http, "format"), STR("csv"))) {
        csv_reply(rows, n, out);
        return TQ_OK;
    }
    doc *body = doc_new(w->call.a);
    doc_day(body, "from", from.n);
    doc_day(body, "to", to.n);
    doc *list = doc_list(body, "items");
    for (size_t i = 0; i < n; i++) {
        doc *o = doc_object(list, NULL);
        doc_token(o, "kind", "signal_kind", rows[i].kind);
        doc_int(o, "fired", rows[i].fired);
        doc_int(o, "decided", rows[i].decided);
        doc_int(o, "confirmed", rows[i].confirmed);
        if (rows[i].precision_bp >= 0) {
            doc_bps(o, "precision", rows[i].precision_bp);
        }
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, "signal_report", body, out, err);
}

tq_code claim_signal_lines(const web_rq *w, store_tx *tx, int64_t claim_id, doc *list, tq_err *err)
{
    static const view_child of_claim = {VIEW_SIGNAL, STMT_VIEW_SIGNAL_BY_CLAIM};
    const route *item = route_of_view(VIEW_SIGNAL, ROUTE_ITEM, w->call.who.role);
    view_rows rows;
    TQ_TRY(view_children(tx, &of_claim, claim_id, w->call.a, &rows, err));
    for (size_t i = 0; i < rows.n && item != NULL; i++) {
        const view_value *values = rows.rows[i].values;
        const str state = values[view_field_at(rows.of, "state")].s;
        doc *o = doc_object(list, NULL);
        doc_token(o, "kind", "signal_kind", values[view_field_at(rows.of, "kind")].s);
        doc_token(o, "action", "signal_action", values[view_field_at(rows.of, "action")].s);
        doc_token(o, "state", "state.signal", state);
        doc_bool(o, "waits", str_eq(state, STR("open")) || str_eq(state, STR("referred")));
        decision_steps(w, o, values[view_field_at(rows.of, "reason")].s);
        doc_text(o, "note", values[view_field_at(rows.of, "note")].s);
        doc_text(o, "href", route_path(item, values[0].n, w->call.a));
    }
    return TQ_OK;
}
