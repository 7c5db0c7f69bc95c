/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli_actor.h"

#include "app/opening.h"
#include "base/file.h"
#include "base/yaml_tree.h"

#define ANSWER_MAX (64 * 1024)
#define CONTROL_MAX (64 * 1024)

/* What the file is told by its name: balances.csv, /tmp/2013/vouchers.csv. */
static tq_code slot_of(const char *path, size_t *out, tq_err *err)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash == NULL ? path : slash + 1;
    for (size_t i = 0; i < OPENING_FILES; i++) {
        const size_t n = strlen(opening_file_name(i));
        if (strncmp(base, opening_file_name(i), n) == 0 && strcmp(base + n, ".csv") == 0) {
            *out = i;
            return TQ_OK;
        }
    }
    return tq_fail(
        err, TQ_USAGE, "opening_file", base,
        "the files are balances.csv, vouchers.csv, claims.csv, invoices.csv, bans.csv and "
        "accounts.csv");
}

static tq_code files_read(const cli *c, opening_files *out, tq_err *err)
{
    if (c->n_words < 2) {
        return tq_fail(err, TQ_USAGE, "opening_file", "opening", "name the files after the word");
    }
    for (int i = 1; i < c->n_words; i++) {
        size_t slot = 0;
        TQ_TRY(slot_of(c->words[i], &slot, err));
        str *bytes = opening_file_at(out, slot);
        if (bytes->data != NULL) {
            return tq_fail(err, TQ_USAGE, "opening_file", opening_file_name(slot),
                           "a file is named once");
        }
        TQ_TRY(cli_file(c, c->words[i], OPENING_FILE_MAX, bytes, err));
        if (bytes->len == 0) {
            return tq_fail(err, TQ_INVALID, "file_empty", opening_file_name(slot),
                           "the file is empty; leave it out where there is nothing to tell");
        }
    }
    return TQ_OK;
}

/* A row of the control file is a count, or an amount in the programme's currency. */
static tq_code total_read(const yaml_node *n, const currency *unit, opening_totals *out,
                          bool *given, tq_err *err)
{
    for (size_t i = 0; i < OPENING_TOTALS; i++) {
        const str name = str_of(opening_total_name(i));
        const bool amount = name.len > 4 && strcmp(name.data + name.len - 4, "_fen") == 0;
        const str label = {name.data, name.len - (amount ? 4U : 0U)};
        long long count = 0;
        money m = {0};
        if (!str_eq(n->key, label) || n->type != YAML_TEXT) {
            continue;
        }
        if (amount) {
            TQ_TRY(money_parse(n->text, unit, &m, err));
        } else if (!str_int64(n->text, &count)) {
            return tq_fail(err, TQ_INVALID, "number_form", opening_total_name(i),
                           "write a whole number");
        }
        *opening_total_at(out, i) = amount ? m.minor : count;
        given[i] = true;
        return TQ_OK;
    }
    return tq_fail(
        err, TQ_MALFORMED, "control_field", NULL,
        "the totals are vouchers, claims, invoices, bans, accounts, appropriated, issued, paid "
        "and left");
}

/* The totals stand on the papers, and are written down by a person: never taken from the files. */
static tq_code control_read(const cli *c, const currency *unit, opening_totals *out, tq_err *err)
{
    const char *path = NULL;
    str text = {0};
    yaml_node *root = NULL;
    bool given[OPENING_TOTALS] = {false};
    TQ_TRY(cli_need(c, "control", &path, err));
    TQ_TRY(cli_file(c, path, CONTROL_MAX, &text, err));
    TQ_TRY(yaml_read(text, "control", c->a, &root, err));
    if (root->type != YAML_MAP) {
        return tq_fail(err, TQ_MALFORMED, "control_form", "control:1",
                       "write a list of `name: value`");
    }
    for (const yaml_node *n = root->kids; n != NULL; n = n->next) {
        const tq_code code = total_read(n, unit, out, given, err);
        if (code != TQ_OK) {
            return tq_err_at(err, "control:%d:%d", n->line, n->column);
        }
    }
    for (size_t i = 0; i < OPENING_TOTALS; i++) {
        if (!given[i]) {
            return tq_fail(err, TQ_INVALID, "control_absent", opening_total_name(i),
                           "the control file lacks a total; write 0 where there is nothing");
        }
    }
    return TQ_OK;
}

typedef struct papers {
    cli_act act;
    opening_files files;
    opening_totals control;
} papers;

static void papers_end(papers *p)
{
    cli_act_end(&p->act);
}

static tq_code papers_begin(const cli *c, cli_access access, papers *p, tq_err *err)
{
    TQ_TRY(files_read(c, &p->files, err));
    TQ_TRY(cli_act_begin(c, access, &p->act, err));
    return control_read(c, &p->act.unit, &p->control, err);
}

static tq_code told(const cli *c, const papers *p, const opening_report *r, tq_err *err)
{
    opening_totals totals = r->totals;
    BUF_AUTO buf out = buf_max(ANSWER_MAX);
    if (cli_flag(c, "json")) {
        opening_report_write(r, &out);
        return cli_print(c, &out, err);
    }
    for (size_t i = 0; i < OPENING_TOTALS; i++) {
        const str name = str_of(opening_total_name(i));
        const bool amount = name.len > 4 && strcmp(name.data + name.len - 4, "_fen") == 0;
        buf_printf(&out, "%-14.*s ", (int)(name.len - (amount ? 4U : 0U)), name.data);
        if (amount) {
            cli_amount_print(*opening_total_at(&totals, i), &p->act.unit, &out);
        } else {
            buf_printf(&out, "%lld", (long long)*opening_total_at(&totals, i));
        }
        buf_char(&out, '\n');
    }
    buf_printf(&out, "sha256         %s", r->sha256);
    if (r->opening_id != 0) {
        buf_printf(&out, "\nopening        %lld", (long long)r->opening_id);
    }
    return cli_print(c, &out, err);
}

static tq_code check(const cli *c, tq_err *err)
{
    TQ_CLEANUP(papers_end) papers p = {0};
    opening_report r;
    TQ_TRY(papers_begin(c, CLI_READ, &p, err));
    TQ_TRY(opening_check(p.act.site, &p.act.call, &p.files, &p.control, &r, err));
    return told(c, &p, &r, err);
}

static tq_code propose(const cli *c, tq_err *err)
{
    TQ_CLEANUP(papers_end) papers p = {0};
    opening_report r;
    TQ_TRY(papers_begin(c, CLI_WRITE, &p, err));
    TQ_TRY(opening_propose(p.act.site, &p.act.call, &p.files, &p.control, &r, err));
    return told(c, &p, &r, err);
}

static tq_code import(const cli *c, tq_err *err)
{
    TQ_CLEANUP(papers_end) papers p = {0};
    opening_report r;
    int64_t id = 0;
    if (cli_flag(c, "check")) {
        return check(c, err);
    }
    TQ_TRY(cli_id(c, "id", true, &id, err));
    TQ_TRY(papers_begin(c, CLI_WRITE, &p, err));
    TQ_TRY(opening_import(p.act.site, &p.act.call, id, &p.files, &p.control, &r, err));
    return told(c, &p, &r, err);
}

tq_code verb_opening(const cli *c, tq_err *err)
{
    static const cli_word words[] = {
        {"check", "control", OPENING_FILES, check},
        {"propose", "role control", OPENING_FILES, propose},
        {"import", "role id control check", OPENING_FILES, import},
    };
    return cli_word_run(c, words, TQ_COUNT(words), err);
}
