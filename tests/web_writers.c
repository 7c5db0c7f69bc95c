/* SPDX-License-Identifier: Apache-2.0 */
#include "store_site.h"

#include "http_site.h"
#include "served.h"
#include "web_steps.h"
#include "web_writers.h"

#include "draw.h"

#include <pthread.h>
#include <stdatomic.h>

#include "http/ticks.h"

#define WRITERS WEB_WRITERS
#define TOLD_MAX 100000
#define ANSWER_MS 10000
#define PAUSE_MS 5
#define TEXT_ROOM ((size_t)32 * 1024 * 1024)
#define BOUNDARY "tq9f1c7e"

typedef struct writer {
    pthread_t thread;
    web_writers *all;
    const web_county *w;
    int kind; /* which route: see write_body */
    int64_t voucher, line;
    uint64_t seed;
    int at;      /* the server that is asked */
    int64_t n;   /* the last one begun */
    bool open;   /* ... and not answered */
    int64_t *id; /* by number; 0: not answered */
    char failed[400];
    int64_t repeats, conflicts, resent, moves;
} writer;

struct web_writers {
    web_county *w;
    writer one[WRITERS];
    _Atomic unsigned port[WEB_SERVERS];
    atomic_bool over;
    char *stored; /* TEXT_ROOM */
};

/* --- a POST ------------------------------------------------------------------------------------- */

static const char *const paths[WRITERS] = {"/invoices",     "/invoices",     "/proofs",
                                           "/proofs",       "/orders",       "/funds",
                                           "/budget-lines", "/organisations"};
static const role roles[WRITERS] = {ROLE_FIRM_AGENT,    ROLE_FIRM_AGENT, ROLE_FIRM_AGENT,
                                    ROLE_FIRM_AGENT,    ROLE_FIRM_AGENT, ROLE_FINANCE_MAKER,
                                    ROLE_FINANCE_MAKER, ROLE_INTAKE};

static void write_invoice(const writer *k, long long n, int fen, buf *b)
{
    const ymd today = day_ymd(web_today(k->w));
    buf_printf(
        b,
        "{\"number\":\"90000%d%014lld\",\"seller_id\":%lld,\"issued_day\":\"%04d-%02d-%02d\","
        "\"gross\":\"4000.%02d\"}",
        k->kind, n, (long long)k->w->f->institution, today.year, today.month, today.mday, fen);
}

static void part(buf *b, const char *name, const char *value)
{
    buf_printf(b, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
               name, value);
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
    buf_printf(
        b,
        "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.pdf\"\r\n"
        "Content-Type: application/pdf\r\n\r\n%%PDF-1.4\nproof %lld\n%%%%EOF\n\r\n--" BOUNDARY
        "--\r\n",
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
                   "{\"means\":\"transfer\",\"payer\":\"长兴绿能电池有限公司\",\"paid_day\":\"%04d-"
                   "%02d-%02d\","
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
                   "{\"kind_code\":\"apply\",\"budget_line_id\":%lld,\"code\":\"K5-%lld\",\"name\":"
                   "\"专项%d\","
                   "\"class\":\"growth\",\"origin\":\"county_budget\"}",
                   (long long)k->line, n, fen);
        break;
    case 6:
        buf_printf(b,
                   "{\"year\":%d,\"doc_no\":\"K6-%lld\",\"project_code\":\"P%d\",\"function_code\":"
                   "\"2060499\","
                   "\"gov_econ_code\":\"50701\",\"dept_econ_code\":\"31204\",\"nature\":"
                   "\"一般公共预算\",\"pay_mode\":\"授权支付\"}",
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
    buf_printf(
        &rq,
        "POST %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nAuthorization: Bearer "
        "%s\r\n"
        "Idempotency-Key: K%d-%lld\r\nX-Forwarded-For: 10.%d.%lld.%lld\r\nContent-Type: %s\r\n"
        "Content-Length: %zu\r\n\r\n",
        paths[k->kind], k->w->token[roles[k->kind]], k->kind, n, k->kind, n / 200 % 200,
        n % 200 + 1, k->kind == 3 ? "multipart/form-data; boundary=" BOUNDARY : "application/json",
        body.len);
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
        (void)snprintf(k->failed, sizeof k->failed, "%s: K%d-%lld: status %u, row %lld%s: %.*s",
                       what, k->kind, n, t.status, (long long)t.id, t.again ? " again" : "",
                       STR_ARG(http_body_of(buf_view(answer), 0)));
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
    } else if (t.status != 0) {
        served_pause(PAUSE_MS);
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

/* A new connection to the server at hand, or to the next one that there is; -1 where nobody listens. */
static int dial(writer *k)
{
    for (int i = 0; i < WEB_SERVERS; i++) {
        const int at = (k->at + i) % WEB_SERVERS;
        const unsigned port = atomic_load(&k->all->port[at]);
        const int fd = port == 0 ? -1 : http_dial(port);
        if (fd >= 0) {
            k->moves += at != k->at ? 1 : 0;
            k->at = at;
            return fd;
        }
    }
    served_pause(PAUSE_MS);
    return -1;
}

static bool must_dial_again(const buf *answer)
{
    return answer->len == 0 || http_contains(buf_view(answer), "\r\nConnection: close\r\n");
}

static void *client(void *arg)
{
    writer *k = arg;
    BUF_AUTO buf answer = buf_max(1024 * 1024);
    int fd = dial(k);
    const long long before = k->n > 1 ? 1 + draw_below(&k->seed, (int)k->n - 1) : 0;
    k->resent += k->open ? 1 : 0;
    if (answers_there(k, before)) {
        once_more(k, fd, before, &answer); /* answered by a server that is dead now */
    }
    for (int turn = 1; !atomic_load(&k->all->over) && k->failed[0] == '\0' && k->n < TOLD_MAX - 1;
         turn++) {
        if (!k->open) {
            k->n++;
            k->open = true;
        }
        go_on(k, fd, &answer);
        if (turn % 5 == 0 && answers_there(k, k->n)) {
            once_more(k, fd, k->n, &answer);
        }
        if (must_dial_again(&answer)) {
            (void)close(fd);
            fd = dial(k);
        }
    }
    (void)close(fd);
    return NULL;
}

/* --- what is there ------------------------------------------------------------------------------- */

#define ROWS_SQL                                                                                   \
    "(SELECT 'K' || substr(key, length(key) - 14, 1) || '-' || CAST(substr(key, length(key) - "    \
    "13) AS BIGINT)"                                                                               \
    " || '=' || id AS x FROM invoice WHERE key LIKE '%90000%' "                                    \
    "UNION ALL SELECT reference || '=' || id FROM payment_proof WHERE reference LIKE 'K%' "        \
    "UNION ALL SELECT title || '=' || id FROM service_order WHERE title LIKE 'K%' "                \
    "UNION ALL SELECT code || '=' || id FROM fund_source WHERE code LIKE 'K%' "                    \
    "UNION ALL SELECT doc_no || '=' || id FROM budget_line WHERE doc_no LIKE 'K%' "                \
    "UNION ALL SELECT name || '=' || id FROM organisation WHERE name LIKE 'K7%') AS y"

static bool ask_text(const fixture *f, const char *pg, const char *sqlite, char *answer,
                     size_t room)
{
    return f->pg_uri[0] != '\0' ? raw_pg(f->pg_uri, pg, answer, room)
                                : raw_sqlite(f->dir, sqlite, answer, room);
}

/* Each answered POST there once under the id that was told, none twice, none that nobody asked for. */
static const char *wrong_rows(const char *rows, const writer *all, int64_t *n_rows)
{
    static int64_t found[WRITERS][TOLD_MAX];
    static char why[200];
    memset(found, 0, sizeof found);
    *n_rows = 0;
    for (const char *at = rows; *at == 'K'; at += strcspn(at, " "), at += strspn(at, " ")) {
        int kind = 0;
        long long n = 0;
        long long id = 0;
        const int got = sscanf(at, "K%d-%lld=%lld", &kind, &n, &id);
        if (got != 3 || kind < 0 || kind >= WRITERS || n < 1 || n > all[kind].n ||
            found[kind][n] != 0) {
            (void)snprintf(why, sizeof why, "twice, or asked for by nobody: %.40s", at);
            return why;
        }
        found[kind][n] = id;
        ++*n_rows;
    }
    for (int k = 0; k < WRITERS; k++) {
        for (int64_t n = 1; n <= all[k].n; n++) {
            if (all[k].id[n] != 0 && found[k][n] != all[k].id[n]) {
                (void)snprintf(why, sizeof why, "K%d-%lld was told as %lld and is %lld", k,
                               (long long)n, (long long)all[k].id[n], (long long)found[k][n]);
                return why;
            }
        }
    }
    return NULL;
}

const char *writers_wrong(web_writers *all, int64_t *rows)
{
    if (!ask_text(all->w->f, "SELECT COALESCE(string_agg(x, ' '), '') FROM " ROWS_SQL,
                  "SELECT COALESCE(group_concat(x, ' '), '') FROM " ROWS_SQL, all->stored,
                  TEXT_ROOM)) {
        return all->stored;
    }
    return wrong_rows(all->stored, all->one, rows);
}

const char *writers_wrong_rows(const char *rows, int64_t n, const int64_t *ids)
{
    int64_t counted = 0;
    int64_t expected[8] = {0};
    writer all[WRITERS] = {{.n = n, .id = expected}};
    assert_in_range(n, 0, 7);
    memcpy(expected, ids, ((size_t)n + 1) * sizeof *ids);
    return wrong_rows(rows, all, &counted);
}

/* --- all of them ------------------------------------------------------------------------------------ */

static int64_t budget_line_of_today(const fixture *f)
{
    static const char sql[] = "SELECT max(id) FROM budget_line";
    char answer[64];
    assert_true(ask_text(f, sql, sql, answer, sizeof answer));
    return strtoll(answer, NULL, 10);
}

web_writers *writers_new(web_county *w)
{
    web_writers *all = calloc(1, sizeof *all);
    assert_non_null(all);
    all->w = w;
    all->stored = calloc(1, TEXT_ROOM);
    assert_non_null(all->stored);
    web_county_ready(w);
    const path p = path_firm(w->f, false, web_today(w));
    const int64_t line = budget_line_of_today(w->f);
    for (int i = 0; i < WRITERS; i++) {
        all->one[i] = (writer){.all = all,
                               .w = w,
                               .kind = i,
                               .voucher = p.voucher,
                               .line = line,
                               .seed = 77U + (uint64_t)i,
                               .at = i % WEB_SERVERS,
                               .id = calloc(TOLD_MAX, sizeof(int64_t))};
        assert_non_null(all->one[i].id);
    }
    loopback_free(w->line);
    web_site_free(w->site);
    app_close(w->f->app); /* its lock goes to the servers */
    w->line = NULL;
    w->site = NULL;
    w->f->app = NULL;
    return all;
}

void writers_free(web_writers *all)
{
    if (all == NULL) {
        return;
    }
    for (int i = 0; i < WRITERS; i++) {
        free(all->one[i].id);
    }
    free(all->stored);
    free(all);
}

void writers_port(web_writers *all, int n, unsigned port)
{
    assert_in_range(n, 0, WEB_SERVERS - 1);
    atomic_store(&all->port[n], port);
}

void writers_begin(web_writers *all)
{
    atomic_store(&all->over, false);
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_create(&all->one[i].thread, NULL, client, &all->one[i]), 0);
    }
}

void writers_end(web_writers *all)
{
    atomic_store(&all->over, true);
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(all->one[i].thread, NULL), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        if (all->one[i].failed[0] != '\0') {
            fail_msg("%s", all->one[i].failed);
        }
    }
}

void writers_finish(web_writers *all, int ms)
{
    const int64_t until = ticks_us() + INT64_C(1000) * ms;
    BUF_AUTO buf answer = buf_max(1024 * 1024);
    for (int i = 0; i < WRITERS; i++) {
        writer *k = &all->one[i];
        while (k->open && k->failed[0] == '\0' && ticks_us() < until) {
            const int fd = dial(k);
            go_on(k, fd, &answer);
            (void)close(fd);
        }
        if (k->open) {
            fail_msg("K%d-%lld is still open: %s", i, (long long)k->n, k->failed);
        }
    }
}

static int64_t answered(const writer *k)
{
    int64_t n = 0;
    for (int64_t i = 1; i <= k->n; i++) {
        n += k->id[i] != 0 ? 1 : 0;
    }
    return n;
}

writers_tally writers_count(const web_writers *all)
{
    writers_tally t = {.least = INT64_MAX};
    for (int i = 0; i < WRITERS; i++) {
        const writer *k = &all->one[i];
        const int64_t n = answered(k);
        t.answered += n;
        t.least = n < t.least ? n : t.least;
        t.resent += k->resent;
        t.repeats += k->repeats;
        t.conflicts += k->conflicts;
        t.moves += k->moves;
    }
    return t;
}
