/* SPDX-License-Identifier: Apache-2.0 */

/* A JSON body that a route accepts is within what each field allows, and written again from its typed
 * fields it is read as the same; sent as a form it is the same too. What is refused says why. */

#include <stdint.h>

#include "base/canon.h"
#include "http/form.h"
#include "web/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 65536
#define TEXT_MAX 40
#define LONG_MAX 400
#define ROWS_MOST 5
#define NUMBER_MAX 9999
#define WORDS "testing research advice"

static const field row_fields[] = {
    {.name = "amount", .type = FIELD_MONEY, .flags = REQ},
    {.name = "text", .type = FIELD_TEXT, .max = TEXT_MAX},
};

/* One field of each type that JSON can carry; a file comes by multipart only. */
static const field all_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = REQ},
    {.name = "number", .type = FIELD_INT, .min = -5, .max = NUMBER_MAX},
    {.name = "money", .type = FIELD_MONEY},
    {.name = "day", .type = FIELD_DAY},
    {.name = "text", .type = FIELD_TEXT, .max = TEXT_MAX},
    {.name = "long", .type = FIELD_LONG, .max = LONG_MAX},
    {.name = "secret", .type = FIELD_SECRET, .max = TEXT_MAX},
    {.name = "choice", .type = FIELD_CHOICE, .words = WORDS, .set = "outcome"},
    {.name = "truth", .type = FIELD_BOOL},
    {.name = "lines", .type = FIELD_ROWS, .max = ROWS_MOST, .rows = row_fields, .n_rows_fields = 2},
};

#define N_FIELDS (sizeof all_fields / sizeof all_fields[0])

static const route all_of_them = {.name = "fuzz",
                                  .kind = ROUTE_DO,
                                  .path = "/fuzz",
                                  .fields = all_fields,
                                  .n_fields = (int)N_FIELDS};

static const currency yuan = {.code = "CNY", .minor_digits = 2};

static tq_code read_as(http_body kind, str body, const http_pair *form, size_t n_form, arena *a,
                       field_slot *slots)
{
    const http_request rq = {.method = HTTP_POST,
                             .body_kind = kind,
                             .body = body,
                             .form = form,
                             .n_form = n_form,
                             .a = a};
    input_faults faults = {0};
    tq_err err = {0};
    const tq_code code = input_read(&all_of_them, &rq, &yuan, slots, &faults, &err);
    TQ_ASSERT((code == TQ_OK) == (faults.n == 0 && err.reason[0] == '\0'));
    for (size_t i = 0; i < faults.n; i++) {
        TQ_ASSERT(faults.at[i].field.len > 0 && faults.at[i].reason[0] != '\0');
    }
    return code;
}

static bool is_text(field_type t)
{
    return t == FIELD_TEXT || t == FIELD_LONG || t == FIELD_SECRET || t == FIELD_CHOICE;
}

/* What the field promises its handler. */
static void need_within(const field *f, const field_slot *slot)
{
    if (!slot->given) {
        TQ_ASSERT((f->flags & REQ) == 0 && slot->n == 0 && slot->s.len == 0 && slot->n_rows == 0);
    } else if (f->type == FIELD_INT) {
        TQ_ASSERT(slot->n >= f->min && slot->n <= f->max);
    } else if (f->type == FIELD_MONEY) {
        TQ_ASSERT(slot->n >= 0);
    } else if (f->type == FIELD_CHOICE) {
        TQ_ASSERT(slot->s.len > 0 && memchr(slot->s.data, ' ', slot->s.len) == NULL);
        TQ_ASSERT(memmem(WORDS, strlen(WORDS), slot->s.data, slot->s.len) != NULL);
    } else if (f->type == FIELD_BOOL) {
        TQ_ASSERT(slot->n == 0 || slot->n == 1);
    } else if (is_text(f->type)) {
        TQ_ASSERT((int64_t)slot->s.len <= f->max && str_utf8(slot->s));
        TQ_ASSERT(slot->s.len == 0 || memchr(slot->s.data, '\0', slot->s.len) == NULL);
    }
}

static void all_within(const field_slot *slots)
{
    for (size_t i = 0; i < N_FIELDS; i++) {
        need_within(&all_fields[i], &slots[i]);
    }
    const field_slot *lines = &slots[N_FIELDS - 1];
    TQ_ASSERT(lines->n_rows <= ROWS_MOST);
    for (size_t i = 0; i < lines->n_rows * 2; i++) {
        need_within(&row_fields[i % 2], &lines->rows[i]);
    }
}

/* The value as a person would type it. */
static str written(const field *f, const field_slot *slot, arena *a)
{
    BUF_AUTO buf b = buf_max(INPUT_MAX);
    if (f->type == FIELD_MONEY) {
        money_print((money){slot->n}, &yuan, &b);
    } else if (f->type == FIELD_DAY) {
        day_print((day){(int32_t)slot->n}, &b);
    } else if (f->type == FIELD_BOOL) {
        buf_text(&b, slot->n == 1 ? "true" : "false");
    } else if (is_text(f->type)) {
        buf_str_add(&b, slot->s);
    } else {
        buf_printf(&b, "%lld", (long long)slot->n);
    }
    return arena_copy(a, buf_view(&b));
}

static void write_value(canon *c, const field *f, const field_slot *slot, arena *a)
{
    if (!slot->given || f->type == FIELD_ROWS) {
        return;
    }
    canon_key(c, f->name);
    if (f->type == FIELD_BOOL) {
        canon_bool(c, slot->n == 1);
    } else if (f->type == FIELD_ID || f->type == FIELD_INT) {
        canon_int(c, slot->n);
    } else {
        canon_str(c, written(f, slot, a));
    }
}

static void write_json(const field_slot *slots, arena *a, buf *out)
{
    canon c = canon_to(out);
    const field_slot *lines = &slots[N_FIELDS - 1];
    canon_open(&c);
    for (size_t i = 0; i < N_FIELDS; i++) {
        write_value(&c, &all_fields[i], &slots[i], a);
    }
    canon_key(&c, "lines");
    canon_list(&c);
    for (size_t i = 0; i < lines->n_rows; i++) {
        canon_open(&c);
        write_value(&c, &row_fields[0], &lines->rows[i * 2], a);
        write_value(&c, &row_fields[1], &lines->rows[i * 2 + 1], a);
        canon_close(&c);
    }
    canon_list_end(&c);
    canon_close(&c);
}

static size_t add_pair(http_pair *pairs, size_t n, const char *head, const field *f,
                       const field_slot *slot, arena *a)
{
    if (!slot->given || f->type == FIELD_ROWS) {
        return n;
    }
    pairs[n] = (http_pair){arena_printf(a, "%s%s", head, f->name), written(f, slot, a)};
    return n + 1;
}

static size_t write_form(const field_slot *slots, arena *a, http_pair *pairs)
{
    const field_slot *lines = &slots[N_FIELDS - 1];
    size_t n = 0;
    for (size_t i = 0; i < N_FIELDS; i++) {
        n = add_pair(pairs, n, "", &all_fields[i], &slots[i], a);
    }
    for (size_t i = 0; i < lines->n_rows * 2; i++) {
        const str head = arena_printf(a, "lines.%zu.", i / 2);
        n = add_pair(pairs, n, head.data, &row_fields[i % 2], &lines->rows[i], a);
    }
    return n;
}

/* An empty field of a form is not there, while an empty text of JSON is. */
static void need_same(const field *f, const field_slot *x, const field_slot *y, bool form)
{
    const bool empty = form && x->given && is_text(f->type) && x->s.len == 0;
    TQ_ASSERT(y->given == (x->given && !empty));
    TQ_ASSERT(x->n == y->n && str_eq(x->s, y->s) && x->n_rows == y->n_rows);
}

static void all_same(const field_slot *x, const field_slot *y, bool form)
{
    for (size_t i = 0; i < N_FIELDS; i++) {
        need_same(&all_fields[i], &x[i], &y[i], form);
    }
    for (size_t i = 0; i < x[N_FIELDS - 1].n_rows * 2; i++) {
        need_same(&row_fields[i % 2], &x[N_FIELDS - 1].rows[i], &y[N_FIELDS - 1].rows[i], form);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX) {
        return 0;
    }
    ARENA_AUTO arena *a = arena_new("fuzz", (size_t)64 << 20);
    field_slot first[N_FIELDS] = {0};
    if (read_as(HTTP_JSON, (str){(const char *)data, size}, NULL, 0, a, first) != TQ_OK) {
        return 0;
    }
    all_within(first);

    BUF_AUTO buf again = buf_max(8 * INPUT_MAX);
    field_slot second[N_FIELDS] = {0};
    write_json(first, a, &again);
    tq_code code = read_as(HTTP_JSON, buf_view(&again), NULL, 0, a, second);
    TQ_ASSERT(code == TQ_OK);
    all_same(first, second, false);

    http_pair pairs[N_FIELDS + (size_t)2 * ROWS_MOST];
    field_slot typed[N_FIELDS] = {0};
    const size_t n = write_form(first, a, pairs);
    code = read_as(HTTP_FORM, (str){0}, pairs, n, a, typed);
    TQ_ASSERT(code == TQ_OK);
    all_same(first, typed, true);
    return 0;
}
