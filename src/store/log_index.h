/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_LOG_INDEX_H
#define TQ_LOG_INDEX_H

/* Which events speak of a row: for the tables that a case is made of (case_table of domain/case_rows.h),
 * so that a dossier finds them without reading the log. Made from the log when it is signed; derived like
 * log_node. */

#include "store/store.h"

/* Reads the log from where the index ends to event `count`. No transaction of this thread is open. */
TQ_MUST_CHECK tq_code log_index_grow(store *s, int64_t count, tq_err *err);

#endif
