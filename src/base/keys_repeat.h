/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_KEYS_REPEAT_H
#define TQ_KEYS_REPEAT_H

#include "base/str.h"

/* Sorts the n keys and returns one that stands there twice, or NULL. n log n, so that an object of
 * 100,000 keys costs no minute. */
const str *keys_repeat(const str **keys, size_t n);

#endif
