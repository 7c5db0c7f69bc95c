/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/changxing_plan.h"

#include <stdio.h>

#include "base/ids.h"
#include "base/money.h"

#define FIRMS 512
#define LEADING 60
#define AWARD_YEARS 4
#define AWARD_FEN INT64_C(12500000) /* 125,000 yuan each: 240 of them are 30,000,000 */
#define AWARD_REDEEMED_FEN INT64_C(2400000000)
#define CAP_FEN INT64_C(3000000) /* P-20 */
#define STEP_FEN INT64_C(10000)  /* amounts are settled in steps of 100 yuan */
#define OTHER_TESTING 700
#define AWARD_TESTING 100
#define ORDERS_MAX 4000
#define VOUCHERS_MAX 3000

const char *const plan_outcome_tokens[PLAN_OUTCOMES] = {
    "testing", "iur", "patent", "standard", "certification", "novelty_search", "talent"};
const int plan_outcome_totals[PLAN_OUTCOMES] = {4016, 174, 179, 99, 607, 783, 48};

const char *const plan_township_names[PLAN_TOWNSHIPS] = {
    "雉城街道", "画溪街道", "太湖街道", "龙山街道", "洪桥镇", "李家巷镇", "夹浦镇", "林城镇",
    "虹星桥镇", "小浦镇",   "和平镇",   "泗安镇",   "煤山镇", "水口乡",   "吕山乡", "长兴开发区"};
const char *const plan_township_codes[PLAN_TOWNSHIPS] = {
    "330522001", "330522002", "330522003", "330522004", "330522101", "330522102",
    "330522103", "330522104", "330522106", "330522108", "330522110", "330522111",
    "330522112", "330522200", "330522202", "330522P01"};

/* Apply vouchers of each year: how many firms, and from which to which day they are issued. */
static const struct round_row {
    ymd first, last;
    int vouchers;
} rounds[] = {
    {{2013, 9, 12}, {2013, 12, 6}, 230}, {{2014, 1, 10}, {2014, 10, 24}, 450},
    {{2015, 1, 9}, {2015, 10, 23}, 500}, {{2016, 1, 8}, {2016, 10, 21}, 512},
    {{2017, 1, 6}, {2017, 8, 25}, 505},
};

typedef enum {
    M_TEST = 1,
    M_IUR = 2,
    M_PATENT = 4,
    M_STANDARD = 8,
    M_CERT = 16,
    M_NOVELTY = 32,
    M_TALENT = 64
} outcome_mask;

/* The four institutions that the paper names keep their names; all others are invented. */
static const struct institution_row {
    const char *name;
    const char *region;
    ymd open;
    unsigned outcomes;
} cast[] = {
    {"绿色动力电池公共服务平台（演示）", "330522", {2013, 9, 2}, M_TEST},
    {"浙江省科技信息研究院（演示）", "33", {2014, 3, 20}, M_NOVELTY},
    {"上海衡新检测技术研究所（演示）", "31", {2013, 9, 10}, M_TEST | M_CERT},
    {"上海申和材料测试中心（演示）", "31", {2013, 9, 10}, M_TEST},
    {"上海浦江认证有限公司（演示）", "31", {2013, 9, 10}, M_CERT | M_STANDARD},
    {"上海科讯情报咨询中心（演示）", "31", {2013, 9, 10}, M_NOVELTY | M_PATENT},
    {"上海东方技术转移中心（演示）", "31", {2013, 9, 10}, M_PATENT | M_IUR | M_TALENT},
    {"上海理工联合研究院（演示）", "31", {2013, 9, 10}, M_IUR | M_TALENT | M_STANDARD},
    {"宁波中科院材料所（演示）", "33", {2014, 3, 20}, M_IUR | M_TEST},
    {"杭州西溪质量技术中心（演示）", "33", {2014, 3, 20}, M_TEST | M_CERT},
    {"浙江钱塘标准化院（演示）", "33", {2014, 3, 20}, M_STANDARD | M_CERT},
    {"湖州太湖知识产权事务所（演示）", "33", {2014, 3, 20}, M_PATENT | M_TALENT},
    {"江苏金陵大型仪器中心（演示）", "32", {2014, 10, 15}, M_TEST},
    {"苏州阳澄检测认证所（演示）", "32", {2014, 10, 15}, M_TEST | M_CERT},
    {"南京紫金产业研究院（演示）", "32", {2014, 10, 15}, M_IUR | M_TALENT},
    {"无锡惠山技术市场（演示）", "32", {2014, 10, 15}, M_PATENT | M_NOVELTY},
    {"哈尔滨蓄电池研究所（演示）", "23", {2015, 5, 11}, M_IUR | M_TEST},
};
enum { INST_BATTERY, INST_NOVELTY };

static const char *const name_heads[] = {"天衡", "恒晟", "金陵", "远景", "华源", "新锐",
                                         "宏图", "昌盛", "德润", "科信", "蓝海", "瑞丰",
                                         "众合", "启明", "永兴", "中科"};
static const char *const name_middles[] = {"新能源",   "蓄电池", "机械", "纺织",
                                           "耐火材料", "电子",   "环保", "生物",
                                           "智能装备", "新材料", "化工"};

/* splitmix64 (public domain, Vigna): one seed, one sequence, everywhere. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int pick(uint64_t *state, int n)
{
    TQ_ASSERT(n > 0);
    return (int)(next(state) % (uint64_t)n);
}

static void make_firms(uint64_t *rng, arena *a, plan *p)
{
    p->n_firms = FIRMS;
    p->firms = ARENA_NEW(a, plan_firm, FIRMS);
    for (int i = 0; i < FIRMS; i++) {
        plan_firm *f = &p->firms[i];
        const bool battery = i < PLAN_BATTERY_FIRMS;
        const char *head = name_heads[i % (int)TQ_COUNT(name_heads)];
        const char *middle =
            battery ? "蓄电池" : name_middles[(i / 16) % (int)TQ_COUNT(name_middles)];
        f->name = arena_printf(a, "长兴%s%s%03d有限公司（演示）", head, middle, i);
        const credit_code code = credit_code_make("91", "330522", (uint32_t)(100000 + i));
        memcpy(f->credit_code, code.text, sizeof f->credit_code);
        f->township = pick(rng, PLAN_TOWNSHIPS);
        f->leading = i < LEADING;
        f->joins = INT32_MAX; /* the day before the first voucher, set below */
    }
}

static void make_institutions(arena *a, plan *p)
{
    p->n_institutions = (int)TQ_COUNT(cast);
    p->institutions = ARENA_NEW(a, plan_institution, p->n_institutions);
    for (int i = 0; i < p->n_institutions; i++) {
        plan_institution *t = &p->institutions[i];
        t->name = str_of(cast[i].name);
        t->region = cast[i].region;
        t->open_from = day_of_ymd(cast[i].open).n;
        const char *division = strcmp(t->region, "330522") == 0 ? "330522"
                               : strcmp(t->region, "31") == 0   ? "310104"
                               : strcmp(t->region, "32") == 0   ? "320106"
                               : strcmp(t->region, "23") == 0   ? "230102"
                                                                : "330106";
        const credit_code code = credit_code_make("12", division, (uint32_t)(7000 + i));
        memcpy(t->credit_code, code.text, sizeof t->credit_code);
    }
}

/* Working days only: an office issues nothing on a weekend. */
static int32_t weekday_on_or_after(int32_t n)
{
    while (day_weekday((day){n}) >= 6) {
        n++;
    }
    return n;
}

static void add_voucher(plan *p, int firm, bool award, int32_t on, int64_t amount, int64_t top_up)
{
    TQ_ASSERT(p->n_vouchers < VOUCHERS_MAX);
    p->vouchers[p->n_vouchers++] = (plan_voucher){firm, award, on, amount, top_up};
    if (on - 3 < p->firms[firm].joins) {
        p->firms[firm].joins = on - 3;
    }
}

/* Raises or lowers amounts in steps, each within [low, high], until they sum to `goal`. */
static void settle(int64_t **amounts, const int64_t *low, const int64_t *high, int n, int64_t goal)
{
    int64_t sum = 0;
    for (int i = 0; i < n; i++) {
        sum += *amounts[i];
    }
    TQ_ASSERT((goal - sum) % STEP_FEN == 0);
    for (int round = 0; sum != goal; round++) {
        TQ_ASSERT(round < 1000);
        for (int i = 0; i < n && sum != goal; i++) {
            const int64_t step = sum < goal ? STEP_FEN : -STEP_FEN;
            const int64_t moved = *amounts[i] + step;
            if (moved >= low[i] && moved <= high[i]) {
                *amounts[i] = moved;
                sum += step;
            }
        }
    }
}

static void make_vouchers(uint64_t *rng, arena *a, plan *p)
{
    static const struct {
        int64_t first, top_up;
    } sizes[] = {{3000000, 0}, {3000000, 0}, {3000000, 0}, {3000000, 0},       {3000000, 0},
                 {3000000, 0}, {2500000, 0}, {2800000, 0}, {2000000, 1000000}, {2500000, 0}};
    p->vouchers = ARENA_NEW(a, plan_voucher, VOUCHERS_MAX);
    for (size_t r = 0; r < TQ_COUNT(rounds); r++) {
        const int32_t first = day_of_ymd(rounds[r].first).n;
        const int32_t span = day_of_ymd(rounds[r].last).n - first;
        for (int i = 0; i < rounds[r].vouchers; i++) {
            const size_t s = (size_t)pick(rng, (int)TQ_COUNT(sizes));
            /* A top-up 60 days later must fall into the same year and before the last orders. */
            const bool late = i > rounds[r].vouchers / 2;
            const int64_t amount = late ? sizes[s].first + sizes[s].top_up : sizes[s].first;
            add_voucher(p, i, false, weekday_on_or_after(first + span * i / rounds[r].vouchers),
                        amount, late ? 0 : sizes[s].top_up);
        }
    }
    const int n = p->n_vouchers;
    int64_t **amounts = ARENA_NEW(a, int64_t *, n);
    int64_t *low = ARENA_NEW(a, int64_t, n);
    int64_t *high = ARENA_NEW(a, int64_t, n);
    int64_t topped = 0;
    for (int i = 0; i < n; i++) {
        amounts[i] = &p->vouchers[i].amount_fen;
        low[i] = 1500000;
        high[i] = CAP_FEN - p->vouchers[i].top_up_fen;
        topped += p->vouchers[i].top_up_fen;
    }
    const int64_t awards = AWARD_FEN * LEADING * AWARD_YEARS;
    settle(amounts, low, high, n, PLAN_ISSUED_FEN - awards - topped);
    for (int y = 0; y < AWARD_YEARS; y++) {
        for (int i = 0; i < LEADING; i++) {
            const int32_t on = day_of_ymd((ymd){2014 + y, 4, 8}).n + i / 6;
            add_voucher(p, i, true, weekday_on_or_after(on), AWARD_FEN, 0);
        }
    }
}

static int choose_institution(uint64_t *rng, const plan *p, int outcome, int firm, int32_t on)
{
    int open[TQ_COUNT(cast)];
    int n = 0;
    /* Sixty-odd firms go to the novelty-search institute, the others elsewhere (P-14). */
    const bool regular = firm % 8 == 3;
    for (int i = 0; i < p->n_institutions; i++) {
        const bool fits = (cast[i].outcomes & (1U << (unsigned)outcome)) != 0;
        const bool kept = i == INST_BATTERY || (i == INST_NOVELTY && !regular);
        if (fits && !kept && p->institutions[i].open_from + 2 <= on) {
            open[n++] = i;
        }
    }
    if (outcome == PLAN_NOVELTY && regular && p->institutions[INST_NOVELTY].open_from + 2 <= on) {
        return INST_NOVELTY;
    }
    TQ_ASSERT(n > 0);
    return open[pick(rng, n)];
}

static plan_order *add_order(uint64_t *rng, plan *p, int voucher, int outcome, int institution)
{
    TQ_ASSERT(p->n_orders < ORDERS_MAX);
    const plan_voucher *v = &p->vouchers[voucher];
    plan_order *o = &p->orders[p->n_orders++];
    const bool last_year = day_ymd((day){v->day}).year == 2017;
    const int32_t wait = v->top_up_fen > 0 ? 64 : 4;
    o->voucher = voucher;
    o->outcome = outcome;
    o->count = 1;
    o->made = weekday_on_or_after(v->day + wait + pick(rng, last_year ? 12 : 70));
    o->confirmed = weekday_on_or_after(o->made + 14 + pick(rng, last_year ? 20 : 45));
    o->filed = weekday_on_or_after(o->confirmed + 4 + pick(rng, 10));
    o->institution =
        institution >= 0 ? institution : choose_institution(rng, p, outcome, v->firm, o->made);
    const int luck = pick(rng, 200);
    o->fate = luck < 6    ? FATE_RETURNED_ONCE
              : luck < 9  ? FATE_REFUSED
              : luck < 13 ? FATE_DECLINED
                          : FATE_PAID;
    return o;
}

static void shuffle(uint64_t *rng, int *list, int n)
{
    for (int i = n - 1; i > 0; i--) {
        const int j = pick(rng, i + 1);
        const int held = list[i];
        list[i] = list[j];
        list[j] = held;
    }
}

/* An apply voucher that is never used (some are, everywhere); never one that a firm depends on. */
static bool unused(const plan *p, int voucher)
{
    const int year = day_ymd((day){p->vouchers[voucher].day}).year;
    const int firm = p->vouchers[voucher].firm;
    return !p->vouchers[voucher].award && (year == 2014 || year == 2015) && firm % 17 == 5 &&
           firm >= PLAN_BATTERY_FIRMS;
}

static void apply_orders(uint64_t *rng, arena *a, plan *p)
{
    int *kinds = ARENA_NEW(a, int, ORDERS_MAX);
    int n = 0;
    static const int each[] = {PLAN_PATENT, PLAN_STANDARD, PLAN_CERTIFICATION, PLAN_NOVELTY};
    int forced = 0;
    for (size_t k = 0; k < TQ_COUNT(each); k++) {
        for (int i = 0; i < plan_outcome_totals[each[k]]; i++) {
            kinds[n++] = each[k];
        }
    }
    for (int i = 0; i < OTHER_TESTING; i++) {
        kinds[n++] = PLAN_TESTING;
    }
    /* The regulars of the novelty institute have one search each for certain, in 2016. */
    shuffle(rng, kinds, n);
    for (int i = 0; i < n && forced < PLAN_NOVELTY_FIRMS; i++) {
        if (kinds[i] == PLAN_NOVELTY) {
            kinds[i] = kinds[forced];
            kinds[forced++] = PLAN_NOVELTY;
        }
    }
    int next_kind = PLAN_NOVELTY_FIRMS;
    for (int v = 0; v < p->n_vouchers; v++) {
        const plan_voucher *voucher = &p->vouchers[v];
        if (voucher->award || unused(p, v)) {
            continue;
        }
        if (voucher->firm < PLAN_BATTERY_FIRMS) {
            (void)add_order(rng, p, v, PLAN_TESTING, INST_BATTERY);
        } else if (voucher->firm % 8 == 3 && day_ymd((day){voucher->day}).year == 2016) {
            (void)add_order(rng, p, v, PLAN_NOVELTY, -1);
        } else if (next_kind < n) {
            (void)add_order(rng, p, v, kinds[next_kind++], -1);
        }
    }
    /* Battery firms that are regulars of the institute search on their second order. */
    int searched = 0;
    for (int v = 0; v < p->n_vouchers && searched < PLAN_NOVELTY_FIRMS; v++) {
        const plan_voucher *voucher = &p->vouchers[v];
        if (!voucher->award && voucher->firm < PLAN_BATTERY_FIRMS && voucher->firm % 8 == 3 &&
            day_ymd((day){voucher->day}).year == 2016) {
            (void)add_order(rng, p, v, PLAN_NOVELTY, -1);
            searched++;
        }
    }
    for (int v = 0; next_kind < n; v = (v + 7) % p->n_vouchers) {
        if (!p->vouchers[v].award && !unused(p, v)) {
            (void)add_order(rng, p, v, kinds[next_kind++], -1);
        }
    }
}

static void award_orders(uint64_t *rng, arena *a, plan *p)
{
    int *kinds = ARENA_NEW(a, int, ORDERS_MAX);
    int n = 0;
    for (int i = 0; i < plan_outcome_totals[PLAN_IUR]; i++) {
        kinds[n++] = PLAN_IUR;
    }
    for (int i = 0; i < plan_outcome_totals[PLAN_TALENT]; i++) {
        kinds[n++] = PLAN_TALENT;
    }
    for (int i = 0; i < AWARD_TESTING; i++) {
        kinds[n++] = PLAN_TESTING;
    }
    shuffle(rng, kinds, n);
    int first_award = 0;
    while (!p->vouchers[first_award].award) {
        first_award++;
    }
    const int awards = p->n_vouchers - first_award;
    for (int i = 0; i < n; i++) {
        (void)add_order(rng, p, first_award + i % awards, kinds[i], -1);
    }
}

static void spread_counts(arena *a, plan *p, bool battery, int total)
{
    int64_t *weights = ARENA_NEW(a, int64_t, p->n_orders);
    money *shares = ARENA_NEW(a, money, p->n_orders);
    int n = 0;
    for (int i = 0; i < p->n_orders; i++) {
        const plan_order *o = &p->orders[i];
        const bool mine = o->outcome == PLAN_TESTING && (o->institution == INST_BATTERY) == battery;
        weights[i] = mine ? 2 + i % 5 : 0;
        n += mine;
    }
    TQ_ASSERT(n > 0 && total >= n);
    money_split((money){total - n}, weights, (size_t)p->n_orders, shares);
    for (int i = 0; i < p->n_orders; i++) {
        p->orders[i].count += weights[i] > 0 ? (int)shares[i].minor : 0;
    }
}

/* What each voucher redeems in all, split over its orders; sums to the paper's figure exactly. */
static void settle_holds(uint64_t *rng, arena *a, plan *p, bool award, int64_t goal)
{
    int64_t *used = ARENA_NEW(a, int64_t, p->n_vouchers);
    int *orders = ARENA_NEW(a, int, p->n_vouchers);
    for (int i = 0; i < p->n_orders; i++) {
        orders[p->orders[i].voucher]++;
    }
    int64_t **amounts = ARENA_NEW(a, int64_t *, p->n_vouchers);
    int64_t *low = ARENA_NEW(a, int64_t, p->n_vouchers);
    int64_t *high = ARENA_NEW(a, int64_t, p->n_vouchers);
    int n = 0;
    for (int v = 0; v < p->n_vouchers; v++) {
        if (orders[v] == 0 || p->vouchers[v].award != award) {
            continue;
        }
        const int64_t whole = p->vouchers[v].amount_fen + p->vouchers[v].top_up_fen;
        used[v] = whole * (70 + pick(rng, 26)) / 100 / STEP_FEN * STEP_FEN;
        amounts[n] = &used[v];
        low[n] = whole / 2;
        high[n] = whole;
        n++;
    }
    settle(amounts, low, high, n, goal);
    for (int i = 0; i < p->n_orders; i++) {
        plan_order *o = &p->orders[i];
        if (p->vouchers[o->voucher].award != award) {
            continue;
        }
        /* Equal parts in steps of 100 yuan; the voucher's last order takes what is left. */
        const int64_t part = used[o->voucher] / orders[o->voucher] / STEP_FEN * STEP_FEN;
        o->hold_fen = orders[o->voucher] == 1 ? used[o->voucher] : part;
        used[o->voucher] -= o->hold_fen;
        orders[o->voucher]--;
    }
}

static void settle_contracts(uint64_t *rng, arena *a, plan *p)
{
    int64_t *weights = ARENA_NEW(a, int64_t, p->n_orders);
    money *shares = ARENA_NEW(a, money, p->n_orders);
    for (int i = 0; i < p->n_orders; i++) {
        weights[i] = p->orders[i].hold_fen * (93 + pick(rng, 15)) / 100;
    }
    money_split((money){PLAN_CONTRACT_FEN}, weights, (size_t)p->n_orders, shares);
    for (int i = 0; i < p->n_orders; i++) {
        p->orders[i].contract_fen = shares[i].minor;
    }
}

static void check_plan(const plan *p)
{
    int64_t issued = 0;
    int64_t redeemed = 0;
    int64_t contracts = 0;
    int counts[PLAN_OUTCOMES] = {0};
    for (int v = 0; v < p->n_vouchers; v++) {
        issued += p->vouchers[v].amount_fen + p->vouchers[v].top_up_fen;
    }
    for (int i = 0; i < p->n_orders; i++) {
        const plan_order *o = &p->orders[i];
        redeemed += o->hold_fen;
        contracts += o->contract_fen;
        counts[o->outcome] += o->count;
        TQ_ASSERT(o->hold_fen > 0);
        TQ_ASSERT(o->filed <= day_of_ymd((ymd){2017, 11, 30}).n);
        TQ_ASSERT(p->institutions[o->institution].open_from <= o->made);
    }
    TQ_ASSERT(issued == PLAN_ISSUED_FEN);
    TQ_ASSERT(redeemed == PLAN_REDEEMED_FEN);
    TQ_ASSERT(contracts == PLAN_CONTRACT_FEN);
    for (int k = 0; k < PLAN_OUTCOMES; k++) {
        TQ_ASSERT(counts[k] == plan_outcome_totals[k]);
    }
}

void plan_make(uint64_t seed, arena *a, plan *out)
{
    uint64_t rng = seed;
    plan p = {0};
    make_firms(&rng, a, &p);
    make_institutions(a, &p);
    make_vouchers(&rng, a, &p);
    p.orders = ARENA_NEW(a, plan_order, ORDERS_MAX);
    apply_orders(&rng, a, &p);
    award_orders(&rng, a, &p);
    spread_counts(a, &p, true, PLAN_BATTERY_BATCHES);
    spread_counts(a, &p, false, plan_outcome_totals[PLAN_TESTING] - PLAN_BATTERY_BATCHES);
    settle_holds(&rng, a, &p, false, PLAN_REDEEMED_FEN - AWARD_REDEEMED_FEN);
    settle_holds(&rng, a, &p, true, AWARD_REDEEMED_FEN);
    settle_contracts(&rng, a, &p);
    check_plan(&p);
    *out = p;
}
