-- Where one airline stands among those that flew from New York in the period.
-- Grain: one airline with at least 100 scheduled flights in the period; the best is first.
-- Parameters: carrier (a code), previous_first_day, previous_end_day, first_day, end_day (local days of departure).
-- Ranked by the share of arrivals less than 15 minutes late; equal shares have equal ranks.
WITH figures AS (
    SELECT
        carrier,
        count(*) FILTER (WHERE flight_date >= %(first_day)s) AS flights,
        avg((arr_delay < 15)::int) FILTER (WHERE flight_date >= %(first_day)s) AS on_time,
        avg((dep_time IS NULL)::int) FILTER (WHERE flight_date >= %(first_day)s) AS cancelled,
        avg(arr_delay) FILTER (WHERE flight_date >= %(first_day)s) AS mean_delay,
        avg((arr_delay < 15)::int) FILTER (WHERE flight_date < %(previous_end_day)s) AS on_time_before
    FROM flights
    WHERE flight_date >= %(previous_first_day)s AND flight_date < %(end_day)s
    GROUP BY carrier
)
SELECT
    rank() OVER (ORDER BY figures.on_time DESC NULLS LAST)::int AS place,
    coalesce(regexp_replace(airlines.name, ' (Inc\.|Co\.|Corporation)$', ''), figures.carrier) AS airline,
    figures.carrier = %(carrier)s AS this_one,
    figures.flights,
    100 * figures.on_time AS on_time,
    100 * figures.on_time_before AS on_time_before,
    100 * (figures.on_time - figures.on_time_before) AS change,
    100 * figures.cancelled AS cancelled,
    figures.mean_delay
FROM figures
LEFT JOIN airlines ON airlines.carrier = figures.carrier
WHERE figures.flights >= 100
ORDER BY place, figures.carrier
