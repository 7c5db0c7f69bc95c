/* SPDX-License-Identifier: Apache-2.0 */
#include "app/token.h"

#include "app/access_inner.h"
#include "app/row_change.h"

#define PREFIX_LEN (sizeof TOKEN_PREFIX - 1)

/* The scope as words, so that no number of a role is stored. "" stands for all that the user holds. */
static str roles_text(const call *c, role_set roles)
{
    BUF_AUTO buf b = buf_max(1024);
    if (roles == ROLES_ANY) {
        return STR("");
    }
    for (int r = ROLE_NONE + 1; r < ROLE_COUNT; r++) {
        if (role_in((role)r, roles)) {
            if (b.len > 0) {
                buf_char(&b, ' ');
            }
            buf_text(&b, role_name((role)r));
        }
    }
    TQ_ASSERT(buf_ok(&b));
    return arena_copy(c->a, buf_view(&b));
}

/* A word that this program does not know opens nothing. */
static role_set roles_of_text(str text)
{
    role_set set = 0;
    size_t from = 0;
    if (text.len == 0) {
        return ROLES_ANY;
    }
    for (size_t i = 0; i <= text.len; i++) {
        if (i == text.len || text.data[i] == ' ') {
            const role r = role_of((str){text.data + from, i - from});
            set |= r == ROLE_NONE ? 0 : ROLES(r);
            from = i + 1;
        }
    }
    return set;
}

static tq_code token_need(const call *c, const token_rq *rq, tq_err *err)
{
    TQ_TRY(line_need(rq->name, "token.name", err));
    if (rq->to.n < c->today.n || rq->to.n - c->today.n >= TOKEN_DAYS_MAX) {
        return tq_fail(err, TQ_INVALID, "days", "token.to",
                       "give a last day from today, within %d days of it", TOKEN_DAYS_MAX);
    }
    if (rq->roles == 0) {
        return tq_fail(err, TQ_INVALID, "token_role", "token.roles",
                       "name the roles that the token is for");
    }
    /* Who gives roles does so with a password and a code, never with a line in a script. */
    if (rq->roles != ROLES_ANY && role_in(ROLE_SECADMIN, rq->roles)) {
        return tq_fail(err, TQ_REFUSED, "token_role", "token.roles",
                       "a security administrator's role is not for programs");
    }
    return TQ_OK;
}

tq_code token_make(app *a, const call *c, const token_rq *rq, token_made *out, tq_err *err)
{
    const bearer secret = bearer_new();
    token_made made = {0};
    int64_t open = 0;
    TQ_TRY(token_need(c, rq, err));
    memcpy(made.text, TOKEN_PREFIX, PREFIX_LEN);
    memcpy(made.text + PREFIX_LEN, secret.text, BEARER_CHARS);
    made.text[PREFIX_LEN + BEARER_CHARS] = '\0';
    const digest d = bearer_digest(str_of(made.text));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(self_begin(a, c, &tx, err));
    TQ_TRY(store_int(tx, STMT_TOKEN_COUNT, ARGS(arg_int(c->who.user_id), arg_int(c->today.n)), 0,
                     &open, err));
    if (open >= TOKENS_OF_USER_MAX) {
        return tq_fail(err, TQ_CONFLICT, "tokens_max", "token", "end one of your %d tokens first",
                       TOKENS_OF_USER_MAX);
    }
    TQ_TRY(store_int(tx, STMT_TOKEN_ADD,
                     ARGS(arg_blob(d.b, sizeof d.b), arg_int(c->who.user_id),
                          arg_str(str_trim(rq->name)), arg_str(roles_text(c, rq->roles)),
                          arg_int(rq->read_only), arg_int(c->today.n), arg_int(rq->to.n)),
                     0, &made.id, err));
    event e = self_event(c, EV_TOKEN_MAKE);
    user_note(&e, c->who.user_id, "token", arena_printf(c->a, "%lld", (long long)made.id));
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *out = made;
    return TQ_OK;
}

tq_code token_end(app *a, const call *c, int64_t token_id, tq_err *err)
{
    const bool admin = c->who.role == ROLE_SECADMIN;
    int64_t owner = 0;
    int64_t ended = 0;
    TX_AUTO store_tx *tx = NULL;
    if (admin) {
        TQ_TRY(work_begin(a, c, ROLES(ROLE_SECADMIN), &tx, err));
    } else {
        TQ_TRY(self_begin(a, c, &tx, err));
    }
    TQ_TRY(store_int(tx, STMT_TOKEN_OWNER, ARGS(arg_int(token_id)), 0, &owner, err));
    if (owner == 0 || (!admin && owner != c->who.user_id)) {
        return tq_fail(err, TQ_NOT_FOUND, "not_found", "token", "there is no such record");
    }
    TQ_TRY(store_run(tx, STMT_TOKEN_END, ARGS(arg_int(token_id)), &ended, err));
    if (ended == 0) {
        return tq_fail(err, TQ_CONFLICT, "token_ended", "token", "the token was ended before");
    }
    event e = admin ? work_event(c, EV_TOKEN_END) : self_event(c, EV_TOKEN_END);
    user_note(&e, owner, "token", arena_printf(c->a, "%lld", (long long)token_id));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code token_list(app *a, const call *c, token_row out[TOKENS_OF_USER_MAX], size_t *n, tq_err *err)
{
    size_t count = 0;
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_TOKEN_LIST,
                       ARGS(arg_int(c->who.user_id), arg_int(TOKENS_OF_USER_MAX)), &r, err));
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        TQ_ASSERT(count < TOKENS_OF_USER_MAX);
        token_row *t = &out[count++];
        t->id = row_int(&r);
        t->name = row_copy(&r, c->a);
        t->roles = row_copy(&r, c->a);
        t->read_only = row_int(&r) != 0;
        t->made.n = (int32_t)row_int(&r);
        t->to.n = (int32_t)row_int(&r);
        t->used.n = (int32_t)row_int(&r);
        t->ended = row_int(&r) != 0;
    }
    *n = count;
    return TQ_OK;
}

static tq_code token_row_read(store_tx *tx, const call *c, digest d, caller *out, role_set *scope,
                              day *used, bool *has_factor, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    TQ_TRY(store_query(tx, STMT_TOKEN_GET, ARGS(arg_blob(d.b, sizeof d.b), arg_int(c->today.n)), &r,
                       err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(err, TQ_NOT_FOUND, "no_token", "token",
                       "the token is not known here, or it has ended");
    }
    out->user_id = row_int(&r);
    out->person_id = row_int(&r);
    out->org_id = row_int(&r);
    out->login = row_copy(&r, c->a);
    out->name = row_copy(&r, c->a);
    out->token_id = row_int(&r);
    *scope = roles_of_text(row_text(&r));
    out->read_only = row_int(&r) != 0;
    used->n = (int32_t)row_int(&r);
    const bool must_change = row_int(&r) != 0;
    const bool factor_free = row_int(&r) != 0;
    /* A uid of the machine has no password to guess, so nothing to put beside it. */
    *has_factor = row_int(&r) != 0 || factor_free || str_starts(out->login, STR("cli:"));
    out->must = must_change ? MUST_PASSWORD : MUST_NOTHING;
    return TQ_OK;
}

/* R-ACCESS-070: what the user holds today, cut down to the scope; never secadmin's role. A token is no
 * way round the second factor: without one it opens what a session would, which is nothing. */
static tq_code token_look(store_tx *tx, const call *c, digest d, caller *out, day *used,
                          tq_err *err)
{
    role_set scope = 0;
    bool staff = false;
    bool has_factor = false;
    size_t kept = 0;
    caller who = {.by_token = true};
    TQ_TRY(token_row_read(tx, c, d, &who, &scope, used, &has_factor, err));
    TQ_TRY(roles_read(tx, c, who.user_id, &who.roles, &who.n_roles, &staff, err));
    if (who.must == MUST_NOTHING && staff && !has_factor) {
        who.must = MUST_FACTOR;
    }
    for (size_t i = 0; i < who.n_roles && who.must == MUST_NOTHING; i++) {
        if (role_in(who.roles[i].role, scope) && who.roles[i].role != ROLE_SECADMIN) {
            who.roles[kept++] = who.roles[i];
        }
    }
    who.n_roles = kept;
    *out = who;
    return TQ_OK;
}

tq_code token_find(app *a, const call *c, str text, caller *out, tq_err *err)
{
    const digest d = bearer_digest(text);
    caller who = {0};
    day used = {0};
    if (text.len != PREFIX_LEN + BEARER_CHARS || !str_starts(text, STR(TOKEN_PREFIX))) {
        return tq_fail(err, TQ_NOT_FOUND, "no_token", "token",
                       "the token is not known here, or it has ended");
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(a, &tx, err));
    TQ_TRY(token_look(tx, c, d, &who, &used, err));
    TQ_TRY(store_commit(&tx, err));
    if (used.n < c->today.n) {
        TX_AUTO store_tx *touch = NULL;
        TQ_TRY(store_begin(app_store(a), STORE_WRITE, &touch, err));
        TQ_TRY(store_run(touch, STMT_TOKEN_TOUCH, ARGS(arg_int(who.token_id), arg_int(c->today.n)),
                         NULL, err));
        TQ_TRY(store_commit(&touch, err));
    }
    *out = who;
    return TQ_OK;
}
