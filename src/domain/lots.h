/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_LOTS_H
#define TQ_LOTS_H

/* The draw of cases and inspectors (P-30, 双随机一公开), so that an outsider recomputes it from published
 * texts alone. docs/draw.md is the specification; tests/draw_second.py is written from it. No I/O, no
 * clock, no chance: the seed is an argument.
 *
 *   plan        canonical JSON object (base/canon.h), approved before anything below exists
 *   population  "tongquan-draw-population-1" LF, then a line a unit, `stratum TAB key TAB amount TAB must`
 *               LF, keys strictly ascending by bytes
 *   pool        "tongquan-draw-pool-1" LF, then a line a person, `code TAB conflict` LF, codes ascending;
 *               conflict is "-" where there is none
 *   commitment  SHA-256("tongquan-draw-commitment-1" LF || seed), made known with the three texts' hashes
 *   final seed  SHA-256("tongquan-draw-final-1" LF || seed || SHA-256(plan) || SHA-256(population) ||
 *               SHA-256(pool) || public value)
 *   score       SHA-256("tongquan-draw-case-1" LF || final seed || key), a number of 256 bits, likewise
 *               "tongquan-draw-inspector-1" for codes
 *
 * Each stratum by itself: N is the sum of weights of all its units (1 each, or the amount), the goal
 * ceil(rate * N). Must-visit units are taken out and added; of the rest the lowest scores (ties by key) are
 * drawn until their weights reach the goal, all of it where it is smaller. Of the pool without
 * conflicts the `visitors` lowest scores are drawn. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/day.h"
#include "base/err.h"
#include "base/hash.h"

#define LOTS_KEY_MAX 64
#define LOTS_STRATUM_MAX 80
#define LOTS_STRATA_MAX 4096
#define LOTS_UNITS_MAX 4000000
#define LOTS_PUBLIC_MAX 200
#define LOTS_SEED_BYTES 32

typedef struct lots_plan {
    str number;        /* public number of the draw */
    str policy;        /* SHA-256 of the policy version, hex */
    str unit;          /* firm | amount | claim | voucher; amount: weights are minor units */
    str counted;       /* paid_holders | holders */
    str strata;        /* none | place | kind */
    day from, to;      /* period, both days in it */
    int64_t rate_bp;   /* 1..10000 */
    int64_t visitors;  /* inspectors to be drawn, 2..100 */
    str public_source; /* which value will be joined, named before it is known; "" for none */
    day public_day;    /* when it becomes known; DAY_NONE without one */
} lots_plan;

/* INVALID: a field is outside what the comments above say. */
TQ_MUST_CHECK tq_code lots_plan_check(const lots_plan *p, tq_err *err);
void lots_plan_write(const lots_plan *p, buf *out);
/* Slices live in `a` or `text`. Only what lots_plan_write writes is read. */
TQ_MUST_CHECK tq_code lots_plan_read(str text, arena *a, lots_plan *out, tq_err *err);

typedef struct lots_unit {
    str stratum; /* "-" where all are one */
    str key;     /* visible ASCII */
    int64_t amount;
    bool must;
} lots_unit;

void lots_population_begin(buf *out);
/* Units come in order of their keys; the reader checks that. */
void lots_population_add(buf *out, const lots_unit *u);
/* INVALID: empty_population, duplicate_key, key_order, unit (what cannot be one). Names the line. */
TQ_MUST_CHECK tq_code lots_population_read(str text, arena *a, lots_unit **units, size_t *n,
                                           tq_err *err);

typedef struct lots_person {
    str code;     /* pseudonymous, visible ASCII */
    str conflict; /* "-" or a token */
} lots_person;

void lots_pool_begin(buf *out);
void lots_pool_add(buf *out, const lots_person *p);
TQ_MUST_CHECK tq_code lots_pool_read(str text, arena *a, lots_person **people, size_t *n,
                                     tq_err *err);

digest lots_commitment(const uint8_t seed[LOTS_SEED_BYTES]);
digest lots_final_seed(const uint8_t seed[LOTS_SEED_BYTES], str plan, digest population,
                       digest pool, str public_value);

typedef struct lots_stratum {
    str name;
    int64_t units, weight; /* of all */
    int64_t goal;          /* ceil(rate * weight) */
    int64_t must, drawn;   /* units */
    int64_t drawn_weight;
} lots_stratum;

/* `item` is a place in a list that is sorted by key, so the lower one wins a tie. */
typedef struct lots_lot {
    digest score;
    uint32_t item;
    uint32_t place; /* 1.. among the drawn of its stratum; 0: not drawn */
} lots_lot;

typedef struct lots_pick {
    uint32_t unit;    /* place in the population */
    uint32_t stratum; /* place in the strata */
    uint32_t place;   /* 1.. among the drawn of the stratum; 0: must-visit */
    digest score;     /* of a drawn one */
} lots_pick;

typedef struct lots_visitor {
    uint32_t person; /* place in the pool */
    digest score;
} lots_visitor;

typedef struct lots_input {
    const lots_plan *plan;
    const lots_unit *units;
    size_t n_units;
    const lots_person *pool;
    size_t n_pool;
    digest final_seed;
} lots_input;

typedef struct lots_outcome {
    lots_stratum *strata; /* by name */
    size_t n_strata;
    lots_pick *picks; /* by stratum; must-visit first by key, then as drawn */
    size_t n_picks;
    lots_lot *lots; /* all that need not be visited, by score: where the line falls */
    size_t n_lots;
    lots_visitor *visitors; /* as drawn */
    size_t n_visitors;
} lots_outcome;

/* INVALID: empty_population, too_few_inspectors; LIMIT: strata, amount (the sum passes 2^63). All memory
 * is from `a`: about 100 bytes a unit. */
TQ_MUST_CHECK tq_code lots_draw(const lots_input *in, arena *a, lots_outcome *out, tq_err *err);

/* "tongquan-draw-result-1" LF and lines of `stratum`, `case` and `inspector`. */
void lots_result_write(const lots_input *in, const lots_outcome *o, buf *out);

/* One case of the final seed, as the replay shows it. */
digest lots_case_score(digest final_seed, str key);

/* --- the published bundle ---------------------------------------------------------------------- */

typedef struct lots_bundle {
    str plan, population, pool;
    uint8_t seed[LOTS_SEED_BYTES];
    str public_value;
} lots_bundle;

typedef struct lots_summary {
    str number;
    int64_t units, must, drawn, visitors;
    digest population, final_seed, result;
} lots_summary;

/* Writes the bundle of a draw that has been run: recomputes it. Ends with LF. */
TQ_MUST_CHECK tq_code lots_bundle_write(const lots_bundle *b, arena *a, buf *out, lots_summary *s,
                                        tq_err *err);
/* Recomputes everything; CORRUPT/draw_differs, whose field is the first member or line that differs.
 * `a` has room for LOTS_ARENA(text.len). */
#define LOTS_ARENA(bytes) ((bytes)*24 + (size_t)16 * 1024 * 1024)
TQ_MUST_CHECK tq_code lots_bundle_verify(str text, arena *a, lots_summary *out, tq_err *err);

#endif
