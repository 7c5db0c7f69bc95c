/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CLI_ACTOR_H
#define TQ_CLI_ACTOR_H

/* Who acts at the command line: the person whose log-in is `cli:<uid>` of the process, in the role
 * that --role names, for the first programme, and for --org where the role is an agent's. Whether they
 * hold the role is asked by the use case, as on every other edge. */

#include "cli/cli.h"

#define CLI_LOGIN_PREFIX "cli:"

typedef struct cli_act {
    app *site;
    call call;
    currency unit; /* of the programme */
} cli_act;

/* Opens the installation and finds the actor. FORBIDDEN/cli_unbound where no person has this uid;
 * USAGE/role_name where --role is none that people hold. CLI_READ asks no role. */
TQ_MUST_CHECK tq_code cli_act_begin(const cli *c, cli_access access, cli_act *out, tq_err *err);
void cli_act_end(cli_act *act);
#define ACT_AUTO TQ_CLEANUP(cli_act_end)

str cli_login(const cli *c); /* cli:<uid> of this process, or of who asked the host */

/* Options. Absent text is "", an absent id 0; the errors are USAGE and name the option. */
str cli_text(const cli *c, const char *name);
TQ_MUST_CHECK tq_code cli_id(const cli *c, const char *name, bool required, int64_t *out,
                             tq_err *err);
/* As 30000.00, with at most the digits of the programme's currency; 0 where absent. */
TQ_MUST_CHECK tq_code cli_amount(const cli *c, const cli_act *act, const char *name, int64_t *minor,
                                 tq_err *err);

typedef struct cli_word {
    const char *name;
    const char
        *options; /* of this word, as in verbs.def but without `=`; data db json quiet for all */
    int more;     /* words that may follow */
    tq_code (*run)(const cli *c, tq_err *err);
} cli_word;
/* Runs the word that follows the verb, again while the store is busy. An option of another word is
 * USAGE/option_elsewhere: nothing that a person typed is left out silently. */
TQ_MUST_CHECK tq_code cli_word_run(const cli *c, const cli_word *words, size_t n, tq_err *err);

/* "grant 12", or {"id":12}. */
TQ_MUST_CHECK tq_code cli_made(const cli *c, const char *what, int64_t id, tq_err *err);
/* The public row of `table` that --id names, column by column. */
TQ_MUST_CHECK tq_code cli_show(const cli *c, int table, tq_err *err);

/* A use case that takes one id: reads --id, runs it, prints `what` and the id. */
typedef tq_code cli_step(app *a, const call *c, int64_t id, tq_err *err);
TQ_MUST_CHECK tq_code cli_step_run(const cli *c, const char *what, cli_step *step, tq_err *err);

#endif
