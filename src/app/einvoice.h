/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_EINVOICE_H
#define TQ_EINVOICE_H

/* Reads the fields of an electronic invoice from its own file, so that a reviewer sees what the
 * file says beside what a person typed.
 *
 * Three forms are read: the fully digital invoice 数电票 as XML (root EInvoice); the older electronic
 * invoice as XML (root eInvoice, namespace www.edrm.org.cn); and OFD (GB/T 33190-2016), a ZIP that
 * carries one of the two as an attachment and the main fields as CustomData. Everything in the file
 * is a stranger's: see xml_walk.h and zip_read.h for what is refused.
 *
 * A file that cannot be read is INVALID with the reason (not_an_invoice, no_number, ambiguous,
 * dtd, too_deep, too_big, zip_ratio, zip_name, …); its owner keeps it all the same and asks the
 * person for the fields. What is read here decides nothing: money follows what was typed and
 * reviewed. */

#include "app/file_kind.h"
#include "base/day.h"

/*    field           key in the canonical object */
#define EINVOICE_FIELD_MAP(X)                                                                      \
    X(CODE, "code")                                                                                \
    X(NUMBER, "number")                                                                            \
    X(ISSUED, "issued")                                                                            \
    X(SELLER_NAME, "seller_name")                                                                  \
    X(SELLER_TAX_ID, "seller_tax_id")                                                              \
    X(BUYER_NAME, "buyer_name")                                                                    \
    X(BUYER_TAX_ID, "buyer_tax_id")                                                                \
    X(NET, "net_fen")                                                                              \
    X(TAX, "tax_fen")                                                                              \
    X(GROSS, "gross_fen")                                                                          \
    X(KIND, "kind")                                                                                \
    X(RED, "red")                                                                                  \
    X(ORIGINAL, "original")                                                                        \
    X(REMARKS, "remarks")

typedef enum einvoice_field {
#define X(field, key) EINVOICE_##field,
    EINVOICE_FIELD_MAP(X)
#undef X
        EINVOICE_FIELD_COUNT
} einvoice_field;

typedef struct einvoice {
    const char *source;  /* digital_xml, legacy_xml, digital_ofd, legacy_ofd */
    uint32_t found;      /* einvoice_has: stands in the file, in a form that was understood */
    uint32_t unreadable; /* stands in the file, but not so */
    str code;            /* legacy: 10 or 12 digits */
    str number;          /* 20 digits, or 8 with a code; always found */
    day issued;
    str seller_name, seller_tax_id;
    str buyer_name, buyer_tax_id;
    int64_t net_fen, tax_fen, gross_fen; /* negative on a red one */
    str kind;                            /* special | ordinary | other */
    bool red;                            /* it cancels another */
    str original;                        /* the number that a red one cancels */
    str remarks;
    bool gross_derived; /* the file gives net and tax alone: gross is their sum */
    bool sum_differs;   /* gross is not net + tax: to be looked at */
    bool sign_differs;  /* a red one over a positive sum, or the reverse */
    str extracted;      /* canonical object for evidence.extracted, see below */
} einvoice;

static inline bool einvoice_has(const einvoice *e, einvoice_field f)
{
    return (e->found >> (unsigned)f & 1U) != 0;
}
const char *einvoice_key(einvoice_field f);

#define EINVOICE_ARENA_BYTES (128 * 1024) /* what einvoice_read takes of `a` at most */

/* Reads XML or OFD; what the bytes are is found out from them. Texts live in `a`. INVALID as above,
 * and not_an_invoice for the other kinds of file. `*out` is whole or untouched.
 *
 * The canonical object has the keys of the map for what was found (remarks only as true, since
 * people write accounts and telephones there), "source", the flags that are true, and
 * "unreadable" with a list of keys. A buyer whose tax id is no credit code may be a natural
 * person: name and id are left out and "buyer_private" is true, because the object goes into the
 * public log. */
TQ_MUST_CHECK tq_code einvoice_read(str bytes, arena *a, einvoice *out, tq_err *err);

/* What a reviewer is shown beside each other. */
typedef enum einvoice_verdict {
    EINVOICE_SAME,
    EINVOICE_DIFFERS,
    EINVOICE_ONLY_FILE,  /* the person did not type it */
    EINVOICE_ONLY_TYPED, /* the file does not say it */
} einvoice_verdict;

typedef struct einvoice_comparison {
    einvoice_field field;
    einvoice_verdict verdict;
    str extracted, typed; /* as text; amounts in fen; "" where absent */
} einvoice_comparison;

/* Compares two canonical objects (evidence.extracted, evidence.typed) field by field, in the
 * order of the map; fields that neither has are left out, remarks too. Names are the same
 * whatever the width of their brackets and the blanks in them, tax ids whatever their case.
 * `out` has room for EINVOICE_FIELD_COUNT. An empty text is an empty object; MALFORMED where one
 * is no object. */
TQ_MUST_CHECK tq_code einvoice_compare(str extracted, str typed, arena *a, einvoice_comparison *out,
                                       size_t *n, tq_err *err);

#endif
