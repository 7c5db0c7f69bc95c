/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CONFIG_H
#define TQ_CONFIG_H

/* The settings of an installation (architecture §9, §10): settings.def says what there is; a value comes
 * from the command line, else the environment (TQ_...), else tongquan.yaml in the data folder, else the
 * table. A value that does not hold is an error wherever it stands: nothing is corrected in silence, and
 * a name that the table does not know is refused. */

#include "cli/cli.h"

#define CONFIG_NAME "tongquan.yaml"
#define CONFIG_FAULTS_MAX 32

typedef enum setting_id {
#define SETTING(id, ...) SET_##id,
#include "cli/settings.def"
#undef SETTING
    SET_COUNT
} setting_id;

typedef enum setting_type {
    SETTING_TEXT,
    SETTING_INT,
    SETTING_WORD,
    SETTING_LISTEN,  /* HOST:PORT of loopback */
    SETTING_URL,     /* http(s)://HOST[:PORT], no path */
    SETTING_PROXIES, /* numeric addresses with commas between */
} setting_type;

typedef enum setting_when { SETTING_RELOAD, SETTING_RESTART } setting_when;

typedef struct setting {
    const char *name, *env, *option;
    setting_type type;
    const char *form;
    int64_t least, most;
    const char *fallback;
    setting_when when;
    bool secret; /* never printed */
    const char *doc;
} setting;

const setting *setting_of(setting_id id);
extern const char config_options[]; /* of the verb serve, in the form of verbs.def */

typedef enum config_origin {
    ORIGIN_DEFAULT,
    ORIGIN_FILE,
    ORIGIN_ENVIRONMENT,
    ORIGIN_OPTION
} config_origin;

typedef struct config_value {
    const char *text; /* "" is not set */
    int64_t n;        /* SETTING_INT */
    config_origin origin;
    int line; /* ORIGIN_FILE */
} config_value;

typedef struct config {
    config_value of[SET_COUNT];
} config;

/* What is wrong, each with the place where it stands as `field`. */
typedef struct config_faults {
    tq_err list[CONFIG_FAULTS_MAX];
    int n;
} config_faults;

/* Every value that counts for `dir`, which may lack a file. Texts live in `a`. The first fault that
 * config_look would tell. */
TQ_MUST_CHECK tq_code config_load(const cli *c, const char *dir, arena *a, config *out,
                                  tq_err *err);
/* The same with all faults; a value at fault keeps what stood before it. IO, MALFORMED where the file
 * cannot be read at all. `path` NULL: without a file. */
TQ_MUST_CHECK tq_code config_look(const cli *c, const char *path, arena *a, config *out,
                                  config_faults *faults, tq_err *err);
/* "tongquan.yaml:3", "TQ_RATE", "--rate", "default" */
str config_place(setting_id id, const config_value *v, arena *a);
/* The value as it may be shown: a secret is "***". */
const char *config_shown(setting_id id, const config_value *v);
/* NULL where a text setting is empty: "use none". */
const char *config_text(const config *c, setting_id id);
int config_int(const config *c, setting_id id);
bool config_word(const config *c, setting_id id, const char *word);

#endif
