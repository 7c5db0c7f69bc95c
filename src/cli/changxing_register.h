/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CHANGXING_REGISTER_H
#define TQ_CHANGXING_REGISTER_H

/* The demonstration submits its register year by year (P-39). It moves no money and no figure of the paper. */

#include "cli/changxing_world.h"

/* What was entered in the register of the year `year` and before, filed and received. */
TQ_MUST_CHECK tq_code register_year(world *w, int year, tq_err *err);

#endif
