#!/bin/bash
# Makes a standby of $PRIMARY where there is no data yet, then follows it.
#
#   standby.sh [OPTION OF POSTGRES …]
#   standby.sh make                          only makes it, as of an old primary (docs/operation.md, "Or all of it in containers")
set -eu
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    PGPASSWORD=$(cat "$SECRETS/standby_password") pg_basebackup --host="$PRIMARY" --port="${PRIMARY_PORT:-5432}" --username=standby \
        --wal-method=stream --checkpoint=fast --write-recovery-conf --pgdata="$PGDATA"
fi
chmod 700 "$PGDATA"
[ "${1-}" = make ] || exec postgres -D "$PGDATA" "$@"
