#!/bin/bash
# At the first start of the primary: the two roles of thidua, its database, and the role by which the standby follows.
set -eu
password() { cat "$SECRETS/$1_password"; }
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres <<END
CREATE ROLE thidua_owner LOGIN PASSWORD '$(password owner)';
CREATE ROLE thidua_app LOGIN PASSWORD '$(password app)';
CREATE ROLE standby LOGIN REPLICATION PASSWORD '$(password standby)';
CREATE DATABASE thidua OWNER thidua_owner;
END
# What a standby may miss and still follow. A slot would keep WAL for one that never comes back until the disk is full, and the promoted
# standby has none.
echo 'wal_keep_size = 1GB' >>"$PGDATA/postgresql.conf"
echo 'host replication standby samenet scram-sha-256' >>"$PGDATA/pg_hba.conf"
