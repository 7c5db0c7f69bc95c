/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of the admin socket. */
#include "cli/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/opening.h"
#include "base/file.h"
#include "base/secrets.h"
#include "cli/admin_wire.h"
#include "cli/cli_access.h"

#define SEND_MS 60000

/* By way of the folder's descriptor: an address of a socket has room for 107 bytes, a path for more. */
static tq_code address_of(const char *dir, int *folder, struct sockaddr_un *at, tq_err *err)
{
    *folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*folder < 0) {
        return tq_fail(err, TQ_NOT_FOUND, "admin_socket", "data", "the folder cannot be opened: %s",
                       strerror(errno));
    }
    *at = (struct sockaddr_un){.sun_family = AF_UNIX};
    const int n =
        snprintf(at->sun_path, sizeof at->sun_path, "/proc/self/fd/%d/" ADMIN_SOCKET, *folder);
    TQ_ASSERT(n > 0 && (size_t)n < sizeof at->sun_path);
    return TQ_OK;
}

/* The mode is set before anybody can connect, which listen allows. */
static bool bound(int fd, const struct sockaddr_un *at)
{
    (void)unlink(at->sun_path); /* of a server that was killed */
    return bind(fd, (const struct sockaddr *)at, sizeof *at) == 0 &&
           chmod(at->sun_path, 0600) == 0 && listen(fd, 16) == 0;
}

tq_code admin_socket(const char *dir, bool serve, int *fd, tq_err *err)
{
    struct sockaddr_un at;
    int folder = -1;
    TQ_TRY(address_of(dir, &folder, &at, err));
    const int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool fine =
        s >= 0 && (serve ? bound(s, &at) : connect(s, (struct sockaddr *)&at, sizeof at) == 0);
    const int why = errno;
    (void)close(folder);
    if (fine) {
        *fd = s;
        return TQ_OK;
    }
    if (s >= 0) {
        (void)close(s); /* nothing was said on it */
    }
    const bool nobody = !serve && (why == ENOENT || why == ECONNREFUSED);
    return tq_fail(err, nobody ? TQ_NOT_FOUND : TQ_IO, "admin_socket", ADMIN_SOCKET,
                   "the admin socket cannot be %s: %s", serve ? "made" : "reached", strerror(why));
}

/* --- the request ------------------------------------------------------------------------------------ */

/* Files go along: the server, which may see other folders than we do, opens none that we name. */
static tq_code add_file(const cli *c, const char *name, buf *out, tq_err *err)
{
    str bytes = {0};
    TQ_TRY(file_read(name, OPENING_FILE_MAX, c->a, &bytes, err));
    admin_add(out, ADMIN_FILE_NAME, str_of(name));
    admin_add(out, ADMIN_FILE_BYTES, bytes);
    return TQ_OK;
}

static tq_code add_files(const cli *c, const cli_verb *verb, buf *out, tq_err *err)
{
    const char *control = cli_value(c, "control");
    if (strstr(verb->words, "FILE") == NULL) {
        return TQ_OK;
    }
    for (int i = 1; i < c->n_words; i++) {
        TQ_TRY(add_file(c, c->words[i], out, err));
    }
    return control == NULL ? TQ_OK : add_file(c, control, out, err);
}

static tq_code add_secret(const cli *c, const cli_verb *verb, buf *out, tq_err *err)
{
    char line[PASSWORD_ROOM] = "";
    if (strcmp(verb->name, "user") != 0 || c->n_words == 0 || strcmp(c->words[0], "passwd") != 0) {
        return TQ_OK;
    }
    const tq_code code = password_typed(line, sizeof line, err);
    if (code == TQ_OK) {
        admin_add(out, ADMIN_SECRET, str_of(line));
    }
    secret_wipe(line, sizeof line);
    return code;
}

static tq_code write_request(const cli *c, const cli_verb *verb, int argc, char **argv, buf *out,
                             tq_err *err)
{
    admin_begin(out);
    for (int i = 0; i < argc; i++) {
        admin_add(out, ADMIN_WORD, str_of(argv[i]));
    }
    TQ_TRY(add_files(c, verb, out, err));
    TQ_TRY(add_secret(c, verb, out, err));
    admin_end(out);
    return buf_ok(out)
               ? TQ_OK
               : tq_fail(err, TQ_LIMIT, "admin_message", NULL, "the files are too long together");
}

/* --- the answer ---------------------------------------------------------------------------------------- */

static tq_code show_answer(const admin_message *m, int *status, tq_err *err)
{
    bool told = false;
    for (size_t i = 0; i < m->n; i++) {
        const admin_field *f = &m->fields[i];
        FILE *to = f->tag == ADMIN_OUT ? stdout : f->tag == ADMIN_COMPLAINT ? stderr : NULL;
        if (f->tag == ADMIN_STATUS && f->bytes.len == 1) {
            *status = (unsigned char)f->bytes.data[0];
            told = true;
        } else if (to == NULL || fwrite(f->bytes.data, 1, f->bytes.len, to) != f->bytes.len ||
                   fflush(to) != 0) {
            return tq_fail(err, TQ_IO, "admin_answer", NULL, "the answer cannot be shown");
        }
    }
    return told ? TQ_OK : tq_fail(err, TQ_IO, "admin_answer", NULL, "the answer has no status");
}

tq_code admin_ask(const cli *c, const cli_verb *verb, int argc, char **argv, int *status,
                  tq_err *err)
{
    int fd = -1;
    const char *dir = NULL;
    admin_message *m = ARENA_NEW(c->a, admin_message, 1);
    BUF_AUTO buf request = buf_max(ADMIN_MESSAGE_MAX);
    BUF_AUTO buf body = buf_max(ADMIN_MESSAGE_MAX);
    TQ_TRY(cli_need(c, "data", &dir, err));
    TQ_TRY(admin_socket(dir, false, &fd, err));
    tq_code code = write_request(c, verb, argc, argv, &request, err);
    if (code == TQ_OK) {
        code = admin_send(fd, buf_view(&request), SEND_MS, err);
    }
    if (request.data != NULL) {
        secret_wipe(request.data, request.len);
    }
    if (code == TQ_OK && admin_receive(fd, 0, &body, err) != TQ_OK) {
        code = tq_fail(err, TQ_IO, "admin_unknown", NULL,
                       "the server went before it answered; look whether it was done");
    }
    (void)close(fd); /* all was said */
    TQ_TRY(code);
    TQ_TRY(admin_fields(buf_view(&body), c->a, m, err));
    return show_answer(m, status, err);
}
