/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_XML_WALK_H
#define TQ_XML_WALK_H

/* Reads XML that a stranger sent, element by element, over libxml2's SAX2 interface.
 *
 * No document type is read at all (INVALID/dtd before the parser sees it, and again inside it), so
 * there are no entities of the file's own, internal or external; nothing is fetched, no catalogue
 * or file is opened, XInclude is not done. Text is UTF-8, whatever the declaration says. Every
 * dimension has a maximum below; memory does not depend on what the file nests or repeats.
 *
 * Reasons, all INVALID: charset, dtd, too_big, too_deep, too_many_nodes, too_many_attributes,
 * not_well_formed; and what the visitor gives. */

#include "base/arena.h"
#include "base/err.h"

#define XML_BYTES_MAX (4 * 1024 * 1024)
#define XML_DEPTH_MAX 24
#define XML_NODES_MAX 50000
#define XML_ATTRIBUTES_MAX 64   /* of one element; namespaces at most a quarter of that */
#define XML_TAG_BYTES_MAX 16384 /* one tag: the parser compares its attributes pair by pair */
#define XML_TEXT_MAX 4096       /* bytes of one element's text that are kept */
#define XML_PATH_MAX 1024

typedef struct xml_element {
    const char *path; /* local names from the root: "EInvoice/Header/EIid" */
    str ns;           /* namespace of this element, "" where it has none */
    str text;         /* of an element without children, trimmed; "" otherwise */
    bool text_cut;    /* it was longer than XML_TEXT_MAX */
    str attr_name;    /* value of the attribute `Name`, "" where there is none or it is long */
} xml_element;

typedef struct xml_visitor {
    void *ctx;
    /* The root has been opened; a failure stops the walk and is its result. */
    tq_code (*root)(void *ctx, str ns, str name, tq_err *err);
    /* An element has been closed. What it points to lives until the call returns. */
    tq_code (*element)(void *ctx, const xml_element *e, tq_err *err);
} xml_visitor;

TQ_MUST_CHECK tq_code xml_walk(str bytes, const xml_visitor *v, tq_err *err);

#endif
