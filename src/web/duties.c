/* SPDX-License-Identifier: Apache-2.0 */
#include "web/duties.h"

const duty duties[] = {
    {ROLE_FIRM_AGENT, VIEW_CLAIM, "returned", VIEW_NONE},
    {ROLE_FIRM_AGENT, VIEW_SERVICE_ORDER, "delivered", VIEW_NONE},
    {ROLE_FIRM_AGENT, VIEW_CLAIM, "draft", VIEW_NONE},
    {ROLE_FIRM_AGENT, VIEW_APPLICATION, "returned", VIEW_NONE},
    {ROLE_FIRM_AGENT, VIEW_INSPECTION, "signed", VIEW_NONE},
    {ROLE_INST_AGENT, VIEW_SERVICE_ORDER, "proposed", VIEW_NONE},
    {ROLE_INST_AGENT, VIEW_SERVICE_ORDER, "accepted", VIEW_NONE},
    {ROLE_INST_AGENT, VIEW_CLAIM, "returned", VIEW_NONE},
    {ROLE_INTAKE, VIEW_APPLICATION, "submitted", VIEW_APPLICATION_QUEUE},
    {ROLE_INTAKE, VIEW_CLAIM, "submitted", VIEW_CLAIM_QUEUE},
    {ROLE_INTAKE, VIEW_REGISTRATION, "filed", VIEW_REGISTRATION_QUEUE},
    {ROLE_CENTRE, VIEW_REGISTRATION, "filed", VIEW_REGISTRATION_QUEUE},
    {ROLE_REVIEWER1, VIEW_CLAIM, "submitted", VIEW_CLAIM_QUEUE},
    {ROLE_REVIEWER1, VIEW_APPLICATION, "submitted", VIEW_APPLICATION_QUEUE},
    {ROLE_REVIEWER1, VIEW_SIGNAL, "referred", VIEW_NONE},
    {ROLE_REVIEWER2, VIEW_CLAIM, "checked", VIEW_CLAIM_QUEUE},
    {ROLE_REVIEWER2, VIEW_APPLICATION, "approved", VIEW_APPLICATION_QUEUE},
    {ROLE_REVIEWER2, VIEW_SIGNAL, "referred", VIEW_NONE},
    {ROLE_OFFICE, VIEW_CLAIM, "approved", VIEW_CLAIM_QUEUE},
    {ROLE_OFFICE, VIEW_OBJECTION, "open", VIEW_OBJECTION_QUEUE},
    {ROLE_OFFICE, VIEW_APPLICATION, "submitted", VIEW_APPLICATION_QUEUE},
    {ROLE_OFFICE, VIEW_APPLICATION, "approved", VIEW_APPLICATION_QUEUE},
    {ROLE_OFFICE, VIEW_CLAIM, "registered", VIEW_NONE},
    {ROLE_OFFICE, VIEW_VIOLATION_CASE, "opened", VIEW_NONE},
    {ROLE_OFFICE, VIEW_SIGNAL, "referred", VIEW_NONE},
    {ROLE_OFFICE, VIEW_DRAW, "approved", VIEW_NONE},
    {ROLE_OFFICE, VIEW_DRAW, "frozen", VIEW_NONE},
    {ROLE_OFFICE, VIEW_INSPECTION, "replied", VIEW_NONE},
    {ROLE_OFFICE, VIEW_INSPECTION, "signed", VIEW_NONE},
    {ROLE_OFFICE, VIEW_ASSESSMENT_CONTEST, "open", VIEW_NONE},
    {ROLE_OFFICE, VIEW_REGISTER_FILING, "filed", VIEW_NONE},
    {ROLE_GROUP, VIEW_APPLICATION, "submitted", VIEW_APPLICATION_QUEUE},
    {ROLE_GROUP, VIEW_OBJECTION, "open", VIEW_OBJECTION_QUEUE},
    {ROLE_GROUP, VIEW_VIOLATION_CASE, "heard", VIEW_NONE},
    {ROLE_GROUP, VIEW_VIOLATION_CASE, "appealed", VIEW_NONE},
    {ROLE_GROUP, VIEW_BAN_REPAIR, "asked", VIEW_NONE},
    {ROLE_GROUP, VIEW_DRAW, "planned", VIEW_NONE},
    {ROLE_GROUP, VIEW_DRAW, "drawn", VIEW_NONE},
    {ROLE_GROUP, VIEW_INSPECTION, "closed", VIEW_NONE},
    {ROLE_GROUP, VIEW_CREDIT_ENTRY, "proposed", VIEW_NONE},
    {ROLE_GROUP, VIEW_CREDIT_ENTRY, "contested", VIEW_NONE},
    {ROLE_GROUP, VIEW_ASSESSMENT, "frozen", VIEW_NONE},
    {ROLE_FINANCE_MAKER, VIEW_CLAIM, "published", VIEW_NONE},
    {ROLE_FINANCE_MAKER, VIEW_BATCH, "open", VIEW_NONE},
    {ROLE_FINANCE_MAKER, VIEW_BATCH, "released", VIEW_NONE},
    {ROLE_FINANCE_MAKER, VIEW_BATCH, "sent", VIEW_NONE},
    {ROLE_FINANCE_MAKER, VIEW_BANK_LINE, "unmatched", VIEW_NONE},
    {ROLE_FINANCE_CHECKER, VIEW_BATCH, "locked", VIEW_NONE},
    {ROLE_FINANCE_CHECKER, VIEW_FUND_MOVE, "proposed", VIEW_NONE},
    {ROLE_FINANCE_CHECKER, VIEW_BANK_ACCOUNT, "proposed", VIEW_NONE},
    {ROLE_INSPECTOR, VIEW_INSPECTION, "assigned", VIEW_NONE},
    {ROLE_INSPECTOR, VIEW_INSPECTION, "visited", VIEW_NONE},
    {ROLE_SUPERVISOR, VIEW_TIP, "filed", VIEW_NONE},
    {ROLE_SUPERVISOR, VIEW_TIP, "taken", VIEW_NONE},
    {ROLE_SUPERVISOR_HEAD, VIEW_INQUIRY, "asked", VIEW_NONE},
    {ROLE_SUPERVISOR_HEAD, VIEW_TIP, "led", VIEW_NONE},
    {ROLE_SUPERVISOR_HEAD, VIEW_TIP, "unfounded", VIEW_NONE},
    {ROLE_SECADMIN, VIEW_ROLE_GRANT, "proposed", VIEW_NONE},
    {ROLE_POLICY_APPROVER, VIEW_POLICY, "draft", VIEW_NONE},
};
const size_t duty_count = TQ_COUNT(duties);

tq_code duty_waiting(const web_rq *w, store_tx *tx, const duty *d, int64_t *n, tq_err *err)
{
    const view_query q = {.limit = 1, .state = str_of(d->state), .q = STR("")};
    return view_count(tx, view_of(d->view), &w->scope, &q, n, err);
}

str duty_path(const web_rq *w, const duty *d)
{
    const route *list = route_of_view(d->view, ROUTE_LIST, w->call.who.role);
    if (list == NULL) {
        return STR("");
    }
    if (d->queue != VIEW_NONE) {
        return arena_printf(w->call.a, "/review?of=%s&state=%s", view_of(d->view)->name, d->state);
    }
    return arena_printf(w->call.a, "%s?state=%s", list->path, d->state);
}

str duty_name(const web_rq *w, const duty *d)
{
    const view *v = view_of(d->view);
    const char *set = arena_printf(w->call.a, "state.%s", v->fields[v->state].of).data;
    const str name = text_token(w->lang, "view", str_of(v->name));
    const str state = text_token(w->lang, set, str_of(d->state));
    return arena_printf(w->call.a, "%.*s · %.*s", STR_ARG(name), STR_ARG(state));
}
