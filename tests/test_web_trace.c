/* SPDX-License-Identifier: Apache-2.0 */
/* I26 as the kernel sees it: between the reading of a POST and the first byte of its 2xx answer, a sync of
 * the database begins and ends. The trace is read by a judge that is tried on traces with planted faults,
 * and on a server of this very program under which syncing was left out. SQLite only: PostgreSQL syncs in
 * a process of its own. */
#include "store_site.h"

#include "http_site.h"
#include "served.h"
#include "web_steps.h"

#include <signal.h>
#include <sys/syscall.h>

#define TRACE_MAX ((size_t)4 * 1024 * 1024)
#define STOP_MS 20000

/* --- a disk that lies ------------------------------------------------------------------------------ */

static bool lies; /* set in the child that serves without syncing */

int fdatasync(int fd)
{
    return lies ? 0 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return lies ? 0 : (int)syscall(SYS_fsync, fd);
}

/* `test_web_trace serve DIR lies|honest`: the same server as the program's, on the store of DIR. */
static int serve(const char *dir, bool lying)
{
    app *county = NULL;
    web_site *web = NULL;
    server *l = NULL;
    sigset_t stop;
    int got = 0;
    char spool[128];
    lies = lying;
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTERM);
    TQ_ASSERT(pthread_sigmask(SIG_BLOCK, &stop, NULL) == 0);
    const store_options at = {.dir = dir};
    const web_options how = {0};
    (void)snprintf(spool, sizeof spool, "%s/spool", dir);
    NEED(app_open(&at, &county, err));
    NEED(web_site_new(county, &how, &web, err));
    const http_app handlers = web_site_app(web);
    const server_options o = {.address = "127.0.0.1:0", .spool = spool};
    NEED(server_start(&o, &handlers, &l, err));
    (void)fprintf(stderr, "http://127.0.0.1:%u/\n", server_port(l));
    (void)sigwait(&stop, &got);
    server_stop(l);
    web_site_free(web);
    app_close(county);
    return 0;
}

/* --- the judge --------------------------------------------------------------------------------------- */

typedef struct trace_line {
    long pid;
    bool begins, ends; /* a call may be cut in two lines by another thread's */
    const char *call;  /* "fdatasync(5</x/tongquan.db-wal>) = 0" */
} trace_line;

static trace_line line_of(const char *text)
{
    char *rest = NULL;
    trace_line l = {.pid = strtol(text, &rest, 10)};
    rest += strspn(rest, " ");
    static const char again[] = "<... ";
    const bool resumed = strncmp(rest, again, sizeof again - 1) == 0;
    const size_t len = strcspn(rest, "\n");
    l.call = resumed ? rest + sizeof again - 1 : rest;
    l.begins = !resumed;
    l.ends = memmem(rest, len, "<unfinished ...>", 16) == NULL;
    return l;
}

static bool has(const char *line, const char *what)
{
    return memmem(line, strcspn(line, "\n"), what, strlen(what)) != NULL;
}

static bool is_call(const trace_line *l, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strncmp(l->call, *names, strlen(*names)) == 0) {
            return true;
        }
    }
    return false;
}

/* Line by line: the POST is read, a sync of the log of the database begins after that, ends with 0, and
 * only then does a 2xx leave. NULL, or what is missing. */
static const char *judge(const char *trace, const char *post)
{
    static const char *const reads[] = {"recvfrom", "read", NULL};
    static const char *const syncs[] = {"fdatasync", "fsync", NULL};
    static const char *const sends[] = {"sendto", "sendmsg", "write", NULL};
    bool asked = false;
    bool synced = false;
    long syncing = 0; /* the thread whose sync began after the reading */
    for (const char *at = trace; *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n' ? 1 : 0) {
        const trace_line l = line_of(at);
        if (is_call(&l, reads) && l.ends && has(at, post)) {
            asked = true;
        } else if (asked && is_call(&l, syncs)) {
            syncing = l.begins && has(at, "tongquan.db") ? l.pid : syncing;
            synced = synced || (l.ends && syncing == l.pid && has(at, "= 0"));
        } else if (is_call(&l, sends) && l.begins && has(at, "HTTP/1.1 2")) {
            return !asked ? "an answer before the question" : synced ? NULL : "a 2xx before a sync";
        }
    }
    return asked ? "no 2xx left" : "the request was not read";
}

static void the_judge_finds_planted_faults(void **state)
{
    static const char rq[] = "7 recvfrom(9<TCP:[1]>, \"POST /proofs HT\"..., 999) = 300\n";
    static const char ok[] = "8 fdatasync(5</d/tongquan.db-wal>) = 0\n";
    static const char go[] = "7 sendto(9<TCP:[1]>, \"HTTP/1.1 201 Cr\"..., 800) = 800\n";
    static const struct {
        const char *a, *b, *c, *d, *fault;
    } rows[] = {
        {rq, ok, go, "", NULL},
        {rq, "8 fdatasync(5</d/tongquan.db-wal> <unfinished ...>\n",
         "8 <... fdatasync resumed>) = 0\n", go, NULL},
        {rq, go, ok, "", "a 2xx before a sync"},
        {ok, rq, go, "", "a 2xx before a sync"},
        {rq, "", go, "", "a 2xx before a sync"},
        {rq, "8 fdatasync(5</d/tongquan.db-wal>) = -1 EIO (Input/output error)\n", go, "",
         "a 2xx before a sync"},
        {rq, "8 fdatasync(5</d/other>) = 0\n", go, "", "a 2xx before a sync"},
        {rq, "8 fdatasync(5</d/tongquan.db-wal> <unfinished ...>\n", go,
         "8 <... fdatasync resumed>) = 0\n", "a 2xx before a sync"},
        {"8 fdatasync(5</d/tongquan.db-wal> <unfinished ...>\n", rq,
         "8 <... fdatasync resumed>) = 0\n", go, "a 2xx before a sync"},
        {rq, ok, "", "", "no 2xx left"},
        {ok, go, "", "", "an answer before the question"},
        {ok, "", "", "", "the request was not read"},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        char trace[1024];
        (void)snprintf(trace, sizeof trace, "%s%s%s%s", rows[i].a, rows[i].b, rows[i].c, rows[i].d);
        const char *found = judge(trace, "POST /proofs");
        if ((found == NULL) != (rows[i].fault == NULL) ||
            (found != NULL && strcmp(found, rows[i].fault) != 0)) {
            fail_msg("row %zu: %s", i, found == NULL ? "no fault" : found);
        }
    }
}

/* --- a served POST ------------------------------------------------------------------------------------ */

static web_county *w;

static int make_site(void **state)
{
    (void)state;
    w = web_county_open();
    loopback_free(w->line);
    web_site_free(w->site);
    app_close(w->f->app);
    w->line = NULL;
    w->site = NULL;
    w->f->app = NULL;
    return 0;
}

static int drop_site(void **state)
{
    (void)state;
    web_county_close(w);
    return 0;
}

static void post_proof(unsigned port, int n)
{
    char body[300];
    char rq[800];
    const ymd d = day_ymd(web_today(w));
    BUF_AUTO buf answer = buf_max(65536);
    const int fd = http_dial(port);
    (void)snprintf(body, sizeof body,
                   "{\"means\":\"transfer\",\"payer\":\"长兴绿能电池有限公司\",\"paid_day\":\"%04d-"
                   "%02d-%02d\","
                   "\"amount\":\"40.00\",\"reference\":\"T-%d\"}",
                   d.year, d.month, d.mday, n);
    (void)snprintf(rq, sizeof rq,
                   "POST /proofs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
                   "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                   w->token[ROLE_FIRM_AGENT], strlen(body), body);
    assert_true(http_send(fd, rq, strlen(rq)));
    const unsigned status = http_read_one(fd, &answer, 20000);
    if (status != 201) {
        fail_msg("%u: %.*s", status, (int)answer.len, answer.data);
    }
    (void)close(fd);
}

/* The first POST of a day also writes when the token was used; the second one has nothing but itself. */
static const char *traced(const char *const *program, int n)
{
    static char trace[TRACE_MAX];
    char out[128];
    served s;
    int64_t took = 0;
    served_at(&s, w->f->dir, "");
    (void)snprintf(out, sizeof out, "%s.trace", w->f->dir);
    const char *const tracer[] = {"strace",
                                  "-f",
                                  "-y",
                                  "-s",
                                  "48",
                                  "-e",
                                  "trace=fdatasync,fsync,recvfrom,read,sendto,sendmsg,write,writev",
                                  "-o",
                                  out,
                                  NULL};
    (void)served_start(&s, tracer, program);
    post_proof(s.port, n);
    post_proof(s.port, n + 1);
    (void)served_stop(&s, STOP_MS, &took);
    FILE *f = fopen(out, "r");
    assert_non_null(f);
    const size_t len = fread(trace, 1, sizeof trace - 1, f);
    trace[len] = '\0';
    (void)fclose(f);
    (void)unlink(out);
    served_forget(&s);
    const char *first = strstr(trace, "POST /proofs");
    const char *second = first == NULL ? NULL : strstr(strchr(first, '\n') + 1, "POST /proofs");
    if (second == NULL) {
        return "the trace has no second POST";
    }
    while (second > trace && second[-1] != '\n') {
        second--;
    }
    return judge(second, "POST /proofs");
}

static void no_2xx_leaves_before_a_sync(void **state)
{
    (void)state;
    const char *fault = traced(NULL, 10);
    if (fault != NULL) {
        fail_msg("%s", fault);
    }
}

/* The planted defect: the same server, whose syncs reach no disk. Honest, it passes: only the lie fails. */
static void a_server_that_does_not_sync_is_found(void **state)
{
    (void)state;
    char self[512];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(n > 0);
    self[n] = '\0';
    const char *const honest[] = {self, "serve", w->f->dir, "honest", NULL};
    const char *const lying[] = {self, "serve", w->f->dir, "lies", NULL};
    const char *fault = traced(honest, 20);
    assert_true(fault == NULL);
    fault = traced(lying, 30);
    assert_non_null(fault);
    assert_string_equal(fault, "a 2xx before a sync");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_judge_finds_planted_faults),
        cmocka_unit_test(no_2xx_leaves_before_a_sync),
        cmocka_unit_test(a_server_that_does_not_sync_is_found),
    };
    if (argc == 4 && strcmp(argv[1], "serve") == 0) {
        return serve(argv[2], strcmp(argv[3], "lies") == 0);
    }
    return cmocka_run_group_tests(tests, make_site, drop_site);
}
