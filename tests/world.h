/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_WORLD_H
#define TQ_WORLD_H

/* A small made-up history for tests of the evidence: every audited table has rows that were created and
 * changed, and some vouchers went the whole way from appropriation to payment. It is written by
 * event_append alone, without the rules of any scheme. The same seed gives the same operations. */

#include "domain/event.h"
#include "store/store.h"

typedef struct world {
    store *s;
    int64_t programme_id, kind_id, source_id, line_id;
    int64_t at; /* microseconds; goes on by a second each event */
    int64_t vouchers;
    int64_t readings; /* in each of the two logs */
} world;

/* Opens the store's programme, money and secrets: once. */
void world_begin(world *w, store *s);
/* `rows` more rows in every audited table, each changed once where it can be. */
void world_tables(world *w, int rows);
/* `n` vouchers issued, used, claimed and paid in three events of ten legs in all. */
void world_money(world *w, int n);
/* `n` readings more in the open log and in the sealed one, and a mark over them. */
void world_readings(world *w, int n);
/* The event of a voucher only: one leg pair. */
void world_issue(world *w, int64_t fen);

#endif
