/* SPDX-License-Identifier: Apache-2.0 */
#include "web/assets.h"

typedef struct embedded_asset {
    const char *name;   /* "tq.css" */
    const char *hashed; /* "tq-1f2e3d4c5b6a.css": what pages ask for, and may keep for a year */
    const unsigned char *bytes;
    size_t len;
    const unsigned char *packed; /* the same by gzip; NULL where that is no smaller */
    size_t packed_len;
} embedded_asset;

#include "web/assets_gen.inc" /* embedded_assets[] */

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

/* One entry of Accept-Encoding: "gzip", "gzip;q=0.5"; with q=0 the client says no. */
static bool takes_gzip_part(str part)
{
    const char *semicolon = memchr(part.data, ';', part.len);
    const size_t n = semicolon == NULL ? part.len : (size_t)(semicolon - part.data);
    const str coding = str_trim((str){part.data, n});
    str weight = semicolon == NULL ? STR("") : str_trim((str){semicolon + 1, part.len - n - 1});
    if (!str_eq(coding, STR("gzip")) && !str_eq(coding, STR("*"))) {
        return false;
    }
    /* "q=0", "q=0.0", "q=0.000" all mean never. */
    while (weight.len > 0 &&
           (weight.data[weight.len - 1] == '0' || weight.data[weight.len - 1] == '.')) {
        weight.len--;
    }
    return !str_eq(weight, STR("q="));
}

static bool takes_gzip(str accept)
{
    while (accept.len > 0) {
        const char *comma = memchr(accept.data, ',', accept.len);
        const str part = {accept.data, comma == NULL ? accept.len : (size_t)(comma - accept.data)};
        if (takes_gzip_part(part)) {
            return true;
        }
        accept = comma == NULL ? (str){0} : (str){comma + 1, accept.len - part.len - 1};
    }
    return false;
}

static void send(const http_request *rq, const embedded_asset *a, bool lasting, http_reply *out)
{
    TQ_ASSERT(a->bytes != NULL && a->len > 0);
    TQ_ASSERT((a->packed == NULL) == (a->packed_len == 0));
    out->status = 200;
    out->type = type_of(a->name);
    /* Under its hashed name a file never changes; under the plain one it does with the next version. */
    out->cache = lasting ? HTTP_CACHE_IMMUTABLE : HTTP_CACHE_SHORT;
    out->gzip = a->packed != NULL && takes_gzip(http_header(rq, "Accept-Encoding"));
    if (out->gzip) {
        buf_add(&out->body, a->packed, a->packed_len);
    } else {
        buf_add(&out->body, a->bytes, a->len);
    }
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
    for (size_t i = 0; i < TQ_COUNT(embedded_assets); i++) {
        const embedded_asset *a = &embedded_assets[i];
        const bool lasting = str_eq(name, str_of(a->hashed));
        if (lasting || str_eq(name, str_of(a->name))) {
            send(rq, a, lasting, out);
            return true;
        }
    }
    return true;
}
