/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_EINVOICE_INNER_H
#define TQ_EINVOICE_INNER_H

/* The fields as texts, before they are understood; shared by the readers of XML and OFD. */

#include "app/einvoice.h"
#include "app/xml_walk.h"

typedef struct einvoice_raw {
    bool digital;                    /* of the two forms of XML; meaningful where `whole` */
    bool whole;                      /* an invoice's own XML was read, not only CustomData */
    str value[EINVOICE_FIELD_COUNT]; /* "" = absent; in the scratch arena */
    uint32_t cut;                    /* fields whose text was too long to be kept */
} einvoice_raw;

/* Where a field stands: path of local names, as xml_walk gives it. */
typedef struct einvoice_place {
    const char *path;
    einvoice_field field;
} einvoice_place;

/* Keeps the text of an element under its field. INVALID/ambiguous where the file says two
 * things. */
TQ_MUST_CHECK tq_code einvoice_take(einvoice_raw *raw, einvoice_field f, str text, bool cut,
                                    arena *a, tq_err *err);

/* INVALID/not_an_invoice where the root is none of the two. Adds to `raw`. */
TQ_MUST_CHECK tq_code einvoice_xml_read(str bytes, arena *scratch, einvoice_raw *raw, tq_err *err);
TQ_MUST_CHECK tq_code einvoice_ofd_read(str bytes, arena *scratch, einvoice_raw *raw, tq_err *err);

#endif
