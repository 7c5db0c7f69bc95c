/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CLI_H
#define TQ_CLI_H

/* The command line (architecture §11): one row a verb in verbs.def, one file a verb.
 *
 * A verb prints its answer on stdout (with --json: one canonical JSON value and a newline) and returns
 * TQ_OK or an error, which main prints on stderr as `tongquan: reason: detail (field)` and turns into
 * the exit status of base/err.h. Options are `--name value` or `--flag`, each at most once; an option
 * that no row names is a usage error, never ignored. */

#include "app/app.h"
#include "base/money.h"
#include <stdio.h>

#define CLI_WORDS_MAX 8
#define CLI_OPTIONS_MAX 24

typedef struct cli_option {
    const char *name; /* without the dashes */
    const char *value;
} cli_option;

typedef struct cli_sent_file {
    const char *name; /* as the words or options call it */
    str bytes;
} cli_sent_file;

/* Where a command runs inside a server (cli/admin.h) instead of a process of its own: on the server's
 * site, for the uid at the other end, with what came along with the request. */
typedef struct cli_host {
    app *site;
    int64_t uid;
    const cli_sent_file *files;
    size_t n_files;
    const char *secret; /* NULL: none was sent */
    buf *out;
} cli_host;

typedef struct cli {
    const char *words[CLI_WORDS_MAX]; /* after the verb */
    int n_words;
    cli_option options[CLI_OPTIONS_MAX];
    int n_options;
    arena *a;             /* lives as long as the command */
    const cli_host *host; /* NULL: a process of its own */
} cli;

typedef struct cli_verb {
    const char *name;
    const char *words; /* usage of the words: "headline|flow|funds" */
    const char
        *options; /* "until= json": name= takes a value, name is a flag; data= db= json for all */
    tq_code (*run)(const cli *c, tq_err *err);
    const char *doc;
} cli_verb;

const cli_verb *cli_verbs(size_t *count);

/* One line of examples.def: what a person types after `tongquan`. NULL after the last. */
typedef struct cli_example {
    const char *verb;
    const char *line;
    const char *doc;
} cli_example;
extern const cli_example cli_examples[];
/* Usage, options and examples of one verb. */
void cli_help(FILE *to, const cli_verb *verb);

/* USAGE with the option or word at fault. argv[0] is the verb. */
TQ_MUST_CHECK tq_code cli_parse(int argc, char **argv, const cli_verb *verb, arena *a, cli *out,
                                tq_err *err);
const char *cli_value(const cli *c, const char *name); /* NULL where absent */
bool cli_flag(const cli *c, const char *name);
TQ_MUST_CHECK tq_code cli_need(const cli *c, const char *name, const char **out, tq_err *err);
/* --until / --day: an ISO date; `otherwise` where absent. */
TQ_MUST_CHECK tq_code cli_day(const cli *c, const char *name, day otherwise, day *out, tq_err *err);

/* Today in that zone. */
TQ_MUST_CHECK tq_code cli_today(const char *zone_name, day *out, tq_err *err);

typedef enum cli_access { CLI_READ, CLI_WRITE, CLI_MIGRATE } cli_access;
/* Opens the installation named by --data. The engine is the one that `db` names, wherever that setting
 * comes from (cli/config.h), else SQLite. In a host it is the host's site. */
TQ_MUST_CHECK tq_code cli_open(const cli *c, cli_access access, app **out, tq_err *err);
/* That setting; NULL: SQLite. */
TQ_MUST_CHECK tq_code cli_db(const cli *c, const char *dir, const char **out, tq_err *err);
void cli_close(app **a);
#define APP_AUTO TQ_CLEANUP(cli_close)

/* The currency of the programme: amounts are read and printed with its digits. */
TQ_MUST_CHECK tq_code cli_unit(app *site, int64_t programme_id, arena *a, currency *out,
                               tq_err *err);

/* A bar on a terminal, a line each tenth of the work otherwise; nothing with --quiet. */
void cli_progress(const char *what, int64_t done, int64_t total);
/* "30,000.00 CNY" */
void cli_amount_print(int64_t minor, const currency *unit, buf *out);
/* Writes the text and a newline to stdout, or into the answer of the host; IO where it cannot. */
TQ_MUST_CHECK tq_code cli_print(const cli *c, const buf *text, tq_err *err);
/* A file that a word or option names. In a host: one that came with the request, and no other, so that a
 * server opens nothing that a client names. */
TQ_MUST_CHECK tq_code cli_file(const cli *c, const char *name, size_t bytes_max, str *out,
                               tq_err *err);
/* "tongquan: reason: detail (field)" and a newline. */
void cli_error_write(const tq_err *why, buf *out);

#define VERB(name, words, options, fn, doc) tq_code fn(const cli *c, tq_err *err);
#include "cli/verbs.def"
#undef VERB

#endif
