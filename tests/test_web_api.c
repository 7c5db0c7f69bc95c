/* SPDX-License-Identifier: Apache-2.0 */
/* The description of the interface says what the list of routes says, and every reference in it leads
 * somewhere; decisions tell their steps; a refusal leads to its decision. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* cmocka.h stands on those above. */
#include <cmocka.h>

#include "base/canon.h"
#include "domain/roles.h"
#include "web_county.h"

static web_county *w;

static int make_county(void **state)
{
    (void)state;
    w = web_county_open();
    return 0;
}

static int drop_county(void **state)
{
    (void)state;
    web_county_close(w);
    return 0;
}

static const canon_node *description(void)
{
    const canon_node *root = NULL;
    const web_answer a = web_get(w, ROLE_PUBLIC, "/api/openapi.json");
    assert_int_equal(a.status, 200);
    NEED(json_read(arena_copy(w->f->a, a.body), w->f->a, &root, err));
    return root;
}

/* A list is a sheet too, and what changes something has a form, unless its address is read as something
 * else (GET /organisations is the list, POST makes one: the form is /organisations/new). */
static size_t operations_of(const route *r)
{
    switch (r->kind) {
    case ROUTE_LIST:
    case ROUTE_MAKE:
    case ROUTE_ACT:
    case ROUTE_DO:
        return 2;
    case ROUTE_ITEM:
    case ROUTE_PAGE:
        return 1;
    }
    return 0;
}

static void same_in_both(const canon_node *root, const char *path, const char *name)
{
    const canon_node *get = canon_get(canon_get(canon_get(root, "paths"), path), "get");
    assert_non_null(get);
    assert_true(str_eq(canon_get(get, "operationId")->text, str_of(name)));
}

static void sheets_and_forms_are_described(void **state)
{
    (void)state;
    const canon_node *root = description();
    same_in_both(root, "/claims.csv", "claims_csv");
    same_in_both(root, "/claims/new", "claim_file_form");
    same_in_both(root, "/claims/{id}/submit", "claim_submit_form");
    same_in_both(root, "/login", "login_form");
    same_in_both(root, "/claims", "claims");
}

/* What an act may change and what a reader may filter by is told: the header and the states. */
static void headers_and_filters_are_described(void **state)
{
    (void)state;
    const canon_node *paths = canon_get(description(), "paths");
    const canon_node *submit = canon_get(canon_get(paths, "/claims/{id}/submit"), "post");
    bool if_match = false;
    for (const canon_node *p = canon_get(submit, "parameters")->kids; p != NULL; p = p->next) {
        if_match =
            if_match || str_eq(canon_get(p, "$ref")->text, STR("#/components/parameters/IfMatch"));
    }
    assert_true(if_match);
    const canon_node *list = canon_get(canon_get(paths, "/claims"), "get");
    size_t states = 0;
    for (const canon_node *p = canon_get(list, "parameters")->kids; p != NULL; p = p->next) {
        const canon_node *name = canon_get(p, "name");
        if (name != NULL && str_eq(name->text, STR("state"))) {
            states = canon_get(canon_get(p, "schema"), "enum")->count;
        }
    }
    assert_true(states > 5);
    assert_non_null(canon_get(canon_get(canon_get(canon_get(list, "responses"), "200"), "headers"),
                              "Link"));
}

static void every_route_is_described(void **state)
{
    (void)state;
    const canon_node *root = description();
    assert_true(str_eq(canon_get(root, "openapi")->text, STR("3.1.0")));
    const canon_node *paths = canon_get(root, "paths");
    size_t described = 0;
    for (const canon_node *p = paths->kids; p != NULL; p = p->next) {
        described += p->count;
    }
    size_t wanted = 0;
    for (int i = 0; i < route_count; i++) {
        wanted += operations_of(&routes[i]);
    }
    assert_int_equal(described, wanted);
    for (int i = 0; i < route_count; i++) {
        const route *r = &routes[i];
        const canon_node *at = canon_get(paths, r->path);
        assert_non_null(at);
        const bool reads = r->kind == ROUTE_LIST || r->kind == ROUTE_ITEM || r->kind == ROUTE_PAGE;
        const canon_node *op = canon_get(at, reads ? "get" : "post");
        assert_non_null(op);
        assert_true(str_eq(canon_get(op, "operationId")->text, str_of(r->name)));
        size_t roles = 0;
        for (int k = ROLE_NONE + 1; k < ROLE_COUNT; k++) {
            roles += role_in((role)k, r->roles) ? 1 : 0;
        }
        assert_int_equal(canon_get(op, "x-roles")->count, roles);
        assert_int_equal(canon_get(op, "requestBody") != NULL, r->n_fields > 0);
        assert_true(canon_get(op, "responses")->count > 4);
    }
}

/* A handler of its own answers what only openapi_base.json can say; the default would be an address. */
static void every_page_says_what_it_answers(void **state)
{
    (void)state;
    const canon_node *paths = canon_get(description(), "paths");
    for (int i = 0; i < route_count; i++) {
        if (routes[i].kind != ROUTE_PAGE) {
            continue;
        }
        const canon_node *get = canon_get(canon_get(paths, routes[i].path), "get");
        const canon_node *content =
            canon_get(canon_get(canon_get(get, "responses"), "200"), "content");
        const canon_node *json = canon_get(content, "application/json");
        const canon_node *ref = json == NULL ? NULL : canon_get(canon_get(json, "schema"), "$ref");
        if (ref != NULL && str_eq(ref->text, STR("#/components/schemas/Location"))) {
            fail_msg("\"answers\" of src/web/openapi_base.json has no %s", routes[i].name);
        }
    }
}

static bool on_page(const char *path, const char *name)
{
    char mark[120];
    const int n = snprintf(mark, sizeof mark, "id=\"%s\"", name);
    const web_answer a = web_page_of(w, ROLE_PUBLIC, path);
    assert_int_equal(a.status, 200);
    return memmem(a.body.data, a.body.len, mark, (size_t)n) != NULL;
}

static void the_reference_is_filtered_by_resource_and_role(void **state)
{
    (void)state;
    assert_true(on_page("/api/docs?tag=claims", "claim_approve"));
    assert_false(on_page("/api/docs?tag=claims", "vouchers"));
    assert_true(on_page("/api/docs?role=firm_agent", "claim_file"));
    assert_false(on_page("/api/docs?role=firm_agent", "claim_approve"));
    assert_false(on_page("/api/docs?role=reviewer2&tag=claims", "claim_file"));
    assert_true(on_page("/api/docs?role=reviewer2&tag=claims&lang=en", "claim_approve"));
    assert_false(on_page("/api/docs?role=nobody", "home"));
}

static const canon_node *followed(const canon_node *root, str path)
{
    const canon_node *at = root;
    assert_true(str_starts(path, STR("#/")));
    for (size_t from = 2; at != NULL && from < path.len;) {
        size_t to = from;
        while (to < path.len && path.data[to] != '/') {
            to++;
        }
        at = canon_get(at, arena_copy(w->f->a, (str){path.data + from, to - from}).data);
        from = to + 1;
    }
    return at;
}

static int refs(const canon_node *root, const canon_node *n)
{
    int found = 0;
    for (const canon_node *k = n->kids; k != NULL; k = k->next) {
        if (str_eq(k->key, STR("$ref"))) {
            if (followed(root, k->text) == NULL) {
                fail_msg("%.*s leads nowhere", STR_ARG(k->text));
            }
            found++;
        }
        found += refs(root, k);
    }
    return found;
}

static void every_reference_leads_somewhere(void **state)
{
    (void)state;
    const canon_node *root = description();
    assert_true(refs(root, root) > 2 * route_count);
}

static void the_reference_names_every_route(void **state)
{
    (void)state;
    const web_answer a = web_page_of(w, ROLE_PUBLIC, "/api/docs");
    assert_int_equal(a.status, 200);
    for (int i = 0; i < route_count; i++) {
        char mark[120];
        const int n = snprintf(mark, sizeof mark, "id=\"%s\"", routes[i].name);
        assert_non_null(memmem(a.body.data, a.body.len, mark, (size_t)n));
    }
}

/* The institution is asked whether a voucher pays; the firm's application for a kind without money is
 * refused by rule, and the refusal leads to a decision that tells its steps. */
static void a_refusal_leads_to_its_decision(void **state)
{
    (void)state;
    char body[200];
    (void)snprintf(body, sizeof body,
                   "{\"kind_id\":%lld,\"way\":\"immediate\",\"asked\":\"30000.00\"}",
                   (long long)fixture_kind(w->f, "apply"));
    web_answer a = web_post(w, ROLE_FIRM_AGENT, "/applications", body);
    assert_int_equal(a.status, 201);
    char path[200];
    const long long id = web_int(w, &a, "id");
    (void)snprintf(path, sizeof path, "/applications/%lld/approve", id);
    a = web_post(w, ROLE_REVIEWER1, path, "{}");
    assert_int_equal(a.status, 422);
    assert_true(str_eq(web_text(w, &a, "type"), STR("/problems/refused")));
    const str decision = web_text(w, &a, "decision");
    assert_true(str_starts(decision, STR("/decisions/")));
    const char *at = arena_copy(w->f->a, decision).data;
    a = web_get(w, ROLE_FIRM_AGENT, at);
    assert_int_equal(a.status, 200);
    const canon_node *root = NULL;
    NEED(json_read(arena_copy(w->f->a, a.body), w->f->a, &root, err));
    assert_true(canon_get(canon_get(root, "said"), "steps")->count > 0);
    assert_int_equal(web_get(w, ROLE_INST_AGENT, at).status, 404);
    a = web_page_of(w, ROLE_FIRM_AGENT, at);
    assert_int_equal(a.status, 200);
    assert_null(memmem(a.body.data, a.body.len, "{&quot;", 7));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described),
        cmocka_unit_test(sheets_and_forms_are_described),
        cmocka_unit_test(headers_and_filters_are_described),
        cmocka_unit_test(every_page_says_what_it_answers),
        cmocka_unit_test(the_reference_is_filtered_by_resource_and_role),
        cmocka_unit_test(every_reference_leads_somewhere),
        cmocka_unit_test(the_reference_names_every_route),
        cmocka_unit_test(a_refusal_leads_to_its_decision),
    };
    return cmocka_run_group_tests(tests, make_county, drop_county);
}
