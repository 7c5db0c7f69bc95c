/* SPDX-License-Identifier: Apache-2.0 */
/* verify finds what a person with all rights in the database can do to it, and names the row. Guards of
 * the database are taken down first, as such a person would. 50 alterations; 1000 with TQ_FULL=1. */
#include "store_site.h"

#include "domain/event.h"
#include "store/blob.h"
#include "store/checkpoint.h"
#include "store/event_store.h"
#include "store/verify.h"
#include "world.h"

#define VOUCHERS 12
#define SQL_ROOM 4096

typedef struct place {
    site at;
    store *s;
    world w;
} place;

static verify_report report;
static uint64_t seed = 0x9e3779b97f4a7c15u;

static uint64_t next(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

static void look(place *p)
{
    CHECK_OK(verify_run(p->s, NULL, &report, &err));
}

static void must_be_clean(place *p)
{
    look(p);
    if (!report.ok) {
        BUF_AUTO buf text = buf_max(1 << 20);
        verify_print(&report, &text);
        fail_msg("%s", text.data);
    }
}

static void guards_down(const place *p)
{
    char name[128];
    if (p->at.pg) {
        raw_ok(
            &p->at,
            "DO $$ DECLARE r record; BEGIN "
            "FOR r IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype IN "
            "('c','f') AND connamespace = current_schema()::regnamespace LOOP "
            "EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.t, r.conname); END LOOP; "
            "FOR r IN SELECT c.oid::regclass AS t FROM pg_class c WHERE relkind = 'r' AND "
            "relnamespace = current_schema()::regnamespace LOOP "
            "EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', r.t); END LOOP; END $$");
        return;
    }
    while (raw(&p->at, "SELECT name FROM sqlite_master WHERE type = 'trigger' LIMIT 1", name,
               sizeof name) &&
           name[0] != '\0') {
        char sql[256];
        (void)snprintf(sql, sizeof sql, "DROP TRIGGER %s", name);
        raw_ok(&p->at, sql);
    }
}

static int setup(void **state)
{
    place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->at = site_make();
    p->s = site_open(&p->at);
    world_begin(&p->w, p->s);
    world_tables(&p->w, 2);
    world_money(&p->w, VOUCHERS);
    world_readings(&p->w, 4);
    world_readings(&p->w, 4);
    CHECK_OK(checkpoint_write(p->s, (instant){p->w.at}, &err));
    guards_down(p);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    place *p = *state;
    store_close(p->s);
    site_drop(&p->at);
    free(p);
    return 0;
}

static void clean_site_passes(void **state)
{
    must_be_clean(*state);
    assert_true(report.events > 100);
    assert_int_equal(report.legs, 2 + 10 * VOUCHERS);
    assert_int_equal(report.checkpoints, 1);
    assert_int_equal(report.orphans, 0);
}

/* Alterations change one table or two and are taken back from a copy. */
static void keep(const place *p, const char *table)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql, "CREATE TABLE kept_%s AS SELECT * FROM %s", table, table);
    raw_ok(&p->at, sql);
}

static void give_back(const place *p, const char *table)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql, "DELETE FROM %s", table);
    raw_ok(&p->at, sql);
    (void)snprintf(sql, sizeof sql, "INSERT INTO %s SELECT * FROM kept_%s", table, table);
    raw_ok(&p->at, sql);
    (void)snprintf(sql, sizeof sql, "DROP TABLE kept_%s", table);
    raw_ok(&p->at, sql);
}

typedef struct column {
    const char *name;
    char type; /* i t b */
} column;

typedef struct shape {
    const char *name;
    const char *key; /* column that findings call row */
    int cols;
    column col[AUDITED_COLS_MAX];
} shape;

/* Of the log itself, with the index of its rows (R-LOG-050) and the logs of readings (R-LOG-070). */
static const shape inner[] = {
    {"event",
     "id",
     9,
     {{"seq", 'i'},
      {"kind", 't'},
      {"programme_id", 'i'},
      {"at_us", 'i'},
      {"user_id", 'i'},
      {"person_id", 'i'},
      {"body", 't'},
      {"leaf_sha256", 'b'},
      {"leaf_sm3", 'b'}}},
    {"leg",
     "event_id",
     12,
     {{"event_id", 'i'},
      {"n", 'i'},
      {"entry", 'i'},
      {"account", 't'},
      {"amount", 'i'},
      {"source_id", 'i'},
      {"year", 'i'},
      {"kind_id", 'i'},
      {"voucher_id", 'i'},
      {"order_id", 'i'},
      {"claim_id", 'i'},
      {"line_id", 'i'}}},
    {"balance",
     "voucher_id",
     10,
     {{"programme_id", 'i'},
      {"account", 't'},
      {"source_id", 'i'},
      {"year", 'i'},
      {"kind_id", 'i'},
      {"voucher_id", 'i'},
      {"order_id", 'i'},
      {"claim_id", 'i'},
      {"line_id", 'i'},
      {"amount", 'i'}}},
    {"private_body", "event_id", 2, {{"salt", 'b'}, {"body", 't'}}},
    {"log_node", "n", 2, {{"sha256", 'b'}, {"sm3", 'b'}}},
    {"access_log",
     "id",
     11,
     {{"id", 'i'},
      {"at_us", 'i'},
      {"programme_id", 'i'},
      {"user_id", 'i'},
      {"person_id", 'i'},
      {"for_user_id", 'i'},
      {"role", 't'},
      {"subject", 't'},
      {"subject_id", 'i'},
      {"what", 't'},
      {"page", 'i'}}},
    {"sealed_log",
     "id",
     12,
     {{"id", 'i'},
      {"inquiry_id", 'i'},
      {"at_us", 'i'},
      {"programme_id", 'i'},
      {"user_id", 'i'},
      {"person_id", 'i'},
      {"for_user_id", 'i'},
      {"role", 't'},
      {"subject", 't'},
      {"subject_id", 'i'},
      {"what", 't'},
      {"page", 'i'}}},
    {"log_row", "seq", 3, {{"tab", 't'}, {"row_id", 'i'}, {"seq", 'i'}}},
    {"log_point", "id", 4, {{"at_us", 'i'}, {"sha256", 't'}, {"sm3", 't'}, {"line", 't'}}},
};
#define SHAPES ((int)TQ_COUNT(inner) + T_COUNT)

static shape shape_of(int i)
{
    if (i < (int)TQ_COUNT(inner)) {
        return inner[i];
    }
    const audited_table_info *t = audited_table_of(i - (int)TQ_COUNT(inner));
    shape s = {.name = t->name, .key = "id", .cols = t->cols};
    for (int c = 0; c < t->cols; c++) {
        const audited_col_info *info = audited_col_of(t->first_col + c);
        s.col[c] = (column){info->name, info->is_text ? 't' : 'i'};
    }
    return s;
}

static bool reading_log(const char *table)
{
    return strcmp(table, "access_log") == 0 || strcmp(table, "sealed_log") == 0;
}

/* Physical address of the k-th row, by which any row of any table can be struck alone. */
static const char *address(const place *p)
{
    return p->at.pg ? "ctid" : "rowid";
}

static void where_row(const place *p, const shape *s, long long k, char *out, size_t room)
{
    if (!p->at.pg && strcmp(s->name, "leg") == 0) {
        (void)snprintf(out, room,
                       "(event_id, n) = (SELECT event_id, n FROM leg ORDER BY event_id, n LIMIT 1 "
                       "OFFSET %lld)",
                       k);
        return;
    }
    if (!p->at.pg && strcmp(s->name, "log_node") == 0) {
        (void)snprintf(
            out, room,
            "(height, n) = (SELECT height, n FROM log_node ORDER BY n LIMIT 1 OFFSET %lld)", k);
        return;
    }
    if (!p->at.pg && strcmp(s->name, "log_row") == 0) {
        (void)snprintf(out, room,
                       "(tab, row_id, seq) = (SELECT tab, row_id, seq FROM log_row ORDER BY seq "
                       "LIMIT 1 OFFSET %lld)",
                       k);
        return;
    }
    if (!p->at.pg && strcmp(s->name, "balance") == 0) {
        (void)snprintf(out, room,
                       "(programme_id, account, voucher_id, source_id, year, kind_id, order_id, "
                       "claim_id, line_id) = "
                       "(SELECT programme_id, account, voucher_id, source_id, year, kind_id, "
                       "order_id, claim_id, line_id "
                       "FROM balance LIMIT 1 OFFSET %lld)",
                       k);
        return;
    }
    (void)snprintf(out, room, "%s = (SELECT %s FROM %s ORDER BY %s LIMIT 1 OFFSET %lld)",
                   address(p), address(p), s->name, s->key, k);
}

/* One column of one row becomes something else. */
static bool edit(const place *p, const shape *s, const char *where)
{
    char sql[SQL_ROOM];
    char answer[512];
    const column *c = &s->col[next((uint64_t)s->cols)];
    const char *value = c->type == 'i' ? " + 1000000" : " || 'x'";
    /* Bytes stay as many as they were: a check of the schema that is still up is the length's. */
    if (c->type == 'b') {
        (void)snprintf(sql, sizeof sql,
                       p->at.pg
                           ? "UPDATE %s SET %s = substr(%s, 2) || '\\x55'::bytea WHERE %s"
                           : "UPDATE %s SET %s = CAST(substr(%s, 2) || x'55' AS BLOB) WHERE %s",
                       s->name, c->name, c->name, where);
    } else {
        (void)snprintf(sql, sizeof sql, "UPDATE %s SET %s = %s%s WHERE %s", s->name, c->name,
                       c->name, value, where);
    }
    return raw(&p->at, sql, answer, sizeof answer);
}

static bool strike(const place *p, const shape *s, const char *where)
{
    char sql[SQL_ROOM];
    char answer[512];
    (void)snprintf(sql, sizeof sql, "DELETE FROM %s WHERE %s", s->name, where);
    return raw(&p->at, sql, answer, sizeof answer);
}

/* A copy of the row under another key. */
static bool insert(const place *p, const shape *s, const char *where)
{
    char sql[SQL_ROOM];
    char answer[512];
    char cols[2048] = "";
    size_t len = 0;
    for (int i = 0; i < s->cols; i++) {
        len += (size_t)snprintf(cols + len, sizeof cols - len, ", %s", s->col[i].name);
    }
    if (strcmp(s->name, "event") == 0) {
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO event (id, seq, kind, programme_id, at_us, user_id, person_id, "
                       "body, leaf_sha256, leaf_sm3) "
                       "SELECT (SELECT MAX(id) + 1 FROM event), (SELECT MAX(seq) + 1 FROM event), "
                       "kind, programme_id, at_us, "
                       "user_id, person_id, body, leaf_sha256, leaf_sm3 FROM event WHERE %s",
                       where);
    } else if (strcmp(s->name, "leg") == 0) {
        (void)
            snprintf(sql, sizeof sql,
                     "INSERT INTO leg (event_id, n%s) SELECT event_id, n + 100%s FROM leg WHERE %s",
                     strstr(cols, ", entry"), strstr(cols, ", entry"), where);
    } else if (strcmp(s->name, "balance") == 0) {
        (void)snprintf(
            sql, sizeof sql,
            "INSERT INTO balance SELECT programme_id, account, source_id, year + 1, kind_id, "
            "voucher_id, order_id, claim_id, line_id, amount FROM balance WHERE %s",
            where);
    } else if (strcmp(s->name, "log_node") == 0) {
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO log_node(height, n, sha256, sm3) SELECT height, n + 7000, "
                       "sha256, sm3 FROM log_node WHERE %s",
                       where);
    } else if (
        reading_log(s->name)) { /* behind the last mark it would be a new one: before the first */
        (void)snprintf(sql, sizeof sql, "INSERT INTO %s (id%s) SELECT id - 20%s FROM %s WHERE %s",
                       s->name, strstr(cols, ", at_us"), strstr(cols, ", at_us"), s->name, where);
    } else if (strcmp(s->name, "log_row") == 0) {
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO log_row SELECT tab, row_id, seq + 7000 FROM log_row WHERE %s",
                       where);
    } else if (strcmp(s->name, "log_point") == 0) {
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO log_point(id, at_us, sha256, sm3, line) SELECT id + 7000, "
                       "at_us, sha256, sm3, line FROM log_point WHERE %s",
                       where);
    } else {
        const bool audited = audited_table_named(str_of(s->name)) >= 0;
        /* Unique columns would refuse a plain copy: half of them stay at their defaults. */
        (void)snprintf(
            sql, sizeof sql,
            audited ? "INSERT INTO %s (%s) SELECT %s + 7000 FROM %s WHERE %s"
                    : "INSERT INTO %s (%s, salt, body) SELECT %s + 1, salt, body FROM %s WHERE %s",
            s->name, s->key, s->key, s->name, where);
    }
    return raw(&p->at, sql, answer, sizeof answer);
}

/* Two rows exchange all their columns: each is well formed, both stand where the other did. */
static bool swap(const place *p, const shape *s, long long rows)
{
    char sql[SQL_ROOM];
    char answer[512];
    size_t len = (size_t)snprintf(sql, sizeof sql, "UPDATE %s SET ", s->name);
    if (rows < 2 || strcmp(s->name, "balance") == 0 || strcmp(s->name, "leg") == 0 ||
        strcmp(s->name, "log_row") == 0) {
        return false;
    }
    long long pick[2];
    pick[0] = (long long)next((uint64_t)rows - 1);
    pick[1] = pick[0] + 1;
    char id[2][64];
    for (int i = 0; i < 2; i++) {
        char find[256];
        (void)snprintf(find, sizeof find, "SELECT %s FROM %s ORDER BY %s LIMIT 1 OFFSET %lld",
                       s->key, s->name, s->key, pick[i]);
        assert_true(raw(&p->at, find, id[i], sizeof id[i]));
    }
    const int first = strcmp(s->name, "event") == 0 ? 1 : 0; /* seq stays */
    for (int i = first; i < s->cols; i++) {
        len += (size_t)snprintf(sql + len, sizeof sql - len,
                                "%s%s = (SELECT o.%s FROM kept_%s o WHERE o.%s = CASE WHEN %s.%s = "
                                "%s THEN %s ELSE %s END)",
                                i == first ? "" : ", ", s->col[i].name, s->col[i].name, s->name,
                                s->key, s->name, s->key, id[0], id[1], id[0]);
        assert_true(len < sizeof sql);
    }
    (void)snprintf(sql + len, sizeof sql - len, " WHERE %s IN (%s, %s)", s->key, id[0], id[1]);
    return raw(&p->at, sql, answer, sizeof answer);
}

static bool differs(const place *p, const char *table)
{
    char sql[512];
    (void)snprintf(
        sql, sizeof sql,
        "SELECT (SELECT COUNT(*) FROM (SELECT * FROM %s EXCEPT SELECT * FROM kept_%s) x) + "
        "(SELECT COUNT(*) FROM (SELECT * FROM kept_%s EXCEPT SELECT * FROM %s) y)",
        table, table, table, table);
    return raw_int(&p->at, sql) > 0;
}

/* The first finding is about the altered table, and some finding names the row by id or number. */
static void must_be_named(const shape *s, int kind, long long row)
{
    const verify_finding *f = &report.first[0];
    const bool of_event = strcmp(s->name, "event") == 0;
    /* Balances have no id: the detail names the cell. Of readings it names those of one mark. */
    const bool loose = strcmp(s->name, "balance") == 0 || reading_log(s->name);
    bool named = false;
    for (int64_t i = 0; i < report.found && i < VERIFY_FINDINGS_MAX; i++) {
        const verify_finding *g = &report.first[i];
        const bool this_one = g->row == row || g->seq == row;
        const bool any = kind > 1 || loose;
        named =
            named || ((this_one || any) && (g->row != 0 || g->seq != 0 || g->detail[0] != '\0'));
    }
    const bool about = strcmp(f->table, s->name) == 0 || of_event ||
                       strcmp(s->name, "private_body") == 0 || (f->table[0] == '\0' && f->seq > 0);
    if (!named || !about) {
        fail_msg("%s, way %d, row %lld: first finding is %s %s row %lld of_event %lld", s->name,
                 kind, row, f->what, f->table, (long long)f->row, (long long)f->seq);
    }
}

static void alter_once(place *p, int table, int kind, int *done)
{
    const shape s = shape_of(table);
    char sql[256];
    char where[1024];
    (void)snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM %s", s.name);
    const long long rows = raw_int(&p->at, sql);
    assert_true(rows > 0);
    const long long k = (long long)next((uint64_t)rows);
    where_row(p, &s, k, where, sizeof where);
    (void)snprintf(sql, sizeof sql, "SELECT %s FROM %s ORDER BY %s LIMIT 1 OFFSET %lld", s.key,
                   s.name, s.key, k);
    const long long row = raw_int(&p->at, sql);
    keep(p, s.name);
    bool made = false;
    switch (kind) {
    case 0:
        made = edit(p, &s, where);
        break;
    case 1:
        made = strike(p, &s, where);
        break;
    case 2:
        made = insert(p, &s, where);
        break;
    default:
        made = swap(p, &s, rows);
        break;
    }
    if (made && differs(p, s.name)) {
        look(p);
        if (report.ok) {
            fail_msg("%s, way %d, row %lld: not found", s.name, kind, row);
        }
        must_be_named(&s, kind, row);
        (*done)++;
    }
    give_back(p, s.name);
}

static void alterations_are_found(void **state)
{
    place *p = *state;
    const char *full = getenv("TQ_FULL");
    const int wanted = full != NULL && full[0] == '1' ? 1000 : 50;
    int done = 0;
    for (int i = 0; done < wanted; i++) {
        assert_true(i < wanted * 4);
        /* The log's own tables as often as all others together. */
        const int table =
            i % 2 == 0 ? i / 2 % (int)TQ_COUNT(inner) : (int)TQ_COUNT(inner) + (int)next(T_COUNT);
        alter_once(p, table, (int)next(4), &done);
    }
    must_be_clean(p);
    print_message("%d alterations found\n", done);
}

static void every_table_is_watched(void **state)
{
    place *p = *state;
    for (int table = 0; table < SHAPES; table++) {
        int done = 0;
        for (int tries = 0; done == 0; tries++) {
            assert_true(tries < 20);
            alter_once(p, table, 0, &done);
        }
    }
    must_be_clean(p);
}

/* An attacker who knows the format rewrites body and leaves alike: only what was signed gives him away. */
static void rewritten_history_is_found(void **state)
{
    place *p = *state;
    char id[64];
    assert_true(raw(&p->at, "SELECT MAX(id) FROM event WHERE kind = 'voucher_issue'", id,
                    sizeof id));
    keep(p, "event");
    char body[8192];
    char sql[20000];
    (void)snprintf(sql, sizeof sql, "SELECT body FROM event WHERE id = %s", id);
    assert_true(raw(&p->at, sql, body, sizeof body));
    char *user = strstr(body, "\"user\":11");
    assert_non_null(user);
    user[strlen("\"user\":1")] = '2';
    const str text = str_of(body);
    const str parts[2] = {{"\0", 1}, text};
    char sha256[65];
    char sm3[65];
    digest_hex(hash_parts(HASH_SHA256, parts, 2), sha256);
    digest_hex(hash_parts(HASH_SM3, parts, 2), sm3);
    (void)snprintf(sql, sizeof sql,
                   p->at.pg ? "UPDATE event SET user_id = 12, body = '%s', leaf_sha256 = '\\x%s', "
                              "leaf_sm3 = '\\x%s' WHERE id = %s"
                            : "UPDATE event SET user_id = 12, body = '%s', leaf_sha256 = x'%s', "
                              "leaf_sm3 = x'%s' WHERE id = %s",
                   body, sha256, sm3, id);
    raw_ok(&p->at, sql);
    look(p);
    assert_false(report.ok);
    assert_string_equal(report.first[0].what, "checkpoint_root");
    CHECK_OK(checkpoint_write(p->s, (instant){1}, &err)); /* nothing new to sign */
    give_back(p, "event");
    must_be_clean(p);
}

/* The same operations, stopped earlier, under the later file of checkpoints: a tail cut without a trace. */
static void cut_tail_is_found(void **state)
{
    (void)state;
    place p = {.at = site_make()};
    site whole = site_make();
    char command[512];
    for (int k = 0; k < 2; k++) {
        store *s = site_open(k == 0 ? &whole : &p.at);
        world w;
        world_begin(&w, s);
        world_money(&w, k == 0 ? 4 : 3);
        if (k == 0) {
            CHECK_OK(checkpoint_write(s, (instant){w.at}, &err));
            store_close(s);
        } else {
            p.s = s;
        }
    }
    CHECK_OK(event_sequence(p.s, &err));
    must_be_clean(&p);
    (void)snprintf(command, sizeof command, "cp %s/checkpoint* %s/", whole.dir, p.at.dir);
    assert_int_equal(system(command), 0);
    look(&p);
    assert_false(report.ok);
    assert_string_equal(report.first[0].what, "log_cut");
    assert_int_equal(report.first[0].seq, report.events + 1);
    store_close(p.s);
    site_drop(&p.at);
    site_drop(&whole);
}

static void forged_checkpoints_are_found(void **state)
{
    place *p = *state;
    char command[512];
    static const char *const forgery[] = {
        "sed -i 's/\"count\":/\"count\":1/' %s/checkpoints.log",
        "sed -i 's/\"at\":/\"at\":1/' %s/checkpoints.log",
        "echo x >> %s/checkpoints.log",
        "sed -i 's/./x/' %s/checkpoint.pub",
        "rm %s/checkpoint.pub",
    };
    for (size_t i = 0; i < TQ_COUNT(forgery); i++) {
        (void)snprintf(command, sizeof command, "mkdir %s/kept && cp %s/checkpoint* %s/kept/",
                       p->at.dir, p->at.dir, p->at.dir);
        assert_int_equal(system(command), 0);
        const char *hole = strstr(forgery[i], "%s");
        assert_non_null(hole);
        (void)snprintf(command, sizeof command, "%.*s%s%s", (int)(hole - forgery[i]), forgery[i],
                       p->at.dir, hole + 2);
        assert_int_equal(system(command), 0);
        look(p);
        assert_false(report.ok);
        assert_string_equal(report.first[0].what, "checkpoint_file");
        (void)snprintf(command, sizeof command, "cp %s/kept/* %s/ && rm -r %s/kept", p->at.dir,
                       p->at.dir, p->at.dir);
        assert_int_equal(system(command), 0);
    }
    must_be_clean(p);
}

static void log_goes_on_after_a_checkpoint(void **state)
{
    place *p = *state;
    world_money(&p->w, 1);
    must_be_clean(p);
    CHECK_OK(checkpoint_write(p->s, (instant){p->w.at}, &err));
    CHECK_OK(checkpoint_write(p->s, (instant){p->w.at + 1}, &err));
    must_be_clean(p);
    assert_int_equal(report.checkpoints, 2); /* nothing new, nothing signed */
    char command[256];
    (void)snprintf(command, sizeof command,
                   "rm %s/checkpoint.peaks && printf '{\"count\"' >> %s/checkpoints.log", p->at.dir,
                   p->at.dir);
    assert_int_equal(system(command), 0);
    must_be_clean(p); /* a line without its end was never acknowledged */
    world_money(&p->w, 1);
    CHECK_OK(checkpoint_write(p->s, (instant){p->w.at}, &err));
    must_be_clean(p);
    assert_int_equal(report.checkpoints, 3);
}

/* All columns of a private table as an erasure leaves them; a new table is covered by itself. Rows that
 * cannot be empty beside each other are deleted. */
static void blank(const place *p, const audited_table_info *t)
{
    char sql[SQL_ROOM];
    char answer[512];
    size_t len = (size_t)snprintf(sql, sizeof sql, "UPDATE %s SET ", t->name);
    for (int c = t->first_col; c < t->first_col + t->cols; c++) {
        len += (size_t)snprintf(sql + len, sizeof sql - len, "%s%s = %s",
                                c == t->first_col ? "" : ", ", audited_col_of(c)->name,
                                audited_col_of(c)->is_text ? "''" : "0");
    }
    if (!raw(&p->at, sql, answer, sizeof answer)) {
        (void)snprintf(sql, sizeof sql, "DELETE FROM %s", t->name);
        raw_ok(&p->at, sql);
    }
}

/* R-RETAIN-020: destroyed data are not taken for erased ones, however clean the tables were made behind it. */
static void destroyed_bodies_are_found(void **state)
{
    place *p = *state;
    keep(p, "private_body");
    char id[64];
    assert_true(raw(&p->at, "SELECT MIN(event_id) FROM private_body", id, sizeof id));
    raw_ok(&p->at, "DELETE FROM private_body");
    for (int t = 0; t < T_COUNT; t++) {
        if (audited_table_of(t)->is_private) {
            keep(p, audited_table_of(t)->name);
            blank(p, audited_table_of(t));
        }
    }
    look(p);
    assert_false(report.ok);
    assert_string_equal(report.first[0].what, "private_missing");
    assert_int_equal(report.first[0].row, strtoll(id, NULL, 10));
    for (int t = 0; t < T_COUNT; t++) {
        if (audited_table_of(t)->is_private) {
            give_back(p, audited_table_of(t)->name);
        }
    }
    give_back(p, "private_body");
    must_be_clean(p);
}

static void blobs_are_read(void **state)
{
    place *p = *state;
    digest sha256;
    CHECK_OK(blob_put(p->s, STR("nobody names me"), &sha256, &err));
    must_be_clean(p);
    assert_int_equal(report.orphans, 1);
    CHECK_OK(blob_remove(p->s, sha256, &err));
    char hex[128];
    assert_true(raw(&p->at, "SELECT sha256 FROM evidence WHERE id = (SELECT MIN(id) FROM evidence)",
                    hex, sizeof hex));
    assert_true(digest_from_hex(str_of(hex), &sha256));
    ARENA_AUTO arena *a = arena_new("test", 1 << 20);
    str content = {0};
    CHECK_OK(blob_get(p->s, sha256, a, &content, &err));
    CHECK_OK(blob_remove(p->s, sha256, &err));
    look(p);
    assert_false(report.ok);
    assert_string_equal(report.first[0].what, "blob_missing");
    assert_string_equal(report.first[0].table, "policy"); /* the first table that names it */
    assert_string_equal(report.first[0].column, "sha256");
    CHECK_OK(blob_put(p->s, content, &sha256, &err));
    must_be_clean(p);
}

static void findings_stop_writes_when_asked(void **state)
{
    place *p = *state;
    keep(p, "voucher");
    raw_ok(
        &p->at,
        "UPDATE voucher SET issued_fen = issued_fen + 1 WHERE id = (SELECT MAX(id) FROM voucher)");
    const verify_options o = {.writes_off = true, .at = {5}};
    CHECK_OK(verify_run(p->s, &o, &report, &err));
    assert_string_equal(report.first[0].what, "row_differs");
    assert_string_equal(report.first[0].column, "issued_fen");
    assert_true(report.first[0].seq > 0);
    assert_int_equal(raw_int(&p->at, "SELECT COUNT(*) FROM writes_off"), 1);
    raw_ok(&p->at, "DELETE FROM writes_off");
    give_back(p, "voucher");
    must_be_clean(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_site_passes),
        cmocka_unit_test(every_table_is_watched),
        cmocka_unit_test(alterations_are_found),
        cmocka_unit_test(rewritten_history_is_found),
        cmocka_unit_test(forged_checkpoints_are_found),
        cmocka_unit_test(blobs_are_read),
        cmocka_unit_test(findings_stop_writes_when_asked),
        cmocka_unit_test(destroyed_bodies_are_found),
        cmocka_unit_test(log_goes_on_after_a_checkpoint),
        cmocka_unit_test(cut_tail_is_found),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
