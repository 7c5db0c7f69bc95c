/* SPDX-License-Identifier: Apache-2.0 */
#include "http_site.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http/ticks.h"

#define BIG_BYTES ((size_t)8 * 1024 * 1024)
#define FILE_BYTES ((size_t)3 * 1024 * 1024)

/* --- the application -------------------------------------------------------------------------- */

typedef struct row {
    const char *path;
    unsigned methods; /* 1u << http_method */
    int64_t body_max, file_max;
    unsigned kinds;
    bool at_once;
} row;

#define M(m) (1U << HTTP_##m)
#define READ (M(GET) | M(HEAD))

static const row rows[] = {
    {"/", READ | M(POST), 0, 0, 0, false},
    {"/at-once", READ, 0, 0, 0, true},
    {"/echo", READ | M(POST) | M(PUT) | M(PATCH) | M(DELETE), 1000, 0, ~0U, false},
    {"/form", M(POST), 1000, 0, 1U << HTTP_FORM, false},
    {"/json", M(POST), 1000, 0, 1U << HTTP_JSON, true},
    {"/multi", M(POST), 100000, 2000, 1U << HTTP_MULTIPART, false},
    {"/bare", M(POST), 0, 0, 0, false},
    {"/upload", M(POST), INT64_C(1) << 31, INT64_C(1) << 30, 1U << HTTP_MULTIPART, false},
    {"/sentinel", READ, 0, 0, 0, false},
    {"/slow", READ | M(POST), 1000, 0, ~0U, false},
    {"/events", READ, 0, 0, 0, false},
    {"/ticks", READ, 0, 0, 0, false},
    {"/big", READ, 0, 0, 0, false},
    {"/file", READ, 0, 0, 0, false},
    {"/count", M(POST), 1000, 0, ~0U, false},
    {"/who", READ, 0, 0, 0, false},
    {"/any/", READ, 0, 0, 0, false},
};

static const row *row_of(str path)
{
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        const str at = str_of(rows[i].path);
        if (str_eq(path, at) || (str_eq(at, STR("/any/")) && str_starts(path, at))) {
            return &rows[i];
        }
    }
    return NULL;
}

static void plan(void *ctx, const http_request *head, http_plan *out)
{
    const row *r = row_of(head->path);
    (void)ctx;
    if (r == NULL) {
        out->status = 404;
    } else if ((r->methods & 1U << head->method) == 0) {
        out->status = 405;
        out->allow = "GET, HEAD";
    } else {
        *out = (http_plan){.body_max = r->body_max,
                           .file_max = r->file_max,
                           .kinds = r->kinds,
                           .at_once = r->at_once};
    }
}

static void echo(const http_request *rq, http_reply *out)
{
    buf_printf(&out->body, "%s %.*s kind=%d body=%.*s", rq->method_text, STR_ARG(rq->path),
               (int)rq->body_kind, STR_ARG(rq->body));
    for (size_t i = 0; i < rq->n_args; i++) {
        buf_printf(&out->body, " arg:%.*s=%.*s", STR_ARG(rq->args[i].name),
                   STR_ARG(rq->args[i].value));
    }
    for (size_t i = 0; i < rq->n_form; i++) {
        buf_printf(&out->body, " %.*s=%.*s", STR_ARG(rq->form[i].name), STR_ARG(rq->form[i].value));
    }
    for (size_t i = 0; i < rq->n_files; i++) {
        const http_file *f = &rq->files[i];
        buf_printf(&out->body, " file:%.*s=%.*s type=%.*s bytes=%lld sha256=%s", STR_ARG(f->field),
                   STR_ARG(f->name), STR_ARG(f->type), (long long)f->bytes, f->sha256);
        buf_printf(&out->body, " there=%d", access(f->path, R_OK) == 0);
    }
}

static void nap_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL);
}

typedef struct events {
    http_site *site;
    int sent, last; /* 0: none */
} events;

static void next_event(void *ctx, buf *out, bool *done)
{
    events *e = ctx;
    buf_printf(out, "event: tick\ndata: %d\n\n", ++e->sent);
    *done = e->last > 0 && e->sent == e->last;
}

static void end_events(void *ctx)
{
    events *e = ctx;
    atomic_fetch_add(&e->site->streams_ended, 1);
    free(e);
}

static void stream(http_site *site, http_reply *out, int last)
{
    events *e = calloc(1, sizeof *e);
    TQ_ASSERT(e != NULL);
    *e = (events){site, 0, last};
    out->stream = (http_stream){next_event, end_events, e};
}

static void send_file(const http_site *site, const http_request *rq, http_reply *out)
{
    const char *path = arena_printf(rq->a, "%s/%s", site->folder, rq->id).data;
    char *letters = arena_take(rq->a, FILE_BYTES);
    FILE *f = fopen(path, "w");
    TQ_ASSERT(f != NULL);
    for (size_t i = 0; i < FILE_BYTES; i++) {
        letters[i] = (char)('a' + i % 26);
    }
    TQ_ASSERT(fwrite(letters, 1, FILE_BYTES, f) == FILE_BYTES);
    TQ_ASSERT(fclose(f) == 0);
    out->file = path;
    out->file_remove = true;
    out->sandboxed = true;
    out->type = "application/octet-stream";
    http_reply_header(out, "Content-Disposition", STR("attachment; filename=\"a.bin\""));
}

static void handle(void *ctx, const http_request *rq, http_reply *out)
{
    http_site *site = ctx;
    const str path = rq->path;
    out->type = "text/plain; charset=utf-8";
    const row *r = row_of(path);
    TQ_ASSERT(r != NULL); /* plan has seen to that */
    out->log_route = r->path;
    out->log_user = 7;
    if (str_eq(path, STR("/")) || str_eq(path, STR("/at-once"))) {
        buf_text(&out->body, "home");
    } else if (str_eq(path, STR("/sentinel"))) {
        buf_text(&out->body, "sentinel");
    } else if (str_eq(path, STR("/slow"))) {
        nap_ms(300);
        buf_text(&out->body, "slow");
    } else if (str_eq(path, STR("/events"))) {
        stream(site, out, 3);
    } else if (str_eq(path, STR("/ticks"))) {
        stream(site, out, 0);
    } else if (str_eq(path, STR("/big"))) {
        for (size_t i = 0; i < BIG_BYTES / 1024; i++) {
            buf_printf(&out->body, "%01023zu\n", i);
        }
    } else if (str_eq(path, STR("/file"))) {
        send_file(site, rq, out);
    } else if (str_eq(path, STR("/count"))) {
        nap_ms(5);
        buf_int(&out->body, atomic_fetch_add(&site->counted, 1) + 1);
    } else if (str_eq(path, STR("/who"))) {
        buf_printf(&out->body, "%s %s %s cookie=%.*s", rq->address, rq->id, rq->method_text,
                   STR_ARG(http_cookie(rq, "c")));
    } else {
        echo(rq, out);
    }
}

static void failure(void *ctx, const http_request *head, unsigned status, const char *reason,
                    http_reply *out)
{
    (void)ctx;
    out->type = "application/problem+json";
    buf_printf(&out->body, "{\"status\":%u,\"reason\":\"%s\",\"path\":%zu}", status, reason,
               head->path.len);
}

void http_site_make(http_site *site)
{
    *site = (http_site){0};
    (void)snprintf(site->folder, sizeof site->folder, "/tmp/tq-http.XXXXXX");
    TQ_ASSERT(mkdtemp(site->folder) != NULL);
}

void http_site_remove(http_site *site)
{
    char path[512];
    static const char *const folders[] = {"/spool", ""};
    for (size_t i = 0; i < TQ_COUNT(folders); i++) {
        (void)snprintf(path, sizeof path, "%s%s", site->folder, folders[i]);
        (void)rmdir(path); /* stays where a test has left something: then it can be looked at */
    }
}

http_app http_site_app(http_site *site)
{
    return (http_app){plan, handle, failure, site};
}

server_options http_site_options(const http_site *site, char *spool, size_t room)
{
    (void)snprintf(spool, room, "%s/spool", site->folder);
    return (server_options){
        .address = "127.0.0.1:0", .spool = spool, .workers = 8, .rate_per_minute = 1000000};
}

server *http_site_serve(http_site *site, const server_options *o)
{
    const http_app app = http_site_app(site);
    server *s = NULL;
    tq_err err;
    if (server_start(o, &app, &s, &err) != TQ_OK) {
        (void)fprintf(stderr, "%s\n", err.detail);
        abort();
    }
    return s;
}

/* --- clients ---------------------------------------------------------------------------------- */

int http_dial(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    TQ_ASSERT(fd >= 0);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

bool http_send(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        const ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

/* -1: nothing within the time; 0: closed. */
static ssize_t read_some(int fd, char *out, size_t room, int64_t until_us)
{
    const int64_t left = (until_us - ticks_us()) / 1000;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (left < 0 || poll(&p, 1, (int)left + 1) <= 0) {
        return -1;
    }
    const ssize_t n = recv(fd, out, room, 0);
    return n < 0 ? 0 : n; /* a reset is an end as well */
}

bool http_read_all(int fd, buf *out, int ms)
{
    static _Thread_local char some[65536];
    const int64_t until = ticks_us() + INT64_C(1000) * ms;
    while (buf_ok(out)) {
        const ssize_t n = read_some(fd, some, sizeof some, until);
        if (n <= 0) {
            return n == 0;
        }
        buf_add(out, some, (size_t)n);
    }
    return false;
}

/* Length of the answer that `all` begins with; 0 where it is not complete. */
static size_t answer_length(str all, bool head_only, unsigned *status, size_t *head)
{
    const char *end = all.len == 0 ? NULL : memmem(all.data, all.len, "\r\n\r\n", 4);
    if (end == NULL || all.len < 13 || memcmp(all.data, "HTTP/1.", 7) != 0) {
        return 0;
    }
    *head = (size_t)(end - all.data) + 4;
    *status = (unsigned)strtoul(all.data + 9, NULL, 10);
    size_t length = 0;
    for (const char *line = all.data; line < end; line++) {
        if (strncasecmp(line, "\r\nContent-Length: ", 18) == 0) {
            length = strtoul(line + 18, NULL, 10);
        }
    }
    length = head_only || *status < 200 || *status == 204 || *status == 304 ? 0 : length;
    return all.len - *head < length ? 0 : *head + length;
}

unsigned http_read_one(int fd, buf *out, int ms)
{
    static _Thread_local char some[65536];
    const int64_t until = ticks_us() + INT64_C(1000) * ms;
    unsigned status = 0;
    size_t head = 0;
    while (answer_length(buf_view(out), false, &status, &head) == 0) {
        const ssize_t n = read_some(fd, some, sizeof some, until);
        if (n <= 0) {
            return 0;
        }
        buf_add(out, some, (size_t)n);
    }
    return status;
}

int http_statuses(str all, bool head_only, unsigned *status, int max)
{
    int n = 0;
    while (all.len > 0) {
        size_t head = 0;
        const size_t used =
            n < max ? answer_length(all, head_only && n == 0, &status[n], &head) : 0;
        if (used == 0) {
            return -1;
        }
        all = (str){all.data + used, all.len - used};
        n++;
    }
    return n;
}

str http_body_of(str all, int n)
{
    unsigned status = 0;
    for (;; n--) {
        size_t head = 0;
        const size_t used = answer_length(all, false, &status, &head);
        if (used == 0) {
            return (str){"", 0};
        }
        if (n == 0) {
            return (str){all.data + head, used - head};
        }
        all = (str){all.data + used, all.len - used};
    }
}

bool http_contains(str where, const char *what)
{
    return where.len > 0 && memmem(where.data, where.len, what, strlen(what)) != NULL;
}

/* --- escapes ---------------------------------------------------------------------------------- */

static int hex(char c)
{
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* "{text*7}"; false where no star follows the brace. */
static bool repeated(str *rest, buf *out)
{
    const char *star = memchr(rest->data, '*', rest->len);
    const char *end = memchr(rest->data, '}', rest->len);
    if (star == NULL || end == NULL || end < star || rest->data[0] != '{') {
        return false;
    }
    const unsigned long times = strtoul(star + 1, NULL, 10);
    for (unsigned long i = 0; i < times; i++) {
        buf_add(out, rest->data + 1, (size_t)(star - rest->data) - 1);
    }
    rest->len -= (size_t)(end - rest->data) + 1;
    rest->data = end + 1;
    return true;
}

void http_unescape(str text, buf *out)
{
    while (text.len > 0) {
        size_t used = 1;
        const char c = text.data[0];
        if (c == '|') {
            buf_text(out, "\r\n");
        } else if (c == '\\' && text.len > 1) {
            const char k = text.data[1];
            used = k == 'x' ? 4 : 2;
            buf_char(out, k == 'r'   ? '\r'
                          : k == 'n' ? '\n'
                          : k == 't' ? '\t'
                          : k == '0' ? '\0'
                          : k == 'x' ? (char)(hex(text.data[2]) * 16 + hex(text.data[3]))
                                     : k);
        } else if (repeated(&text, out)) {
            continue;
        } else {
            buf_char(out, c);
        }
        text = (str){text.data + used, text.len - used};
    }
}
