/* SPDX-License-Identifier: Apache-2.0 */
#include "base/canon.h"
#include "base/file.h"
#include "cli/cli_actor.h"
#include "cli/config.h"

#define ANSWER_MAX (64 * 1024)

/* FILE, else the one of --data; NULL where that folder has none. */
static tq_code file_asked(const cli *c, const char **out, tq_err *err)
{
    const char *dir = NULL;
    if (c->n_words > 1) {
        *out = c->words[1];
        return TQ_OK;
    }
    TQ_TRY(cli_need(c, "data", &dir, err));
    const str path = arena_printf(c->a, "%s/" CONFIG_NAME, dir);
    *out = file_exists(path.data) ? path.data : NULL;
    return TQ_OK;
}

static void faults_json(const config_faults *f, buf *out)
{
    canon w = canon_to(out);
    canon_open(&w);
    canon_key(&w, "ok");
    canon_bool(&w, f->n == 0);
    canon_key(&w, "faults");
    canon_list(&w);
    for (int i = 0; i < f->n; i++) {
        canon_open(&w);
        canon_kstr(&w, "place", str_of(f->list[i].field));
        canon_kstr(&w, "reason", str_of(f->list[i].reason));
        canon_kstr(&w, "detail", str_of(f->list[i].detail));
        canon_close(&w);
    }
    canon_list_end(&w);
    canon_close(&w);
}

static void faults_text(const config_faults *f, buf *out)
{
    for (int i = 0; i < f->n; i++) {
        buf_printf(out, "%s%s: %s", i == 0 ? "" : "\n", f->list[i].field, f->list[i].detail);
    }
    if (f->n == 0) {
        buf_text(out, "the configuration holds");
    }
}

/* All faults at once: who mends a file should not have to ask ten times. */
static tq_code check(const cli *c, tq_err *err)
{
    const char *path = NULL;
    config found;
    config_faults *faults = ARENA_NEW(c->a, config_faults, 1);
    TQ_TRY(file_asked(c, &path, err));
    TQ_TRY(config_look(c, path, c->a, &found, faults, err));
    BUF_AUTO buf out = buf_max(ANSWER_MAX);
    if (cli_flag(c, "json")) {
        faults_json(faults, &out);
    } else {
        faults_text(faults, &out);
    }
    TQ_TRY(cli_print(c, &out, err));
    return faults->n == 0 ? TQ_OK
                          : tq_fail(err, TQ_CORRUPT, "config_faults", NULL, "%d values do not hold",
                                    faults->n);
}

static void values_json(const cli *c, const config *conf, buf *out)
{
    canon w = canon_to(out);
    canon_open(&w);
    for (size_t i = 0; i < SET_COUNT; i++) {
        const setting_id id = (setting_id)i;
        const config_value *v = &conf->of[id];
        canon_key(&w, setting_of(id)->name);
        canon_open(&w);
        if (setting_of(id)->type == SETTING_INT) {
            canon_kint(&w, "value", v->n);
        } else {
            canon_kstr(&w, "value", str_of(config_shown(id, v)));
        }
        canon_kstr(&w, "origin", config_place(id, v, c->a));
        canon_kstr(&w, "in_force",
                   setting_of(id)->when == SETTING_RELOAD ? STR("reload") : STR("restart"));
        canon_close(&w);
    }
    canon_close(&w);
}

static void values_text(const cli *c, const config *conf, buf *out)
{
    for (size_t i = 0; i < SET_COUNT; i++) {
        const setting_id id = (setting_id)i;
        const config_value *v = &conf->of[id];
        buf_printf(out, "%s%s: %s", i == 0 ? "" : "\n", setting_of(id)->name,
                   v->text[0] == '\0' ? "\"\"" : config_shown(id, v));
        if (cli_flag(c, "origin")) {
            buf_text(out, "  # ");
            buf_str_add(out, config_place(id, v, c->a));
        }
    }
}

static tq_code show(const cli *c, tq_err *err)
{
    const char *dir = NULL;
    config conf;
    TQ_TRY(cli_need(c, "data", &dir, err));
    TQ_TRY(config_load(c, dir, c->a, &conf, err));
    BUF_AUTO buf out = buf_max(ANSWER_MAX);
    if (cli_flag(c, "json")) {
        values_json(c, &conf, &out);
    } else {
        values_text(c, &conf, &out);
    }
    return cli_print(c, &out, err);
}

tq_code verb_config(const cli *c, tq_err *err)
{
    static const cli_word words[] = {
        {"check", "", 1, check},
        {"show", "origin", 0, show},
    };
    return cli_word_run(c, words, TQ_COUNT(words), err);
}
