/* SPDX-License-Identifier: Apache-2.0 */
#include "web/locale.h"

#include <stdio.h>

#include "base/attrs.h"
#include "base/err.h"
#include "domain/policy.h"

typedef struct locale_text {
    const char *key;
    const char *text[LANG_COUNT];
} locale_text;

#include "web/locale_gen.inc" /* locale_texts[], sorted by key */

#define KEY_MAX 160

const char *text_find(language lang, str key)
{
    size_t low = 0;
    size_t high = TQ_COUNT(locale_texts);
    TQ_ASSERT(lang < LANG_COUNT);
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const int order = str_cmp(key, str_of(locale_texts[mid].key));
        if (order == 0) {
            return locale_texts[mid].text[lang];
        }
        if (order < 0) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return NULL;
}

const char *text_of(language lang, const char *key)
{
    const char *found = text_find(lang, str_of(key));
    return found == NULL ? key : found;
}

str text_token(language lang, const char *set, str token)
{
    char key[KEY_MAX];
    if (token.len == 0) {
        return token;
    }
    const int n = snprintf(key, sizeof key, "%s.%.*s", set, STR_ARG(token));
    if (n < 0 || (size_t)n >= sizeof key) {
        return token;
    }
    const char *found = text_find(lang, (str){key, (size_t)n});
    if (found == NULL &&
        strcmp(set, "reason") == 0) { /* reasons of schemes have their words there */
        const char *own = key + strlen("reason.");
        const char *said = policy_reason_text(own, lang == LANG_ZH);
        found = said == own ? NULL : said;
    }
    return found == NULL ? token : str_of(found);
}

language language_of(str header, str wanted)
{
    if (wanted.len > 0) {
        return str_eq(wanted, STR("en")) ? LANG_EN : LANG_ZH;
    }
    /* The first language named is the one liked best in every browser we know; weights are not read. */
    return str_starts(header, STR("en")) ? LANG_EN : LANG_ZH;
}

const char *language_tag(language lang)
{
    return lang == LANG_EN ? "en" : "zh-CN";
}
