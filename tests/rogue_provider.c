/* SPDX-License-Identifier: Apache-2.0 */
#include "rogue_provider.h"

#include <arpa/inet.h>
#include <cjose/cjose.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/secrets.h"

#define TEXT_MAX 8192
#define HUGE_BYTES 400000
#define SLOW_MS 1500 /* longer than the test lets the client wait */

struct rogue {
    int listener;
    pthread_t thread;
    atomic_bool over;
    atomic_int asked;
    pthread_mutex_t lock; /* guards what follows */
    rogue_way way;
    char nonce[64], challenge[64], issuer[64];
    const char *alg;
    int64_t now;
    cjose_jwk_t *key, *other;
};

static cjose_jwk_t *key_new(const char *alg, const char *kid)
{
    cjose_err err;
    cjose_jwk_t *k =
        strcmp(alg, "ES256") == 0
            ? cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &err)
            : cjose_jwk_create_RSA_random(2048, (const uint8_t *)"\x01\x00\x01", 3, &err);
    TQ_ASSERT(k != NULL && cjose_jwk_set_kid(k, kid, strlen(kid), &err));
    return k;
}

static void claims(const rogue *r, char out[TEXT_MAX])
{
    const int64_t iat = r->now + (r->way == ROGUE_EARLY     ? 120
                                  : r->way == ROGUE_OLD     ? -700
                                  : r->way == ROGUE_EXPIRED ? -400
                                                            : 0);
    const int64_t exp = r->way == ROGUE_EXPIRED ? r->now - 61 : iat + 900;
    const char *aud = r->way == ROGUE_AUDIENCE    ? "\"somebody\""
                      : r->way == ROGUE_AUDIENCES ? "[\"tongquan\",\"somebody\"]"
                                                  : "\"tongquan\"";
    char nonce[96] = "";
    if (r->way != ROGUE_NO_NONCE) {
        (void)snprintf(nonce, sizeof nonce, ",\"nonce\":\"%s\"",
                       r->way == ROGUE_NONCE ? "another" : r->nonce);
    }
    (void)snprintf(
        out, TEXT_MAX,
        "{\"iss\":\"%s\",\"aud\":%s,\"iat\":%lld,\"exp\":%lld%s%s%s,\"amr\":[\"pwd\",\"otp\"]}",
        r->way == ROGUE_ISSUER ? "https://login.example" : r->issuer, aud, (long long)iat,
        (long long)exp, nonce, r->way == ROGUE_NOBODY ? "" : ",\"sub\":\"u-1\"",
        r->way == ROGUE_PARTY ? ",\"azp\":\"somebody\"" : "");
}

static void base64(const char *text, char *out, size_t room)
{
    cjose_err err;
    char *encoded = NULL;
    size_t n = 0;
    TQ_ASSERT(cjose_base64url_encode((const uint8_t *)text, strlen(text), &encoded, &n, &err));
    (void)snprintf(out, room, "%s", encoded);
    free(encoded);
}

/* A token whose header is written by hand; the signature is some letters. */
static void unsigned_token(const char *header, const char *payload, const char *signature,
                           char out[TEXT_MAX])
{
    char head[512];
    char body[4096];
    base64(header, head, sizeof head);
    base64(payload, body, sizeof body);
    (void)snprintf(out, TEXT_MAX, "%s.%s.%s", head, body, signature);
}

static void sign(const rogue *r, const char *payload, char out[TEXT_MAX])
{
    cjose_err err;
    const char *text = NULL;
    cjose_header_t *h = cjose_header_new(&err);
    const cjose_jwk_t *key =
        r->way == ROGUE_STRANGER || r->way == ROGUE_NEW_KEY ? r->other : r->key;
    char *pem = r->way == ROGUE_CONFUSED ? cjose_jwk_to_json(r->key, false, &err) : NULL;
    cjose_jwk_t *password =
        pem == NULL ? NULL : cjose_jwk_create_oct_spec((const uint8_t *)pem, strlen(pem), &err);
    TQ_ASSERT(cjose_header_set(h, CJOSE_HDR_ALG, password == NULL ? r->alg : "HS256", &err));
    TQ_ASSERT(cjose_header_set(h, CJOSE_HDR_KID, r->way == ROGUE_NEW_KEY ? "k2" : "k1", &err));
    cjose_jws_t *jws = cjose_jws_sign(password == NULL ? key : password, h,
                                      (const uint8_t *)payload, strlen(payload), &err);
    TQ_ASSERT(jws != NULL && cjose_jws_export(jws, &text, &err));
    (void)snprintf(out, TEXT_MAX, "%s", text);
    cjose_jws_release(jws);
    cjose_header_release(h);
    if (password != NULL) {
        (void)cjose_jwk_release(password);
        free(pem);
    }
}

static void token(const rogue *r, char out[TEXT_MAX])
{
    char payload[TEXT_MAX];
    claims(r, payload);
    if (r->way == ROGUE_NONE) {
        unsigned_token("{\"alg\":\"none\"}", payload, "", out);
    } else if (r->way == ROGUE_CRIT) {
        unsigned_token("{\"alg\":\"RS256\",\"crit\":[\"b64\"],\"b64\":false}", payload, "AAAA",
                       out);
    } else if (r->way == ROGUE_TWO_ALGS) {
        unsigned_token("{\"alg\":\"RS256\",\"alg\":\"none\"}", payload, "AAAA", out);
    } else if (r->way == ROGUE_GARBAGE) {
        (void)snprintf(out, TEXT_MAX, "no token at all");
    } else {
        sign(r, payload, out);
    }
}

static void reply(int fd, int status, const char *extra, const char *body)
{
    char head[512];
    (void)snprintf(head, sizeof head,
                   "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: "
                   "%zu\r\n%sConnection: close\r\n\r\n",
                   status, strlen(body), extra);
    (void)!write(fd, head, strlen(head));
    (void)!write(fd, body, strlen(body));
}

static void self(const rogue *r, int fd)
{
    char body[TEXT_MAX];
    const char *plain = r->way == ROGUE_PLAIN ? "file:///etc/passwd?" : r->issuer;
    (void)snprintf(
        body, sizeof body,
        "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/auth\",\"token_endpoint\":\"%s/token\","
        "\"jwks_uri\":\"%s/keys\"}",
        r->way == ROGUE_OTHER_SELF ? "https://login.example" : r->issuer, r->issuer, plain,
        r->issuer);
    reply(fd, 200, "", body);
}

static void keys(const rogue *r, int fd)
{
    cjose_err err;
    char body[TEXT_MAX];
    char *first = cjose_jwk_to_json(r->key, false, &err);
    char *second = cjose_jwk_to_json(r->other, false, &err);
    const bool both = r->way == ROGUE_NEW_KEY;
    (void)snprintf(body, sizeof body, "{\"keys\":[%s%s%s]}", first, both ? "," : "",
                   both ? second : "");
    reply(fd, 200, "", body);
    free(first);
    free(second);
}

/* Whoever brings a code must know the verifier of the challenge. */
static bool verifier_fits(const rogue *r, const char *request)
{
    const char *at = strstr(request, "code_verifier=");
    if (at == NULL || strlen(at) < 14 + BEARER_CHARS) {
        return false;
    }
    const digest d = hash_of(HASH_SHA256, (str){at + 14, BEARER_CHARS});
    const bearer text = bearer_of(d.b);
    return strcmp(text.text, r->challenge) == 0;
}

static void exchange(const rogue *r, int fd, const char *request)
{
    static char huge[HUGE_BYTES + 1];
    char id[TEXT_MAX];
    char body[TEXT_MAX + 64];
    if (r->way == ROGUE_USED || !verifier_fits(r, request)) {
        reply(fd, 400, "", "{\"error\":\"invalid_grant\"}");
    } else if (r->way == ROGUE_BROKEN) {
        reply(fd, 500, "", "");
    } else if (r->way == ROGUE_REDIRECT) {
        reply(fd, 302, "Location: /elsewhere\r\n", "");
    } else if (r->way == ROGUE_HUGE) {
        memset(huge, ' ', HUGE_BYTES);
        reply(fd, 200, "", huge);
    } else {
        token(r, id);
        (void)snprintf(body, sizeof body, "{\"id_token\":\"%s\"}", id);
        reply(fd, 200, "", body);
    }
}

/* Head and body: the client sends both before it waits. */
static void request_read(int fd, char out[TEXT_MAX])
{
    size_t n = 0;
    out[0] = '\0';
    for (;;) {
        const ssize_t got = read(fd, out + n, TEXT_MAX - 1 - n);
        n += got > 0 ? (size_t)got : 0;
        out[n] = '\0';
        const char *end = strstr(out, "\r\n\r\n");
        const char *length = strstr(out, "Content-Length: ");
        const size_t body = length == NULL ? 0 : strtoul(length + 16, NULL, 10);
        if (got <= 0 || n == TEXT_MAX - 1 || (end != NULL && strlen(end + 4) >= body)) {
            return;
        }
    }
}

static void serve_one(rogue *r, int fd)
{
    char request[TEXT_MAX];
    request_read(fd, request);
    (void)atomic_fetch_add(&r->asked, 1);
    TQ_ASSERT(pthread_mutex_lock(&r->lock) == 0);
    const bool slow = r->way == ROGUE_SLOW;
    if (slow) {
        (void)poll(NULL, 0, SLOW_MS);
    } else if (strstr(request, "GET /.well-known") == request) {
        self(r, fd);
    } else if (strstr(request, "GET /keys") == request) {
        keys(r, fd);
    } else if (strstr(request, "POST /token") == request) {
        exchange(r, fd, request);
    } else {
        reply(fd, 404, "", "");
    }
    TQ_ASSERT(pthread_mutex_unlock(&r->lock) == 0);
}

static void *serve(void *ctx)
{
    rogue *r = ctx;
    while (!atomic_load(&r->over)) {
        struct pollfd wait = {.fd = r->listener, .events = POLLIN};
        if (poll(&wait, 1, 50) == 1) {
            const int fd = accept(r->listener, NULL, NULL);
            serve_one(r, fd);
            (void)close(fd);
        }
    }
    return NULL;
}

rogue *rogue_start(const char *alg)
{
    rogue *r = calloc(1, sizeof *r);
    TQ_ASSERT(r != NULL);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    r->alg = alg;
    r->key = key_new(alg, "k1");
    r->other = key_new(alg, "k2");
    r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    TQ_ASSERT(bind(r->listener, (struct sockaddr *)&at, len) == 0 && listen(r->listener, 8) == 0);
    TQ_ASSERT(getsockname(r->listener, (struct sockaddr *)&at, &len) == 0);
    (void)snprintf(r->issuer, sizeof r->issuer, "http://127.0.0.1:%u",
                   (unsigned)ntohs(at.sin_port));
    TQ_ASSERT(pthread_mutex_init(&r->lock, NULL) == 0);
    TQ_ASSERT(pthread_create(&r->thread, NULL, serve, r) == 0);
    return r;
}

void rogue_stop(rogue *r)
{
    atomic_store(&r->over, true);
    TQ_ASSERT(pthread_join(r->thread, NULL) == 0);
    (void)close(r->listener);
    (void)cjose_jwk_release(r->key);
    (void)cjose_jwk_release(r->other);
    (void)pthread_mutex_destroy(&r->lock);
    free(r);
}

const char *rogue_issuer(const rogue *r)
{
    return r->issuer;
}

void rogue_be(rogue *r, rogue_way way, const char *nonce, const char *challenge, int64_t now)
{
    TQ_ASSERT(pthread_mutex_lock(&r->lock) == 0);
    r->way = way;
    r->now = now;
    (void)snprintf(r->nonce, sizeof r->nonce, "%s", nonce);
    (void)snprintf(r->challenge, sizeof r->challenge, "%s", challenge);
    TQ_ASSERT(pthread_mutex_unlock(&r->lock) == 0);
}

int rogue_asked(rogue *r)
{
    return atomic_load(&r->asked);
}
