/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/changxing_world.h"

#include <stdio.h>

#include "app/bank_account.h"
#include "app/evidence.h"
#include "app/fund.h"
#include "app/organisation.h"
#include "app/person.h"
#include "app/programme.h"
#include "cli/changxing_calendars.h"
#include "cli/changxing_files.h"

#define OFFICE_OPENS 32400 /* 09:00, seconds */
#define SALT_BYTES 32

/* One person for each role; the log-in is demo-<role>. Agents come with their organisations. */
static const struct staff_row {
    role role;
    const char *name;
} staff[] = {
    {ROLE_INTAKE, "演示受理员"},
    {ROLE_REVIEWER1, "演示初审员"},
    {ROLE_REVIEWER2, "演示复审员"},
    {ROLE_FINANCE_MAKER, "演示财政经办"},
    {ROLE_FINANCE_CHECKER, "演示财政复核"},
    {ROLE_CENTRE, "演示服务中心"},
    {ROLE_OFFICE, "演示协调办"},
    {ROLE_GROUP, "演示协调小组"},
    {ROLE_INSPECTOR, "演示核查员"},
    {ROLE_LINKED_BUREAU, "演示联动部门"},
    {ROLE_POLICY_AUTHOR, "演示政策起草"},
    {ROLE_POLICY_APPROVER, "演示政策批准"},
    {ROLE_AUDITOR, "演示审计员"},
    {ROLE_SUPERVISOR, "演示监督员"},
    {ROLE_SUPERVISOR_HEAD, "演示监督负责人"},
};

static call call_of(world *w, role r, const seat *who)
{
    arena_reset(w->step);
    const call c = {
        .who = {.user_id = who->user_id,
                .person_id = who->person_id,
                .role = r,
                .programme_id = w->programme_id,
                .org_id = who->org_id},
        .at = zone_at(w->zone, w->today, OFFICE_OPENS + (int)w->moment * 10),
        .today = w->today,
        .a = w->step,
    };
    w->moment++;
    return c;
}

call world_as(world *w, role r)
{
    TQ_ASSERT(w->staff[r].user_id != 0);
    return call_of(w, r, &w->staff[r]);
}

call world_agent(world *w, role r, const seat *who)
{
    TQ_ASSERT(who->org_id != 0);
    return call_of(w, r, who);
}

call world_system(world *w)
{
    static const seat nobody = {0};
    return call_of(w, ROLE_SYSTEM, &nobody);
}

call world_secadmin(world *w, const seat *who)
{
    call c = call_of(w, ROLE_SECADMIN, who);
    c.who.org_id = 0;
    return c;
}

static str demo_login(world *w, role r)
{
    return arena_printf(w->life, "demo-%s", role_name(r));
}

tq_code world_grant(world *w, role r, const seat *who, tq_err *err)
{
    int64_t grant_id = 0;
    const call c = world_secadmin(w, &w->staff[ROLE_SECADMIN]);
    const grant_rq grant = {
        .user_id = who->user_id, .role = r, .programme_id = w->programme_id, .org_id = who->org_id};
    TQ_TRY(grant_propose(w->site, &c, &grant, &grant_id, err));
    const call d = world_secadmin(w, &w->second_secadmin);
    return grant_confirm(w->site, &d, grant_id, err);
}

static tq_code seat_open(world *w, str name, str login, role r, int64_t org_id, seat *out,
                         tq_err *err)
{
    const seat *first = &w->staff[ROLE_SECADMIN];
    seat s = {.org_id = org_id};
    const call a = world_secadmin(w, first);
    const person_rq person = {.name = arena_copy(a.a, name)};
    TQ_TRY(person_register(w->site, &a, &person, &s.person_id, err));
    const call b = world_secadmin(w, first);
    TQ_TRY(user_open(w->site, &b, s.person_id, login, org_id, &s.user_id, err));
    *out = s;
    return world_grant(w, r, out, err);
}

tq_code world_account(world *w, const firm_state *of, str holder, int serial, tq_err *err)
{
    const call c = world_agent(w, of->is_firm ? ROLE_FIRM_AGENT : ROLE_INST_AGENT, &of->agent);
    int64_t account_id = 0;
    const account_rq rq = {
        .org_id = of->org_id,
        .holder = holder,
        .number = arena_printf(c.a, "33052201%09d", serial),
        .bank = STR("演示银行长兴支行"),
        .bank_code = STR("102336500018"),
    };
    TQ_TRY(account_propose(w->site, &c, &rq, &account_id, err));
    const call other = world_as(w, ROLE_INTAKE);
    return account_confirm(w->site, &other, account_id, err);
}

static tq_code site_open(world *w, tq_err *err)
{
    static const first_user users[] = {
        {ROLE_SECADMIN, {"demo-secadmin", 13}, {"演示安全员甲", 18}, {"", 0}, {"", 0}},
        {ROLE_SECADMIN, {"demo-secadmin2", 14}, {"演示安全员乙", 18}, {"", 0}, {"", 0}},
        {ROLE_SYSADMIN, {"demo-sysadmin", 13}, {"演示系统管理员", 21}, {"", 0}, {"", 0}},
    };
    /* Fixed, so that the same seed gives the same log; a real site draws its own. */
    static const char salt[] = "changxing-demonstration-salt-32b";
    _Static_assert(sizeof salt == SALT_BYTES + 1, "the salt is 32 bytes");
    int64_t user_ids[TQ_COUNT(users)];
    int64_t person_ids[TQ_COUNT(users)];
    const call c = world_system(w);
    const site_init_rq rq = {
        .programme = {.code = STR("330522"),
                      .name_zh = STR("长兴县科技创新券（演示数据）"),
                      .name_en = STR("Changxing innovation vouchers (demonstration data)"),
                      .division = STR("330522"),
                      .currency = STR("CNY"),
                      .zone = STR("Asia/Shanghai"),
                      .fiscal_month = 1},
        .salt = {salt, SALT_BYTES},
        .users = users,
        .n_users = TQ_COUNT(users),
    };
    TQ_TRY(site_init(w->site, &c, &rq, &w->programme_id, user_ids, person_ids, err));
    w->staff[ROLE_SECADMIN] = (seat){user_ids[0], person_ids[0], 0};
    w->second_secadmin = (seat){user_ids[1], person_ids[1], 0};
    w->staff[ROLE_SYSADMIN] = (seat){user_ids[2], person_ids[2], 0};
    return TQ_OK;
}

tq_code world_policy(world *w, tq_err *err)
{
    const call author = world_as(w, ROLE_POLICY_AUTHOR);
    int64_t policy_id = 0;
    str yaml = {0};
    TQ_TRY(changxing_file(NULL, STR("cn-changxing-demo"), author.a, &yaml, err));
    const policy_file_rq rq = {
        .name = STR("cn-changxing-demo.yaml"),
        .yaml = yaml,
        .doc_no = arena_printf(author.a, "演示〔%d〕1号", day_ymd(w->today).year),
        .from = w->today,
        .read = changxing_file,
    };
    TQ_TRY(policy_file(w->site, &author, &rq, &policy_id, err));
    const call approver = world_as(w, ROLE_POLICY_APPROVER);
    TQ_TRY(policy_put_in_force(w->site, &approver, policy_id, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(w->site, &tx, err));
    TQ_TRY(voucher_kind_find(tx, w->programme_id, STR("apply"), &w->kind_apply, err));
    return voucher_kind_find(tx, w->programme_id, STR("award"), &w->kind_award, err);
}

static tq_code townships_open(world *w, tq_err *err)
{
    for (int i = 0; i < PLAN_TOWNSHIPS; i++) {
        const call c = world_as(w, ROLE_OFFICE);
        const org_rq rq = {
            .kind = i == PLAN_TOWNSHIPS - 1 ? STR("park") : STR("township"),
            .name = str_of(plan_township_names[i]),
            .region = STR("330522"),
            .since = w->today,
        };
        TQ_TRY(org_register(w->site, &c, &rq, &w->townships[i], err));
    }
    return TQ_OK;
}

static tq_code institution_open(world *w, int i, tq_err *err)
{
    const plan_institution *p = &w->p->institutions[i];
    firm_state *s = &w->institutions[i];
    const call c = world_as(w, ROLE_OFFICE);
    /* A province stands for its capital: the demonstration needs no finer place. */
    const org_rq rq = {
        .kind = STR("institution"),
        .credit_code = str_of(p->credit_code),
        .name = p->name,
        .region =
            strlen(p->region) == 6 ? str_of(p->region) : arena_printf(c.a, "%s0100", p->region),
        .since = w->today,
    };
    TQ_TRY(org_register(w->site, &c, &rq, &s->org_id, err));
    char login[32];
    char name[64];
    if (i == 0) {
        (void)snprintf(login, sizeof login, "demo-%s", role_name(ROLE_INST_AGENT));
    } else {
        (void)snprintf(login, sizeof login, "inst%03d", i);
    }
    (void)snprintf(name, sizeof name, "演示机构经办%03d", i);
    TQ_TRY(seat_open(w, str_of(name), str_of(login), ROLE_INST_AGENT, s->org_id, &s->agent, err));
    return world_account(w, s, p->name, 500000 + i, err);
}

tq_code world_found(world *w, tq_err *err)
{
    TQ_TRY(site_open(w, err));
    for (size_t i = 0; i < TQ_COUNT(staff); i++) {
        TQ_TRY(seat_open(w, str_of(staff[i].name), demo_login(w, staff[i].role), staff[i].role, 0,
                         &w->staff[staff[i].role], err));
    }
    TQ_TRY(calendars_set(w, 2013, 2018, err));
    TQ_TRY(world_policy(w, err));
    TQ_TRY(townships_open(w, err));
    /* Whose role names a place comes after the places. */
    TQ_TRY(seat_open(w, STR("演示核查员二"), STR("demo-inspector2"), ROLE_INSPECTOR, 0,
                     &w->second_inspector, err));
    TQ_TRY(seat_open(w, STR("演示乡镇专员"), demo_login(w, ROLE_TOWNSHIP), ROLE_TOWNSHIP,
                     w->townships[0], &w->staff[ROLE_TOWNSHIP], err));
    for (int i = 0; i < w->p->n_institutions; i++) {
        TQ_TRY(institution_open(w, i, err));
    }
    return TQ_OK;
}

tq_code world_source(world *w, int year, const world_money *m, tq_err *err)
{
    int64_t line_id = 0;
    int64_t source_id = 0;
    int64_t move_id = 0;
    const call a = world_as(w, ROLE_FINANCE_MAKER);
    const budget_line_rq line = {
        .year = year,
        .doc_no = arena_printf(a.a, "长财教〔%d〕演示%s", year, m->code),
        .project_code = STR("330522-KJCXQ"),
        .function_code = STR("2060499"),
        .gov_econ_code = STR("50799"),
        .dept_econ_code = STR("31299"),
        .nature = STR("一般公共预算"),
        .pay_mode = STR("财政直接支付"),
    };
    TQ_TRY(budget_line_open(w->site, &a, &line, &line_id, err));
    const call b = world_as(w, ROLE_FINANCE_MAKER);
    const source_rq source = {
        .kind_code = str_of(m->kind),
        .budget_line_id = line_id,
        .code = arena_printf(b.a, "%s%d", m->code, year),
        .name = str_of(m->name),
        .stock_class = str_of(m->class),
        .origin = str_of(m->origin),
        .base_fen = m->base_fen,
    };
    TQ_TRY(source_open(w->site, &b, &source, &source_id, err));
    const call c = world_as(w, ROLE_FINANCE_MAKER);
    const fund_rq move = {
        .kind = str_of(m->move),
        .source_id = source_id,
        .year = year,
        .amount_fen = m->amount_fen,
        .doc_no = arena_printf(c.a, "长财教〔%d〕演示%s", year, m->code),
    };
    TQ_TRY(fund_propose(w->site, &c, &move, &move_id, err));
    const call d = world_as(w, ROLE_FINANCE_CHECKER);
    return fund_book(w->site, &d, move_id, err);
}

tq_code world_year_fund(world *w, int year, tq_err *err)
{
    /* P-21: 10 % out of two funds, and the county matches half of it: 7.5 million a year. */
    static const world_money award[] = {
        {"I", "工业强县专项资金提取", "award", "stock", "industrial_fund", "extract", 3000000000,
         0},
        {"S", "县科技创新专项资金提取", "award", "stock", "science_fund", "extract", 2000000000, 0},
        {"M", "县财政配套", "award", "growth", "county_budget", "match", 0, 0},
    };
    world_money apply = {.code = "A",
                         .name = "县科技创新专项资金",
                         .kind = "apply",
                         .class = "growth",
                         .origin = "science_fund",
                         .move = "appropriate"};
    for (int v = 0; v < w->p->n_vouchers; v++) {
        const plan_voucher *pv = &w->p->vouchers[v];
        if (!pv->award && day_ymd((day){pv->day}).year == year) {
            apply.amount_fen += 3000000; /* as if each firm took all it may (P-20) */
        }
    }
    TQ_TRY(world_source(w, year, &apply, err));
    for (size_t i = 0; year > 2013 && i < TQ_COUNT(award); i++) {
        TQ_TRY(world_source(w, year, &award[i], err));
    }
    return TQ_OK;
}

const char *world_partner(const char *region)
{
    return strcmp(region, "31") == 0   ? "上海研发公共服务平台"
           : strcmp(region, "33") == 0 ? "浙江省科技创新云服务平台"
           : strcmp(region, "32") == 0 ? "江苏省大型科学仪器设备共享服务平台"
                                       : NULL;
}

tq_code world_open_regions(world *w, tq_err *err)
{
    const char *signed_region = "";
    char scan[65];
    TQ_TRY(evidence_put(w->site, STR("演示数据：协调小组关于认可服务机构的纪要"), scan, err));
    for (int i = 0; i < w->p->n_institutions; i++) {
        const plan_institution *p = &w->p->institutions[i];
        if (p->open_from != w->today.n) {
            continue;
        }
        const char *partner = world_partner(p->region);
        int64_t id = 0;
        if (partner == NULL) {
            const call c = world_as(w, ROLE_GROUP);
            const decision_paper paper = {
                arena_printf(c.a, "长创券认〔%d〕%d号", day_ymd(w->today).year, i), w->today,
                str_of(scan)};
            TQ_TRY(recognition_grant(w->site, &c, w->institutions[i].org_id, w->today, (day){0},
                                     &paper, &id, err));
        } else if (strcmp(signed_region, p->region) != 0) {
            signed_region = p->region;
            const call c = world_as(w, ROLE_OFFICE);
            const agreement_rq rq = {.partner = str_of(partner),
                                     .region = str_of(p->region),
                                     .from = w->today,
                                     .doc_no = arena_printf(c.a, "合作协议（演示）%s", p->region)};
            TQ_TRY(agreement_sign(w->site, &c, &rq, &id, err));
        }
    }
    return TQ_OK;
}

tq_code world_firm_joins(world *w, int firm, tq_err *err)
{
    const plan_firm *p = &w->p->firms[firm];
    firm_state *s = &w->firms[firm];
    const call c = world_as(w, ROLE_INTAKE);
    const org_rq rq = {
        .kind = STR("enterprise"),
        .credit_code = str_of(p->credit_code),
        .name = p->name,
        .region = STR("330522"),
        .place_id = w->townships[p->township],
        .since = w->today,
    };
    TQ_TRY(org_register(w->site, &c, &rq, &s->org_id, err));
    const call d = world_as(w, ROLE_INTAKE);
    int64_t fact_id = 0;
    const org_fact_rq fact = {.org_id = s->org_id,
                              .kind = STR("recognition"),
                              .value = STR("county_tech_firm"),
                              .from = w->today};
    TQ_TRY(org_fact_record(w->site, &d, &fact, &fact_id, err));
    char login[32];
    char name[64];
    if (firm == 0) {
        (void)snprintf(login, sizeof login, "demo-%s", role_name(ROLE_FIRM_AGENT));
    } else {
        (void)snprintf(login, sizeof login, "firm%03d", firm);
    }
    (void)snprintf(name, sizeof name, "演示企业经办%03d", firm);
    TQ_TRY(seat_open(w, str_of(name), str_of(login), ROLE_FIRM_AGENT, s->org_id, &s->agent, err));
    s->is_firm = true;
    if (firm == 0) {
        TQ_TRY(seat_open(w, STR("演示企业财务"), demo_login(w, ROLE_FIRM_FINANCE),
                         ROLE_FIRM_FINANCE, s->org_id, &w->firm_finance, err));
    }
    return world_account(w, s, p->name, 100000 + firm, err);
}
