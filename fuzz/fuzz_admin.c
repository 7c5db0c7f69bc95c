/* SPDX-License-Identifier: Apache-2.0 */

/* A message of the admin socket that is read is written back byte for byte, its texts hold no NUL and are
 * ended by one, and its length is that of its head. */

#include <stdint.h>

#include "cli/admin_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX ((size_t)65536)

/* Of the fields alone; the head is written by us and must be read back. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tq_err err;
    size_t length = 0;
    const str body = {(const char *)data, size};
    if (size > INPUT_MAX) {
        return 0;
    }
    if (size >= ADMIN_HEAD && admin_length(body.data, &length, &err) == TQ_OK) {
        TQ_ASSERT(memcmp(data, ADMIN_MARK, sizeof ADMIN_MARK - 1) == 0);
        TQ_ASSERT(length <= ADMIN_MESSAGE_MAX - ADMIN_HEAD);
    }
    ARENA_AUTO arena *a = arena_new("fuzz", 8 * INPUT_MAX);
    admin_message *m = ARENA_NEW(a, admin_message, 1);
    if (admin_fields(body, a, m, &err) != TQ_OK) {
        return 0;
    }
    BUF_AUTO buf again = buf_max(2 * INPUT_MAX);
    admin_begin(&again);
    for (size_t i = 0; i < m->n; i++) {
        const admin_field *f = &m->fields[i];
        const bool text =
            f->tag == ADMIN_WORD || f->tag == ADMIN_FILE_NAME || f->tag == ADMIN_SECRET;
        TQ_ASSERT(!text || strlen(f->bytes.data) == f->bytes.len);
        admin_add(&again, f->tag, f->bytes);
    }
    admin_end(&again);
    TQ_ASSERT(buf_ok(&again));
    TQ_ASSERT(admin_length(again.data, &length, &err) == TQ_OK);
    TQ_ASSERT(length == size);
    TQ_ASSERT(size == 0 || memcmp(again.data + ADMIN_HEAD, data, size) == 0);
    return 0;
}
