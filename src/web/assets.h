/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ASSETS_H
#define TQ_ASSETS_H

/* Style sheets, scripts and pictures, embedded in the program under /assets/. */

#include "http/http.h"

/* False where the address is not under /assets/; 404 is answered for names that are not there. */
bool asset_answer(const http_request *rq, http_reply *out);

#endif
