/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#ifndef TQ_VERSION
#define TQ_VERSION "0.1.0"
#endif

tq_code verb_version(const cli *c, tq_err *err)
{
    BUF_AUTO buf out = buf_max(256);
    buf_text(&out, cli_flag(c, "json") ? "{\"version\":\"" TQ_VERSION "\"}" : "tongquan " TQ_VERSION);
    return cli_print(&out, err);
}
