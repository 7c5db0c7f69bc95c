/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_JSON_TEXT_H
#define TQ_JSON_TEXT_H

/* The strings of JSON, for canon_read.c alone. */

#include "base/arena.h"
#include "base/err.h"

typedef enum json_form {
    JSON_CANONICAL, /* only what canon_write.c would have written */
    JSON_ORDINARY   /* what other programs write; a NUL in a string is refused */
} json_form;

/* `in` starts after the opening quote and is UTF-8. Fills `text` with the content, a slice of `in`
 * where nothing is escaped, and `used` with the bytes up to and with the closing quote. On failure
 * returns a sentence and leaves in `used` where the fault is; NULL is success. */
TQ_MUST_CHECK const char *json_text(str in, json_form form, arena *a, str *text, size_t *used);

#endif
