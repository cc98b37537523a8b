-- The role that reports read with. The loader puts a SCRAM verifier, never the password, into broadsheet.verifier.
-- A loader that may not make roles is content with one that somebody else has made and given its password.
DO $$
DECLARE
    makes_roles boolean := (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user);
    exists boolean := EXISTS (SELECT FROM pg_roles WHERE rolname = 'broadsheet_reader');
BEGIN
    IF makes_roles THEN
        IF NOT exists THEN
            CREATE ROLE broadsheet_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT;
        END IF;
        EXECUTE format('ALTER ROLE broadsheet_reader PASSWORD %L', current_setting('broadsheet.verifier'));
        ALTER ROLE broadsheet_reader SET default_transaction_read_only = on;
    ELSIF NOT exists THEN
        RAISE insufficient_privilege
            USING MESSAGE = 'there is no role broadsheet_reader, and ' || current_user || ' may not make it',
                  HINT = 'Make it, or load as a user with CREATEROLE.';
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO broadsheet_reader', current_database());
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO broadsheet_reader;
GRANT SELECT ON flights, airlines, airports, planes, weather, load_info TO broadsheet_reader;
