/* SPDX-License-Identifier: Apache-2.0 */
#include "store/reading_row.h"

void reading_row_read(store_rows *r, reading_row *out)
{
    for (int i = 0; i < READING_NUMBERS; i++) {
        out->n[i] = row_int(r);
    }
    for (int i = 0; i < READING_TEXTS; i++) {
        out->text[i] = row_text(r);
    }
}

void reading_row_print(const reading_row *row, buf *out)
{
    canon c = canon_to(out);
    canon_list(&c);
    for (int i = 0; i < READING_NUMBERS; i++) {
        canon_int(&c, row->n[i]);
    }
    for (int i = 0; i < READING_TEXTS; i++) {
        canon_str(&c, row->text[i]);
    }
    canon_list_end(&c);
}

static tq_code bad(tq_err *err)
{
    return tq_fail(err, TQ_MALFORMED, "reading_form", "read", "the line is no reading");
}

tq_code reading_row_parse(str line, arena *a, reading_row *out, tq_err *err)
{
    const canon_node *list = NULL;
    if (line.len > READING_ROW_MAX || canon_read(line, a, &list, NULL) != TQ_OK ||
        list->type != CANON_LIST || list->count != READING_NUMBERS + READING_TEXTS) {
        return bad(err);
    }
    const canon_node *o = list->kids;
    for (int i = 0; i < READING_NUMBERS; i++, o = o->next) {
        if (o->type != CANON_INT) {
            return bad(err);
        }
        out->n[i] = o->num;
    }
    for (int i = 0; i < READING_TEXTS; i++, o = o->next) {
        if (o->type != CANON_STR) {
            return bad(err);
        }
        out->text[i] = o->text;
    }
    return TQ_OK;
}

tq_code reading_row_put(store_tx *tx, const reading_row *row, tq_err *err)
{
    const int64_t *n = row->n;
    const bool sealed = n[READING_INQUIRY] != 0;
    return store_run(tx, sealed ? STMT_READING_SEALED_PUT : STMT_READING_OPEN_PUT,
                     ARGS(arg_int(n[0]), arg_int(n[1]), arg_int(n[2]), arg_int(n[3]), arg_int(n[4]),
                          arg_int(n[5]), arg_int(n[6]), arg_int(n[7]), arg_str(row->text[0]),
                          arg_str(row->text[1]), arg_str(row->text[2]),
                          arg_int(n[READING_INQUIRY])),
                     NULL, err);
}

tq_code reading_rows_done(store_tx *tx, tq_err *err)
{
    int64_t next = 0;
    TQ_TRY(store_int(tx, STMT_READING_OPEN_NEXT, NO_ARGS, 0, &next, err));
    return store_int(tx, STMT_READING_SEALED_NEXT, NO_ARGS, 0, &next, err);
}
