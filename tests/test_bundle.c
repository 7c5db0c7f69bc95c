/* SPDX-License-Identifier: Apache-2.0 */
/* A site carried to another engine or out of a backup is the same site; a damaged copy is refused. */
#include "store_site.h"

#include "base/file.h"
#include "store/backup.h"
#include "store/blob.h"
#include "store/bundle.h"
#include "store/checkpoint.h"
#include "world.h"

static verify_report report;

static void must_be_clean(store *s)
{
    CHECK_OK(verify_run(s, NULL, &report, &err));
    if (!report.ok) {
        BUF_AUTO buf text = buf_max(1 << 20);
        verify_print(&report, &text);
        fail_msg("%s", text.data);
    }
}

typedef struct place {
    site at;
    store *s;
    world w;
    char bundle[128];
} place;

static int setup(void **state)
{
    place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->at = site_make();
    p->s = site_open(&p->at);
    world_begin(&p->w, p->s);
    world_tables(&p->w, 2);
    world_money(&p->w, 5);
    world_readings(&p->w, 3);
    CHECK_OK(checkpoint_write(p->s, (instant){p->w.at}, &err));
    world_money(&p->w, 5);
    (void)snprintf(p->bundle, sizeof p->bundle, "%s/../tq-bundle-%ld", p->at.dir, (long)getpid());
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    place *p = *state;
    store_close(p->s);
    site_drop(&p->at);
    (void)unlink(p->bundle);
    free(p);
    return 0;
}

/* Readings were carried over, and the next one gets an id behind them. */
static void readings_go_on(const world *w, store *s)
{
    int64_t last = 0;
    {
        TX_AUTO store_tx *tx = NULL;
        CHECK_OK(store_begin(s, STORE_WRITE, &tx, &err));
        CHECK_OK(store_run(tx, STMT_FILE_ACCESS_ADD,
                           ARGS(arg_int(w->at), arg_int(1), arg_int(11), arg_int(12), arg_int(0),
                                arg_str(STR("office")), arg_str(STR("claim")), arg_int(7),
                                arg_str(STR("view")), arg_int(0)),
                           NULL, &err));
        CHECK_OK(store_int(tx, STMT_READING_OPEN_LAST, NO_ARGS, 0, &last, &err));
        CHECK_OK(store_commit(&tx, &err));
    }
    assert_int_equal(last, w->readings + 1);
    must_be_clean(s);
}

static void import_gives_the_same_site(void **state)
{
    place *p = *state;
    CHECK_OK(bundle_export(p->s, p->bundle, &err));
    CHECK_OK(bundle_check(p->bundle, &err));
    digest before;
    digest after;
    CHECK_OK(export_hash(p->s, &before, &err));
    for (int engine = 0; engine < 2; engine++) {
        site at = site_make(); /* of this engine; then SQLite */
        store_options o = site_options(&at);
        o.create = true;
        o.bulk = engine == 1;
        o.pg_uri = engine == 1 ? NULL : o.pg_uri;
        store *s = site_open_with(&o);
        CHECK_OK(bundle_import(s, p->bundle, &err));
        CHECK_OK(export_hash(s, &after, &err));
        assert_true(digest_eq(before, after));
        must_be_clean(s);
        readings_go_on(&p->w, s);
        assert_int_equal(report.checkpoints, 1);
        assert_int_equal(report.erased, 0);
        assert_true(report.blobs > 0);
        CHECK_FAILS(bundle_import(s, p->bundle, &err), TQ_CONFLICT, "not_empty");
        CHECK_OK(checkpoint_write(s, (instant){p->w.at}, &err)); /* with a key of its own */
        must_be_clean(s);
        assert_int_equal(report.checkpoints, 2);
        store_close(s);
        site_drop(&at);
    }
}

static void damaged_bundles_are_refused(void **state)
{
    place *p = *state;
    ARENA_AUTO arena *a = arena_new("test", 64 << 20);
    char path[160];
    str whole = {0};
    CHECK_OK(bundle_export(p->s, p->bundle, &err));
    CHECK_OK(file_read(p->bundle, 32 << 20, a, &whole, &err));
    (void)snprintf(path, sizeof path, "%s.bad", p->bundle);
    char *bytes = arena_take(a, whole.len);
    for (int i = 0; i < 200; i++) {
        memcpy(bytes, whole.data, whole.len);
        size_t len = whole.len;
        const size_t at = whole.len * (size_t)i / 200;
        if (i % 2 == 0) {
            bytes[at] = (char)(bytes[at] ^ (1 << i % 7));
        } else {
            len = at;
        }
        CHECK_OK(file_write_durable(path, (str){bytes, len}, 0600, &err));
        tq_err err = {0};
        const tq_code code = bundle_check(path, &err);
        assert_true(code == TQ_CORRUPT || code == TQ_MALFORMED);
    }
    CHECK_OK(file_remove(path, &err));
}

static void backup_comes_back(void **state)
{
    place *p = *state;
    char folder[160];
    char back[160];
    char command[512];
    (void)snprintf(folder, sizeof folder, "%s.backup", p->at.dir);
    (void)snprintf(back, sizeof back, "%s.back", p->at.dir);
    CHECK_OK(backup_make(p->s, folder, &err));
    CHECK_FAILS(backup_make(p->s, folder, &err), TQ_CONFLICT, "not_empty");
    digest before;
    digest after;
    CHECK_OK(export_hash(p->s, &before, &err));
    store_options o = {.dir = back};
    CHECK_OK(backup_restore(folder, &o, &report, &err));
    assert_true(report.ok);
    assert_int_equal(report.checkpoints, 1);
    store *s = site_open_with(&o);
    CHECK_OK(export_hash(s, &after, &err));
    assert_true(digest_eq(before, after));
    store_close(s);
    CHECK_FAILS(backup_restore(folder, &o, &report, &err), TQ_CONFLICT, "not_empty");
    (void)snprintf(command, sizeof command, "rm -r %s && rm %s/COMPLETE", back, folder);
    assert_int_equal(system(command), 0);
    CHECK_FAILS(backup_restore(folder, &o, &report, &err), TQ_NOT_FOUND, "no_backup");
    (void)snprintf(command, sizeof command, "rm -rf %s %s", back, folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(import_gives_the_same_site),
        cmocka_unit_test(damaged_bundles_are_refused),
        cmocka_unit_test(backup_comes_back),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
