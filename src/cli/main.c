/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/admin.h"
#include "cli/cli.h"
#include "cli/config.h"

#define COMMAND_ARENA_MAX (256 * 1024 * 1024)

static const cli_verb verbs[] = {
#define VERB(name, words, options, fn, doc) {name, words, options, fn, doc},
#include "cli/verbs.def"
#undef VERB
};

const cli_verb *cli_verbs(size_t *count)
{
    *count = TQ_COUNT(verbs);
    return verbs;
}

static int usage(FILE *to, int status)
{
    (void)fprintf(to, "usage: tongquan VERB [words] [--data DIR] [--db URI] [options]\n\n");
    for (size_t i = 0; i < TQ_COUNT(verbs); i++) {
        (void)fprintf(to, "  %-10s %-38s %s\n", verbs[i].name, verbs[i].words, verbs[i].doc);
    }
    (void)fprintf(to, "\n`tongquan help VERB` gives its options and examples.\n");
    return status;
}

static int complain(const tq_err *err)
{
    BUF_AUTO buf text = buf_max(1024);
    cli_error_write(err, &text);
    (void)fputs(text.data, stderr);
    return tq_code_exit(err->code);
}

static int run(const cli_verb *verb, int argc, char **argv)
{
    ARENA_AUTO arena *a = arena_new("command", COMMAND_ARENA_MAX);
    tq_err err = {0};
    cli c;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            cli_help(stdout, verb);
            return 0;
        }
    }
    if (cli_parse(argc, argv, verb, a, &c, &err) != TQ_OK) {
        const int status = complain(&err);
        cli_help(stderr, verb);
        return status;
    }
    const tq_code code = verb->run(&c, &err);
    if (code == TQ_LOCKED && admin_verb(verb->name) != NULL) {
        /* A server holds the folder: it does the work, and nobody at the terminal need know. */
        int status = 0;
        tq_err why = {0};
        const tq_code asked = admin_ask(&c, verb, argc, argv, &status, &why);
        return asked == TQ_OK ? status : complain(asked == TQ_NOT_FOUND ? &err : &why);
    }
    return code == TQ_OK ? 0 : complain(&err);
}

static const cli_verb *verb_of(const char *name)
{
    for (size_t i = 0; i < TQ_COUNT(verbs); i++) {
        if (strcmp(name, verbs[i].name) == 0) {
            return &verbs[i];
        }
    }
    (void)fprintf(stderr, "tongquan: there is no verb %s\n", name);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return usage(stderr, tq_code_exit(TQ_USAGE));
    }
    const bool help = strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0;
    if (help && argc == 2) {
        return usage(stdout, 0);
    }
    const cli_verb *verb = verb_of(argv[help ? 2 : 1]);
    if (verb == NULL) {
        return usage(stderr, tq_code_exit(TQ_USAGE));
    }
    if (help) {
        cli_help(stdout, verb);
        return 0;
    }
    return run(verb, argc - 1, argv + 1);
}
