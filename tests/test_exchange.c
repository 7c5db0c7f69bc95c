/* SPDX-License-Identifier: Apache-2.0 */
/* Two counties compare invoices by keyed hashes (R-SIGNAL-050, P-34): exactly the common one is told, and no
 * invoice number leaves the house. */
#include "claim_path.h"

#include <string.h>

#include "app/signal_exchange.h"
#include "app/view.h"

#define KEY "c0ffee00c0ffee00c0ffee00c0ffee00"
#define OTHER_KEY "deadbeefdeadbeefdeadbeefdeadbeef"
#define START fixture_day(2013, 10, 14)

typedef struct county {
    fixture *f;
    path one, two; /* firms with a filed claim each */
} county;

static str invoice_key_of(const path *p)
{
    event_value row[AUDITED_COLS_MAX];
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(p->f->app, &tx, err));
    NEED(row_load(tx, T_INVOICE, p->invoice, p->f->a, row, err));
    return row_str(row, C_INVOICE_KEY);
}

static path claimed(fixture *f, bool fresh, int serial)
{
    claim_filed filed;
    path p = path_firm(f, fresh, START);
    p.order = order_make(&p, CONTRACT_FEN, 0);
    order_finish(&p, p.order);
    p.serial = serial;
    p.invoice = invoice_make(&p, CONTRACT_FEN, NET_FEN);
    p.proof = proof_make(&p, "transfer", CONTRACT_FEN, START);
    const claim_line_new line = path_line(&p, CONTRACT_FEN);
    NEED(path_submit(&p, &line, 1, ALLOWED_FEN, true, &filed, err));
    return p;
}

/* `serial` sets the invoice of the second firm apart from, or equal to, that of another county. */
static county county_open(int serial)
{
    county c = {.f = fixture_open()};
    county_ready(c.f);
    c.one = claimed(c.f, false, serial);
    c.two = claimed(c.f, true, 50);
    return c;
}

static tq_code give(fixture *f, const char *key, exchange_report *r, str *file, tq_err *err)
{
    const call office = fixture_as(f, ROLE_OFFICE, START);
    TQ_TRY(exchange_give(f->app, &office, 2013, str_of(key), r, err));
    return exchange_file(f->app, &office, r->exchange_id, file, err);
}

static tq_code take(fixture *f, str file, const char *key, exchange_report *r, tq_err *err)
{
    const call office = fixture_as(f, ROLE_OFFICE, START);
    return exchange_take(f->app, &office, file, str_of(key), r, err);
}

/* The same file as another programme would have made it: fixtures all bear one code. */
static str as_of(fixture *f, str file, const char *code)
{
    static const char before[] = "\"programme\":\"";
    const char *at = memmem(file.data, file.len, before, sizeof before - 1);
    assert_non_null(at);
    at += sizeof before - 1;
    const char *end = memchr(at, '"', file.len - (size_t)(at - file.data));
    return arena_printf(f->a, "%.*s%s%.*s", (int)(at - file.data), file.data, code,
                        (int)(file.data + file.len - end), end);
}

static view_rows signals_of(fixture *f)
{
    const view_scope all = {.reach = REACH_PROGRAMME, .programme_id = f->programme_id};
    const view_query q = {.limit = VIEW_PAGE_MAX, .q = STR("invoice_elsewhere")};
    view_rows rows;
    TX_AUTO store_tx *tx = NULL;
    NEED(work_read(f->app, &tx, err));
    NEED(view_list(tx, view_of(VIEW_SIGNAL), &all, &q, f->a, &rows, err));
    return rows;
}

static void the_common_invoice_is_told_once(void **state)
{
    (void)state;
    county ours = county_open(7);
    county theirs = county_open(20);
    exchange_report r;
    str file;
    const str common = invoice_key_of(&ours.two);
    assert_true(str_eq(common, invoice_key_of(&theirs.two)));
    NEED(give(theirs.f, KEY, &r, &file, err));
    assert_int_equal(r.count, 2);
    assert_null(memmem(file.data, file.len, common.data, common.len));
    file = as_of(ours.f, file, "330481");
    NEED(take(ours.f, file, KEY, &r, err));
    assert_int_equal(r.count, 2);
    assert_int_equal(r.hits, 1);
    const view_rows rows = signals_of(ours.f);
    assert_int_equal(rows.n, 1);
    assert_int_equal(rows.rows[0].values[view_field_at(rows.of, "org_id")].n, ours.two.firm);
    assert_true(str_eq(rows.rows[0].values[view_field_at(rows.of, "state")].s, STR("referred")));

    /* the same file is known; another one of the same county tells nothing twice */
    ASSERT_FAILS(take(ours.f, file, KEY, &r, err), TQ_CONFLICT, "exchange_known");
    claimed(theirs.f, true, 90);
    NEED(give(theirs.f, KEY, &r, &file, err));
    NEED(take(ours.f, as_of(ours.f, file, "330481"), KEY, &r, err));
    assert_int_equal(r.count, 3);
    assert_int_equal(r.hits, 0);
    fixture_close(ours.f);
    fixture_close(theirs.f);
}

static void a_file_is_for_who_has_its_key(void **state)
{
    (void)state;
    county ours = county_open(7);
    exchange_report r;
    str file;
    NEED(give(ours.f, KEY, &r, &file, err));
    ASSERT_FAILS(give(ours.f, KEY, &r, &file, err), TQ_CONFLICT, "exchange_known");
    ASSERT_FAILS(take(ours.f, file, KEY, &r, err), TQ_INVALID, "exchange_own");
    file = as_of(ours.f, file, "330481");
    ASSERT_FAILS(take(ours.f, file, OTHER_KEY, &r, err), TQ_INVALID, "exchange_other_key");
    ASSERT_FAILS(take(ours.f, file, "short", &r, err), TQ_INVALID, "exchange_key");
    const call office = fixture_as(ours.f, ROLE_OFFICE, START);
    const call reviewer = fixture_as(ours.f, ROLE_REVIEWER1, START);
    ASSERT_FAILS(exchange_give(ours.f->app, &office, 2014, STR(KEY), &r, err), TQ_INVALID,
                 "exchange_year");
    ASSERT_FAILS(exchange_give(ours.f->app, &reviewer, 2013, STR(KEY), &r, err), TQ_FORBIDDEN,
                 "no_role");
    /* R-SIGNAL-090: a key is of one year */
    const call later = fixture_as(ours.f, ROLE_OFFICE, fixture_day(2014, 2, 3));
    ASSERT_FAILS(exchange_give(ours.f->app, &later, 2014, STR(KEY), &r, err), TQ_CONFLICT,
                 "exchange_key_year");
    NEED(exchange_give(ours.f->app, &later, 2014, STR(OTHER_KEY), &r, err));
    fixture_close(ours.f);
}

/* Each line cut, doubled, swapped or spelt otherwise ends it, and nothing is written. */
static void an_altered_file_is_not_taken(void **state)
{
    (void)state;
    county ours = county_open(7);
    exchange_report r;
    str file;
    NEED(give(ours.f, KEY, &r, &file, err));
    file = as_of(ours.f, file, "330481");
    const char *first = (const char *)memchr(file.data, '\n', file.len) + 1;
    const int head = (int)(first - file.data);
    const char *second = first + 65;
    const str wrong[] = {
        STR(""),
        STR("{}\n"),
        {file.data, file.len - 1},                                                 /* no end */
        {file.data, file.len - 65},                                                /* one short */
        arena_printf(ours.f->a, "%.*s%.65s", (int)file.len, file.data, second),    /* one more */
        arena_printf(ours.f->a, "%.*s%.65s%.65s", head, file.data, second, first), /* swapped */
        arena_printf(ours.f->a, "%.*s%.65s%.65s", head, file.data, first, first),  /* doubled */
        arena_printf(ours.f->a, "%.*sX%.64s%.65s", head, file.data, first + 1, second),
    };
    const int64_t before = fixture_events(ours.f);
    for (size_t i = 0; i < TQ_COUNT(wrong); i++) {
        ASSERT_FAILS(take(ours.f, wrong[i], KEY, &r, err), TQ_INVALID, "exchange_file");
    }
    assert_int_equal(fixture_events(ours.f), before);
    NEED(take(ours.f, file, KEY, &r, err)); /* as it was, it is taken */
    assert_int_equal(r.hits, 2);
    fixture_close(ours.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_common_invoice_is_told_once),
        cmocka_unit_test(a_file_is_for_who_has_its_key),
        cmocka_unit_test(an_altered_file_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
