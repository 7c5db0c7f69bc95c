/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_CONFINED_RUN_H
#define TQ_TESTS_CONFINED_RUN_H

/* Where the planted child stands, and PDF files made by hand. */

#include "base/buf.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* tests/confined_child.c, beside the test program. */
static inline const char *child_path(const char *argv0)
{
    static char path[PATH_MAX + 32];
    char self[PATH_MAX];
    if (realpath(argv0, self) == NULL) {
        return NULL;
    }
    char *slash = strrchr(self, '/');
    *slash = '\0';
    (void)snprintf(path, sizeof path, "%s/confined_child", self);
    return path;
}

/* A PDF of that many pages, each with the same content and size (points); the cross references
 * are right, so that nothing has to be mended by the reader. */
static inline void pdf_make(buf *out, int pages, const char *content, int points)
{
    size_t at[128];
    int n = 0;
    buf_text(out, "%PDF-1.4\n");
    at[n++] = out->len;
    buf_text(out, "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n");
    at[n++] = out->len;
    buf_text(out, "2 0 obj\n<< /Type /Pages /Kids [");
    for (int i = 0; i < pages; i++) {
        buf_printf(out, "%d 0 R ", 5 + i);
    }
    buf_printf(out, "] /Count %d >>\nendobj\n", pages);
    at[n++] = out->len;
    buf_text(out, "3 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n");
    at[n++] = out->len;
    buf_printf(out, "4 0 obj\n<< /Length %zu >>\nstream\n%s\nendstream\nendobj\n", strlen(content),
               content);
    for (int i = 0; i < pages; i++) {
        at[n++] = out->len;
        buf_printf(out,
                   "%d 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R "
                   "/Resources << /Font << /F1 3 0 R >> >> >>\nendobj\n",
                   5 + i, points, points);
    }
    const size_t xref = out->len;
    buf_printf(out, "xref\n0 %d\n0000000000 65535 f \n", n + 1);
    for (int i = 0; i < n; i++) {
        buf_printf(out, "%010zu 00000 n \n", at[i]);
    }
    buf_printf(out, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n", n + 1, xref);
}

#define PDF_TEXT "BT /F1 24 Tf 20 100 Td (Tongquan) Tj ET"

#endif
