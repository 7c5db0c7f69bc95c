/* SPDX-License-Identifier: Apache-2.0 */
#include "base/version.h"
#include "cli/cli.h"

tq_code verb_version(const cli *c, tq_err *err)
{
    BUF_AUTO buf out = buf_max(256);
    buf_text(&out,
             cli_flag(c, "json") ? "{\"version\":\"" TQ_VERSION "\"}" : "tongquan " TQ_VERSION);
    return cli_print(c, &out, err);
}
