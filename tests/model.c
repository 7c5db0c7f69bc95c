/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include <stdlib.h>

#include "app/bank_account.h"
#include "app/fund.h"
#include "app/programme.h"
#include "base/file.h"

#define LATEST 10 /* of the objects that are likely to be on their way */

int64_t model_draw(model *m, int64_t n)
{
    TQ_ASSERT(n > 0);
    m->seed = m->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((m->seed >> 33) % (uint64_t)n);
}

void model_keep(model_ids *l, int64_t id)
{
    for (int i = l->n - 1; i >= 0 && i > l->n - LATEST; i--) {
        if (l->id[i] == id) {
            return;
        }
    }
    if (id != 0 && l->n < MODEL_KEEP) {
        l->id[l->n++] = id;
    }
}

call model_by(model *m, role r)
{
    m->p.d = m->d;
    return r == ROLE_FIRM_AGENT ? as_firm(&m->p) : as(&m->p, r);
}

void model_act_for(model *m, int64_t firm_id)
{
    const model_firm *firm = &m->firms[0];
    for (int i = 0; i < m->n_firms; i++) {
        firm = m->firms[i].id == firm_id ? &m->firms[i] : firm;
    }
    m->p.firm = firm->id;
    m->p.user = firm->user;
    m->p.person = firm->person;
}

call model_lab(model *m, int64_t lab_id)
{
    const model_firm *lab = &m->labs[0];
    for (int i = 0; i < m->n_labs; i++) {
        lab = m->labs[i].id == lab_id ? &m->labs[i] : lab;
    }
    m->p.d = m->d;
    return fixture_user(m->f, lab->user, lab->person, ROLE_INST_AGENT, lab->id, m->d);
}

const model_firm *model_one_of(model *m, const model_firm *list, int n)
{
    TQ_ASSERT(n > 0);
    const int last = n > 3 && model_draw(m, 4) != 0 ? 3 : n;
    return &list[n - 1 - (int)model_draw(m, last)];
}

void model_row(model *m, int table, int64_t id, event_value *row)
{
    row_of(m->f, table, id, row);
}

static bool word_in(const char *words, str word)
{
    const char *at = words;
    while (at != NULL) {
        const char *end = strchr(at, '|');
        const size_t len = end == NULL ? strlen(at) : (size_t)(end - at);
        if (len == word.len && memcmp(at, word.data, len) == 0) {
            return true;
        }
        at = end == NULL ? NULL : end + 1;
    }
    return false;
}

int64_t model_some(model *m, const model_ids *l, int table, int state_col, const char *words)
{
    TX_AUTO store_tx *tx = NULL;
    int64_t fit[MODEL_KEEP];
    int n = 0;
    m->idle = l->n == 0;
    if (m->idle) {
        return 0;
    }
    if (model_draw(m, 16) == 0) {
        return l->id[model_draw(m, l->n)]; /* in whatever state: it must be refused cleanly */
    }
    NEED(work_read(m->f->app, &tx, err));
    for (int i = 0; i < l->n; i++) {
        event_value row[AUDITED_COLS_MAX];
        NEED(row_load(tx, table, l->id[i], m->f->a, row, err));
        if (word_in(words, row_str(row, state_col))) {
            fit[n++] = l->id[i];
        }
    }
    m->idle = n == 0;
    if (n == 0) {
        return 0;
    }
    const int last = n > LATEST && model_draw(m, 3) != 0 ? LATEST : n;
    return fit[n - 1 - (int)model_draw(m, last)];
}

decision_paper model_paper(model *m)
{
    return (decision_paper){STR("纪要〔2013〕2号"), m->d, m->paper};
}

/* --- the beginning ------------------------------------------------------------------------------ */

/* An account of its own each: two with one account are related parties. */
static void account(model *m, int64_t org)
{
    event_value row[AUDITED_COLS_MAX];
    int64_t id = 0;
    const call one = fixture_as(m->f, ROLE_INTAKE, day_add(m->d, -20));
    const call two = fixture_as(m->f, ROLE_REVIEWER1, day_add(m->d, -20)); /* it cools three days */
    model_row(m, T_ORGANISATION, org, row);
    const account_rq rq = {.org_id = org,
                           .holder = row_str(row, C_ORGANISATION_NAME),
                           .number = arena_printf(m->f->a, "33052200001%08lld", (long long)org),
                           .bank = STR("中国农业银行长兴支行"),
                           .bank_code = STR("103336270011")};
    NEED(account_propose(m->f->app, &one, &rq, &id, err));
    NEED(account_confirm(m->f->app, &two, id, err));
}

void model_firm_add(model *m)
{
    if (m->n_firms == MODEL_FIRMS) {
        return;
    }
    model_firm *firm = &m->firms[m->n_firms++];
    firm->id = fixture_org(m->f, "enterprise", "长兴小试电源有限公司");
    fixture_person(m->f, ROLE_FIRM_AGENT, firm->id, &firm->user, &firm->person);
    recognise(m->f, firm->id);
    account(m, firm->id);
}

static void recognised(model *m, int64_t lab)
{
    int64_t id = 0;
    const call group = model_by(m, ROLE_GROUP);
    const decision_paper paper = model_paper(m);
    NEED(recognition_grant(m->f->app, &group, lab, FIXTURE_DAY, fixture_day(2018, 12, 31), &paper,
                           &id, err));
    account(m, lab);
}

void model_lab_add(model *m)
{
    if (m->n_labs == MODEL_FIRMS) {
        return;
    }
    model_firm *lab = &m->labs[m->n_labs++];
    lab->id = fixture_org(m->f, "institution", "湖州检测院");
    fixture_person(m->f, ROLE_INST_AGENT, lab->id, &lab->user, &lab->person);
    recognised(m, lab->id);
}

static tq_code lapse_read(void *ctx, str name, arena *a, str *out, tq_err *err)
{
    char where[512];
    const char *root = getenv("TQ_SOURCE_DIR");
    (void)ctx;
    (void)snprintf(where, sizeof where, "%s/schemes/%.*s%s", root, STR_ARG(name),
                   name.len > 5 && memcmp(name.data + name.len - 5, ".yaml", 5) == 0 ? ""
                                                                                     : ".yaml");
    return file_read(where, 1024 * 1024, a, out, err);
}

void model_lapse_in_force(fixture *f, day d)
{
    static const char from[] = "on_expiry: pool";
    static const char to[] = "on_expiry: lapse";
    str text = {0};
    int64_t id = 0;
    BUF_AUTO buf b = buf_max(1024 * 1024);
    NEED(lapse_read(NULL, STR("cn-changxing-demo.yaml"), f->a, &text, err));
    for (size_t i = 0; i < text.len; i++) {
        const bool here =
            i + strlen(from) <= text.len && memcmp(text.data + i, from, strlen(from)) == 0;
        if (here) {
            buf_text(&b, to);
            i += strlen(from) - 1;
        } else {
            buf_char(&b, text.data[i]);
        }
    }
    const policy_file_rq rq = {.name = STR("lapse.yaml"),
                               .yaml = buf_view(&b),
                               .doc_no = STR("长政办发〔2013〕2号"),
                               .from = d,
                               .read = lapse_read};
    const call author = fixture_as(f, ROLE_POLICY_AUTHOR, d);
    const call approver = fixture_as(f, ROLE_POLICY_APPROVER, d);
    NEED(policy_file(f->app, &author, &rq, &id, err));
    NEED(policy_put_in_force(f->app, &approver, id, err));
}

static int64_t source(model *m, const char *kind, const char *class, const char *code, int64_t base)
{
    int64_t line = 0;
    int64_t id = 0;
    const call maker = model_by(m, ROLE_FINANCE_MAKER);
    const budget_line_rq line_rq = {.year = day_ymd(m->d).year,
                                    .doc_no = STR("长财教1号"),
                                    .project_code = STR("001"),
                                    .function_code = STR("2060499"),
                                    .nature = STR("一般公共预算"),
                                    .pay_mode = STR("授权支付")};
    NEED(budget_line_open(m->f->app, &maker, &line_rq, &line, err));
    const source_rq rq = {.kind_code = str_of(kind),
                          .budget_line_id = line,
                          .code = str_of(code),
                          .name = STR("专项"),
                          .stock_class = str_of(class),
                          .origin = STR("county_budget"),
                          .base_fen = base};
    NEED(source_open(m->f->app, &maker, &rq, &id, err));
    model_keep(&m->sources, id);
    return id;
}

void model_sources(model *m)
{
    if (m->source_year != day_ymd(m->d).year) {
        m->source_year = day_ymd(m->d).year;
        m->growth = source(m, "apply", "growth", "G", 0);
        m->stock = source(m, "award", "stock", "K", 20000000);
        m->award_growth = source(m, "award", "growth", "A", 0);
    }
}

void model_begin(model *m, fixture *f, uint64_t seed, day d, bool lapse)
{
    *m = (model){.f = f, .seed = seed, .d = d};
    m->p = (path){.f = f, .d = d};
    m->paper = hex_of(f, "minutes");
    (void)hex_of(f, "invoice");
    (void)hex_of(f, "proof");
    if (lapse) {
        model_lapse_in_force(f, d);
    }
    m->apply = fixture_kind(f, "apply");
    m->award = fixture_kind(f, "award");
    model_sources(m);
    m->labs[m->n_labs++] =
        (model_firm){f->institution, f->user[ROLE_INST_AGENT], f->person[ROLE_INST_AGENT]};
    recognised(m, f->institution);
    model_lab_add(m);
    for (int i = 0; i < 3; i++) {
        model_firm_add(m);
    }
}
