#!/bin/bash
# Makes the standby from the primary at its first start, then follows it. After a failover (`pg_ctl promote` here) give the old
# primary's volume up and let it follow in its turn.
set -eu
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    PGPASSWORD=$(cat "$SECRETS/standby_password") pg_basebackup --host="$PRIMARY" --port="${PRIMARY_PORT:-5432}" --username=standby --slot=standby \
        --wal-method=stream --checkpoint=fast --write-recovery-conf --pgdata="$PGDATA"
fi
chmod 700 "$PGDATA"
exec postgres -D "$PGDATA" "$@"
