/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_OIDC_H
#define TQ_OIDC_H

/* A browser's visit to an OpenID provider and back: authorization code with PKCE (RFC 7636), discovery
 * and keys from the configured issuer. All that binds a visit to its browser (state, nonce, PKCE verifier)
 * is derived from one secret in a cookie, so nothing is kept here between the two requests, and what the
 * provider or a log sees of it leads back to none of it. */

#include "app/app.h"
#include "app/outside.h"

#define OIDC_PROVIDERS_MAX 8
#define OIDC_BACK_PATH                                                                             \
    "/login/outside/back" /* after base_url: what is registered with the provider */

/* One row of sign-in.yaml. Texts outlive the site. */
typedef struct oidc_provider {
    const char *id;     /* a-z 0-9 -, at most 32 */
    const char *issuer; /* https://…, or http://127.0.0.1:… of a test */
    const char *client_id;
    const char *client_secret; /* NULL: a public client */
    const char *label_zh, *label_en;
    const char *scope;   /* with openid in it */
    const char *factors; /* acr and amr words that show a second factor; "" none */
    const char *ca_file; /* NULL: the system's */
    outside_people people;
} oidc_provider;

typedef struct oidc_options {
    const oidc_provider *providers;
    size_t n; /* 0: nobody signs in from outside */
} oidc_options;

typedef struct oidc oidc;

/* `base_url` decides where people are sent back to, so it must be set: INVALID/base_url. */
TQ_MUST_CHECK tq_code oidc_new(const oidc_options *o, const char *base_url, oidc **out,
                               tq_err *err);
void oidc_free(oidc *o); /* takes NULL */
size_t oidc_count(const oidc *o);
const oidc_provider *oidc_at(const oidc *o, size_t i);
const oidc_provider *oidc_of(const oidc *o, str id); /* NULL */

/* The provider's address to send the browser to. Fails as fetch (BUSY), or BUSY/oidc_discovery where what
 * the issuer says of itself is unfit. */
TQ_MUST_CHECK tq_code oidc_begin(oidc *o, const oidc_provider *p, str visit, const call *c,
                                 str *url, tq_err *err);

/* What came back in the address. */
typedef struct oidc_back {
    str state, code, error, issuer; /* "" where absent */
} oidc_back;
/* INVALID/oidc_state (another browser's or none), oidc_issuer, oidc_denied (the provider or the person said
 * no), oidc_code (used, too old, another client's), id_token_*; BUSY as above and oidc_answer. */
TQ_MUST_CHECK tq_code oidc_finish(oidc *o, const oidc_provider *p, str visit, const oidc_back *back,
                                  const call *c, outside_proof *out, tq_err *err);

#endif
