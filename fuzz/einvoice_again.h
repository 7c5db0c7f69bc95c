/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_EINVOICE_AGAIN_H
#define TQ_EINVOICE_AGAIN_H

/* What holds of every invoice that is read, whatever the bytes were: a second reading gives the
 * same canonical object; net and tax come to gross, or the invoice says that they do not; and
 * the invoice written down anew as XML from its fields is read as the same fields. */

#include "app/einvoice.h"
#include "base/canon.h"
#include "base/money.h"

#define AGAIN_NS "xmlns:fp=\"http://www.edrm.org.cn/schema/e-invoice/2019\""

static inline void again_text(buf *out, str s)
{
    for (size_t i = 0; i < s.len; i++) {
        const char c = s.data[i];
        if (c == '<' || c == '&' || c == '>') {
            buf_text(out, c == '<' ? "&lt;" : c == '&' ? "&amp;" : "&gt;");
        } else {
            buf_char(out, c);
        }
    }
}

/* Opens the elements of a path below the root, writes the text, closes them again: the reader
 * asks for paths, not for an order. */
static inline void again_element(buf *out, const char *prefix, const char *path, str text)
{
    const char *ends[8];
    int n = 0;
    const char *at = path;
    for (; n < 8; n++) {
        const char *slash = strchr(at, '/');
        const int len = slash == NULL ? (int)strlen(at) : (int)(slash - at);
        buf_printf(out, "<%s%.*s>", prefix, len, at);
        ends[n] = at;
        if (slash == NULL) {
            break;
        }
        at = slash + 1;
    }
    again_text(out, text);
    for (; n >= 0; n--) {
        const char *slash = strchr(ends[n], '/');
        const int len = slash == NULL ? (int)strlen(ends[n]) : (int)(slash - ends[n]);
        buf_printf(out, "</%s%.*s>", prefix, len, ends[n]);
    }
}

static inline void again_field(buf *out, const einvoice *e, bool digital, einvoice_field f,
                               str text)
{
    static const char *const digital_paths[EINVOICE_FIELD_COUNT] = {
        [EINVOICE_NUMBER] = "Header/EIid",
        [EINVOICE_ISSUED] = "TaxSupervisionInfo/IssueTime",
        [EINVOICE_SELLER_NAME] = "EInvoiceData/SellerInformation/SellerName",
        [EINVOICE_SELLER_TAX_ID] = "EInvoiceData/SellerInformation/SellerIdNum",
        [EINVOICE_BUYER_NAME] = "EInvoiceData/BuyerInformation/BuyerName",
        [EINVOICE_BUYER_TAX_ID] = "EInvoiceData/BuyerInformation/BuyerIdNum",
        [EINVOICE_NET] = "EInvoiceData/BasicInformation/TotalAmWithoutTax",
        [EINVOICE_TAX] = "EInvoiceData/BasicInformation/TotalTaxAm",
        [EINVOICE_GROSS] = "EInvoiceData/BasicInformation/TotalTax-includedAmount",
        [EINVOICE_KIND] = "Header/InherentLabel/GeneralOrSpecialVAT/LabelCode",
        [EINVOICE_RED] = "Header/InherentLabel/InIssuType/LabelCode",
        [EINVOICE_ORIGINAL] = "EInvoiceData/SpecificInformation/RedEInvoice/OriginalInvoiceCode",
        [EINVOICE_REMARKS] = "EInvoiceData/AdditionalInformation/Remark",
    };
    static const char *const legacy_paths[EINVOICE_FIELD_COUNT] = {
        [EINVOICE_CODE] = "InvoiceCode",
        [EINVOICE_NUMBER] = "InvoiceNo",
        [EINVOICE_ISSUED] = "IssueDate",
        [EINVOICE_SELLER_NAME] = "Seller/SellerName",
        [EINVOICE_SELLER_TAX_ID] = "Seller/SellerTaxID",
        [EINVOICE_BUYER_NAME] = "Buyer/BuyerName",
        [EINVOICE_BUYER_TAX_ID] = "Buyer/BuyerTaxID",
        [EINVOICE_NET] = "TaxExclusiveTotalAmount",
        [EINVOICE_TAX] = "TaxTotalAmount",
        [EINVOICE_GROSS] = "TaxInclusiveTotalAmount",
        [EINVOICE_RED] = "TypeCode",
        [EINVOICE_ORIGINAL] = "OriginalInvoiceNo",
        [EINVOICE_REMARKS] = "Note",
    };
    const char *path = digital ? digital_paths[f] : legacy_paths[f];
    if (path != NULL && einvoice_has(e, f)) {
        again_element(out, digital ? "" : "fp:", path, text);
    }
}

static inline void again_amount(buf *out, const einvoice *e, bool digital, einvoice_field f,
                                int64_t fen)
{
    const currency cny = {"CNY", 2};
    BUF_AUTO buf text = buf_max(64);
    money_print((money){fen}, &cny, &text);
    again_field(out, e, digital, f, buf_view(&text));
}

static inline void again_write(buf *out, const einvoice *e, bool digital)
{
    BUF_AUTO buf issued = buf_max(64);
    if (einvoice_has(e, EINVOICE_ISSUED)) {
        day_print(e->issued, &issued);
    }
    buf_text(out, digital ? "<EInvoice>" : "<eInvoice " AGAIN_NS ">");
    again_field(out, e, digital, EINVOICE_CODE, e->code);
    again_field(out, e, digital, EINVOICE_NUMBER, e->number);
    again_field(out, e, digital, EINVOICE_ISSUED, buf_view(&issued));
    again_field(out, e, digital, EINVOICE_SELLER_NAME, e->seller_name);
    again_field(out, e, digital, EINVOICE_SELLER_TAX_ID, e->seller_tax_id);
    again_field(out, e, digital, EINVOICE_BUYER_NAME, e->buyer_name);
    again_field(out, e, digital, EINVOICE_BUYER_TAX_ID, e->buyer_tax_id);
    again_amount(out, e, digital, EINVOICE_NET, e->net_fen);
    again_amount(out, e, digital, EINVOICE_TAX, e->tax_fen);
    again_amount(out, e, digital, EINVOICE_GROSS, e->gross_fen);
    again_field(out, e, digital, EINVOICE_KIND,
                str_eq(e->kind, STR("special"))    ? STR("01")
                : str_eq(e->kind, STR("ordinary")) ? STR("02")
                                                   : STR("99"));
    again_field(out, e, digital, EINVOICE_RED,
                digital ? (e->red ? STR("N") : STR("Y")) : (e->red ? STR("1") : STR("0")));
    again_field(out, e, digital, EINVOICE_ORIGINAL, e->original);
    again_field(out, e, digital, EINVOICE_REMARKS, e->remarks);
    buf_text(out, digital ? "</EInvoice>" : "</eInvoice>");
}

static inline void again_same(const einvoice *x, const einvoice *y)
{
    TQ_ASSERT(str_eq(x->code, y->code) || !einvoice_has(x, EINVOICE_CODE));
    TQ_ASSERT(str_eq(x->number, y->number));
    TQ_ASSERT(x->issued.n == y->issued.n || !einvoice_has(x, EINVOICE_ISSUED));
    TQ_ASSERT(str_eq(x->seller_name, y->seller_name) || !einvoice_has(x, EINVOICE_SELLER_NAME));
    TQ_ASSERT(str_eq(x->seller_tax_id, y->seller_tax_id) ||
              !einvoice_has(x, EINVOICE_SELLER_TAX_ID));
    TQ_ASSERT(str_eq(x->buyer_name, y->buyer_name) || !einvoice_has(x, EINVOICE_BUYER_NAME));
    TQ_ASSERT(str_eq(x->buyer_tax_id, y->buyer_tax_id) || !einvoice_has(x, EINVOICE_BUYER_TAX_ID));
    TQ_ASSERT(x->net_fen == y->net_fen || !einvoice_has(x, EINVOICE_NET));
    TQ_ASSERT(x->tax_fen == y->tax_fen || !einvoice_has(x, EINVOICE_TAX));
    TQ_ASSERT(x->gross_fen == y->gross_fen || !einvoice_has(x, EINVOICE_GROSS));
    TQ_ASSERT(x->red == y->red || !einvoice_has(x, EINVOICE_RED));
    TQ_ASSERT(str_eq(x->original, y->original) || !einvoice_has(x, EINVOICE_ORIGINAL));
    TQ_ASSERT(str_eq(x->remarks, y->remarks) || !einvoice_has(x, EINVOICE_REMARKS));
    /* What could not be read is not written again, and what is absent may be derived. */
    TQ_ASSERT(x->sum_differs == y->sum_differs || x->unreadable != 0);
    TQ_ASSERT(x->sign_differs == y->sign_differs || x->unreadable != 0);
}

static inline void einvoice_again(const uint8_t *data, size_t size)
{
    ARENA_AUTO arena *a = arena_new("fuzz", (size_t)4 << 20);
    const str bytes = {(const char *)data, size};
    einvoice e;
    einvoice twice;
    const canon_node *node = NULL;
    tq_err err = {0};
    if (einvoice_read(bytes, a, &e, &err) != TQ_OK) {
        TQ_ASSERT(err.code == TQ_INVALID || err.code == TQ_LIMIT);
        return;
    }
    const tq_code second = einvoice_read(bytes, a, &twice, &err);
    TQ_ASSERT(second == TQ_OK);
    TQ_ASSERT(str_eq(e.extracted, twice.extracted));
    again_same(&e, &twice);
    const tq_code canonical = canon_read(e.extracted, a, &node, &err);
    TQ_ASSERT(canonical == TQ_OK);
    TQ_ASSERT((e.found & e.unreadable) == 0);
    if (einvoice_has(&e, EINVOICE_NET) && einvoice_has(&e, EINVOICE_TAX) &&
        einvoice_has(&e, EINVOICE_GROSS)) {
        TQ_ASSERT((e.net_fen + e.tax_fen == e.gross_fen) == !e.sum_differs);
    }
    BUF_AUTO buf xml = buf_max((size_t)1 << 20);
    again_write(&xml, &e, e.number.len == 20 && !einvoice_has(&e, EINVOICE_CODE));
    TQ_ASSERT(buf_ok(&xml));
    einvoice again;
    const tq_code written = einvoice_read(buf_view(&xml), a, &again, &err);
    TQ_ASSERT(written == TQ_OK);
    again_same(&e, &again);
}

#endif
