/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_VERIFY_SUMS_H
#define TQ_VERIFY_SUMS_H

/* What verify holds in memory of a whole history: 16 bytes a row, 16 bytes a cell of the ledger.
 *
 * A row is the sum (mod 2^128) of a keyed digest for each column that is not at its default, and one
 * for having been created. A change takes the old value's digest away and adds the new one's, so what
 * the events add up to equals what the table's row adds up to exactly if their columns are equal; the
 * key is random for each run, so nobody can choose rows that add up alike.
 *
 * A sum of zero stands for nothing. Ids are given densely, so sums lie in pages of 256 ids. */

#include "base/hash.h"
#include "domain/event.h"

typedef struct sum128 {
    uint64_t low, high;
} sum128;

static inline bool sum_is_zero(sum128 s)
{
    return s.low == 0 && s.high == 0;
}
static inline bool sum_eq(sum128 a, sum128 b)
{
    return a.low == b.low && a.high == b.high;
}
static inline void sum_add(sum128 *to, sum128 s)
{
    const uint64_t low = to->low + s.low;
    to->high += s.high + (low < s.low);
    to->low = low;
}
static inline void sum_take(sum128 *from, sum128 s)
{
    const bool borrow = from->low < s.low;
    from->low -= s.low;
    from->high -= s.high + borrow;
}

/* Zero for 0 and "". */
sum128 sum_value(const sip_key *key, int col, int64_t id, const event_value *v);
sum128 sum_created(const sip_key *key, int table, int64_t id);

typedef struct row_sums row_sums;
row_sums *row_sums_new(const sip_key *key, size_t bytes_max);
void row_sums_free(row_sums *s);
static inline void row_sums_cleanup(row_sums **s)
{
    row_sums_free(*s);
}
/* The place of a row's sum; NULL where bytes_max is reached (ids too sparse to be ours). */
sum128 *row_sum(row_sums *s, int table, int64_t id);
/* The least row of `table` from `from` on whose sum is not zero; false where there is none. */
bool row_sums_next(const row_sums *s, int table, int64_t from, int64_t *id);

/* A map from 64-bit keyed digests to amounts that grows in small parts. */
#define SUM_SEEN INT64_MIN

typedef struct cell_sums cell_sums;
cell_sums *cell_sums_new(size_t bytes_max);
void cell_sums_free(cell_sums *s);
static inline void cell_sums_cleanup(cell_sums **s)
{
    cell_sums_free(*s);
}
/* The place of a key's amount; NULL where it is absent and !make, or where bytes_max is reached. */
int64_t *cell_sum(cell_sums *s, uint64_t key, bool make);
int64_t cell_sums_count(const cell_sums *s);
/* Calls back for each amount that is not SUM_SEEN, in no order. */
void cell_sums_unseen(const cell_sums *s, void (*each)(void *ctx, uint64_t key, int64_t amount),
                      void *ctx);

#endif
