/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_POLICY_STEPS_H
#define TQ_POLICY_STEPS_H

/* A county whose scheme says more than the demonstration: schemes/cn-changxing-demo.yaml with a piece of
 * text put in, filed and put in force as its next version. */

#include "app/programme.h"
#include "base/file.h"
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

static inline tq_code policy_step_read(void *ctx, str name, arena *a, str *out, tq_err *err)
{
    char file[512];
    const char *root = getenv("TQ_SOURCE_DIR");
    (void)ctx;
    (void)snprintf(file, sizeof file, "%s/schemes/%.*s.yaml", root == NULL ? "." : root,
                   STR_ARG(name));
    return file_read(file, 1024 * 1024, a, out, err);
}

/* `values` goes below `set:` (indented by two), `rules` below `rules:`; either may be "". */
static inline void policy_step_in_force(fixture *f, const char *values, const char *rules, day d)
{
    str text = {0};
    int64_t id = 0;
    const call author = fixture_as(f, ROLE_POLICY_AUTHOR, d);
    const call approver = fixture_as(f, ROLE_POLICY_APPROVER, d);
    NEED(policy_step_read(NULL, STR("cn-changxing-demo"), f->a, &text, err));
    const char *set = strstr(text.data, "\nset:\n");
    const char *at = strstr(text.data, "\nrules:\n");
    TQ_ASSERT(set != NULL && at != NULL && set < at);
    const str yaml = arena_printf(f->a, "%.*s\nset:\n%s%.*s\nrules:\n%s%s", (int)(set - text.data),
                                  text.data, values, (int)(at - set - 6), set + 6, rules, at + 8);
    const policy_file_rq rq = {.name = STR("test.yaml"),
                               .yaml = yaml,
                               .doc_no = STR("长政办发〔2013〕9号"),
                               .from = d,
                               .read = policy_step_read};
    NEED(policy_file(f->app, &author, &rq, &id, err));
    NEED(policy_put_in_force(f->app, &approver, id, err));
    f->policy_id = id;
}

#endif
