/* SPDX-License-Identifier: Apache-2.0 */
/* I23, I25 and F1, F13, F14 over HTTP: eight clients post to the program itself, each POST with its key;
 * the program is killed at any moment and started again, again and again on the same site. Each POST
 * that was answered is there once; one that was not is there once or not at all, and once when it is sent
 * again; a key used for another body is a conflict; verify finds nothing. */
#include "store_site.h"

#include "http_site.h"
#include "served.h"
#include "web_steps.h"

#include "draw.h"

#include <pthread.h>
#include <time.h>

#include "http/ticks.h"

#define WRITERS     8
#define TOLD_MAX    100000
#define ANSWER_MS   10000
#define RESTART_US  INT64_C(10000000) /* 2 s on a machine of its own (I23); ours share theirs */
#define STOP_MS     10000
#define TEXT_ROOM   ((size_t)32 * 1024 * 1024)
#define BOUNDARY    "tq9f1c7e"

typedef struct writer {
    pthread_t thread;
    web_county *w;
    const served *s;
    int kind; /* which route: see write_body */
    int64_t voucher, source, line;
    uint64_t seed;
    int64_t n;       /* the last one begun */
    bool open;       /* ... and not answered */
    int64_t *id;     /* by number; 0: not answered */
    char failed[400];
    int64_t repeats, conflicts, resent;
} writer;

static writer writers[WRITERS];
static atomic_bool over;

/* --- a POST ------------------------------------------------------------------------------------- */

static const char *const paths[WRITERS] = {"/invoices", "/invoices", "/proofs",        "/proofs",
                                           "/orders",   "/funds",    "/budget-lines", "/organisations"};
static const role roles[WRITERS] = {ROLE_FIRM_AGENT,    ROLE_FIRM_AGENT,    ROLE_FIRM_AGENT,
                                    ROLE_FIRM_AGENT,    ROLE_FIRM_AGENT,    ROLE_FINANCE_MAKER,
                                    ROLE_FINANCE_MAKER, ROLE_INTAKE};

static void write_invoice(const writer *k, long long n, int fen, buf *b)
{
    const ymd today = day_ymd(web_today(k->w));
    buf_printf(b,
               "{\"number\":\"90000%d%014lld\",\"seller_id\":%lld,\"issued_day\":\"%04d-%02d-%02d\","
               "\"gross\":\"4000.%02d\"}",
               k->kind, n, (long long)k->w->f->institution, today.year, today.month, today.mday, fen);
}

static void part(buf *b, const char *name, const char *value)
{
    buf_printf(b, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n", name, value);
}

/* A proof with a file that nobody else has: its row must never be there without it (I27). */
static void write_paper(const writer *k, long long n, int fen, buf *b)
{
    char text[80];
    const ymd today = day_ymd(web_today(k->w));
    part(b, "means", "transfer");
    part(b, "payer", "长兴绿能电池有限公司");
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", today.year, today.month, today.mday);
    part(b, "paid_day", text);
    (void)snprintf(text, sizeof text, "40.%02d", fen);
    part(b, "amount", text);
    (void)snprintf(text, sizeof text, "K%d-%lld", k->kind, n);
    part(b, "reference", text);
    buf_printf(b,
               "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.pdf\"\r\n"
               "Content-Type: application/pdf\r\n\r\n%%PDF-1.4\nproof %lld\n%%%%EOF\n\r\n--" BOUNDARY "--\r\n",
               n);
}

static void write_body(const writer *k, long long n, int fen, buf *b)
{
    const ymd today = day_ymd(web_today(k->w));
    switch (k->kind) {
    case 0:
    case 1:
        write_invoice(k, n, fen, b);
        break;
    case 2:
        buf_printf(b,
                   "{\"means\":\"transfer\",\"payer\":\"长兴绿能电池有限公司\",\"paid_day\":\"%04d-%02d-%02d\","
                   "\"amount\":\"40.%02d\",\"reference\":\"K2-%lld\"}",
                   today.year, today.month, today.mday, fen, n);
        break;
    case 3:
        write_paper(k, n, fen, b);
        break;
    case 4:
        buf_printf(b,
                   "{\"voucher_id\":%lld,\"institution_id\":%lld,\"outcome_kind\":\"testing\","
                   "\"title\":\"K4-%lld\",\"contract\":\"0.%02d\",\"end_day\":\"%04d-12-31\"}",
                   (long long)k->voucher, (long long)k->w->f->institution, n, fen, today.year);
        break;
    case 5:
        buf_printf(b,
                   "{\"kind_code\":\"apply\",\"budget_line_id\":%lld,\"code\":\"K5-%lld\",\"name\":\"专项%d\","
                   "\"class\":\"growth\",\"origin\":\"county_budget\"}",
                   (long long)k->line, n, fen);
        break;
    case 6:
        buf_printf(b,
                   "{\"year\":%d,\"doc_no\":\"K6-%lld\",\"project_code\":\"P%d\",\"function_code\":\"2060499\","
                   "\"gov_econ_code\":\"50701\",\"dept_econ_code\":\"31204\",\"nature\":\"一般公共预算\",\"pay_mode\":\"授权支付\"}",
                   today.year, n, fen);
        break;
    default:
        buf_printf(b, "{\"kind\":\"park\",\"name\":\"K7-%lld\",\"region\":\"3305%02d\"}", n, fen);
        break;
    }
}

typedef struct told {
    unsigned status; /* 0: no answer */
    int64_t id;
    bool again;
} told;

static told tell(const writer *k, int fd, long long n, int fen, buf *answer)
{
    BUF_AUTO buf body = buf_max(65536);
    BUF_AUTO buf rq = buf_max(65536);
    told t = {0};
    write_body(k, n, fen, &body);
    buf_printf(&rq,
               "POST %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nAuthorization: Bearer %s\r\n"
               "Idempotency-Key: K%d-%lld\r\nX-Forwarded-For: 10.%d.%lld.%lld\r\nContent-Type: %s\r\n"
               "Content-Length: %zu\r\n\r\n",
               paths[k->kind], k->w->token[roles[k->kind]], k->kind, n, k->kind, n / 200 % 200, n % 200 + 1,
               k->kind == 3 ? "multipart/form-data; boundary=" BOUNDARY : "application/json", body.len);
    buf_str_add(&rq, buf_view(&body));
    buf_clear(answer);
    if (fd < 0 || !http_send(fd, rq.data, rq.len)) {
        return t;
    }
    t.status = http_read_one(fd, answer, ANSWER_MS);
    const str all = buf_view(answer);
    char where[64];
    (void)snprintf(where, sizeof where, "\r\nLocation: %s/", paths[k->kind]);
    const char *at = all.len == 0 ? NULL : memmem(all.data, all.len, where, strlen(where));
    t.id = at == NULL ? 0 : strtoll(at + strlen(where), NULL, 10);
    t.again = http_contains(all, "\r\nIdempotency-Replayed: true\r\n");
    return t;
}

/* --- a client ----------------------------------------------------------------------------------- */

static void fails(writer *k, const char *what, long long n, told t, const buf *answer)
{
    if (k->failed[0] == '\0') {
        (void)snprintf(k->failed, sizeof k->failed, "%s: K%d-%lld: status %u, row %lld%s: %.*s", what, k->kind,
                       n, t.status, (long long)t.id, t.again ? " again" : "", STR_ARG(http_body_of(buf_view(answer), 0)));
    }
}

/* An answer that says: ask again later. */
static bool busy(told t)
{
    return t.status == 0 || t.status == 503 || t.status == 429;
}

/* The number that was begun, until an answer comes or the server is gone. */
static void go_on(writer *k, int fd, buf *answer)
{
    const told t = tell(k, fd, k->n, 2 + (int)(k->n % 50), answer);
    if (t.status == 201 && t.id > 0) {
        k->id[k->n] = t.id;
        k->open = false;
    } else if (!busy(t)) {
        fails(k, "a first POST", k->n, t, answer);
    }
}

/* What was answered is answered so again, and does nothing; the same key with another body is refused. */
static void once_more(writer *k, int fd, long long n, buf *answer)
{
    const told same = tell(k, fd, n, 2 + (int)(n % 50), answer);
    if (!busy(same) && (same.status != 201 || same.id != k->id[n] || !same.again)) {
        fails(k, "the same again", n, same, answer);
    }
    k->repeats += same.status == 201 ? 1 : 0;
    if (same.status != 0) {
        const told other = tell(k, fd, n, 60 + (int)(n % 30), answer);
        if (!busy(other) && other.status != 409) {
            fails(k, "the key with another body", n, other, answer);
        }
        k->conflicts += other.status == 409 ? 1 : 0;
    }
}

static bool answers_there(const writer *k, long long n)
{
    return n > 0 && k->id[n] != 0;
}

static void *client(void *arg)
{
    writer *k = arg;
    BUF_AUTO buf answer = buf_max(1024 * 1024);
    int fd = http_dial(k->s->port);
    const long long before = k->n > 1 ? 1 + draw_below(&k->seed, (int)k->n - 1) : 0;
    k->resent += k->open ? 1 : 0;
    if (answers_there(k, before)) {
        once_more(k, fd, before, &answer); /* answered by a server that is dead now */
    }
    for (int turn = 1; !atomic_load(&over) && k->failed[0] == '\0' && k->n < TOLD_MAX - 1; turn++) {
        if (!k->open) {
            k->n++;
            k->open = true;
        }
        go_on(k, fd, &answer);
        if (turn % 5 == 0 && answers_there(k, k->n)) {
            once_more(k, fd, k->n, &answer);
        }
        if (answer.len == 0 || http_contains(buf_view(&answer), "\r\nConnection: close\r\n")) {
            (void)close(fd);
            fd = http_dial(k->s->port);
        }
    }
    (void)close(fd);
    return NULL;
}

/* --- what is there ------------------------------------------------------------------------------- */

#define ROWS_SQL                                                                                         \
    "(SELECT 'K' || substr(key, length(key) - 14, 1) || '-' || CAST(substr(key, length(key) - 13) AS BIGINT)" \
    " || '=' || id AS x FROM invoice WHERE key LIKE '%90000%' "                                          \
    "UNION ALL SELECT reference || '=' || id FROM payment_proof WHERE reference LIKE 'K%' "              \
    "UNION ALL SELECT title || '=' || id FROM service_order WHERE title LIKE 'K%' "                      \
    "UNION ALL SELECT code || '=' || id FROM fund_source WHERE code LIKE 'K%' "                          \
    "UNION ALL SELECT doc_no || '=' || id FROM budget_line WHERE doc_no LIKE 'K%' "                      \
    "UNION ALL SELECT name || '=' || id FROM organisation WHERE name LIKE 'K7%') AS y"

static char stored[TEXT_ROOM];

static void ask_rows(const fixture *f)
{
    const bool pg = f->pg_uri[0] != '\0';
    const char *sql = pg ? "SELECT COALESCE(string_agg(x, ' '), '') FROM " ROWS_SQL
                         : "SELECT COALESCE(group_concat(x, ' '), '') FROM " ROWS_SQL;
    if (!(pg ? raw_pg(f->pg_uri, sql, stored, sizeof stored) : raw_sqlite(f->dir, sql, stored, sizeof stored))) {
        fail_msg("%s", stored);
    }
}

/* Each answered POST there once under the id that was told, none twice, none that nobody asked for.
 * NULL, or what is wrong. */
static const char *wrong_rows(const char *rows, const writer *all)
{
    static int64_t found[WRITERS][TOLD_MAX];
    static char why[200];
    memset(found, 0, sizeof found);
    for (const char *at = rows; *at == 'K'; at += strcspn(at, " "), at += strspn(at, " ")) {
        int kind = 0;
        long long n = 0;
        long long id = 0;
        const int got = sscanf(at, "K%d-%lld=%lld", &kind, &n, &id);
        if (got != 3 || kind < 0 || kind >= WRITERS || n < 1 || n > all[kind].n || found[kind][n] != 0) {
            (void)snprintf(why, sizeof why, "twice, or asked for by nobody: %.40s", at);
            return why;
        }
        found[kind][n] = id;
    }
    for (int k = 0; k < WRITERS; k++) {
        for (int64_t n = 1; n <= all[k].n; n++) {
            if (all[k].id[n] != 0 && found[k][n] != all[k].id[n]) {
                (void)snprintf(why, sizeof why, "K%d-%lld was told as %lld and is %lld", k, (long long)n,
                               (long long)all[k].id[n], (long long)found[k][n]);
                return why;
            }
        }
    }
    return NULL;
}

/* --- the site -------------------------------------------------------------------------------------- */

static web_county *w;
static served program;

static int64_t budget_line_of_today(void)
{
    char answer[64];
    const fixture *f = w->f;
    const char *sql = "SELECT max(id) FROM budget_line";
    const bool ok = f->pg_uri[0] != '\0' ? raw_pg(f->pg_uri, sql, answer, sizeof answer)
                                         : raw_sqlite(f->dir, sql, answer, sizeof answer);
    assert_true(ok);
    return strtoll(answer, NULL, 10);
}

static int make_site(void **state)
{
    (void)state;
    w = web_county_open();
    web_county_ready(w);
    const path p = path_firm(w->f, false, web_today(w));
    const int64_t line = budget_line_of_today();
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (writer){
            .w = w, .s = &program, .kind = i, .voucher = p.voucher, .line = line, .seed = 77U + (uint64_t)i};
        writers[i].id = calloc(TOLD_MAX, sizeof *writers[i].id);
        assert_non_null(writers[i].id);
    }
    loopback_free(w->line);
    web_site_free(w->site);
    app_close(w->f->app); /* its lock goes to the program */
    w->line = NULL;
    w->site = NULL;
    w->f->app = NULL;
    served_at(&program, w->f->dir, w->f->pg_uri);
    return 0;
}

static int drop_site(void **state)
{
    (void)state;
    served_forget(&program);
    for (int i = 0; i < WRITERS; i++) {
        free(writers[i].id);
    }
    web_county_close(w);
    return 0;
}

static void begin_clients(void)
{
    atomic_store(&over, false);
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_create(&writers[i].thread, NULL, client, &writers[i]), 0);
    }
}

static void end_clients(void)
{
    atomic_store(&over, true);
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        if (writers[i].failed[0] != '\0') {
            fail_msg("%s", writers[i].failed);
        }
    }
}

static void pause_ms(int ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000L};
    (void)nanosleep(&t, NULL);
}

static int64_t sum_of(int64_t (*of)(const writer *k))
{
    int64_t sum = 0;
    for (int i = 0; i < WRITERS; i++) {
        sum += of(&writers[i]);
    }
    return sum;
}

static int64_t answered(const writer *k)
{
    int64_t n = 0;
    for (int64_t i = 1; i <= k->n; i++) {
        n += k->id[i] != 0 ? 1 : 0;
    }
    return n;
}
static int64_t repeats(const writer *k)
{
    return k->repeats;
}
static int64_t conflicts(const writer *k)
{
    return k->conflicts;
}
static int64_t resent(const writer *k)
{
    return k->resent;
}

static void need_whole(int round)
{
    assert_int_equal(served_verb(&program, "verify"), 0);
    ask_rows(w->f);
    const char *why = wrong_rows(stored, writers);
    if (why != NULL) {
        fail_msg("round %d: %s", round, why);
    }
}

static void killed_at_any_moment_nothing_is_lost_or_doubled(void **state)
{
    (void)state;
    const int rounds = getenv("TQ_FULL") == NULL ? 5 : 200;
    uint64_t seed = 20261122;
    int64_t slowest = 0;
    for (int round = 1; round <= rounds; round++) {
        const int64_t took = served_start(&program, NULL, NULL);
        slowest = took > slowest ? took : slowest;
        begin_clients();
        pause_ms(100 + draw_below(&seed, 500));
        served_kill(&program);
        end_clients();
        need_whole(round);
    }
    print_message("%d kills: %lld answered, %lld sent again after a kill, %lld repeats, %lld conflicts, "
                  "slowest start %lld ms\n",
                  rounds, (long long)sum_of(answered), (long long)sum_of(resent), (long long)sum_of(repeats),
                  (long long)sum_of(conflicts), (long long)(slowest / 1000));
    for (int i = 0; i < WRITERS; i++) {
        assert_true(answered(&writers[i]) > 0); /* else the route was not tried */
    }
    assert_true(sum_of(resent) > 0 && sum_of(repeats) > 0 && sum_of(conflicts) > 0);
    assert_true(slowest < RESTART_US);
}

/* F14: what was answered before the end is there; F13: nobody else may write meanwhile. */
static void told_to_stop_under_load_it_drains(void **state)
{
    (void)state;
    int64_t took = 0;
    (void)served_start(&program, NULL, NULL);
    begin_clients();
    pause_ms(300);
    assert_int_equal(served_verb(&program, "serve"), 4);
    const int64_t before = sum_of(answered);
    const int status = served_stop(&program, STOP_MS, &took);
    end_clients();
    print_message("stopped in %lld ms\n", (long long)(took / 1000));
    assert_int_equal(status, 0);
    assert_true(before > 0);
    need_whole(0);
}

/* And at last: each POST that was ever begun is there once, after being sent again. */
static void what_was_left_open_is_done_once(void **state)
{
    (void)state;
    int64_t took = 0;
    BUF_AUTO buf answer = buf_max(1024 * 1024);
    (void)served_start(&program, NULL, NULL);
    for (int i = 0; i < WRITERS; i++) {
        const int fd = http_dial(program.port);
        if (writers[i].open) {
            go_on(&writers[i], fd, &answer);
        }
        (void)close(fd);
        if (writers[i].open) {
            fail_msg("K%d-%lld is still open: %s", i, (long long)writers[i].n, writers[i].failed);
        }
    }
    assert_int_equal(served_stop(&program, STOP_MS, &took), 0);
    need_whole(0);
    int64_t rows = stored[0] == 'K' ? 1 : 0;
    for (const char *c = stored; *c != '\0'; c++) {
        rows += *c == ' ' ? 1 : 0;
    }
    assert_int_equal(rows, sum_of(answered));
}

/* The question itself: a row that is lost, doubled, under another id, or that nobody asked for. */
static void the_question_finds_its_defects(void **state)
{
    (void)state;
    int64_t ids[3] = {0, 11, 12};
    writer all[WRITERS] = {{.n = 2, .id = ids}};
    assert_null(wrong_rows("K0-1=11 K0-2=12", all));
    assert_non_null(wrong_rows("K0-1=11", all));
    assert_non_null(wrong_rows("K0-1=11 K0-2=12 K0-1=13", all));
    assert_non_null(wrong_rows("K0-1=11 K0-2=14", all));
    assert_non_null(wrong_rows("K0-1=11 K0-2=12 K0-3=15", all));
    ids[2] = 0; /* not answered: there or not */
    assert_null(wrong_rows("K0-1=11", all));
    assert_null(wrong_rows("K0-1=11 K0-2=19", all));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_question_finds_its_defects),
        cmocka_unit_test(killed_at_any_moment_nothing_is_lost_or_doubled),
        cmocka_unit_test(told_to_stop_under_load_it_drains),
        cmocka_unit_test(what_was_left_open_is_done_once),
    };
    return cmocka_run_group_tests(tests, make_site, drop_site);
}
