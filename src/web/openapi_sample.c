/* SPDX-License-Identifier: Apache-2.0 */
#include "web/openapi_inner.h"

/* Values that a route's own schema accepts; whether a row has that number only the programme knows. */

#define CURL_BODY_MAX 4096

static void sample(canon *c, const field *f);

static void sample_fields(canon *c, const field *fields, int n)
{
    canon_open(c);
    for (int i = 0; i < n; i++) {
        if ((fields[i].flags & REQ) != 0 && fields[i].type != FIELD_FILE) {
            canon_key(c, fields[i].name);
            sample(c, &fields[i]);
        }
    }
    canon_close(c);
}

static void sample_text(canon *c, const field *f)
{
    /* Words that are offered stand first; a name picked from another list has the column in `words`. */
    if (f->words != NULL && f->words[0] != '\0' && f->pick == VIEW_NONE) {
        canon_str(c, (str){f->words, strcspn(f->words, " ")});
    } else {
        canon_str(c, STR("…"));
    }
}

static void sample(canon *c, const field *f)
{
    switch (f->type) {
    case FIELD_MONEY:
        canon_str(c, STR("30000.00"));
        break;
    case FIELD_RATE:
        canon_str(c, STR("10.00"));
        break;
    case FIELD_DAY:
        canon_str(c, STR("2026-09-01"));
        break;
    case FIELD_ID:
    case FIELD_PICK:
        canon_int(c, 1);
        break;
    case FIELD_INT:
        canon_int(c, f->min);
        break;
    case FIELD_BOOL:
        canon_bool(c, true);
        break;
    case FIELD_TEXT:
    case FIELD_LONG:
    case FIELD_SECRET:
    case FIELD_CHOICE:
        sample_text(c, f);
        break;
    case FIELD_ROWS:
        canon_list(c);
        sample_fields(c, f->rows, f->n_rows_fields);
        canon_list_end(c);
        break;
    case FIELD_FILE:
        TQ_ASSERT(false); /* travels in forms only */
    }
}

void route_sample(canon *c, const route *r)
{
    sample_fields(c, r->fields, r->n_fields);
}

static void curl_upload(const route *r, buf *out)
{
    for (int i = 0; i < r->n_fields; i++) {
        const field *f = &r->fields[i];
        if ((f->flags & REQ) != 0) {
            buf_printf(out, " -F %s=%s", f->name, f->type == FIELD_FILE ? "@FILE" : "…");
        }
    }
}

void route_curl(const route *r, buf *out)
{
    buf_text(out, "curl -H \"Authorization: Bearer $TOKEN\"");
    if (route_reads(r)) {
        buf_text(out, r->kind == ROUTE_PAGE ? "" : " -H 'Accept: application/json'");
    } else {
        buf_text(out, " -H \"Idempotency-Key: $KEY\"");
        if (takes_file(r, true)) {
            curl_upload(r, out);
        } else {
            BUF_AUTO buf body = buf_max(CURL_BODY_MAX);
            canon c = canon_to(&body);
            route_sample(&c, r);
            buf_printf(out, " -H 'Content-Type: application/json' -d '%.*s'",
                       STR_ARG(buf_view(&body)));
        }
    }
    buf_printf(out, " \"$BASE%s\"", r->path);
}
