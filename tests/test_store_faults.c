/* SPDX-License-Identifier: Apache-2.0 */
/* What the store does when something is in the way: another process, another schema, a failed COMMIT, a
 * failed sync, a lost connection, a rotten file. */
#include "store_site.h"

#include "base/file.h"
#include "store/blob.h"
#include "store/store_inner.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

static tq_code person_add(store *s, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t id = 0;
    TQ_TRY(store_begin(s, STORE_WRITE, &tx, err));
    TQ_TRY(store_new_id(tx, T_PERSON, &id, err));
    TQ_TRY(store_run(tx, STMT_ROW_ADD(T_PERSON), ARGS(arg_int(id), arg_str(STR("active"))), NULL,
                     err));
    return store_commit(&tx, err);
}

/* --- opening ----------------------------------------------------------------------------------- */

static void a_second_writer_is_told_who_holds_the_folder(void **state)
{
    (void)state;
    site at = site_make();
    store *s = site_open(&at);
    store_options o = site_options(&at);
    store *second = NULL;
    tq_err why = {0};
    char pid[32];
    (void)snprintf(pid, sizeof pid, "%ld", (long)getpid());
    assert_int_equal(store_open(&o, &second, &why), TQ_LOCKED);
    assert_non_null(strstr(why.detail, pid));
    assert_null(second);
    o.read_only = true; /* readers stand beside the writer */
    second = site_open_with(&o);
    CHECK_OK(person_add(s, &err));
    TX_AUTO store_tx *tx = NULL;
    int64_t max = 0;
    CHECK_OK(store_begin(second, STORE_READ, &tx, &err));
    CHECK_OK(store_int(tx, STMT_ROW_MAX(T_PERSON), NO_ARGS, 0, &max, &err));
    assert_int_equal(max, 1);
    CHECK_OK(store_commit(&tx, &err));
    store_close(second);
    store_close(s);
    store_close(site_open(&at)); /* the lock went with its holder */
    site_drop(&at);
}

static void a_schema_that_is_not_ours_is_refused(void **state)
{
    (void)state;
    site at = site_make();
    store_options o = site_options(&at);
    store *s = NULL;
    CHECK_FAILS(store_open(&o, &s, &err), TQ_NOT_FOUND, at.pg ? "no_schema" : "no_database");
    store_close(site_open(&at));
    s = site_open_with(&o);
    store_close(s);
    s = NULL;
    raw_ok(
        &at,
        "INSERT INTO schema_version SELECT MAX(version) + 1, 'later', 'x', 0 FROM schema_version");
    CHECK_FAILS(store_open(&o, &s, &err), TQ_CONFLICT, "schema_new");
    o.migrate = true; /* does not help: it is the program that is old */
    CHECK_FAILS(store_open(&o, &s, &err), TQ_CONFLICT, "schema_new");
    raw_ok(&at, "DELETE FROM schema_version WHERE name = 'later'");
    raw_ok(&at, "UPDATE schema_version SET sha256 = 'x' WHERE version = 1");
    CHECK_FAILS(store_open(&o, &s, &err), TQ_CONFLICT, "schema_differs");
    raw_ok(&at, "UPDATE schema_version SET version = version + 1000");
    CHECK_FAILS(store_open(&o, &s, &err), TQ_CORRUPT, "schema_steps");
    assert_null(s);
    site_drop(&at);
}

/* The table `job` as the first schema made it, with one row of each state. */
static void back_to_schema_2(const site *at)
{
    raw_ok(at, "DROP TABLE job");
    raw_ok(at, "CREATE TABLE job (id BIGINT PRIMARY KEY, kind TEXT NOT NULL, args TEXT NOT NULL "
               "DEFAULT '', "
               "state TEXT NOT NULL, lease_until_us BIGINT NOT NULL DEFAULT 0, node TEXT NOT NULL "
               "DEFAULT '', "
               "checkpoint TEXT NOT NULL DEFAULT '', done BIGINT NOT NULL DEFAULT 0, "
               "total BIGINT NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '')");
    raw_ok(at, "INSERT INTO job(id, kind, state, checkpoint) VALUES (1, 'verify', 'done', 'x'), "
               "(2, 'tick', 'failed', ''), (3, 'tick', 'waiting', '')");
    /* what the fourth step brought */
    raw_ok(at, "DROP INDEX application_by_return_by_day");
    raw_ok(at, "DROP INDEX claim_by_return_by_day");
    raw_ok(at, "ALTER TABLE application DROP COLUMN return_by_day");
    raw_ok(at, "DROP TABLE order_member");
    /* and the fifth */
    raw_ok(at, "DROP TABLE page_image");
    raw_ok(at, "DROP TABLE access_log");
    if (at->pg) {
        raw_ok(at, "DROP SEQUENCE access_log_id");
        raw_ok(at, "DROP SEQUENCE sealed_log_id");
    }
    /* and the sixth */
    raw_ok(at, "DROP INDEX organisation_by_successor");
    /* and the seventh */
    raw_ok(at, "DROP TABLE outside_link");
    raw_ok(at, "DROP TABLE outside_visit");
    raw_ok(at, "ALTER TABLE session DROP COLUMN factor_shown");
    if (at->pg) {
        raw_ok(at, "DROP SEQUENCE outside_link_id");
    }
    /* and the eighth */
    raw_ok(at, "DROP TABLE open_call");
    raw_ok(at, "ALTER TABLE outage DROP COLUMN withdrawn_id");
    raw_ok(at, "ALTER TABLE programme DROP COLUMN office");
    raw_ok(at, "ALTER TABLE programme DROP COLUMN phone");
    raw_ok(at, "ALTER TABLE programme DROP COLUMN address");
    /* and the ninth */
    raw_ok(at, "DROP TABLE draw");
    raw_ok(at, "DROP TABLE draw_secret");
    raw_ok(at, "DROP TABLE draw_candidate");
    raw_ok(at, "DROP TABLE draw_inspector");
    raw_ok(at, "DROP TABLE draw_pick");
    /* and the tenth */
    raw_ok(at, "DROP TABLE inspection");
    raw_ok(at, "DROP TABLE inspection_line");
    raw_ok(at, "DROP TABLE inspection_conflict");
    raw_ok(at, "DROP TABLE must_visit");
    raw_ok(at, "DROP TABLE credit_entry");
    /* and the thirty-first */
    raw_ok(at, "DROP INDEX ban_by_case");
    /* and the thirteenth */
    raw_ok(at, "DROP TABLE log_node");
    raw_ok(at, "DROP TABLE log_row");
    raw_ok(at, "DROP TABLE log_done");
    raw_ok(at, "DROP TABLE log_point");
    /* and the twelfth */
    raw_ok(at, "DROP TABLE signal");
    raw_ok(at, "DROP TABLE signal_link");
    raw_ok(at, "DROP TABLE signal_list");
    raw_ok(at, "DROP TABLE other_funding");
    raw_ok(at, "DROP INDEX invoice_by_seller_issued_day");
    raw_ok(at, "DROP INDEX invoice_by_blob");
    raw_ok(at, "DROP INDEX user_account_by_org");
    /* and the fifteenth */
    raw_ok(at, "DROP TABLE ban_query");
    raw_ok(at, "DROP TABLE ban_query_line");
    raw_ok(at, "DROP TABLE register_filing");
    raw_ok(at, "DROP TABLE register_line");
    raw_ok(at, "DROP TABLE assessment");
    raw_ok(at, "DROP TABLE assessment_firm");
    raw_ok(at, "DROP TABLE assessment_contest");
    raw_ok(at, "DROP TABLE assessment_score");
    raw_ok(at, "DROP TABLE assessment_figure");
    raw_ok(at, "DROP TABLE assessment_row");
    /* and the seventeenth */
    raw_ok(at, "DROP INDEX violation_case_by_inspection");
    raw_ok(at, "ALTER TABLE violation_case DROP COLUMN inspection_id");
    /* and the nineteenth */
    raw_ok(at, "DROP TABLE tip");
    raw_ok(at, "DROP TABLE tip_private");
    raw_ok(at, "DROP TABLE tip_source");
    /* and the thirtieth */
    raw_ok(at, "DROP TABLE reading_mark");
    /* and the twenty-seventh */
    raw_ok(at, "DROP TABLE ban_repair");
    raw_ok(at, "DROP TABLE ban_repair_private");
    /* and the twenty-sixth */
    raw_ok(at, "ALTER TABLE violation_case DROP COLUMN appeal_by_day");
    /* and the twenty-fifth */
    raw_ok(at, "DROP TABLE case_statement");
    raw_ok(at, "DROP INDEX violation_case_by_org");
    /* and the twenty-fourth */
    raw_ok(at, "ALTER TABLE ban DROP COLUMN article");
    /* and the twenty-third */
    raw_ok(at, "DROP TABLE delisting");
    /* and the twenty-second */
    raw_ok(at, "DROP TABLE recovery_instalment");
    raw_ok(at, "ALTER TABLE recovery DROP COLUMN plan");
    /* and the one after the twentieth */
    raw_ok(at, "DROP TABLE staff_look");
    raw_ok(at, "DROP TABLE staff_signal");
    raw_ok(at, "DROP INDEX act_by_day");
    /* and the twentieth */
    raw_ok(at, "DROP TABLE invoice_exchange");
    /* and the fourteenth */
    raw_ok(at, "DROP TABLE inquiry");
    raw_ok(at, "DROP TABLE inquiry_private");
    raw_ok(at, "DROP TABLE sealed_log");
    raw_ok(at, "DELETE FROM schema_version WHERE version > 2");
}

static void an_older_schema_is_brought_up_when_asked(void **state)
{
    (void)state;
    site at = site_make();
    store *s = NULL;
    store_close(site_open(&at));
    back_to_schema_2(&at);
    store_options o = site_options(&at);
    CHECK_FAILS(store_open(&o, &s, &err), TQ_CONFLICT, "schema_old");
    assert_int_equal(raw_int(&at, "SELECT MAX(version) FROM schema_version"),
                     2); /* looked at, not touched */
    o.migrate = true;
    s = site_open_with(&o);
    store_close(s);
    assert_int_equal(raw_int(&at,
                             "SELECT COUNT(*) FROM job WHERE attempts = 0 AND role = 'system'"),
                     3);
    assert_int_equal(raw_int(&at, "SELECT COUNT(*) FROM job WHERE id = 1 AND checkpoint = 'x'"), 1);
    assert_int_equal(
        raw_int(&at, "SELECT COUNT(*) FROM job WHERE state = 'failed' AND error = 'unknown'"), 1);
    o.migrate = false;
    store_close(site_open_with(&o));
    site_drop(&at);
}

static void a_missing_folder_is_not_made_by_chance(void **state)
{
    (void)state;
    site at = site_make();
    store_options o = site_options(&at);
    o.dir = "/tmp/tq-store-there-is-no-such-folder";
    store *s = NULL;
    CHECK_FAILS(store_open(&o, &s, &err), TQ_NOT_FOUND, "no_data_folder");
    assert_false(file_exists(o.dir));
    site_drop(&at);
}

/* --- a group that fails ------------------------------------------------------------------------ */

typedef struct writer {
    store *s;
    bool poison; /* makes COMMIT fail */
    tq_code code;
    int64_t id;
} writer;

static tq_code write_one(writer *w)
{
    TX_AUTO store_tx *tx = NULL;
    tq_err err = {0};
    TQ_TRY(store_begin(w->s, STORE_WRITE, &tx, &err));
    TQ_TRY(store_new_id(tx, T_PERSON, &w->id, &err));
    TQ_TRY(store_run(tx, STMT_ROW_ADD(T_PERSON), ARGS(arg_int(w->id), arg_str(STR("active"))), NULL,
                     &err));
    if (w->poison) {
        TQ_TRY(store_run(tx, STMT_SECRET_PUT, ARGS(arg_str(STR("poison")), arg_blob("", 0)), NULL,
                         &err));
    }
    return store_commit(&tx, &err);
}

static void *write_in_thread(void *arg)
{
    writer *w = arg;
    w->code = write_one(w);
    return NULL;
}

#define TEAM 12

/* Returns how many innocent writers failed with their poisoned fellow. */
static int round_of_writers(store *s, int64_t *stored)
{
    writer team[TEAM];
    pthread_t threads[TEAM];
    int shared = 0;
    for (int i = 0; i < TEAM; i++) {
        team[i] = (writer){.s = s, .poison = i == TEAM / 2};
        assert_int_equal(pthread_create(&threads[i], NULL, write_in_thread, &team[i]), 0);
    }
    for (int i = 0; i < TEAM; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(team[i].code == TQ_OK || team[i].code == TQ_STORE);
        assert_true(!team[i].poison || team[i].code == TQ_STORE);
        shared += !team[i].poison && team[i].code == TQ_STORE ? 1 : 0;
        *stored += team[i].code == TQ_OK ? 1 : 0;
    }
    return shared;
}

/* A constraint that is only looked at by COMMIT stands for every way in which COMMIT can fail. */
static void a_failed_commit_fails_all_it_carried(void **state)
{
    (void)state;
    site at = site_make();
    store_close(site_open(&at));
    raw_ok(&at, "CREATE TABLE parent (id INTEGER PRIMARY KEY)");
    raw_ok(&at,
           "CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)");
    if (at.pg) {
        raw_ok(&at, "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN INSERT INTO child VALUES (99); RETURN NEW; END $$");
        raw_ok(
            &at,
            "CREATE TRIGGER poison AFTER INSERT ON secret FOR EACH ROW EXECUTE FUNCTION poison()");
    } else {
        raw_ok(&at, "CREATE TRIGGER poison AFTER INSERT ON secret BEGIN INSERT INTO child VALUES "
                    "(99); END");
    }
    store *s = site_open(&at);
    int64_t stored = 0;
    int shared = 0;
    if (at.pg) { /* every command has its own COMMIT there */
        writer alone = {.s = s, .poison = true};
        assert_int_equal(write_one(&alone), TQ_CONFLICT);
        CHECK_OK(person_add(s, &err));
        stored = 1;
    }
    for (int i = 0; !at.pg && i < 200 && shared < 20; i++) {
        shared += round_of_writers(s, &stored);
    }
    assert_true(at.pg || shared > 0); /* else no group had more than one command */
    store_close(s);
    assert_int_equal(raw_int(&at, "SELECT COUNT(*) FROM person"), stored);
    assert_int_equal(raw_int(&at, "SELECT COUNT(*) FROM secret"), 0);
    assert_int_equal(raw_int(&at, "SELECT COUNT(*) FROM child"), 0);
    site_drop(&at);
}

static int sync_fails(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    return SQLITE_IOERR_FSYNC;
}

static int (*true_open)(sqlite3_vfs *, const char *, sqlite3_file *, int, int *);
static sqlite3_io_methods broken_methods;

static int open_broken(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    const int rc = true_open(vfs, name, file, flags, out);
    if (rc == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) {
        broken_methods = *file->pMethods;
        broken_methods.xSync = sync_fails;
        file->pMethods = &broken_methods;
    }
    return rc;
}

static void child_that_cannot_sync(const site *at, int out)
{
    sqlite3_vfs vfs = *sqlite3_vfs_find(NULL);
    true_open = vfs.xOpen;
    vfs.xOpen = open_broken;
    vfs.zName = "broken";
    if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK || dup2(out, STDERR_FILENO) < 0) {
        _exit(2);
    }
    const store_options o = site_options(at);
    store *s = NULL;
    if (store_open(&o, &s, NULL) != TQ_OK) {
        _exit(3);
    }
    (void)person_add(s, NULL);
    _exit(4); /* it went on */
}

static void a_failed_sync_stops_the_process(void **state)
{
    (void)state;
    if (engine_is_pg()) {
        return; /* the server's own business */
    }
    site at = site_make();
    store_close(site_open(&at));
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        child_that_cannot_sync(&at, ends[1]);
    }
    (void)close(ends[1]);
    char text[512] = {0};
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    (void)close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(text, "could not be synced"));
    site_drop(&at);
}

/* --- PostgreSQL: lost connections, deadlocks, several servers ---------------------------------- */

static void end_other_connections(const site *at)
{
    char sql[512];
    (void)snprintf(
        sql, sizeof sql,
        "SELECT COUNT(pg_terminate_backend(l.pid, 5000)) FROM (SELECT DISTINCT a.pid FROM "
        "pg_stat_activity a WHERE a.pid <> pg_backend_pid() AND a.application_name = '%s') l",
        at->schema);
    raw_ok(at, sql);
}

static void a_lost_connection_is_busy_and_comes_back(void **state)
{
    (void)state;
    if (!engine_is_pg()) {
        return;
    }
    site at = site_make();
    char uri[700]; /* our connections carry the schema's name, so that we can end them */
    (void)snprintf(uri, sizeof uri, "%s&application_name=%s", at.uri, at.schema);
    const store_options o = {.dir = at.dir, .pg_uri = uri, .create = true};
    store *s = site_open_with(&o);
    CHECK_OK(person_add(s, &err));
    end_other_connections(&at);
    CHECK_OK(person_add(s, &err)); /* nothing was under way: nobody notices */

    store_tx *tx = NULL;
    CHECK_OK(store_begin(s, STORE_WRITE, &tx, &err));
    CHECK_OK(store_run(tx, STMT_ROW_ADD(T_PERSON), ARGS(arg_int(900), arg_str(STR("active"))), NULL,
                       &err));
    end_other_connections(&at);
    CHECK_FAILS(store_run(tx, STMT_ROW_ADD(T_PERSON), ARGS(arg_int(901), arg_str(STR("active"))),
                          NULL, &err),
                TQ_BUSY, "connection_lost");
    store_rollback(&tx);

    CHECK_OK(store_begin(s, STORE_WRITE, &tx, &err));
    CHECK_OK(store_run(tx, STMT_ROW_ADD(T_PERSON), ARGS(arg_int(902), arg_str(STR("active"))), NULL,
                       &err));
    end_other_connections(&at);
    CHECK_FAILS(store_commit(&tx, &err), TQ_BUSY, "commit_unknown");
    CHECK_OK(person_add(s, &err));
    store_close(s);
    assert_int_equal(raw_int(&at, "SELECT COUNT(*) FROM person WHERE id < 900"), 3);
    assert_int_equal(raw_int(&at, "SELECT COUNT(*) FROM person WHERE id >= 900"), 0);
    site_drop(&at);
}

typedef struct locker {
    store *s;
    pthread_barrier_t *both;
    int64_t first, second;
    tq_code code;
} locker;

static tq_code lock_row(store_tx *tx, int64_t id)
{
    ROWS_AUTO store_rows r = {0};
    tq_err err = {0};
    TQ_TRY(store_query(tx, STMT_ROW_GET(T_PERSON), ARGS(arg_int(id)), &r, &err));
    bool more = false;
    return rows_next(&r, &more, &err);
}

static void *lock_both(void *arg)
{
    locker *l = arg;
    TX_AUTO store_tx *tx = NULL;
    l->code = store_begin(l->s, STORE_WRITE, &tx, NULL);
    if (l->code == TQ_OK) {
        l->code = lock_row(tx, l->first);
    }
    (void)pthread_barrier_wait(l->both);
    if (l->code == TQ_OK) {
        l->code = lock_row(tx, l->second);
    }
    return NULL;
}

static void a_deadlock_is_busy_for_one(void **state)
{
    (void)state;
    if (!engine_is_pg()) {
        return;
    }
    site at = site_make();
    store *s = site_open(&at);
    CHECK_OK(person_add(s, &err));
    CHECK_OK(person_add(s, &err));
    pthread_barrier_t both;
    assert_int_equal(pthread_barrier_init(&both, NULL, 2), 0);
    locker l[2] = {{s, &both, 1, 2, TQ_OK}, {s, &both, 2, 1, TQ_OK}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, lock_both, &l[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal((l[0].code == TQ_BUSY) + (l[1].code == TQ_BUSY), 1);
    assert_int_equal((l[0].code == TQ_OK) + (l[1].code == TQ_OK), 1);
    (void)pthread_barrier_destroy(&both);
    store_close(s);
    site_drop(&at);
}

static void two_servers_never_share_an_id(void **state)
{
    (void)state;
    if (!engine_is_pg()) {
        return;
    }
    site at = site_make();
    char second_dir[96];
    (void)snprintf(second_dir, sizeof second_dir, "%s/second", at.dir);
    store *a = site_open(&at);
    store_options o = site_options(&at);
    o.dir = second_dir;
    o.create = true; /* its folder; the schema is there */
    store *b = site_open_with(&o);
    for (int i = 0; i < 80; i++) {
        CHECK_OK(person_add(a, &err)); /* a shared id would be CONFLICT person_pkey */
        CHECK_OK(person_add(b, &err));
    }
    store_close(a);
    store_close(b);
    assert_int_equal(raw_int(&at, "SELECT COUNT(*) FROM person"), 160);
    site_drop(&at);
}

/* --- blobs ------------------------------------------------------------------------------------- */

typedef struct seen {
    int n;
    digest last;
    int64_t bytes;
} seen;

static tq_code see(void *ctx, digest sha256, int64_t size, tq_err *err)
{
    (void)err;
    seen *of = ctx;
    assert_true(of->n == 0 || memcmp(of->last.b, sha256.b, sizeof sha256.b) < 0);
    of->last = sha256;
    of->n++;
    of->bytes += size;
    return TQ_OK;
}

static tq_code stop_at_once(void *ctx, digest sha256, int64_t size, tq_err *err)
{
    (void)sha256;
    (void)size;
    ++*(int *)ctx;
    return tq_fail(err, TQ_REFUSED, "enough", NULL, "one is enough");
}

static void spoil(const site *at, digest sha256)
{
    char hex[65];
    char text[256];
    digest_hex(sha256, hex);
    if (at->pg) {
        (void)snprintf(text, sizeof text,
                       "UPDATE blob_chunk SET bytes = set_byte(bytes, 0, 1) "
                       "WHERE n = 0 AND sha256 = decode('%s', 'hex')",
                       hex);
        raw_ok(at, text);
        return;
    }
    (void)snprintf(text, sizeof text, "%s/blob/%.2s/%s", at->dir, hex, hex + 2);
    FILE *f = fopen(text, "r+b");
    assert_non_null(f);
    assert_int_equal(fputc(1, f), 1);
    assert_int_equal(fclose(f), 0);
}

static void files_by_content(void **state)
{
    (void)state;
    site at = site_make();
    store *s = site_open(&at);
    ARENA_AUTO arena *a = arena_new("test", 64 * 1024 * 1024);
    const size_t big = 3 * BLOB_CHUNK + 5;
    char *data = arena_take(a, big);
    memset(data, 'x', big);
    data[0] = 2;
    const str contents[] = {STR(""), STR("one"), {data, big}, {data, BLOB_CHUNK}};
    digest sums[TQ_COUNT(contents)];
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < TQ_COUNT(contents); i++) {
            CHECK_OK(blob_put(s, contents[i], &sums[i], &err));
        }
    }
    for (size_t i = 0; i < TQ_COUNT(contents); i++) {
        str back = {0};
        CHECK_OK(blob_get(s, sums[i], a, &back, &err));
        assert_true(str_eq(back, contents[i]));
    }
    seen all = {0};
    CHECK_OK(blob_each(s, see, &all, &err));
    assert_int_equal(all.n, TQ_COUNT(contents));
    assert_int_equal(all.bytes, 3 + (int64_t)big + BLOB_CHUNK);
    int calls = 0;
    CHECK_FAILS(blob_each(s, stop_at_once, &calls, &err), TQ_REFUSED, "enough");
    assert_int_equal(calls, 1);

    str back = {0};
    spoil(&at, sums[2]);
    CHECK_FAILS(blob_get(s, sums[2], a, &back, &err), TQ_CORRUPT, "blob_hash");
    CHECK_OK(blob_put(s, contents[2], &sums[2], &err)); /* putting it again heals it */
    CHECK_OK(blob_get(s, sums[2], a, &back, &err));
    CHECK_OK(blob_remove(s, sums[2], &err));
    CHECK_OK(blob_remove(s, sums[2], &err));
    CHECK_FAILS(blob_get(s, sums[2], a, &back, &err), TQ_NOT_FOUND, "no_blob");
    const str huge = {data, (size_t)BLOB_MAX + 1};
    CHECK_FAILS(blob_put(s, huge, &sums[0], &err), TQ_LIMIT, "blob_size");
    store_close(s);
    site_drop(&at);
}

static int syncs;
static int count_syncs(const char *path)
{
    (void)path;
    syncs++;
    return 0;
}

/* The file, its folder, and each folder that is new must reach the disk before a row may name them. */
static void a_file_is_synced_with_its_folders(void **state)
{
    (void)state;
    if (engine_is_pg()) {
        return;
    }
    site at = site_make();
    store *s = site_open(&at);
    digest sum;
    syncs = 0;
    file_sync_hook = count_syncs;
    CHECK_OK(blob_put(s, STR("x"), &sum, &err));
    assert_true(syncs >= 4); /* the file, blob/ab, blob, the data folder */
    syncs = 0;
    CHECK_OK(blob_put(s, STR("x"), &sum, &err));
    assert_true(syncs >= 1); /* another thread may just be renaming it */
    file_sync_hook = NULL;
    store_close(s);
    site_drop(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_writer_is_told_who_holds_the_folder),
        cmocka_unit_test(a_schema_that_is_not_ours_is_refused),
        cmocka_unit_test(an_older_schema_is_brought_up_when_asked),
        cmocka_unit_test(a_missing_folder_is_not_made_by_chance),
        cmocka_unit_test(a_failed_commit_fails_all_it_carried),
        cmocka_unit_test(a_failed_sync_stops_the_process),
        cmocka_unit_test(a_lost_connection_is_busy_and_comes_back),
        cmocka_unit_test(a_deadlock_is_busy_for_one),
        cmocka_unit_test(two_servers_never_share_an_id),
        cmocka_unit_test(files_by_content),
        cmocka_unit_test(a_file_is_synced_with_its_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
