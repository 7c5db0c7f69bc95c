/* SPDX-License-Identifier: Apache-2.0 */
#include "app/export_journal.h"

#include "domain/audited.h"

#define PAGE 1000
#define PIECE_MAX (16 * 1024 * 1024)
#define FLUSH_AT (64 * 1024)
#define OPENED_FIRST 1024

static const char *const forms[] = {"hledger", "ledger", "beancount"};

static const struct {
    const char *name;
    bool by_voucher;
} accounts[ACC_COUNT] = {
    [ACC_FUND] = {"Equity:Fund", false},
    [ACC_POOL] = {"Assets:Pool", false},
    [ACC_OVERCOMMIT] = {"Equity:Overcommit", false},
    [ACC_VOUCHER] = {"Assets:Voucher", true},
    [ACC_HOLD] = {"Assets:Hold", true},
    [ACC_PAYABLE] = {"Assets:Payable", true},
    [ACC_TRANSIT] = {"Assets:Transit", true},
    [ACC_PAID] = {"Expenses:Paid", true},
    [ACC_OWED] = {"Assets:Owed", true},
    [ACC_RECOVERED] = {"Income:Recovered", true},
    [ACC_WRITTEN_OFF] = {"Expenses:Written-Off", true},
    [ACC_LAPSED] = {"Equity:Lapsed", false},
};

typedef struct journal {
    store_tx *tx;
    journal_form form;
    arena *a; /* of the present event */
    buf out;
    tq_code (*put)(void *ctx, str text, tq_err *err);
    void *ctx;
    int64_t programme_id; /* whose currency is held */
    currency cur;
    /* the voucher named last, since events speak of one */
    int64_t voucher_id;
    char voucher[80];
    /* beancount: accounts opened already, one bit each: open-addressing set of keys */
    uint64_t *opened;
    size_t opened_room, opened_n;
    arena *opened_arena;
} journal;

bool journal_form_of(str name, journal_form *out)
{
    for (size_t i = 0; i < TQ_COUNT(forms); i++) {
        if (str_eq(name, str_of(forms[i]))) {
            *out = (journal_form)i;
            return true;
        }
    }
    return false;
}

/* A part of an account that all three programs take as it is. */
static bool part_ok(str s)
{
    bool ok = s.len > 0 && s.len < 64;
    for (size_t i = 0; i < s.len && ok; i++) {
        const char c = s.data[i];
        const bool upper = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        ok = upper || (i > 0 && (c == '-' || (c >= 'a' && c <= 'z')));
    }
    return ok;
}

static tq_code voucher_part(store_tx *tx, int64_t id, arena *a, buf *out, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(row_load(tx, T_VOUCHER, id, a, row, err));
    const str number = row_str(row, C_VOUCHER_NUMBER);
    if (part_ok(number)) {
        buf_str_add(out, number);
    } else {
        buf_printf(out, "Id%lld", (long long)id);
    }
    return TQ_OK;
}

tq_code journal_account(store_tx *tx, const ledger_cell *cell, arena *a, buf *out, tq_err *err)
{
    TQ_ASSERT((unsigned)cell->account < ACC_COUNT);
    buf_text(out, accounts[cell->account].name);
    buf_char(out, ':');
    if (accounts[cell->account].by_voucher) {
        return voucher_part(tx, cell->voucher_id, a, out, err);
    }
    buf_printf(out, "S%lld", (long long)cell->source_id);
    return TQ_OK;
}

/* The same, with the last voucher remembered. */
static tq_code account_add(journal *j, const ledger_cell *cell, buf *out, tq_err *err)
{
    TQ_ASSERT((unsigned)cell->account < ACC_COUNT);
    if (!accounts[cell->account].by_voucher) {
        return journal_account(j->tx, cell, j->a, out, err);
    }
    if (j->voucher_id != cell->voucher_id) {
        BUF_AUTO buf name = buf_max(sizeof j->voucher);
        TQ_TRY(voucher_part(j->tx, cell->voucher_id, j->a, &name, err));
        TQ_ASSERT(buf_ok(&name));
        TQ_ASSERT(name.len < sizeof j->voucher);
        memcpy(j->voucher, name.data, name.len + 1);
        j->voucher_id = cell->voucher_id;
    }
    buf_printf(out, "%s:%s", accounts[cell->account].name, j->voucher);
    return TQ_OK;
}

static tq_code currency_load(journal *j, int64_t programme_id, tq_err *err)
{
    event_value row[AUDITED_COLS_MAX];
    if (j->programme_id == programme_id) {
        return TQ_OK;
    }
    TQ_TRY(row_load(j->tx, T_PROGRAMME, programme_id, j->a, row, err));
    TQ_TRY(currency_of(row_str(row, C_PROGRAMME_CURRENCY), &j->cur, err));
    j->programme_id = programme_id;
    return TQ_OK;
}

static tq_code flush(journal *j, size_t at, tq_err *err)
{
    if (!buf_ok(&j->out)) {
        return tq_fail(err, TQ_LIMIT, "journal_size", "event",
                       "one event makes more text than %d bytes", PIECE_MAX);
    }
    if (j->out.len < at || j->out.len == 0) {
        return TQ_OK;
    }
    TQ_TRY(j->put(j->ctx, buf_view(&j->out), err));
    buf_clear(&j->out);
    return TQ_OK;
}

/* Accounts differ by account and by voucher or source. Never 0. */
static uint64_t account_key(const ledger_cell *c)
{
    const int64_t id = accounts[c->account].by_voucher ? c->voucher_id : c->source_id;
    return (uint64_t)id * ACC_COUNT + (uint64_t)c->account + 1;
}

static void opened_put(uint64_t *set, size_t room, uint64_t key)
{
    size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20) % room;
    while (set[at] != 0) {
        at = at + 1 == room ? 0 : at + 1;
    }
    set[at] = key;
}

/* True the first time. */
static bool opened_now(journal *j, uint64_t key)
{
    if (2 * j->opened_n >= j->opened_room) {
        const size_t room = j->opened_room == 0 ? OPENED_FIRST : 2 * j->opened_room;
        arena *fresh = arena_new("journal accounts", room * sizeof *j->opened + 65536);
        uint64_t *set = ARENA_NEW(fresh, uint64_t, room);
        for (size_t i = 0; i < j->opened_room; i++) {
            if (j->opened[i] != 0) {
                opened_put(set, room, j->opened[i]);
            }
        }
        arena_free(j->opened_arena);
        j->opened_arena = fresh;
        j->opened = set;
        j->opened_room = room;
    }
    size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20) % j->opened_room;
    while (j->opened[at] != 0 && j->opened[at] != key) {
        at = at + 1 == j->opened_room ? 0 : at + 1;
    }
    if (j->opened[at] == key) {
        return false;
    }
    j->opened[at] = key;
    j->opened_n++;
    return true;
}

static tq_code opens_add(journal *j, const event *e, tq_err *err)
{
    for (int i = 0; i < e->n_legs; i++) {
        if (opened_now(j, account_key(&e->legs[i].cell))) {
            /* Days may go backwards between events, so accounts are open from the beginning. */
            buf_text(&j->out, "1970-01-01 open ");
            TQ_TRY(account_add(j, &e->legs[i].cell, &j->out, err));
            buf_char(&j->out, '\n');
        }
    }
    return TQ_OK;
}

static void title_add(journal *j, int64_t seq, const event *e, int entry)
{
    day_print(e->today, &j->out);
    if (j->form == JOURNAL_BEANCOUNT) {
        buf_printf(&j->out, " * \"%s\"\n", event_kind_text(e->kind));
        buf_printf(&j->out, "  event: %lld\n  entry: %d\n  kind: \"%s\"\n", (long long)seq, entry,
                   event_kind_name(e->kind));
        return;
    }
    buf_printf(&j->out, " * (%lld.%d) %s\n", (long long)seq, entry, event_kind_text(e->kind));
    buf_printf(&j->out, "    ; kind: %s\n", event_kind_name(e->kind));
}

static tq_code posting_add(journal *j, const ledger_leg *leg, tq_err *err)
{
    const char *indent = j->form == JOURNAL_BEANCOUNT ? "  " : "    ";
    buf_text(&j->out, indent);
    TQ_TRY(account_add(j, &leg->cell, &j->out, err));
    buf_text(&j->out, "  ");
    money_print((money){leg->amount}, &j->cur, &j->out);
    buf_printf(&j->out, " %s", j->cur.code);
    if (j->form == JOURNAL_BEANCOUNT) {
        buf_printf(&j->out, "\n    year: %lld\n    source: \"S%lld\"\n", (long long)leg->cell.year,
                   (long long)leg->cell.source_id);
        return TQ_OK;
    }
    buf_printf(&j->out, "  ; year: %lld, source: S%lld\n", (long long)leg->cell.year,
               (long long)leg->cell.source_id);
    return TQ_OK;
}

static tq_code event_add(journal *j, int64_t seq, const event *e, tq_err *err)
{
    TQ_TRY(currency_load(j, e->programme_id, err));
    if (j->form == JOURNAL_BEANCOUNT) {
        TQ_TRY(opens_add(j, e, err));
    }
    for (int i = 0; i < e->n_legs; i++) {
        if (i == 0 || e->legs[i].entry != e->legs[i - 1].entry) {
            buf_char(&j->out, '\n');
            title_add(j, seq, e, e->legs[i].entry);
        }
        TQ_TRY(posting_add(j, &e->legs[i], err));
    }
    return flush(j, FLUSH_AT, err);
}

/* A body without legs says so by its text; most need not be read at all. */
static bool has_legs(str body)
{
    return memmem(body.data, body.len, "\"legs\":[[", 9) != NULL;
}

static tq_code page_add(journal *j, int64_t only, int64_t *last, int *n, tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    TQ_TRY(store_query(j->tx, STMT_EVENT_PAGE, ARGS(arg_int(*last), arg_int(PAGE)), &r, err));
    for (*n = 0;; (*n)++) {
        bool more = false;
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        *last = row_int(&r);
        (void)row_int(&r);  /* id */
        (void)row_text(&r); /* kind */
        const str body = row_text(&r);
        if (!has_legs(body)) {
            continue;
        }
        event e = {0};
        arena_reset(j->a);
        TQ_TRY(event_read(body, j->a, &e, err));
        if (only == 0 || only == e.programme_id) {
            TQ_TRY(event_add(j, *last, &e, err));
        }
    }
}

static tq_code run(journal *j, int64_t programme_id, tq_err *err)
{
    buf_printf(&j->out,
               "; The ledger of tongquan as a journal for %s. Signs are those of its legs.\n",
               forms[j->form]);
    if (j->form == JOURNAL_BEANCOUNT) {
        buf_text(&j->out, "option \"title\" \"tongquan\"\n");
    }
    int64_t last = 0;
    for (int n = PAGE; n == PAGE;) {
        TQ_TRY(page_add(j, programme_id, &last, &n, err));
    }
    return flush(j, 0, err);
}

tq_code export_journal(store *s, journal_form form, int64_t programme_id,
                       tq_code (*put)(void *ctx, str text, tq_err *err), void *ctx, tq_err *err)
{
    TQ_ASSERT(s != NULL);
    TQ_ASSERT(put != NULL);
    TQ_ASSERT((size_t)form < TQ_COUNT(forms));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(store_begin(s, STORE_READ, &tx, err));
    ARENA_AUTO arena *a = arena_new("journal event", (size_t)512 * 1024 * 1024);
    journal j = {.tx = tx, .form = form, .a = a, .out = buf_max(PIECE_MAX), .put = put, .ctx = ctx};
    const tq_code code = run(&j, programme_id, err);
    buf_free(&j.out);
    arena_free(j.opened_arena);
    return code;
}
