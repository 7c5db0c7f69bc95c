/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secrets.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

/* 32 MiB, three passes: the middle of OWASP's equal settings, and 64 MiB for two at a time. */
#define ARGON_BYTES ((size_t)32 * 1024 * 1024)
#define ARGON_PASSES 3U

_Static_assert(PASSWORD_HASH_ROOM >= crypto_pwhash_STRBYTES, "a hash fits its room");

/* Of the process, not of an installation: it is the machine's memory that is shared out. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_left = PTHREAD_COND_INITIALIZER;
static int running;
static int waiting;
static atomic_llong runs;

/* A hash of random bytes that nobody kept, made once with the parameters of all others. */
static pthread_once_t nobody_once = PTHREAD_ONCE_INIT;
static char nobody[PASSWORD_HASH_ROOM];

static bool argon_make(str password, char out[PASSWORD_HASH_ROOM])
{
    TQ_ASSERT(sodium_init() >= 0);
    return crypto_pwhash_str_alg(out, password.data == NULL ? "" : password.data, password.len,
                                 ARGON_PASSES, ARGON_BYTES, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

static void nobody_make(void)
{
    uint8_t key[32];
    random_bytes(key, sizeof key);
    /* Without the memory there is no hash; the check that follows fails for the same want. */
    (void)argon_make((str){(const char *)key, sizeof key}, nobody);
    secret_wipe(key, sizeof key);
}

/* A log-in that waits long is worse than one that is asked to come again: the queue is short. */
static tq_code gate_enter(tq_err *err)
{
    bool full = false;
    TQ_ASSERT(pthread_mutex_lock(&gate) == 0);
    full = running == PASSWORD_SLOTS && waiting == PASSWORD_QUEUE;
    if (!full) {
        waiting++;
        while (running == PASSWORD_SLOTS) {
            TQ_ASSERT(pthread_cond_wait(&gate_left, &gate) == 0);
        }
        waiting--;
        running++;
    }
    TQ_ASSERT(pthread_mutex_unlock(&gate) == 0);
    return !full ? TQ_OK
                 : tq_fail(err, TQ_BUSY, "password_queue", "password",
                           "too many log in at this moment; try again in a few seconds");
}

static void gate_leave(void)
{
    TQ_ASSERT(pthread_mutex_lock(&gate) == 0);
    TQ_ASSERT(running > 0);
    running--;
    TQ_ASSERT(pthread_cond_signal(&gate_left) == 0);
    TQ_ASSERT(pthread_mutex_unlock(&gate) == 0);
}

static tq_code length_need(str password, tq_err *err)
{
    if (password.len > PASSWORD_BYTES_MAX) {
        return tq_fail(err, TQ_LIMIT, "password_length", "password",
                       "a password has at most %d bytes", PASSWORD_BYTES_MAX);
    }
    return TQ_OK;
}

tq_code password_hash_make(str password, password_hash *out, tq_err *err)
{
    TQ_ASSERT(out != NULL);
    TQ_TRY(length_need(password, err));
    TQ_TRY(gate_enter(err));
    password_hash made = {""};
    const bool done = argon_make(password, made.text);
    (void)atomic_fetch_add(&runs, 1);
    gate_leave();
    if (!done) {
        return tq_fail(err, TQ_BUSY, "password_memory", "password", "no memory to hash a password");
    }
    *out = made;
    return TQ_OK;
}

tq_code password_hash_check(str hash, str password, bool *right, tq_err *err)
{
    char kept[PASSWORD_HASH_ROOM] = "";
    TQ_TRY(length_need(password, err));
    TQ_ASSERT(hash.len < sizeof kept);
    TQ_TRY(gate_enter(err));
    TQ_ASSERT(sodium_init() >= 0);
    TQ_ASSERT(pthread_once(&nobody_once, nobody_make) == 0);
    /* Where there is no hash, as much work is done on nobody's. */
    const str against = hash.len > 0 ? hash : str_of(nobody);
    memcpy(kept, against.data, against.len);
    const bool same = crypto_pwhash_str_verify(kept, password.data == NULL ? "" : password.data,
                                               password.len) == 0;
    (void)atomic_fetch_add(&runs, 1);
    gate_leave();
    *right = same && hash.len > 0;
    return TQ_OK;
}

int64_t password_hash_runs(void)
{
    return atomic_load(&runs);
}
