/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ATTRS_H
#define TQ_ATTRS_H

/* The compiler attributes the project uses, under one name each (C17 has no [[attributes]]). */
#define TQ_MUST_CHECK __attribute__((warn_unused_result))
#define TQ_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define TQ_CLEANUP(fn) __attribute__((cleanup(fn)))
#define TQ_NORETURN __attribute__((noreturn))

#define TQ_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
