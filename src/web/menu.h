/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_MENU_H
#define TQ_MENU_H

/* The ways from any page to the lists. A route's `menu` is a group of the menu, or the name of another list:
 * then it is a tab on that list's page, and stands in the menu itself only for whom that list is closed. */

#include "web/web.h"

/* Fills menu (of the acting role), public (of everybody) and tabs (of this page). `counts`: with how many rows
 * wait under an entry. */
void menu_put(const web_rq *w, bool counts, doc *page);

#endif
