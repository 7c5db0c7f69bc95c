/* SPDX-License-Identifier: Apache-2.0 */
#include "web/home.h"

#include <stdio.h>

#include "web/html.h"

#define FEN_PER_WAN INT64_C(1000000)     /* 万元 */
#define FEN_PER_YI INT64_C(10000000000)  /* 亿元 */
#define FEN_PER_MILLION INT64_C(100000000)
#define BAR_LEFT 222 /* right of the longest English label */
#define BAR_WIDTH 270
#define BAR_STEP 34

static const struct {
    const char *kind, *zh, *en, *unit;
} services[] = {
    {"testing", "产品检测", "Product testing", "批次"},
    {"novelty_search", "科技查新", "Novelty searches", "项"},
    {"certification", "企业认证", "Firm certifications", "项"},
    {"patent", "专利购买", "Patents bought", "项"},
    {"iur", "产学研合作", "Industry-university cooperation", "项"},
    {"standard", "标准制定", "Standards made", "项"},
    {"talent", "人才引进", "High-level talents", "人"},
};

static const struct {
    const char *code, *zh, *en;
} regions[] = {
    {"31", "上海", "Shanghai"}, {"32", "江苏", "Jiangsu"},           {"33", "浙江", "Zhejiang"},
    {"23", "黑龙江", "Heilongjiang"}, {"330522", "长兴县内", "Within Changxing"},
};

static const char *say(const home_view *v, const char *zh, const char *en)
{
    return v->english ? en : zh;
}

static str region_name(const home_view *v, str code)
{
    /* The longest entry that the code begins with: a county before its province. */
    str best = code;
    size_t length = 0;
    for (size_t i = 0; i < TQ_COUNT(regions); i++) {
        const size_t n = strlen(regions[i].code);
        if (n > length && str_starts(code, str_of(regions[i].code))) {
            length = n;
            best = str_of(say(v, regions[i].zh, regions[i].en));
        }
    }
    return best;
}

static void head(const home_view *v, buf *out)
{
    const str name = v->empty ? STR("Tongquan 通券")
                              : (v->english ? v->programme.name_en : v->programme.name_zh);
    buf_printf(out, "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>",
               say(v, "zh-CN", "en"));
    html_text(out, name);
    buf_text(out, "</title><link rel=\"icon\" href=\"/assets/mark.svg\">"
                  "<link rel=\"stylesheet\" href=\"/assets/bootstrap.min.css\">"
                  "<link rel=\"stylesheet\" href=\"/assets/tq.css\"></head>\n<body>");
    buf_printf(out, "<a class=\"skip\" href=\"#main\">%s</a>", say(v, "跳到主要内容", "Skip to content"));
    buf_printf(out, "<header><div class=\"util\"><div class=\"container-xl bar\"><span>%s</span>"
                    "<span><a href=\"%s\">%s</a> · <a href=\"/?lang=%s\" lang=\"%s\" hreflang=\"%s\">%s</a>"
                    "</span></div></div>",
               say(v, "数据来自账本，可复算", "Figures come from the ledger and can be recomputed"),
               v->signed_in ? "/work" : "/login",
               v->signed_in ? say(v, "工作台", "Workbench") : say(v, "登录", "Log in"),
               say(v, "en", "zh"), say(v, "en", "zh-CN"), say(v, "en", "zh-CN"),
               say(v, "English", "中文"));
    buf_text(out, "<div class=\"mast\"><div class=\"container-xl pad\"><a class=\"brand\" href=\"/\">"
                  "<img class=\"logo\" src=\"/assets/mark.svg\" alt=\"\"><span><b>");
    html_text(out, name);
    buf_printf(out, "</b><small>%s</small></span></a></div></div></header>\n",
               say(v, "跨区域 · 以券代补 · 先付后兑", "Cross-regional innovation vouchers"));
}

static void card_open(buf *out, const char *tone, const char *label)
{
    buf_printf(out, "<div class=\"kpi %s\"><dt>%s</dt><dd><span class=\"v\">", tone, label);
}

static void card_close(buf *out, const char *unit, const char *note)
{
    buf_printf(out, "</span><span class=\"u\">%s</span></dd><dd class=\"small mute\">%s</dd></div>", unit,
               note);
}

static void money_card(const home_view *v, buf *out, const char *tone, const char *label, money m,
                       const char *note)
{
    const bool large = m.minor >= FEN_PER_YI;
    card_open(out, tone, label);
    html_amount(out, m.minor, v->english ? FEN_PER_MILLION : large ? FEN_PER_YI : FEN_PER_WAN);
    card_close(out, v->english ? "million yuan" : large ? "亿元" : "万元", note);
}

static void cards(const home_view *v, buf *out)
{
    const report_headline *h = &v->headline;
    buf_text(out, "<dl class=\"kpis\">");
    money_card(v, out, "", say(v, "累计发放", "Issued"), h->issued,
               say(v, "发放与增发之和，未扣过期与注销", "Issues and top-ups, before expiry and cancellation"));
    money_card(v, out, "g", say(v, "累计兑现", "Redeemed"), h->redeemed,
               say(v, "银行已确认，扣除退汇，追回前", "Confirmed by the bank, less returns, before clawback"));
    card_open(out, "y", say(v, "平均兑现率", "Redemption rate"));
    buf_printf(out, "%d.%02d", h->rate.n / 100, h->rate.n % 100);
    card_close(out, "%", say(v, "累计兑现 ÷ 累计发放", "Redeemed over issued"));
    money_card(v, out, "n", say(v, "带动企业研发投入", "Firms' R&amp;D spending"), h->induced,
               say(v, "已确认订单的合同额，含券", "Contracts of confirmed orders, voucher part included"));
    buf_text(out, "</dl>");
}

static int64_t service_count(const report_headline *h, const char *kind)
{
    for (int i = 0; i < h->n_services; i++) {
        if (str_eq(h->services[i].kind, str_of(kind))) {
            return h->services[i].count;
        }
    }
    return 0;
}

static void service_table(const home_view *v, buf *out)
{
    buf_printf(out,
               "<section class=\"sec\"><div class=\"sec-h\"><h2>%s</h2></div><div class=\"card card-b\">"
               "<table class=\"table\"><thead><tr><th>%s</th><th class=\"num\">%s</th></tr></thead><tbody>",
               say(v, "服务了多少创新", "Services used"), say(v, "服务", "Service"), say(v, "数量", "Count"));
    for (size_t i = 0; i < TQ_COUNT(services); i++) {
        buf_printf(out, "<tr><td>%s</td><td class=\"num\">", say(v, services[i].zh, services[i].en));
        html_count(out, service_count(&v->headline, services[i].kind));
        buf_printf(out, "%s%s</td></tr>", v->english ? "" : " ", v->english ? "" : services[i].unit);
    }
    buf_printf(out, "</tbody></table><p class=\"small mute\">%s ",
               say(v, "参与企业（至少一笔兑现）：", "Firms with at least one paid claim:"));
    html_count(out, v->headline.enterprises);
    buf_text(out, "</p></div></section>");
}

static void service_bars(const home_view *v, buf *out)
{
    int64_t most = 1;
    for (size_t i = 0; i < TQ_COUNT(services); i++) {
        const int64_t n = service_count(&v->headline, services[i].kind);
        most = n > most ? n : most;
    }
    buf_printf(out,
               "<section class=\"sec\"><div class=\"sec-h\"><h2>%s</h2></div><div class=\"card card-b\">"
               "<svg class=\"bars\" viewBox=\"0 0 560 %d\" role=\"img\" aria-label=\"%s\">",
               say(v, "按数量", "By count"), (int)TQ_COUNT(services) * BAR_STEP,
               say(v, "各类服务数量条形图，数据见左表", "Bars of service counts; the numbers stand in the table"));
    for (size_t i = 0; i < TQ_COUNT(services); i++) {
        const int64_t n = service_count(&v->headline, services[i].kind);
        const int y = (int)i * BAR_STEP;
        const int width = (int)(n * BAR_WIDTH / most) + (n > 0 ? 2 : 0);
        buf_printf(out,
                   "<text x=\"0\" y=\"%d\">%s</text><rect class=\"bg\" x=\"%d\" y=\"%d\" width=\"%d\" "
                   "height=\"20\" rx=\"3\"/><rect class=\"fg\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"20\" "
                   "rx=\"3\"/><text class=\"val\" x=\"500\" y=\"%d\">",
                   y + 19, say(v, services[i].zh, services[i].en), BAR_LEFT, y + 4, BAR_WIDTH, BAR_LEFT,
                   y + 4, width, y + 19);
        html_count(out, n);
        buf_text(out, "</text>");
    }
    buf_text(out, "</svg></div></section>");
}

static void flow_table(const home_view *v, buf *out)
{
    buf_printf(out,
               "<section class=\"sec\"><div class=\"sec-h\"><h2>%s</h2></div><div class=\"card\">"
               "<table class=\"table\"><caption class=\"visually-hidden\">%s</caption><thead><tr><th>%s</th>"
               "<th>%s</th><th class=\"num\">%s</th><th class=\"num\">%s</th><th class=\"num\">%s</th>"
               "<th class=\"num\">%s</th></tr></thead><tbody>",
               say(v, "资金流向（服务机构所在地区）", "Where the money goes (region of the institution)"),
               say(v, "按年与地区", "By year and region"), say(v, "年份", "Year"), say(v, "地区", "Region"),
               say(v, "订单", "Orders"), say(v, "合同额（万元）", "Contracts (10,000 yuan)"),
               say(v, "创新券（万元）", "Vouchers (10,000 yuan)"),
               say(v, "企业自付（万元）", "Own money (10,000 yuan)"));
    for (int i = 0; i < v->flow.n; i++) {
        const report_flow_cell *c = &v->flow.cells[i];
        buf_printf(out, "<tr><td>%d</td><td>", c->year);
        html_text(out, region_name(v, c->region));
        buf_text(out, "</td><td class=\"num\">");
        html_count(out, c->orders);
        buf_text(out, "</td><td class=\"num\">");
        html_amount(out, c->contract.minor, FEN_PER_WAN);
        buf_text(out, "</td><td class=\"num\">");
        html_amount(out, c->voucher.minor, FEN_PER_WAN);
        buf_text(out, "</td><td class=\"num\">");
        html_amount(out, c->own.minor, FEN_PER_WAN);
        buf_text(out, "</td></tr>");
    }
    buf_text(out, "</tbody></table></div></section>");
}

void home_write(const home_view *v, buf *out)
{
    head(v, out);
    buf_printf(out, "<main id=\"main\"><div class=\"hero\"><div class=\"container-xl\"><h1>%s</h1><p>%s</p>"
                    "</div></div><div class=\"container-xl\">",
               say(v, "用创新券，买沪浙苏的科技服务", "Innovation vouchers for services of the region's best institutions"),
               say(v, "县内科技型企业常年申领，按季度集中兑付；每一笔都记在可复算的账本里。",
                   "Firms apply on any day, claims are paid by quarter, and every yuan stands in a ledger that "
                   "anyone can recompute."));
    if (v->empty) {
        buf_printf(out, "<p class=\"card card-b\">%s</p>",
                   say(v, "尚未设立创新券计划，暂无数据。", "No programme has been set up yet, so there are no figures."));
    } else {
        cards(v, out);
        buf_text(out, "<div class=\"cols\">");
        service_table(v, out);
        service_bars(v, out);
        buf_text(out, "</div>");
        flow_table(v, out);
    }
    buf_printf(out, "</div></main><footer class=\"foot\"><div class=\"container-xl\"><div class=\"lnk\">"
                    "<a href=\"/open/headline.json\">%s</a><a href=\"/healthz\">%s</a></div>%s</div></footer>"
                    "</body></html>\n",
               say(v, "开放数据（JSON）", "Open data (JSON)"), say(v, "运行状态", "Health"),
               say(v, "通券 Tongquan：所有金额由账本计算得出。",
                   "Tongquan: every amount is computed from the ledger."));
}
