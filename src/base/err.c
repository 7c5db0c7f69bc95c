/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct code_row {
    const char *name;
    const char *meaning;
    int http;
    int exit;
    bool retry;
} code_row;

static const code_row rows[] = {
#define X(name, http, exit, retry, text) [TQ_##name] = {#name, text, http, exit, retry},
    TQ_ERR_MAP(X)
#undef X
};

static const code_row *row_of(tq_code code)
{
    TQ_ASSERT((size_t)code < TQ_COUNT(rows));
    return &rows[code];
}

tq_code tq_fail(tq_err *err, tq_code code, const char *reason, const char *field, const char *fmt,
                ...)
{
    TQ_ASSERT(code != TQ_OK);
    TQ_ASSERT(reason != NULL);
    if (err == NULL) {
        return code;
    }
    *err = (tq_err){.code = code};
    (void)snprintf(err->reason, sizeof err->reason, "%s", reason);
    (void)snprintf(err->field, sizeof err->field, "%s", field == NULL ? "" : field);
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(err->detail, sizeof err->detail, fmt, args);
    va_end(args);
    return code;
}

tq_code tq_err_at(tq_err *err, const char *fmt, ...)
{
    TQ_ASSERT(err != NULL);
    TQ_ASSERT(err->code != TQ_OK);
    char place[64];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(place, sizeof place, fmt, args);
    va_end(args);
    char old[sizeof err->field];
    memcpy(old, err->field, sizeof old);
    /* A long path is cut at the end: the place matters more than the last letters of the field. */
    const size_t room = sizeof err->field - 1;
    size_t used = strnlen(place, room);
    memcpy(err->field, place, used);
    if (old[0] != '\0' && used + 2 < room) {
        memcpy(err->field + used, ": ", 2);
        used += 2;
        const size_t rest = strnlen(old, room - used);
        memcpy(err->field + used, old, rest);
        used += rest;
    }
    err->field[used] = '\0';
    return err->code;
}

const char *tq_code_name(tq_code code)
{
    return row_of(code)->name;
}

const char *tq_code_meaning(tq_code code)
{
    return row_of(code)->meaning;
}

int tq_code_http(tq_code code)
{
    return row_of(code)->http;
}

int tq_code_exit(tq_code code)
{
    return row_of(code)->exit;
}

bool tq_code_retry(tq_code code)
{
    return row_of(code)->retry;
}

void tq_assert_failed(const char *cond, const char *file, int line)
{
    (void)fprintf(stderr, "tongquan: broken assumption %s at %s:%d\n", cond, file, line);
    abort();
}
