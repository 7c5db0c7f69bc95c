/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_EVIDENCE_ACTS_H
#define TQ_EVIDENCE_ACTS_H

#include "web/web.h"

/* Adds an uploaded file to the row of the request, from fields F_EVIDENCE. `label` may be empty: then the
 * name that the client's file had, cleaned. */
TQ_MUST_CHECK tq_code web_evidence(web_rq *w, int table, const field_slot *kind,
                                   const field_slot *file, const field_slot *label, tq_err *err);

#endif
