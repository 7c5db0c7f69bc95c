/* SPDX-License-Identifier: Apache-2.0 */
/* What the system administrator looks at: what `doctor` and /metrics know, as a page and as JSON. */
#include "app/doctor.h"
#include "app/measures.h"
#include "base/version.h"
#include "web/acts.h"
#include "web/site_inner.h"

#define MIB (INT64_C(1024) * 1024)

static const char *tone_of(doctor_state state)
{
    return state == DOCTOR_OK ? "g" : state == DOCTOR_WARN ? "o" : "r";
}

/* What to do stands in the language of the page; the finding's own sentence, with its figures, is English
 * like the log, and is marked so. */
static void put_checks(const web_rq *w, const doctor *d, doc *body)
{
    doc *list = doc_list(body, "checks");
    for (int i = 0; i < d->n; i++) {
        const doctor_finding *f = &d->list[i];
        doc *o = doc_object(list, NULL);
        doc_token(o, "name", "check", str_of(f->name));
        doc_token(o, "state", "check_state", str_of(doctor_state_name(f->state)));
        doc_text(o, "detail", str_of(f->detail));
        doc_for_page(doc_text(o, "tone", str_of(tone_of(f->state))));
        const str mend =
            f->state == DOCTOR_OK ? STR("") : text_token(w->lang, "check_mend", str_of(f->name));
        doc_for_page(doc_text(o, "mend", mend));
    }
}

static void put_size(doc *in, const char *key, const char *shown, int64_t bytes)
{
    doc_int(in, key, bytes);
    const int64_t tenths = bytes * 10 / MIB;
    doc_for_page(doc_text(in, shown,
                          arena_printf(in->a, "%lld.%lld MiB", (long long)(tenths / 10),
                                       (long long)(tenths % 10))));
}

static void put_measures(const web_rq *w, const measures *m, doc *body)
{
    const bool pg = store_engine_of(app_store(w->app)) == STORE_PG;
    doc_text(body, "version", STR(TQ_VERSION));
    doc_text(body, "engine", pg ? STR("PostgreSQL") : STR("SQLite"));
    doc_int(body, "events", m->last_event);
    doc_int(body, "checkpoint_events", m->checkpoint_events);
    doc_instant(body, "checkpoint_at", m->checkpoint_at.us);
    doc_instant(body, "backup_at", m->backup_at.us);
    put_size(body, "db_bytes", "db_size", m->db_bytes);
    doc_int(body, "evidence_files", m->evidence_files);
    put_size(body, "evidence_bytes", "evidence_size", m->evidence_bytes);
    doc *jobs = doc_list(body, "jobs");
    for (size_t i = 0; i < m->n_jobs; i++) {
        doc *o = doc_object(jobs, NULL);
        doc_token(o, "state", "state.job", m->jobs[i].state);
        doc_int(o, "count", m->jobs[i].n);
        doc_for_page(doc_text(o, "href",
                              arena_printf(body->a, "/jobs?state=%.*s",
                                           STR_ARG(m->jobs[i].state))));
    }
}

/* A store that does not answer is found by the checks and told; only then the figures are missing. */
tq_code page_health(web_rq *w, http_reply *out, tq_err *err)
{
    const char *dir = store_dir(app_store(w->app));
    doctor *d = ARENA_NEW(w->call.a, doctor, 1);
    measures m = {0};
    tq_err why = {0};
    doctor_folder(d, dir);
    doctor_disk(d, dir);
    doctor_tools(d);
    doctor_backup(d, dir, w->call.at, w->call.a);
    doctor_site(d, w->app, false, w->call.at, w->call.a);
    const bool measured = measures_read(w->app, w->call.a, &m, &why) == TQ_OK;
    if (!measured) {
        doctor_could_not(d, "schema", &why);
    }
    doc *body = doc_new(w->call.a);
    doc_bool(body, "ok", !d->bad);
    doc_bool(body, "measured", measured);
    put_checks(w, d, body);
    if (measured) {
        put_measures(w, &m, body);
    }
    if (w->json) {
        web_json(w, 200, body, out);
        return TQ_OK;
    }
    return web_page(w, 200, "health", body, out, err);
}
