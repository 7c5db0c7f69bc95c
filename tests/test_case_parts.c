/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to a case stands in its dossier, also where it came by events of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/bank_result.h"
#include "app/settle.h"
#include "path_county.h"
#include "store/checkpoint.h"
#include "store/dossier.h"

#define YUAN INT64_C(100)
#define DAY_RUN fixture_day(2013, 11, 20)
#define BYTES_MAX ((size_t)64 * 1024 * 1024)

/* A row that names another, `subject` by table and id where it has such a column, and begins in a state. */
typedef struct part {
    int table, col, subject_col, state_col;
    const char *subject, *state;
    role by;
} part;

/* By an event that speaks of nothing else. */
static int64_t part_made(const part *p, int64_t id)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t made = 0;
    const call c = fixture_as(f, p->by, DAY_RUN);
    NEED(store_begin(f->store, STORE_WRITE, &tx, err));
    event e = work_event(&c, EV_CASE_OPEN);
    NEED(event_new_row(tx, &e, p->table, &made, err));
    event_int(&e, p->col, id);
    if (p->subject != NULL) {
        event_text(&e, p->subject_col, str_of(p->subject));
    }
    if (p->state != NULL) {
        event_text(&e, p->state_col, str_of(p->state));
    }
    NEED(event_append(tx, &e, NULL, err));
    NEED(store_commit(&tx, err));
    return made;
}

static const part parts_of_claim[] = {
    {T_PUBLICATION_LINE, C_PUBLICATION_LINE_CLAIM_ID, 0, 0, NULL, NULL, ROLE_OFFICE},
    {T_OBJECTION, C_OBJECTION_CLAIM_ID, 0, C_OBJECTION_STATE, NULL, "open", ROLE_OFFICE},
    {T_REGISTER_LINE, C_REGISTER_LINE_CLAIM_ID, 0, C_REGISTER_LINE_STATE, NULL, "filed",
     ROLE_OFFICE},
    {T_SIGNAL, C_SIGNAL_SUBJECT_ID, C_SIGNAL_SUBJECT, C_SIGNAL_STATE, "claim", "open", ROLE_OFFICE},
};
static const part file_of_case = {
    T_EVIDENCE, C_EVIDENCE_SUBJECT_ID, C_EVIDENCE_SUBJECT, 0, "violation_case", NULL, ROLE_OFFICE};

/* Through the batch, the release and the bank. */
static void paid(void)
{
    const call maker = fixture_as(f, ROLE_FINANCE_MAKER, DAY_RUN);
    const call checker = fixture_as(f, ROLE_FINANCE_CHECKER, DAY_RUN);
    const batch_collect_request rq = {.period = STR("2013Q3")};
    batch_report r;
    batch_line_view line;
    size_t n = 0;
    NEED(batch_collect(f->app, &maker, &rq, &r, err));
    NEED(batch_lock(f->app, &maker, r.batch_id, &r, err));
    const batch_release_request go = {r.batch_id, arena_copy(f->a, str_of(r.list_sha256))};
    NEED(batch_release(f->app, &checker, &go, &r, err));
    NEED(batch_send(f->app, &maker, r.batch_id, &r, err));
    {
        TX_AUTO store_tx *tx = NULL;
        NEED(work_read(f->app, &tx, err));
        NEED(batch_lines(tx, r.batch_id, 0, f->a, &line, 1, &n, err));
    }
    const str csv =
        arena_printf(f->a, "payment_no,amount,status,reason,date\n%.*s,%lld.00,paid,,2013-11-20\n",
                     STR_ARG(line.payment_no), (long long)(line.amount_fen / YUAN));
    const bank_result_request in = {.bytes = csv};
    bank_result_report result;
    NEED(bank_result_apply(f->app, &maker, &in, &result, err));
    assert_int_equal(result.unmatched, 0);
}

static int64_t decided(int64_t kase, const improper_part *wrong)
{
    const call group = fixture_as(f, ROLE_GROUP, DAY_RUN);
    const case_decide_request rq = {.case_id = kase,
                                    .paper = paper_of(DAY_RUN),
                                    .reason = STR("虚假使用"),
                                    .parts = wrong,
                                    .n_parts = 1,
                                    .due = day_add(DAY_RUN, 30)};
    case_decide_report r;
    TX_AUTO store_tx *tx = NULL;
    open_recovery owed;
    size_t n = 0;
    NEED(case_decide(f->app, &group, &rq, &r, err));
    NEED(work_read(f->app, &tx, err));
    NEED(recovery_open(tx, f->programme_id, f->firm, f->a, &owed, 1, &n, err));
    assert_int_equal(n, 1);
    return owed.id;
}

static void in_parts(int64_t recovery_id)
{
    const call group = fixture_as(f, ROLE_GROUP, DAY_RUN);
    const instalment parts[] = {{day_add(DAY_RUN, 10), 100 * YUAN},
                                {day_add(DAY_RUN, 40), 100 * YUAN}};
    const recovery_plan_request rq = {recovery_id, paper_of(DAY_RUN), parts, 2};
    NEED(recovery_plan(f->app, &group, &rq, err));
}

/* The rows of the dossier, which stand after all events. */
static const char *rows_of(const buf *dossier)
{
    const char *found = NULL;
    for (const char *at = dossier->data; (at = strstr(at, "\"rows\":[[")) != NULL; at++) {
        found = at;
    }
    assert_non_null(found);
    return found;
}

static void row_stands(const buf *dossier, const char *table, int64_t id)
{
    const str mark = id == 0 ? arena_printf(f->a, "[\"%s\",", table)
                             : arena_printf(f->a, "[\"%s\",%lld,{", table, (long long)id);
    if (strstr(rows_of(dossier), mark.data) == NULL) {
        fail_msg("no %s %lld in the dossier", table, (long long)id);
    }
}

/* R-LOG-080 */
static void test_a_dossier_has_all_of_its_case(void **state)
{
    (void)state;
    const int64_t source = fixture_fund(f, "apply", 1000000 * YUAN, FIXTURE_DAY);
    (void)fixture_account(f, f->firm, DAY_RUN);
    const given g = given_claim(f, source, f->firm, 0, 1000 * YUAN, 700 * YUAN, 500 * YUAN);
    int64_t made[TQ_COUNT(parts_of_claim)];
    paid();
    for (size_t i = 0; i < TQ_COUNT(made); i++) {
        made[i] = part_made(&parts_of_claim[i], g.claim_id);
    }
    const int64_t kase = case_heard(f->firm, DAY_RUN);
    const int64_t file = part_made(&file_of_case, kase);
    const call firm = fixture_as(f, ROLE_FIRM_AGENT, DAY_RUN);
    NEED(case_state(f->app, &firm, kase, STR("检测报告原件可供核对。"), err));
    const improper_part improper = {g.claim_id, 200 * YUAN};
    const int64_t debt = decided(kase, &improper);
    in_parts(debt);
    NEED(event_sequence(f->store, err));
    NEED(checkpoint_write(f->store, firm.at, err));

    BUF_AUTO buf text = buf_max(DOSSIER_BYTES_MAX);
    BUF_AUTO buf shown = buf_max(DOSSIER_BYTES_MAX);
    dossier_said said;
    NEED(dossier_build(f->store, T_VIOLATION_CASE, kase, true, &text, err));
    buf_char(&text, '\0');
    NEED(dossier_check((str){text.data, text.len - 1}, STR(""), &said, err));
    assert_int_equal(said.withheld, 0);
    row_stands(&text, "claim", g.claim_id);
    for (size_t i = 0; i < TQ_COUNT(made); i++) {
        row_stands(&text, audited_table_of(parts_of_claim[i].table)->name, made[i]);
    }
    row_stands(&text, "evidence", file);
    row_stands(&text, "recovery", debt);
    static const char *const any[] = {"batch",  "batch_line", "bank_file",           "bank_line",
                                      "ban",    "decision",   "recovery_instalment", "policy",
                                      "voucher"};
    for (size_t i = 0; i < TQ_COUNT(any); i++) {
        row_stands(&text, any[i], 0);
    }
    assert_non_null(strstr(rows_of(&text), "\"stage\":\"case_state\"")); /* that it was heard */
    assert_null(strstr(text.data, "检测报告原件"));                      /* and not what it said */

    /* the firm is not shown signals, and the rest holds without them */
    NEED(dossier_build(f->store, T_VIOLATION_CASE, kase, false, &shown, err));
    buf_char(&shown, '\0');
    NEED(dossier_check((str){shown.data, shown.len - 1}, STR(""), &said, err));
    assert_true(said.withheld > 0);
    assert_null(strstr(shown.data, "\"signal\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {IN_COUNTY(test_a_dossier_has_all_of_its_case)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
