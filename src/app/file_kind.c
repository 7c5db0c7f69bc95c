/* SPDX-License-Identifier: Apache-2.0 */
#include "app/file_kind.h"

#define HEAD_BYTES 1024 /* how far a web page is looked for behind blanks and comments */

static const file_kind_info infos[] = {
#define X(kind, name, ending, media_type, bytes_max) {name, ending, media_type, bytes_max},
    FILE_KIND_MAP(X)
#undef X
};
_Static_assert(TQ_COUNT(infos) == FILE_KIND_COUNT, "each kind has its line");

/* Files that people send by mistake, by their first bytes. */
static const struct stranger {
    str magic;
    const char *name;
} strangers[] = {
    {{"GIF8", 4}, "a GIF image"},
    {{"BM", 2}, "a BMP image"},
    {{"II*\0", 4}, "a TIFF image"},
    {{"MM\0*", 4}, "a TIFF image"},
    {{"RIFF", 4}, "a WebP image, sound or film"},
    {{"\xd0\xcf\x11\xe0", 4}, "an old Office document"},
    {{"{\\rtf", 5}, "an RTF document"},
    {{"Rar!", 4}, "a RAR archive"},
    {{"7z\xbc\xaf", 4}, "a 7z archive"},
    {{"\x1f\x8b", 2}, "a gzip archive"},
    {{"MZ", 2}, "a Windows program"},
    {{"\x7f"
      "ELF",
      4},
     "a program"},
    {{"#!", 2}, "a script"},
};

const file_kind_info *file_kind_info_of(file_kind kind)
{
    TQ_ASSERT(kind >= 0);
    TQ_ASSERT(kind < FILE_KIND_COUNT);
    return &infos[kind];
}

/* Anywhere in the file: the directory of an archive stands at its end. */
static bool holds(str bytes, str what)
{
    return memmem(bytes.data, bytes.len, what.data, what.len) != NULL;
}

/* Looks for a word of ASCII letters whatever their case: browsers do not care either. */
static bool holds_tag(str head, str tag)
{
    for (size_t i = 0; i + tag.len <= head.len; i++) {
        if (strncasecmp(head.data + i, tag.data, tag.len) == 0) {
            return true;
        }
    }
    return false;
}

/* XML begins with a tag or a declaration, after at most a byte order mark and blanks. A page or a
 * drawing that a browser would run is not taken for XML. */
static const char *markup_stranger(str bytes, bool *xml)
{
    str rest = bytes;
    if (str_starts(rest, STR("\xef\xbb\xbf"))) {
        rest = (str){rest.data + 3, rest.len - 3};
    }
    while (rest.len > 0 && memchr(" \t\r\n", rest.data[0], 4) != NULL) {
        rest = (str){rest.data + 1, rest.len - 1};
    }
    const str head = {bytes.data, bytes.len < HEAD_BYTES ? bytes.len : HEAD_BYTES};
    *xml = rest.len > 1 && rest.data[0] == '<';
    if (!*xml) {
        return NULL;
    }
    return holds_tag(head, STR("<html")) || holds_tag(head, STR("<!doctype html")) ? "a web page"
           : holds_tag(head, STR("<svg")) ? "an SVG drawing"
                                          : NULL;
}

/* All of these are ZIP. Entry names stand uncompressed in the file, so the bytes tell. */
static const char *archive_stranger(str bytes)
{
    if (holds(bytes, STR("[Content_Types].xml"))) {
        return "an Office document";
    }
    return holds(bytes, STR("OFD.xml")) ? NULL : "a ZIP archive";
}

/* The one sentence that everybody sees who sent a wrong file. */
static tq_code kind_refuse(const char *what, tq_err *err)
{
    return tq_fail(err, TQ_INVALID, "file_kind", "evidence.file",
                   "this is %s; files are PDF, OFD, XML, JPEG or PNG", what);
}

/* At the very first byte: leading rubbish is how one file is made to be two kinds at once. */
static tq_code kind_by_magic(str bytes, file_kind *out, tq_err *err)
{
    bool xml = false;
    if (str_starts(bytes, STR("%PDF-"))) {
        *out = FILE_PDF;
    } else if (str_starts(bytes, STR("\xff\xd8\xff"))) {
        *out = FILE_JPEG;
    } else if (str_starts(bytes, STR("\x89PNG\r\n\x1a\n"))) {
        *out = FILE_PNG;
    } else if (str_starts(bytes, STR("PK\x03\x04"))) {
        const char *what = archive_stranger(bytes);
        if (what != NULL) {
            return kind_refuse(what, err);
        }
        *out = FILE_OFD;
    } else {
        for (size_t i = 0; i < TQ_COUNT(strangers); i++) {
            if (str_starts(bytes, strangers[i].magic)) {
                return kind_refuse(strangers[i].name, err);
            }
        }
        const char *what = markup_stranger(bytes, &xml);
        if (what != NULL || !xml) {
            return kind_refuse(what != NULL ? what : "a file of another kind", err);
        }
        *out = FILE_XML;
    }
    return TQ_OK;
}

tq_code file_kind_of(str bytes, file_kind *out, tq_err *err)
{
    file_kind kind = FILE_PDF;
    if (bytes.len == 0) {
        return tq_fail(err, TQ_INVALID, "file_empty", "evidence.file", "the file is empty");
    }
    TQ_TRY(kind_by_magic(bytes, &kind, err));
    const file_kind_info *info = file_kind_info_of(kind);
    if (bytes.len > info->bytes_max) {
        return tq_fail(err, TQ_LIMIT, "file_size", "evidence.file",
                       "a file of kind %s has at most %zu bytes", info->name, info->bytes_max);
    }
    *out = kind;
    return TQ_OK;
}

/* Letters of other scripts are kept; separators, quotes and whatever steers a shell become '_'. */
static char plain(char c)
{
    const unsigned char u = (unsigned char)c;
    return u < 0x20 || u == 0x7f || strchr("/\\:*?\"<>|;%`$&'", c) != NULL ? '_' : c;
}

/* A name that is nothing but the ending has no stem and gets one more. */
static bool ends_so(str name, const char *ending)
{
    const size_t n = strlen(ending);
    return name.len > n + 1 && name.data[name.len - n - 1] == '.' &&
           strncasecmp(name.data + name.len - n, ending, n) == 0;
}

str file_label(str label, const char *ending, arena *a)
{
    TQ_ASSERT(ending[0] != '\0');
    const str line = str_line_ok(label, 4 * FILE_LABEL_MAX) ? label : STR("");
    size_t from = 0;
    for (size_t i = 0; i < line.len; i++) { /* what follows the last separator */
        from = line.data[i] == '/' || line.data[i] == '\\' ? i + 1 : from;
    }
    while (from < line.len && (line.data[from] == '.' || line.data[from] == ' ')) {
        from++; /* no hidden file, no parent */
    }
    size_t len = line.len - from;
    len = len < FILE_LABEL_MAX ? len : FILE_LABEL_MAX;
    while (len > 0 && !str_utf8((str){line.data + from, len})) {
        len--; /* not in the middle of a letter */
    }
    char name[FILE_LABEL_MAX + 1];
    for (size_t i = 0; i < len; i++) {
        name[i] = plain(line.data[from + i]);
    }
    const str clean = {name, len};
    if (len == 0) {
        return arena_printf(a, "file.%s", ending);
    }
    return ends_so(clean, ending) ? arena_copy(a, clean)
                                  : arena_printf(a, "%.*s.%s", STR_ARG(clean), ending);
}
