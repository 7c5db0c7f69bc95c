/* SPDX-License-Identifier: Apache-2.0 */

/* An accepted path has no segment that climbs or is empty, and comes back from its escaped form;
 * so does any text. */

#include <stdint.h>

#include "base/err.h"
#include "http/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 16384

static void path_is_safe(str path)
{
    TQ_ASSERT(path.len > 0 && path.data[0] == '/');
    TQ_ASSERT(str_utf8(path));
    TQ_ASSERT(memchr(path.data, '\0', path.len) == NULL &&
              memchr(path.data, '\\', path.len) == NULL);
    for (size_t i = 0; i + 1 < path.len; i++) {
        TQ_ASSERT(path.data[i] != '/' || path.data[i + 1] != '/');
        if (path.data[i] == '/' && path.data[i + 1] == '.') {
            size_t dots = 1;
            while (i + 1 + dots < path.len && path.data[i + 1 + dots] == '.') {
                dots++;
            }
            const size_t after = i + 1 + dots;
            TQ_ASSERT(dots > 2 || (after < path.len && path.data[after] != '/'));
        }
    }
}

static void comes_back(str text, bool as_path, arena *a)
{
    BUF_AUTO buf escaped = buf_max(4 * INPUT_MAX);
    str again;
    url_encode(text, &escaped);
    TQ_ASSERT(buf_ok(&escaped));
    const bool ok = as_path ? url_path(buf_view(&escaped), a, &again)
                            : url_decode(buf_view(&escaped), true, a, &again);
    TQ_ASSERT(ok);
    TQ_ASSERT(str_eq(again, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_MAX) {
        return 0;
    }
    ARENA_AUTO arena *a = arena_new("fuzz", (size_t)1 << 20);
    const str raw = {(const char *)data, size};
    str text;
    if (url_path(raw, a, &text)) {
        path_is_safe(text);
        comes_back(text, true, a);
    }
    if (url_decode(raw, true, a, &text)) {
        TQ_ASSERT(str_utf8(text) && (text.len == 0 || memchr(text.data, '\0', text.len) == NULL));
        comes_back(text, false, a);
    }
    return 0;
}
