/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ARENA_H
#define TQ_ARENA_H

/* Memory with a lifetime instead of an owner: everything taken from an arena goes with it.
 *
 * Arenas are named after their life (request, batch, import). They have a maximum; going over it is
 * a bug or an unbounded input that an edge failed to bound, so it aborts with the arena's name
 * rather than handing NULL to a hundred callers. */

#include "base/attrs.h"
#include "base/str.h"

typedef struct arena arena;

arena *arena_new(const char *name, size_t bytes_max);
void arena_free(arena *a);  /* takes NULL */
void arena_reset(arena *a); /* keeps the first block */

void *arena_take(arena *a, size_t bytes); /* zeroed, aligned for any type, never NULL */
str arena_copy(arena *a, str s);          /* also terminated, so .data is a C string */
str arena_printf(arena *a, const char *fmt, ...) TQ_PRINTF(2, 3);
size_t arena_used(const arena *a);
/* What one more arena_take may surely ask for: readers of unbounded input look before they take. */
size_t arena_left(const arena *a);

#define ARENA_NEW(a, type, n) ((type *)arena_take((a), sizeof(type) * (size_t)(n)))

static inline void arena_cleanup(arena **a)
{
    arena_free(*a);
}
#define ARENA_AUTO TQ_CLEANUP(arena_cleanup)

#endif
