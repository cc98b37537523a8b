-- What the register of airports says of one airport.
-- Grain: one airport, of which there is one.
-- Parameters: airport (a code).
SELECT
    name,
    to_char(abs(lat), 'FM990.0000') || '° ' || CASE WHEN lat < 0 THEN 'S' ELSE 'N' END
    || ', ' || to_char(abs(lon), 'FM990.0000') || '° ' || CASE WHEN lon < 0 THEN 'W' ELSE 'E' END AS position,
    alt AS altitude,
    tzone AS time_zone
FROM airports
WHERE faa = %(airport)s
ORDER BY faa
