/* SPDX-License-Identifier: Apache-2.0 */

/* Invoices as XML come from strangers: reading one never crashes, and one that is read is read
 * alike again (einvoice_again.h). */

#include <stdint.h>

#include "einvoice_again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    einvoice_again(data, size);
    return 0;
}
