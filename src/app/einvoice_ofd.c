/* SPDX-License-Identifier: Apache-2.0 */
#include "app/einvoice_inner.h"
#include "app/zip_read.h"

#define NS_OFD "http://www.ofdspec.org/2016"
#define NS_OFD_OLD "http://www.ofdspec.org" /* programs before the standard's final text */
#define ATTACHMENTS_MAX 8

/* The name of a CustomData entry in OFD.xml and the field it carries. */
static const einvoice_place custom_places[] = {
    {"发票代码", EINVOICE_CODE},          {"发票号码", EINVOICE_NUMBER},
    {"开票日期", EINVOICE_ISSUED},        {"合计金额", EINVOICE_NET},
    {"合计税额", EINVOICE_TAX},           {"价税合计", EINVOICE_GROSS},
    {"销售方名称", EINVOICE_SELLER_NAME}, {"销售方纳税人识别号", EINVOICE_SELLER_TAX_ID},
    {"购买方名称", EINVOICE_BUYER_NAME},  {"购买方纳税人识别号", EINVOICE_BUYER_TAX_ID},
    {"备注", EINVOICE_REMARKS},
};

typedef struct reading {
    einvoice_raw *raw;
    arena *scratch;
    int bodies;
} reading;

static bool ofd_ns(str ns)
{
    return str_eq(ns, STR(NS_OFD)) || str_eq(ns, STR(NS_OFD_OLD));
}

/* Both namespaces are in use; a file in neither is no OFD, whatever its entries are called. */
static tq_code root_seen(void *ctx, str ns, str name, tq_err *err)
{
    (void)ctx;
    if (!str_eq(name, STR("OFD")) || !ofd_ns(ns)) {
        return tq_fail(err, TQ_INVALID, "not_an_invoice", "OFD.xml", "the archive is no OFD");
    }
    return TQ_OK;
}

static tq_code element_seen(void *ctx, const xml_element *e, tq_err *err)
{
    reading *r = ctx;
    if (strcmp(e->path, "OFD/DocBody") == 0 && ++r->bodies > 1) {
        return tq_fail(err, TQ_INVALID, "ambiguous", "OFD.xml", "the file holds two documents");
    }
    /* Some programs leave out the list around the entries. */
    if (!ofd_ns(e->ns) || (strcmp(e->path, "OFD/DocBody/DocInfo/CustomDatas/CustomData") != 0 &&
                           strcmp(e->path, "OFD/DocBody/DocInfo/CustomData") != 0)) {
        return TQ_OK;
    }
    for (size_t i = 0; i < TQ_COUNT(custom_places); i++) {
        if (str_eq(e->attr_name, str_of(custom_places[i].path))) {
            return einvoice_take(r->raw, custom_places[i].field, e->text, e->text_cut, r->scratch,
                                 err);
        }
    }
    return TQ_OK;
}

/* Attachments stand in a folder Attachs by custom of all issuers; their list (Attachments.xml)
 * is not followed, so that no file decides which path is opened. */
static bool is_attachment(str name)
{
    const str xml = STR(".xml");
    const str list = STR("Attachments.xml");
    const bool ends_xml =
        name.len > xml.len && strncasecmp(name.data + name.len - xml.len, xml.data, xml.len) == 0;
    const bool ends_list =
        name.len >= list.len && memcmp(name.data + name.len - list.len, list.data, list.len) == 0;
    return ends_xml && !ends_list &&
           memmem(name.data, name.len, "/Attachs/", strlen("/Attachs/")) != NULL;
}

/* An attachment that is another kind of XML is passed over; one that is unsafe spoils the file. */
static tq_code attachment_read(zip_pack *z, int i, arena *scratch, einvoice_raw *raw, tq_err *err)
{
    str xml = {0};
    tq_err why = {0};
    TQ_TRY(zip_pack_read(z, i, XML_BYTES_MAX, scratch, &xml, err));
    const einvoice_raw before = *raw;
    const tq_code code = einvoice_xml_read(xml, scratch, raw, &why);
    if (code == TQ_INVALID && strcmp(why.reason, "not_an_invoice") == 0) {
        *raw = before;
        return TQ_OK;
    }
    if (code != TQ_OK && err != NULL) {
        *err = why;
    }
    return code;
}

/* What the file's head says and what its attachment says are one invoice, or none: amounts and
 * dates are written in several ways, so only fields that stand in one form alone are compared as
 * texts. */
static tq_code head_agrees(const einvoice_raw *head, const einvoice_raw *body, tq_err *err)
{
    static const einvoice_field identity[] = {EINVOICE_CODE, EINVOICE_NUMBER,
                                              EINVOICE_SELLER_TAX_ID, EINVOICE_BUYER_TAX_ID};
    for (size_t i = 0; i < TQ_COUNT(identity); i++) {
        const str a = head->value[identity[i]];
        const str b = body->value[identity[i]];
        if (a.len > 0 && b.len > 0 && !str_eq(a, b)) {
            return tq_fail(err, TQ_INVALID, "ambiguous", einvoice_key(identity[i]),
                           "the file and its attachment differ in %s", einvoice_key(identity[i]));
        }
    }
    return TQ_OK;
}

/* In the order of the directory. Each is bounded, and so is their number. */
static tq_code attachments_read(zip_pack *z, arena *scratch, einvoice_raw *raw, tq_err *err)
{
    int seen = 0;
    for (int i = 0; i < zip_pack_count(z); i++) {
        if (!is_attachment(zip_pack_name(z, i))) {
            continue;
        }
        if (++seen > ATTACHMENTS_MAX) {
            return tq_fail(err, TQ_INVALID, "zip_entries", "file",
                           "the file has more than %d attachments", ATTACHMENTS_MAX);
        }
        TQ_TRY(attachment_read(z, i, scratch, raw, err));
    }
    return TQ_OK;
}

tq_code einvoice_ofd_read(str bytes, arena *scratch, einvoice_raw *raw, tq_err *err)
{
    ZIP_PACK_AUTO zip_pack *z = NULL;
    TQ_TRY(zip_pack_open(bytes, &z, err));
    const int at = zip_pack_find(z, STR("OFD.xml"));
    if (at < 0) {
        return tq_fail(err, TQ_INVALID, "not_an_invoice", "OFD.xml", "the archive is no OFD");
    }
    str xml = {0};
    TQ_TRY(zip_pack_read(z, at, XML_BYTES_MAX, scratch, &xml, err));
    einvoice_raw head = {0};
    einvoice_raw body = {0};
    reading r = {.raw = &head, .scratch = scratch};
    const xml_visitor v = {&r, root_seen, element_seen};
    TQ_TRY(xml_walk(xml, &v, err));
    TQ_TRY(attachments_read(z, scratch, &body, err));
    TQ_TRY(head_agrees(&head, &body, err));
    for (size_t f = 0; f < EINVOICE_FIELD_COUNT; f++) { /* the attachment says it in full */
        if (body.value[f].len == 0) {
            body.value[f] = head.value[f];
            body.cut |= head.cut & UINT32_C(1) << f;
        }
    }
    *raw = body;
    return TQ_OK;
}
