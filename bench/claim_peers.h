/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TQ_CLAIM_PEERS_H
#define TQ_CLAIM_PEERS_H

/* What claim_submit is measured beside. Both write, into the same schema with the same indexes, the
 * rows that one submission leaves: claim, claim_line, act, the counter of the number, and an event whose
 * body (as long as ours) is hashed with SHA-256 and SM3. Neither checks anything: no role, ban, state,
 * invoice, policy. The templates are the first CLAIM_PEERS_TEMPLATES claims in the tables. */

#include <stdbool.h>
#include <stdint.h>

#define CLAIM_PEERS_TEMPLATES 256

/* One thread in this process, 64 submissions a COMMIT. Returns microseconds. */
int64_t claim_peer_sqlite(const char *db, int claims);

/* Creates the function that writes one submission. */
void claim_peer_pg_prepare(const char *uri);
/* By so many connections, each a thread, prepared calls, a COMMIT each. `gap_free`: the number comes
 * from the counter row, as ours does; else from a sequence, which is faster and may leave gaps. */
int64_t claim_peer_pg(const char *uri, bool gap_free, int connections, int claims, int64_t *us);

#endif
