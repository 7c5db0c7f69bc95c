/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app_inner.h"
#include "app/inspection_inner.h"

#include "app/row_change.h"
#include "app/voucher_inner.h"

#define R(r) ROLES(ROLE_##r)
#define TEXT_MAX 2000

typedef struct line {
    int64_t id, n;
    finding_class finding;
    str answer, note;
} line;

static tq_code lines_read(store_tx *tx, const call *c, int64_t inspection_id, line *out, size_t *n,
                          tq_err *err)
{
    ROWS_AUTO store_rows r = {0};
    *n = 0;
    TQ_TRY(store_query(tx, STMT_INSPECTION_LINES, ARGS(arg_int(inspection_id)), &r, err));
    for (bool more = true;;) {
        TQ_TRY(rows_next(&r, &more, err));
        if (!more) {
            return TQ_OK;
        }
        TQ_ASSERT(*n < INSPECTION_LINES_MAX);
        line *l = &out[(*n)++];
        l->id = row_int(&r);
        l->n = row_int(&r);
        l->finding = finding_named(row_text(&r));
        l->answer = row_copy(&r, c->a);
        l->note = row_copy(&r, c->a);
    }
}

static tq_code text_need(str s, const char *field, tq_err *err)
{
    return s.len > 0 && s.len <= TEXT_MAX && str_utf8(s)
               ? TQ_OK
               : tq_fail(err, TQ_INVALID, "text_size", field, "say it in 1 to %d bytes", TEXT_MAX);
}

static tq_code answer_need(const inspection_answer *answer, tq_err *err)
{
    static const char *const words[] = {"yes", "no", "not_applicable", NULL};
    TQ_TRY(word_need(answer->answer, words, "inspection.answers", err));
    TQ_TRY(line_may(answer->note, "inspection.answers", err));
    if (str_eq(answer->answer, STR("no")) && answer->note.len == 0) {
        return tq_fail(err, TQ_INVALID, "finding_note", "inspection.answers",
                       "line %lld: say what was found", (long long)answer->n);
    }
    return TQ_OK;
}

/* A second record may leave lines as they were; an event holds only what changed. */
static void line_change(event *e, const line *was, const inspection_answer *now)
{
    const bool answer = !str_eq(was->answer, now->answer);
    const bool note = !str_eq(was->note, now->note);
    if (!answer && !note) {
        return;
    }
    event_change(e, T_INSPECTION_LINE, was->id);
    if (answer) {
        event_text(e, C_INSPECTION_LINE_ANSWER, now->answer);
    }
    if (note) {
        event_text(e, C_INSPECTION_LINE_NOTE, now->note);
    }
}

/* Each line once and none left out: an inspection that skipped a question has not asked it. */
static tq_code answers_write(const inspection_record_rq *rq, const line *lines, size_t n, event *e,
                             tq_err *err)
{
    for (size_t i = 0; i < n; i++) {
        const inspection_answer *found = NULL;
        for (size_t k = 0; k < rq->n_answers; k++) {
            if (rq->answers[k].n != lines[i].n) {
                continue;
            }
            if (found != NULL) {
                return tq_fail(err, TQ_INVALID, "lines", "inspection.answers",
                               "line %lld is answered twice", (long long)lines[i].n);
            }
            found = &rq->answers[k];
        }
        if (found == NULL) {
            return tq_fail(err, TQ_INVALID, "lines", "inspection.answers",
                           "line %lld has no answer", (long long)lines[i].n);
        }
        TQ_TRY(answer_need(found, err));
        line_change(e, &lines[i], found);
    }
    return rq->n_answers == n ? TQ_OK
                              : tq_fail(err, TQ_INVALID, "lines", "inspection.answers",
                                        "there are %zu lines and %zu answers", n, rq->n_answers);
}

tq_code inspection_record(app *a, const call *c, const inspection_record_rq *rq, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    line lines[INSPECTION_LINES_MAX];
    size_t n = 0;
    bool first = false;
    TQ_TRY(text_need(rq->summary, "inspection.summary", err));
    TQ_TRY(work_begin(a, c, R(INSPECTOR), &tx, err));
    TQ_TRY(inspection_load(tx, c, rq->inspection_id, row, err));
    TQ_TRY(inspection_place(row, c, &first, err));
    TQ_TRY(inspection_state_need(row, "assigned", "visited", err));
    if (rq->visited.n > c->today.n || rq->visited.n == 0) {
        return tq_fail(err, TQ_INVALID, "days", "inspection.visited",
                       "give the day of the visit, today or earlier");
    }
    if (!rq->late && rq->visited.n < c->today.n) {
        return tq_fail(err, TQ_INVALID, "late", "inspection.late",
                       "what is entered after the day of the visit is marked as entered later");
    }
    TQ_TRY(lines_read(tx, c, rq->inspection_id, lines, &n, err));
    event e = work_event(c, EV_INSPECTION_RECORD);
    event_change(&e, T_INSPECTION, rq->inspection_id);
    text_change(&e, row, C_INSPECTION_STATE, STR("visited"));
    int_change(&e, row, C_INSPECTION_VISITED_DAY, rq->visited.n);
    int_change(&e, row, C_INSPECTION_LATE, rq->late);
    text_change(&e, row, C_INSPECTION_SUMMARY, rq->summary);
    int_change(&e, row, C_INSPECTION_FIRST_SIGNED_DAY, 0); /* a signature is of what was signed */
    int_change(&e, row, C_INSPECTION_SECOND_SIGNED_DAY, 0);
    TQ_TRY(answers_write(rq, lines, n, &e, err));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code inspection_sign(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    bool first = false;
    day until = DAY_NONE;
    TQ_TRY(work_begin(a, c, R(INSPECTOR), &tx, err));
    TQ_TRY(inspection_load(tx, c, id, row, err));
    TQ_TRY(inspection_place(row, c, &first, err));
    TQ_TRY(inspection_state_need(row, "visited", NULL, err));
    const int own = first ? C_INSPECTION_FIRST_SIGNED_DAY : C_INSPECTION_SECOND_SIGNED_DAY;
    const int other = first ? C_INSPECTION_SECOND_SIGNED_DAY : C_INSPECTION_FIRST_SIGNED_DAY;
    if (row_num(row, own) != 0) {
        return tq_fail(err, TQ_CONFLICT, "signed", "inspection",
                       "you have signed; the other inspector has not");
    }
    event e = work_event(c, EV_INSPECTION_SIGN);
    TQ_TRY(act_once(tx, c, &e, T_INSPECTION, id, "inspect", err));
    event_change(&e, T_INSPECTION, id);
    event_int(&e, own, c->today.n);
    if (row_num(row, other) != 0) {
        TQ_TRY(clock_of_policy(a, tx, c, "reply", &until, err));
        event_text(&e, C_INSPECTION_STATE, STR("signed"));
        int_change(&e, row, C_INSPECTION_REPLY_BY_DAY, until.n);
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

tq_code inspection_reply(app *a, const call *c, int64_t id, str reply, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(text_need(reply, "inspection.reply", err));
    TQ_TRY(work_begin(a, c, R(FIRM_AGENT) | R(FIRM_FINANCE), &tx, err));
    TQ_TRY(inspection_load(tx, c, id, row, err));
    TQ_TRY(own_org(c, row_num(row, C_INSPECTION_ORG_ID), err));
    TQ_TRY(inspection_state_need(row, "signed", NULL, err));
    event e = work_event(c, EV_INSPECTION_REPLY);
    event_change(&e, T_INSPECTION, id);
    event_text(&e, C_INSPECTION_STATE, STR("replied"));
    text_change(&e, row, C_INSPECTION_REPLY, reply);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* R-INSPECT-080: where the reply shows that the record is wrong, the inspectors record and sign anew, and the firm
 * may reply again. In the stage of closing: who sends it back may close it, and those who were there may not. */
tq_code inspection_return(app *a, const call *c, int64_t id, str reason, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    const decision_paper none = {0};
    int64_t policy_id = 0;
    int64_t decision_id = 0;
    const policy *p = NULL;
    TQ_TRY(line_need(reason, "inspection.reason", err));
    TQ_TRY(work_begin(a, c, R(OFFICE) | R(GROUP), &tx, err));
    TQ_TRY(inspection_load(tx, c, id, row, err));
    TQ_TRY(inspection_state_need(row, "replied", NULL, err));
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    event e = work_event(c, EV_INSPECTION_RETURN);
    TQ_TRY(act_once(tx, c, &e, T_INSPECTION, id, "inspect_close", err));
    TQ_TRY(decision_add(tx, c, &e, T_INSPECTION, id, "returned", reason.data, policy_id, STR("{}"),
                        STR("[]"), &none, &decision_id, err));
    event_change(&e, T_INSPECTION, id);
    event_text(&e, C_INSPECTION_STATE, STR("visited"));
    event_int(&e, C_INSPECTION_FIRST_SIGNED_DAY, 0);
    event_int(&e, C_INSPECTION_SECOND_SIGNED_DAY, 0);
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}

/* --- what it comes to ------------------------------------------------------------------------------- */

static finding_class worst(const line *lines, size_t n)
{
    finding_class found = FINDING_NONE;
    for (size_t i = 0; i < n; i++) {
        if (str_eq(lines[i].answer, STR("no")) && lines[i].finding > found) {
            found = lines[i].finding;
        }
    }
    return found;
}

/* What a closed inspection does, and to whom. */
typedef struct effect {
    event *e;
    int64_t inspection_id, org_id;
    finding_class found;
    policy_finding does;
} effect;

/* An entry without points still carries what else lasts as long: the smaller voucher (R-FINDING-020). */
static tq_code points_off(store_tx *tx, const call *c, const effect *f, tq_err *err)
{
    int64_t entry = 0;
    TQ_TRY(event_new_row(tx, f->e, T_CREDIT_ENTRY, &entry, err));
    event_int(f->e, C_CREDIT_ENTRY_PROGRAMME_ID, c->who.programme_id);
    event_int(f->e, C_CREDIT_ENTRY_ORG_ID, f->org_id);
    event_text(f->e, C_CREDIT_ENTRY_CAUSE, str_of(finding_name(f->found)));
    event_int(f->e, C_CREDIT_ENTRY_POINTS, f->does.points);
    event_int(f->e, C_CREDIT_ENTRY_DAY, c->today.n);
    event_int(f->e, C_CREDIT_ENTRY_EXPIRES_DAY, day_add_months(c->today, (int)f->does.months).n);
    event_int(f->e, C_CREDIT_ENTRY_INSPECTION_ID, f->inspection_id);
    event_int(f->e, C_CREDIT_ENTRY_MAKER_ID, c->who.person_id);
    event_text(f->e, C_CREDIT_ENTRY_STATE, STR("active"));
    return act_once(tx, c, f->e, T_CREDIT_ENTRY, entry, "give", err); /* R-CREDIT-030 */
}

static tq_code visits_ahead(store_tx *tx, const call *c, const effect *f, tq_err *err)
{
    int64_t must = 0;
    const int months = (int)f->does.must_visit_years * 12;
    TQ_TRY(event_new_row(tx, f->e, T_MUST_VISIT, &must, err));
    event_int(f->e, C_MUST_VISIT_PROGRAMME_ID, c->who.programme_id);
    event_int(f->e, C_MUST_VISIT_ORG_ID, f->org_id);
    event_int(f->e, C_MUST_VISIT_FROM_DAY, c->today.n);
    event_int(f->e, C_MUST_VISIT_TO_DAY, day_add_months(c->today, months).n);
    event_text(f->e, C_MUST_VISIT_CAUSE, str_of(finding_name(f->found)));
    event_int(f->e, C_MUST_VISIT_INSPECTION_ID, f->inspection_id);
    return TQ_OK;
}

#define SUCCESSORS_MAX 16

/* Who answers today for the firm that was visited: it may have merged since (R-ORG-020). */
static tq_code answerer(store_tx *tx, const call *c, int64_t *org_id, tq_err *err)
{
    event_value org[AUDITED_COLS_MAX];
    for (int i = 0; i < SUCCESSORS_MAX; i++) {
        TQ_TRY(row_load(tx, T_ORGANISATION, *org_id, c->a, org, err));
        if (row_num(org, C_ORGANISATION_SUCCESSOR_ID) == 0) {
            break;
        }
        *org_id = row_num(org, C_ORGANISATION_SUCCESSOR_ID);
    }
    return TQ_OK;
}

/* R-INSPECT-020, R-FINDING-010, P-37: all by the policy of the day, in the event that closes the inspection. */
static tq_code effects(store_tx *tx, const call *c, event *e, const policy *p,
                       const event_value *row, finding_class found, int64_t id, tq_err *err)
{
    effect f = {.e = e, .inspection_id = id, .found = found};
    f.org_id = row_num(row, C_INSPECTION_ORG_ID);
    TQ_ASSERT(found != FINDING_NONE);
    TQ_TRY(policy_finding_get(p, found, c->today, &f.does, err));
    TQ_TRY(answerer(tx, c, &f.org_id, err));
    if (f.does.points > 0 || f.does.lowers) {
        TQ_TRY(points_off(tx, c, &f, err));
    }
    if (f.does.must_visit_years > 0) {
        TQ_TRY(visits_ahead(tx, c, &f, err));
    }
    if (f.does.opens_case) {
        case_result opened;
        const case_open_request rq = {.org_id = f.org_id, .cause = STR("inspection")};
        TQ_TRY(case_add(tx, c, e, &rq, id, &opened, err));
    }
    return TQ_OK;
}

tq_code inspection_close(app *a, const call *c, int64_t id, finding_class *result, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    line lines[INSPECTION_LINES_MAX];
    size_t n = 0;
    const policy *p = NULL;
    int64_t policy_id = 0;
    TQ_TRY(work_begin(a, c, R(OFFICE), &tx, err));
    TQ_TRY(inspection_load(tx, c, id, row, err));
    TQ_TRY(inspection_state_need(row, "signed", "replied", err));
    if (row_is(row, C_INSPECTION_STATE, "signed") &&
        c->today.n <= row_num(row, C_INSPECTION_REPLY_BY_DAY)) {
        return tq_fail(err, TQ_CONFLICT, "reply_open", "inspection", "the firm may still reply");
    }
    TQ_TRY(lines_read(tx, c, id, lines, &n, err));
    const finding_class found = worst(lines, n);
    TQ_TRY(app_policy(a, tx, c->who.programme_id, &policy_id, &p, err));
    event e = work_event(c, EV_INSPECTION_CLOSE);
    TQ_TRY(act_once(tx, c, &e, T_INSPECTION, id, "inspect_close", err));
    event_change(&e, T_INSPECTION, id);
    event_text(&e, C_INSPECTION_STATE, STR("closed"));
    event_text(&e, C_INSPECTION_RESULT, str_of(finding_name(found)));
    if (row_num(row, C_INSPECTION_PICK_ID) != 0) {
        event_change(&e, T_DRAW_PICK, row_num(row, C_INSPECTION_PICK_ID));
        event_text(&e, C_DRAW_PICK_STATE, STR("visited"));
    }
    if (found != FINDING_NONE) {
        TQ_TRY(effects(tx, c, &e, p, row, found, id, err));
    }
    TQ_TRY(event_append(tx, &e, NULL, err));
    TQ_TRY(store_commit(&tx, err));
    *result = found;
    return TQ_OK;
}

tq_code inspection_publish(app *a, const call *c, int64_t id, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    event_value row[AUDITED_COLS_MAX];
    TQ_TRY(work_begin(a, c, R(OFFICE) | R(GROUP), &tx, err));
    TQ_TRY(inspection_load(tx, c, id, row, err));
    TQ_TRY(inspection_state_need(row, "closed", NULL, err));
    event e = work_event(c, EV_INSPECTION_PUBLISH);
    /* R-INSPECT-030: who was there or closed it does not make it public */
    TQ_TRY(act_once(tx, c, &e, T_INSPECTION, id, INSPECTION_STAGE_PUBLISH, err));
    event_change(&e, T_INSPECTION, id);
    event_text(&e, C_INSPECTION_STATE, STR("published"));
    TQ_TRY(event_append(tx, &e, NULL, err));
    return store_commit(&tx, err);
}
