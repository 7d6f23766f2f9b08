#!/bin/bash
# At the first start of the primary: the two roles of thidua, its database, and the role by which the standby follows.
set -eu
password() { cat "$SECRETS/$1_password"; }
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres <<END
CREATE ROLE thidua_owner LOGIN PASSWORD '$(password owner)';
CREATE ROLE thidua_app LOGIN PASSWORD '$(password app)';
CREATE ROLE standby LOGIN REPLICATION PASSWORD '$(password standby)';
CREATE DATABASE thidua OWNER thidua_owner;
SELECT FROM pg_create_physical_replication_slot('standby');
END
echo 'host replication standby samenet scram-sha-256' >>"$PGDATA/pg_hba.conf"
