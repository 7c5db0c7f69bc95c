/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_ZIP_READ_H
#define TQ_ZIP_READ_H

/* Reads entries of a ZIP that a stranger sent, in memory, over libzip; nothing is ever written.
 *
 * All entries are judged before the first is opened: number, names, methods, sizes, ratio. What a
 * header says of a size is not believed: an entry is inflated up to its stated size and one byte
 * more, and must have exactly that size and its checksum. ZIP64, encryption, and methods other than
 * stored and deflate are refused; the files read here need none of them.
 *
 * Reasons, all INVALID: zip_form, zip_entries, zip_name, zip_duplicate, zip_method, zip_size,
 * zip_ratio. */

#include "base/arena.h"
#include "base/err.h"

#define ZIP_ENTRIES_MAX 512
#define ZIP_NAME_MAX 255
#define ZIP_ENTRY_BYTES_MAX (16 * 1024 * 1024) /* of any one, unpacked */
#define ZIP_TOTAL_BYTES_MAX (64 * 1024 * 1024) /* of all, unpacked */
#define ZIP_RATIO_MAX 100                      /* unpacked to packed, beyond the first 64 KiB */

typedef struct zip_pack zip_pack;

/* `bytes` must outlive the pack. */
TQ_MUST_CHECK tq_code zip_pack_open(str bytes, zip_pack **out, tq_err *err);
void zip_pack_close(zip_pack *z); /* takes NULL */
int zip_pack_count(const zip_pack *z);
str zip_pack_name(const zip_pack *z, int i);    /* lives as long as the pack */
int zip_pack_find(const zip_pack *z, str name); /* -1 where there is none */

/* The entry unpacked, in `a`. INVALID/zip_size where it is longer than `bytes_max`, or not what its
 * header says. */
TQ_MUST_CHECK tq_code zip_pack_read(zip_pack *z, int i, size_t bytes_max, arena *a, str *out,
                                    tq_err *err);

static inline void zip_pack_cleanup(zip_pack **z)
{
    zip_pack_close(*z);
}
#define ZIP_PACK_AUTO TQ_CLEANUP(zip_pack_cleanup)

#endif
