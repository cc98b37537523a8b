#!/bin/sh
# Run once, by the Postgres image, when the data volume is empty.
set -eu
exec psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres \
    --set=airflow_password="$AIRFLOW_DB_PASSWORD" \
    --set=broadsheet_password="$BROADSHEET_DB_PASSWORD" \
    --set=flights_password="$FLIGHTS_DB_PASSWORD" \
    --set=reader_password="$FLIGHTS_READER_PASSWORD" \
    --file=/opt/broadsheet/databases.sql
