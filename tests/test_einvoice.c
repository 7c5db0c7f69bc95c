/* SPDX-License-Identifier: Apache-2.0 */

/* Invoices as issuers write them, and a hundred files as nobody should: each has its one answer, in
 * little time and memory, without a file or a socket being opened. Samples are made by
 * tests/data/einvoice/make.py. */

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/einvoice.h"
#include "app/zip_read.h"
#include "base/canon.h"
#include "base/file.h"

#define FILE_ROOM (32 * 1024 * 1024)

static char out_dir[] = "/tmp/tq-einvoice-XXXXXX";
static const char *source_dir;
static char self[PATH_MAX];

static int files_make(void **state)
{
    char command[1024];
    (void)state;
    source_dir = getenv("TQ_SOURCE_DIR");
    assert_non_null(source_dir);
    assert_non_null(mkdtemp(out_dir));
    (void)snprintf(command, sizeof command,
                   "python3 -W ignore '%s/tests/data/einvoice/make.py' '%s'", source_dir, out_dir);
    return system(command);
}

static int files_remove(void **state)
{
    char command[128];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -rf '%s'", out_dir);
    return system(command);
}

static str file_of(arena *a, const char *folder, const char *name)
{
    char path[2048];
    str bytes = {0};
    tq_err err = {0};
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (file_read(path, FILE_ROOM, a, &bytes, &err) != TQ_OK) {
        fail_msg("%s: %s", path, err.detail);
    }
    return bytes;
}

static str sample(arena *a, const char *name)
{
    char folder[1024];
    (void)snprintf(folder, sizeof folder, "%s/tests/data/einvoice", source_dir);
    return file_of(a, folder, name);
}

static str made(arena *a, const char *kind, const char *name)
{
    char folder[64];
    (void)snprintf(folder, sizeof folder, "%s/%s", out_dir, kind);
    return file_of(a, folder, name);
}

static einvoice read_ok(str bytes, arena *a)
{
    einvoice e;
    tq_err err = {0};
    if (einvoice_read(bytes, a, &e, &err) != TQ_OK) {
        fail_msg("%s %s: %s", err.reason, err.field, err.detail);
    }
    return e;
}

static void is(str got, const char *want)
{
    if (!str_eq(got, str_of(want))) {
        fail_msg("got %.*s, want %s", STR_ARG(got), want);
    }
}

static void digital_xml(void **state)
{
    ARENA_AUTO arena *a = arena_new("test", 2 * FILE_ROOM);
    (void)state;
    const einvoice e = read_ok(sample(a, "digital.xml"), a);
    assert_string_equal(e.source, "digital_xml");
    assert_false(einvoice_has(&e, EINVOICE_CODE));
    assert_false(einvoice_has(&e, EINVOICE_ORIGINAL));
    is(e.number, "25312000000012345678");
    assert_int_equal(e.issued.n, day_of_ymd((ymd){2025, 3, 18}).n);
    is(e.seller_name, "申江示例电池研究所");
    is(e.buyer_tax_id, "91330522MA20000196");
    assert_true(e.net_fen == 1886792);
    assert_true(e.tax_fen == 113208);
    assert_true(e.gross_fen == 2000000);
    is(e.kind, "special");
    assert_true(einvoice_has(&e, EINVOICE_RED));
    assert_false(e.red);
    is(e.remarks, "合同 示例-2025-07 & 附件一");
    assert_false(e.sum_differs || e.sign_differs || e.gross_derived);
    is(e.extracted,
       "{\"source\":\"digital_xml\",\"number\":\"25312000000012345678\",\"issued\":\"2025-03-18\","
       "\"seller_name\":\"申江示例电池研究所\",\"seller_tax_id\":\"12310115MA20000275\","
       "\"buyer_name\":\"长兴示例储能科技有限公司（测试）\",\"buyer_tax_id\":"
       "\"91330522MA20000196\","
       "\"net_fen\":1886792,\"tax_fen\":113208,\"gross_fen\":2000000,\"kind\":\"special\","
       "\"red\":false,\"remarks\":true}");
}

/* The number it cancels stands in the remarks; a natural person's name and id stay out of the
 * log. */
static void red_of_a_person(void **state)
{
    ARENA_AUTO arena *a = arena_new("test", 2 * FILE_ROOM);
    (void)state;
    const einvoice e = read_ok(sample(a, "digital_red.xml"), a);
    assert_true(e.red);
    assert_true(e.gross_fen == -2000000);
    is(e.original, "25312000000012345678");
    is(e.kind, "ordinary");
    assert_false(e.sum_differs || e.sign_differs);
    is(e.buyer_tax_id, "330522199001010010");
    assert_null(memmem(e.extracted.data, e.extracted.len, "330522199001010010", 18));
    assert_null(memmem(e.extracted.data, e.extracted.len, "示例个人", strlen("示例个人")));
    assert_non_null(memmem(e.extracted.data, e.extracted.len, "\"buyer_private\":true", 20));
}

static void legacy_xml(void **state)
{
    ARENA_AUTO arena *a = arena_new("test", 2 * FILE_ROOM);
    (void)state;
    const einvoice e = read_ok(sample(a, "legacy.xml"), a);
    assert_string_equal(e.source, "legacy_xml");
    is(e.code, "032002100311");
    is(e.number, "21010038");
    is(e.kind, "ordinary");
    assert_int_equal(e.issued.n, day_of_ymd((ymd){2020, 4, 7}).n);
    is(e.seller_tax_id, "91320106MA2000035X");
    assert_false(einvoice_has(&e, EINVOICE_REMARKS)); /* an empty element says nothing */
    assert_true(e.sum_differs);                       /* 97.09 + 2.92 is not 100.00 */
    assert_non_null(memmem(e.extracted.data, e.extracted.len, "\"sum_differs\":true", 18));
}

static void ofd_files(void **state)
{
    ARENA_AUTO arena *a = arena_new("test", 4 * FILE_ROOM);
    (void)state;
    const einvoice head = read_ok(made(a, "good", "head_only.ofd"), a);
    assert_string_equal(head.source, "digital_ofd");
    assert_true(head.gross_derived);
    assert_true(head.gross_fen == 2000000);
    assert_false(einvoice_has(&head, EINVOICE_SELLER_NAME));
    const einvoice whole = read_ok(made(a, "good", "digital.ofd"), a);
    const einvoice xml = read_ok(sample(a, "digital.xml"), a);
    assert_false(whole.gross_derived);
    assert_true(whole.found == xml.found);
    is(whole.seller_name, "申江示例电池研究所");
    const einvoice legacy = read_ok(made(a, "good", "legacy.ofd"), a);
    assert_string_equal(legacy.source, "legacy_ofd");
    is(legacy.code, "032002100311");
    assert_true(legacy.sum_differs);
}

/* Where a field has another form, the invoice is read all the same and the field is named. */
static void field_forms(void **state)
{
    static const struct row {
        const char *old, *new;
        einvoice_field field;
        bool found;
        const char *value; /* amounts in fen, days as printed; NULL: not looked at */
    } rows[] = {
        {"18867.92</Tot", "1e4</Tot", EINVOICE_NET, false, NULL},
        {"18867.92</Tot", "18,867.92</Tot", EINVOICE_NET, false, NULL},
        {"18867.92</Tot", "18867.921</Tot", EINVOICE_NET, false, NULL},
        {"18867.92</Tot", "NaN</Tot", EINVOICE_NET, false, NULL},
        {"18867.92</Tot", "+18867.92</Tot", EINVOICE_NET, false, NULL},
        {"18867.92</Tot", "--18867.92</Tot", EINVOICE_NET, false, NULL},
        {"18867.92</Tot", "１８８６７.９２</Tot", EINVOICE_NET, false, NULL},
        {"18867.92</Tot", "99999999999999999999</Tot", EINVOICE_NET, false, NULL},
        {"18867.92</Tot", "18867.9</Tot", EINVOICE_NET, true, "1886790"},
        {"18867.92</Tot", " 18867\n</Tot", EINVOICE_NET, true, "1886700"},
        {"1132.08</TotalTaxAm", "***</TotalTaxAm", EINVOICE_TAX, false, NULL},
        {"2025-03-18</Iss", "2025-02-29</Iss", EINVOICE_ISSUED, false, NULL},
        {"2025-03-18</Iss", "2025/03/18</Iss", EINVOICE_ISSUED, false, NULL},
        {"2025-03-18</Iss", "2025-3-18</Iss", EINVOICE_ISSUED, false, NULL},
        {"2025-03-18</Iss", "18</Iss", EINVOICE_ISSUED, false, NULL},
        {"2025-03-18</Iss", "20250318</Iss", EINVOICE_ISSUED, true, "2025-03-18"},
        {"2025-03-18</Iss", "2025-03-18T23:59:59</Iss", EINVOICE_ISSUED, true, "2025-03-18"},
        {"2025-03-18</Iss", "2025年03月18日</Iss", EINVOICE_ISSUED, true, "2025-03-18"},
        {"2025-03-18</Iss", "2025年03月1日8</Iss", EINVOICE_ISSUED, false, NULL},
        {"申江示例", "申江\xe2\x80\xae示例", EINVOICE_SELLER_NAME, false, NULL},
        {"申江示例", "申江&#10;示例", EINVOICE_SELLER_NAME, false, NULL},
        {"12310115MA20000275", "12310115ma20000275", EINVOICE_SELLER_TAX_ID, true,
         "12310115MA20000275"},
        {"12310115MA20000275", "12310115-MA2000027", EINVOICE_SELLER_TAX_ID, false, NULL},
        {"12310115MA20000275", "1231", EINVOICE_SELLER_TAX_ID, false, NULL},
        {"<LabelCode>Y<", "<LabelCode>X<", EINVOICE_RED, false, NULL},
        {"01</LabelCode><LabelName>增值税专", "07</LabelCode><LabelName>增值税专", EINVOICE_KIND,
         true, "other"},
    };
    ARENA_AUTO arena *a = arena_new("test", 4 * FILE_ROOM);
    (void)state;
    const str whole = sample(a, "digital.xml");
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        BUF_AUTO buf b = buf_max(FILE_ROOM);
        const char *at = memmem(whole.data, whole.len, rows[i].old, strlen(rows[i].old));
        assert_non_null(at);
        buf_add(&b, whole.data, (size_t)(at - whole.data));
        buf_text(&b, rows[i].new);
        const char *rest = at + strlen(rows[i].old);
        buf_add(&b, rest, whole.len - (size_t)(rest - whole.data));
        const einvoice e = read_ok(buf_view(&b), a);
        const uint32_t bit = UINT32_C(1) << rows[i].field;
        if (einvoice_has(&e, rows[i].field) != rows[i].found ||
            ((e.unreadable & bit) == 0) != rows[i].found) {
            fail_msg("%s: found %x, unreadable %x", rows[i].new, e.found, e.unreadable);
        }
        const canon_node *node = NULL;
        assert_int_equal(canon_read(e.extracted, a, &node, NULL), TQ_OK);
        const canon_node *value = canon_get(node, einvoice_key(rows[i].field));
        assert_true((value != NULL) == rows[i].found);
        if (rows[i].value != NULL && value != NULL) {
            is(value->type == CANON_STR ? value->text : value->raw, rows[i].value);
        }
    }
}

static long clock_ms(void)
{
    struct timespec t;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static long peak_kib(void)
{
    struct rusage u;
    assert_int_equal(getrusage(RUSAGE_SELF, &u), 0);
    return u.ru_maxrss;
}

/* The wanted answer of each bad file; none costs more than half a second. */
static void bad_files(void **state)
{
    ARENA_AUTO arena *lines = arena_new("list", 1 << 20);
    (void)state;
    const str list = file_of(lines, out_dir, "bad.tsv");
    const long before = peak_kib();
    int n = 0;
    int wrong = 0;
    for (size_t from = 0; from < list.len;) {
        char name[64];
        char reason[64];
        assert_int_equal(sscanf(list.data + from, "%63s %63s", name, reason), 2);
        from =
            (size_t)((const char *)memchr(list.data + from, '\n', list.len - from) - list.data) + 1;
        ARENA_AUTO arena *a = arena_new("test", 2 * FILE_ROOM);
        const str bytes = made(a, "bad", name);
        einvoice e = {.source = "untouched"};
        tq_err err = {0};
        const long start = clock_ms();
        const tq_code code = einvoice_read(bytes, a, &e, &err);
        const long took = clock_ms() - start;
        const tq_code want = strcmp(reason, "file_size") == 0 ? TQ_LIMIT : TQ_INVALID;
        if (code != want || strcmp(err.reason, reason) != 0 || took > 500) {
            print_error("%s: %s/%s (%s) in %ld ms, want %s\n", name, tq_code_name(code), err.reason,
                        err.detail, took, reason);
            wrong++;
        }
        assert_string_equal(e.source, "untouched");
        assert_null(memmem(err.detail, strlen(err.detail), "申江",
                           strlen("申江"))); /* no content */
        n++;
    }
    assert_int_equal(wrong, 0);
    assert_true(n >= 100);
    /* Files themselves are up to 4 MiB; a bomb that was unpacked would show. */
    const long grown = peak_kib() - before;
    print_message("%d bad files, memory grown by %ld KiB\n", n, grown);
#ifdef __SANITIZE_ADDRESS__
    assert_true(grown < 512 * 1024); /* freed memory is held back there */
#else
    assert_true(grown < 64 * 1024);
#endif
}

/* --read FILE: reads it between two calls that are easily found in a trace. */
#define MARK "/tq-einvoice-mark"

static int read_between_marks(const char *path)
{
    ARENA_AUTO arena *a = arena_new("test", 2 * FILE_ROOM);
    str bytes = {0};
    einvoice e;
    if (file_read(path, FILE_ROOM, a, &bytes, NULL) != TQ_OK) {
        return 1;
    }
    tzset(); /* libzip turns dates of entries into times: libc reads its zone file now */
    (void)access(MARK, F_OK);
    (void)!einvoice_read(bytes, a, &e, NULL); /* any answer will do */
    (void)access(MARK, F_OK);
    return 0;
}

/* Lines of the trace between the marks that open, connect or start something. */
static int acts_between_marks(const char *trace)
{
    char line[4096];
    int marks = 0;
    int acts = 0;
    FILE *in = fopen(trace, "r");
    assert_non_null(in);
    while (fgets(line, sizeof line, in) != NULL) {
        if (strstr(line, MARK) != NULL) {
            marks++;
        } else if (marks == 1) {
            print_error("%s", line);
            acts++;
        }
    }
    (void)fclose(in);
    assert_int_equal(marks, 2);
    return acts;
}

static void nothing_is_opened(void **state)
{
    static const char *const names[] = {
        "bad/doctype_system.xml", "bad/doctype_public.xml", "bad/xxe.xml",
        "bad/xxe_parameter.xml",  "bad/xinclude.xml",       "bad/attachment_dtd.ofd",
        "bad/parent.ofd",         "good/digital.ofd"};
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(names); i++) {
        char command[PATH_MAX + 512];
        char trace[64];
        (void)snprintf(trace, sizeof trace, "%s/trace", out_dir);
        (void)snprintf(command, sizeof command,
                       "TZ=UTC0 ASAN_OPTIONS=detect_leaks=0 strace -f -o '%s' -e "
                       "trace=%%file,%%network,%%process '%s' --read '%s/%s'",
                       trace, self, out_dir, names[i]);
        assert_int_equal(system(command), 0);
        if (acts_between_marks(trace) != 0) {
            fail_msg("%s: something was opened", names[i]);
        }
    }
}

/* An archive is opened with a stated size: what is longer is not unpacked past it. */
static void zip_limits(void **state)
{
    ARENA_AUTO arena *a = arena_new("test", 2 * FILE_ROOM);
    ZIP_PACK_AUTO zip_pack *z = NULL;
    str entry = {0};
    tq_err err = {0};
    (void)state;
    const str bytes = made(a, "good", "digital.ofd");
    assert_int_equal(zip_pack_open(bytes, &z, &err), TQ_OK);
    assert_int_equal(zip_pack_count(z), 4);
    const int at = zip_pack_find(z, STR("OFD.xml"));
    assert_true(at >= 0);
    assert_int_equal(zip_pack_find(z, STR("ofd.xml")), -1);
    assert_int_equal(zip_pack_read(z, at, 100, a, &entry, &err), TQ_INVALID);
    assert_string_equal(err.reason, "zip_size");
    assert_int_equal(zip_pack_read(z, at, 100000, a, &entry, &err), TQ_OK);
    assert_true(str_starts(entry, STR("<?xml")));
}

static void compare_fields(void **state)
{
    ARENA_AUTO arena *a = arena_new("test", 1 << 20);
    einvoice_comparison c[EINVOICE_FIELD_COUNT];
    size_t n = 99;
    tq_err err = {0};
    (void)state;
    const str file =
        STR("{\"source\":\"digital_xml\",\"number\":\"25312000000012345678\","
            "\"seller_name\":\"示例（长兴）公司\",\"seller_tax_id\":\"12310115MA20000275\","
            "\"net_fen\":1886792,\"gross_fen\":2000000,\"red\":false,\"remarks\":true}");
    const str typed =
        STR("{\"number\":\"25312000000012345678\",\"issued\":\"2025-03-18\","
            "\"seller_name\":\"示例 (长兴)公司\",\"seller_tax_id\":\"12310115ma20000275\","
            "\"gross_fen\":2000001}");
    assert_int_equal(einvoice_compare(file, typed, a, c, &n, &err), TQ_OK);
    static const struct row {
        einvoice_field field;
        einvoice_verdict verdict;
    } want[] = {
        {EINVOICE_NUMBER, EINVOICE_SAME},      {EINVOICE_ISSUED, EINVOICE_ONLY_TYPED},
        {EINVOICE_SELLER_NAME, EINVOICE_SAME}, {EINVOICE_SELLER_TAX_ID, EINVOICE_SAME},
        {EINVOICE_NET, EINVOICE_ONLY_FILE},    {EINVOICE_GROSS, EINVOICE_DIFFERS},
        {EINVOICE_RED, EINVOICE_ONLY_FILE},
    };
    assert_int_equal(n, TQ_COUNT(want));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(c[i].field, want[i].field);
        assert_int_equal(c[i].verdict, want[i].verdict);
    }
    is(c[5].extracted, "2000000");
    is(c[5].typed, "2000001");
    assert_int_equal(einvoice_compare(STR(""), STR(""), a, c, &n, &err), TQ_OK);
    assert_int_equal(n, 0);
    assert_int_equal(einvoice_compare(STR("[]"), typed, a, c, &n, &err), TQ_MALFORMED);
    assert_int_equal(einvoice_compare(file, STR("{"), a, c, &n, &err), TQ_MALFORMED);
}

static void labels(void **state)
{
    static const struct row {
        const char *label;
        file_kind kind;
        const char *want;
    } rows[] = {
        {"发票.pdf", FILE_PDF, "发票.pdf"},
        {"发票.PDF", FILE_PDF, "发票.PDF"},
        {"x.pdf.exe", FILE_PDF, "x.pdf.exe.pdf"},
        {"../../etc/passwd", FILE_XML, "passwd.xml"},
        {"a\\b\\c.ofd", FILE_OFD, "c.ofd"},
        {".htaccess", FILE_PNG, "htaccess.png"},
        {"a\r\nSet-Cookie: x", FILE_PNG, "file.png"},
        {"a\xe2\x80\xaegpj.exe", FILE_JPEG, "file.jpg"},
        {"\"q;\".jpg", FILE_JPEG, "_q__.jpg"},
        {"", FILE_PDF, "file.pdf"},
        {"..", FILE_PDF, "file.pdf"},
        {".pdf", FILE_PDF, "pdf.pdf"},
        {"/", FILE_PDF, "file.pdf"},
    };
    ARENA_AUTO arena *a = arena_new("test", 1 << 20);
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const char *ending = file_kind_info_of(rows[i].kind)->ending;
        is(file_label(str_of(rows[i].label), ending, a), rows[i].want);
    }
    char long_name[600]; /* 长 takes three bytes: the cut never falls into one */
    for (size_t i = 0; i < sizeof long_name; i++) {
        long_name[i] = "长"[i % 3];
    }
    const str cut = file_label((str){long_name, sizeof long_name}, "pdf", a);
    assert_true(str_utf8(cut));
    assert_int_equal(cut.len, 198 + 4);
}

/* What a file is refused as is said to the person. */
static void kinds(void **state)
{
    static const struct row {
        str bytes;
        tq_code code;
        file_kind kind;
        const char *says;
    } rows[] = {
        {{"%PDF-1.7\n", 9}, TQ_OK, FILE_PDF, NULL},
        {{"\xef\xbb\xbf <a/>", 8}, TQ_OK, FILE_XML, NULL},
        {{"PK\x03\x04....OFD.xml", 15}, TQ_OK, FILE_OFD, NULL},
        {{"\xff\xd8\xff\xe1", 4}, TQ_OK, FILE_JPEG, NULL},
        {{"\x89PNG\r\n\x1a\n", 8}, TQ_OK, FILE_PNG, NULL},
        {{"\x89PNG\n\x1a\n", 7}, TQ_INVALID, FILE_PNG, "another kind"},
        {{" %PDF-1.7\n", 10}, TQ_INVALID, FILE_PDF, "another kind"},
        {{"PK\x03\x04....a.xml", 13}, TQ_INVALID, FILE_OFD, "ZIP archive"},
        {{"GIF89a", 6}, TQ_INVALID, FILE_PNG, "GIF image"},
        {{"MZ\x90", 3}, TQ_INVALID, FILE_PNG, "Windows program"},
        {{"<HtMl>", 6}, TQ_INVALID, FILE_XML, "web page"},
        {{"<!-- --><svg/>", 14}, TQ_INVALID, FILE_XML, "SVG drawing"},
        {{"<", 1}, TQ_INVALID, FILE_XML, "another kind"},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        file_kind kind = FILE_KIND_COUNT;
        tq_err err = {0};
        assert_int_equal(file_kind_of(rows[i].bytes, &kind, &err), rows[i].code);
        if (rows[i].code == TQ_OK) {
            assert_int_equal(kind, rows[i].kind);
        } else {
            assert_int_equal(kind, FILE_KIND_COUNT);
            if (strstr(err.detail, rows[i].says) == NULL) {
                fail_msg("row %zu: %s", i, err.detail);
            }
        }
    }
    ARENA_AUTO arena *a = arena_new("test", FILE_ROOM);
    char *big = arena_take(a, 8 * 1024 * 1024 + 1);
    memcpy(big, "\xff\xd8\xff", 3);
    file_kind kind = FILE_KIND_COUNT;
    tq_err err = {0};
    assert_int_equal(file_kind_of((str){big, 8 * 1024 * 1024 + 1}, &kind, &err), TQ_LIMIT);
    assert_int_equal(file_kind_of((str){big, 8 * 1024 * 1024}, &kind, &err), TQ_OK);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--read") == 0) {
        return read_between_marks(argv[2]);
    }
    if (realpath(argv[0], self) == NULL) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digital_xml),
        cmocka_unit_test(red_of_a_person),
        cmocka_unit_test(legacy_xml),
        cmocka_unit_test(ofd_files),
        cmocka_unit_test(field_forms),
        cmocka_unit_test(bad_files),
        cmocka_unit_test(zip_limits),
        cmocka_unit_test(compare_fields),
        cmocka_unit_test(labels),
        cmocka_unit_test(kinds),
        cmocka_unit_test(nothing_is_opened),
    };
    return cmocka_run_group_tests(tests, files_make, files_remove);
}
