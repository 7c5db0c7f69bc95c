/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_LOCALE_H
#define TQ_LOCALE_H

/* Texts of the pages in Chinese and English. Made at build from locale/{zh,en}/<story>.po (gettext's
 * format; the msgid is a key): a key in one language only, or with other placeholders, ends the build.
 * Keys: route.<name> · hint.<name> · view.<name> · field.<name> · state.<table>.<token> ·
 * <set>.<token> · reason.<token> · menu.<group> · text.<words>. */

#include "base/str.h"

typedef enum language { LANG_ZH, LANG_EN, LANG_COUNT } language;

/* NULL where there is no such key. */
const char *text_find(language lang, str key);
/* The key itself where there is none: a page shows that a text is missing, and the tests find it. */
const char *text_of(language lang, const char *key);
/* Text of set.token; the token itself where there is none (codes, lines a person typed); "" for "". */
str text_token(language lang, const char *set, str token);

language language_of(str header, str wanted); /* Accept-Language, "zh" | "en" | "" (asked for) */
const char *language_tag(language lang);      /* "zh-CN", "en" */

#endif
