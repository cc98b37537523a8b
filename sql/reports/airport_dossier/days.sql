-- The days of one airport in the period and in the period before it, with the weather of each.
-- Grain: one local day with scheduled departures.
-- Parameters: airport (a code), previous_first_day, end_day (local days), previous_start, period_end (instants), zone.
-- A flight left on time when it left less than 15 minutes late. A wind of 200 mph or more is a fault of the
-- instrument, so it is left out. Weather is that of the hours from 05:00 to 23:00.
WITH flown AS (
    SELECT
        flight_date,
        count(*) AS flights,
        count(*) FILTER (WHERE dep_time IS NULL) AS cancelled,
        count(*) FILTER (WHERE dep_delay < 15) AS on_time,
        count(dep_delay) AS departed,
        avg(dep_delay) AS mean_delay,
        count(DISTINCT dest) AS destinations
    FROM flights
    WHERE flight_date >= %(previous_first_day)s AND flight_date < %(end_day)s AND origin = %(airport)s
    GROUP BY flight_date
),
observed AS (
    SELECT
        (observed_at AT TIME ZONE %(zone)s)::date AS day,
        min(visib) AS visibility,
        sum(precip) AS precipitation,
        max(wind_speed) FILTER (WHERE wind_speed < 200) AS wind
    FROM weather
    WHERE
        observed_at >= %(previous_start)s
        AND observed_at < %(period_end)s
        AND origin = %(airport)s
        AND extract(hour FROM observed_at AT TIME ZONE %(zone)s) BETWEEN 5 AND 23
    GROUP BY 1
)
SELECT
    flown.flight_date,
    to_char(flown.flight_date, 'FMMonth') AS month,
    extract(month FROM flown.flight_date)::int AS month_number,
    to_char(flown.flight_date, 'FMDay') AS weekday,
    flown.flights,
    flown.cancelled,
    flown.departed,
    flown.on_time,
    100.0 * flown.on_time / nullif(flown.departed, 0) AS on_time_share,
    100.0 * flown.cancelled / flown.flights AS cancelled_share,
    flown.mean_delay,
    flown.destinations,
    observed.visibility,
    observed.precipitation,
    observed.wind,
    CASE
        WHEN observed.visibility IS NULL THEN 'Not observed'
        WHEN observed.visibility < 1 THEN 'Fog'
        WHEN observed.precipitation >= 0.5 THEN 'Wet'
        WHEN observed.wind >= 25 THEN 'Windy'
        ELSE 'Fair'
    END AS weather
FROM flown
LEFT JOIN observed ON observed.day = flown.flight_date
ORDER BY flown.flight_date
