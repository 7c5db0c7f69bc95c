/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of the log from kept nodes against the definition over all leaves; what leaves the house is
 * checked without a database, and every alteration of it is found. */
#include "store_site.h"

#include "base/canon.h"
#include "base/file.h"
#include "domain/case_rows.h"
#include "domain/tree.h"
#include "store/checkpoint.h"
#include "store/dossier.h"
#include "store/log_file.h"
#include "store/log_node.h"
#include "world.h"

#define EVENTS_MAX 2048
#define BYTES_MAX (64 * 1024 * 1024)

typedef struct place {
    site at;
    store *s;
    world w;
    digest leaves[2][EVENTS_MAX];
    int64_t n;
} place;

static uint64_t seed = 0x2545f4914f6cdd1du;

static int64_t next(int64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int64_t)(seed % (uint64_t)below);
}

/* Every leaf of the log, hashed from the bodies here and not read from their columns. */
static void leaves_read(place *p)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t n = 0;
    CHECK_OK(store_begin(p->s, STORE_READ, &tx, &err));
    CHECK_OK(store_int(tx, STMT_EVENT_LAST_SEQ, NO_ARGS, 0, &n, &err));
    assert_true(n <= EVENTS_MAX);
    for (int64_t seq = 1; seq <= n; seq++) {
        ARENA_AUTO arena *a = arena_new("body", BYTES_MAX);
        digest d[2];
        CHECK_OK(log_leaf(tx, seq, a, d, &err));
        p->leaves[HASH_SHA256][seq - 1] = d[HASH_SHA256];
        p->leaves[HASH_SM3][seq - 1] = d[HASH_SM3];
    }
    p->n = n;
}

static int setup(void **state)
{
    place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    p->at = site_make();
    p->s = site_open(&p->at);
    world_begin(&p->w, p->s);
    world_tables(&p->w, 2);
    CHECK_OK(checkpoint_write(p->s, (instant){p->w.at}, &err));
    world_money(&p->w, 300);
    CHECK_OK(checkpoint_write(p->s, (instant){p->w.at}, &err));
    leaves_read(p);
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

static void proofs_are_equal(place *p, int64_t m, int64_t n)
{
    TX_AUTO store_tx *tx = NULL;
    tree_proof got[2];
    digest root[2];
    CHECK_OK(store_begin(p->s, STORE_READ, &tx, &err));
    CHECK_OK(log_roots(tx, n, root, &err));
    for (int k = HASH_SHA256; k <= HASH_SM3; k++) {
        assert_true(digest_eq(root[k], tree_root_of((hash_kind)k, p->leaves[k], n)));
    }
    CHECK_OK(log_inclusion(tx, m, n, got, &err));
    for (int k = HASH_SHA256; k <= HASH_SM3; k++) {
        assert_true(tree_inclusion_ok((hash_kind)k, p->leaves[k][m - 1], m - 1, n, &got[k],
                                      root[k]));
        assert_false(tree_inclusion_ok((hash_kind)k, p->leaves[k][m % n], m - 1, n, &got[k],
                                       root[k]) &&
                     n > 1);
    }
    CHECK_OK(log_consistency(tx, m, n, got, &err));
    for (int k = HASH_SHA256; k <= HASH_SM3; k++) {
        const digest old = tree_root_of((hash_kind)k, p->leaves[k], m);
        assert_true(tree_consistency_ok((hash_kind)k, m, old, n, root[k], &got[k]));
    }
}

static void kept_nodes_prove_what_the_leaves_prove(void **state)
{
    place *p = *state;
    static const int64_t sizes[] = {1, 2, 255, 256, 257, 511, 512, 513};
    assert_true(p->n > 768);
    assert_true(raw_int(&p->at, "SELECT COUNT(*) FROM log_node WHERE height = 8") == p->n / 256);
    for (size_t i = 0; i < TQ_COUNT(sizes); i++) {
        for (size_t k = 0; k <= i; k++) {
            proofs_are_equal(p, sizes[k], sizes[i]);
        }
    }
    for (int i = 0; i < 200; i++) {
        const int64_t n = 1 + next(p->n);
        proofs_are_equal(p, 1 + next(n), n);
    }
}

/* Derived: whoever loses them loses time only. */
static void nodes_that_are_gone_are_made_again(void **state)
{
    place *p = *state;
    raw_ok(&p->at, "DELETE FROM log_node WHERE n = 1");
    proofs_are_equal(p, 300, p->n);
    raw_ok(&p->at, "DELETE FROM log_node");
    proofs_are_equal(p, 300, p->n);
    CHECK_OK(log_node_grow(p->s, p->n, &err));
    assert_true(raw_int(&p->at, "SELECT COUNT(*) FROM log_node WHERE height = 8") == p->n / 256);
    proofs_are_equal(p, 300, p->n);
}

/* R-LOG-020 */
static void checkpoints_are_signed_twice_and_copied(void **state)
{
    place *p = *state;
    TX_AUTO store_tx *tx = NULL;
    checkpoint c;
    assert_int_equal(raw_int(&p->at, "SELECT COUNT(*) FROM log_point"), 2);
    CHECK_OK(store_begin(p->s, STORE_READ, &tx, &err));
    CHECK_OK(log_point_over(tx, 1, &c, &err));
    assert_true(c.has_sm2);
    assert_true(c.count < p->n);
    CHECK_OK(log_point_over(tx, c.count + 1, &c, &err));
    assert_int_equal(c.count, p->n);
    CHECK_FAILS(log_point_over(tx, p->n + 1, &c, &err), TQ_CONFLICT, "not_signed_yet");
}

/* --- what leaves the house --------------------------------------------------------------------------- */

static void path_in(const place *p, const char *name, char *out, size_t room)
{
    (void)snprintf(out, room, "%s/%s", p->at.dir, name);
}

typedef tq_code checker(place *p, str bytes, str pubs, tq_err *why);

static tq_code check_bytes(place *p, str bytes, str pubs, tq_err *why)
{
    char path[128];
    tq_err ignored;
    log_said said;
    path_in(p, "altered", path, sizeof path);
    assert_int_equal(file_write_durable(path, bytes, 0600, &ignored), TQ_OK);
    return log_file_check(path, pubs, &said, why);
}

/* One byte becomes another, is left out or comes twice. */
static str altered(str bytes, arena *a)
{
    char *copy = arena_take(a, bytes.len + 1);
    const size_t at = (size_t)next((int64_t)bytes.len);
    memcpy(copy, bytes.data, bytes.len);
    switch (next(3)) {
    case 0:
        copy[at] = (char)(copy[at] == '7' ? '3' : '7');
        return (str){copy, bytes.len};
    case 1:
        memmove(copy + at, copy + at + 1, bytes.len - at - 1);
        return (str){copy, bytes.len - 1};
    default:
        memmove(copy + at + 1, copy + at, bytes.len - at);
        return (str){copy, bytes.len + 1};
    }
}

static void alterations_are_found(place *p, str bytes, str pubs, checker *check, const char *what)
{
    const char *full = getenv("TQ_FULL");
    const int wanted = full != NULL && full[0] == '1' ? 1000 : 50;
    int done = 0;
    while (done < wanted) {
        ARENA_AUTO arena *a = arena_new("altered", BYTES_MAX);
        const str other = altered(bytes, a);
        tq_err why = {0};
        if (str_eq(other, bytes)) {
            continue;
        }
        const tq_code code = check(p, other, pubs, &why);
        if (code != TQ_CORRUPT && code != TQ_MALFORMED) {
            fail_msg("%s: an alteration was not found: %d %s", what, code, why.detail);
        }
        assert_true(why.detail[0] != '\0');
        done++;
    }
    print_message("%s: %d alterations found\n", what, done);
}

/* R-LOG-010 */
static void receipts_prove_one_event(void **state)
{
    place *p = *state;
    ARENA_AUTO arena *a = arena_new("receipt", BYTES_MAX);
    BUF_AUTO buf text = buf_max(BYTES_MAX);
    str pubs = {0};
    {
        TX_AUTO store_tx *tx = NULL;
        log_proof proof;
        CHECK_OK(store_begin(p->s, STORE_READ, &tx, &err));
        CHECK_OK(log_proof_make(tx, 301, a, &proof, &err));
        receipt_print(&proof, &text);
        CHECK_FAILS(log_proof_make(tx, p->n + 1, a, &proof, &err), TQ_NOT_FOUND, "no_such_record");
    }
    buf_char(&text, '\n');
    CHECK_OK(checkpoint_pubs(p->at.dir, a, &pubs, &err));
    CHECK_OK(check_bytes(p, buf_view(&text), pubs, &err));
    CHECK_OK(check_bytes(p, buf_view(&text), STR(""), &err));
    /* another site's keys */
    tq_err why = {0};
    assert_int_equal(check_bytes(p, buf_view(&text), STR("00\n"), &why), TQ_CORRUPT);
    alterations_are_found(p, buf_view(&text), pubs, check_bytes, "receipt");
}

static void exported_logs_are_checked_without_a_database(void **state)
{
    place *p = *state;
    ARENA_AUTO arena *a = arena_new("log", 2 * BYTES_MAX);
    char path[128];
    str bytes = {0};
    str pubs = {0};
    log_said said;
    path_in(p, "log.export", path, sizeof path);
    CHECK_OK(log_export(p->s, path, &err));
    CHECK_OK(checkpoint_pubs(p->at.dir, a, &pubs, &err));
    CHECK_OK(log_file_check(path, pubs, &said, &err));
    assert_string_equal(said.kind, "log");
    assert_int_equal(said.events, p->n);
    assert_int_equal(said.checkpoints, 2);
    CHECK_OK(file_read(path, BYTES_MAX, a, &bytes, &err));
    alterations_are_found(p, bytes, pubs, check_bytes, "log");
    /* the event is named */
    char *copy = arena_take(a, bytes.len);
    memcpy(copy, bytes.data, bytes.len);
    char *line = memmem(copy, bytes.len, "{\"seq\":17,", 10);
    assert_non_null(line);
    char *digit = memmem(line, 4096, "\"at\":1", 6);
    assert_non_null(digit);
    digit[5] = '2';
    tq_err why = {0};
    assert_int_equal(check_bytes(p, (str){copy, bytes.len}, pubs, &why), TQ_CORRUPT);
    assert_string_equal(why.reason, "event_leaf");
    assert_non_null(strstr(why.detail, "event 17 "));
}

static void chains_of_checkpoints_are_checked(void **state)
{
    place *p = *state;
    ARENA_AUTO arena *a = arena_new("chain", BYTES_MAX);
    char path[128];
    str bytes = {0};
    str pubs = {0};
    log_said said;
    path_in(p, "checkpoints.log", path, sizeof path);
    CHECK_OK(checkpoint_pubs(p->at.dir, a, &pubs, &err));
    CHECK_OK(log_file_check(path, pubs, &said, &err));
    assert_int_equal(said.checkpoints, 2);
    CHECK_OK(file_read(path, BYTES_MAX, a, &bytes, &err));
    alterations_are_found(p, bytes, pubs, check_bytes, "checkpoints");
}

static tq_code check_dossier(place *p, str bytes, str pubs, tq_err *why)
{
    dossier_said said;
    (void)p;
    return dossier_check(bytes, pubs, &said, why);
}

/* R-LOG-030: nothing stands in a dossier that does not follow from its events, and those are proven. */
static void dossiers_stand_alone(void **state)
{
    place *p = *state;
    ARENA_AUTO arena *a = arena_new("dossier", BYTES_MAX);
    BUF_AUTO buf text = buf_max(DOSSIER_BYTES_MAX);
    BUF_AUTO buf shown = buf_max(DOSSIER_BYTES_MAX);
    str pubs = {0};
    dossier_said said;
    const int64_t claim = raw_int(&p->at, "SELECT MAX(id) FROM claim");
    CHECK_OK(checkpoint_pubs(p->at.dir, a, &pubs, &err));
    CHECK_OK(dossier_build(p->s, T_CLAIM, claim, true, &text, &err));
    CHECK_OK(dossier_check(buf_view(&text), pubs, &said, &err));
    assert_int_equal(said.id, claim);
    assert_true(said.events >= 3);
    assert_int_equal(said.withheld, 0);
    /* the money of the claim, as the ledger has it */
    char sql[128];
    (void)snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM leg WHERE claim_id = %lld",
                   (long long)claim);
    assert_true(raw_int(&p->at, sql) > 0);
    assert_non_null(strstr(text.data, "\"legs\":[["));
    alterations_are_found(p, buf_view(&text), pubs, check_dossier, "dossier");
    CHECK_FAILS(dossier_check(buf_view(&text), STR("00\n"), &said, &err), TQ_CORRUPT,
                "checkpoint_form");
    /* a firm's: at most the same, and checked alike */
    CHECK_OK(dossier_build(p->s, T_CLAIM, claim, false, &shown, &err));
    CHECK_OK(dossier_check(buf_view(&shown), pubs, &said, &err));
    CHECK_FAILS(dossier_build(p->s, T_CLAIM, 999999999, true, &shown, &err), TQ_CONFLICT,
                "not_signed_yet");
}

/* R-LOG-060: what was left out and computed anew follows from its events, but was not given out so. */
static void a_dossier_is_sealed_as_a_whole(void **state)
{
    place *p = *state;
    ARENA_AUTO arena *a = arena_new("dossier", BYTES_MAX);
    buf text[2] = {buf_max(DOSSIER_BYTES_MAX), buf_max(DOSSIER_BYTES_MAX)};
    const char *ids[] = {"SELECT MAX(id) FROM claim", "SELECT MIN(id) FROM claim"};
    str seal[2];
    str pubs = {0};
    dossier_said said;
    CHECK_OK(checkpoint_pubs(p->at.dir, a, &pubs, &err));
    for (size_t i = 0; i < TQ_COUNT(ids); i++) {
        CHECK_OK(dossier_build(p->s, T_CLAIM, raw_int(&p->at, ids[i]), true, &text[i], &err));
        const char *at = memmem(text[i].data, text[i].len, ",\"seal\":{", 9);
        assert_non_null(at);
        seal[i] = (str){at, text[i].len - (size_t)(at - text[i].data)};
    }
    const str head = {text[0].data, (size_t)(seal[0].data - text[0].data)};
    const str other =
        arena_printf(a, "%.*s%.*s", (int)head.len, head.data, (int)seal[1].len, seal[1].data);
    CHECK_FAILS(dossier_check(other, pubs, &said, &err), TQ_CORRUPT, "seal");
    const str bare = arena_printf(a, "%.*s}", (int)head.len, head.data);
    CHECK_FAILS(dossier_check(bare, pubs, &said, &err), TQ_MALFORMED, "dossier_form");
    for (size_t i = 0; i < TQ_COUNT(text); i++) {
        buf_free(&text[i]);
    }
}

/* Whoever changes a row of a dossier is told in which part. */
static void the_part_that_differs_is_named(void **state)
{
    place *p = *state;
    ARENA_AUTO arena *a = arena_new("dossier", BYTES_MAX);
    BUF_AUTO buf text = buf_max(DOSSIER_BYTES_MAX);
    static const char *const parts[] = {"\"rows\":[[", "\"legs\":[[", "\"sums\":[["};
    CHECK_OK(dossier_build(p->s, T_CLAIM, raw_int(&p->at, "SELECT MAX(id) FROM claim"), true, &text,
                           &err));
    for (size_t i = 0; i < TQ_COUNT(parts); i++) {
        char *copy = arena_take(a, text.len);
        dossier_said said;
        tq_err why = {0};
        memcpy(copy, text.data, text.len);
        char *from =
            memmem(copy, text.len, "\"policies\":[", 12); /* bodies of events have such keys too */
        assert_non_null(from);
        char *at = memmem(from, text.len - (size_t)(from - copy), parts[i], strlen(parts[i]));
        assert_non_null(at);
        at += strlen(parts[i]);
        while (*at < '1' || *at > '8') {
            at++;
        }
        (*at)++;
        assert_int_equal(dossier_check((str){copy, text.len}, STR(""), &said, &why), TQ_CORRUPT);
        assert_string_equal(why.reason, "dossier_differs");
        char name[16];
        (void)snprintf(name, sizeof name, "%.6s", parts[i]);
        assert_non_null(strstr(why.detail, name));
    }
}

/* Which events speak of a row: by the index, and by reading all of them. */
static void the_index_knows_every_event_of_a_row(void **state)
{
    place *p = *state;
    ARENA_AUTO arena *a = arena_new("index", BYTES_MAX);
    TX_AUTO store_tx *tx = NULL;
    int64_t rows = 0;
    CHECK_OK(store_begin(p->s, STORE_READ, &tx, &err));
    for (int64_t seq = 1; seq <= p->n; seq++) {
        event e = {0};
        str body = {0};
        arena_reset(a);
        CHECK_OK(log_body(tx, seq, a, &body, &err));
        CHECK_OK(event_read(body, a, &e, &err));
        for (int i = 0; i < e.n_rows; i++) {
            rows += case_table(e.rows[i].table);
        }
    }
    assert_true(rows > 1000);
    assert_int_equal(raw_int(&p->at, "SELECT COUNT(*) FROM log_row"), rows);
    assert_int_equal(raw_int(&p->at, "SELECT seq FROM log_done"), p->n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_nodes_prove_what_the_leaves_prove),
        cmocka_unit_test(nodes_that_are_gone_are_made_again),
        cmocka_unit_test(checkpoints_are_signed_twice_and_copied),
        cmocka_unit_test(receipts_prove_one_event),
        cmocka_unit_test(exported_logs_are_checked_without_a_database),
        cmocka_unit_test(chains_of_checkpoints_are_checked),
        cmocka_unit_test(dossiers_stand_alone),
        cmocka_unit_test(a_dossier_is_sealed_as_a_whole),
        cmocka_unit_test(the_part_that_differs_is_named),
        cmocka_unit_test(the_index_knows_every_event_of_a_row),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
