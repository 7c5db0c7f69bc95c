/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_OPENAPI_H
#define TQ_OPENAPI_H

/* The list of routes for programs: OpenAPI 3.1 from routes[], their fields and the views, so that it
 * cannot say anything else than what the server does. And for people: how one route is asked. */

#include "base/buf.h"
#include "web/route.h"

#define OPENAPI_MAX (8 * 1024 * 1024)

/* One JSON object of at most OPENAPI_MAX bytes. Texts are the English ones. */
void openapi_write(buf *out);
/* GET or POST, by kind. */
const char *route_method(const route *r);
/* The first part of its address: the resource. The first route of a tag names it for people. */
str route_tag(const route *r);
bool route_first_of_tag(int at);
/* A command that asks the route, with what it must be given. */
void route_curl(const route *r, buf *out);

#endif
