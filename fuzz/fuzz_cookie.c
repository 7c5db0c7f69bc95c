/* SPDX-License-Identifier: Apache-2.0 */

/* A cookie that is found has only letters a cookie may have, stands in the header as name=value,
 * is found alone as well, and is lost as soon as the header names it again. */

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "http/cookie.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX) {
        return 0;
    }
    const str header = {(const char *)data, size};
    const str value = cookie_find(header, "c");
    if (value.len == 0) {
        return 0;
    }
    for (size_t i = 0; i < value.len; i++) {
        TQ_ASSERT(value.data[i] > ' ' && value.data[i] < 0x7f);
        TQ_ASSERT(strchr("\",;\\", value.data[i]) == NULL);
    }
    BUF_AUTO buf b = buf_max(4 * INPUT_MAX);
    buf_text(&b, "c=");
    buf_str_add(&b, value);
    TQ_ASSERT(memmem(header.data, header.len, b.data, b.len) != NULL);
    TQ_ASSERT(str_eq(cookie_find(buf_view(&b), "c"), value));
    buf_text(&b, "; a=b; ");
    buf_str_add(&b, header);
    TQ_ASSERT(cookie_find(buf_view(&b), "c").len == 0);
    return 0;
}
