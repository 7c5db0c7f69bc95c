/* SPDX-License-Identifier: Apache-2.0 */
#include "store/verify_sums.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE_BITS 8
#define PAGE_IDS (1 << PAGE_BITS)
#define SLOTS_FIRST 1024
#define PART_COUNT 256
#define PART_FIRST 16

TQ_NORETURN static void memory_gone(void)
{
    (void)fprintf(stderr, "tongquan: no memory left for verify\n");
    abort();
}

static void *take(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (p == NULL) {
        memory_gone();
    }
    return p;
}

static sum128 sum_of(const sip_key *key, str bytes)
{
    uint64_t out[2];
    sip128(key, bytes, out);
    return (sum128){out[0], out[1]};
}

sum128 sum_value(const sip_key *key, int col, int64_t id, const event_value *v)
{
    TQ_ASSERT(key != NULL);
    char room[256];
    int64_t head[3] = {col, id, v->num};
    if (!audited_col_of(col)->is_text) {
        return v->num == 0 ? (sum128){0} : sum_of(key, (str){(const char *)head, sizeof head});
    }
    if (v->text.len == 0) {
        return (sum128){0};
    }
    head[2] = (int64_t)v->text.len;
    memcpy(room, head, sizeof head);
    if (v->text.len <= sizeof room - sizeof head) {
        memcpy(room + sizeof head, v->text.data, v->text.len);
        return sum_of(key, (str){room, sizeof head + v->text.len});
    }
    const sum128 text = sum_of(key, v->text);
    memcpy(room + sizeof head, &text, sizeof text);
    room[sizeof head + sizeof text] = 1; /* apart from a short text of the same bytes */
    return sum_of(key, (str){room, sizeof head + sizeof text + 1});
}

sum128 sum_created(const sip_key *key, int table, int64_t id)
{
    TQ_ASSERT(table >= 0);
    const int64_t head[2] = {-1 - (int64_t)table, id};
    return sum_of(key, (str){(const char *)head, sizeof head});
}

/* --- rows ---------------------------------------------------------------------------------------- */

typedef struct page {
    int table;
    int64_t number; /* id >> PAGE_BITS */
    sum128 sums[PAGE_IDS];
} page;

struct row_sums {
    sip_key key;
    size_t bytes, bytes_max;
    size_t slots, used;
    page **slot;
    page *last;
};

row_sums *row_sums_new(const sip_key *key, size_t bytes_max)
{
    row_sums *s = take(1, sizeof *s);
    s->key = *key;
    s->bytes_max = bytes_max;
    s->slots = SLOTS_FIRST;
    s->slot = take(s->slots, sizeof(page *));
    return s;
}

void row_sums_free(row_sums *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < s->slots; i++) {
        free(s->slot[i]);
    }
    free((void *)s->slot);
    free(s);
}

static size_t page_slot(const row_sums *s, page *const *slot, size_t slots, int table,
                        int64_t number)
{
    TQ_ASSERT((slots & (slots - 1)) == 0);
    const sum128 h = sum_created(&s->key, table, number);
    size_t at = (size_t)h.low & (slots - 1);
    while (slot[at] != NULL && (slot[at]->number != number || slot[at]->table != table)) {
        at = (at + 1) & (slots - 1);
    }
    return at;
}

static void pages_grow(row_sums *s)
{
    const size_t slots = s->slots * 2;
    page **slot = take(slots, sizeof(page *));
    for (size_t i = 0; i < s->slots; i++) {
        if (s->slot[i] != NULL) {
            slot[page_slot(s, slot, slots, s->slot[i]->table, s->slot[i]->number)] = s->slot[i];
        }
    }
    free((void *)s->slot);
    s->slot = slot;
    s->slots = slots;
}

sum128 *row_sum(row_sums *s, int table, int64_t id)
{
    TQ_ASSERT(table >= 0);
    const int64_t number = id >> PAGE_BITS;
    const size_t in_page = (size_t)id & (PAGE_IDS - 1);
    if (s->last != NULL && s->last->table == table && s->last->number == number) {
        return &s->last->sums[in_page];
    }
    size_t at = page_slot(s, s->slot, s->slots, table, number);
    if (s->slot[at] == NULL) {
        if (s->bytes + sizeof(page) > s->bytes_max) {
            return NULL;
        }
        if (s->used * 2 >= s->slots) {
            pages_grow(s);
            at = page_slot(s, s->slot, s->slots, table, number);
        }
        page *p = take(1, sizeof *p);
        p->table = table;
        p->number = number;
        s->slot[at] = p;
        s->used++;
        s->bytes += sizeof *p;
    }
    s->last = s->slot[at];
    return &s->last->sums[in_page];
}

bool row_sums_next(const row_sums *s, int table, int64_t from, int64_t *id)
{
    bool found = false;
    for (size_t i = 0; i < s->slots; i++) {
        const page *p = s->slot[i];
        if (p == NULL || p->table != table) {
            continue;
        }
        for (int k = 0; k < PAGE_IDS; k++) {
            const int64_t here = p->number * PAGE_IDS + k;
            if (here >= from && !sum_is_zero(p->sums[k]) && (!found || here < *id)) {
                *id = here;
                found = true;
            }
        }
    }
    return found;
}

/* --- cells --------------------------------------------------------------------------------------- */

typedef struct cell_slot {
    uint64_t key; /* 0 = free */
    int64_t amount;
} cell_slot;

typedef struct cell_part {
    uint32_t room, used;
    cell_slot *slot;
} cell_part;

struct cell_sums {
    size_t bytes, bytes_max;
    int64_t count;
    cell_part parts[PART_COUNT];
};

cell_sums *cell_sums_new(size_t bytes_max)
{
    cell_sums *s = take(1, sizeof *s);
    s->bytes_max = bytes_max;
    return s;
}

void cell_sums_free(cell_sums *s)
{
    if (s == NULL) {
        return;
    }
    for (int i = 0; i < PART_COUNT; i++) {
        free(s->parts[i].slot);
    }
    free(s);
}

int64_t cell_sums_count(const cell_sums *s)
{
    return s->count;
}

/* Where the key is or would go: its lower 32 bits scaled to the room, so that room needs no power of two. */
static uint32_t cell_place(const cell_slot *slot, uint32_t room, uint64_t key)
{
    TQ_ASSERT(room > 0);
    uint32_t at = (uint32_t)((key & UINT32_MAX) * room >> 32);
    while (slot[at].key != 0 && slot[at].key != key) {
        at = at + 1 == room ? 0 : at + 1;
    }
    return at;
}

static bool part_grow(cell_sums *s, cell_part *p)
{
    const uint32_t room = p->room == 0 ? PART_FIRST : p->room + p->room / 4 + 1;
    const size_t more = sizeof(cell_slot) * (size_t)(room - p->room);
    if (s->bytes + more > s->bytes_max) {
        return false;
    }
    cell_slot *slot = take(room, sizeof *slot);
    for (uint32_t i = 0; i < p->room; i++) {
        if (p->slot[i].key != 0) {
            slot[cell_place(slot, room, p->slot[i].key)] = p->slot[i];
        }
    }
    free(p->slot);
    p->slot = slot;
    p->room = room;
    s->bytes += more;
    return true;
}

int64_t *cell_sum(cell_sums *s, uint64_t key, bool make)
{
    key = key == 0 ? 1 : key;
    cell_part *p = &s->parts[key >> 56];
    if (p->room > 0) {
        cell_slot *found = &p->slot[cell_place(p->slot, p->room, key)];
        if (found->key == key) {
            return &found->amount;
        }
    }
    if (!make || (p->used + 1 > p->room - p->room / 8 && !part_grow(s, p))) {
        return NULL;
    }
    cell_slot *slot = &p->slot[cell_place(p->slot, p->room, key)];
    TQ_ASSERT(slot->key == 0);
    *slot = (cell_slot){.key = key};
    p->used++;
    s->count++;
    return &slot->amount;
}

void cell_sums_unseen(const cell_sums *s, void (*each)(void *ctx, uint64_t key, int64_t amount),
                      void *ctx)
{
    TQ_ASSERT(each != NULL);
    for (int i = 0; i < PART_COUNT; i++) {
        const cell_part *p = &s->parts[i];
        for (uint32_t k = 0; k < p->room; k++) {
            if (p->slot[k].key != 0 && p->slot[k].amount != SUM_SEEN) {
                each(ctx, p->slot[k].key, p->slot[k].amount);
            }
        }
    }
}
