/* SPDX-License-Identifier: Apache-2.0 */
#include "http/multipart.h"

#include "http/params.h"

#define DELIMITER_MAX (4 + MULTIPART_BOUNDARY_MAX) /* CRLF "--" boundary */

typedef enum part_state {
    PART_START, /* nothing may stand before the first boundary */
    PART_MARK,  /* behind a boundary: CRLF goes on, "--" ends */
    PART_HEAD,  /* lines of a part up to the empty one */
    PART_DATA,  /* bytes up to the next boundary */
    PART_DONE   /* behind the last boundary: one CRLF at most */
} part_state;

typedef struct part_head {
    str name, file_name, type;
    bool named, is_file, disposed;
} part_head;

struct multipart {
    arena *a;
    spool *s;
    int64_t file_max;
    part_state state;
    char delimiter[DELIMITER_MAX]; /* begins with CR, which stands nowhere else in it */
    size_t delimiter_len;
    size_t matched; /* bytes of the delimiter seen and held back, since they may be content */
    char mark[2];
    size_t n_mark;
    char head[MULTIPART_PART_HEAD_MAX];
    size_t n_head;
    part_head part;
    buf text; /* of the field being read */
    int64_t text_bytes;
    spool_file file;
    http_pair *fields;
    size_t n_fields;
    http_file files[HTTP_FILES_MAX];
    size_t n_files;
};

/* --- the head of a part ----------------------------------------------------------------------- */

/* Names and types are shown to people and written to logs: text without controls. */
static bool label_ok(str s)
{
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.data[i];
        if ((c >= 0 && c < ' ') || c == 0x7f) {
            return false;
        }
    }
    return str_utf8(s);
}

/* RFC 7578 §4.2, and nothing beside: an unknown parameter may be what another reader goes by. */
static bool read_disposition(multipart *m, str value)
{
    str name;
    str text;
    const size_t kind = params_token_length(value);
    if (m->part.disposed || !guard_same((str){value.data, kind}, "form-data")) {
        return false;
    }
    m->part.disposed = true;
    params_skip(&value, kind);
    while (params_next(&value, m->a, &name, &text)) {
        /* filename* is forbidden by RFC 7578 §4.2: two names for one file are one too many. */
        const bool is_name = guard_same(name, "name");
        const bool is_file = guard_same(name, "filename");
        if ((!is_name && !is_file) || !label_ok(text) || (is_name && m->part.named) ||
            (is_file && m->part.is_file)) {
            return false;
        }
        if (is_name) {
            m->part.name = text;
            m->part.named = true;
        } else {
            m->part.file_name = text;
            m->part.is_file = true;
        }
    }
    params_skip_blanks(&value);
    return value.len == 0 && m->part.named && m->part.name.len > 0;
}

static bool read_part_line(multipart *m, str line)
{
    const char *colon = memchr(line.data, ':', line.len);
    if (colon == NULL) {
        return false;
    }
    const str name = {line.data, (size_t)(colon - line.data)};
    str value = {colon + 1, line.len - name.len - 1};
    params_skip_blanks(&value);
    value = str_trim(value);
    if (!guard_token_text(name) || !label_ok(value)) {
        return false;
    }
    if (guard_same(name, "Content-Disposition")) {
        return read_disposition(m, value);
    }
    if (guard_same(name, "Content-Type")) {
        const bool first = m->part.type.len == 0;
        m->part.type = arena_copy(m->a, value);
        return first;
    }
    /* Browsers send no other line; base64 would be content that nobody has checked. */
    return guard_same(name, "Content-Transfer-Encoding") &&
           (guard_same(value, "binary") || guard_same(value, "8bit") || guard_same(value, "7bit"));
}

/* The number of files is bounded before one more is made, so a form cannot fill the folder with
 * names. */
static guard_reason begin_file(multipart *m)
{
    if (m->file_max == 0 || m->n_files == HTTP_FILES_MAX) {
        return GUARD_FILES;
    }
    return spool_begin(m->s, m->a, &m->file) ? GUARD_OK : GUARD_SPOOL;
}

/* The head stands complete in m->head, lines with their CRLF, without the empty one. */
static guard_reason begin_part(multipart *m)
{
    str rest = {m->head, m->n_head};
    m->part = (part_head){0};
    while (rest.len > 0) {
        const char *end = memmem(rest.data, rest.len, "\r\n", 2);
        TQ_ASSERT(end != NULL);
        const str line = {rest.data, (size_t)(end - rest.data)};
        if (!read_part_line(m, line)) {
            return GUARD_MULTIPART;
        }
        params_skip(&rest, line.len + 2);
    }
    if (!m->part.disposed) {
        return GUARD_MULTIPART;
    }
    m->part.name = arena_copy(m->a, m->part.name);
    m->part.file_name = arena_copy(m->a, m->part.file_name);
    buf_clear(&m->text);
    m->state = PART_DATA;
    /* A file field left empty has no name; whether it has bytes is seen only behind it. */
    return m->part.is_file && m->part.file_name.len > 0 ? begin_file(m) : GUARD_OK;
}

/* --- content ---------------------------------------------------------------------------------- */

/* The limit is looked at before the bytes are written: a file never exceeds it on the disk
 * either. */
static guard_reason add_content(multipart *m, str bytes)
{
    if (bytes.len == 0) {
        return GUARD_OK;
    }
    if (m->file.fd >= 0) {
        if ((int64_t)bytes.len > m->file_max - m->file.bytes) {
            return GUARD_FILE_SIZE;
        }
        return spool_add(&m->file, bytes) ? GUARD_OK : GUARD_SPOOL;
    }
    if (m->part.is_file) {
        return GUARD_MULTIPART; /* content without a name */
    }
    m->text_bytes += (int64_t)bytes.len;
    if (m->text_bytes > MULTIPART_TEXT_MAX) {
        return GUARD_BODY_SIZE;
    }
    buf_str_add(&m->text, bytes);
    return GUARD_OK;
}

static guard_reason end_file(multipart *m)
{
    http_file *f = &m->files[m->n_files];
    *f = (http_file){.field = m->part.name, .name = m->part.file_name, .type = m->part.type};
    f->path = m->file.path;
    f->bytes = m->file.bytes;
    const bool ended = spool_end(&m->file, f->sha256);
    m->n_files++; /* counted in any case: it is to be removed */
    return ended ? GUARD_OK : GUARD_SPOOL;
}

/* Text is checked whole: a character may have been cut by the border of two pieces. */
static guard_reason end_part(multipart *m)
{
    m->state = PART_MARK;
    m->n_mark = 0;
    if (m->file.fd >= 0) {
        return end_file(m);
    }
    if (m->part.is_file) {
        return GUARD_OK;
    }
    const str text = buf_view(&m->text);
    if (!buf_ok(&m->text) || m->n_fields == HTTP_PAIRS_MAX || !str_utf8(text) ||
        memchr(text.data, '\0', text.len) != NULL) {
        return GUARD_MULTIPART;
    }
    if (m->fields == NULL) {
        m->fields = ARENA_NEW(m->a, http_pair, HTTP_PAIRS_MAX);
    }
    m->fields[m->n_fields++] = (http_pair){m->part.name, arena_copy(m->a, text)};
    return GUARD_OK;
}

/* Bytes of a part, or of the boundary behind it. Since CR begins the delimiter and stands
 * nowhere else in it, a mismatch gives back what was held and looks at the present byte anew. */
static guard_reason read_data(multipart *m, str *bytes)
{
    const char *begin = bytes->data;
    size_t i = 0;
    while (i < bytes->len) {
        if (m->matched == 0) {
            const char *cr = memchr(bytes->data + i, '\r', bytes->len - i);
            i = cr == NULL ? bytes->len : (size_t)(cr - bytes->data);
            const guard_reason r = add_content(m, (str){begin, (size_t)(bytes->data + i - begin)});
            if (r != GUARD_OK || cr == NULL) {
                params_skip(bytes, i);
                return r;
            }
        }
        if (bytes->data[i] == m->delimiter[m->matched]) {
            m->matched++;
            i++;
            begin = bytes->data + i;
            if (m->matched == m->delimiter_len) {
                m->matched = 0;
                params_skip(bytes, i);
                return end_part(m);
            }
        } else {
            const guard_reason r = add_content(m, (str){m->delimiter, m->matched});
            m->matched = 0;
            if (r != GUARD_OK) {
                return r;
            }
            begin = bytes->data + i;
        }
    }
    params_skip(bytes, i);
    return GUARD_OK;
}

/* The body begins as if a CRLF stood before it. */
static guard_reason read_start(multipart *m, str *bytes)
{
    while (bytes->len > 0 && m->matched < m->delimiter_len) {
        if (bytes->data[0] != m->delimiter[m->matched]) {
            return GUARD_MULTIPART;
        }
        m->matched++;
        params_skip(bytes, 1);
    }
    if (m->matched == m->delimiter_len) {
        m->matched = 0;
        m->n_mark = 0;
        m->state = PART_MARK;
    }
    return GUARD_OK;
}

/* Blanks behind a boundary (RFC 2046 "transport padding") are refused: nobody sends them. */
static guard_reason read_mark(multipart *m, str *bytes)
{
    while (bytes->len > 0 && m->n_mark < 2) {
        m->mark[m->n_mark++] = bytes->data[0];
        params_skip(bytes, 1);
    }
    if (m->n_mark < 2) {
        return GUARD_OK;
    }
    if (memcmp(m->mark, "\r\n", 2) == 0) {
        m->n_head = 0;
        m->state = PART_HEAD;
        return GUARD_OK;
    }
    m->n_mark = 0;
    m->state = PART_DONE;
    return memcmp(m->mark, "--", 2) == 0 ? GUARD_OK : GUARD_MULTIPART;
}

/* Byte by byte, since heads are short; content takes the quick way. */
static guard_reason read_head(multipart *m, str *bytes)
{
    while (bytes->len > 0) {
        if (m->n_head == sizeof m->head) {
            return GUARD_MULTIPART;
        }
        m->head[m->n_head++] = bytes->data[0];
        params_skip(bytes, 1);
        const char *end = m->head + m->n_head;
        if (m->n_head == 2 && memcmp(m->head, "\r\n", 2) == 0) {
            return GUARD_MULTIPART; /* a part without a head */
        }
        if (m->n_head >= 4 && memcmp(end - 4, "\r\n\r\n", 4) == 0) {
            m->n_head -= 2;
            m->text_bytes +=
                (int64_t)m->n_head; /* heads are kept too: a million small ones must end */
            return m->text_bytes > MULTIPART_TEXT_MAX ? GUARD_BODY_SIZE : begin_part(m);
        }
    }
    return GUARD_OK;
}

/* An epilogue is content that no reader would show. */
static guard_reason read_rest(multipart *m, str *bytes)
{
    while (bytes->len > 0) {
        if (m->n_mark == 2 || bytes->data[0] != "\r\n"[m->n_mark]) {
            return GUARD_MULTIPART;
        }
        m->n_mark++;
        params_skip(bytes, 1);
    }
    return GUARD_OK;
}

/* Each reader takes at least one byte or fails, so this ends. */
guard_reason multipart_add(multipart *m, str bytes)
{
    guard_reason r = GUARD_OK;
    while (bytes.len > 0 && r == GUARD_OK) {
        switch (m->state) {
        case PART_START:
            r = read_start(m, &bytes);
            break;
        case PART_MARK:
            r = read_mark(m, &bytes);
            break;
        case PART_HEAD:
            r = read_head(m, &bytes);
            break;
        case PART_DATA:
            r = read_data(m, &bytes);
            break;
        case PART_DONE:
            r = read_rest(m, &bytes);
            break;
        }
    }
    return r;
}

guard_reason multipart_end(multipart *m)
{
    return m->state == PART_DONE && (m->n_mark == 0 || m->n_mark == 2) ? GUARD_OK : GUARD_MULTIPART;
}

/* The first two bytes of the delimiter count as seen: the body begins as if behind a line end. */
multipart *multipart_new(str boundary, int64_t file_max, spool *s, arena *a)
{
    TQ_ASSERT(params_boundary_ok(boundary));
    TQ_ASSERT(file_max == 0 || s != NULL);
    multipart *m = ARENA_NEW(a, multipart, 1);
    *m = (multipart){.a = a, .s = s, .file_max = file_max, .text = buf_max(MULTIPART_TEXT_MAX)};
    m->file.fd = -1;
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.data, boundary.len);
    m->delimiter_len = 4 + boundary.len;
    m->matched = 2;
    return m;
}

const http_pair *multipart_fields(const multipart *m, size_t *n)
{
    *n = m->n_fields;
    return m->fields;
}

const http_file *multipart_files(const multipart *m, size_t *n)
{
    *n = m->n_files;
    return m->files;
}

/* Also the file that was being written when the client went. */
void multipart_free(multipart *m)
{
    if (m == NULL) {
        return;
    }
    if (m->file.fd >= 0) {
        spool_remove(m->file.path);
    }
    spool_drop(&m->file);
    for (size_t i = 0; i < m->n_files; i++) {
        spool_remove(m->files[i].path);
    }
    buf_free(&m->text);
}
