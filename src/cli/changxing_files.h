/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_FILES_H
#define TQ_CHANGXING_FILES_H

/* The scheme files of Changxing as they stood when the program was built, so that the demonstration
 * needs no source tree. */

#include "domain/policy.h"

/* A policy_reader: the text of `cn-changxing` or `cn-changxing-demo`. NOT_FOUND/scheme. */
TQ_MUST_CHECK tq_code changxing_file(void *ctx, str name, arena *a, str *out, tq_err *err);

#endif
