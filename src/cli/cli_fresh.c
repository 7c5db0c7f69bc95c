/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli_fresh.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/config.h"

#define CONFIG_MODE 0600
#define OPEN_FOLDERS 16

/* What may stand in an empty data folder: the address of its database, and what a file system puts there. */
static bool is_ours_to_leave(const char *name)
{
    static const char *const names[] = {".", "..", CONFIG_NAME, "lost+found"};
    for (size_t i = 0; i < TQ_COUNT(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static tq_code empty_need(const char *dir, tq_err *err)
{
    DIR *d = opendir(dir);
    if (d == NULL) {
        return tq_fail(err, TQ_IO, "data_folder", "data", "the folder cannot be read: %s",
                       strerror(errno));
    }
    const struct dirent *entry;
    bool empty = true;
    while (empty && (entry = readdir(d)) != NULL) {
        empty = is_ours_to_leave(entry->d_name);
    }
    (void)closedir(d);
    return empty ? TQ_OK
                 : tq_fail(err, TQ_CONFLICT, "not_empty", "data",
                           "the folder holds something already; name one that is new or empty");
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st;
    (void)flag;
    (void)at;
    (void)remove(path); /* what cannot go stays to be seen; the command has failed already */
    return 0;
}

static int remove_inside(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    const bool top = at->level == 0 || (at->level == 1 && is_ours_to_leave(path + at->base));
    return top ? 0 : remove_entry(path, st, flag, at);
}

static tq_code folder_make(const cli *c, cli_fresh *f, tq_err *err)
{
    const char *slash = strrchr(f->dir, '/');
    const str above = slash == NULL || slash == f->dir
                          ? STR(".")
                          : arena_copy(c->a, (str){f->dir, (size_t)(slash - f->dir)});
    TQ_TRY(dir_make(above.data, 0700, err));
    const str wanted = arena_printf(c->a, "%s.new-XXXXXX", f->dir);
    char *name = arena_take(c->a, wanted.len + 1);
    memcpy(name, wanted.data, wanted.len);
    if (mkdtemp(name) == NULL) {
        return tq_fail(err, TQ_IO, "data_folder", "data", "no folder can be made there: %s",
                       strerror(errno));
    }
    f->made = str_of(name);
    return TQ_OK;
}

tq_code cli_fresh_begin(const cli *c, bool bulk, cli_fresh *out, tq_err *err)
{
    const char *dir = NULL;
    TQ_TRY(cli_need(c, "data", &dir, err));
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/') {
        n--;
    }
    out->dir = arena_copy(c->a, (str){dir, n}).data;
    out->in_place = file_exists(out->dir);
    if (out->in_place) {
        TQ_TRY(empty_need(out->dir, err));
        out->made = str_of(out->dir);
    } else {
        TQ_TRY(folder_make(c, out, err));
    }
    store_options o = {.dir = out->made.data, .create = true, .bulk = bulk};
    TQ_TRY(cli_db(c, out->made.data, &o.pg_uri, err));
    out->db = o.pg_uri != NULL;
    return app_open(&o, &out->site, err);
}

/* The folder remembers its database, so that later commands need --data alone. A file that somebody laid
 * there before keeps its other settings. */
static tq_code remember_db(const cli *c, const cli_fresh *f, tq_err *err)
{
    config conf;
    const char *uri = cli_value(c, "db");
    if (uri == NULL) {
        return TQ_OK;
    }
    const cli without = {.a = c->a}; /* what the file says, not the command line */
    TQ_TRY(config_load(&without, f->made.data, c->a, &conf, err));
    if (conf.of[SET_DB].origin == ORIGIN_FILE) {
        return str_eq(str_of(conf.of[SET_DB].text), str_of(uri))
                   ? TQ_OK
                   : tq_fail(err, TQ_CONFLICT, "other_db", "db",
                             "the folder's " CONFIG_NAME " names another one");
    }
    const str path = arena_printf(c->a, "%.*s/" CONFIG_NAME, STR_ARG(f->made));
    const str line = arena_printf(c->a, "db: \"%s\"\n", uri);
    return file_append_durable(path.data, line, CONFIG_MODE, err);
}

tq_code cli_fresh_keep(const cli *c, cli_fresh *f, tq_err *err)
{
    TQ_ASSERT(f->site != NULL);
    TQ_ASSERT(f->made.len > 0);
    TQ_TRY(store_flush(app_store(f->site), err));
    TQ_TRY(remember_db(c, f, err));
    cli_close(&f->site);
    if (!f->in_place && rename(f->made.data, f->dir) != 0) {
        return tq_fail(err, TQ_IO, "data_folder", "data", "the folder cannot be given its name: %s",
                       strerror(errno));
    }
    f->made = (str){0};
    const char *slash = strrchr(f->dir, '/');
    const str above =
        slash == NULL ? STR(".") : arena_copy(c->a, (str){f->dir, (size_t)(slash - f->dir)});
    return dir_sync(above.len == 0 ? "/" : above.data, err);
}

void cli_fresh_end(cli_fresh *f)
{
    cli_close(&f->site);
    if (f->made.len == 0) {
        return;
    }
    (void)nftw(f->made.data, f->in_place ? remove_inside : remove_entry, OPEN_FOLDERS,
               FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    if (f->db) {
        (void)fprintf(stderr,
                      "tongquan: what was written into the database stays there; drop it before "
                      "you try again\n");
    }
}
