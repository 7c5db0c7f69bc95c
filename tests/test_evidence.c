/* SPDX-License-Identifier: Apache-2.0 */

/* Who may open which file, that every opening is on record, and what becomes of an upload. */

#include "store_site.h"
#include "voucher_steps.h"

#include "app/evidence.h"
#include "base/canon.h"
#include "base/file.h"
#include "confined_run.h"

#define YUAN 100

static fixture *f;
static site raw_site;
static int64_t application, order;

static int county_open(void **state)
{
    (void)state;
    f = fixture_open();
    raw_site = (site){.pg = f->pg_uri[0] != '\0'};
    (void)snprintf(raw_site.dir, sizeof raw_site.dir, "%s", f->dir);
    (void)snprintf(raw_site.uri, sizeof raw_site.uri, "%s", f->pg_uri);
    const int64_t kind = fixture_kind(f, "apply");
    step_recognise(f, f->firm);
    step_agreement(f, "33", FIXTURE_DAY);
    (void)fixture_fund(f, "apply", 100000 * YUAN, FIXTURE_DAY);
    const int64_t voucher = step_voucher(f, f->firm, kind, 30000 * YUAN, FIXTURE_DAY);
    application = step_filed(f, f->firm, kind, voucher, 1000 * YUAN, FIXTURE_DAY);
    order_result r;
    const order_proposal rq = {.voucher_id = voucher,
                               .institution_id = f->institution,
                               .outcome_kind = STR("testing"),
                               .title = STR("cycle life of cells"),
                               .contract_fen = 2000 * YUAN,
                               .voucher_fen = 1000 * YUAN,
                               .end = day_add(FIXTURE_DAY, 100)};
    const call c = fixture_as(f, ROLE_FIRM_AGENT, FIXTURE_DAY);
    NEED(order_propose(f->app, &c, &rq, &r, err));
    order = r.order_id;
    return 0;
}

static int county_close(void **state)
{
    (void)state;
    fixture_close(f);
    return 0;
}

static call as_in(role r, arena *a)
{
    return fixture_as_in(f, r, FIXTURE_DAY, a);
}

static int64_t added(int table, int64_t id, const char *kind, const char *class, str bytes)
{
    int64_t out = 0;
    const call c = fixture_as(f, ROLE_INTAKE, FIXTURE_DAY);
    const evidence_request rq = {.table = table,
                                 .id = id,
                                 .kind = str_of(kind),
                                 .name = STR("报告.exe"),
                                 .class = str_of(class),
                                 .bytes = bytes};
    NEED(evidence_add(f->app, &c, &rq, &out, err));
    return out;
}

static long long openings(void)
{
    return raw_int(&raw_site, "SELECT COUNT(*) FROM access_log");
}

static const char *const classes[] = {"open", "cover", "redacted", "full"};

/* How far up the classes each role opens: of papers, of results; -1 not at all. R-FILE-030 */
static const struct reader {
    role role;
    int papers, results;
    bool of_application; /* and not only of the order */
} readers[] = {
    {ROLE_FIRM_AGENT, 3, 3, true},
    {ROLE_FIRM_FINANCE, 3, 3, true},
    {ROLE_INST_AGENT, 3, 3, false},
    {ROLE_PLATFORM_AGENT, -1, -1, false},
    {ROLE_INTAKE, 3, 3, true},
    {ROLE_REVIEWER1, 3, 3, true},
    {ROLE_REVIEWER2, 3, 3, true},
    {ROLE_FINANCE_MAKER, 3, 2, true},
    {ROLE_FINANCE_CHECKER, 3, 2, true},
    {ROLE_CENTRE, 3, 3, true},
    {ROLE_OFFICE, 3, 3, true},
    {ROLE_GROUP, 3, 3, true},
    {ROLE_INSPECTOR, -1, -1, false}, /* has no task here: see test_inspection */
    {ROLE_LINKED_BUREAU, 2, 2, true},
    {ROLE_POLICY_AUTHOR, -1, -1, false},
    {ROLE_POLICY_APPROVER, -1, -1, false},
    {ROLE_SYSADMIN, -1, -1, false},
    {ROLE_SECADMIN, -1, -1, false},
    {ROLE_AUDITOR, 3, 3, true},
    {ROLE_SUPERVISOR, 3, 3, true},
    {ROLE_SUPERVISOR_HEAD, 3, 3, true},
};

static void open_one(const struct reader *r, int64_t id, const char *kind, int class, bool may)
{
    ARENA_AUTO arena *a = arena_new("open", (size_t)24 << 20);
    const call c = as_in(r->role, a);
    evidence_file file = {0};
    tq_err why = {0};
    const long long before = openings();
    const tq_code code = evidence_open(f->app, &c, id, &file, &why);
    const tq_code refused = r->role == ROLE_INSPECTOR ? TQ_NOT_FOUND : TQ_FORBIDDEN;
    if (code != (may ? TQ_OK : refused)) {
        fail_msg("%s, %s, %s: %s %s", role_name(r->role), kind, classes[class], tq_code_name(code),
                 why.reason);
    }
    assert_true(openings() == before + may); /* R-FILE-020 */
    if (may) {
        assert_true(str_eq(file.bytes, STR("%PDF-1.4 a")));
        assert_string_equal(file.media_type, "application/pdf");
        assert_true(str_eq(file.name, STR("报告.exe.pdf")));
    }
}

static void every_role(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        const char *kind = k == 0 ? "contract" : "result";
        for (int class = 0; class < 4; class ++) {
            const str bytes = STR("%PDF-1.4 a");
            const int64_t of_order = added(T_SERVICE_ORDER, order, kind, classes[class], bytes);
            const int64_t of_firm = added(T_APPLICATION, application, kind, classes[class], bytes);
            for (size_t i = 0; i < TQ_COUNT(readers); i++) {
                const struct reader *r = &readers[i];
                const bool may = class <= (k == 0 ? r->papers : r->results);
                open_one(r, of_order, kind, class, may);
                open_one(r, of_firm, kind, class, may && r->of_application);
            }
        }
    }
}

/* The township in which the firm lies sees covers; another sees nothing. The platform likewise
 * of its own institution. */
static void near_ones(void **state)
{
    (void)state;
    const int64_t cover = added(T_SERVICE_ORDER, order, "result", "cover", STR("%PDF-1.4 a"));
    const int64_t full = added(T_SERVICE_ORDER, order, "result", "full", STR("%PDF-1.4 a"));
    const int64_t other = fixture_org(f, "township", "和平镇");
    int64_t other_user = 0;
    int64_t other_person = 0;
    fixture_person(f, ROLE_TOWNSHIP, other, &other_user, &other_person);
    for (int i = 0; i < 2; i++) {
        evidence_file file;
        tq_err why = {0};
        const call c =
            i == 0 ? fixture_as(f, ROLE_TOWNSHIP, FIXTURE_DAY)
                   : fixture_user(f, other_user, other_person, ROLE_TOWNSHIP, other, FIXTURE_DAY);
        assert_int_equal(evidence_open(f->app, &c, cover, &file, &why),
                         i == 0 ? TQ_OK : TQ_FORBIDDEN);
        assert_int_equal(evidence_open(f->app, &c, full, &file, &why), TQ_FORBIDDEN);
        assert_string_equal(why.reason, i == 0 ? "class" : "not_yours");
    }
    int64_t user = 0;
    int64_t person = 0;
    evidence_file file;
    tq_err why = {0};
    const int64_t stranger = fixture_org(f, "enterprise", "别家示例公司");
    fixture_person(f, ROLE_FIRM_AGENT, stranger, &user, &person);
    const call c = fixture_user(f, user, person, ROLE_FIRM_AGENT, stranger, FIXTURE_DAY);
    assert_int_equal(evidence_open(f->app, &c, cover, &file, &why), TQ_FORBIDDEN);
    assert_string_equal(why.reason, "not_yours");
    assert_int_equal(evidence_open(f->app, &c, 999999, &file, &why), TQ_NOT_FOUND);
    /* The web says who acts; a role that he does not hold opens nothing and leaves no record. */
    call liar = fixture_as(f, ROLE_FIRM_AGENT, FIXTURE_DAY);
    liar.who.role = ROLE_REVIEWER1;
    liar.who.org_id = 0;
    const long long before = openings();
    assert_int_equal(evidence_open(f->app, &liar, full, &file, &why), TQ_FORBIDDEN);
    assert_string_equal(why.reason, "no_role");
    assert_true(openings() == before);
    call elsewhere = fixture_as(f, ROLE_REVIEWER1, FIXTURE_DAY);
    elsewhere.who.programme_id = f->programme_id + 1;
    assert_int_equal(evidence_open(f->app, &elsewhere, full, &file, &why), TQ_NOT_FOUND);
}

static void who_opened(void **state)
{
    evidence_opening seen[8];
    evidence_file file;
    int n = 0;
    tq_err why = {0};
    (void)state;
    const int64_t id = added(T_SERVICE_ORDER, order, "result", "full", STR("%PDF-1.4 b"));
    const role who[] = {ROLE_REVIEWER1, ROLE_CENTRE, ROLE_INST_AGENT};
    for (size_t i = 0; i < TQ_COUNT(who); i++) {
        const call c = fixture_as(f, who[i], FIXTURE_DAY);
        NEED(evidence_open(f->app, &c, id, &file, err));
    }
    const role asks[] = {ROLE_FIRM_AGENT, ROLE_INST_AGENT, ROLE_AUDITOR, ROLE_SUPERVISOR};
    for (size_t i = 0; i < TQ_COUNT(asks); i++) {
        const call c = fixture_as(f, asks[i], FIXTURE_DAY);
        NEED(evidence_openings(f->app, &c, id, 0, seen, 8, &n, err));
        assert_int_equal(n, 3);
        for (int k = 0; k < 3; k++) { /* latest first */
            const role r = who[2 - k];
            assert_true(seen[k].person_id == f->person[r]);
            assert_true(str_eq(seen[k].role, str_of(role_name(r))));
            assert_true(str_eq(seen[k].what, STR("download")));
            assert_true(seen[k].at.us == c.at.us);
        }
        const int64_t before = seen[0].id;
        NEED(evidence_openings(f->app, &c, id, before, seen, 1, &n, err));
        assert_int_equal(n, 1);
        assert_true(seen[0].person_id == f->person[ROLE_CENTRE]);
    }
    const call c = fixture_as(f, ROLE_REVIEWER1, FIXTURE_DAY);
    assert_int_equal(evidence_openings(f->app, &c, id, 0, seen, 8, &n, &why), TQ_FORBIDDEN);
}

/* The record can be added to and nothing else, also past the program. */
static void guards(void **state)
{
    static const char *const rows[][2] = {
        {"UPDATE access_log SET person_id = 1", "access_log_no_update"},
        {"DELETE FROM access_log", "access_log_no_delete"},
        {"INSERT INTO access_log(id, at_us, programme_id, user_id, person_id, role, subject, "
         "subject_id, "
         "what) VALUES (999999, 1, 1, 1, 0, 'centre', 'evidence', 1, 'download')",
         "access_log_person_check"},
        {"INSERT INTO access_log(id, at_us, programme_id, user_id, person_id, role, subject, "
         "subject_id, "
         "what) VALUES (999999, 1, 1, 1, 1, 'centre', 'evidence', 1, 'copied')",
         "access_log_what_check"},
        {"INSERT INTO page_image(sha256, dpi, page, at_us) VALUES ('x', 110, 1, 1)",
         "page_image_page_check"},
        {"TRUNCATE access_log", "access_log_no_truncate"},
    };
    (void)state;
    assert_true(openings() > 0);
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        char answer[512] = "";
        if (i + 1 == TQ_COUNT(rows) && !raw_site.pg) {
            continue; /* SQLite has no such statement */
        }
        assert_false(raw(&raw_site, rows[i][0], answer, sizeof answer));
        if (strstr(answer, rows[i][1]) == NULL) {
            fail_msg("%s: %s", rows[i][0], answer);
        }
    }
}

static void list(void **state)
{
    evidence_item items[EVIDENCE_LIST_MAX];
    int n = 0;
    tq_err why = {0};
    int64_t id = 0;
    (void)state;
    const call intake = fixture_as(f, ROLE_INTAKE, FIXTURE_DAY);
    evidence_request rq = {.table = T_SERVICE_ORDER,
                           .id = order,
                           .kind = STR("result"),
                           .name = STR("secret.pdf"),
                           .bytes = STR("%PDF-1.4 c"),
                           .typed = STR("{\"no\":7}")};
    NEED(evidence_add(f->app, &intake, &rq, &id, err));
    const struct row {
        role role;
        bool open;
    } rows[] = {{ROLE_FIRM_AGENT, true}, {ROLE_INST_AGENT, true}, {ROLE_FINANCE_MAKER, false}};
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const call c = fixture_as(f, rows[i].role, FIXTURE_DAY);
        NEED(evidence_list(f->app, &c, T_SERVICE_ORDER, order, id - 1, items, EVIDENCE_LIST_MAX, &n,
                           err));
        assert_int_equal(n, 1);
        assert_true(items[0].id == id);
        assert_int_equal(items[0].may_open, rows[i].open);
        assert_int_equal(items[0].typed.len > 0, rows[i].open);
        assert_true(str_eq(items[0].name, STR("secret.pdf")));
        assert_int_equal(items[0].bytes, 10);
    }
    const call c = fixture_as(f, ROLE_FIRM_AGENT, FIXTURE_DAY);
    NEED(evidence_list(f->app, &c, T_SERVICE_ORDER, order, 0, items, 2, &n, err));
    assert_int_equal(n, 2); /* a page of the list */
    assert_true(items[0].id < items[1].id);
    const call admin = fixture_as(f, ROLE_SYSADMIN, FIXTURE_DAY);
    assert_int_equal(evidence_list(f->app, &admin, T_SERVICE_ORDER, order, 0, items, 2, &n, &why),
                     TQ_FORBIDDEN);
    const call inst = fixture_as(f, ROLE_INST_AGENT, FIXTURE_DAY);
    assert_int_equal(evidence_list(f->app, &inst, T_APPLICATION, application, 0, items, 2, &n,
                                   &why),
                     TQ_FORBIDDEN);
}

static str sample(const char *name)
{
    char path[1024];
    str bytes = {0};
    (void)snprintf(path, sizeof path, "%s/tests/data/einvoice/%s", getenv("TQ_SOURCE_DIR"), name);
    NEED(file_read(path, 1 << 20, f->a, &bytes, err));
    return bytes;
}

static void uploads(void **state)
{
    evidence_received got = {0};
    evidence_item item;
    int n = 0;
    (void)state;
    const call c = fixture_as(f, ROLE_FIRM_AGENT, FIXTURE_DAY);
    evidence_request rq = {.table = T_SERVICE_ORDER,
                           .id = order,
                           .kind = STR("invoice"),
                           .name = STR("发票.xml"),
                           .typed = STR("{\"number\":\"25312000000012345678\"}"),
                           .bytes = sample("digital.xml")};
    NEED(evidence_receive(f->app, &c, &rq, &got, err));
    assert_int_equal(got.kind, FILE_XML);
    assert_true(got.invoice);
    assert_true(got.fields.gross_fen == 2000000);
    NEED(evidence_list(f->app, &c, T_SERVICE_ORDER, order, got.id - 1, &item, 1, &n, err));
    assert_int_equal(n, 1);
    assert_true(str_eq(item.extracted, got.fields.extracted));
    assert_true(item.extracted.len > 100);

    /* One that cannot be read is kept, and the person is asked. */
    rq.bytes = STR("<!DOCTYPE EInvoice><EInvoice/>");
    NEED(evidence_receive(f->app, &c, &rq, &got, err));
    assert_false(got.invoice);
    assert_int_equal(got.why, TQ_INVALID);
    assert_string_equal(got.reason, "dtd");
    evidence_file file;
    NEED(evidence_open(f->app, &c, got.id, &file, err));
    assert_true(str_eq(file.bytes, rq.bytes));
    assert_true(str_eq(file.name, STR("发票.xml")));

    /* A scan has no fields, a report is not looked into at all. */
    rq.bytes = STR("\xff\xd8\xff\xe0 photo");
    NEED(evidence_receive(f->app, &c, &rq, &got, err));
    assert_string_equal(got.reason, "not_an_invoice");
    rq.kind = STR("result");
    rq.bytes = sample("digital.xml");
    NEED(evidence_receive(f->app, &c, &rq, &got, err));
    assert_false(got.invoice);
    assert_int_equal(got.why, TQ_OK);

    const long long before = raw_int(&raw_site, "SELECT COUNT(*) FROM evidence");
    rq.bytes = STR("MZ\x90 program");
    REFUSES(f, evidence_receive(f->app, &c, &rq, &got, err), TQ_INVALID, "file_kind");
    assert_true(raw_int(&raw_site, "SELECT COUNT(*) FROM evidence") == before);
}

static void pages(void **state)
{
    page_images p = {0};
    str png = {0};
    evidence_opening seen[4];
    int n = 0;
    tq_err why = {0};
    BUF_AUTO buf pdf = buf_max(1 << 20);
    (void)state;
    pdf_make(&pdf, 2, PDF_TEXT, 200);
    const int64_t id = added(T_SERVICE_ORDER, order, "result", "full", buf_view(&pdf));
    ARENA_AUTO arena *a = arena_new("page", (size_t)24 << 20);
    const call c = as_in(ROLE_REVIEWER1, a);
    NEED(evidence_pages(f->app, &c, id, &p, err));
    assert_int_equal(p.pages, 2);
    NEED(evidence_page(f->app, &c, id, 2, &png, err));
    assert_true(str_starts(png, STR("\x89PNG")));
    const call firm = fixture_as(f, ROLE_FIRM_AGENT, FIXTURE_DAY);
    NEED(evidence_openings(f->app, &firm, id, 0, seen, 4, &n, err));
    assert_int_equal(n, 1); /* counting pages shows nothing; the page does */
    assert_true(str_eq(seen[0].what, STR("page")));
    assert_int_equal(seen[0].page, 2);
    assert_int_equal(evidence_page(f->app, &c, id, 3, &png, &why), TQ_NOT_FOUND);
    const call payer = as_in(ROLE_FINANCE_MAKER, a);
    assert_int_equal(evidence_page(f->app, &payer, id, 1, &png, &why), TQ_FORBIDDEN);
    assert_int_equal(evidence_pages(f->app, &payer, id, &p, &why), TQ_FORBIDDEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role), cmocka_unit_test(near_ones), cmocka_unit_test(who_opened),
        cmocka_unit_test(guards),     cmocka_unit_test(list),      cmocka_unit_test(uploads),
        cmocka_unit_test(pages),
    };
    return cmocka_run_group_tests(tests, county_open, county_close);
}
