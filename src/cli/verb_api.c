/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/canon.h"
#include "domain/roles.h"
#include "web/openapi.h"

static void roles_json(canon *w, role_set roles)
{
    canon_key(w, "roles");
    canon_list(w);
    for (int i = ROLE_NONE + 1; i < ROLE_COUNT; i++) {
        if (role_in((role)i, roles)) {
            canon_str(w, str_of(role_name((role)i)));
        }
    }
    canon_list_end(w);
}

/* The list that makes the site, as it is: needs no installation. */
tq_code verb_routes(const cli *c, tq_err *err)
{
    BUF_AUTO buf out = buf_max(OPENAPI_MAX);
    const bool json = cli_flag(c, "json");
    canon w = canon_to(&out);
    if (json) {
        canon_list(&w);
    }
    for (int i = 0; i < route_count; i++) {
        const route *r = &routes[i];
        if (!json) {
            buf_printf(&out, "%s%-4s %-36s %s", i == 0 ? "" : "\n", route_method(r), r->path,
                       r->name);
            continue;
        }
        canon_open(&w);
        canon_kstr(&w, "name", str_of(r->name));
        canon_kstr(&w, "method", str_of(route_method(r)));
        canon_kstr(&w, "path", str_of(r->path));
        roles_json(&w, r->roles);
        canon_kstr(&w, "trace", str_of(r->trace));
        canon_close(&w);
    }
    if (json) {
        canon_list_end(&w);
    }
    return cli_print(c, &out, err);
}

tq_code verb_openapi(const cli *c, tq_err *err)
{
    BUF_AUTO buf out = buf_max(OPENAPI_MAX);
    (void)c;
    openapi_write(&out);
    return cli_print(c, &out, err);
}
