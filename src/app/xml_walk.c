/* SPDX-License-Identifier: Apache-2.0 */
#include "app/xml_walk.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <pthread.h>

#define NAME_VALUE_MAX 128

typedef struct walk {
    const xml_visitor *v;
    xmlParserCtxtPtr parser;
    tq_code code; /* why the walk was stopped */
    tq_err err;
    int depth;
    int nodes;
    size_t path_len;
    char path[XML_PATH_MAX];
    bool leaf; /* nothing was closed since the last element was opened */
    bool cut;
    size_t text_len;
    char text[XML_TEXT_MAX];
    size_t attr_len; /* of the innermost open element: only leaves are asked for it */
    char attr[NAME_VALUE_MAX];
} walk;

/* --- before the parser ----------------------------------------------------------------------- */

static tq_code broken(tq_err *err)
{
    return tq_fail(err, TQ_INVALID, "not_well_formed", "file", "this is not well-formed XML");
}

static tq_code no_dtd(tq_err *err)
{
    return tq_fail(err, TQ_INVALID, "dtd", "file",
                   "the file declares a document type; invoices have none");
}

/* Index behind `end`, or 0 where it does not come. */
static size_t behind(str xml, size_t from, str end)
{
    const char *at = memmem(xml.data + from, xml.len - from, end.data, end.len);
    return at == NULL ? 0 : (size_t)(at - xml.data) + end.len;
}

/* Index behind the '>' of a tag that begins at `from`; 0 where it is longer than a tag may be,
 * or has no end. */
static size_t tag_end(str xml, size_t from)
{
    char quote = '\0';
    for (size_t i = from; i < xml.len && i - from < XML_TAG_BYTES_MAX; i++) {
        const char c = xml.data[i];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            return i + 1;
        }
    }
    return 0;
}

/* The outline is looked at first: libxml2 2.9 compares the attributes of a tag pair by pair, so
 * that one tag of a megabyte would keep it busy for minutes before any callback could stop it;
 * and a document type is refused before a byte of it is parsed. */
static tq_code outline_need(str xml, tq_err *err)
{
    size_t i = 0;
    for (;;) {
        const char *open = memchr(xml.data + i, '<', xml.len - i);
        if (open == NULL) {
            return TQ_OK;
        }
        i = (size_t)(open - xml.data);
        const str rest = {open, xml.len - i};
        if (str_starts(rest, STR("<!--"))) {
            i = behind(xml, i + 4, STR("-->"));
        } else if (str_starts(rest, STR("<![CDATA["))) {
            i = behind(xml, i + 9, STR("]]>"));
        } else if (str_starts(rest, STR("<?"))) {
            i = behind(xml, i + 2, STR("?>"));
        } else if (str_starts(rest, STR("<!"))) {
            return no_dtd(err);
        } else {
            i = tag_end(xml, i);
            if (i == 0 && rest.len >= XML_TAG_BYTES_MAX) {
                return tq_fail(err, TQ_INVALID, "too_many_attributes", "file",
                               "a tag is longer than %d bytes", XML_TAG_BYTES_MAX);
            }
        }
        if (i == 0) {
            return broken(err);
        }
    }
}

/* What can be said without a parser: most bad files end here. */
static tq_code bytes_need(str xml, tq_err *err)
{
    if (xml.len == 0) {
        return broken(err);
    }
    if (xml.len > XML_BYTES_MAX) {
        return tq_fail(err, TQ_INVALID, "too_big", "file", "XML has at most %d bytes",
                       XML_BYTES_MAX);
    }
    if (!str_utf8(xml) || memchr(xml.data, '\0', xml.len) != NULL) {
        return tq_fail(err, TQ_INVALID, "charset", "file", "the text is not UTF-8");
    }
    return outline_need(xml, err);
}

/* --- callbacks ------------------------------------------------------------------------------- */

/* The first reason counts; libxml2 may call back a few times more on its way out. */
static void stop(walk *w, tq_code code)
{
    TQ_ASSERT(code != TQ_OK);
    if (w->code == TQ_OK) {
        w->code = code;
    }
    xmlStopParser(w->parser);
}

static void stop_limit(walk *w, const char *reason, const char *what, int max)
{
    stop(w, tq_fail(&w->err, TQ_INVALID, reason, "file", "%s; at most %d are read", what, max));
}

static str xml_str(const xmlChar *s)
{
    return str_of((const char *)s);
}

/* localname, prefix, URI, value, end of value: five pointers an attribute (SAX2). */
static void attr_keep(walk *w, int n, const xmlChar **attributes)
{
    w->attr_len = 0;
    for (int i = 0; i < n; i++) {
        const xmlChar **at = attributes + (ptrdiff_t)5 * i;
        const size_t len = (size_t)(at[4] - at[3]);
        if (str_eq(xml_str(at[0]), STR("Name")) && at[2] == NULL && len <= NAME_VALUE_MAX) {
            memcpy(w->attr, at[3], len);
            w->attr_len = len;
        }
    }
}

/* Local names alone: a prefix is the writer's choice, the namespace is asked apart. */
static bool path_down(walk *w, str name)
{
    if (w->path_len + name.len + 2 > sizeof w->path) {
        return false;
    }
    if (w->depth > 1) {
        w->path[w->path_len++] = '/';
    }
    memcpy(w->path + w->path_len, name.data, name.len);
    w->path_len += name.len;
    w->path[w->path_len] = '\0';
    return true;
}

static void path_up(walk *w)
{
    while (w->path_len > 0 && w->path[w->path_len - 1] != '/') {
        w->path_len--;
    }
    w->path_len -= w->path_len > 0; /* the '/' itself */
    w->path[w->path_len] = '\0';
}

/* Every limit is asked here, before anything of the element is kept. */
static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int n_ns, const xmlChar **ns, int n_attributes, int n_defaulted,
                     const xmlChar **attributes)
{
    walk *w = ctx;
    (void)prefix;
    (void)ns;
    (void)n_defaulted;
    if (w->code != TQ_OK) {
        return;
    }
    w->depth++;
    if (w->depth > XML_DEPTH_MAX || !path_down(w, xml_str(name))) {
        stop_limit(w, "too_deep", "elements are nested too deep", XML_DEPTH_MAX);
        return;
    }
    if (++w->nodes > XML_NODES_MAX) {
        stop_limit(w, "too_many_nodes", "there are too many elements", XML_NODES_MAX);
        return;
    }
    if (n_attributes > XML_ATTRIBUTES_MAX || n_ns > XML_ATTRIBUTES_MAX / 4) {
        stop_limit(w, "too_many_attributes", "an element has too many attributes",
                   XML_ATTRIBUTES_MAX);
        return;
    }
    attr_keep(w, n_attributes, attributes);
    w->leaf = true;
    w->cut = false;
    w->text_len = 0;
    if (w->depth == 1 && w->v->root != NULL) {
        const tq_code code = w->v->root(w->v->ctx, xml_str(uri), xml_str(name), &w->err);
        if (code != TQ_OK) {
            stop(w, code);
        }
    }
}

/* Comes in pieces. What is too long is cut and said to be, and costs no more memory. */
static void on_text(void *ctx, const xmlChar *text, int len)
{
    walk *w = ctx;
    if (w->code != TQ_OK || !w->leaf || len <= 0) {
        return;
    }
    size_t n = (size_t)len;
    if (n > sizeof w->text - w->text_len) {
        n = sizeof w->text - w->text_len;
        w->cut = true;
    }
    memcpy(w->text + w->text_len, text, n);
    w->text_len += n;
}

/* Only now is an element's text complete; of one with children it is blanks, which nobody wants. */
static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    walk *w = ctx;
    (void)name;
    (void)prefix;
    if (w->code != TQ_OK) {
        return;
    }
    const xml_element e = {
        .path = w->path,
        .ns = xml_str(uri),
        .text = w->leaf ? str_trim((str){w->text, w->text_len}) : STR(""),
        .text_cut = w->leaf && w->cut,
        .attr_name = w->leaf ? (str){w->attr, w->attr_len} : STR(""),
    };
    const tq_code code = w->v->element(w->v->ctx, &e, &w->err);
    if (code != TQ_OK) {
        stop(w, code);
        return;
    }
    w->leaf = false;
    w->depth--;
    path_up(w);
}

/* Second guard: the outline has refused it already. */
static void on_dtd(void *ctx, const xmlChar *name, const xmlChar *public_id,
                   const xmlChar *system_id)
{
    walk *w = ctx;
    (void)name;
    (void)public_id;
    (void)system_id;
    if (w->code == TQ_OK) {
        stop(w, no_dtd(&w->err));
    }
}

static xmlEntityPtr on_entity(void *ctx, const xmlChar *name)
{
    (void)ctx;
    (void)name;
    return NULL; /* &amp; and its four brothers are the parser's own */
}

static xmlParserInputPtr on_resolve(void *ctx, const xmlChar *public_id, const xmlChar *system_id)
{
    (void)ctx;
    (void)public_id;
    (void)system_id;
    return NULL;
}

/* The parser's messages quote the file: they are not shown, logged or kept. */
static void on_error(void *ctx, xmlErrorPtr error)
{
    (void)ctx;
    (void)error;
}

/* --- the parser ------------------------------------------------------------------------------ */

/* Third guard: whatever asks for another file, gets none. */
static xmlParserInputPtr nothing_from_outside(const char *url, const char *id, xmlParserCtxtPtr c)
{
    (void)url;
    (void)id;
    (void)c;
    return NULL;
}

static void library_start(void)
{
    xmlInitParser();
    xmlSetExternalEntityLoader(
        nothing_from_outside); /* for the process: nobody here needs another */
}

/* Callbacks only: no tree is built, so memory is that of the open elements. */
static tq_code parse(walk *w, str xml, tq_err *err)
{
    static const xmlSAXHandler handler = {
        .internalSubset = on_dtd,
        .externalSubset = on_dtd,
        .getEntity = on_entity,
        .getParameterEntity = on_entity,
        .resolveEntity = on_resolve,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_text,
        .serror = on_error,
        .initialized = XML_SAX2_MAGIC,
    };
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    TQ_ASSERT(pthread_once(&once, library_start) == 0);
    w->parser = xmlCreateMemoryParserCtxt(xml.data, (int)xml.len);
    if (w->parser == NULL) {
        return tq_fail(err, TQ_IO, "out_of_memory", "file", "no memory to read the file");
    }
    *w->parser->sax = handler;
    w->parser->userData = w;
    /* The bytes were found to be UTF-8, so a declaration of another charset is not followed. */
    (void)xmlCtxtUseOptions(w->parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
    const bool fine = xmlParseDocument(w->parser) == 0 && w->parser->wellFormed != 0 &&
                      w->parser->nsWellFormed != 0; /* a prefix that nobody declared */
    xmlFreeDoc(w->parser->myDoc);                   /* NULL: no callback builds a tree */
    w->parser->myDoc = NULL;
    xmlFreeParserCtxt(w->parser);
    if (w->code != TQ_OK) {
        if (err != NULL) {
            *err = w->err;
        }
        return w->code;
    }
    return fine ? TQ_OK : broken(err);
}

tq_code xml_walk(str bytes, const xml_visitor *v, tq_err *err)
{
    walk w = {.v = v};
    TQ_ASSERT(v->element != NULL);
    TQ_TRY(bytes_need(bytes, err));
    TQ_TRY(parse(&w, bytes, err));
    TQ_ASSERT(w.depth == 0);
    TQ_ASSERT(w.nodes > 0);
    return TQ_OK;
}
