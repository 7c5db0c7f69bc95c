/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_PROGRAMME_H
#define TQ_PROGRAMME_H

/* Setting up: the installation, its programmes, calendars, outages and policy versions.
 *
 * An installation begins with site_init, the only act of the system that gives roles: it makes the
 * first programme, the site's salt secret and the first security administrators, and is refused
 * (CONFLICT/not_empty) as soon as anything is there. Everybody else gets a role from two persons
 * (app/person.h). */

#include "app/app.h"

typedef struct programme_facts {
    str code; /* division or local code, 2..9 digits or capitals: part of every public number */
    str name_zh;
    str name_en;
    str division;         /* GB/T 2260, six digits */
    str currency;         /* ISO 4217 */
    str zone;             /* IANA */
    int64_t fiscal_month; /* first month of the fiscal year, 1..12 */
} programme_facts;

/* secadmin or sysadmin, for the whole installation. */
typedef struct first_user {
    role role;
    str login;
    str name;
    str phone;
    str id_no;
} first_user;

typedef struct site_init_rq {
    programme_facts programme;
    str salt; /* 32 bytes, so that two runs give equal logs; empty: drawn at random */
    const first_user *users; /* at least two secadmins: one alone could confirm nothing */
    size_t n_users;
} site_init_rq;

/* ROLE_SYSTEM. user_ids and person_ids (may be NULL) have room for n_users. */
TQ_MUST_CHECK tq_code site_init(app *a, const call *c, const site_init_rq *rq,
                                int64_t *programme_id, int64_t *user_ids, int64_t *person_ids,
                                tq_err *err);

/* sysadmin: one more programme in this installation. */
TQ_MUST_CHECK tq_code programme_open(app *a, const call *c, const programme_facts *rq,
                                     int64_t *programme_id, tq_err *err);
/* office, sysadmin: names and zone of c->who.programme_id, and whom the public asks: these stand on the
 * public pages and notices. Empty ones stay. Code, currency and fiscal year stand in numbers and amounts
 * already given and never change. */
typedef struct programme_change_rq {
    str name_zh, name_en, zone;
    str office, phone, address;
} programme_change_rq;
TQ_MUST_CHECK tq_code programme_change(app *a, const call *c, const programme_change_rq *rq,
                                       tq_err *err);

/* office, sysadmin: the calendar of a year, once more where it was announced anew. Days as
 * "2013-10-01", parted by commas, blanks or lines; weekends are free unless listed in `workdays`. */
typedef struct calendar_rq {
    int64_t year;
    str holidays;
    str workdays;
} calendar_rq;
TQ_MUST_CHECK tq_code calendar_set(app *a, const call *c, const calendar_rq *rq, tq_err *err);

/* Outage: one person files it, another declares it; only then clocks that end inside it move. Filing:
 * sysadmin, office; declaring: office, group. */
TQ_MUST_CHECK tq_code outage_file(app *a, const call *c, day from, day to, str cause,
                                  int64_t *outage_id, tq_err *err);
TQ_MUST_CHECK tq_code outage_declare(app *a, const call *c, int64_t outage_id, tq_err *err);
/* sysadmin, office: what was filed by mistake, before anybody declared it. CONFLICT/declared after: clocks
 * have moved by it. */
TQ_MUST_CHECK tq_code outage_withdraw(app *a, const call *c, int64_t outage_id, tq_err *err);

/* A call for applications of the yearly round (P-22): announced by the office, its last day included. A
 * programme that has announced calls takes applications of the way `round` only while one is open; those
 * of the way `immediate` are taken on any day. */
typedef struct call_open_rq {
    str title;
    str detail; /* public: what is asked for, and how */
    day from, to;
} call_open_rq;
TQ_MUST_CHECK tq_code call_open(app *a, const call *c, const call_open_rq *rq, int64_t *call_id,
                                tq_err *err);
/* Ends it today; one that has not begun is never open. CONFLICT/call_closed. */
TQ_MUST_CHECK tq_code call_close(app *a, const call *c, int64_t call_id, tq_err *err);
/* CONFLICT/no_call where the programme has calls and none is open on the day. */
TQ_MUST_CHECK tq_code call_need(store_tx *tx, int64_t programme_id, day today, tq_err *err);

/* policy_author files a version: the text is read with what it extends, and its canonical print is
 * kept as a blob. */
typedef struct policy_file_rq {
    str name; /* of the file, for messages about it */
    str yaml;
    str doc_no; /* number of the document that enacts it */
    day from;
    policy_reader read;
    void *read_ctx;
} policy_file_rq;
TQ_MUST_CHECK tq_code policy_file(app *a, const call *c, const policy_file_rq *rq,
                                  int64_t *policy_id, tq_err *err);
/* A filed version, read again from its blob: `text` is its canonical print, for who wants the file. Both
 * live in `mem`. Whether the actor may see the version is the edge's question. NOT_FOUND/no_such_record. */
TQ_MUST_CHECK tq_code policy_version_read(app *a, int64_t policy_id, arena *mem, str *text,
                                          policy **out, tq_err *err);
/* policy_approver, another person than filed it. From the version's first day on it takes the place of the
 * one in force, and voucher kinds new in it are opened; ahead of that day it is approved, and the clock
 * puts it in force. Vouchers keep the version they were issued under. */
TQ_MUST_CHECK tq_code policy_put_in_force(app *a, const call *c, int64_t policy_id, tq_err *err);
/* The system's clock: approved versions whose first day has come; *n is raised by how many moved. Of
 * several the newest by first day stays in force. */
TQ_MUST_CHECK tq_code policy_start_due(app *a, const call *c, int64_t *n, tq_err *err);

/* The voucher kind of this code; NOT_FOUND/voucher_kind. */
TQ_MUST_CHECK tq_code voucher_kind_find(store_tx *tx, int64_t programme_id, str code,
                                        int64_t *kind_id, tq_err *err);

#endif
