/* SPDX-License-Identifier: Apache-2.0 */
/* hledger, ledger and beancount read our journal and come to our balances, account by account. */
#include "store_site.h"

#include "app/export_journal.h"
#include "base/file.h"
#include "world.h"

#define LINES_MAX 512

typedef struct totals {
    int n;
    struct {
        char account[96];
        long long fen;
    } line[LINES_MAX];
} totals;

static void total_add(totals *t, const char *account, long long fen)
{
    int i = 0;
    while (i < t->n && strcmp(t->line[i].account, account) != 0) {
        i++;
    }
    if (i == t->n) {
        assert_true(t->n < LINES_MAX);
        (void)snprintf(t->line[t->n++].account, sizeof t->line[0].account, "%s", account);
    }
    t->line[i].fen += fen;
}

/* Accounts with money in them must be the same ones, with the same amounts. */
static void must_agree(const totals *ours, const totals *theirs, const char *who)
{
    int compared = 0;
    for (int i = 0; i < ours->n; i++) {
        long long found = 0;
        for (int k = 0; k < theirs->n; k++) {
            if (strcmp(ours->line[i].account, theirs->line[k].account) == 0) {
                found = theirs->line[k].fen;
            }
        }
        if (found != ours->line[i].fen) {
            fail_msg("%s: %s is %lld, ours %lld", who, ours->line[i].account, found,
                     ours->line[i].fen);
        }
        compared += found != 0;
    }
    int with_money = 0;
    for (int k = 0; k < theirs->n; k++) {
        with_money += theirs->line[k].fen != 0;
    }
    assert_int_equal(compared, with_money);
    assert_true(compared > 20);
}

static void our_totals(store *s, totals *out)
{
    store_tx *tx = NULL;
    CHECK_OK(store_begin(s, STORE_READ, &tx, &err));
    ARENA_AUTO arena *a = arena_new("test", 16 << 20);
    store_rows r = {0};
    CHECK_OK(store_query(tx, STMT_VERIFY_BALANCES,
                         ARGS(arg_int(INT64_MIN), arg_str(STR("")), arg_int(0), arg_int(0),
                              arg_int(0), arg_int(0), arg_int(0), arg_int(0), arg_int(0),
                              arg_int(100000)),
                         &r, &err));
    for (bool more = true;;) {
        CHECK_OK(rows_next(&r, &more, &err));
        if (!more) {
            break;
        }
        ledger_cell c = {0};
        (void)row_int(&r);
        assert_true(ledger_account_of(row_text(&r), &c.account));
        c.voucher_id = row_int(&r);
        c.source_id = row_int(&r);
        for (int i = 0; i < 5; i++) {
            (void)row_int(&r);
        }
        const int64_t amount = row_int(&r);
        BUF_AUTO buf name = buf_max(256);
        CHECK_OK(journal_account(tx, &c, a, &name, &err));
        total_add(out, name.data, amount);
    }
    rows_end(&r);
    store_rollback(&tx);
}

/* "account<sep>amount": quotes, blanks and the currency are skipped over. */
static void line_read(const char *line, totals *out)
{
    char account[96] = "";
    size_t len = 0;
    long long fen = 0;
    bool negative = false;
    bool digits = false;
    const char *p = line + strspn(line, "\" ");
    while (*p != '\0' && strchr("\",| \n", *p) == NULL && len + 1 < sizeof account) {
        account[len++] = *p++;
    }
    account[len] = '\0';
    for (; *p != '\0'; p++) {
        negative = negative || *p == '-';
        if (*p >= '0' && *p <= '9') {
            fen = fen * 10 + (*p - '0');
            digits = true;
        }
    }
    if (digits && strchr(account, ':') != NULL) {
        const bool whole = strchr(line + 1, '.') == NULL;
        total_add(out, account, (negative ? -fen : fen) * (whole ? 100 : 1));
    }
}

static void their_totals(const char *command, totals *out)
{
    char line[512];
    FILE *p = popen(command, "r");
    assert_non_null(p);
    while (fgets(line, sizeof line, p) != NULL) {
        line_read(line, out);
    }
    if (pclose(p) != 0) {
        fail_msg("%s failed", command);
    }
}

static tq_code put(void *ctx, str text, tq_err *err)
{
    (void)err;
    buf_str_add(ctx, text);
    return TQ_OK;
}

static const struct {
    const char *form;
    const char *check; /* must succeed */
    const char *query;
} programs[] = {
    {"hledger", "hledger -f %s check", "hledger -f %s balance --flat -N -O csv"},
    {"ledger", "ledger -f %s source",
     "ledger -f %s balance --flat --no-total --format '%(account)|%(display_total)\\n'"},
    {"beancount", "bean-check %s",
     "bean-query -f csv %s 'SELECT account, sum(number) GROUP BY account'"},
};

/* The template with %s replaced by the path. */
static void command_of(char *out, size_t room, const char *template, const char *path)
{
    const char *hole = strstr(template, "%s");
    assert_non_null(hole);
    const int n = snprintf(out, room, "%.*s%s%s", (int)(hole - template), template, path, hole + 2);
    assert_true(n > 0 && (size_t)n < room);
}

static void programs_come_to_our_balances(void **state)
{
    (void)state;
    site at = site_make();
    store *s = site_open(&at);
    world w;
    world_begin(&w, s);
    world_money(&w, 25);
    world_issue(&w, 1);
    CHECK_OK(event_sequence(s, &err));
    static totals ours;
    our_totals(s, &ours);
    for (size_t i = 0; i < TQ_COUNT(programs); i++) {
        journal_form form = JOURNAL_HLEDGER;
        char path[128];
        char command[512];
        static totals theirs;
        theirs = (totals){0};
        assert_true(journal_form_of(str_of(programs[i].form), &form));
        BUF_AUTO buf text = buf_max(64 << 20);
        CHECK_OK(export_journal(s, form, 0, put, &text, &err));
        (void)snprintf(path, sizeof path, "%s/journal.%s", at.dir, programs[i].form);
        CHECK_OK(file_write_durable(path, buf_view(&text), 0600, &err));
        command_of(command, sizeof command, programs[i].check, path);
        if (system(command) != 0) {
            fail_msg("%s failed", command);
        }
        command_of(command, sizeof command, programs[i].query, path);
        their_totals(command, &theirs);
        must_agree(&ours, &theirs, programs[i].form);
    }
    store_close(s);
    site_drop(&at);
}

static void forms_are_known_by_name(void **state)
{
    (void)state;
    journal_form form = JOURNAL_LEDGER;
    assert_true(journal_form_of(STR("beancount"), &form));
    assert_int_equal(form, JOURNAL_BEANCOUNT);
    assert_false(journal_form_of(STR("Beancount"), &form));
    assert_false(journal_form_of(STR(""), &form));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_known_by_name),
        cmocka_unit_test(programs_come_to_our_balances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
