/* SPDX-License-Identifier: Apache-2.0 */
#include "web/oidc.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/canon.h"
#include "http/fetch.h"
#include "http/url.h"
#include "web/id_token.h"

#define SECOND_US INT64_C(1000000)
#define SAID_AGE_US (3600 * SECOND_US) /* what an issuer says of itself is asked again after that */
#define KEYS_AGE_US (600 * SECOND_US) /* a key that was withdrawn is believed no longer than that */
#define KEYS_AGAIN_US (30 * SECOND_US) /* forged key names must not make us ask at every request */
#define ADDRESS_MAX 1000
#define SAID_ARENA_MAX (4 * 1024 * 1024)
#define CODE_MAX 2048
#define REQUEST_MAX (32 * 1024)

/* What is known of a provider; replaced as a whole. */
typedef struct said {
    char authorization[ADDRESS_MAX + 1], token[ADDRESS_MAX + 1], keys_at[ADDRESS_MAX + 1];
    bool basic;       /* the secret goes in the header, else in the form */
    bool issuer_back; /* RFC 9207: the way back names the issuer */
    int64_t at_us;    /* 0: nothing yet */
} said;

typedef struct known {
    pthread_mutex_t lock;
    said s;
    arena *a; /* of `keys` */
    str keys;
    int64_t keys_us;
} known;

struct oidc {
    oidc_provider providers[OIDC_PROVIDERS_MAX];
    known known[OIDC_PROVIDERS_MAX];
    size_t n;
    char back_url[ADDRESS_MAX + 1];
};

/* --- life --------------------------------------------------------------------------------------- */

tq_code oidc_new(const oidc_options *o, const char *base_url, oidc **out, tq_err *err)
{
    TQ_ASSERT(o->n <= OIDC_PROVIDERS_MAX);
    if (o->n > 0 && (base_url == NULL || strlen(base_url) + sizeof OIDC_BACK_PATH > ADDRESS_MAX)) {
        return tq_fail(err, TQ_INVALID, "base_url", "base_url",
                       "sign-in from outside needs base_url: providers send people back to it");
    }
    oidc *made = calloc(1, sizeof *made);
    TQ_ASSERT(made != NULL);
    made->n = o->n;
    for (size_t i = 0; i < o->n; i++) {
        made->providers[i] = o->providers[i];
        made->known[i].a = arena_new("keys of a provider", SAID_ARENA_MAX);
        TQ_ASSERT(pthread_mutex_init(&made->known[i].lock, NULL) == 0);
    }
    if (o->n > 0) {
        memcpy(made->back_url, base_url, strlen(base_url));
        memcpy(made->back_url + strlen(base_url), OIDC_BACK_PATH, sizeof OIDC_BACK_PATH);
    }
    *out = made;
    return TQ_OK;
}

void oidc_free(oidc *o)
{
    if (o == NULL) {
        return;
    }
    for (size_t i = 0; i < o->n; i++) {
        arena_free(o->known[i].a);
        (void)pthread_mutex_destroy(&o->known[i].lock);
    }
    free(o);
}

size_t oidc_count(const oidc *o)
{
    return o->n;
}

const oidc_provider *oidc_at(const oidc *o, size_t i)
{
    TQ_ASSERT(i < o->n);
    return &o->providers[i];
}

const oidc_provider *oidc_of(const oidc *o, str id)
{
    for (size_t i = 0; i < o->n; i++) {
        if (str_eq(id, str_of(o->providers[i].id))) {
            return &o->providers[i];
        }
    }
    return NULL;
}

static known *known_of(oidc *o, const oidc_provider *p)
{
    return &o->known[p - o->providers];
}

static void locked(known *k)
{
    TQ_ASSERT(pthread_mutex_lock(&k->lock) == 0);
}

static void unlocked(known *k)
{
    TQ_ASSERT(pthread_mutex_unlock(&k->lock) == 0);
}

/* --- what the issuer says of itself ----------------------------------------------------------------- */

/* Only an issuer that is spoken to in the clear itself, on this machine, may name addresses in the clear. */
static bool plain_issuer(const oidc_provider *p)
{
    return str_starts(str_of(p->issuer), STR("http://"));
}

static fetch_rq ask(const oidc_provider *p, const char *url)
{
    return (fetch_rq){.url = url, .ca_file = p->ca_file, .plain_too = plain_issuer(p)};
}

static tq_code unfit(const oidc_provider *p, const char *what, tq_err *err)
{
    return tq_fail(err, TQ_BUSY, "oidc_discovery", NULL, "what %s says of itself is unfit: %s",
                   p->issuer, what);
}

static str member(const canon_node *object, const char *key)
{
    const canon_node *n = canon_get(object, key);
    return n != NULL && n->type == CANON_STR ? n->text : STR("");
}

static bool address_take(const oidc_provider *p, const canon_node *doc, const char *key,
                         char out[ADDRESS_MAX + 1])
{
    const str url = member(doc, key);
    const bool scheme =
        str_starts(url, STR("https://")) || (plain_issuer(p) && str_starts(url, STR("http://")));
    if (!scheme || !str_line_ok(url, ADDRESS_MAX) || memchr(url.data, ' ', url.len) != NULL) {
        return false;
    }
    memcpy(out, url.data, url.len);
    out[url.len] = '\0';
    return true;
}

/* Basic is what a provider must offer that lists nothing (RFC 8414 §2). */
static bool takes_basic(const canon_node *doc)
{
    const canon_node *list = canon_get(doc, "token_endpoint_auth_methods_supported");
    if (list == NULL || list->type != CANON_LIST) {
        return true;
    }
    for (const canon_node *n = list->kids; n != NULL; n = n->next) {
        if (n->type == CANON_STR && str_eq(n->text, STR("client_secret_basic"))) {
            return true;
        }
    }
    return false;
}

static tq_code said_read(const oidc_provider *p, str body, arena *a, said *out, tq_err *err)
{
    const canon_node *doc = NULL;
    tq_err ignored;
    if (json_read(body, a, &doc, &ignored) != TQ_OK || doc->type != CANON_OBJECT) {
        return unfit(p, "it is no JSON object", err);
    }
    if (!str_eq(member(doc, "issuer"), str_of(p->issuer))) {
        return unfit(p, "it calls itself another issuer", err);
    }
    if (!address_take(p, doc, "authorization_endpoint", out->authorization) ||
        !address_take(p, doc, "token_endpoint", out->token) ||
        !address_take(p, doc, "jwks_uri", out->keys_at)) {
        return unfit(p, "an address is missing or is not https", err);
    }
    const canon_node *back = canon_get(doc, "authorization_response_iss_parameter_supported");
    out->issuer_back = back != NULL && back->type == CANON_BOOL && back->num != 0;
    out->basic = takes_basic(doc);
    return TQ_OK;
}

static tq_code said_fetch(const oidc_provider *p, arena *a, said *out, tq_err *err)
{
    fetch_answer answer = {0};
    const str issuer = str_of(p->issuer);
    const int slash = issuer.data[issuer.len - 1] == '/' ? 1 : 0;
    const str url = arena_printf(a, "%.*s/.well-known/openid-configuration",
                                 (int)issuer.len - slash, issuer.data);
    const fetch_rq rq = ask(p, url.data);
    TQ_TRY(fetch(&rq, a, &answer, err));
    return answer.status == 200 ? said_read(p, answer.body, a, out, err)
                                : unfit(p, "it is not there", err);
}

/* The network is asked outside of the lock: a slow provider holds up nobody who knows enough already. */
static tq_code said_of(oidc *o, const oidc_provider *p, const call *c, said *out, tq_err *err)
{
    known *k = known_of(o, p);
    locked(k);
    *out = k->s;
    unlocked(k);
    if (out->at_us != 0 && c->at.us - out->at_us < SAID_AGE_US) {
        return TQ_OK;
    }
    said fresh = {.at_us = c->at.us};
    TQ_TRY(said_fetch(p, c->a, &fresh, err));
    locked(k);
    k->s = fresh;
    unlocked(k);
    *out = fresh;
    return TQ_OK;
}

/* The keys, not older than `age_us`; *at_us when they came. */
static tq_code keys_of(oidc *o, const oidc_provider *p, const said *s, const call *c,
                       int64_t age_us, str *out, int64_t *at_us, tq_err *err)
{
    known *k = known_of(o, p);
    fetch_answer answer = {0};
    locked(k);
    const bool good = k->keys_us != 0 && c->at.us - k->keys_us < age_us;
    *out = good ? arena_copy(c->a, k->keys) : STR("");
    *at_us = k->keys_us;
    unlocked(k);
    if (good) {
        return TQ_OK;
    }
    const fetch_rq rq = ask(p, s->keys_at);
    TQ_TRY(fetch(&rq, c->a, &answer, err));
    if (answer.status != 200) {
        return unfit(p, "its keys are not there", err);
    }
    locked(k);
    arena_reset(k->a);
    k->keys = arena_copy(k->a, answer.body);
    k->keys_us = c->at.us;
    unlocked(k);
    *out = answer.body;
    *at_us = c->at.us;
    return TQ_OK;
}

/* --- the way there ---------------------------------------------------------------------------------- */

/* As state, nonce, verifier and challenge are written: 43 characters of base64url. */
static str digest_text(digest d, arena *a)
{
    const bearer text = bearer_of(d.b);
    return arena_copy(a, str_of(text.text));
}

/* One purpose of the visit's secret; bound to the provider, so that one cannot answer for another. */
static str derived(const oidc_provider *p, const char *purpose, str visit, arena *a)
{
    const str parts[] = {str_of(purpose), STR(":"), str_of(p->id), STR(":"), visit};
    TQ_ASSERT(visit.len == BEARER_CHARS);
    return digest_text(hash_parts(HASH_SHA256, parts, TQ_COUNT(parts)), a);
}

static void pair(buf *b, const char *name, str value)
{
    if (b->len > 0) {
        buf_char(b, '&');
    }
    buf_printf(b, "%s=", name);
    url_encode(value, b);
}

tq_code oidc_begin(oidc *o, const oidc_provider *p, str visit, const call *c, str *url, tq_err *err)
{
    said s = {0};
    TQ_TRY(said_of(o, p, c, &s, err));
    buf q = buf_max(REQUEST_MAX);
    pair(&q, "response_type", STR("code"));
    pair(&q, "client_id", str_of(p->client_id));
    pair(&q, "redirect_uri", str_of(o->back_url));
    pair(&q, "scope", str_of(p->scope));
    pair(&q, "state", derived(p, "state", visit, c->a));
    pair(&q, "nonce", derived(p, "nonce", visit, c->a));
    pair(&q, "code_challenge",
         digest_text(hash_of(HASH_SHA256, derived(p, "verifier", visit, c->a)), c->a));
    pair(&q, "code_challenge_method", STR("S256"));
    TQ_ASSERT(buf_ok(&q)); /* every part is bounded by the configuration */
    const char *mark = strchr(s.authorization, '?') == NULL ? "?" : "&";
    *url = arena_printf(c->a, "%s%s%.*s", s.authorization, mark, STR_ARG(buf_view(&q)));
    buf_free(&q);
    return TQ_OK;
}

/* --- the way back ------------------------------------------------------------------------------------ */

/* Before anybody is asked: is it this browser's visit, and did this provider answer? */
static tq_code back_need(const oidc_provider *p, const said *s, str visit, const oidc_back *back,
                         const call *c, tq_err *err)
{
    if (!secret_eq(back->state, derived(p, "state", visit, c->a))) {
        return tq_fail(err, TQ_INVALID, "oidc_state", "state",
                       "this sign-in was not begun in this browser; begin again");
    }
    if (back->issuer.len > 0 ? !str_eq(back->issuer, str_of(p->issuer)) : s->issuer_back) {
        return tq_fail(err, TQ_INVALID, "oidc_issuer", "iss",
                       "another provider answered; begin again");
    }
    if (back->error.len > 0) {
        return tq_fail(err, TQ_INVALID, "oidc_denied", "error",
                       "the provider did not let you sign in");
    }
    if (back->code.len == 0 || back->code.len > CODE_MAX) {
        return tq_fail(err, TQ_INVALID, "oidc_code", "code",
                       "the provider sent no code; begin again");
    }
    return TQ_OK;
}

/* Escaped before they are joined by a colon (RFC 6749 §2.3.1). */
static const char *escaped(const char *text, arena *a)
{
    BUF_AUTO buf b = buf_max(4096);
    url_encode(str_of(text), &b);
    TQ_ASSERT(buf_ok(&b));
    return arena_copy(a, buf_view(&b)).data;
}

static tq_code token_answer(const oidc_provider *p, const fetch_answer *answer, arena *a,
                            str *id_token, tq_err *err)
{
    const canon_node *doc = NULL;
    tq_err ignored;
    const bool object =
        json_read(answer->body, a, &doc, &ignored) == TQ_OK && doc->type == CANON_OBJECT;
    if (object && answer->status >= 400 && str_eq(member(doc, "error"), STR("invalid_grant"))) {
        return tq_fail(err, TQ_INVALID, "oidc_code", "code",
                       "the code was used already, or is too old; begin again");
    }
    *id_token = object && answer->status == 200 ? member(doc, "id_token") : STR("");
    if (id_token->len == 0) {
        return tq_fail(err, TQ_BUSY, "oidc_answer", NULL,
                       "%s gives no ID token for a code (status %d)", p->issuer, answer->status);
    }
    return TQ_OK;
}

static tq_code exchange(const oidc *o, const oidc_provider *p, const said *s, str visit, str code,
                        const call *c, str *id_token, tq_err *err)
{
    fetch_answer answer = {0};
    fetch_rq rq = ask(p, s->token);
    BUF_AUTO buf body = buf_max(REQUEST_MAX);
    pair(&body, "grant_type", STR("authorization_code"));
    pair(&body, "code", code);
    pair(&body, "redirect_uri", str_of(o->back_url));
    pair(&body, "code_verifier", derived(p, "verifier", visit, c->a));
    if (p->client_secret != NULL && s->basic) {
        rq.user = escaped(p->client_id, c->a);
        rq.password = escaped(p->client_secret, c->a);
    } else {
        pair(&body, "client_id", str_of(p->client_id));
        if (p->client_secret != NULL) {
            pair(&body, "client_secret", str_of(p->client_secret));
        }
    }
    TQ_ASSERT(buf_ok(&body));
    rq.form = body.data;
    TQ_TRY(fetch(&rq, c->a, &answer, err));
    return token_answer(p, &answer, c->a, id_token, err);
}

/* A provider changes its keys without telling: one that we do not know is looked for once more. */
static tq_code verify(oidc *o, const oidc_provider *p, const said *s, str visit, str id_token,
                      const call *c, id_token_claims *out, tq_err *err)
{
    const id_token_want want = {.issuer = str_of(p->issuer),
                                .client_id = str_of(p->client_id),
                                .nonce = derived(p, "nonce", visit, c->a),
                                .factors = str_of(p->factors),
                                .now = c->at};
    str keys = {0};
    int64_t at_us = 0;
    TQ_TRY(keys_of(o, p, s, c, KEYS_AGE_US, &keys, &at_us, err));
    const tq_code code = id_token_check(id_token, keys, &want, c->a, out, err);
    if (code == TQ_OK || strcmp(err->reason, "id_token_key") != 0 ||
        c->at.us - at_us < KEYS_AGAIN_US) {
        return code;
    }
    TQ_TRY(keys_of(o, p, s, c, KEYS_AGAIN_US, &keys, &at_us, err));
    return id_token_check(id_token, keys, &want, c->a, out, err);
}

tq_code oidc_finish(oidc *o, const oidc_provider *p, str visit, const oidc_back *back,
                    const call *c, outside_proof *out, tq_err *err)
{
    said s = {0};
    str id_token = {0};
    id_token_claims claims = {0};
    tq_err why; /* read by verify, so it must be there */
    TQ_TRY(said_of(o, p, c, &s, err));
    TQ_TRY(back_need(p, &s, visit, back, c, err));
    TQ_TRY(exchange(o, p, &s, visit, back->code, c, &id_token, err));
    TQ_TRY(verify(o, p, &s, visit, id_token, c, &claims, err == NULL ? &why : err));
    *out = (outside_proof){.provider = str_of(p->id),
                           .people = p->people,
                           .issuer = str_of(p->issuer),
                           .subject = claims.subject,
                           .factor_shown = claims.factor_shown};
    return TQ_OK;
}
