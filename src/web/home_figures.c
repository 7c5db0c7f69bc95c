/* SPDX-License-Identifier: Apache-2.0 */
#include "web/home.h"

#include <pthread.h>
#include <stdlib.h>

#include "web/acts.h"
#include "web/site_inner.h"

#define FIGURES_ARENA_MAX (4 * 1024 * 1024)
#define FRESH_US                                                                                   \
    (5 * INT64_C(1000000)) /* where the log's end does not tell that something was committed */

/* Figures of one programme: computed again only when the log has grown or a day has begun. */
typedef struct figures {
    int64_t programme_id;
    arena *a;
    int64_t seq;
    instant made;
    home_view view;
} figures;

struct home_cache {
    pthread_mutex_t lock; /* guards what follows */
    figures shown[PROGRAMMES_MAX];
    size_t n_shown;
};

home_cache *home_cache_new(void)
{
    home_cache *s = calloc(1, sizeof *s);
    TQ_ASSERT(s != NULL);
    TQ_ASSERT(pthread_mutex_init(&s->lock, NULL) == 0);
    return s;
}

void home_cache_free(home_cache *s)
{
    for (size_t i = 0; i < s->n_shown; i++) {
        arena_free(s->shown[i].a);
    }
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

static tq_code last_seq(app *site, int64_t *seq, tq_err *err)
{
    TX_AUTO store_tx *tx = NULL;
    TQ_TRY(work_read(site, &tx, err));
    return store_int(tx, STMT_EVENT_LAST_SEQ, NO_ARGS, 0, seq, err);
}

/* Under the lock. More programmes than the site has room for share the last place. */
static figures *figures_slot(home_cache *s, int64_t programme_id)
{
    size_t i = 0;
    while (i < s->n_shown && s->shown[i].programme_id != programme_id) {
        i++;
    }
    if (i == PROGRAMMES_MAX) {
        i = PROGRAMMES_MAX - 1;
        s->shown[i].seq = -1;
    } else if (i == s->n_shown) {
        s->n_shown++;
        s->shown[i] = (figures){.seq = -1, .a = arena_new("home figures", FIGURES_ARENA_MAX)};
    }
    s->shown[i].programme_id = programme_id;
    return &s->shown[i];
}

static tq_code compute(app *site, figures *f, const programme_face *p, day today, tq_err *err)
{
    const programme_face face = {
        .id = p->id,
        .code = arena_copy(f->a, p->code),
        .name_zh = arena_copy(f->a, p->name_zh),
        .name_en = arena_copy(f->a, p->name_en),
        .zone = arena_copy(f->a, p->zone),
    };
    f->view.programme = face;
    TQ_TRY(report_headline_of(site, &f->view.programme, today, f->a, &f->view.headline, err));
    return report_flow_of(site, &f->view.programme, today, f->a, &f->view.flow, err);
}

/* PostgreSQL numbers events after their commit, up to an hour later (architecture §6). */
static bool still_good(app *site, const figures *f, int64_t seq, instant now)
{
    return store_engine_of(app_store(site)) == STORE_SQLITE
               ? seq == f->seq
               : f->seq >= 0 && now.us - f->made.us < FRESH_US;
}

/* Under the lock; *out is good until it is given up. */
static tq_code figures_of(const web_rq *w, home_cache *s, const programme_face *p, day today,
                          const home_view **out, tq_err *err)
{
    app *site = w->app;
    int64_t seq = 0;
    figures *f = figures_slot(s, p->id);
    TQ_TRY(last_seq(site, &seq, err));
    *out = &f->view;
    if (still_good(site, f, seq, w->call.at) && f->view.headline.until.n == today.n) {
        return TQ_OK;
    }
    arena_reset(f->a);
    f->seq = -1;
    f->view = (home_view){0};
    if (p->id == 0) { /* no programme yet */
        f->view.empty = true;
        f->view.headline.until = today;
    } else {
        TQ_TRY(compute(site, f, p, today, err));
    }
    f->seq = seq;
    f->made = w->call.at;
    return TQ_OK;
}

static programme_face face_of(const web_rq *w)
{
    const web_programme *p = &w->programme;
    return (programme_face){p->id, p->code, p->name_zh, p->name_en, p->zone_name};
}

/* All programmes of the installation, each with its figures of today; nothing where there is only one. */
static tq_code all_programmes(web_rq *w, doc *list, tq_err *err)
{
    const view *v = view_of(VIEW_PROGRAMME);
    home_cache *cache = site_home(w->site);
    const home_view *shown = NULL;
    view_rows rows;
    TQ_TRY(site_programmes(w, &rows, err));
    for (size_t i = 0; i < rows.n && rows.n > 1; i++) {
        const view_row *row = &rows.rows[i];
        const zone *z = NULL;
        const programme_face face = {row->values[0].n, view_text(v, row, "code"),
                                     view_text(v, row, "name_zh"), view_text(v, row, "name_en"),
                                     view_text(v, row, "zone")};
        TQ_TRY(site_zone(w->site, face.id, face.zone, w->call.a, &z, err));
        TQ_ASSERT(pthread_mutex_lock(&cache->lock) == 0);
        const tq_code code = figures_of(w, cache, &face, zone_day(z, w->call.at), &shown, err);
        if (code == TQ_OK) {
            home_programme(w, shown, doc_object(list, NULL));
        }
        TQ_ASSERT(pthread_mutex_unlock(&cache->lock) == 0);
        TQ_TRY(code);
    }
    return TQ_OK;
}

tq_code page_home(web_rq *w, http_reply *out, tq_err *err)
{
    doc *body = doc_new(w->call.a);
    const programme_face face = face_of(w);
    home_cache *cache = site_home(w->site);
    const home_view *shown = NULL;
    TQ_ASSERT(pthread_mutex_lock(&cache->lock) == 0);
    const tq_code code = figures_of(w, cache, &face, w->call.today, &shown, err);
    if (code == TQ_OK) {
        home_figures(w, shown, body);
    }
    TQ_ASSERT(pthread_mutex_unlock(&cache->lock) == 0);
    TQ_TRY(code);
    TQ_TRY(all_programmes(w, doc_list(body, "programmes"), err));
    TQ_TRY(home_rest(w, body, err));
    return web_page(w, 200, "home", body, out, err);
}

tq_code page_headline(web_rq *w, http_reply *out, tq_err *err)
{
    const programme_face face = face_of(w);
    home_cache *cache = site_home(w->site);
    const home_view *shown = NULL;
    TQ_ASSERT(pthread_mutex_lock(&cache->lock) == 0);
    tq_code code = figures_of(w, cache, &face, w->call.today, &shown, err);
    if (code == TQ_OK && shown->empty) {
        code = tq_fail(err, TQ_NOT_FOUND, "no_programme", NULL, "no programme has been set up yet");
    } else if (code == TQ_OK) {
        out->status = 200;
        out->type = "application/json";
        report_headline_write(&shown->headline, &out->body);
    }
    TQ_ASSERT(pthread_mutex_unlock(&cache->lock) == 0);
    return code;
}
