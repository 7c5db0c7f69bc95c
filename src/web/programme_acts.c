/* SPDX-License-Identifier: Apache-2.0 */
#include "app/programme.h"
#include "web/acts.h"

tq_code act_calendar_set(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_calendar_set *f = (const in_calendar_set *)in;
    const calendar_rq rq = {
        .year = f->year.n, .holidays = f->holidays.s, .workdays = f->workdays.s};
    done->path = "/calendars";
    return calendar_set(w->app, &w->call, &rq, err);
}

tq_code act_programme_open(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_programme_open *f = (const in_programme_open *)in;
    const programme_facts rq = {
        .code = f->code.s,
        .name_zh = f->name_zh.s,
        .name_en = f->name_en.s,
        .division = f->division.s,
        .currency = f->currency.s,
        .zone = f->zone.s,
        .fiscal_month = f->fiscal_month.n,
    };
    done->view = VIEW_PROGRAMME;
    return programme_open(w->app, &w->call, &rq, &done->id, err);
}

/* The programme named in the address, not the one that is acted in: the use case asks whether the actor's
 * grant covers it. */
tq_code act_programme_change(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_programme_change *f = (const in_programme_change *)in;
    const programme_change_rq rq = {
        .name_zh = f->name_zh.s,
        .name_en = f->name_en.s,
        .zone = f->zone.s,
        .office = f->office.s,
        .phone = f->phone.s,
        .address = f->address.s,
    };
    call there = w->call;
    (void)done;
    there.who.programme_id = w->match.id;
    return programme_change(w->app, &there, &rq, err);
}

tq_code act_outage_file(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_outage_file *f = (const in_outage_file *)in;
    done->view = VIEW_OUTAGE;
    return outage_file(w->app, &w->call, web_day(&f->from), web_day(&f->to), f->cause.s, &done->id,
                       err);
}

tq_code act_outage_declare(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return outage_declare(w->app, &w->call, w->match.id, err);
}

tq_code act_outage_withdraw(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return outage_withdraw(w->app, &w->call, w->match.id, err);
}

tq_code act_call_open(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    const in_call_open *f = (const in_call_open *)in;
    const call_open_rq rq = {.title = f->title.s,
                             .detail = f->detail.s,
                             .from = web_day(&f->from),
                             .to = web_day(&f->to)};
    done->view = VIEW_OPEN_CALL;
    return call_open(w->app, &w->call, &rq, &done->id, err);
}

tq_code act_call_close(web_rq *w, const field_slot *in, web_done *done, tq_err *err)
{
    (void)in;
    (void)done;
    return call_close(w->app, &w->call, w->match.id, err);
}

/* --- the year of a calendar as a table -------------------------------------------------------------- */

static bool listed(str days, day d)
{
    BUF_AUTO buf text = buf_max(16);
    day_print(d, &text);
    return days.len > 0 &&
           memmem(days.data, days.len, buf_view(&text).data, buf_view(&text).len) != NULL;
}

static void one_month(const web_rq *w, int year, int month, str holidays, str workdays, doc *in)
{
    doc *cells = doc_list(in, "days");
    doc_text(in, "month", arena_printf(w->call.a, "%d-%02d", year, month));
    for (int n = 1; n <= 31; n++) {
        const ymd date = {year, month, n};
        doc *cell = doc_object(cells, NULL);
        const bool there = ymd_valid(date);
        const day d = there ? day_of_ymd(date) : (day){0};
        const int weekday = there ? day_weekday(d) : 0;
        doc_int(cell, "day", there ? n : 0);
        doc_bool(cell, "holiday", there && listed(holidays, d));
        doc_bool(cell, "workday", there && listed(workdays, d));
        doc_bool(cell, "weekend",
                 there && weekday >= 6 && !listed(workdays, d) && !listed(holidays, d));
    }
}

tq_code page_calendar_table(web_rq *w, http_reply *out, tq_err *err)
{
    const view *v = view_of(VIEW_CALENDAR_YEAR);
    view_row row;
    TX_AUTO store_tx *tx = NULL;
    doc *body = doc_new(w->call.a);
    TQ_TRY(work_read(w->app, &tx, err));
    TQ_TRY(view_one(tx, v, &w->scope, w->match.id, w->call.a, &row, err));
    store_rollback(&tx);
    const int year = (int)row.values[view_field_at(v, "year")].n;
    const str holidays = row.values[view_field_at(v, "holidays")].s;
    const str workdays = row.values[view_field_at(v, "workdays")].s;
    doc_int(body, "year", year);
    doc *numbers = doc_for_page(doc_list(body, "numbers"));
    for (int n = 1; n <= 31; n++) {
        doc_int(doc_object(numbers, NULL), "n", n);
    }
    doc *months = doc_list(body, "months");
    for (int m = 1; m <= 12; m++) {
        one_month(w, year, m, holidays, workdays, doc_object(months, NULL));
    }
    page_title(body,
               arena_printf(w->call.a, "%s %d", text_of(w->lang, "view.calendar_year"), year));
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, "calendar", body, out, err);
}
