#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A PostgreSQL server for tests: pg_server.sh start DIR | stop DIR
#
# `start` makes DIR, a database cluster in it and a server that listens only on a unix socket there,
# and prints its connection URI; syncing stays on, as in production. `stop` ends that server by the
# process id it wrote and removes DIR. A server refuses to run as root, so root starts it as postgres.
set -euo pipefail

fail() { echo "pg_server.sh: $*" >&2; exit 1; }

[ $# -eq 2 ] || fail "usage: start DIR | stop DIR"
verb=$1 dir=$2
[[ $dir = /* ]] || dir=$PWD/$dir

# The newest server installed; Debian keeps the programs of each version in a folder of their own.
bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || bin=$(dirname "$(command -v initdb || fail "no initdb: install postgresql")")

as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=postgres --regid=postgres --init-groups env HOME="$dir" LC_ALL=C.UTF-8 "$@"
    else
        env LC_ALL=C.UTF-8 "$@"
    fi
}

start() {
    [ ! -e "$dir" ] || fail "$dir exists"
    [ ${#dir} -le 80 ] || fail "$dir is too long a name for a unix socket"
    mkdir -p "$dir"
    if [ "$(id -u)" -eq 0 ]; then chown postgres: "$dir"; fi
    cd "$dir"
    as_owner "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
        >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; fail "initdb failed"; }
    cat >>"$dir/data/postgresql.conf" <<EOF
listen_addresses = ''
unix_socket_directories = '$dir'
max_connections = 400
max_wal_size = '2GB'
synchronous_commit = on
fsync = on
EOF
    as_owner "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -t 60 -w start >/dev/null 2>&1 ||
        { cat "$dir/server.log" >&2; fail "the server did not start"; }
    echo "postgresql://postgres@/postgres?host=$dir"
}

stop() {
    [ -d "$dir/data" ] || fail "$dir holds no server of ours"
    local pid
    if pid=$(head -n 1 "$dir/data/postmaster.pid" 2>/dev/null) && kill -INT "$pid" 2>/dev/null; then
        for _ in $(seq 300); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        if kill -0 "$pid" 2>/dev/null; then kill -QUIT "$pid"; fi
    fi
    rm -rf -- "$dir"
}

case $verb in
    start) start ;;
    stop) stop ;;
    *) fail "usage: start DIR | stop DIR" ;;
esac
