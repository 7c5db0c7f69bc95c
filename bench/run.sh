#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The figures of claims beside PostgreSQL as installed and PostgreSQL tuned: run.sh BUILD_DIR [claims a run]
# Brings two servers of its own and ends them. TQ_FULL=1: five rounds.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
shift
plain=$(mktemp -u /tmp/tongquan-bench.XXXXXXXX)
tuned=$(mktemp -u /tmp/tongquan-bench.XXXXXXXX)
stop() {
    for dir in "$plain" "$tuned"; do
        [ ! -d "$dir" ] || tools/pg_server.sh stop "$dir"
    done
}
trap stop EXIT
TQ_TEST_PG=$(tools/pg_server.sh start "$plain")
TQ_BENCH_PG_TUNED=$(tools/pg_server.sh start "$tuned")
settings=(shared_buffers=1GB wal_buffers=64MB commit_delay=200 commit_siblings=5 max_wal_size=8GB
    checkpoint_timeout=30min checkpoint_completion_target=0.9 effective_cache_size=4GB
    random_page_cost=1.1 jit=off wal_compression=off)
for setting in "${settings[@]}"; do
    psql -q "$TQ_BENCH_PG_TUNED" -c "ALTER SYSTEM SET ${setting%%=*} = '${setting#*=}'"
done
owner=()
if [ "$(id -u)" -eq 0 ]; then owner=(setpriv --reuid=postgres --regid=postgres --init-groups); fi
bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
(cd "$tuned" && "${owner[@]}" "$bin/pg_ctl" -D "$tuned/data" -l "$tuned/server.log" -w restart >/dev/null)
psql -Atq "$TQ_BENCH_PG_TUNED" -c "SELECT 'tuned: shared_buffers ' || current_setting('shared_buffers')"
export TQ_TEST_PG TQ_BENCH_PG_TUNED TQ_SOURCE_DIR=$PWD
"$build/bench/bench_claim" "$@"
