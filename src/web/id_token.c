/* SPDX-License-Identifier: Apache-2.0 */
#include "web/id_token.h"

#include <cjose/cjose.h>
#include <stdlib.h>

#include "base/canon.h"
#include "base/secrets.h"

#define SECOND_US INT64_C(1000000)
#define RSA_BITS_MIN 2048 /* RFC 7518 §3.3 */

static tq_code form(tq_err *err, const char *what)
{
    return tq_fail(err, TQ_INVALID, "id_token_form", "id_token", "the provider's ID token %s",
                   what);
}

static str text_of(const canon_node *object, const char *key)
{
    const canon_node *n = object == NULL ? NULL : canon_get(object, key);
    return n != NULL && n->type == CANON_STR ? n->text : STR("");
}

/* The header as an object; a repeated key is a fault, so nobody reads another `alg` than we do. */
static tq_code header_read(str token, arena *a, const canon_node **out, tq_err *err)
{
    const char *dot = memchr(token.data, '.', token.len);
    uint8_t *bytes = NULL;
    size_t len = 0;
    cjose_err why;
    tq_err ignored;
    if (token.len > ID_TOKEN_MAX || dot == NULL) {
        return form(err, "is too long or has no parts");
    }
    if (!cjose_base64url_decode(token.data, (size_t)(dot - token.data), &bytes, &len, &why)) {
        return form(err, "has an unreadable header");
    }
    const str text = arena_copy(a, (str){(const char *)bytes, len});
    free(bytes); /* cjose allocates by malloc unless told otherwise */
    if (json_read(text, a, out, &ignored) != TQ_OK || (*out)->type != CANON_OBJECT) {
        return form(err, "has an unreadable header");
    }
    return canon_get(*out, "crit") == NULL ? TQ_OK : form(err, "asks for something we do not know");
}

static const char *kty_for(str alg)
{
    return str_eq(alg, STR("RS256")) ? "RSA" : str_eq(alg, STR("ES256")) ? "EC" : NULL;
}

/* May this key of the set have signed a token with that header? */
static bool key_fits(const canon_node *key, str kid, str alg, const char *kty)
{
    const str use = text_of(key, "use");
    const str key_alg = text_of(key, "alg");
    return str_eq(text_of(key, "kty"), str_of(kty)) && (use.len == 0 || str_eq(use, STR("sig"))) &&
           (key_alg.len == 0 || str_eq(key_alg, alg)) &&
           (kid.len == 0 || str_eq(text_of(key, "kid"), kid)) &&
           (kty[0] != 'E' || str_eq(text_of(key, "crv"), STR("P-256")));
}

static tq_code no_key(tq_err *err)
{
    return tq_fail(err, TQ_INVALID, "id_token_key", "id_token",
                   "no single key of the provider fits its ID token");
}

/* Exactly one key may fit: where several do, the token must say by `kid` which it was. */
static tq_code key_pick(const canon_node *header, str keys, arena *a, str *jwk, tq_err *err)
{
    const canon_node *set = NULL;
    tq_err ignored;
    const str alg = text_of(header, "alg");
    const char *kty = kty_for(alg);
    int found = 0;
    if (kty == NULL) {
        return tq_fail(err, TQ_INVALID, "id_token_alg", "id_token",
                       "the ID token must be signed by RS256 or ES256; set so at the provider");
    }
    if (json_read(keys, a, &set, &ignored) != TQ_OK || set->type != CANON_OBJECT) {
        return no_key(err);
    }
    const canon_node *list = canon_get(set, "keys");
    for (const canon_node *k = list == NULL ? NULL : list->kids; k != NULL; k = k->next) {
        if (k->type == CANON_OBJECT && key_fits(k, text_of(header, "kid"), alg, kty)) {
            *jwk = k->raw;
            found++;
        }
    }
    return found == 1 ? TQ_OK : no_key(err);
}

static tq_code signature(str token, str jwk, arena *a, str *payload, tq_err *err)
{
    cjose_err why;
    uint8_t *plain = NULL;
    size_t len = 0;
    cjose_jwk_t *key = cjose_jwk_import(jwk.data, jwk.len, &why);
    if (key == NULL) {
        return no_key(err);
    }
    const bool weak = cjose_jwk_get_kty(key, &why) == CJOSE_JWK_KTY_RSA &&
                      cjose_jwk_get_keysize(key, &why) < RSA_BITS_MIN;
    cjose_jws_t *jws = weak ? NULL : cjose_jws_import(token.data, token.len, &why);
    const bool right = jws != NULL && cjose_jws_verify(jws, key, &why) &&
                       cjose_jws_get_plaintext(jws, &plain, &len, &why);
    if (right) {
        *payload = arena_copy(a, (str){(const char *)plain, len}); /* `plain` is jws's own */
    }
    if (jws != NULL) {
        cjose_jws_release(jws);
    }
    (void)cjose_jwk_release(key);
    return right ? TQ_OK
                 : tq_fail(err, TQ_INVALID, "id_token_signature", "id_token",
                           "the ID token is not signed by the provider");
}

/* One audience, ourselves; an authorized party that is named must be us too. */
static bool for_us(const canon_node *claims, str client_id)
{
    const canon_node *aud = canon_get(claims, "aud");
    const canon_node *azp = canon_get(claims, "azp");
    if (aud != NULL && aud->type == CANON_LIST && aud->count == 1) {
        aud = aud->kids;
    }
    return aud != NULL && aud->type == CANON_STR && str_eq(aud->text, client_id) &&
           (azp == NULL || (azp->type == CANON_STR && str_eq(azp->text, client_id)));
}

static bool seconds(const canon_node *claims, const char *key, int64_t *out)
{
    const canon_node *n = canon_get(claims, key);
    if (n == NULL || n->type != CANON_INT || n->num < 0 || n->num > INT64_C(1) << 40) {
        return false;
    }
    *out = n->num;
    return true;
}

static tq_code times(const canon_node *claims, instant at, tq_err *err)
{
    const int64_t now = at.us / SECOND_US;
    int64_t exp = 0;
    int64_t iat = 0;
    int64_t nbf = 0;
    if (!seconds(claims, "exp", &exp) || !seconds(claims, "iat", &iat) ||
        (canon_get(claims, "nbf") != NULL && !seconds(claims, "nbf", &nbf))) {
        return form(err, "has no times in whole seconds");
    }
    if (exp <= now - ID_TOKEN_SKEW_S) {
        return tq_fail(err, TQ_INVALID, "id_token_expired", "id_token",
                       "the ID token has run out; are both clocks right?");
    }
    if (iat > now + ID_TOKEN_SKEW_S || nbf > now + ID_TOKEN_SKEW_S) {
        return tq_fail(err, TQ_INVALID, "id_token_early", "id_token",
                       "the ID token is of a time to come; are both clocks right?");
    }
    if (iat < now - ID_TOKEN_AGE_S) {
        return tq_fail(err, TQ_INVALID, "id_token_old", "id_token",
                       "the ID token was made too long ago");
    }
    return TQ_OK;
}

static bool word_among(str words, str word)
{
    for (size_t from = 0; word.len > 0 && from < words.len;) {
        const char *blank = memchr(words.data + from, ' ', words.len - from);
        const size_t end = blank == NULL ? words.len : (size_t)(blank - words.data);
        if (str_eq((str){words.data + from, end - from}, word)) {
            return true;
        }
        from = end + 1;
    }
    return false;
}

/* What the provider says it asked of the person, if the configuration takes its word. */
static bool factor_shown(const canon_node *claims, str factors)
{
    const canon_node *amr = canon_get(claims, "amr");
    bool shown = word_among(factors, text_of(claims, "acr"));
    for (const canon_node *m = amr != NULL && amr->type == CANON_LIST ? amr->kids : NULL; m != NULL;
         m = m->next) {
        shown = shown || (m->type == CANON_STR && word_among(factors, m->text));
    }
    return shown;
}

static tq_code judge(const canon_node *claims, const id_token_want *want, arena *a,
                     id_token_claims *out, tq_err *err)
{
    const str subject = text_of(claims, "sub");
    if (!str_eq(text_of(claims, "iss"), want->issuer)) {
        return tq_fail(err, TQ_INVALID, "id_token_issuer", "id_token",
                       "the ID token is another issuer's");
    }
    if (!for_us(claims, want->client_id)) {
        return tq_fail(err, TQ_INVALID, "id_token_audience", "id_token",
                       "the ID token was made for another client");
    }
    TQ_TRY(times(claims, want->now, err));
    if (!secret_eq(text_of(claims, "nonce"), want->nonce)) {
        return tq_fail(err, TQ_INVALID, "id_token_nonce", "id_token",
                       "the ID token was made for another visit");
    }
    if (!str_line_ok(subject, ID_TOKEN_SUBJECT_MAX)) {
        return tq_fail(err, TQ_INVALID, "id_token_subject", "id_token",
                       "the ID token says not who came");
    }
    out->subject = arena_copy(a, subject);
    out->factor_shown = factor_shown(claims, want->factors);
    return TQ_OK;
}

tq_code id_token_check(str token, str keys, const id_token_want *want, arena *a,
                       id_token_claims *out, tq_err *err)
{
    const canon_node *header = NULL;
    const canon_node *claims = NULL;
    id_token_claims found = {0};
    str jwk = {0};
    str payload = {0};
    tq_err ignored;
    TQ_ASSERT(want->issuer.len > 0 && want->client_id.len > 0);
    TQ_ASSERT(want->nonce.len > 0); /* an empty one would equal a missing one */
    TQ_TRY(header_read(token, a, &header, err));
    TQ_TRY(key_pick(header, keys, a, &jwk, err));
    TQ_TRY(signature(token, jwk, a, &payload, err));
    if (json_read(payload, a, &claims, &ignored) != TQ_OK || claims->type != CANON_OBJECT) {
        return form(err, "cannot be read");
    }
    TQ_TRY(judge(claims, want, a, &found, err));
    *out = found;
    return TQ_OK;
}
