/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ID_TOKEN_H
#define TQ_ID_TOKEN_H

/* Is this ID token one that the provider made for us, for this visit, now? (OpenID Connect Core 1.0
 * §3.1.3.7, RFC 7515, RFC 8725.) Knows no network and no clock. Signatures are libcjose's; which algorithm
 * and which key may come into question is decided here, before it is asked: RS256 and ES256 alone, each
 * with a key of its own type, so that neither `none` nor a public key used as a password can pass. */

#include "base/arena.h"
#include "base/day.h"
#include "base/err.h"

#define ID_TOKEN_MAX (32 * 1024)
#define ID_TOKEN_SKEW_S 60 /* that two clocks may differ */
#define ID_TOKEN_AGE_S 600 /* an older one was made for another visit */
#define ID_TOKEN_SUBJECT_MAX 255

typedef struct id_token_want {
    str issuer;    /* exactly */
    str client_id; /* the only audience */
    str nonce;     /* of this visit */
    str factors;   /* words of acr and amr that show a second factor, blanks between; "" none do */
    instant now;
} id_token_want;

typedef struct id_token_claims {
    str subject; /* in the arena */
    bool factor_shown;
} id_token_claims;

/* `keys` is the provider's JWK set as it came. INVALID/id_token_form, _alg, _key (none of the set fits: it
 * may have been changed since it was fetched), _signature, _issuer, _audience, _nonce, _expired, _early,
 * _old, _subject. */
TQ_MUST_CHECK tq_code id_token_check(str token, str keys, const id_token_want *want, arena *a,
                                     id_token_claims *out, tq_err *err);

#endif
