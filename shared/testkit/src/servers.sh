#!/bin/sh
# Starts a PostgreSQL and a Redis that live as long as this script's standard input stays open, so that
# nothing is left behind however the test process ends. Prints their URLs, one a line.
set -eu
dir=$(mktemp -d "${TMPDIR:-/tmp}/steelyard-test.XXXXXX")
chmod 755 "$dir"
for bin in /usr/lib/postgresql/*/bin; do PATH="$bin:$PATH"; done
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    as() { runuser -u postgres -- "$@"; }
    mkdir "$dir/pg" && chown postgres "$dir/pg"
fi
as env PATH="$PATH" initdb --no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C -D "$dir/pg" >"$dir/initdb.log" 2>&1
as env PATH="$PATH" pg_ctl -D "$dir/pg" -s -w -l "$dir/pg/log" -o "-h '' -k $dir/pg -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=500 -c max_wal_size=4GB" start >/dev/null
redis-server --port 0 --unixsocket "$dir/redis.sock" --unixsocketperm 777 --databases 10000 --save '' --appendonly no --daemonize no >/dev/null 2>&1 &
redis=$!
trap 'kill $redis 2>/dev/null || true; as env PATH="$PATH" pg_ctl -D "$dir/pg" -s -m immediate stop >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
while ! [ -S "$dir/redis.sock" ]; do sleep 0.02; done
echo "$dir/pg"
echo "$dir/redis.sock"
cat >/dev/null
