-- The aircraft that flew from New York in the period, as they are registered, with what they flew.
-- Grain: one tail number that flew at least once.
-- Parameters: carrier ('all' or a code), first_day, end_day (local days of departure).
-- Makers that were renamed or taken over stand under one name, and those of fewer than ten aircraft under "Other
-- makers"; there the model begins with the maker, unless that is a private person. The airline is the one that flew
-- the aircraft most. Tail numbers that the register lacks have no maker.
WITH flown AS (
    SELECT
        tailnum,
        carrier,
        count(*) AS flights,
        sum(distance) AS miles,
        sum(air_time) AS minutes
    FROM flights
    WHERE
        flight_date >= %(first_day)s
        AND flight_date < %(end_day)s
        AND tailnum IS NOT NULL
        AND dep_time IS NOT NULL
        AND (%(carrier)s = 'all' OR carrier = %(carrier)s)
    GROUP BY tailnum, carrier
),
totals AS (
    SELECT
        tailnum,
        (array_agg(carrier ORDER BY flights DESC, carrier))[1] AS carrier,
        sum(flights)::bigint AS flights,
        sum(miles)::bigint AS miles,
        sum(minutes) / 60.0 AS hours
    FROM flown
    GROUP BY tailnum
),
named AS (
    SELECT
        *,
        CASE
            WHEN manufacturer LIKE 'AIRBUS%%' THEN 'Airbus'
            WHEN manufacturer = 'BOEING' THEN 'Boeing'
            WHEN manufacturer IN ('BOMBARDIER INC', 'CANADAIR', 'CANADAIR LTD') THEN 'Bombardier'
            WHEN manufacturer = 'EMBRAER' THEN 'Embraer'
            WHEN manufacturer LIKE 'MCDONNELL DOUGLAS%%' OR manufacturer = 'DOUGLAS' THEN 'McDonnell Douglas'
            WHEN manufacturer IS NOT NULL THEN 'Other makers'
        END AS maker,
        CASE
            WHEN manufacturer IN (
                'AGUSTA SPA', 'AMERICAN AIRCRAFT INC', 'AVIAT AIRCRAFT INC', 'AVIONS MARCEL DASSAULT', 'BEECH', 'BELL',
                'CESSNA', 'CIRRUS DESIGN CORP', 'DEHAVILLAND', 'GULFSTREAM AEROSPACE', 'LEARJET INC', 'PIPER',
                'ROBINSON HELICOPTER CO', 'SIKORSKY', 'STEWART MACO'
            ) THEN regexp_replace(initcap(manufacturer), ' (Aerospace|Co|Corp|Inc|Spa)$', '')
            ELSE 'Amateur-built'
        END AS small_maker
    FROM planes
),
registered AS (
    SELECT
        *,
        CASE WHEN maker = 'Other makers' THEN small_maker || ' ' || model ELSE model END AS full_model
    FROM named
)
SELECT
    totals.tailnum,
    coalesce(registered.maker, 'Not in the register') AS maker,
    coalesce(registered.full_model, 'Not in the register') AS model,
    CASE
        WHEN registered.maker = 'Other makers' THEN registered.full_model
        ELSE registered.maker || ' ' || registered.full_model
    END AS design,
    registered.maker IS NOT NULL AS registered,
    registered.year AS built,
    extract(year FROM %(end_day)s::date - 1)::int - registered.year - load_info.shift_weeks / 52 AS age,
    registered.seats,
    registered.engines,
    registered.engine,
    coalesce(regexp_replace(airlines.name, ' (Inc\.|Co\.|Corporation)$', ''), totals.carrier) AS airline,
    totals.flights,
    totals.miles,
    totals.hours
FROM totals
LEFT JOIN registered ON registered.tailnum = totals.tailnum
LEFT JOIN airlines ON airlines.carrier = totals.carrier
CROSS JOIN load_info
ORDER BY registered.maker NULLS LAST, model, totals.tailnum
