-- The role that reports read with. The loader puts a SCRAM verifier, never the password, into broadsheet.verifier.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'broadsheet_reader') THEN
        CREATE ROLE broadsheet_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT;
    END IF;
    EXECUTE format('ALTER ROLE broadsheet_reader PASSWORD %L', current_setting('broadsheet.verifier'));
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO broadsheet_reader', current_database());
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$$;

ALTER ROLE broadsheet_reader SET default_transaction_read_only = on;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO broadsheet_reader;
GRANT SELECT ON flights, airlines, airports, planes, weather, load_info TO broadsheet_reader;
