/* SPDX-License-Identifier: Apache-2.0 */
#include "base/day.h"
#include "store/store_inner.h"

typedef struct migration {
    int version;
    const char *name;
    const char *sha256;         /* of the file: a database made from another text is not ours */
    const char *const *text[2]; /* by store_engine, NULL at the end */
} migration;

#include "store/migrations_gen.inc"

#define NEWEST ((int)TQ_COUNT(migrations))

/* *version is 0 where there is no schema at all. */
static tq_code schema_look(store_tx *tx, int *version, tq_err *err)
{
    bool made = false;
    TQ_TRY(tx->store->ops->has_schema(tx, &made, err));
    if (!made) {
        *version = 0;
        return TQ_OK;
    }
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(tx, STMT_SCHEMA_STEPS, NO_ARGS, &r, err));
    int last = 0;
    for (;;) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            break;
        }
        const int64_t step = row_int(&r);
        if (step != last + 1) {
            return tq_fail(err, TQ_CORRUPT, "schema_steps", "schema_version",
                           "the schema's steps are not numbered 1, 2, 3");
        }
        last++;
        if (last <= NEWEST && !str_eq(row_text(&r), str_of(migrations[last - 1].sha256))) {
            return tq_fail(err, TQ_CONFLICT, "schema_differs", "schema_version",
                           "step %d of the schema was made from another text than this program's",
                           last);
        }
    }
    *version = last;
    return TQ_OK;
}

static tq_code schema_judge(int version, const store_options *o, tq_err *err)
{
    if (version > NEWEST) {
        return tq_fail(err, TQ_CONFLICT, "schema_new", "schema_version",
                       "the database has schema %d, this program knows %d; use a newer program",
                       version, NEWEST);
    }
    if (version == NEWEST) {
        return TQ_OK;
    }
    if (version == 0 && !o->create) {
        return tq_fail(err, TQ_NOT_FOUND, "no_schema", "schema_version",
                       "the database holds no schema; make one with init");
    }
    if (version != 0 && !o->migrate) {
        return tq_fail(err, TQ_CONFLICT, "schema_old", "schema_version",
                       "the database has schema %d, this program needs %d; run migrate", version,
                       NEWEST);
    }
    return TQ_OK;
}

static tq_code step_apply(store_tx *tx, const migration *m, tq_err *err)
{
    const char *const *sql = m->text[tx->store->engine];
    for (; *sql != NULL; sql++) {
        const tq_code code = tx->store->ops->script(tx, *sql, err);
        if (code != TQ_OK) {
            return err == NULL ? code : tq_err_at(err, "migration %d", m->version);
        }
    }
    return store_run(tx, STMT_SCHEMA_STEP_ADD,
                     ARGS(arg_int(m->version), arg_str(str_of(m->name)), arg_str(str_of(m->sha256)),
                          arg_int(instant_now().us)),
                     NULL, err);
}

static tq_code bring_up(store *s, const store_options *o, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(s, STORE_WRITE, &tx, err));
    TQ_TRY(s->ops->lock_schema(tx, err));
    int version = 0; /* again, under the lock: another server may have been faster */
    TQ_TRY(schema_look(tx, &version, err));
    TQ_TRY(schema_judge(version, o, err));
    for (; version < NEWEST; version++) {
        TQ_TRY(step_apply(tx, &migrations[version], err));
    }
    TQ_TRY(store_commit(&tx, err));
    return store_flush(s, err);
}

tq_code migrate_open(store *s, const store_options *o, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(s, STORE_READ, &tx, err));
    int version = 0;
    TQ_TRY(schema_look(tx, &version, err));
    TQ_TRY(store_commit(&tx, err));
    TQ_TRY(schema_judge(version, o, err));
    return version < NEWEST ? bring_up(s, o, err) : TQ_OK;
}
