/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/changxing_papers.h"

#include "base/buf.h"
#include "base/err.h"

#define PDF_MAX (16 * 1024)
#define OBJECTS 5

/* Text of a page: the title, then line by line. */
static void page_text(const demo_paper *p, buf *out)
{
    buf_printf(out, "BT /F 20 Tf 72 760 Td (%s) Tj /F 12 Tf", p->title);
    for (int i = 0; i < p->n; i++) {
        buf_printf(out, " 0 %d Td (%s) Tj", i == 0 ? -44 : -22, p->lines[i]);
    }
    buf_text(out, " 0 -60 Td (DEMONSTRATION - no paper of any firm) Tj ET");
}

/* Objects of a PDF 1.4 (ISO 32000-1, 7.5): catalogue, pages, page, text, and the table of where they begin. */
str paper_pdf(const demo_paper *p, arena *a)
{
    BUF_AUTO buf text = buf_max(PDF_MAX);
    BUF_AUTO buf out = buf_max(PDF_MAX);
    size_t at[OBJECTS] = {0};
    TQ_ASSERT(p->n >= 0 && p->n <= PAPER_LINES_MAX);
    page_text(p, &text);
    buf_text(&out, "%PDF-1.4\n");
    at[1] = out.len;
    buf_text(&out, "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
    at[2] = out.len;
    buf_text(&out, "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n");
    at[3] = out.len;
    buf_text(&out,
             "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources"
             "<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>\nendobj\n");
    at[4] = out.len;
    buf_printf(&out, "4 0 obj\n<</Length %zu>>\nstream\n", text.len);
    buf_str_add(&out, buf_view(&text));
    buf_text(&out, "\nendstream\nendobj\n");
    const size_t table = out.len;
    buf_printf(&out, "xref\n0 %d\n0000000000 65535 f \n", OBJECTS);
    for (int i = 1; i < OBJECTS; i++) {
        buf_printf(&out, "%010zu 00000 n \n", at[i]);
    }
    buf_printf(&out, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", OBJECTS, table);
    TQ_ASSERT(buf_ok(&text) && buf_ok(&out));
    return arena_copy(a, buf_view(&out));
}
