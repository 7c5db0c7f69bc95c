/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli_keys.h"

#include "store/checkpoint.h"

#define KEYS_MAX (64 * 1024)

tq_code cli_keys(const cli *c, str *out, tq_err *err)
{
    const char *keys = cli_value(c, "keys");
    const char *dir = cli_value(c, "data");
    *out = STR("");
    if (keys != NULL) {
        return cli_file(c, keys, KEYS_MAX, out, err);
    }
    return dir == NULL ? TQ_OK : checkpoint_pubs(dir, c->a, out, err);
}
