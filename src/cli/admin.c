/* SPDX-License-Identifier: Apache-2.0 */
/* The server's side of the admin socket. */
#include "cli/admin.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/secrets.h"
#include "cli/admin_wire.h"

#define RECEIVE_MS 60000
#define SEND_MS 30000
#define ANSWER_MAX ((size_t)16 * 1024 * 1024)
#define COMPLAINT_MAX 1024
#define ARENA_MAX (2 * ADMIN_MESSAGE_MAX)
#define WORDS_MAX 64
#define FILES_MAX 16

struct admin {
    app *site;
    int fd, stop_fd;
    pthread_t thread;
    char *path;
};

const cli_verb *admin_verb(const char *name)
{
    static const char *const names[] = {"org",  "user",    "grant", "token", "account",
                                        "fund", "opening", "job",   "tick"};
    size_t n = 0;
    const cli_verb *verbs = cli_verbs(&n);
    for (size_t i = 0; i < TQ_COUNT(names); i++) {
        for (size_t k = 0; strcmp(names[i], name) == 0 && k < n; k++) {
            if (strcmp(verbs[k].name, name) == 0) {
                return &verbs[k];
            }
        }
    }
    return NULL;
}

/* --- one request -------------------------------------------------------------------------------------- */

typedef struct request {
    char *argv[WORDS_MAX];
    int argc;
    cli_sent_file files[FILES_MAX];
    size_t n_files;
    char *secret;
} request;

static tq_code not_ours(tq_err *err, const char *what)
{
    return tq_fail(err, TQ_MALFORMED, "admin_message", NULL, "%s", what);
}

/* Every field has its place: what is out of it is no request of ours. */
static tq_code take_field(const admin_field *f, const admin_field *before, request *rq, tq_err *err)
{
    char *text = (char *)(uintptr_t)f->bytes.data; /* copied into the arena by admin_fields */
    switch (f->tag) {
    case ADMIN_WORD:
        if (rq->argc == WORDS_MAX) {
            return not_ours(err, "too many words");
        }
        rq->argv[rq->argc++] = text;
        return TQ_OK;
    case ADMIN_FILE_NAME:
        if (rq->n_files == FILES_MAX) {
            return not_ours(err, "too many files");
        }
        rq->files[rq->n_files++].name = text;
        return TQ_OK;
    case ADMIN_FILE_BYTES:
        if (before == NULL || before->tag != ADMIN_FILE_NAME) {
            return not_ours(err, "a file without a name");
        }
        rq->files[rq->n_files - 1].bytes = f->bytes;
        return TQ_OK;
    case ADMIN_SECRET:
        rq->secret = text;
        return TQ_OK;
    case ADMIN_STATUS:
    case ADMIN_OUT:
    case ADMIN_COMPLAINT:
    case ADMIN_TAG_END:
        break;
    }
    return not_ours(err, "a field of an answer in a request");
}

static tq_code read_request(str body, arena *a, request *rq, tq_err *err)
{
    admin_message *m = ARENA_NEW(a, admin_message, 1);
    TQ_TRY(admin_fields(body, a, m, err));
    for (size_t i = 0; i < m->n; i++) {
        TQ_TRY(take_field(&m->fields[i], i == 0 ? NULL : &m->fields[i - 1], rq, err));
    }
    return rq->argc > 0 ? TQ_OK : not_ours(err, "a request without words");
}

/* As main.c runs it for a terminal, but on our site. */
static tq_code run_verb(const admin *d, int64_t uid, const request *rq, arena *a, buf *out,
                        tq_err *err)
{
    const cli_verb *verb = admin_verb(rq->argv[0]);
    const cli_host host = {.site = d->site,
                           .uid = uid,
                           .files = rq->files,
                           .n_files = rq->n_files,
                           .secret = rq->secret,
                           .out = out};
    cli c;
    if (verb == NULL) {
        return tq_fail(err, TQ_USAGE, "admin_verb", NULL, "this verb is not done by a server");
    }
    TQ_TRY(cli_parse(rq->argc, (char **)(uintptr_t)rq->argv, verb, a, &c, err));
    c.host = &host;
    return verb->run(&c, err);
}

static void write_answer(tq_code code, const tq_err *why, const buf *said, buf *out)
{
    const char status = (char)tq_code_exit(code);
    BUF_AUTO buf complaint = buf_max(COMPLAINT_MAX);
    if (code != TQ_OK) {
        cli_error_write(why, &complaint);
    }
    admin_begin(out);
    admin_add(out, ADMIN_STATUS, (str){&status, 1});
    admin_add(out, ADMIN_OUT, buf_view(said));
    admin_add(out, ADMIN_COMPLAINT, buf_view(&complaint));
    admin_end(out);
}

/* The kernel says who is at the other end; a socket of mode 0600 lets nobody else come so far. */
static bool peer_uid(int fd, int64_t *uid)
{
    struct ucred peer = {0};
    socklen_t len = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 || len != sizeof peer) {
        return false;
    }
    *uid = (int64_t)peer.uid;
    return peer.uid == geteuid() || peer.uid == 0;
}

/* A fault of the client's is answered like a fault at the terminal; one of the socket's is not, since
 * nobody may be there. */
static void serve_one(const admin *d, int fd)
{
    tq_err err = {0};
    int64_t uid = -1;
    BUF_AUTO buf body = buf_max(ADMIN_MESSAGE_MAX);
    BUF_AUTO buf said = buf_max(ANSWER_MAX);
    BUF_AUTO buf answer = buf_max(ANSWER_MAX + 2 * COMPLAINT_MAX);
    if (!peer_uid(fd, &uid) || admin_receive(fd, RECEIVE_MS, &body, &err) != TQ_OK) {
        return;
    }
    ARENA_AUTO arena *a = arena_new("admin request", ARENA_MAX);
    request *rq = ARENA_NEW(a, request, 1);
    tq_code code = read_request(buf_view(&body), a, rq, &err);
    if (code == TQ_OK) {
        code = run_verb(d, uid, rq, a, &said, &err);
    }
    (void)fprintf(stderr, "tongquan: admin: uid %lld: %s: %s\n", (long long)uid,
                  rq->argc > 0 && admin_verb(rq->argv[0]) != NULL ? rq->argv[0] : "-",
                  code == TQ_OK ? "done" : err.reason);
    if (rq->secret != NULL) {
        secret_wipe(rq->secret, strlen(rq->secret));
    }
    if (body.data != NULL) {
        secret_wipe(body.data, body.len);
    }
    write_answer(code, &err, &said, &answer);
    if (!buf_ok(&answer) || admin_send(fd, buf_view(&answer), SEND_MS, &err) != TQ_OK) {
        (void)fprintf(stderr, "tongquan: admin: the answer was not heard\n");
    }
}

/* --- the thread ---------------------------------------------------------------------------------------- */

static void *serve_all(void *ctx)
{
    const admin *d = ctx;
    for (;;) {
        struct pollfd p[2] = {{.fd = d->fd, .events = POLLIN},
                              {.fd = d->stop_fd, .events = POLLIN}};
        if (poll(p, 2, -1) < 0) {
            TQ_ASSERT(errno == EINTR);
            continue;
        }
        if (p[1].revents != 0) {
            return NULL;
        }
        const int fd = accept4(d->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            serve_one(d, fd);
            (void)close(fd); /* all was said */
        }
    }
}

static void release(admin *d)
{
    if (d->fd >= 0) {
        (void)unlink(d->path);
        (void)close(d->fd); /* it only listened */
    }
    if (d->stop_fd >= 0) {
        (void)close(d->stop_fd);
    }
    free(d->path);
    free(d);
}

tq_code admin_start(app *site, admin **out, tq_err *err)
{
    const char *dir = store_dir(app_store(site));
    admin *d = calloc(1, sizeof *d);
    TQ_ASSERT(d != NULL);
    d->site = site;
    d->fd = -1;
    d->stop_fd = eventfd(0, EFD_CLOEXEC);
    TQ_ASSERT(asprintf(&d->path, "%s/" ADMIN_SOCKET, dir) > 0);
    tq_code code = admin_socket(dir, true, &d->fd, err);
    if (code == TQ_OK && (d->stop_fd < 0 || pthread_create(&d->thread, NULL, serve_all, d) != 0)) {
        code = tq_fail(err, TQ_IO, "threads", ADMIN_SOCKET, "no more threads can be had");
    }
    if (code != TQ_OK) {
        release(d);
        return code;
    }
    *out = d;
    return TQ_OK;
}

void admin_stop(admin *d)
{
    if (d == NULL) {
        return;
    }
    TQ_ASSERT(eventfd_write(d->stop_fd, 1) == 0);
    TQ_ASSERT(pthread_join(d->thread, NULL) == 0);
    release(d);
}
