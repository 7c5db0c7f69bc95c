/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CLI_KEYS_H
#define TQ_CLI_KEYS_H

/* The public keys that a check without a database trusts: those of --keys FILE, else of --data DIR; "" where
 * neither is given: then the file speaks for itself, and the answer says so. */

#include "cli/cli.h"

TQ_MUST_CHECK tq_code cli_keys(const cli *c, str *out, tq_err *err);

#endif
