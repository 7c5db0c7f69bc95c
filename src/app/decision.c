/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app_inner.h"
#include "app/idempotency.h"

static const struct series_row {
    number_kind kind;
    const char *series;
} all_series[] = {
    {NUMBER_VOUCHER, "voucher"},
    {NUMBER_DECISION, "decision"},
    {NUMBER_REGISTER, "register"},
    {NUMBER_BATCH, "batch"},
    {NUMBER_PAYMENT, "payment"},
    {NUMBER_ORDER, "order"},
    {NUMBER_CLAIM, "claim"},
    {NUMBER_CASE, "case"},
    {NUMBER_INSPECTION, "inspection"},
    {NUMBER_APPLICATION, "application"},
    {NUMBER_DRAW, "draw"},
    {NUMBER_BAN_QUERY, "ban_query"},
};

tq_code number_next(store_tx *tx, const call *c, event *e, number_kind kind, public_number *out,
                    tq_err *err)
{
    const char *series = NULL;
    for (size_t i = 0; i < TQ_COUNT(all_series); i++) {
        series = all_series[i].kind == kind ? all_series[i].series : series;
    }
    TQ_ASSERT(series != NULL);
    programme_brief b;
    int64_t year = 0;
    int64_t serial = 0;
    TQ_TRY(programme_read(tx, c->who.programme_id, &b, err));
    TQ_TRY(fiscal_year(tx, c->who.programme_id, c->today, &year, err));
    TQ_TRY(event_serial(tx, e, series, year, &serial, err));
    *out = number_make(kind, str_of(b.code), (int)year, serial);
    return TQ_OK;
}

tq_code decision_add(store_tx *tx, const call *c, event *e, int table, int64_t id,
                     const char *outcome, const char *reason, int64_t policy_id, str facts,
                     str steps, const decision_paper *paper, int64_t *decision_id, tq_err *err)
{
    TQ_ASSERT(outcome != NULL);
    TQ_ASSERT(reason != NULL);
    public_number number;
    int64_t new_id = 0;
    TQ_TRY(number_next(tx, c, e, NUMBER_DECISION, &number, err));
    TQ_TRY(event_new_row(tx, e, T_DECISION, &new_id, err));
    event_int(e, C_DECISION_PROGRAMME_ID, c->who.programme_id);
    event_text(e, C_DECISION_NUMBER, str_of(number.text));
    event_text(e, C_DECISION_SUBJECT, str_of(audited_table_of(table)->name));
    event_int(e, C_DECISION_SUBJECT_ID, id);
    event_text(e, C_DECISION_OUTCOME, str_of(outcome));
    event_text(e, C_DECISION_REASON, str_of(reason));
    event_int(e, C_DECISION_POLICY_ID, policy_id);
    event_text(e, C_DECISION_FACTS, facts);
    event_text(e, C_DECISION_STEPS, steps);
    event_int(e, C_DECISION_PERSON_ID, c->who.person_id);
    event_int(e, C_DECISION_DAY, c->today.n);
    if (paper != NULL && paper->number.len > 0) {
        event_text(e, C_DECISION_PAPER_NO, paper->number);
        event_int(e, C_DECISION_PAPER_DAY, paper->day.n);
        event_text(e, C_DECISION_PAPER_BLOB, paper->blob);
    }
    *decision_id = new_id;
    return TQ_OK;
}

void decision_refuses(const call *c, int64_t decision_id)
{
    TQ_ASSERT(decision_id > 0);
    if (c->refused_by != NULL) {
        *c->refused_by = decision_id;
    }
    idem_note(c, "refusal", decision_id);
}
