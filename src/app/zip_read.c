/* SPDX-License-Identifier: Apache-2.0 */
#include "app/zip_read.h"

#include <stdint.h>
#include <stdlib.h>
#include <zip.h>

#define END_BYTES 22      /* end of central directory, without its comment */
#define ENTRY_BYTES 46    /* central header, without its texts */
#define COMMENT_MAX 65535 /* of the archive */
#define RATIO_SPARED (64 * 1024)

struct zip_pack {
    zip_t *zip;
    int n;
    str *names; /* into libzip's copies */
    size_t *sizes;
};

static tq_code form(const char *what, tq_err *err)
{
    return tq_fail(err, TQ_INVALID, "zip_form", "file", "the archive is damaged: %s", what);
}

static tq_code duplicate(tq_err *err)
{
    return tq_fail(err, TQ_INVALID, "zip_duplicate", "file",
                   "two entries of the archive have the same name");
}

/* --- the directory, by its own bytes --------------------------------------------------------- */

/* Little-endian, as all numbers of the format. */
static uint32_t le(const char *at, int bytes)
{
    uint32_t n = 0;
    for (int i = bytes - 1; i >= 0; i--) {
        n = n << 8 | (unsigned char)at[i];
    }
    return n;
}

/* Offset of the end record whose comment reaches exactly to the end of the file. */
static bool end_find(str z, size_t *at)
{
    const size_t room = z.len < END_BYTES ? 0 : z.len - END_BYTES;
    const size_t lowest = room > COMMENT_MAX ? room - COMMENT_MAX : 0;
    for (size_t i = room + 1; z.len >= END_BYTES && i-- > lowest;) {
        if (memcmp(z.data + i, "PK\x05\x06", 4) == 0 &&
            i + END_BYTES + le(z.data + i + 20, 2) == z.len) {
            *at = i;
            return true;
        }
    }
    return false;
}

/* Walks the directory itself because libzip gives names as C strings: a name with a NUL inside
 * would look like another, and the number of entries should be known before memory is taken for
 * them. */
static tq_code directory_need(str z, tq_err *err)
{
    size_t end = 0;
    if (!end_find(z, &end)) {
        return form("it has no end record", err);
    }
    const uint32_t n = le(z.data + end + 10, 2);
    const uint32_t bytes = le(z.data + end + 12, 4);
    size_t at = le(z.data + end + 16, 4);
    if (le(z.data + end + 4, 4) != 0 || le(z.data + end + 8, 2) != n) {
        return form("it is a part of several", err);
    }
    if (n == 0 || n > ZIP_ENTRIES_MAX) {
        return tq_fail(err, TQ_INVALID, "zip_entries", "file",
                       "the archive has %u entries, not 1 to %d", n, ZIP_ENTRIES_MAX);
    }
    if (at > end || end - at != bytes) {
        return form("its directory is not where it is said to be", err);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (end - at < ENTRY_BYTES || memcmp(z.data + at, "PK\x01\x02", 4) != 0) {
            return form("its directory is cut", err);
        }
        const char *entry = z.data + at;
        const size_t name = le(entry + 28, 2);
        const size_t whole = ENTRY_BYTES + name + le(entry + 30, 2) + le(entry + 32, 2);
        if (end - at < whole) {
            return form("its directory is cut", err);
        }
        if (memchr(entry + ENTRY_BYTES, '\0', name) != NULL) {
            return tq_fail(err, TQ_INVALID, "zip_name", "file", "an entry's name holds a NUL");
        }
        at += whole;
    }
    return at == end ? TQ_OK : form("its directory holds more than it says", err);
}

/* --- names and sizes ------------------------------------------------------------------------- */

/* A plain path of named parts. Nothing is ever unpacked to disk here, but who names an entry so
 * is up to something, and another program may unpack the same file. */
static bool name_ok(str name)
{
    if (name.len == 0 || name.len > ZIP_NAME_MAX || name.data[0] == '/' || !str_utf8(name) ||
        memchr(name.data, '\\', name.len) != NULL || memchr(name.data, ':', name.len) != NULL) {
        return false;
    }
    size_t part = 0; /* where the current part of the path begins */
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && ((unsigned char)name.data[i] < 0x20 || name.data[i] == 0x7f)) {
            return false;
        }
        if (i < name.len && name.data[i] != '/') {
            continue;
        }
        const str dir = {name.data + part, i - part};
        if (str_eq(dir, STR("..")) || str_eq(dir, STR(".")) || (dir.len == 0 && i < name.len)) {
            return false;
        }
        part = i + 1;
    }
    return true;
}

/* Names that differ in case alone are one file on some machines. */
static bool name_taken(const zip_pack *z, int before, str name)
{
    for (int i = 0; i < before; i++) {
        if (z->names[i].len == name.len &&
            strncasecmp(z->names[i].data, name.data, name.len) == 0) {
            return true;
        }
    }
    return false;
}

/* By what the headers state; reading holds them to it. */
static tq_code sizes_need(const zip_stat_t *st, size_t *total, tq_err *err)
{
    if (st->encryption_method != ZIP_EM_NONE ||
        (st->comp_method != ZIP_CM_STORE && st->comp_method != ZIP_CM_DEFLATE)) {
        return tq_fail(err, TQ_INVALID, "zip_method", "file",
                       "an entry is encrypted or packed in an unusual way");
    }
    if (st->size > ZIP_ENTRY_BYTES_MAX || *total + st->size > ZIP_TOTAL_BYTES_MAX) {
        return tq_fail(err, TQ_INVALID, "zip_size", "file",
                       "unpacked, an entry has at most %d bytes and all have %d",
                       ZIP_ENTRY_BYTES_MAX, ZIP_TOTAL_BYTES_MAX);
    }
    if (st->size > RATIO_SPARED && (st->size - RATIO_SPARED) / ZIP_RATIO_MAX > st->comp_size) {
        return tq_fail(err, TQ_INVALID, "zip_ratio", "file",
                       "an entry unpacks to more than %d times its size", ZIP_RATIO_MAX);
    }
    *total += (size_t)st->size;
    return TQ_OK;
}

/* Also entries that nobody will open: the whole archive is sound, or none of it is used. */
static tq_code entries_need(zip_pack *z, tq_err *err)
{
    size_t total = 0;
    for (int i = 0; i < z->n; i++) {
        zip_stat_t st;
        zip_stat_init(&st);
        const zip_uint64_t need =
            ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
        if (zip_stat_index(z->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW, &st) != 0 ||
            (st.valid & need) != need) {
            return form("an entry cannot be read", err);
        }
        const str name = str_of(st.name);
        if (!name_ok(name)) {
            return tq_fail(err, TQ_INVALID, "zip_name", "file",
                           "the name of entry %d is not a plain path inside the archive", i + 1);
        }
        if (name_taken(z, i, name)) {
            return duplicate(err);
        }
        TQ_TRY(sizes_need(&st, &total, err));
        z->names[i] = name;
        z->sizes[i] = (size_t)st.size;
    }
    return TQ_OK;
}

/* --- opening and reading --------------------------------------------------------------------- */

/* ZIP_CHECKCONS: each local header must agree with the directory. */
static tq_code zip_start(str bytes, zip_pack *z, tq_err *err)
{
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(bytes.data, bytes.len, 0, &why);
    if (source == NULL) {
        zip_error_fini(&why);
        return tq_fail(err, TQ_IO, "out_of_memory", "file", "no memory to read the archive");
    }
    z->zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &why);
    const bool twice = zip_error_code_zip(&why) == ZIP_ER_EXISTS; /* libzip's own index of names */
    zip_error_fini(&why);
    if (z->zip == NULL) {
        zip_source_free(source);
        return twice ? duplicate(err) : form("its parts do not agree", err);
    }
    const zip_int64_t n = zip_get_num_entries(z->zip, 0);
    if (n <= 0 || n > ZIP_ENTRIES_MAX) {
        return form("its entries cannot be counted", err);
    }
    z->n = (int)n;
    z->names = calloc((size_t)n, sizeof *z->names);
    z->sizes = calloc((size_t)n, sizeof *z->sizes);
    if (z->names == NULL || z->sizes == NULL) {
        return tq_fail(err, TQ_IO, "out_of_memory", "file", "no memory to read the archive");
    }
    return TQ_OK;
}

tq_code zip_pack_open(str bytes, zip_pack **out, tq_err *err)
{
    TQ_TRY(directory_need(bytes, err));
    ZIP_PACK_AUTO zip_pack *z = calloc(1, sizeof *z);
    if (z == NULL) {
        return tq_fail(err, TQ_IO, "out_of_memory", "file", "no memory to read the archive");
    }
    TQ_TRY(zip_start(bytes, z, err));
    TQ_TRY(entries_need(z, err));
    *out = z;
    z = NULL;
    return TQ_OK;
}

void zip_pack_close(zip_pack *z)
{
    if (z == NULL) {
        return;
    }
    if (z->zip != NULL) {
        zip_discard(z->zip); /* read only: there is nothing to write back */
    }
    free(z->names);
    free(z->sizes);
    free(z);
}

int zip_pack_count(const zip_pack *z)
{
    return z->n;
}

str zip_pack_name(const zip_pack *z, int i)
{
    TQ_ASSERT(i >= 0);
    TQ_ASSERT(i < z->n);
    return z->names[i];
}

/* Exact bytes; names that differ in case were refused. */
int zip_pack_find(const zip_pack *z, str name)
{
    for (int i = 0; i < z->n; i++) {
        if (str_eq(z->names[i], name)) {
            return i;
        }
    }
    return -1;
}

/* Fills at most `room` bytes; false where the packed data are broken. */
static bool inflate_to(zip_file_t *file, char *into, size_t room, size_t *len)
{
    *len = 0;
    while (*len < room) {
        const zip_int64_t n = zip_fread(file, into + *len, room - *len);
        if (n < 0) {
            return false;
        }
        if (n == 0) {
            return true;
        }
        *len += (size_t)n;
    }
    return true;
}

tq_code zip_pack_read(zip_pack *z, int i, size_t bytes_max, arena *a, str *out, tq_err *err)
{
    TQ_ASSERT(i >= 0);
    TQ_ASSERT(i < z->n);
    const size_t size = z->sizes[i];
    if (size > bytes_max || size + 4096 > arena_left(a)) {
        return tq_fail(err, TQ_INVALID, "zip_size", "file", "an entry has more than %zu bytes",
                       bytes_max);
    }
    zip_file_t *file = zip_fopen_index(z->zip, (zip_uint64_t)i, 0);
    if (file == NULL) {
        return form("an entry cannot be opened", err);
    }
    size_t len = 0;
    char *into = arena_take(a, size + 1); /* one more, so that a longer entry shows itself */
    const bool fine = inflate_to(file, into, size + 1, &len);
    (void)zip_fclose(file); /* a broken checksum was reported by zip_fread at the end */
    if (!fine) {
        return form("an entry cannot be unpacked", err);
    }
    if (len != size) {
        return tq_fail(err, TQ_INVALID, "zip_size", "file",
                       "an entry does not have the size that its header states");
    }
    *out = (str){into, len};
    return TQ_OK;
}
