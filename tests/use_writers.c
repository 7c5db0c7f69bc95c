/* SPDX-License-Identifier: Apache-2.0 */
#include "use_writers.h"

#include "store_site.h"

#include "claim_path.h"

#include "ledger_sql.h"
#include "store/checkpoint.h"
#include "store/verify.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#define STEP_ARENA ((size_t)16 * 1024 * 1024)
#define ASKED 2000 /* fen: a firm has room for many in a year */
#define CONTRACT 4000

static day use_day(void)
{
    return fixture_day(2013, 10, 8);
}

static store_options options_of(const fixture *f)
{
    return (store_options){
        .dir = f->dir, .pg_uri = f->pg_uri[0] == '\0' ? NULL : f->pg_uri, .readers = 16};
}

void use_begin(use_town *t, fixture *f)
{
    *t = (use_town){.f = f};
    (void)hex_of(f, "invoice");
    (void)hex_of(f, "proof");
    county_ready(f);
    t->kind = fixture_kind(f, "apply");
    for (int i = 0; i < USE_WRITERS; i++) {
        use_firm *firm = &t->firms[i];
        firm->id = fixture_org(f, "enterprise", "长兴小试电源有限公司");
        fixture_person(f, ROLE_FIRM_AGENT, firm->id, &firm->user, &firm->person);
        recognise(f, firm->id);
    }
    use_close(t);
}

void use_close(use_town *t)
{
    app_close(t->f->app);
    t->f->app = NULL;
    t->f->store = NULL;
}

void use_reopen(use_town *t)
{
    const store_options o = options_of(t->f);
    NEED(app_open(&o, &t->f->app, err));
    t->f->store = app_store(t->f->app);
}

/* --- a clerk ------------------------------------------------------------------------------------ */

typedef struct clerk {
    use_town *t;
    fixture mine; /* the county with an arena of this thread's */
    path p;
    int64_t application;
    claim_filed filed;
    int fd, thread, round;
} clerk;

static tq_code ask(clerk *k, char *letter, int64_t *id, tq_err *err)
{
    const call c = as(&k->p, ROLE_INTAKE);
    const application_request rq = {
        .holder_id = k->p.firm, .kind_id = k->p.kind, .way = "immediate", .asked_fen = ASKED};
    TQ_TRY(application_file(k->mine.app, &c, &rq, &k->application, err));
    *letter = 'A';
    *id = k->application;
    return TQ_OK;
}

static tq_code grant(clerk *k, char *letter, int64_t *id, tq_err *err)
{
    application_result decided = {0};
    const call c = as(&k->p, ROLE_REVIEWER1);
    TQ_TRY(application_approve(k->mine.app, &c, k->application, NULL, &decided, err));
    *letter = 'G';
    *id = k->application;
    return decided.granted ? TQ_OK
                           : tq_fail(err, TQ_REFUSED, decided.reason, "application", "refused");
}

static tq_code issue(clerk *k, char *letter, int64_t *id, tq_err *err)
{
    voucher_issued v = {0};
    const call c = as(&k->p, ROLE_OFFICE);
    const voucher_issue_request rq = {.application_id = k->application};
    TQ_TRY(voucher_issue(k->mine.app, &c, &rq, &v, err));
    k->p.voucher = v.voucher_id;
    *letter = 'V';
    *id = v.voucher_id;
    return TQ_OK;
}

static tq_code propose(clerk *k, char *letter, int64_t *id, tq_err *err)
{
    order_result r = {0};
    const call c = as_firm(&k->p);
    const order_proposal rq = {.voucher_id = k->p.voucher,
                               .institution_id = k->mine.institution,
                               .outcome_kind = STR("testing"),
                               .title = STR("检测"),
                               .contract_fen = CONTRACT,
                               .end = day_add(k->p.d, 60)};
    TQ_TRY(order_propose(k->mine.app, &c, &rq, &r, err));
    k->p.order = r.order_id;
    *letter = 'O';
    *id = r.order_id;
    return r.accepted ? TQ_OK : tq_fail(err, TQ_REFUSED, r.reason, "order", "refused");
}

static tq_code accept(clerk *k, char *letter, int64_t *id, tq_err *err)
{
    const call c = as(&k->p, ROLE_INST_AGENT);
    TQ_TRY(order_accept(k->mine.app, &c, k->p.order, err));
    *letter = 'H';
    *id = k->p.order;
    return TQ_OK;
}

/* A file of evidence that nobody else has. */
static tq_code file_paper(clerk *k, char *letter, int64_t *id, tq_err *err)
{
    const call c = as_firm(&k->p);
    const evidence_request rq = {
        .table = T_SERVICE_ORDER,
        .id = k->p.order,
        .kind = STR("contract"),
        .name = STR("contract"),
        .class = STR("full"),
        .bytes = arena_printf(k->mine.a, "contract of %lld", (long long)k->p.order)};
    *letter = 'E';
    return evidence_add(k->mine.app, &c, &rq, id, err);
}

static tq_code deliver(clerk *k, char *letter, int64_t *id, tq_err *err)
{
    const call c = as(&k->p, ROLE_INST_AGENT);
    const order_delivery rq = {
        .order_id = k->p.order, .outcome_count = 1, .report = STR("JC-1"), .last = true};
    *letter = 'D';
    return order_deliver(k->mine.app, &c, &rq, id, err);
}

static tq_code confirm(clerk *k, char *letter, int64_t *id, tq_err *err)
{
    const call c = as_firm(&k->p);
    TQ_TRY(order_confirm(k->mine.app, &c, k->p.order, err));
    *letter = 'F';
    *id = k->p.order;
    return TQ_OK;
}

static tq_code invoice(clerk *k, char *letter, int64_t *id, tq_err *err)
{
    const call c = as_firm(&k->p);
    invoice_new rq = invoice_form_of(&k->p);
    rq.number =
        arena_printf(k->mine.a, "244%08lld%09lld", (long long)k->p.firm, (long long)k->p.order);
    rq.gross_fen = CONTRACT;
    rq.net_fen = CONTRACT;
    TQ_TRY(invoice_add(k->mine.app, &c, &rq, &k->p.invoice, err));
    *letter = 'I';
    *id = k->p.invoice;
    return TQ_OK;
}

static tq_code proof(clerk *k, char *letter, int64_t *id, tq_err *err)
{
    const call c = as_firm(&k->p);
    const invoice_new names = invoice_form_of(&k->p);
    const proof_new rq = {.org_id = k->p.firm,
                          .means = STR("transfer"),
                          .payer = names.buyer_name,
                          .paid = k->p.d,
                          .amount_fen = CONTRACT,
                          .reference = arena_printf(k->mine.a, "REF-%lld", (long long)k->p.order),
                          .blob = hex_of(&k->mine, "proof")};
    TQ_TRY(proof_add(k->mine.app, &c, &rq, &k->p.proof, err));
    *letter = 'Q';
    *id = k->p.proof;
    return TQ_OK;
}

static tq_code submit(clerk *k, char *letter, int64_t *id, tq_err *err)
{
    const claim_line_new line = path_line(&k->p, CONTRACT);
    TQ_TRY(path_submit(&k->p, &line, 1, ASKED / 2, true, &k->filed, err));
    *letter = 'C';
    *id = k->filed.claim_id;
    return TQ_OK;
}

static tq_code check(clerk *k, char *letter, int64_t *id, tq_err *err)
{
    const call c = as(&k->p, ROLE_REVIEWER1);
    const claim_checking rq = {.claim_id = k->filed.claim_id, .content = str_of(k->filed.content)};
    *letter = 'R';
    return claim_check(k->mine.app, &c, &rq, id, err);
}

static tq_code approve(clerk *k, char *letter, int64_t *id, tq_err *err)
{
    TQ_TRY(path_approve(&k->p, &k->filed, ASKED / 2, err));
    *letter = 'P';
    *id = k->filed.claim_id;
    return TQ_OK;
}

static tq_code (*const way[])(clerk *, char *, int64_t *, tq_err *) = {
    ask,     grant,   issue, propose, accept, file_paper, deliver,
    confirm, invoice, proof, submit,  check,  approve,
};

static void tell(int fd, char letter, int64_t id)
{
    char line[40];
    const int len = snprintf(line, sizeof line, "%c %lld\n", letter, (long long)id);
    if (write(fd, line, (size_t)len) != len) {
        _exit(4);
    }
}

static void *work(void *arg)
{
    clerk *k = arg;
    k->mine.a = arena_new("clerk", STEP_ARENA);
    for (;;) {
        for (size_t i = 0; i < TQ_COUNT(way); i++) {
            tq_err err = {0};
            char letter = '?';
            int64_t id = 0;
            tq_code code;
            arena_reset(k->mine.a);
            do {
                err = (tq_err){0};
                code = way[i](k, &letter, &id, &err);
            } while (code == TQ_BUSY);
            if (code != TQ_OK) {
                (void)fprintf(stderr, "use_write %zu: %s %s %s: %s\n", i, tq_code_name(code),
                              err.reason, err.field, err.detail);
                _exit(3);
            }
            tell(k->fd, letter, id);
        }
    }
    return NULL;
}

/* What a checkpoint signed must be there afterwards: verify holds the log to it. */
static void *sign(void *arg)
{
    const clerk *k = arg;
    for (int64_t n = 1;; n++) {
        tq_err err = {0};
        const struct timespec wait = {.tv_nsec = 5000000};
        (void)nanosleep(&wait, NULL);
        const tq_code code = checkpoint_write(k->mine.store, (instant){n}, &err);
        if (code == TQ_BUSY) {
            continue;
        }
        if (code != TQ_OK) {
            (void)fprintf(stderr, "checkpoint: %s: %s\n", err.reason, err.detail);
            _exit(5);
        }
        tell(k->fd, 'K', n);
    }
    return NULL;
}

void use_write(use_town *t, bool checkpoints, int fd)
{
    static clerk team[USE_WRITERS + 1];
    pthread_t thread;
    tq_err err = {0};
    const store_options o = options_of(t->f);
    if (app_open(&o, &t->f->app, &err) != TQ_OK) {
        (void)fprintf(stderr, "use_write: open: %s: %s\n", err.reason, err.detail);
        _exit(2);
    }
    t->f->store = app_store(t->f->app);
    for (int i = 0; i < USE_WRITERS + (checkpoints ? 1 : 0); i++) {
        clerk *k = &team[i];
        const use_firm *firm = &t->firms[i % USE_WRITERS];
        *k = (clerk){.t = t, .mine = *t->f, .fd = fd, .thread = i};
        k->p = (path){.f = &k->mine,
                      .d = use_day(),
                      .firm = firm->id,
                      .user = firm->user,
                      .person = firm->person,
                      .kind = t->kind};
        if (pthread_create(&thread, NULL, i == USE_WRITERS ? sign : work, k) != 0) {
            _exit(2);
        }
    }
    for (;;) {
        (void)pause();
    }
}

/* --- what was told ------------------------------------------------------------------------------ */

void use_read(use_told *l, int fd)
{
    FILE *in = fdopen(fd, "r");
    char line[64];
    TQ_ASSERT(in != NULL);
    while (fgets(line, sizeof line, in) != NULL && strchr(line, '\n') != NULL) {
        if (l->n == l->room) {
            l->room = l->room == 0 ? 4096 : l->room * 2;
            l->acts = realloc(l->acts, l->room * sizeof *l->acts);
            TQ_ASSERT(l->acts != NULL);
        }
        l->acts[l->n++] = (struct use_act){line[0], strtoll(line + 1, NULL, 10)};
    }
    (void)fclose(in);
}

void use_free(use_told *l)
{
    free(l->acts);
    *l = (use_told){0};
}

#define BOOKED(kind, account, column)                                                              \
    "SELECT l." column " FROM leg AS l JOIN event AS e ON e.id = l.event_id WHERE e.kind = '" kind \
    "' AND l.account = '" account "' AND l.amount > 0 GROUP BY 1 HAVING COUNT(*) = 1"

/* What must be there for each letter; of money, booked exactly once. */
static const struct {
    char letter;
    const char *sql;
} stored[] = {
    {'A', "SELECT id FROM application"},
    {'G', "SELECT id FROM application WHERE state IN ('approved', 'issued')"},
    {'V', BOOKED("voucher_issue", "voucher", "voucher_id")},
    {'O', "SELECT id FROM service_order"},
    {'H', BOOKED("order_accept", "hold", "order_id")},
    {'E', "SELECT id FROM evidence"},
    {'D', "SELECT id FROM delivery"},
    {'F', "SELECT id FROM service_order WHERE state = 'confirmed'"},
    {'I', "SELECT id FROM invoice"},
    {'Q', "SELECT id FROM payment_proof"},
    {'C', "SELECT id FROM claim WHERE state <> 'draft'"},
    {'R', "SELECT id FROM decision"},
    {'P', BOOKED("claim_approve", "payable", "claim_id")},
};

static const char *const none[] = {
    /* one voucher an application, one invoice line a claim: nothing was done twice */
    "SELECT COUNT(*) FROM (SELECT application_id FROM voucher GROUP BY 1 HAVING COUNT(*) > 1) AS x",
    "SELECT COUNT(*) FROM (SELECT invoice_id FROM claim_line WHERE freed = 0 GROUP BY 1 HAVING "
    "COUNT(*) > 1) "
    "AS x",
    /* I28: V330522-2013-000123-7 */
    "SELECT COALESCE(MAX(CAST(SUBSTR(number, 14, 6) AS INTEGER)), 0) - COUNT(*) FROM voucher",
    "SELECT COUNT(*) FROM (SELECT number FROM voucher GROUP BY number HAVING COUNT(*) > 1) AS x",
};

typedef struct id_set {
    int64_t *ids;
    size_t n, room;
} id_set;

static void take(void *ctx, const char *text, long long n)
{
    id_set *s = ctx;
    (void)text;
    if (s->n == s->room) {
        s->room = s->room == 0 ? 1024 : s->room * 2;
        s->ids = realloc(s->ids, s->room * sizeof *s->ids);
        TQ_ASSERT(s->ids != NULL);
    }
    s->ids[s->n++] = n;
}

static int by_value(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static const char *told_is_there(const looking_glass *g, const use_told *l, char *why, size_t room)
{
    for (size_t i = 0; i < TQ_COUNT(stored); i++) {
        id_set s = {0};
        look(g, stored[i].sql, take, &s);
        qsort(s.ids, s.n, sizeof *s.ids, by_value);
        bool there = true;
        for (size_t k = 0; there && k < l->n; k++) {
            if (l->acts[k].letter != stored[i].letter) {
                continue;
            }
            there = s.n > 0 && bsearch(&l->acts[k].id, s.ids, s.n, sizeof *s.ids, by_value) != NULL;
            (void)snprintf(why, room, "told, and not there once: %c %lld", l->acts[k].letter,
                           (long long)l->acts[k].id);
        }
        free(s.ids);
        if (!there) {
            return why;
        }
    }
    return NULL;
}

const char *use_missing(const use_told *l, const char *dir, const char *pg_uri)
{
    static char why[256];
    looking_glass g = look_in(dir, pg_uri);
    const char *found = told_is_there(&g, l, why, sizeof why);
    for (size_t i = 0; found == NULL && i < TQ_COUNT(none) + TQ_COUNT(ledger_broken); i++) {
        long long n = -1;
        const char *sql = i < TQ_COUNT(none) ? none[i] : ledger_broken[i - TQ_COUNT(none)];
        look(&g, sql, take_number, &n);
        if (n != 0) {
            (void)snprintf(why, sizeof why, "%lld: %.200s", n, sql);
            found = why;
        }
    }
    look_away(&g);
    return found;
}

const char *use_verify(use_town *t)
{
    static verify_report report;
    static char why[400];
    const verify_options o = {0};
    NEED(event_sequence(t->f->store, err));
    NEED(verify_run(t->f->store, &o, &report, err));
    if (report.ok) {
        return NULL;
    }
    (void)snprintf(why, sizeof why, "verify: %s %s %lld %s", report.first[0].what,
                   report.first[0].table, (long long)report.first[0].row, report.first[0].detail);
    return why;
}
