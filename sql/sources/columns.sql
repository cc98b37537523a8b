-- Columns of a table that the report's reader may read, in the table's order.
-- Grain: one column.
-- Parameters: table_id.
-- A domain counts as the type below it, as it does in a query's result.
SELECT
    attribute.attname::text AS name,
    quote_ident(attribute.attname) AS sql_name,
    coalesce(base.typname, own.typname)::text AS type_name,
    CASE
        WHEN coalesce(base.typname, own.typname) = 'numeric' AND greatest(attribute.atttypmod, own.typtypmod) >= 4
            THEN (greatest(attribute.atttypmod, own.typtypmod) - 4) & 65535
    END AS scale,
    CASE
        WHEN coalesce(base.typname, own.typname) = 'numeric' AND greatest(attribute.atttypmod, own.typtypmod) >= 4
            THEN ((greatest(attribute.atttypmod, own.typtypmod) - 4) >> 16) & 65535
    END AS precision,
    attribute.attnotnull AS required,
    EXISTS (
        SELECT FROM pg_constraint AS key
        WHERE
            key.conrelid = attribute.attrelid
            AND key.contype IN ('p', 'f')
            AND attribute.attnum = ANY (key.conkey)
    ) AS in_key,
    EXISTS (
        SELECT FROM pg_constraint AS key
        WHERE key.conrelid = attribute.attrelid AND key.contype = 'p' AND attribute.attnum = ANY (key.conkey)
    ) AS in_primary_key,
    (
        SELECT max(statistics.n_distinct)
        FROM pg_stats AS statistics
        WHERE
            statistics.schemaname = namespace.nspname
            AND statistics.tablename = relation.relname
            AND statistics.attname = attribute.attname
    )::float8 AS distinct_values
FROM pg_attribute AS attribute
JOIN pg_class AS relation ON relation.oid = attribute.attrelid
JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
JOIN pg_type AS own ON own.oid = attribute.atttypid
LEFT JOIN pg_type AS base ON base.oid = own.typbasetype AND own.typtype = 'd'
WHERE
    attribute.attrelid = %(table_id)s::bigint::oid
    AND attribute.attnum > 0
    AND NOT attribute.attisdropped
    AND has_column_privilege(attribute.attrelid, attribute.attnum, 'SELECT')
ORDER BY attribute.attnum
