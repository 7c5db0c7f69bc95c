/* SPDX-License-Identifier: Apache-2.0 */
/* The policy as everybody reads it, and as its author files it and its approver puts it in force (P-26,
 * R-POLICY-050): articles in words, versions, what changed, the file; faults with line and column. */

#include "base/file.h"
#include "web_session.h"

#define EDGE "----policy"
#define UPLOAD "multipart/form-data; boundary=" EDGE

static str scheme(const char *name)
{
    const char *root = getenv("TQ_SOURCE_DIR");
    char path[512];
    str text = {0};
    tq_err err;
    (void)snprintf(path, sizeof path, "%s/schemes/%s.yaml", root == NULL ? "." : root, name);
    assert_int_equal(file_read(path, 1024 * 1024, w->f->a, &text, &err), TQ_OK);
    return text;
}

static void part(buf *b, const char *name, const char *file, str text)
{
    buf_printf(b, "--" EDGE "\r\nContent-Disposition: form-data; name=\"%s\"", name);
    if (file != NULL) {
        buf_printf(b, "; filename=\"%s\"\r\nContent-Type: application/yaml", file);
    }
    buf_printf(b, "\r\n\r\n%.*s\r\n", STR_ARG(text));
}

static web_answer upload_as(role r, const char *accept, str yaml, str base)
{
    char headers[256];
    BUF_AUTO buf b = buf_max(1024 * 1024);
    part(&b, "doc_no", NULL, STR("长科〔2026〕9号"));
    part(&b, "from", NULL, STR("2026-01-01"));
    part(&b, "file", "../next.yaml", yaml);
    if (base.len > 0) {
        part(&b, "base", "base.yaml", base);
    }
    buf_text(&b, "--" EDGE "--\r\n");
    buf_char(&b, '\0');
    (void)snprintf(headers, sizeof headers, "%sAuthorization: Bearer %s\r\n", accept, w->token[r]);
    return ask_raw("/policies", headers, UPLOAD, buf_view(&b).data);
}

/* The text with one piece replaced, so that a version differs in a known place. */
static str with(str text, const char *piece, const char *by)
{
    const char *at = memmem(text.data, text.len, piece, strlen(piece));
    assert_non_null(at);
    const size_t head = (size_t)(at - text.data);
    const char *rest = at + strlen(piece);
    return arena_printf(w->f->a, "%.*s%s%.*s", (int)head, text.data, by,
                        (int)(text.len - head - strlen(piece)), rest);
}

/* A key of the locale that shows is a text that is missing. */
static void no_keys(str page)
{
    static const char *const sets[] = {"policy_part.", "policy_word.", "policy_kind.",
                                       "policy_clock.", "policy_column."};
    for (size_t i = 0; i < TQ_COUNT(sets); i++) {
        if (holds(page, sets[i])) {
            fail_msg("the page shows a key of %s", sets[i]);
        }
    }
}

static void everybody_reads_the_policy_in_force(void **state)
{
    (void)state;
    static const struct {
        const char *path, *says[6];
    } pages[] = {
        {"/policy?lang=zh",
         {"补助比例 50%", "30,000.00 元", "P-20", "10 个工作日", "合同、发票、付款凭证",
          "条文未公开"}},
        {"/policy?lang=en",
         {"50% is paid", "at most 30,000.00 yuan", "P-20", "10 working days", "P-23",
          "article not published"}},
    };
    for (size_t i = 0; i < TQ_COUNT(pages); i++) {
        const web_answer a = ask_raw(pages[i].path, WANT_PAGE, "", NULL);
        assert_int_equal(a.status, 200);
        no_keys(a.body);
        for (size_t k = 0; k < TQ_COUNT(pages[i].says); k++) {
            if (!holds(a.body, pages[i].says[k])) {
                fail_msg("%s does not say %s", pages[i].path, pages[i].says[k]);
            }
        }
    }
    const web_answer a = web_get(w, ROLE_PUBLIC, "/policy");
    assert_int_equal(a.status, 200);
    assert_int_equal(web_int(w, &a, "version"), 1);
    assert_true(str_eq(web_text(w, &a, "state"), STR("in_force")));
}

static void the_file_is_the_print_that_its_hash_names(void **state)
{
    (void)state;
    char path[64];
    char hex[65];
    web_answer a = web_get(w, ROLE_PUBLIC, "/policy");
    (void)snprintf(hex, sizeof hex, "%.*s", STR_ARG(web_text(w, &a, "sha256")));
    (void)snprintf(path, sizeof path, "/policies/%lld/file", (long long)w->f->policy_id);
    a = ask_raw(path, "", "", NULL);
    assert_int_equal(a.status, 200);
    assert_true(holds(a.head, "attachment; filename=\"policy-"));
    char found[65];
    digest_hex(hash_of(HASH_SHA256, a.body), found);
    assert_string_equal(found, hex);
}

static void a_faulty_file_is_told_by_line_and_column_and_not_kept(void **state)
{
    (void)state;
    const str good = scheme("cn-changxing-demo");
    const str base = scheme("cn-changxing");
    const str bad = with(base, "ban_years: 3", "ban_years: 99");
    NOTHING_DONE(422, upload_as(ROLE_POLICY_AUTHOR, WANT_JSON, bad, STR("")));
    web_answer a = upload_as(ROLE_POLICY_AUTHOR, WANT_JSON, bad, STR(""));
    assert_true(holds(a.body, "line 30, column"));
    assert_true(holds(a.body, "ban_years"));
    a = upload_as(ROLE_POLICY_AUTHOR, WANT_PAGE "Accept-Language: zh-CN\r\n", bad, STR(""));
    assert_int_equal(a.status, 422);
    assert_true(holds(a.body, "第 30 行第 "));
    assert_true(holds(a.body, "取值超出范围"));
    NOTHING_DONE(422, upload_as(ROLE_POLICY_AUTHOR, WANT_JSON, STR("not: [a policy"),
                                STR(""))); /* no YAML */
    NOTHING_DONE(422, upload_as(ROLE_POLICY_AUTHOR, WANT_JSON, good,
                                STR(""))); /* extends what is not there */
    NOTHING_DONE(404, upload_as(ROLE_POLICY_APPROVER, WANT_JSON, good, base));
    NOTHING_DONE(404, upload_as(ROLE_OFFICE, WANT_JSON, good, base));
    NOTHING_DONE(404, upload_as(ROLE_FIRM_AGENT, WANT_JSON, good, base));
}

static void a_version_is_filed_by_one_and_put_in_force_by_another(void **state)
{
    (void)state;
    char path[64];
    const str next =
        with(scheme("cn-changxing-demo"), "n: 10, unit: working_days", "n: 7, unit: working_days");
    web_answer a = upload_as(ROLE_POLICY_AUTHOR, WANT_JSON, next, scheme("cn-changxing"));
    if (a.status != 201) {
        fail_msg("%u %.*s", a.status, STR_ARG(a.body));
    }
    const int64_t id = web_int(w, &a, "id");
    assert_true(str_eq(web_text(w, &a, "state"), STR("draft")));
    assert_true(str_eq(web_text(w, &a, "name"), STR("next.yaml")));
    /* a draft is not public, nor are the pages below it */
    static const char *const below[] = {"", "/text", "/file", "/changes"};
    for (size_t i = 0; i < TQ_COUNT(below); i++) {
        (void)snprintf(path, sizeof path, "/policies/%lld%s", (long long)id, below[i]);
        assert_int_equal(web_get(w, ROLE_PUBLIC, path).status, 404);
        assert_int_equal(web_get(w, ROLE_FIRM_AGENT, path).status, 404);
        assert_int_equal(web_get(w, ROLE_POLICY_APPROVER, path).status, 200);
    }
    /* what changed stands there in words, and only that */
    (void)snprintf(path, sizeof path, "/policies/%lld/changes?lang=zh", (long long)id);
    a = web_page_of(w, ROLE_POLICY_APPROVER, path);
    assert_int_equal(a.status, 200);
    assert_true(holds(a.body, "10 个工作日"));
    assert_true(holds(a.body, "7 个工作日"));
    assert_false(holds(a.body, "P-31"));
    (void)snprintf(path, sizeof path, "/policies/%lld/in-force", (long long)id);
    NOTHING_DONE(404, web_post(w, ROLE_POLICY_AUTHOR, path, "{}"));
    DONE(200, web_post(w, ROLE_POLICY_APPROVER, path, "{}"));
    a = web_get(w, ROLE_PUBLIC, "/policy");
    assert_int_equal(web_int(w, &a, "version"), 2);
    (void)snprintf(path, sizeof path, "/policies/%lld/text", (long long)w->f->policy_id);
    a = web_get(w, ROLE_PUBLIC, path);
    assert_true(str_eq(web_text(w, &a, "state"), STR("superseded")));
    /* the older version has none before it: its page says so, since it is offered */
    (void)snprintf(path, sizeof path, "/policies/%lld/changes", (long long)w->f->policy_id);
    a = web_get(w, ROLE_PUBLIC, path);
    assert_int_equal(a.status, 200);
    assert_non_null(memmem(a.body.data, a.body.len, "\"first\":true", 12));
    assert_non_null(memmem(a.body.data, a.body.len, "\"changes\":[]", 12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_reads_the_policy_in_force),
        cmocka_unit_test(the_file_is_the_print_that_its_hash_names),
        cmocka_unit_test(a_faulty_file_is_told_by_line_and_column_and_not_kept),
        cmocka_unit_test(a_version_is_filed_by_one_and_put_in_force_by_another),
    };
    return cmocka_run_group_tests(tests, make_county, drop_county);
}
