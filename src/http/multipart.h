/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_MULTIPART_H
#define TQ_MULTIPART_H

/* multipart/form-data (RFC 7578), read as it comes in: text fields into the arena, files into
 * the spool. Strict: the body begins with the boundary, lines end in CRLF, each part has one
 * Content-Disposition of form-data with a name, no transfer encoding that would have to be
 * undone, and nothing follows the last boundary but one CRLF. A file field left empty by a
 * person (no name, no bytes) is passed over. */

#include "http/guard.h"
#include "http/spool.h"

#define MULTIPART_BOUNDARY_MAX 70
#define MULTIPART_PART_HEAD_MAX 8192
#define MULTIPART_TEXT_MAX (1024 * 1024) /* text fields and part heads; 413 beyond */

typedef struct multipart multipart;

/* The boundary of a Content-Type; false where there is none that is well-formed. */
bool multipart_boundary(str content_type, str *out);

/* `file_max`: bytes of one file; 0: no files are taken. The parser lives in `a`; multipart_free
 * is due all the same, for open files. */
multipart *multipart_new(str boundary, int64_t file_max, spool *s, arena *a);
/* After a reason other than GUARD_OK nothing more may be added. */
TQ_MUST_CHECK guard_reason multipart_add(multipart *m, str bytes);
TQ_MUST_CHECK guard_reason multipart_end(multipart *m);
const http_pair *multipart_fields(const multipart *m, size_t *n);
const http_file *multipart_files(const multipart *m, size_t *n);
void multipart_free(multipart *m); /* removes all its files; takes NULL */

#endif
