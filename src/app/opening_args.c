/* SPDX-License-Identifier: Apache-2.0 */
#include "app/opening.h"

#include <stddef.h>

#include "base/canon.h"

/* The six files and nine totals under the names that people write. */
typedef struct opening_name {
    const char *name;
    size_t at;
} opening_name;

#define FILE_AT(name)                                                                              \
    {                                                                                              \
#name, offsetof(opening_files, name)                                                       \
    }
static const opening_name file_names[] = {FILE_AT(balances), FILE_AT(vouchers), FILE_AT(claims),
                                          FILE_AT(invoices), FILE_AT(bans),     FILE_AT(accounts)};
_Static_assert(TQ_COUNT(file_names) == OPENING_FILES, "every file of opening_files has a name");
_Static_assert(sizeof(opening_files) == OPENING_FILES * sizeof(str),
               "opening_files holds texts only");

#define TOTAL_AT(name, field)                                                                      \
    {                                                                                              \
        name, offsetof(opening_totals, field)                                                      \
    }
static const opening_name total_names[] = {
    TOTAL_AT("vouchers", vouchers),     TOTAL_AT("claims", claims),
    TOTAL_AT("invoices", invoices),     TOTAL_AT("bans", bans),
    TOTAL_AT("accounts", accounts),     TOTAL_AT("appropriated_fen", appropriated_fen),
    TOTAL_AT("issued_fen", issued_fen), TOTAL_AT("paid_fen", paid_fen),
    TOTAL_AT("left_fen", left_fen)};
_Static_assert(TQ_COUNT(total_names) == OPENING_TOTALS, "every total has a name");
_Static_assert(sizeof(opening_totals) == OPENING_TOTALS * sizeof(int64_t),
               "totals are numbers only");

const char *opening_file_name(size_t i)
{
    TQ_ASSERT(i < OPENING_FILES);
    return file_names[i].name;
}

str *opening_file_at(opening_files *f, size_t i)
{
    TQ_ASSERT(i < OPENING_FILES);
    return (str *)(void *)((char *)f + file_names[i].at);
}

const char *opening_total_name(size_t i)
{
    TQ_ASSERT(i < OPENING_TOTALS);
    return total_names[i].name;
}

int64_t *opening_total_at(opening_totals *t, size_t i)
{
    TQ_ASSERT(i < OPENING_TOTALS);
    return (int64_t *)(void *)((char *)t + total_names[i].at);
}

void opening_report_write(const opening_report *r, buf *out)
{
    opening_totals totals = r->totals;
    canon w = canon_to(out);
    canon_open(&w);
    canon_kint(&w, "opening", r->opening_id);
    canon_kstr(&w, "sha256", str_of(r->sha256));
    for (size_t i = 0; i < OPENING_TOTALS; i++) {
        canon_kint(&w, opening_total_name(i), *opening_total_at(&totals, i));
    }
    canon_close(&w);
}
