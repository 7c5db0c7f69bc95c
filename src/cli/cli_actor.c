/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli_actor.h"

#include <unistd.h>

#include "app/idempotency.h"
#include "app/report.h"
#include "base/canon.h"
#include "base/money.h"

#define ANSWER_MAX (1024 * 1024)
#define AGENTS                                                                                     \
    (ROLES(ROLE_FIRM_AGENT) | ROLES(ROLE_FIRM_FINANCE) | ROLES(ROLE_INST_AGENT) |                  \
     ROLES(ROLE_PLATFORM_AGENT) | ROLES(ROLE_TOWNSHIP))
/* These need no grant, so nobody may ask for them by name. */
#define NOBODYS (ROLES(ROLE_SYSTEM) | ROLES(ROLE_PUBLIC))

str cli_login(const cli *c)
{
    const int64_t uid = c->host == NULL ? (int64_t)getuid() : c->host->uid;
    return arena_printf(c->a, CLI_LOGIN_PREFIX "%lld", (long long)uid);
}

static tq_code person_of_uid(const cli *c, app *site, actor *who, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    ROWS_AUTO store_rows r = {0};
    bool more = false;
    const str login = cli_login(c);
    TQ_TRY(work_read(site, &tx, err));
    TQ_TRY(store_query(tx, STMT_USER_BY_LOGIN, ARGS(arg_str(login)), &r, err));
    TQ_TRY(rows_next(&r, &more, err));
    if (!more) {
        return tq_fail(
            err, TQ_FORBIDDEN, "cli_unbound", "uid",
            "no open log-in is bound to this uid; a security administrator opens one for "
            "you with the log-in %.*s",
            STR_ARG(login));
    }
    who->user_id = row_int(&r);
    who->person_id = row_int(&r);
    TQ_ASSERT(who->user_id > 0 && who->person_id > 0);
    return TQ_OK;
}

static tq_code role_asked(const cli *c, actor *who, tq_err *err)
{
    const char *name = NULL;
    TQ_TRY(cli_need(c, "role", &name, err));
    const role r = role_of(str_of(name));
    if (r == ROLE_NONE || role_in(r, NOBODYS)) {
        return tq_fail(err, TQ_USAGE, "role_name", "role", "name a role that a person holds");
    }
    who->role = r;
    return role_in(r, AGENTS) ? cli_id(c, "org", true, &who->org_id, err) : TQ_OK;
}

tq_code cli_act_begin(const cli *c, cli_access access, cli_act *out, tq_err *err)
{
    programme_face p = {0};
    zone *z = NULL;
    actor who = {0};
    TQ_ASSERT(access == CLI_READ || access == CLI_WRITE);
    if (access == CLI_WRITE) {
        TQ_TRY(role_asked(c, &who, err));
    }
    TQ_TRY(cli_open(c, access, &out->site, err));
    TQ_TRY(person_of_uid(c, out->site, &who, err));
    TQ_TRY(report_programme(out->site, c->a, &p, err));
    who.programme_id = p.id;
    TQ_TRY(zone_open(p.zone.data, &z, err));
    const instant now = instant_now();
    out->call = (call){.who = who, .at = now, .today = zone_day(z, now), .a = c->a};
    zone_free(z);
    return cli_unit(out->site, p.id, c->a, &out->unit, err);
}

void cli_act_end(cli_act *act)
{
    cli_close(&act->site);
}

str cli_text(const cli *c, const char *name)
{
    const char *value = cli_value(c, name);
    return str_of(value == NULL ? "" : value);
}

tq_code cli_id(const cli *c, const char *name, bool required, int64_t *out, tq_err *err)
{
    long long n = 0;
    const char *value = cli_value(c, name);
    if (value == NULL && !required) {
        *out = 0;
        return TQ_OK;
    }
    TQ_TRY(cli_need(c, name, &value, err));
    if (!str_int64(str_of(value), &n) || n <= 0) {
        return tq_fail(err, TQ_USAGE, "number_form", name, "give --%s as a whole number above 0",
                       name);
    }
    *out = n;
    return TQ_OK;
}

tq_code cli_amount(const cli *c, const cli_act *act, const char *name, int64_t *minor, tq_err *err)
{
    money m = {0};
    const char *value = cli_value(c, name);
    if (value != NULL && money_parse(str_of(value), &act->unit, &m, err) != TQ_OK) {
        return tq_fail(err, TQ_USAGE, "amount_form", name,
                       "write --%s in %s, as 30000 or with at most %d digits after the point", name,
                       act->unit.code, act->unit.minor_digits);
    }
    *minor = m.minor;
    return TQ_OK;
}

static bool named(const char *list, const char *name)
{
    const size_t n = strlen(name);
    for (const char *at = list; *at != '\0'; at += strspn(at, " ")) {
        const size_t word = strcspn(at, " ");
        if (word == n && memcmp(at, name, n) == 0) {
            return true;
        }
        at += word;
    }
    return false;
}

static tq_code options_need(const cli *c, const cli_word *word, tq_err *err)
{
    for (int i = 0; i < c->n_options; i++) {
        const char *name = c->options[i].name;
        if (!named(word->options, name) && !named("data db json quiet", name)) {
            return tq_fail(err, TQ_USAGE, "option_elsewhere", name, "`%s` takes no --%s",
                           word->name, name);
        }
    }
    return c->n_words - 1 <= word->more
               ? TQ_OK
               : tq_fail(err, TQ_USAGE, "word", c->words[c->n_words - 1],
                         "`%s` takes %d words after it", word->name, word->more);
}

typedef struct word_try {
    const cli *c;
    const cli_word *word;
} word_try;

static tq_code try_word(void *ctx, tq_err *err)
{
    const word_try *t = ctx;
    return t->word->run(t->c, err);
}

tq_code cli_word_run(const cli *c, const cli_word *words, size_t n, tq_err *err)
{
    const char *word = c->n_words > 0 ? c->words[0] : "";
    BUF_AUTO buf known = buf_max(200);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i].name, word) == 0) {
            word_try t = {c, &words[i]};
            const call once = {
                .at = instant_now(), .who = {.user_id = (int64_t)getpid()}, .a = c->a};
            TQ_TRY(options_need(c, &words[i], err));
            return app_retry(&once, try_word, &t, err);
        }
        buf_printf(&known, "%s%s", i == 0 ? "" : ", ", words[i].name);
    }
    return tq_fail(err, TQ_USAGE, "word", word, "give one word of: %.*s",
                   STR_ARG(buf_view(&known)));
}

tq_code cli_made(const cli *c, const char *what, int64_t id, tq_err *err)
{
    BUF_AUTO buf out = buf_max(200);
    if (cli_flag(c, "json")) {
        canon w = canon_to(&out);
        canon_open(&w);
        canon_kint(&w, "id", id);
        canon_close(&w);
    } else {
        buf_printf(&out, "%s %lld", what, (long long)id);
    }
    return cli_print(c, &out, err);
}

static void row_write(const audited_table_info *t, int64_t id, const event_value *row, bool json,
                      buf *out)
{
    canon w = canon_to(out);
    if (json) {
        canon_open(&w);
        canon_kint(&w, "id", id);
    } else {
        buf_printf(out, "%s %lld", t->name, (long long)id);
    }
    for (int i = 0; i < t->cols; i++) {
        const audited_col_info *col = audited_col_of(t->first_col + i);
        if (json && col->is_text) {
            canon_kstr(&w, col->name, row[i].text);
        } else if (json) {
            canon_kint(&w, col->name, row[i].num);
        } else if (col->is_text) {
            buf_printf(out, "\n  %-20s %.*s", col->name, STR_ARG(row[i].text));
        } else {
            buf_printf(out, "\n  %-20s %lld", col->name, (long long)row[i].num);
        }
    }
    if (json) {
        canon_close(&w);
    }
}

tq_code cli_show(const cli *c, int table, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    event_value row[AUDITED_COLS_MAX];
    int64_t id = 0;
    TQ_ASSERT(!audited_table_of(table)->is_private);
    TQ_TRY(cli_id(c, "id", true, &id, err));
    TQ_TRY(cli_act_begin(c, CLI_READ, &act, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(act.site, &tx, err));
    TQ_TRY(row_load(tx, table, id, c->a, row, err));
    BUF_AUTO buf out = buf_max(ANSWER_MAX);
    row_write(audited_table_of(table), id, row, cli_flag(c, "json"), &out);
    return cli_print(c, &out, err);
}

tq_code cli_step_run(const cli *c, const char *what, cli_step *step, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    int64_t id = 0;
    TQ_TRY(cli_id(c, "id", true, &id, err));
    TQ_TRY(cli_act_begin(c, CLI_WRITE, &act, err));
    TQ_TRY(step(act.site, &act.call, id, err));
    return cli_made(c, what, id, err);
}
