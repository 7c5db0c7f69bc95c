/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_FILE_KIND_H
#define TQ_FILE_KIND_H

/* What a file is by its first bytes. The name that a browser sends and the media type it claims
 * say nothing: x.pdf.exe is a program. Five kinds are taken as evidence; everything else is
 * refused by the name of what it looks like, so that the person knows what to do instead. */

#include "base/arena.h"
#include "base/err.h"

/*    kind  name    ending  media type         greatest size in bytes */
#define FILE_KIND_MAP(X)                                                                           \
    X(PDF, "PDF", "pdf", "application/pdf", 16 * 1024 * 1024)                                      \
    X(OFD, "OFD", "ofd", "application/ofd", 16 * 1024 * 1024)                                      \
    X(XML, "XML", "xml", "application/xml", 4 * 1024 * 1024)                                       \
    X(JPEG, "JPEG", "jpg", "image/jpeg", 8 * 1024 * 1024)                                          \
    X(PNG, "PNG", "png", "image/png", 8 * 1024 * 1024)

typedef enum file_kind {
#define X(kind, name, ending, media_type, bytes_max) FILE_##kind,
    FILE_KIND_MAP(X)
#undef X
        FILE_KIND_COUNT
} file_kind;

typedef struct file_kind_info {
    const char *name;
    const char *ending;
    const char *media_type;
    size_t bytes_max;
} file_kind_info;

#define FILE_LABEL_MAX 200 /* bytes of a name that is offered for download */

const file_kind_info *file_kind_info_of(file_kind kind);

/* INVALID/file_kind names what the file seems to be; LIMIT/file_size where it is larger than its
 * kind may be; INVALID/file_empty. An Office document or another archive is no OFD although all
 * are ZIP. */
TQ_MUST_CHECK tq_code file_kind_of(str bytes, file_kind *out, tq_err *err);

/* The name under which a stored file is offered: the label without anything that a file system,
 * a shell or a header could take for more than a letter, and with the ending of what the file
 * really is ("../a.exe" of a PDF: "a.exe.pdf"). UTF-8, in `a`. */
str file_label(str label, const char *ending, arena *a);

#endif
