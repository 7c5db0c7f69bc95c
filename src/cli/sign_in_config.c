/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sign_in_config.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/yaml_tree.h"

#define FILE_MAX ((size_t)64 * 1024)
#define NAME "sign-in.yaml"
#define OTHERS_MAY_READ 077U

enum { REQUIRED = 1 };

/* One row a field: where it goes, how long it may be. */
static const struct {
    const char *key;
    size_t at;
    size_t bytes_max;
    unsigned flags;
} fields[] = {
    {"id", offsetof(oidc_provider, id), 32, REQUIRED},
    {"issuer", offsetof(oidc_provider, issuer), 400, REQUIRED},
    {"client_id", offsetof(oidc_provider, client_id), 200, REQUIRED},
    {"client_secret", offsetof(oidc_provider, client_secret), 400, 0},
    {"label_zh", offsetof(oidc_provider, label_zh), 60, REQUIRED},
    {"label_en", offsetof(oidc_provider, label_en), 60, REQUIRED},
    {"scope", offsetof(oidc_provider, scope), 200, 0},
    {"second_factor", offsetof(oidc_provider, factors), 200, 0},
    {"ca_file", offsetof(oidc_provider, ca_file), 400, 0},
};

static tq_code wrong(const yaml_node *n, const char *what, tq_err *err)
{
    char where[64];
    (void)snprintf(where, sizeof where, NAME ":%d:%d", n->line, n->column);
    return tq_fail(err, TQ_INVALID, "sign_in", where, "%s", what);
}

static bool id_ok(const char *id)
{
    return id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

/* In the clear only on this machine, for trials: anywhere else the name of the issuer would prove nothing. */
static bool issuer_ok(const char *issuer)
{
    const str s = str_of(issuer);
    const bool here =
        str_starts(s, STR("http://127.0.0.1:")) || str_starts(s, STR("http://localhost:"));
    return (str_starts(s, STR("https://")) || here) && strpbrk(issuer, "?#@ ") == NULL;
}

static bool scope_ok(const char *scope)
{
    const char *at = strstr(scope, "openid");
    return at != NULL && (at == scope || at[-1] == ' ') && (at[6] == '\0' || at[6] == ' ');
}

static tq_code people_take(const yaml_node *n, oidc_provider *p, tq_err *err)
{
    if (str_eq(n->text, STR("staff"))) {
        p->people = OUTSIDE_STAFF;
    } else if (str_eq(n->text, STR("organisation"))) {
        p->people = OUTSIDE_ORGANISATION;
    } else {
        return wrong(n, "people is staff or organisation", err);
    }
    return TQ_OK;
}

static tq_code field_take(const yaml_node *n, arena *a, oidc_provider *p, tq_err *err)
{
    if (n->type != YAML_TEXT) {
        return wrong(n, "a field of a provider has one value", err);
    }
    if (str_eq(n->key, STR("people"))) {
        return people_take(n, p, err);
    }
    for (size_t i = 0; i < TQ_COUNT(fields); i++) {
        if (!str_eq(n->key, str_of(fields[i].key))) {
            continue;
        }
        if (!str_line_ok(n->text, fields[i].bytes_max)) {
            return wrong(n, "the value is empty, too long, or no line of text", err);
        }
        const char *text = arena_copy(a, n->text).data;
        memcpy((char *)p + fields[i].at, &text, sizeof text);
        return TQ_OK;
    }
    return wrong(n, "there is no such field; see the handbook of operations", err);
}

static tq_code whole(const yaml_node *n, const oidc_provider *p, tq_err *err)
{
    for (size_t i = 0; i < TQ_COUNT(fields); i++) {
        const char *text = NULL;
        memcpy(&text, (const char *)p + fields[i].at, sizeof text);
        if ((fields[i].flags & REQUIRED) != 0 && text == NULL) {
            char what[64];
            (void)snprintf(what, sizeof what, "the provider lacks %s", fields[i].key);
            return wrong(n, what, err);
        }
    }
    if (yaml_get(n, "people") == NULL) {
        return wrong(n, "say for whom the provider is: people: staff, or organisation", err);
    }
    if (!id_ok(p->id)) {
        return wrong(n, "an id is of a-z, 0-9 and -", err);
    }
    if (!issuer_ok(p->issuer)) {
        return wrong(n, "an issuer is https://HOST/PATH, as its provider writes it", err);
    }
    return scope_ok(p->scope) ? TQ_OK : wrong(n, "a scope has openid in it", err);
}

static tq_code provider_take(const yaml_node *n, arena *a, oidc_provider *p, tq_err *err)
{
    if (n->type != YAML_MAP) {
        return wrong(n, "a provider is a list of fields", err);
    }
    *p = (oidc_provider){0};
    for (const yaml_node *f = n->kids; f != NULL; f = f->next) {
        TQ_TRY(field_take(f, a, p, err));
    }
    p->scope = p->scope == NULL ? "openid" : p->scope;
    p->factors = p->factors == NULL ? "" : p->factors;
    return whole(n, p, err);
}

static tq_code list_take(const yaml_node *list, arena *a, oidc_provider *all, size_t *n,
                         tq_err *err)
{
    size_t count = 0;
    for (const yaml_node *k = list->kids; k != NULL; k = k->next) {
        if (count == OIDC_PROVIDERS_MAX) {
            return wrong(k, "more providers than can be shown", err);
        }
        TQ_TRY(provider_take(k, a, &all[count], err));
        for (size_t i = 0; i < count; i++) {
            if (strcmp(all[i].id, all[count].id) == 0) {
                return wrong(k, "two providers have this id", err);
            }
        }
        count++;
    }
    *n = count;
    return TQ_OK;
}

static tq_code closed_need(const char *path, const oidc_provider *all, size_t n, tq_err *err)
{
    struct stat st;
    bool secret = false;
    for (size_t i = 0; i < n; i++) {
        secret = secret || all[i].client_secret != NULL;
    }
    if (secret && stat(path, &st) == 0 && (st.st_mode & OTHERS_MAY_READ) != 0) {
        return tq_fail(err, TQ_FORBIDDEN, "sign_in_open", NAME,
                       "the file holds a secret: chmod 600 %s", path);
    }
    return TQ_OK;
}

tq_code sign_in_config_load(const char *path, arena *a, oidc_options *out, tq_err *err)
{
    str text = {0};
    yaml_node *root = NULL;
    oidc_provider *all = ARENA_NEW(a, oidc_provider, OIDC_PROVIDERS_MAX);
    size_t n = 0;
    TQ_TRY(file_read(path, FILE_MAX, a, &text, err));
    TQ_TRY(yaml_read(text, NAME, a, &root, err));
    const yaml_node *list = root->type == YAML_MAP ? yaml_get(root, "providers") : NULL;
    if (list == NULL || list->type != YAML_LIST || root->count != 1) {
        return tq_fail(err, TQ_INVALID, "sign_in", NAME ":1",
                       "the file is `providers:` and a list of them");
    }
    TQ_TRY(list_take(list, a, all, &n, err));
    TQ_TRY(closed_need(path, all, n, err));
    *out = (oidc_options){.providers = all, .n = n};
    return TQ_OK;
}
