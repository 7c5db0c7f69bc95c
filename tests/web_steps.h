/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_TESTS_WEB_STEPS_H
#define TQ_TESTS_WEB_STEPS_H

/* What the county behind its site lacks before a firm can go the way from voucher to claim today:
 * money of this year, and an institution and a firm that are recognised now. */

#include "claim_path.h"
#include "web_county.h"

/* Legal days of the programme may be one ahead of those of UTC; what is dated by UTC is never ahead. */
static inline day web_today(const web_county *w)
{
    return w->now[ROLE_OFFICE].today;
}

static inline void web_county_ready(web_county *w)
{
    int64_t id = 0;
    fixture *f = w->f;
    const day d = web_today(w);
    const call group = fixture_as(f, ROLE_GROUP, d);
    const decision_paper paper = {STR("纪要〔2026〕1号"), d, hex_of(f, "minutes")};
    (void)hex_of(f, "invoice"); /* claim_path.h cites them by hash */
    (void)hex_of(f, "proof");
    (void)fixture_fund(f, "apply", INT64_C(10000000000), d);
    NEED(recognition_grant(f->app, &group, f->institution, d, day_add(d, 700), &paper, &id, err));
    recognise(f, f->firm);
}

#endif
