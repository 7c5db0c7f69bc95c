/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_SIGN_IN_CONFIG_H
#define TQ_SIGN_IN_CONFIG_H

/* The providers at which people may sign in, from the file that the setting `sign_in` names:
 *
 *   providers:
 *     - id: zj-staff                  a-z 0-9 -, kept for ever: links are made under it
 *       issuer: https://login.example.gov.cn
 *       people: staff                 or: organisation
 *       client_id: tongquan
 *       client_secret: "…"            left out: a public client; the file then must be 0600
 *       label_zh: 浙政钉
 *       label_en: Zhejiang staff
 *       scope: openid                 left out: openid
 *       second_factor: mfa otp        acr or amr words that count as the second factor; left out: none
 *       ca_file: /etc/ssl/zj.pem      left out: the system's
 *
 * A field that is not in this list, a missing one, or one that does not hold is an error with its line. */

#include "base/arena.h"
#include "web/oidc.h"

/* Texts live in `a`. INVALID, MALFORMED with line and column; FORBIDDEN/sign_in_open for a file with a
 * secret that others may read. */
TQ_MUST_CHECK tq_code sign_in_config_load(const char *path, arena *a, oidc_options *out,
                                          tq_err *err);

#endif
