/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serve_config.h"

#include <stdio.h>

#define CONFIG_ARENA_MAX ((size_t)4 * 1024 * 1024)

tq_code serve_config_begin(const cli *c, serve_config *out, tq_err *err)
{
    out->c = c;
    TQ_TRY(cli_need(c, "data", &out->dir, err));
    out->a = arena_new("settings", CONFIG_ARENA_MAX);
    return config_load(c, out->dir, out->a, &out->now, err);
}

void serve_config_end(serve_config *s)
{
    arena_free(s->a);
    s->a = NULL;
}

static request_log_style log_style(const config *conf)
{
    return (request_log_style){
        .format = config_word(conf, SET_LOG_FORMAT, "logfmt") ? LOG_LOGFMT
                  : config_word(conf, SET_LOG_FORMAT, "json") ? LOG_JSON
                                                              : LOG_AUTO,
        .least = config_word(conf, SET_LOG_LEVEL, "error")  ? LOG_ERROR
                 : config_word(conf, SET_LOG_LEVEL, "warn") ? LOG_WARN
                                                            : LOG_INFO,
    };
}

server_options serve_options(const config *conf, const char *spool)
{
    return (server_options){
        .address = config_text(conf, SET_LISTEN),
        .spool = spool,
        .workers = config_int(conf, SET_WORKERS),
        .connections_max = config_int(conf, SET_CONNECTIONS),
        .per_address_max = config_int(conf, SET_PER_ADDRESS),
        .rate_per_minute = config_int(conf, SET_RATE),
        .header_s = config_int(conf, SET_HEADER_TIME),
        .body_s = config_int(conf, SET_BODY_TIME),
        .idle_s = config_int(conf, SET_IDLE_TIME),
        .body_rate_min = config_int(conf, SET_BODY_RATE),
        .queue_max = config_int(conf, SET_QUEUE),
        .trusted_proxies = config_text(conf, SET_TRUSTED_PROXIES),
        .log = stderr,
        .log_style = log_style(conf),
    };
}

/* Tells of one setting and takes it over where that can be done now. A value that waits for a restart is
 * told again at the next reload, since it is still not in force. */
static bool compare(const serve_config *s, const config *found, setting_id id, config *next,
                    FILE *log)
{
    const config_value *old = &s->now.of[id];
    const config_value *got = &found->of[id];
    const bool same = strcmp(old->text, got->text) == 0;
    ARENA_AUTO arena *a = arena_new("reload", 4096);
    const bool now = setting_of(id)->when == SETTING_RELOAD;
    const str place = config_place(id, got, a);
    if (same || now) {
        next->of[id] = *got;
    }
    if (same) {
        return false;
    }
    (void)fprintf(log, "tongquan: reload: %s: %s -> %s (%.*s)%s\n", setting_of(id)->name,
                  old->text[0] == '\0' ? "\"\"" : config_shown(id, old),
                  got->text[0] == '\0' ? "\"\"" : config_shown(id, got), STR_ARG(place),
                  now ? "" : ", in force after a restart");
    return true;
}

bool serve_config_reload(serve_config *s, FILE *log)
{
    tq_err err = {0};
    config found;
    int told = 0;
    arena *a = arena_new("settings", CONFIG_ARENA_MAX);
    if (config_load(s->c, s->dir, a, &found, &err) != TQ_OK) {
        (void)fprintf(log, "tongquan: reload: %s: %s; the old settings stay in force\n", err.field,
                      err.detail);
        arena_free(a);
        return false;
    }
    config next = s->now;
    for (size_t i = 0; i < SET_COUNT; i++) {
        next.of[i].text =
            arena_copy(a, str_of(s->now.of[i].text)).data; /* outlives the old arena */
        told += compare(s, &found, (setting_id)i, &next, log);
    }
    if (told == 0) {
        (void)fprintf(log, "tongquan: reload: nothing has changed\n");
    }
    arena_free(s->a);
    s->a = a;
    s->now = next;
    return true;
}
