/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/yaml_tree.h"

#define CONFIG_MAX (64 * 1024)
#define TOKEN_LEAST 16 /* a shorter one could be found by trying */

static const setting settings[] = {
#define SETTING(id, name, option, type, form, least, most, fallback, when, secret, doc)            \
    {name, "TQ_" #id, option,         SETTING_##type, form, least,                                 \
     most, fallback,  SETTING_##when, secret,         doc},
#include "cli/settings.def"
#undef SETTING
};
_Static_assert(TQ_COUNT(settings) == SET_COUNT, "one row a setting");

const char config_options[] =
#define SETTING(id, name, option, ...) option "= "
#include "cli/settings.def"
#undef SETTING
    ;

const setting *setting_of(setting_id id)
{
    TQ_ASSERT(id < SET_COUNT);
    return &settings[id];
}

/* --- what a value must look like ----------------------------------------------------------------- */

static bool word_among(const char *words, const char *word)
{
    const size_t n = strlen(word);
    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        const size_t len = strcspn(at, " ");
        if (len == n && memcmp(at, word, n) == 0) {
            return true;
        }
        at += len;
    }
    return false;
}

/* The server refuses other addresses too; here it is found by `config check`, before a start. */
static bool loopback_address(const char *text)
{
    char host[64];
    long long port = -1;
    struct in_addr at;
    const char *colon = strrchr(text, ':');
    if (colon == NULL || (size_t)(colon - text) >= sizeof host) {
        return false;
    }
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    return inet_pton(AF_INET, host, &at) == 1 && (ntohl(at.s_addr) >> 24) == 127 &&
           str_int64(str_of(colon + 1), &port) && port <= UINT16_MAX;
}

/* A path or a slash at the end would make every origin of a browser differ from it. */
static bool site_url(const char *text)
{
    const str s = str_of(text);
    const size_t scheme = str_starts(s, STR("https://"))  ? 8
                          : str_starts(s, STR("http://")) ? 7
                                                          : 0;
    return scheme > 0 && s.len > scheme && strcspn(text + scheme, "/?#@ ") == s.len - scheme;
}

static bool addresses(const char *text)
{
    for (const char *at = text; *at != '\0';) {
        const size_t len = strcspn(at, ",");
        const str one = str_trim((str){at, len});
        char host[INET6_ADDRSTRLEN];
        unsigned char binary[16];
        if (one.len == 0 || one.len >= sizeof host) {
            return false;
        }
        memcpy(host, one.data, one.len);
        host[one.len] = '\0';
        if (inet_pton(AF_INET, host, binary) != 1 && inet_pton(AF_INET6, host, binary) != 1) {
            return false;
        }
        at += len + (at[len] == ',');
    }
    return true;
}

static tq_code text_check(setting_id id, const char *text, const char *where, tq_err *err)
{
    const setting *s = &settings[id];
    const int64_t n = (int64_t)strlen(text);
    if (n < s->least || n > s->most || (n > 0 && !str_line_ok(str_of(text), (size_t)s->most))) {
        return tq_fail(err, TQ_INVALID, "config_value", where, "%s is a line of %lld to %lld bytes",
                       s->name, (long long)s->least, (long long)s->most);
    }
    if (id == SET_METRICS_TOKEN && n > 0 && n < TOKEN_LEAST) {
        return tq_fail(err, TQ_INVALID, "config_value", where, "%s has %d characters or more",
                       s->name, TOKEN_LEAST);
    }
    const bool fine = n == 0 || (s->type == SETTING_LISTEN    ? loopback_address(text)
                                 : s->type == SETTING_URL     ? site_url(text)
                                 : s->type == SETTING_PROXIES ? addresses(text)
                                                              : true);
    return fine ? TQ_OK
                : tq_fail(err, TQ_INVALID, "config_value", where, "write %s as %s%s", s->name,
                          s->form,
                          s->type == SETTING_LISTEN ? ", a numeric address of loopback" : "");
}

/* Puts a value in place of what stood there, if it holds. */
static tq_code take(setting_id id, const char *text, config_origin origin, int line,
                    const char *where, config *out, tq_err *err)
{
    const setting *s = &settings[id];
    long long n = 0;
    if (s->type == SETTING_INT) {
        if (!str_int64(str_of(text), &n) || n < s->least || n > s->most) {
            return tq_fail(err, TQ_INVALID, "config_value", where,
                           "%s is a number from %lld to %lld (%s)", s->name, (long long)s->least,
                           (long long)s->most, s->form);
        }
    } else if (s->type == SETTING_WORD) {
        if (!word_among(s->form, text)) {
            return tq_fail(err, TQ_INVALID, "config_value", where, "%s is one of: %s", s->name,
                           s->form);
        }
    } else {
        TQ_TRY(text_check(id, text, where, err));
    }
    out->of[id] = (config_value){text, n, origin, line};
    return TQ_OK;
}

/* --- where values come from ------------------------------------------------------------------------ */

/* Beyond the last slot faults are counted as the last one: who mends 32 will look again. */
static tq_err *fault_slot(config_faults *f)
{
    const int at = f->n < CONFIG_FAULTS_MAX ? f->n++ : CONFIG_FAULTS_MAX - 1;
    return &f->list[at];
}

/* The place is told as the field, as in every error that a person can mend. */
static void note(config_faults *faults, const char *where, const char *what, str name)
{
    tq_err *slot = fault_slot(faults);
    const tq_code code =
        tq_fail(slot, TQ_MALFORMED, "config_field", where, "%.*s: %s", STR_ARG(name), what);
    TQ_ASSERT(code == slot->code);
}

static void take_or_note(setting_id id, const char *text, config_origin origin, int line,
                         const char *where, config *out, config_faults *faults)
{
    tq_err err = {0};
    if (take(id, text, origin, line, where, out, &err) != TQ_OK) {
        *fault_slot(faults) = err;
    }
}

static void take_node(const yaml_node *n, arena *a, config *out, config_faults *faults)
{
    char where[64];
    (void)snprintf(where, sizeof where, CONFIG_NAME ":%d:%d", n->line, n->column);
    for (size_t i = 0; i < SET_COUNT; i++) {
        if (!str_eq(n->key, str_of(settings[i].name))) {
            continue;
        }
        if (n->type == YAML_TEXT) {
            take_or_note((setting_id)i, arena_copy(a, n->text).data, ORIGIN_FILE, n->line, where,
                         out, faults);
        } else {
            note(faults, where, "the setting has one value", n->key);
        }
        return;
    }
    note(faults, where, "there is no such setting; `tongquan config show` lists them", n->key);
}

static tq_code take_file(const char *path, arena *a, config *out, config_faults *faults,
                         tq_err *err)
{
    str text = {0};
    yaml_node *root = NULL;
    TQ_TRY(file_read(path, CONFIG_MAX, a, &text, err));
    if (str_trim(text).len == 0) {
        return TQ_OK; /* emptied by hand: nothing is set */
    }
    TQ_TRY(yaml_read(text, CONFIG_NAME, a, &root, err));
    if (root->type != YAML_MAP) {
        return tq_fail(err, TQ_MALFORMED, "config_form", CONFIG_NAME ":1",
                       "the configuration is a list of `name: value`");
    }
    for (const yaml_node *n = root->kids; n != NULL; n = n->next) {
        take_node(n, a, out, faults);
    }
    return TQ_OK;
}

tq_code config_look(const cli *c, const char *path, arena *a, config *out, config_faults *faults,
                    tq_err *err)
{
    faults->n = 0;
    for (size_t i = 0; i < SET_COUNT; i++) {
        const tq_code code = take((setting_id)i, settings[i].fallback, ORIGIN_DEFAULT, 0,
                                  settings[i].name, out, err);
        TQ_ASSERT(code == TQ_OK); /* the table's own values hold */
    }
    if (path != NULL) {
        TQ_TRY(take_file(path, a, out, faults, err));
    }
    for (size_t i = 0; i < SET_COUNT; i++) {
        const setting *s = &settings[i];
        const char *env = getenv(s->env);
        if (env != NULL) {
            take_or_note((setting_id)i, env, ORIGIN_ENVIRONMENT, 0, s->env, out, faults);
        }
        const char *option = cli_value(c, s->option);
        if (option != NULL) {
            take_or_note((setting_id)i, option, ORIGIN_OPTION, 0, s->option, out, faults);
        }
    }
    return TQ_OK;
}

tq_code config_load(const cli *c, const char *dir, arena *a, config *out, tq_err *err)
{
    const str path = arena_printf(a, "%s/" CONFIG_NAME, dir);
    config_faults *faults = ARENA_NEW(a, config_faults, 1);
    config found;
    TQ_TRY(config_look(c, file_exists(path.data) ? path.data : NULL, a, &found, faults, err));
    if (faults->n > 0) {
        *err = faults->list[0];
        return err->code;
    }
    *out = found;
    return TQ_OK;
}

/* --- asking ------------------------------------------------------------------------------------------ */

str config_place(setting_id id, const config_value *v, arena *a)
{
    switch (v->origin) {
    case ORIGIN_FILE:
        return arena_printf(a, CONFIG_NAME ":%d", v->line);
    case ORIGIN_ENVIRONMENT:
        return str_of(settings[id].env);
    case ORIGIN_OPTION:
        return arena_printf(a, "--%s", settings[id].option);
    case ORIGIN_DEFAULT:
        break;
    }
    return STR("default");
}

const char *config_shown(setting_id id, const config_value *v)
{
    return settings[id].secret && v->text[0] != '\0' ? "***" : v->text;
}

const char *config_text(const config *c, setting_id id)
{
    TQ_ASSERT(settings[id].type != SETTING_INT);
    return c->of[id].text[0] == '\0' ? NULL : c->of[id].text;
}

int config_int(const config *c, setting_id id)
{
    TQ_ASSERT(settings[id].type == SETTING_INT);
    return (int)c->of[id].n; /* the table bounds it */
}

bool config_word(const config *c, setting_id id, const char *word)
{
    TQ_ASSERT(settings[id].type == SETTING_WORD);
    TQ_ASSERT(word_among(settings[id].form, word));
    return strcmp(c->of[id].text, word) == 0;
}
