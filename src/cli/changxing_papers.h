/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_PAPERS_H
#define TQ_CHANGXING_PAPERS_H

/* Papers of the demonstration: one page of PDF each, in the letters that every reader of PDF brings along, so that
 * the desk has something to show. */

#include "base/arena.h"
#include "base/str.h"

#define PAPER_LINES_MAX 12

typedef struct demo_paper {
    const char *title;
    const char *lines[PAPER_LINES_MAX]; /* printable ASCII without brackets and backslash */
    int n;
} demo_paper;

/* Lives in `a`; the same paper gives the same bytes. */
str paper_pdf(const demo_paper *p, arena *a);

#endif
