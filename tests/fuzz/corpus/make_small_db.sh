#!/bin/sh
# Makes small.db: a database of the current schema version in pages of 512 bytes, so that mutations hit what is used.
#   make_small_db.sh path/to/test_store
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rm -f "$here/small.db"
VERNIER_MAKE_FIXTURE="$here/small.db" "$1" --test-case="databases of every version*"
rm -f "$here/small.db.lock"
sqlite3 "$here/small.db" 'PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM; PRAGMA journal_mode = WAL;' >/dev/null
