-- Tables and views of the source, without those of Postgres itself, and whether the report's reader may read them.
-- Grain: one table or view.
SELECT
    relation.oid::bigint AS table_id,
    namespace.nspname::text AS schema_name,
    relation.relname::text AS name,
    quote_ident(namespace.nspname) || '.' || quote_ident(relation.relname) AS sql_name,
    quote_ident(namespace.nspname) AS sql_schema,
    quote_ident(current_user) AS reader,
    has_schema_privilege(namespace.oid, 'USAGE') AND has_any_column_privilege(relation.oid, 'SELECT') AS readable
FROM pg_class AS relation
JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
WHERE
    relation.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT starts_with(namespace.nspname, 'pg_')
    AND namespace.nspname <> 'information_schema'
ORDER BY namespace.nspname, relation.relname
