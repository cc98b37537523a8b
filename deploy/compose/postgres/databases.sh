#!/bin/sh
# Run once, by the Postgres image, when the data volume is empty. The passwords are read from the environment there.
set -eu
exec psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres \
    --file=/opt/broadsheet/databases.sql
