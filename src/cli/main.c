/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

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
        (void)fprintf(to, "  %-10s %-34s %s\n", verbs[i].name, verbs[i].words, verbs[i].doc);
    }
    return status;
}

static int complain(const tq_err *err)
{
    (void)fprintf(stderr, "tongquan: %s: %s", err->reason, err->detail);
    if (err->field[0] != '\0') {
        (void)fprintf(stderr, " (%s)", err->field);
    }
    (void)fprintf(stderr, "\n");
    return tq_code_exit(err->code);
}

static int run(const cli_verb *verb, int argc, char **argv)
{
    ARENA_AUTO arena *a = arena_new("command", COMMAND_ARENA_MAX);
    tq_err err = {0};
    cli c;
    if (cli_parse(argc, argv, verb, a, &c, &err) != TQ_OK) {
        const int status = complain(&err);
        (void)fprintf(stderr, "usage: tongquan %s %s [--data DIR] [--db URI] [--json] %s\n",
                      verb->name, verb->words, verb->options);
        return status;
    }
    return verb->run(&c, &err) == TQ_OK ? 0 : complain(&err);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return usage(stderr, tq_code_exit(TQ_USAGE));
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) {
        return usage(stdout, 0);
    }
    for (size_t i = 0; i < TQ_COUNT(verbs); i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            return run(&verbs[i], argc - 1, argv + 1);
        }
    }
    (void)fprintf(stderr, "tongquan: there is no verb %s\n", argv[1]);
    return usage(stderr, tq_code_exit(TQ_USAGE));
}
