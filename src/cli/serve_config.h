/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SERVE_CONFIG_H
#define TQ_SERVE_CONFIG_H

/* The settings of a server that runs: what is in force, and SIGHUP. */

#include "cli/config.h"
#include "http/server.h"

typedef struct serve_config {
    config now; /* in force */
    arena *a;   /* holds its texts; replaced by a reload */
    const cli *c;
    const char *dir; /* the data folder */
} serve_config;

TQ_MUST_CHECK tq_code serve_config_begin(const cli *c, serve_config *out, tq_err *err);
void serve_config_end(serve_config *s);

/* The texts are those of `conf`. */
server_options serve_options(const config *conf, const char *spool);

/* Reads everything again and tells `log` what changed, line by line: values that count at once are taken
 * over into `now` (true: bring them into force), the others named as waiting for a restart. Where a value
 * does not hold, nothing is taken over. */
bool serve_config_reload(serve_config *s, FILE *log);

#endif
