#!/bin/sh
# Runs a private PostgreSQL and Redis for as long as standard input stays open, so that nothing is left
# behind however the process that wanted them ends. Prints their socket directory, then the Redis socket.
#   servers.sh             a throw-away cluster without durability, for tests
#   servers.sh DIRECTORY   a cluster that keeps its data in DIRECTORY, for `steelyard up`
set -eu
for bin in /usr/lib/postgresql/*/bin; do PATH="$bin:$PATH"; done
# A throw-away cluster gets a database for each test, in memory where there is enough: files are made several times as fast.
memory() { [ -w /dev/shm ] && [ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -gt 8388608 ] && [ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -gt 12582912 ]; }
parent=${TMPDIR:-/tmp}
if [ $# = 0 ] && memory; then parent=/dev/shm; fi
sockets=$(mktemp -d "$parent/steelyard.XXXXXX")
data=${1:-$sockets/data}
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    # PostgreSQL refuses to run as root.
    as() { runuser -u postgres -- env PATH="$PATH" "$@"; }
    mkdir -p "$data"
    chown postgres "$data" "$sockets"
fi
options="-h '' -k $sockets -c max_connections=400"
durability="--data-checksums"
if [ $# = 0 ]; then
    options="$options -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_wal_size=4GB"
    durability="--no-sync"
fi
redis=
stop() {
    [ -z "$redis" ] || kill "$redis" 2>/dev/null || true
    as pg_ctl -D "$data" -s -w -m fast stop >/dev/null 2>&1 || true
    rm -rf "$sockets"
}
trap stop EXIT
trap '' INT
# Ended together with who wanted them, as timeout does, they are stopped all the same.
trap 'exit 1' TERM HUP
if ! [ -s "$data/PG_VERSION" ]; then
    as initdb $durability --auth=trust --username=postgres --encoding=UTF8 --locale=C -D "$data" >"$sockets/initdb.log" 2>&1 || { cat "$sockets/initdb.log" >&2; exit 1; }
fi
# A cluster left running by a process that was killed would hold the data directory.
as pg_ctl -D "$data" -s -w -m fast stop >/dev/null 2>&1 || true
as pg_ctl -D "$data" -s -w -l "$data/server.log" -o "$options" start >/dev/null || { tail -5 "$data/server.log" >&2; exit 1; }
redis-server --port 0 --unixsocket "$sockets/redis.sock" --databases 10000 --save '' --appendonly no >/dev/null 2>&1 &
redis=$!
while ! [ -S "$sockets/redis.sock" ]; do
    kill -0 "$redis" 2>/dev/null || { echo "redis-server did not start" >&2; exit 1; }
    sleep 0.02
done
echo "$sockets"
echo "$sockets/redis.sock"
cat >/dev/null
