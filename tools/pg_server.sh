#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A PostgreSQL server for tests: pg_server.sh start DIR | standby DIR PRIMARY | kill DIR | promote DIR |
# stop DIR
#
# `start` makes DIR, a database cluster in it and a server that listens only on a unix socket there,
# and prints its connection URI; syncing stays on, as in production. `stop` ends that server by the
# process id it wrote and removes DIR. `standby` makes in DIR a copy of the server in PRIMARY that follows
# it, and from then on no commit there is told before the copy has applied it; prints the URI that finds
# whichever of both takes writes. `kill` ends a server as a power cut would. `promote` makes a standby the
# one that writes. A server refuses to run as root, so root starts it as postgres.
set -euo pipefail

fail() { echo "pg_server.sh: $*" >&2; exit 1; }

usage="usage: start DIR | standby DIR PRIMARY | kill DIR | promote DIR | stop DIR"
[ $# -eq 2 ] || { [ $# -eq 3 ] && [ "$1" = standby ]; } || fail "$usage"
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

# An empty folder of the server's owner.
make_folder() {
    [ ! -e "$dir" ] || fail "$dir exists"
    [ ${#dir} -le 80 ] || fail "$dir is too long a name for a unix socket"
    mkdir -p "$dir"
    if [ "$(id -u)" -eq 0 ]; then chown postgres: "$dir"; fi
    cd "$dir"
}

run_server() {
    as_owner "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -t 60 -w start >/dev/null 2>&1 ||
        { cat "$dir/server.log" >&2; fail "the server did not start"; }
}

sql() { as_owner "$bin/psql" -qAtX -h "$1" -U postgres -c "$2" postgres; }

start() {
    make_folder
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
    run_server
    echo "postgresql://postgres@/postgres?host=$dir"
}

standby() {
    local primary=$1
    [[ $primary = /* ]] || primary=$PWD/$primary
    make_folder
    as_owner "$bin/pg_basebackup" -h "$primary" -U postgres -D "$dir/data" -R -X stream --no-sync ||
        fail "no copy of $primary could be made"
    sed -i "s|^unix_socket_directories = .*|unix_socket_directories = '$dir'|" "$dir/data/postgresql.conf"
    run_server
    sql "$primary" "ALTER SYSTEM SET synchronous_standby_names = '*'"
    sql "$primary" "ALTER SYSTEM SET synchronous_commit = remote_apply"
    sql "$primary" "SELECT pg_reload_conf()" >/dev/null
    for _ in $(seq 300); do
        [ "$(sql "$primary" 'SELECT sync_state FROM pg_stat_replication')" = sync ] && break
        sleep 0.1
    done
    [ "$(sql "$primary" 'SELECT sync_state FROM pg_stat_replication')" = sync ] ||
        fail "the standby does not follow"
    echo "postgresql://postgres@/postgres?host=$primary,$dir&target_session_attrs=read-write"
}

# The server and its workers at once: none of them gets to flush or to tell anybody.
kill_all() {
    local pid
    pid=$(head -n 1 "$dir/data/postmaster.pid")
    # shellcheck disable=SC2046
    kill -STOP "$pid" && kill -KILL "$pid" $(ps -o pid= --ppid "$pid")
    rm -f "$dir/data/postmaster.pid" # else `stop` would end whoever gets that number next
}

# The one that was followed is gone, so nobody is waited for from now on.
promote() {
    sql "$dir" "ALTER SYSTEM SET synchronous_standby_names = ''"
    sql "$dir" "SELECT pg_promote()" >/dev/null
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
    standby) standby "$3" ;;
    kill) kill_all ;;
    promote) promote ;;
    stop) stop ;;
    *) fail "$usage" ;;
esac
