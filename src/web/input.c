/* SPDX-License-Identifier: Apache-2.0 */
#include "web/input.h"

#include "base/canon.h"

/* A value before it has a type, from a form or from JSON. */
typedef struct raw_value {
    bool there; /* a field of a form that is left empty is not there */
    bool text;  /* else a JSON integer or boolean, whose text stands in s */
    canon_type type;
    str s;
} raw_value;

typedef struct reader {
    const http_request *rq;
    const canon_node *json; /* the object at hand; NULL: a form */
    str prefix;             /* of form names: "lines.0." */
    const currency *money;
    input_faults *faults;
    arena *a;
} reader;

void input_fault_add(input_faults *f, str name, const char *reason, str detail)
{
    if (f->n < INPUT_FAULTS_MAX) {
        f->at[f->n++] = (input_fault){name, reason, detail};
    }
}

static void fault(const reader *in, const field *f, const char *reason, const char *detail)
{
    const str name = arena_printf(in->a, "%.*s%s", STR_ARG(in->prefix), f->name);
    input_fault_add(in->faults, name, reason, str_of(detail));
}

str input_raw(const http_request *rq, str name)
{
    for (size_t i = 0; i < rq->n_form; i++) {
        if (str_eq(rq->form[i].name, name)) {
            return rq->form[i].value;
        }
    }
    return (str){0};
}

bool input_asks_again(const http_request *rq)
{
    return input_raw(rq, STR(INPUT_FIND)).len > 0 || input_raw(rq, STR(INPUT_MORE)).len > 0;
}

static raw_value raw_of(const reader *in, const field *f)
{
    if (in->json == NULL) {
        const str name = arena_printf(in->a, "%.*s%s", STR_ARG(in->prefix), f->name);
        const str s = input_raw(in->rq, name);
        return (raw_value){s.len > 0, true, CANON_STR, s};
    }
    const canon_node *n = canon_get(in->json, f->name);
    if (n == NULL || n->type == CANON_NULL) {
        return (raw_value){0};
    }
    return (raw_value){true, n->type == CANON_STR, n->type,
                       n->type == CANON_STR ? n->text : n->raw};
}

static bool word_of(const char *words, str word)
{
    str left = str_of(words);
    while (left.len > 0) {
        const char *blank = memchr(left.data, ' ', left.len);
        const size_t n = blank == NULL ? left.len : (size_t)(blank - left.data);
        if (str_eq((str){left.data, n}, word)) {
            return true;
        }
        left = blank == NULL ? (str){0} : (str){blank + 1, left.len - n - 1};
    }
    return false;
}

static void whole(const reader *in, const field *f, const raw_value *raw, field_slot *out)
{
    long long n = 0;
    if ((raw->type != CANON_INT && !raw->text) || !str_int64(raw->s, &n)) {
        fault(in, f, "whole_number", "write a whole number in plain digits");
    } else if (f->type == FIELD_INT && (n < f->min || n > f->max)) {
        const str detail = arena_printf(in->a, "write a number from %lld to %lld",
                                        (long long)f->min, (long long)f->max);
        fault(in, f, "number_range", detail.data);
    } else {
        out->n = n;
    }
}

/* "1,234,567.00" as people and our own pages write it, without its marks. A mark anywhere else than between
 * groups of three is left in, and the amount is refused: nothing is guessed. */
static str without_marks(const reader *in, str s)
{
    const char *dot = memchr(s.data, '.', s.len);
    const size_t whole = dot == NULL ? s.len : (size_t)(dot - s.data);
    char *plain = ARENA_NEW(in->a, char, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        const bool place = i > 0 && i < whole && (whole - i) % 4 == 0;
        if ((s.data[i] == ',') != (place && whole > 3 && memchr(s.data, ',', whole) != NULL)) {
            return s;
        }
        if (s.data[i] != ',') {
            plain[n++] = s.data[i];
        }
    }
    return (str){plain, n};
}

static void amount(const reader *in, const field *f, const raw_value *raw, field_slot *out)
{
    money m = {0};
    tq_err err;
    if (!raw->text) {
        fault(in, f, "amount_form", "write the amount as text: \"30000.00\"");
    } else if (money_parse(in->json == NULL ? without_marks(in, raw->s) : raw->s, in->money, &m,
                           &err) != TQ_OK) {
        fault(in, f, "amount_form", "write the amount in plain digits, as 30000 or 30000.00");
    } else {
        out->n = m.minor;
    }
}

/* A percentage with two decimals at most is basis points without rounding. */
static void percent(const reader *in, const field *f, const raw_value *raw, field_slot *out)
{
    static const currency hundredths = {.minor_digits = 2};
    money m = {0};
    tq_err err;
    str s = raw->s;
    if (raw->text && s.len > 0 && s.data[s.len - 1] == '%') {
        s.len--;
    }
    if (!raw->text || money_parse(s, &hundredths, &m, &err) != TQ_OK || m.minor < f->min ||
        m.minor > f->max) {
        fault(in, f, "rate_form", "write a percentage as 10 or 12.5, within its bounds");
    } else {
        out->n = m.minor;
    }
}

static void date(const reader *in, const field *f, const raw_value *raw, field_slot *out)
{
    day d = {0};
    tq_err err;
    if (!raw->text || day_parse(raw->s, &d, &err) != TQ_OK) {
        fault(in, f, "day_form", "write the day as 2013-09-01");
    } else {
        out->n = d.n;
    }
}

/* Lines of text may hold line ends; a browser sends them as CR LF. */
static bool lines_ok(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = (unsigned char)s.data[i];
        if (c < 0x20 && c != '\n' && c != '\r' && c != '\t') {
            return false;
        }
    }
    return str_utf8(s);
}

static void text(const reader *in, const field *f, const raw_value *raw, field_slot *out)
{
    if (!raw->text) {
        fault(in, f, "text_form", "write a text");
    } else if ((int64_t)raw->s.len > f->max) {
        const str detail = arena_printf(in->a, "at most %lld bytes", (long long)f->max);
        fault(in, f, "text_length", detail.data);
    } else if (f->type == FIELD_LONG
                   ? !lines_ok(raw->s)
                   : f->type == FIELD_TEXT && !str_line_ok(raw->s, (size_t)f->max)) {
        fault(in, f, "text_form", "no control, invisible or direction characters");
    } else {
        out->s = raw->s;
    }
}

static void choice(const reader *in, const field *f, const raw_value *raw, field_slot *out)
{
    if (!raw->text || !word_of(f->words, raw->s)) {
        const str detail = arena_printf(in->a, "one of: %s", f->words);
        fault(in, f, "choice", detail.data);
    } else {
        out->s = raw->s;
    }
}

static void truth(const reader *in, const field *f, const raw_value *raw, field_slot *out)
{
    const bool yes = str_eq(raw->s, STR("true")) || (in->json == NULL && str_eq(raw->s, STR("on")));
    if (!yes && !str_eq(raw->s, STR("false"))) {
        fault(in, f, "truth", "true or false");
    } else {
        out->n = yes;
    }
}

static void upload(const reader *in, const field *f, field_slot *out)
{
    for (size_t i = 0; i < in->rq->n_files; i++) {
        const http_file *file = &in->rq->files[i];
        if (str_eq(file->field, str_of(f->name)) && file->bytes > 0) {
            out->given = true;
            out->file = file;
            out->s = str_of(file->sha256);
        }
    }
    if (!out->given && (f->flags & REQ) != 0) {
        fault(in, f, "required", "choose a file");
    } else if (out->given && out->file->bytes > f->max) {
        fault(in, f, "file_size", "the file is larger than what is taken here");
    }
}

static tq_code fields(const reader *in, const field *fs, int n, field_slot *out, tq_err *err);

/* The greatest index of rows that the form names, + 1. */
static size_t form_rows(const reader *in, const field *f)
{
    size_t most = 0;
    const str head = arena_printf(in->a, "%s.", f->name);
    for (size_t i = 0; i < in->rq->n_form; i++) {
        const str name = in->rq->form[i].name;
        if (!str_starts(name, head)) {
            continue;
        }
        long long k = 0;
        const char *from = name.data + head.len;
        const char *dot = memchr(from, '.', name.len - head.len);
        if (dot != NULL && str_int64((str){from, (size_t)(dot - from)}, &k) && k < INPUT_ROWS_MAX &&
            (size_t)k + 1 > most) {
            most = (size_t)k + 1;
        }
    }
    return most;
}

static bool row_empty(const reader *in, const field *f)
{
    for (int i = 0; i < f->n_rows_fields; i++) {
        if (raw_of(in, &f->rows[i]).there) {
            return false;
        }
    }
    return true;
}

static tq_code rows(const reader *in, const field *f, field_slot *out, tq_err *err)
{
    const canon_node *list = in->json == NULL ? NULL : canon_get(in->json, f->name);
    if (list != NULL && list->type != CANON_LIST && list->type != CANON_NULL) {
        fault(in, f, "rows_form", "write a list of objects");
        return TQ_OK;
    }
    const size_t room = in->json != NULL ? (list == NULL ? 0 : list->count) : form_rows(in, f);
    if ((int64_t)room > f->max || room > INPUT_ROWS_MAX) {
        fault(in, f, "rows_count", "there are more rows than can be taken at once");
        return TQ_OK;
    }
    field_slot *slots = ARENA_NEW(in->a, field_slot, room * (size_t)f->n_rows_fields + 1);
    const canon_node *item = list == NULL ? NULL : list->kids;
    for (size_t i = 0; i < room; i++) {
        reader inner = *in;
        inner.prefix = arena_printf(in->a, "%s.%zu.", f->name, i);
        if (in->json != NULL) {
            inner.json = item;
            item = item->next;
            if (inner.json->type != CANON_OBJECT) {
                fault(in, f, "rows_form", "write a list of objects");
                return TQ_OK;
            }
        } else if (row_empty(&inner, f)) {
            continue;
        }
        TQ_TRY(fields(&inner, f->rows, f->n_rows_fields,
                      slots + out->n_rows * (size_t)f->n_rows_fields, err));
        out->n_rows++;
    }
    out->rows = slots;
    out->given = out->n_rows > 0;
    if (!out->given && (f->flags & REQ) != 0) {
        fault(in, f, "required", "give at least one row");
    }
    return TQ_OK;
}

static void scalar(const reader *in, const field *f, field_slot *out)
{
    const raw_value raw = raw_of(in, f);
    if (!raw.there) {
        /* a box that is not ticked is sent by no browser */
        if ((f->flags & REQ) != 0 && !(f->type == FIELD_BOOL && in->json == NULL)) {
            fault(in, f, "required", "this must be filled in");
        }
        return;
    }
    out->given = true;
    switch (f->type) {
    case FIELD_ID:
    case FIELD_PICK:
    case FIELD_INT:
        whole(in, f, &raw, out);
        break;
    case FIELD_MONEY:
        amount(in, f, &raw, out);
        break;
    case FIELD_RATE:
        percent(in, f, &raw, out);
        break;
    case FIELD_DAY:
        date(in, f, &raw, out);
        break;
    case FIELD_TEXT:
    case FIELD_LONG:
    case FIELD_SECRET:
        text(in, f, &raw, out);
        break;
    case FIELD_CHOICE:
        choice(in, f, &raw, out);
        break;
    case FIELD_BOOL:
        truth(in, f, &raw, out);
        break;
    case FIELD_FILE:
    case FIELD_ROWS:
        TQ_ASSERT(false);
    }
}

/* Names of an object that no field has are refused: nothing may be set that was not offered (I20). */
static tq_code known_only(const reader *in, const field *fs, int n, tq_err *err)
{
    for (const canon_node *k = in->json->kids; k != NULL; k = k->next) {
        int i = 0;
        while (i < n && !str_eq(k->key, str_of(fs[i].name))) {
            i++;
        }
        if (i == n) {
            return tq_fail(err, TQ_MALFORMED, "unknown_field", arena_copy(in->a, k->key).data,
                           "there is no such field here");
        }
    }
    return TQ_OK;
}

static tq_code fields(const reader *in, const field *fs, int n, field_slot *out, tq_err *err)
{
    if (in->json != NULL) {
        TQ_TRY(known_only(in, fs, n, err));
    }
    for (int i = 0; i < n; i++) {
        if (fs[i].type == FIELD_ROWS) {
            TQ_TRY(rows(in, &fs[i], &out[i], err));
        } else if (fs[i].type == FIELD_FILE) {
            upload(in, &fs[i], &out[i]);
        } else {
            scalar(in, &fs[i], &out[i]);
        }
    }
    return TQ_OK;
}

static bool form_name_known(const route *r, str name)
{
    static const char *const own[] = {"_csrf",    "_idem",    "_version", "_lang",
                                      INPUT_THEN, INPUT_FIND, INPUT_MORE};
    for (size_t i = 0; i < TQ_COUNT(own); i++) {
        if (str_eq(name, str_of(own[i]))) {
            return true;
        }
    }
    if (str_starts(name, STR("_q."))) {
        name = (str){name.data + 3, name.len - 3}; /* the search box of a choice */
    }
    for (int i = 0; i < r->n_fields; i++) {
        const field *f = &r->fields[i];
        if (f->type != FIELD_ROWS) {
            if (str_eq(name, str_of(f->name))) {
                return true;
            }
            continue;
        }
        const size_t head = strlen(f->name);
        if (name.len <= head + 2 || memcmp(name.data, f->name, head) != 0 ||
            name.data[head] != '.') {
            continue;
        }
        const char *dot = memchr(name.data + head + 1, '.', name.len - head - 1);
        for (int k = 0; dot != NULL && k < f->n_rows_fields; k++) {
            if (str_eq((str){dot + 1, name.len - (size_t)(dot + 1 - name.data)},
                       str_of(f->rows[k].name))) {
                return true;
            }
        }
    }
    return false;
}

static tq_code form_names(const route *r, const http_request *rq, tq_err *err)
{
    for (size_t i = 0; i < rq->n_form; i++) {
        const str name = rq->form[i].name;
        if (!form_name_known(r, name)) {
            return tq_fail(err, TQ_MALFORMED, "unknown_field", arena_copy(rq->a, name).data,
                           "there is no such field here");
        }
        for (size_t k = 0; k < i; k++) {
            if (str_eq(rq->form[k].name, name)) {
                return tq_fail(err, TQ_MALFORMED, "repeated_field", arena_copy(rq->a, name).data,
                               "the field comes twice");
            }
        }
    }
    return TQ_OK;
}

tq_code input_read(const route *r, const http_request *rq, const currency *money_of,
                   field_slot *slots, input_faults *faults, tq_err *err)
{
    reader in = {.rq = rq, .money = money_of, .faults = faults, .a = rq->a};
    if (rq->body_kind == HTTP_JSON) {
        TQ_TRY(json_read(rq->body, rq->a, &in.json, err));
        if (in.json->type != CANON_OBJECT) {
            return tq_fail(err, TQ_MALFORMED, "json_object", NULL, "send one JSON object");
        }
    } else {
        TQ_TRY(form_names(r, rq, err));
    }
    TQ_TRY(fields(&in, r->fields, r->n_fields, slots, err));
    if (faults->n > 0) {
        return tq_fail(err, TQ_INVALID, "fields", arena_copy(rq->a, faults->at[0].field).data,
                       "%.*s", STR_ARG(faults->at[0].detail));
    }
    return TQ_OK;
}
