/* SPDX-License-Identifier: Apache-2.0 */
/* The settings: where a value comes from, what is refused, and that the documentation has them all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "cli/config.h"

static char dir[64];
static arena *mem;

static int begin(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/tq-config.XXXXXX");
    mem = arena_new("config test", (size_t)16 * 1024 * 1024);
    return mkdtemp(dir) == NULL;
}

static const char *file_name(void)
{
    return arena_printf(mem, "%s/" CONFIG_NAME, dir).data;
}

static int end(void **state)
{
    (void)state;
    (void)unlink(file_name());
    arena_free(mem);
    return rmdir(dir);
}

static void file_says(const char *text)
{
    tq_err err;
    assert_int_equal(file_write_durable(file_name(), str_of(text), 0600, &err), TQ_OK);
}

static cli with_option(const char *name, const char *value)
{
    cli c = {.a = mem};
    if (name != NULL) {
        c.options[c.n_options++] = (cli_option){name, value};
    }
    return c;
}

static void the_nearest_source_wins(void **state)
{
    static const struct {
        const char *file, *env, *option;
        int64_t is;
        const char *place;
    } rows[] = {
        {"", NULL, NULL, 600, "default"},
        {"rate: 50\n", NULL, NULL, 50, "tongquan.yaml:1"},
        {"listen: 127.0.0.1:9000\nrate: 50\n", NULL, NULL, 50, "tongquan.yaml:2"},
        {"rate: 50\n", "70", NULL, 70, "TQ_RATE"},
        {"rate: 50\n", "70", "90", 90, "--rate"},
        {"", "70", NULL, 70, "TQ_RATE"},
        {"", NULL, "90", 90, "--rate"},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        tq_err err = {0};
        config conf;
        file_says(rows[i].file);
        const cli c = with_option(rows[i].option == NULL ? NULL : "rate", rows[i].option);
        assert_int_equal(rows[i].env == NULL ? unsetenv("TQ_RATE")
                                             : setenv("TQ_RATE", rows[i].env, 1),
                         0);
        if (config_load(&c, dir, mem, &conf, &err) != TQ_OK) {
            fail_msg("row %zu: %s: %s", i, err.field, err.detail);
        }
        assert_int_equal(config_int(&conf, SET_RATE), rows[i].is);
        assert_string_equal(config_place(SET_RATE, &conf.of[SET_RATE], mem).data, rows[i].place);
    }
    assert_int_equal(unsetenv("TQ_RATE"), 0);
}

static void what_does_not_hold_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *file, *place, *says;
    } rows[] = {
        {"rate: 0\n", "tongquan.yaml:1:1", "from 1 to 1000000"},
        {"rate: 6e2\n", "tongquan.yaml:1:1", "from 1 to 1000000"},
        {"rate: 1000001\n", "tongquan.yaml:1:1", "from 1 to 1000000"},
        {"\nworkers: -1\n", "tongquan.yaml:2:1", "from 1 to 256"},
        {"listen: 0.0.0.0:80\n", "tongquan.yaml:1:1", "loopback"},
        {"listen: localhost:80\n", "tongquan.yaml:1:1", "loopback"},
        {"listen: 127.0.0.1:65536\n", "tongquan.yaml:1:1", "HOST:PORT"},
        {"listen: 127.0.0.1\n", "tongquan.yaml:1:1", "HOST:PORT"},
        {"base_url: tq.example\n", "tongquan.yaml:1:1", "https://HOST"},
        {"base_url: https://tq.example/\n", "tongquan.yaml:1:1", "https://HOST"},
        {"base_url: https://\n", "tongquan.yaml:1:1", "https://HOST"},
        {"trusted_proxies: 10.0.0.1,proxy\n", "tongquan.yaml:1:1", "ADDRESS"},
        {"trusted_proxies: 10.0.0.1,,10.0.0.2\n", "tongquan.yaml:1:1", "ADDRESS"},
        {"log_level: debug\n", "tongquan.yaml:1:1", "info warn error"},
        {"metrics_token: short\n", "tongquan.yaml:1:1", "16 characters"},
        {"rates: 3\n", "tongquan.yaml:1:1", "no such setting"},
        {"rate: [1]\n", "tongquan.yaml:1:1", "one value"},
        {"- rate\n", "tongquan.yaml:1", "list of `name: value`"},
        {"rate: 1\nrate: 2\n", "tongquan.yaml:2", ""},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        tq_err err = {0};
        config conf = {0};
        const cli c = with_option(NULL, NULL);
        file_says(rows[i].file);
        assert_int_not_equal(config_load(&c, dir, mem, &conf, &err), TQ_OK);
        if (strncmp(err.field, rows[i].place, strlen(rows[i].place)) != 0 ||
            strstr(err.detail, rows[i].says) == NULL) {
            fail_msg("%s: %s: %s", rows[i].file, err.field, err.detail);
        }
        assert_null(conf.of[SET_RATE].text); /* untouched on failure */
    }
}

static void all_faults_are_told_at_once(void **state)
{
    (void)state;
    tq_err err = {0};
    config conf;
    config_faults *faults = ARENA_NEW(mem, config_faults, 1);
    const cli c = with_option("queue", "none");
    file_says("rate: x\nspeed: 3\nbody_time: 20\n");
    assert_int_equal(setenv("TQ_WORKERS", "many", 1), 0);
    assert_int_equal(config_look(&c, file_name(), mem, &conf, faults, &err), TQ_OK);
    assert_int_equal(unsetenv("TQ_WORKERS"), 0);
    assert_int_equal(faults->n, 4);
    assert_string_equal(faults->list[2].field, "TQ_WORKERS");
    assert_string_equal(faults->list[3].field, "queue");
    assert_int_equal(config_int(&conf, SET_BODY_TIME), 20);
    assert_int_equal(config_int(&conf, SET_RATE), 600); /* what stood there before */
}

static void texts_that_are_right_are_taken(void **state)
{
    static const struct {
        setting_id id;
        const char *line, *is;
    } rows[] = {
        {SET_LISTEN, "listen: 127.0.0.2:0\n", "127.0.0.2:0"},
        {SET_BASE_URL, "base_url: https://tq.example:8443\n", "https://tq.example:8443"},
        {SET_TRUSTED_PROXIES, "trusted_proxies: 10.0.0.1, fd00::1\n", "10.0.0.1, fd00::1"},
        {SET_LOG_FORMAT, "log_format: json\n", "json"},
        {SET_DB, "db: \"postgresql://tq:pw@db/tq\"\n", "postgresql://tq:pw@db/tq"},
    };
    (void)state;
    for (size_t i = 0; i < TQ_COUNT(rows); i++) {
        tq_err err = {0};
        config conf;
        const cli c = with_option(NULL, NULL);
        file_says(rows[i].line);
        if (config_load(&c, dir, mem, &conf, &err) != TQ_OK) {
            fail_msg("%s: %s: %s", rows[i].line, err.field, err.detail);
        }
        assert_string_equal(conf.of[rows[i].id].text, rows[i].is);
    }
    file_says("");
}

static void a_secret_is_not_shown(void **state)
{
    (void)state;
    const config_value token = {.text = "0123456789abcdef"};
    const config_value none = {.text = ""};
    assert_string_equal(config_shown(SET_METRICS_TOKEN, &token), "***");
    assert_string_equal(config_shown(SET_DB, &token), "***");
    assert_string_equal(config_shown(SET_METRICS_TOKEN, &none), "");
    assert_string_equal(config_shown(SET_LISTEN, &token), token.text);
}

/* The row as docs/operations.md must have it. */
static void row_of(const setting *s, buf *out)
{
    buf_printf(out, "| `%s` | %s | %s | ", s->name, s->fallback[0] == '\0' ? "—" : s->fallback,
               s->form);
    if (s->type == SETTING_INT) {
        buf_printf(out, "%lld…%lld", (long long)s->least, (long long)s->most);
    } else {
        buf_text(out, "—");
    }
    buf_printf(out, " | %s | %s |\n", s->when == SETTING_RELOAD ? "SIGHUP" : "restart", s->doc);
}

static void the_documentation_lists_every_setting_as_it_is(void **state)
{
    (void)state;
    tq_err err;
    str text = {0};
    BUF_AUTO buf table = buf_max(64 * 1024);
    const str path = arena_printf(mem, "%s/docs/operations.md", getenv("TQ_SOURCE_DIR"));
    assert_int_equal(file_read(path.data, 1024 * 1024, mem, &text, &err), TQ_OK);
    for (size_t i = 0; i < SET_COUNT; i++) {
        row_of(setting_of((setting_id)i), &table);
    }
    if (strstr(arena_copy(mem, text).data, table.data) == NULL) {
        fail_msg("docs/operations.md must hold this table:\n%s", table.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_source_wins),
        cmocka_unit_test(what_does_not_hold_is_refused_with_its_place),
        cmocka_unit_test(all_faults_are_told_at_once),
        cmocka_unit_test(texts_that_are_right_are_taken),
        cmocka_unit_test(a_secret_is_not_shown),
        cmocka_unit_test(the_documentation_lists_every_setting_as_it_is),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
