/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli_access.h"

#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "app/login.h"
#include "app/report.h"
#include "app/token.h"
#include "base/canon.h"
#include "cli/cli_actor.h"

/* --- a password from the terminal ---------------------------------------------------------------- */

/* One line, without its end; nothing is echoed where a person types. */
static tq_code line_hidden(const char *prompt, char *line, size_t room, tq_err *err)
{
    struct termios before = {0};
    const bool terminal = isatty(STDIN_FILENO) != 0 && tcgetattr(STDIN_FILENO, &before) == 0;
    if (terminal) {
        struct termios silent = before;
        silent.c_lflag &= (tcflag_t) ~(tcflag_t)ECHO;
        (void)fputs(prompt, stderr);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH,
                        &silent); /* on failure it is shown: better than no way in */
    }
    const char *read = fgets(line, (int)room, stdin);
    if (terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        (void)fputs("\n", stderr);
    }
    const size_t len = read == NULL ? 0 : strlen(line);
    if (len == 0) {
        return tq_fail(err, TQ_USAGE, "no_password", "stdin",
                       "type the password, or give it on standard input");
    }
    if (line[len - 1] == '\n') {
        line[len - 1] = '\0';
    } else if (len == room - 1) {
        return tq_fail(err, TQ_INVALID, "password_length", "password",
                       "a password has at most %d bytes", PASSWORD_BYTES_MAX);
    }
    return TQ_OK;
}

tq_code password_typed(char *line, size_t room, tq_err *err)
{
    char again[PASSWORD_BYTES_MAX + 2] = "";
    tq_code code = line_hidden("new password: ", line, room, err);
    if (code == TQ_OK && isatty(STDIN_FILENO) != 0) {
        code = line_hidden("once more: ", again, sizeof again, err);
        if (code == TQ_OK && strcmp(line, again) != 0) {
            code = tq_fail(err, TQ_INVALID, "password_differs", "password",
                           "the two are not the same");
        }
    }
    secret_wipe(again, sizeof again);
    return code;
}

/* At the terminal of whoever asks, wherever the command runs. */
static tq_code password_given(const cli *c, char *line, size_t room, tq_err *err)
{
    if (c->host == NULL) {
        return password_typed(line, room, err);
    }
    const char *sent = c->host->secret;
    if (sent == NULL || sent[0] == '\0' || strlen(sent) >= room) {
        return tq_fail(err, TQ_USAGE, "no_password", "stdin", "no password came with the request");
    }
    memcpy(line, sent, strlen(sent) + 1);
    return TQ_OK;
}

/* --- users --------------------------------------------------------------------------------------- */

/* The open log-in that the word after the verb's names. */
static tq_code user_named(const cli *c, const cli_act *act, int64_t *user_id, tq_err *err)
{
    if (c->n_words != 2) {
        return tq_fail(err, TQ_USAGE, "login", "login", "name the log-in after `%s`", c->words[0]);
    }
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(act->site, &tx, err));
    TQ_TRY(store_int(tx, STMT_USER_BY_LOGIN, ARGS(arg_str(str_of(c->words[1]))), 0, user_id, err));
    return *user_id != 0
               ? TQ_OK
               : tq_fail(err, TQ_NOT_FOUND, "not_found", "login", "there is no such open log-in");
}

/* Of a new installation, whose administrators have no password yet: whoever owns the data folder acts
 * for the system. The use case lets nobody do so twice. */
static tq_code first_actor(const cli *c, cli_act *act, tq_err *err)
{
    programme_face p = {0};
    zone *z = NULL;
    TQ_ASSERT(act->site != NULL);
    TQ_TRY(report_programme(act->site, c->a, &p, err));
    TQ_TRY(zone_open(p.zone.data, &z, err));
    const instant now = instant_now();
    act->call =
        (call){.who = {.role = ROLE_SYSTEM}, .at = now, .today = zone_day(z, now), .a = c->a};
    zone_free(z);
    return TQ_OK;
}

tq_code user_passwd(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    char line[PASSWORD_BYTES_MAX + 2] = "";
    int64_t user_id = 0;
    tq_code code = cli_act_begin(c, CLI_WRITE, &act, err);
    if (code == TQ_FORBIDDEN && act.site != NULL && strcmp(err->reason, "cli_unbound") == 0) {
        code = first_actor(c, &act, err);
    }
    TQ_TRY(code);
    TQ_TRY(user_named(c, &act, &user_id, err));
    code = password_given(c, line, sizeof line, err);
    if (code == TQ_OK) {
        code = password_put(act.site, &act.call, user_id, str_of(line), err);
    }
    secret_wipe(line, sizeof line);
    TQ_TRY(code);
    return cli_made(c, "user", user_id, err);
}

tq_code user_unlock(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    int64_t user_id = 0;
    TQ_TRY(cli_act_begin(c, CLI_WRITE, &act, err));
    TQ_TRY(user_named(c, &act, &user_id, err));
    TQ_TRY(login_unlock(act.site, &act.call, user_id, err));
    return cli_made(c, "user", user_id, err);
}

/* --- tokens of the person at the terminal -------------------------------------------------------- */

/* "--gives firm_agent,reviewer1"; absent: every role the person holds. */
static tq_code scope_given(const cli *c, role_set *out, tq_err *err)
{
    const str text = cli_text(c, "gives");
    role_set set = 0;
    size_t from = 0;
    for (size_t i = 0; text.len > 0 && i <= text.len; i++) {
        if (i == text.len || text.data[i] == ',') {
            const role r = role_of((str){text.data + from, i - from});
            if (r == ROLE_NONE) {
                return tq_fail(err, TQ_USAGE, "role_name", "gives",
                               "name roles with commas between them");
            }
            set |= ROLES(r);
            from = i + 1;
        }
    }
    *out = text.len == 0 ? ROLES_ANY : set;
    return TQ_OK;
}

static tq_code token_create(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    token_rq rq = {.read_only = cli_flag(c, "read-only")};
    token_made made = {0};
    const char *name = NULL;
    TQ_TRY(cli_need(c, "name", &name, err));
    TQ_TRY(scope_given(c, &rq.roles, err));
    TQ_TRY(cli_act_begin(c, CLI_WRITE, &act, err));
    TQ_TRY(cli_day(c, "to", day_add(act.call.today, 90), &rq.to, err));
    rq.name = str_of(name);
    TQ_TRY(token_make(act.site, &act.call, &rq, &made, err));
    BUF_AUTO buf out = buf_max(1024);
    if (cli_flag(c, "json")) {
        canon w = canon_to(&out);
        canon_open(&w);
        canon_kint(&w, "id", made.id);
        canon_kstr(&w, "token", str_of(made.text));
        canon_close(&w);
    } else {
        buf_printf(&out, "token %lld, shown this once:\n%s", (long long)made.id, made.text);
    }
    secret_wipe(&made, sizeof made);
    return cli_print(c, &out, err);
}

static void token_line(buf *out, const token_row *t)
{
    buf_printf(out, "%lld\t", (long long)t->id);
    day_print(t->made, out);
    buf_char(out, '\t');
    day_print(t->to, out);
    buf_char(out, '\t');
    if (t->used.n == 0) {
        buf_text(out, "never used");
    } else {
        day_print(t->used, out);
    }
    buf_printf(out, "\t%s%s\t%.*s\t%.*s\n", t->read_only ? "read" : "read and write",
               t->ended ? ", ended" : "", STR_ARG(t->roles), STR_ARG(t->name));
}

static void token_json(canon *w, const token_row *t)
{
    canon_open(w);
    canon_kint(w, "id", t->id);
    canon_kstr(w, "name", t->name);
    canon_kstr(w, "roles", t->roles);
    canon_key(w, "read_only");
    canon_bool(w, t->read_only);
    canon_kint(w, "made_day", t->made.n);
    canon_kint(w, "to_day", t->to.n);
    canon_kint(w, "used_day", t->used.n);
    canon_key(w, "ended");
    canon_bool(w, t->ended);
    canon_close(w);
}

static tq_code token_lines(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    token_row rows[TOKENS_OF_USER_MAX];
    size_t n = 0;
    TQ_TRY(cli_act_begin(c, CLI_READ, &act, err));
    TQ_TRY(token_list(act.site, &act.call, rows, &n, err));
    BUF_AUTO buf out = buf_max(256 * 1024);
    canon w = canon_to(&out);
    if (cli_flag(c, "json")) {
        canon_list(&w);
        for (size_t i = 0; i < n; i++) {
            token_json(&w, &rows[i]);
        }
        canon_list_end(&w);
        return cli_print(c, &out, err);
    }
    for (size_t i = 0; i < n; i++) {
        token_line(&out, &rows[i]);
    }
    buf_printf(&out, "%zu tokens", n);
    return cli_print(c, &out, err);
}

static tq_code token_over(const cli *c, tq_err *err)
{
    return cli_step_run(c, "token", token_end, err);
}

tq_code verb_token(const cli *c, tq_err *err)
{
    static const cli_word words[] = {
        {"create", "role org name gives read-only to", 0, token_create},
        {"list", "", 0, token_lines},
        {"end", "role org id", 0, token_over},
    };
    return cli_word_run(c, words, TQ_COUNT(words), err);
}
