-- A database for Airflow, one for Broadsheet and one source, each with an owner that can reach no other.
\getenv airflow_password AIRFLOW_DB_PASSWORD
\getenv broadsheet_password BROADSHEET_DB_PASSWORD
\getenv flights_password FLIGHTS_DB_PASSWORD
\getenv reader_password FLIGHTS_READER_PASSWORD
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE ROLE broadsheet LOGIN PASSWORD :'broadsheet_password';
CREATE ROLE flights LOGIN PASSWORD :'flights_password';
CREATE ROLE broadsheet_reader LOGIN PASSWORD :'reader_password';
ALTER ROLE broadsheet_reader SET default_transaction_read_only = on;

CREATE DATABASE airflow OWNER airflow;
CREATE DATABASE broadsheet OWNER broadsheet;
CREATE DATABASE flights OWNER flights;
REVOKE ALL ON DATABASE airflow, broadsheet, flights, postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE flights TO broadsheet_reader;
