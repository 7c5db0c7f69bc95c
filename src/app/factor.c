/* SPDX-License-Identifier: Apache-2.0 */
#include "app/access_inner.h"
#include "app/login.h"

#define STEP_US (INT64_C(1000000) * TOTP_STEP_SECONDS)
#define STEPS_AROUND 1 /* a watch may be half a minute off, as RFC 6238 §5.2 allows */
#define SEALED_BYTES (TOTP_SECRET_BYTES + SEAL_EXTRA)

_Static_assert(SEALED_BYTES == 60, "the schema checks the length");

/* The installation's key for sealed secrets; made with the first of them. */
static tq_code key_read(store_tx *tx, uint8_t key[SEAL_KEY_BYTES], bool *there, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_SECRET_GET, ARGS(arg_str(STR("factor_key"))), &r, err));
    TQ_TRY(rows_next(&r, there, err));
    if (*there) {
        const str bytes = row_blob(&r);
        if (bytes.len != SEAL_KEY_BYTES) {
            return tq_fail(err, TQ_CORRUPT, "factor_key", "secret.factor_key",
                           "the key has another length");
        }
        memcpy(key, bytes.data, SEAL_KEY_BYTES);
    }
    return TQ_OK;
}

static tq_code key_need(store_tx *tx, uint8_t key[SEAL_KEY_BYTES], tq_err *err)
{
    bool there = false;
    TQ_TRY(key_read(tx, key, &there, err));
    if (!there) {
        uint8_t fresh[SEAL_KEY_BYTES];
        random_bytes(fresh, sizeof fresh);
        /* Two servers may come here at once: the first key stays, and both read it back. */
        TQ_TRY(store_run(tx, STMT_SECRET_ADD,
                         ARGS(arg_str(STR("factor_key")), arg_blob(fresh, sizeof fresh)), NULL,
                         err));
        TQ_TRY(key_read(tx, key, &there, err));
        TQ_ASSERT(there);
    }
    return TQ_OK;
}

/* Bound to the user, so that a sealed secret is worth nothing in another user's row. */
static str seal_context(const call *c, int64_t user_id)
{
    return arena_printf(c->a, "totp:%lld", (long long)user_id);
}

static tq_code secret_open(store_tx *tx, const call *c, int64_t user_id, bool active, bool *there,
                           uint8_t secret[TOTP_SECRET_BYTES], int64_t *last_step, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    uint8_t key[SEAL_KEY_BYTES];
    bool has_key = false;
    TQ_TRY(store_query(tx, STMT_FACTOR_GET, ARGS(arg_int(user_id), arg_int(active)), &r, err));
    TQ_TRY(rows_next(&r, there, err));
    if (!*there) {
        return TQ_OK;
    }
    const str sealed = row_blob(&r);
    TQ_TRY(key_read(tx, key, &has_key, err));
    if (!has_key || sealed.len != SEALED_BYTES ||
        !unseal(key, seal_context(c, user_id), sealed, secret)) {
        return tq_fail(err, TQ_CORRUPT, "factor_sealed", "factor",
                       "the second factor cannot be opened; a secadmin resets it");
    }
    *last_step = row_int(&r);
    secret_wipe(key, sizeof key);
    return TQ_OK;
}

/* The step of which `typed` is the code, around now; -1. */
static int64_t step_of(const call *c, const uint8_t secret[TOTP_SECRET_BYTES], str typed)
{
    const int64_t now = c->at.us / STEP_US;
    int64_t found = -1;
    if (typed.len != TOTP_DIGITS) {
        return -1;
    }
    for (int64_t step = now - STEPS_AROUND; step <= now + STEPS_AROUND; step++) {
        char code[8];
        uint32_t n = totp_code(secret, TOTP_SECRET_BYTES, step, TOTP_DIGITS);
        for (int i = TOTP_DIGITS - 1; i >= 0; i--, n /= 10) {
            code[i] = (char)('0' + n % 10);
        }
        if (secret_eq((str){code, TOTP_DIGITS}, typed)) {
            found = step;
        }
    }
    return found;
}

static digest printed_digest(const call *c, int64_t user_id, const char *folded)
{
    const str parts[2] = {arena_printf(c->a, "code:%lld:", (long long)user_id), str_of(folded)};
    return hash_parts(HASH_SHA256, parts, 2);
}

static tq_code printed_take(store_tx *tx, const call *c, int64_t user_id, str typed, bool *right,
                            tq_err *err)
{
    char folded[PRINTED_CODE_CHARS + 1];
    int64_t used = 0;
    if (printed_code_fold(typed, folded)) {
        const digest d = printed_digest(c, user_id, folded);
        TQ_TRY(store_run(tx, STMT_PRINTED_CODE_USE,
                         ARGS(arg_int(user_id), arg_blob(d.b, sizeof d.b), arg_int(c->at.us)),
                         &used, err));
    }
    *right = used == 1;
    return TQ_OK;
}

/* R-ACCESS-060: a code is taken out of use in the transaction that it lets in. */
tq_code factor_take(store_tx *tx, const call *c, int64_t user_id, str typed, bool *has, bool *right,
                    tq_err *err)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    bool app_there = false;
    int64_t last_step = 0;
    int64_t codes = 0;
    const str code = str_trim(typed);
    *right = false;
    TQ_TRY(secret_open(tx, c, user_id, true, &app_there, secret, &last_step, err));
    TQ_TRY(store_int(tx, STMT_PRINTED_CODE_COUNT, ARGS(arg_int(user_id)), 0, &codes, err));
    *has = app_there || codes > 0;
    if (app_there && code.len == TOTP_DIGITS) {
        const int64_t step = step_of(c, secret, code);
        int64_t taken = 0;
        secret_wipe(secret, sizeof secret);
        if (step > last_step) {
            TQ_TRY(store_run(tx, STMT_FACTOR_STEP, ARGS(arg_int(user_id), arg_int(step)), &taken,
                             err));
        }
        *right = taken == 1;
        return TQ_OK;
    }
    return codes > 0 ? printed_take(tx, c, user_id, code, right, err) : TQ_OK;
}

tq_code factor_begin(app *a, const call *c, str password, factor_new *out, tq_err *err)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    uint8_t key[SEAL_KEY_BYTES];
    uint8_t sealed[SEALED_BYTES];
    credential user = {0};
    factor_new made = {0};
    TQ_TRY(password_again(a, c, password, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(self_begin(a, c, &tx, err));
    TQ_TRY(credential_read(tx, c, c->who.user_id, &user, err));
    TQ_TRY(key_need(tx, key, err));
    random_bytes(secret, sizeof secret);
    seal(key, seal_context(c, c->who.user_id), (str){(const char *)secret, sizeof secret}, sealed);
    totp_base32(secret, made.base32);
    made.uri = arena_printf(c->a, "otpauth://totp/Tongquan:%.*s?secret=%s&issuer=Tongquan",
                            STR_ARG(user.login), made.base32);
    secret_wipe(secret, sizeof secret);
    secret_wipe(key, sizeof key);
    TQ_TRY(store_run(tx, STMT_FACTOR_PUT,
                     ARGS(arg_int(c->who.user_id), arg_int(0), arg_blob(sealed, sizeof sealed),
                          arg_int(0)),
                     NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = made;
    return TQ_OK;
}

/* The waiting secret takes the place of the active one, and the code that proved it is used up. */
static tq_code factor_activate(store_tx *tx, const call *c, const uint8_t secret[TOTP_SECRET_BYTES],
                               int64_t step, tq_err *err)
{
    uint8_t key[SEAL_KEY_BYTES];
    uint8_t sealed[SEALED_BYTES];
    TQ_TRY(key_need(tx, key, err));
    seal(key, seal_context(c, c->who.user_id), (str){(const char *)secret, TOTP_SECRET_BYTES},
         sealed);
    secret_wipe(key, sizeof key);
    TQ_TRY(store_run(tx, STMT_FACTOR_DROP, ARGS(arg_int(c->who.user_id), arg_int(0)), NULL, err));
    return store_run(tx, STMT_FACTOR_PUT,
                     ARGS(arg_int(c->who.user_id), arg_int(1), arg_blob(sealed, sizeof sealed),
                          arg_int(step)),
                     NULL, err);
}

tq_code factor_confirm(app *a, const call *c, str code, tq_err *err)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    bool there = false;
    int64_t last_step = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(self_begin(a, c, &tx, err));
    TQ_TRY(secret_open(tx, c, c->who.user_id, false, &there, secret, &last_step, err));
    if (!there) {
        return tq_fail(err, TQ_CONFLICT, "no_factor", "code",
                       "begin the enrolment of an app first");
    }
    const int64_t step = step_of(c, secret, str_trim(code));
    if (step < 0) {
        return tq_fail(
            err, TQ_INVALID, "code_wrong", "code",
            "this is not the app's code of this minute; look at the clock of the telephone");
    }
    TQ_TRY(factor_activate(tx, c, secret, step, err));
    secret_wipe(secret, sizeof secret);
    event e = self_event(c, EV_FACTOR_SET);
    user_note(&e, c->who.user_id, NULL, STR(""));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code factor_codes(app *a, const call *c, str password, printed_code out[PRINTED_CODES],
                     tq_err *err)
{
    printed_code made[PRINTED_CODES];
    TQ_TRY(password_again(a, c, password, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(self_begin(a, c, &tx, err));
    TQ_TRY(store_run(tx, STMT_PRINTED_CODE_DROP, ARGS(arg_int(c->who.user_id)), NULL, err));
    for (size_t i = 0; i < PRINTED_CODES; i++) {
        char folded[PRINTED_CODE_CHARS + 1];
        made[i] = printed_code_new();
        TQ_ASSERT(printed_code_fold(str_of(made[i].text), folded));
        const digest d = printed_digest(c, c->who.user_id, folded);
        TQ_TRY(store_run(tx, STMT_PRINTED_CODE_PUT,
                         ARGS(arg_int(c->who.user_id), arg_blob(d.b, sizeof d.b)), NULL, err));
    }
    event e = self_event(c, EV_FACTOR_CODES);
    user_note(&e, c->who.user_id, NULL, STR(""));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    memcpy(out, made, sizeof made);
    return TQ_OK;
}

tq_code factor_reset(app *a, const call *c, int64_t user_id, tq_err *err)
{
    credential user = {0};
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_begin(a, c, ROLES(ROLE_SECADMIN), &tx, err));
    TQ_TRY(credential_read(tx, c, user_id, &user, err));
    if (user.person_id == c->who.person_id) {
        return tq_fail(err, TQ_FORBIDDEN, "same_person", "user",
                       "another security administrator takes one's own second factor away");
    }
    TQ_TRY(store_run(tx, STMT_PRINTED_CODE_DROP, ARGS(arg_int(user_id)), NULL, err));
    for (int active = 0; active <= 1; active++) {
        TQ_TRY(store_run(tx, STMT_FACTOR_DROP, ARGS(arg_int(user_id), arg_int(active)), NULL, err));
    }
    TQ_TRY(sessions_drop(tx, user_id, NULL, err));
    event e = work_event(c, EV_FACTOR_RESET);
    user_note(&e, user_id, NULL, STR(""));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code factor_look(app *a, const call *c, factor_state *out, tq_err *err)
{
    factor_state seen = {0};
    credential user = {0};
    caller_role *roles = NULL;
    size_t n = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(credential_read(tx, c, c->who.user_id, &user, err));
    TQ_TRY(roles_read(tx, c, c->who.user_id, &roles, &n, &seen.required, err));
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_FACTOR_STATE, ARGS(arg_int(c->who.user_id)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    TQ_ASSERT(more);
    seen.app = row_int(&r) != 0;
    seen.codes_left = row_int(&r);
    seen.password_changed.us = user.changed_us;
    *out = seen;
    return TQ_OK;
}
