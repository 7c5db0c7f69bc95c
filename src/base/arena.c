/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/err.h"
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Under AddressSanitizer free room of a block is poisoned, so that a write past what was taken is
 * seen even inside a block. */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISON 1
#endif
#endif
#ifdef ARENA_POISON
#include <sanitizer/asan_interface.h>
#define room_close(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define room_open(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#define ARENA_GAP 16
#else
#define room_close(p, n) ((void)(p), (void)(n))
#define room_open(p, n) ((void)(p), (void)(n))
#define ARENA_GAP 0
#endif

#define ARENA_ALIGN alignof(max_align_t)
#define SHORT_TEXT 200 /* bytes of a formatted text that need no second pass */
#define ARENA_BLOCK_MIN 4096
#define ARENA_BLOCK_MAX ((size_t)1024 * 1024)

typedef struct block {
    struct block *older;
    size_t room;
    size_t used;
    alignas(max_align_t) char bytes[];
} block;

struct arena {
    block *newest;
    const char *name;
    size_t max;
    size_t used; /* over all blocks, with the padding */
    size_t next_room;
};

TQ_NORETURN static void arena_over(const arena *a, size_t asked)
{
    (void)fprintf(stderr, "tongquan: arena %s: %zu bytes asked, %zu of %zu in use\n", a->name,
                  asked, a->used, a->max);
    abort();
}

arena *arena_new(const char *name, size_t bytes_max)
{
    TQ_ASSERT(name != NULL);
    TQ_ASSERT(bytes_max > 0);
    arena *a = calloc(1, sizeof *a);
    if (a == NULL) {
        (void)fprintf(stderr, "tongquan: arena %s: out of memory\n", name);
        abort();
    }
    *a = (arena){.name = name, .max = bytes_max, .next_room = ARENA_BLOCK_MIN};
    return a;
}

static void block_free(block *b)
{
    room_open(b->bytes, b->room);
    free(b);
}

void arena_free(arena *a)
{
    if (a == NULL) {
        return;
    }
    for (block *b = a->newest; b != NULL;) {
        block *older = b->older;
        block_free(b);
        b = older;
    }
    free(a);
}

void arena_reset(arena *a)
{
    TQ_ASSERT(a != NULL);
    while (a->newest != NULL && a->newest->older != NULL) {
        block *older = a->newest->older;
        block_free(a->newest);
        a->newest = older;
    }
    if (a->newest != NULL) {
        a->newest->used = 0;
        room_close(a->newest->bytes, a->newest->room);
    }
    a->used = 0;
    a->next_room = ARENA_BLOCK_MIN;
}

static block *block_add(arena *a, size_t need)
{
    const size_t room = need > a->next_room ? need : a->next_room;
    block *b = malloc(sizeof *b + room);
    if (b == NULL) {
        arena_over(a, need);
    }
    *b = (block){.older = a->newest, .room = room};
    room_close(b->bytes, room);
    a->newest = b;
    if (a->next_room < ARENA_BLOCK_MAX) {
        a->next_room *= 2;
    }
    return b;
}

size_t arena_left(const arena *a)
{
    const size_t left = a->max - a->used;
    return left < ARENA_ALIGN + ARENA_GAP ? 0 : left - ARENA_ALIGN - ARENA_GAP;
}

void *arena_take(arena *a, size_t bytes)
{
    TQ_ASSERT(a != NULL);
    if (bytes > a->max || a->max - a->used < bytes) {
        arena_over(a, bytes);
    }
    const size_t need = (bytes + ARENA_GAP + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    if (need > a->max - a->used) {
        arena_over(a, bytes);
    }
    block *b = a->newest;
    if (b == NULL || b->room - b->used < need) {
        b = block_add(a, need);
    }
    char *p = b->bytes + b->used;
    room_open(p, bytes);
    memset(p, 0, bytes);
    b->used += need;
    a->used += need;
    return p;
}

str arena_copy(arena *a, str s)
{
    TQ_ASSERT(s.len < SIZE_MAX);
    char *p = arena_take(a, s.len + 1);
    if (s.len > 0) {
        memcpy(p, s.data, s.len);
    }
    return (str){p, s.len};
}

str arena_printf(arena *a, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    va_list again;
    va_copy(again, args);
    char first[SHORT_TEXT]; /* most texts are short: then formatting once is enough */
    const int len = vsnprintf(first, sizeof first, fmt, args);
    va_end(args);
    TQ_ASSERT(len >= 0);
    char *p = arena_take(a, (size_t)len + 1);
    if ((size_t)len < sizeof first) {
        memcpy(p, first, (size_t)len);
    } else {
        (void)vsnprintf(p, (size_t)len + 1, fmt, again);
    }
    va_end(again);
    return (str){p, (size_t)len};
}

size_t arena_used(const arena *a)
{
    return a->used;
}
