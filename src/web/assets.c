/* SPDX-License-Identifier: Apache-2.0 */
#include "web/assets.h"

typedef struct embedded_file {
    const char *name;
    const unsigned char *bytes;
    size_t len;
} embedded_file;

#include "web/assets_gen.inc" /* embedded_files[] */

static const struct {
    const char *tail, *type;
} types[] = {
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

static const char *type_of(const char *name)
{
    const size_t n = strlen(name);
    for (size_t i = 0; i < TQ_COUNT(types); i++) {
        const size_t tail = strlen(types[i].tail);
        if (n > tail && strcmp(name + n - tail, types[i].tail) == 0) {
            return types[i].type;
        }
    }
    return "application/octet-stream";
}

bool asset_answer(const http_request *rq, http_reply *out)
{
    static const str folder = {"/assets/", 8};
    if (!str_starts(rq->path, folder)) {
        return false;
    }
    const str name = {rq->path.data + folder.len, rq->path.len - folder.len};
    out->status = 404;
    out->type = "text/plain; charset=utf-8";
    for (size_t i = 0; i < TQ_COUNT(embedded_files); i++) {
        if (str_eq(name, str_of(embedded_files[i].name))) {
            out->status = 200;
            out->type = type_of(embedded_files[i].name);
            out->cache = HTTP_CACHE_SHORT;
            buf_add(&out->body, embedded_files[i].bytes, embedded_files[i].len);
        }
    }
    return true;
}
