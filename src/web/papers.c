/* SPDX-License-Identifier: Apache-2.0 */
#include "app/evidence.h"
#include "base/file.h"
#include "web/acts.h"

#define LABEL_MAX 120

tq_code web_file_bytes(web_rq *w, const field_slot *file, str *out, tq_err *err)
{
    TQ_ASSERT(file->file != NULL);
    return file_read(file->file->path, EVIDENCE_BYTES_MAX, w->call.a, out, err);
}

str web_file_label(const web_rq *w, const field_slot *file)
{
    TQ_ASSERT(file->file != NULL);
    const str whole = file->file->name;
    const char *slash = memrchr(whole.data, '/', whole.len);
    const char *from = slash == NULL ? whole.data : slash + 1;
    str name = {from, whole.len - (size_t)(from - whole.data)};
    if (name.len > LABEL_MAX) {
        name.len = LABEL_MAX;
        while (name.len > 0 && !str_utf8(name)) {
            name.len--;
        }
    }
    return str_line_ok(name, LABEL_MAX) ? arena_copy(w->call.a, name) : STR("file");
}

tq_code web_paper(web_rq *w, const field_slot *no, const field_slot *paper_day,
                  const field_slot *scan, decision_paper *out, tq_err *err)
{
    *out = (decision_paper){.number = no->s, .day = web_day(paper_day), .blob = STR("")};
    if (scan->file != NULL) {
        str bytes;
        char hex[65];
        TQ_TRY(web_file_bytes(w, scan, &bytes, err));
        TQ_TRY(evidence_put(w->app, bytes, hex, err));
        out->blob = arena_copy(w->call.a, str_of(hex));
    }
    return TQ_OK;
}

day web_day(const field_slot *f)
{
    return f->given ? (day){(int32_t)f->n} : DAY_NONE;
}

tq_code web_period(const web_rq *w, day *from, day *to, tq_err *err)
{
    const str first = http_arg(w->http, "from");
    const str last = http_arg(w->http, "to");
    *from = day_of_ymd((ymd){day_ymd(w->call.today).year, 1, 1});
    *to = w->call.today;
    if (first.len > 0) {
        TQ_TRY(day_parse(first, from, err));
    }
    return last.len > 0 ? day_parse(last, to, err) : TQ_OK;
}

str web_rows_href(const web_rq *w, const char *route_name, const char *state, const char *on,
                  day from, day to)
{
    const route *list = route_named(route_name);
    TQ_ASSERT(list != NULL);
    if (!web_may(w, list)) {
        return STR("");
    }
    BUF_AUTO buf b = buf_max(256);
    buf_text(&b, list->path);
    if (state[0] != '\0') {
        buf_printf(&b, "?state=%s", state);
    }
    if (on[0] != '\0') {
        buf_printf(&b, "%con=%s&from=", state[0] != '\0' ? '&' : '?', on);
        day_print(from, &b);
        buf_text(&b, "&to=");
        day_print(to, &b);
    }
    return arena_copy(w->call.a, buf_view(&b));
}

const char *web_cstr(const web_rq *w, const field_slot *f)
{
    return arena_copy(w->call.a, f->s).data;
}
