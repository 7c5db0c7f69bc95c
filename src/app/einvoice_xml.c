/* SPDX-License-Identifier: Apache-2.0 */
#include "app/einvoice_inner.h"

#define NS_LEGACY "http://www.edrm.org.cn/schema/e-invoice/2019"

/* The fully digital invoice: no namespace. EIid and InvoiceNumber are the same number. */
static const einvoice_place digital_places[] = {
    {"EInvoice/Header/EIid", EINVOICE_NUMBER},
    {"EInvoice/Header/InherentLabel/InIssuType/LabelCode", EINVOICE_RED},
    {"EInvoice/Header/InherentLabel/GeneralOrSpecialVAT/LabelCode", EINVOICE_KIND},
    {"EInvoice/EInvoiceData/SellerInformation/SellerName", EINVOICE_SELLER_NAME},
    {"EInvoice/EInvoiceData/SellerInformation/SellerIdNum", EINVOICE_SELLER_TAX_ID},
    {"EInvoice/EInvoiceData/BuyerInformation/BuyerName", EINVOICE_BUYER_NAME},
    {"EInvoice/EInvoiceData/BuyerInformation/BuyerIdNum", EINVOICE_BUYER_TAX_ID},
    {"EInvoice/EInvoiceData/BasicInformation/TotalAmWithoutTax", EINVOICE_NET},
    {"EInvoice/EInvoiceData/BasicInformation/TotalTaxAm", EINVOICE_TAX},
    {"EInvoice/EInvoiceData/BasicInformation/TotalTax-includedAmount", EINVOICE_GROSS},
    {"EInvoice/EInvoiceData/SpecificInformation/RedEInvoice/OriginalInvoiceCode",
     EINVOICE_ORIGINAL},
    {"EInvoice/EInvoiceData/AdditionalInformation/Remark", EINVOICE_REMARKS},
    {"EInvoice/TaxSupervisionInfo/InvoiceNumber", EINVOICE_NUMBER},
    {"EInvoice/TaxSupervisionInfo/IssueTime", EINVOICE_ISSUED},
};

/* The electronic invoice before it: children in the namespace of the archives' standard. */
static const einvoice_place legacy_places[] = {
    {"eInvoice/InvoiceCode", EINVOICE_CODE},
    {"eInvoice/InvoiceNo", EINVOICE_NUMBER},
    {"eInvoice/IssueDate", EINVOICE_ISSUED},
    {"eInvoice/TypeCode", EINVOICE_RED},
    {"eInvoice/Seller/SellerName", EINVOICE_SELLER_NAME},
    {"eInvoice/Seller/SellerTaxID", EINVOICE_SELLER_TAX_ID},
    {"eInvoice/Buyer/BuyerName", EINVOICE_BUYER_NAME},
    {"eInvoice/Buyer/BuyerTaxID", EINVOICE_BUYER_TAX_ID},
    {"eInvoice/TaxExclusiveTotalAmount", EINVOICE_NET},
    {"eInvoice/TaxTotalAmount", EINVOICE_TAX},
    {"eInvoice/TaxInclusiveTotalAmount", EINVOICE_GROSS},
    {"eInvoice/OriginalInvoiceNo", EINVOICE_ORIGINAL},
    {"eInvoice/Note", EINVOICE_REMARKS},
};

/* Set by the root. */
typedef struct reading {
    einvoice_raw *raw;
    arena *scratch;
    const einvoice_place *places;
    size_t n_places;
    str ns; /* in which its elements stand */
} reading;

tq_code einvoice_take(einvoice_raw *raw, einvoice_field f, str text, bool cut, arena *a,
                      tq_err *err)
{
    TQ_ASSERT(f < EINVOICE_FIELD_COUNT);
    str *old = &raw->value[f];
    if (text.len == 0) {
        return TQ_OK; /* an empty element is how these files say that there is none */
    }
    if (old->len > 0 && !str_eq(*old, text)) {
        return tq_fail(err, TQ_INVALID, "ambiguous", einvoice_key(f),
                       "the file gives two values for %s", einvoice_key(f));
    }
    if (old->len == 0) {
        *old = arena_copy(a, text);
    }
    raw->cut |= cut ? UINT32_C(1) << (unsigned)f : 0;
    return TQ_OK;
}

/* The root decides which table holds, before a field is looked at; any other root ends the reading
 * there, so that a large file of another kind costs nothing. */
static tq_code root_seen(void *ctx, str ns, str name, tq_err *err)
{
    reading *r = ctx;
    const bool legacy_ns = str_eq(ns, STR(NS_LEGACY));
    if (str_eq(name, STR("EInvoice")) && ns.len == 0) {
        *r = (reading){r->raw, r->scratch, digital_places, TQ_COUNT(digital_places), STR("")};
        r->raw->digital = true;
    } else if (str_eq(name, STR("eInvoice")) && (ns.len == 0 || legacy_ns)) {
        *r = (reading){r->raw, r->scratch, legacy_places, TQ_COUNT(legacy_places), STR(NS_LEGACY)};
        r->raw->digital = false;
    } else {
        return tq_fail(err, TQ_INVALID, "not_an_invoice", "file",
                       "the file is XML, but no electronic invoice that is known here");
    }
    r->raw->whole = true;
    return TQ_OK;
}

/* A right name in a wrong namespace is a file made to look like another: refused, not passed
 * over. */
static tq_code element_seen(void *ctx, const xml_element *e, tq_err *err)
{
    const reading *r = ctx;
    for (size_t i = 0; i < r->n_places; i++) {
        if (strcmp(e->path, r->places[i].path) != 0) {
            continue;
        }
        if (!str_eq(e->ns, r->ns)) {
            return tq_fail(err, TQ_INVALID, "not_an_invoice", einvoice_key(r->places[i].field),
                           "the element of %s stands in another namespace",
                           einvoice_key(r->places[i].field));
        }
        return einvoice_take(r->raw, r->places[i].field, e->text, e->text_cut, r->scratch, err);
    }
    return TQ_OK;
}

tq_code einvoice_xml_read(str bytes, arena *scratch, einvoice_raw *raw, tq_err *err)
{
    reading r = {.raw = raw, .scratch = scratch};
    const xml_visitor v = {&r, root_seen, element_seen};
    return xml_walk(bytes, &v, err);
}
