-- The day at one airport hour by hour: departures, delay, what is usual, and the weather observed.
-- Grain: one hour of the local day that had a scheduled departure, in the order of the clock.
-- Parameters: airport (a code), first_day, end_day (local days), period_start, period_end (instants), zone.
-- Usual is the mean of the same hour of the clock over the 28 days before. A wind of 200 mph or more is a fault of
-- the instrument (there is one of 1,048 mph), so it is left out.
WITH today AS (
    SELECT
        hour,
        count(*) AS scheduled,
        count(*) FILTER (WHERE dep_time IS NULL) AS cancelled,
        avg(dep_delay) AS mean_delay,
        max(dep_delay) AS longest_delay
    FROM flights
    WHERE flight_date >= %(first_day)s AND flight_date < %(end_day)s AND origin = %(airport)s
    GROUP BY hour
),
usual AS (
    SELECT hour, avg(dep_delay) AS usual_delay
    FROM flights
    WHERE flight_date >= %(first_day)s::date - 28 AND flight_date < %(first_day)s AND origin = %(airport)s
    GROUP BY hour
),
observed AS (
    -- The hour that clocks repeat in autumn gives one row, as it does in the flights.
    SELECT
        extract(hour FROM observed_at AT TIME ZONE %(zone)s)::int AS hour,
        avg(temp) AS temperature,
        avg(wind_speed) FILTER (WHERE wind_speed < 200) AS wind,
        max(wind_gust) FILTER (WHERE wind_gust < 200) AS gust,
        min(visib) AS visibility,
        sum(precip) AS precipitation
    FROM weather
    WHERE observed_at >= %(period_start)s AND observed_at < %(period_end)s AND origin = %(airport)s
    GROUP BY 1
)
SELECT
    today.hour,
    to_char(make_time(today.hour, 0, 0), 'HH24:MI') AS clock,
    today.scheduled,
    today.cancelled,
    today.mean_delay,
    today.longest_delay,
    usual.usual_delay,
    observed.temperature,
    observed.wind,
    observed.gust,
    observed.visibility,
    observed.precipitation
FROM today
LEFT JOIN usual ON usual.hour = today.hour
LEFT JOIN observed ON observed.hour = today.hour
ORDER BY today.hour
