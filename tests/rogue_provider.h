/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_ROGUE_PROVIDER_H
#define TQ_TESTS_ROGUE_PROVIDER_H

/* An OpenID provider on loopback that lies as it is told to. One thread, one connection at a time. */

#include <stdbool.h>
#include <stdint.h>

typedef enum rogue_way {
    ROGUE_HONEST,
    ROGUE_NONCE, /* of another visit */
    ROGUE_NO_NONCE,
    ROGUE_AUDIENCE,  /* made for another client */
    ROGUE_AUDIENCES, /* for us and another */
    ROGUE_PARTY,     /* for us, to be used by another */
    ROGUE_EXPIRED,
    ROGUE_EARLY,
    ROGUE_OLD,
    ROGUE_ISSUER,   /* token of another issuer */
    ROGUE_NOBODY,   /* without a subject */
    ROGUE_NONE,     /* alg none */
    ROGUE_CONFUSED, /* HS256 with the public key as the password */
    ROGUE_STRANGER, /* signed by a key that is not the provider's, under its name */
    ROGUE_NEW_KEY,  /* signed by a new key, which the key set now has */
    ROGUE_CRIT,     /* a header that we would have to understand */
    ROGUE_TWO_ALGS, /* a header that says alg twice */
    ROGUE_GARBAGE,
    ROGUE_USED,   /* the code is used */
    ROGUE_BROKEN, /* 500 */
    ROGUE_REDIRECT,
    ROGUE_HUGE,
    ROGUE_SLOW,
    ROGUE_OTHER_SELF, /* discovery of another issuer */
    ROGUE_PLAIN,      /* discovery with an address that is no http at all */
} rogue_way;

typedef struct rogue rogue;

rogue *rogue_start(const char *alg); /* RS256 or ES256 */
void rogue_stop(rogue *r);
const char *rogue_issuer(const rogue *r);
/* What the next answers are; `now` in seconds. A code is good where its verifier fits the challenge. */
void rogue_be(rogue *r, rogue_way way, const char *nonce, const char *challenge, int64_t now);
int rogue_asked(rogue *r); /* requests so far */

#endif
