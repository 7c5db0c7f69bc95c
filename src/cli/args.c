/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/config.h"

/* Is `name` in the list of options, and does it take a value there? */
static bool listed(const char *list, const char *name, bool *takes_value)
{
    const size_t n = strlen(name);
    for (const char *at = list; *at != '\0';) {
        const size_t word = strcspn(at, " ");
        const bool value = word > 0 && at[word - 1] == '=';
        if (n > 0 && n == word - (value ? 1 : 0) && memcmp(at, name, n) == 0) {
            *takes_value = value;
            return true;
        }
        at += word;
        at += strspn(at, " ");
    }
    return false;
}

static tq_code option(int argc, char **argv, int *at, const cli_verb *verb, cli *c, tq_err *err)
{
    const char *name = argv[*at] + 2;
    bool takes_value = false;
    if (!listed(verb->options, name, &takes_value) &&
        !listed("data= db= json quiet", name, &takes_value)) {
        return tq_fail(err, TQ_USAGE, "unknown_option", argv[*at], "%s has no such option",
                       verb->name);
    }
    if (cli_flag(c, name)) {
        return tq_fail(err, TQ_USAGE, "repeated_option", argv[*at], "an option is given once");
    }
    if (takes_value && *at + 1 >= argc) {
        return tq_fail(err, TQ_USAGE, "option_value", argv[*at],
                       "the option needs a value after it");
    }
    if (c->n_options == CLI_OPTIONS_MAX) {
        return tq_fail(err, TQ_USAGE, "too_many_options", argv[*at], "at most %d options",
                       CLI_OPTIONS_MAX);
    }
    c->options[c->n_options++] = (cli_option){name, takes_value ? argv[*at + 1] : ""};
    *at += takes_value ? 2 : 1;
    return TQ_OK;
}

tq_code cli_parse(int argc, char **argv, const cli_verb *verb, arena *a, cli *out, tq_err *err)
{
    cli c = {.a = a};
    for (int at = 1; at < argc;) {
        if (strncmp(argv[at], "--", 2) == 0) {
            TQ_TRY(option(argc, argv, &at, verb, &c, err));
            continue;
        }
        if (c.n_words == CLI_WORDS_MAX) {
            return tq_fail(err, TQ_USAGE, "too_many_words", argv[at], "at most %d words",
                           CLI_WORDS_MAX);
        }
        c.words[c.n_words++] = argv[at++];
    }
    *out = c;
    return TQ_OK;
}

const char *cli_value(const cli *c, const char *name)
{
    for (int i = 0; i < c->n_options; i++) {
        if (strcmp(c->options[i].name, name) == 0) {
            return c->options[i].value;
        }
    }
    return NULL;
}

bool cli_flag(const cli *c, const char *name)
{
    return cli_value(c, name) != NULL;
}

tq_code cli_need(const cli *c, const char *name, const char **out, tq_err *err)
{
    const char *value = cli_value(c, name);
    if (value == NULL || value[0] == '\0') {
        return tq_fail(err, TQ_USAGE, "option_absent", name, "give --%s", name);
    }
    *out = value;
    return TQ_OK;
}

tq_code cli_day(const cli *c, const char *name, day otherwise, day *out, tq_err *err)
{
    const char *value = cli_value(c, name);
    if (value == NULL) {
        *out = otherwise;
        return TQ_OK;
    }
    if (day_parse(str_of(value), out, err) != TQ_OK) {
        return tq_fail(err, TQ_USAGE, "day_form", name, "write the day as 2017-12-31");
    }
    return TQ_OK;
}

tq_code cli_db(const cli *c, const char *dir, const char **out, tq_err *err)
{
    config conf;
    TQ_TRY(config_load(c, dir, c->a, &conf, err));
    *out = config_text(&conf, SET_DB);
    return TQ_OK;
}

tq_code cli_open(const cli *c, cli_access access, app **out, tq_err *err)
{
    if (c->host != NULL) {
        TQ_ASSERT(access != CLI_MIGRATE);
        *out = app_share(c->host->site);
        return TQ_OK;
    }
    config conf;
    store_options o = {.read_only = access == CLI_READ, .migrate = access == CLI_MIGRATE};
    TQ_TRY(cli_need(c, "data", &o.dir, err));
    TQ_TRY(config_load(c, o.dir, c->a, &conf, err));
    o.pg_uri = config_text(&conf, SET_DB);
    /* Connections are opened at first use, so that the many of a server cost a short verb nothing. */
    o.readers = config_int(&conf, SET_READERS);
    return app_open(&o, out, err);
}

tq_code cli_today(const char *zone_name, day *out, tq_err *err)
{
    zone *z = NULL;
    TQ_TRY(zone_open(zone_name, &z, err));
    *out = zone_day(z, instant_now());
    zone_free(z);
    return TQ_OK;
}

tq_code cli_unit(app *site, int64_t programme_id, arena *a, currency *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(site, &tx, err));
    TQ_TRY(row_load(tx, T_PROGRAMME, programme_id, a, row, err));
    return currency_of(row_str(row, C_PROGRAMME_CURRENCY), out, err);
}

void cli_amount_print(int64_t minor, const currency *unit, buf *out)
{
    money_print_grouped((money){minor}, unit, out);
    buf_printf(out, " %s", unit->code);
}

void cli_close(app **a)
{
    app_close(*a);
    *a = NULL;
}

void cli_progress(const char *what, int64_t done, int64_t total)
{
    static int64_t told = -1;
    const int64_t share = total == 0 ? 100 : done * 100 / total;
    if (isatty(STDERR_FILENO) != 0) {
        char bar[41];
        for (int i = 0; i < 40; i++) {
            bar[i] = i < share * 40 / 100 ? '#' : '.';
        }
        bar[40] = '\0';
        (void)fprintf(stderr, "\r%s [%s] %3lld %%%s", what, bar, (long long)share,
                      done == total ? "\n" : "");
    } else if (share / 10 != told) {
        told = share / 10;
        (void)fprintf(stderr, "%s: %lld of %lld\n", what, (long long)done, (long long)total);
    }
}

tq_code cli_print(const cli *c, const buf *text, tq_err *err)
{
    if (c->host != NULL) {
        buf_str_add(c->host->out, buf_view(text));
        buf_char(c->host->out, '\n');
        return buf_ok(text) && buf_ok(c->host->out)
                   ? TQ_OK
                   : tq_fail(err, TQ_LIMIT, "answer_size", NULL, "the answer is too long");
    }
    if (!buf_ok(text) ||
        fwrite(text->data == NULL ? "" : text->data, 1, text->len, stdout) != text->len ||
        putchar('\n') == EOF || fflush(stdout) != 0) {
        return tq_fail(err, TQ_IO, "stdout", NULL, "the answer could not be written");
    }
    return TQ_OK;
}

tq_code cli_file(const cli *c, const char *name, size_t bytes_max, str *out, tq_err *err)
{
    if (c->host == NULL) {
        return file_read(name, bytes_max, c->a, out, err);
    }
    for (size_t i = 0; i < c->host->n_files; i++) {
        if (strcmp(c->host->files[i].name, name) == 0) {
            *out = c->host->files[i].bytes;
            return out->len <= bytes_max
                       ? TQ_OK
                       : tq_fail(err, TQ_LIMIT, "file_size", name, "the file is too long");
        }
    }
    return tq_fail(err, TQ_USAGE, "file_not_sent", name, "the file did not come with the request");
}

void cli_error_write(const tq_err *why, buf *out)
{
    buf_printf(out, "tongquan: %s: %s", why->reason, why->detail);
    if (why->field[0] != '\0') {
        buf_printf(out, " (%s)", why->field);
    }
    buf_char(out, '\n');
}
