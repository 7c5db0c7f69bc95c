/* SPDX-License-Identifier: Apache-2.0 */

/* Rows that were read, written and read again are the same but for the apostrophe before formulas;
 * no written cell begins as a formula; text survives the way to GB18030 and back. */

#include <stdint.h>

#include "base/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 65536

static const char *const columns[] = {"a", "b", "c", NULL};

static void write_row(buf *out, const str *cells)
{
    for (size_t i = 0; i < 3; i++) {
        csv_cell(out, cells[i], i == 0);
    }
    csv_end_row(out);
}

static bool same_cell(str before, str after)
{
    if (str_eq(before, after)) {
        return after.len == 0 || memchr("=@\t\r", after.data[0], 4) == NULL;
    }
    return after.len == before.len + 1 && after.data[0] == '\'' &&
           str_eq(before, (str){after.data + 1, before.len});
}

static void written_rows_read_again(str text, arena *a)
{
    csv before;
    tq_err err = {0};
    if (csv_open(text, columns, a, &before, &err) != TQ_OK) {
        return;
    }
    BUF_AUTO buf out = buf_max(8 * INPUT_MAX);
    const str names[] = {STR("a"), STR("b"), STR("c")};
    write_row(&out, names);
    const csv start = before;
    str cells[3];
    bool more = false;
    while (csv_row(&before, cells, &more, &err) == TQ_OK && more) {
        write_row(&out, cells);
    }
    TQ_ASSERT(buf_ok(&out));
    csv after;
    const tq_code reopened = csv_open(buf_view(&out), columns, a, &after, &err);
    TQ_ASSERT(reopened == TQ_OK);
    before = start;
    str again[3];
    bool more_again = false;
    for (;;) {
        const tq_code code = csv_row(&before, cells, &more, &err);
        /* An apostrophe may carry a cell of the greatest length over it. */
        const tq_code code_again = csv_row(&after, again, &more_again, &err);
        if (code != TQ_OK || code_again == TQ_LIMIT || !more) {
            TQ_ASSERT(code != TQ_OK || code_again == TQ_LIMIT || !more_again);
            return;
        }
        TQ_ASSERT(code_again == TQ_OK);
        TQ_ASSERT(more_again);
        for (size_t i = 0; i < 3; i++) {
            TQ_ASSERT(same_cell(cells[i], again[i]));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX) {
        return 0;
    }
    ARENA_AUTO arena *a = arena_new("fuzz", (size_t)16 << 20);
    tq_err err = {0};
    str text;
    if (csv_decode((str){(const char *)data, size}, a, &text, &err) != TQ_OK) {
        return 0;
    }
    TQ_ASSERT(str_utf8(text));
    written_rows_read_again(text, a);
    BUF_AUTO buf gb = buf_max(4 * INPUT_MAX);
    if (csv_encode(text, CSV_GB18030, &gb, &err) == TQ_OK && !str_utf8(buf_view(&gb))) {
        str back;
        const tq_code code = csv_decode(buf_view(&gb), a, &back, &err);
        TQ_ASSERT(code == TQ_OK);
        TQ_ASSERT(str_eq(back, text) || str_starts(text, STR("\xef\xbb\xbf")));
    }
    return 0;
}
