-- The place of one airline among all of them, for the text: now and in the period before.
-- Grain: one row; a place is null where the airline had fewer than 100 scheduled flights.
-- Parameters: carrier (a code), previous_first_day, previous_end_day, first_day, end_day (local days of departure).
WITH figures AS (
    SELECT
        carrier,
        flight_date >= %(first_day)s AS is_now,
        count(*) AS flights,
        avg((arr_delay < 15)::int) AS on_time,
        avg((dep_time IS NULL)::int) AS cancelled
    FROM flights
    WHERE flight_date >= %(previous_first_day)s AND flight_date < %(end_day)s
    GROUP BY carrier, is_now
),
ranked AS (
    SELECT
        carrier,
        is_now,
        rank() OVER (PARTITION BY is_now ORDER BY on_time DESC NULLS LAST)::int AS place,
        rank() OVER (PARTITION BY is_now ORDER BY cancelled)::int AS cancelled_place,
        count(*) OVER (PARTITION BY is_now)::int AS airlines
    FROM figures
    WHERE flights >= 100
)
SELECT
    max(place) FILTER (WHERE is_now AND carrier = %(carrier)s) AS place,
    max(place) FILTER (WHERE NOT is_now AND carrier = %(carrier)s) AS place_before,
    max(cancelled_place) FILTER (WHERE is_now AND carrier = %(carrier)s) AS cancelled_place,
    max(airlines) FILTER (WHERE is_now) AS airlines
FROM ranked
ORDER BY 1
