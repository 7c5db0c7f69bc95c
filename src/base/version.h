/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_VERSION_H
#define TQ_VERSION_H

/* Of the program; meson.build names the same. */
#ifndef TQ_VERSION
#define TQ_VERSION "0.1.0"
#endif

#endif
