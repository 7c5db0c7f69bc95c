/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_PAGE_IMAGE_H
#define TQ_PAGE_IMAGE_H

/* Pages of PDF evidence as images, so that a reviewer sees a stranger's file without a stranger's
 * file reaching his browser. They are drawn once, by pdftocairo as a confined child (confined.h),
 * and kept as blobs under (hash of the file, page, resolution). Nothing here is evidence: rows and
 * images can be deleted and drawn again, and no event tells of them.
 *
 * Who may look is asked by evidence.h, not here. */

#include "app/app.h"

#define PAGE_IMAGE_DPI 110
#define PAGE_IMAGE_PAGES_MAX 20
#define PAGE_IMAGE_BYTES_MAX (8 * 1024 * 1024)  /* of one page */
#define PAGE_IMAGE_TOTAL_MAX (64 * 1024 * 1024) /* of one file */
#define PAGE_IMAGE_AT_ONCE 2                    /* children of this process */

typedef struct page_images {
    int pages; /* that are drawn, at least 1 */
    bool more; /* the file has more than PAGE_IMAGE_PAGES_MAX */
} page_images;

/* Draws the pages where that has not been done. `hex` is the SHA-256 of a stored file.
 * INVALID/no_pdf; INVALID/unreadable_pdf (also a locked one), /pdf_too_costly, /pdf_attack:
 * these are remembered and cost nothing the second time. BUSY/page_images where others are being
 * drawn or the machine is slow: ask again. NOT_FOUND/no_program where pdftocairo is not
 * installed. */
TQ_MUST_CHECK tq_code page_images_make(app *a, str hex, instant at, page_images *out, tq_err *err);

/* The image of one page, PNG, in `room`, which must have PAGE_IMAGE_BYTES_MAX left. Pages count
 * from 1; NOT_FOUND/no_page beyond the last, and before page_images_make. */
TQ_MUST_CHECK tq_code page_image_read(app *a, str hex, int page, arena *room, str *png,
                                      tq_err *err);

/* The program that draws, for tests; NULL: the installed one. */
void page_image_program(const char *path);

#endif
