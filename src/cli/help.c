/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdio.h>

const cli_example cli_examples[] = {
#define EXAMPLE(verb, line, doc) {verb, line, doc},
#include "cli/examples.def"
#undef EXAMPLE
    {NULL, NULL, NULL},
};

void cli_help(FILE *to, const cli_verb *verb)
{
    (void)fprintf(to, "usage: tongquan %s%s%s [--data DIR] [--db URI] [--json] [--quiet]\n",
                  verb->name, verb->words[0] == '\0' ? "" : " ", verb->words);
    if (verb->options[0] != '\0') {
        (void)fprintf(to, "options: %s   (name= takes a value: --name VALUE)\n", verb->options);
    }
    (void)fprintf(to, "%s\n", verb->doc);
    for (const cli_example *e = cli_examples; e->verb != NULL; e++) {
        if (strcmp(e->verb, verb->name) == 0) {
            (void)fprintf(to, "\n  tongquan %s\n      %s\n", e->line, e->doc);
        }
    }
}
