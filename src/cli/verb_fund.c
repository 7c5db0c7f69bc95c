/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli_actor.h"

#include "app/fund.h"
#include "base/canon.h"
#include "base/money.h"

#define POSITION_ROWS_MAX 1000
#define ANSWER_MAX (1024 * 1024)

static tq_code line(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    int64_t id = 0;
    budget_line_rq rq = {.doc_no = cli_text(c, "doc"),
                         .project_code = cli_text(c, "project"),
                         .function_code = cli_text(c, "function"),
                         .gov_econ_code = cli_text(c, "gov-econ"),
                         .dept_econ_code = cli_text(c, "dept-econ"),
                         .nature = cli_text(c, "nature"),
                         .pay_mode = cli_text(c, "pay-mode")};
    TQ_TRY(cli_id(c, "year", true, &rq.year, err));
    TQ_TRY(cli_act_begin(c, CLI_WRITE, &act, err));
    TQ_TRY(budget_line_open(act.site, &act.call, &rq, &id, err));
    return cli_made(c, "budget line", id, err);
}

static tq_code source(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    int64_t id = 0;
    source_rq rq = {.kind_code = cli_text(c, "kind"),
                    .code = cli_text(c, "code"),
                    .name = cli_text(c, "name"),
                    .stock_class = cli_text(c, "class"),
                    .origin = cli_text(c, "origin"),
                    .replaces = cli_text(c, "replaces")};
    TQ_TRY(cli_id(c, "line", true, &rq.budget_line_id, err));
    TQ_TRY(cli_act_begin(c, CLI_WRITE, &act, err));
    TQ_TRY(cli_amount(c, &act, "amount", &rq.base_fen, err));
    TQ_TRY(source_open(act.site, &act.call, &rq, &id, err));
    return cli_made(c, "source", id, err);
}

static tq_code propose(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    int64_t id = 0;
    fund_rq rq = {.kind = cli_text(c, "kind"), .doc_no = cli_text(c, "doc")};
    TQ_TRY(cli_id(c, "source", true, &rq.source_id, err));
    TQ_TRY(cli_id(c, "year", true, &rq.year, err));
    TQ_TRY(cli_id(c, "line", false, &rq.budget_line_id, err));
    TQ_TRY(cli_act_begin(c, CLI_WRITE, &act, err));
    TQ_TRY(cli_amount(c, &act, "amount", &rq.amount_fen, err));
    TQ_TRY(fund_propose(act.site, &act.call, &rq, &id, err));
    return cli_made(c, "movement", id, err);
}

static tq_code book(const cli *c, tq_err *err)
{
    return cli_step_run(c, "movement", fund_book, err);
}

static void row_write(const fund_row *row, const currency *unit, bool json, canon *w, buf *out)
{
    const struct {
        const char *name;
        int64_t fen;
    } amounts[] = {
        {"appropriated", row->appropriated},
        {"carried", row->carried},
        {"overcommitted", row->overcommitted},
        {"pool", row->pool},
        {"voucher", row->voucher},
        {"held", row->held},
        {"payable", row->payable},
        {"transit", row->transit},
        {"paid", row->paid},
        {"owed", row->owed},
        {"recovered", row->recovered},
        {"written_off", row->written_off},
        {"lapsed", row->lapsed},
    };
    if (json) {
        canon_open(w);
        canon_kint(w, "source_id", row->source_id);
        canon_kstr(w, "source", str_of(row->code));
        canon_kstr(w, "class", str_of(row->stock_class));
        canon_kint(w, "year", row->year);
    } else {
        buf_printf(out, "%s %lld (%s)\n", row->code, (long long)row->year, row->stock_class);
    }
    for (size_t i = 0; i < TQ_COUNT(amounts); i++) {
        if (json) {
            canon_kint(w, amounts[i].name, amounts[i].fen);
        } else if (amounts[i].fen != 0) {
            buf_printf(out, "  %-20s ", amounts[i].name);
            cli_amount_print(amounts[i].fen, unit, out);
            buf_char(out, '\n');
        }
    }
    if (json) {
        canon_close(w);
    }
}

static tq_code position(const cli *c, tq_err *err)
{
    ACT_AUTO cli_act act = {0};
    int64_t year = 0;
    size_t n = 0;
    fund_row *rows = ARENA_NEW(c->a, fund_row, POSITION_ROWS_MAX);
    TQ_TRY(cli_id(c, "year", false, &year, err));
    TQ_TRY(cli_act_begin(c, CLI_READ, &act, err));
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(act.site, &tx, err));
    TQ_TRY(fund_position(tx, act.call.who.programme_id, year, rows, POSITION_ROWS_MAX, &n, err));
    const bool json = cli_flag(c, "json");
    BUF_AUTO buf out = buf_max(ANSWER_MAX);
    canon w = canon_to(&out);
    if (json) {
        canon_list(&w);
    }
    for (size_t i = 0; i < n; i++) {
        row_write(&rows[i], &act.unit, json, &w, &out);
    }
    if (json) {
        canon_list_end(&w);
    }
    return cli_print(c, &out, err);
}

tq_code verb_fund(const cli *c, tq_err *err)
{
    static const cli_word words[] = {
        {"line", "role year doc project function gov-econ dept-econ nature pay-mode", 0, line},
        {"source", "role line kind code name class origin replaces amount", 0, source},
        {"propose", "role kind doc source year line amount", 0, propose},
        {"book", "role id", 0, book},
        {"position", "year", 0, position},
    };
    return cli_word_run(c, words, TQ_COUNT(words), err);
}
