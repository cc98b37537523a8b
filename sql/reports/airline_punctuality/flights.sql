-- Flights of one airline from New York in the period and in the period before it.
-- Grain: one scheduled flight.
-- Parameters: carrier and origin ('all' or a code), previous_first_day, end_day (local days of departure).
-- A flight is on time when it arrives less than 15 minutes late. Cancelled and diverted flights have no arrival
-- delay, so they count neither as on time nor as late.
WITH observations AS (
    -- Some hours were observed twice; a flight must not be.
    SELECT DISTINCT ON (origin, observed_at)
        origin,
        observed_at,
        CASE
            WHEN visib < 3 THEN 'Low visibility'
            WHEN precip > 0 THEN 'Rain or snow'
            WHEN wind_speed >= 20 THEN 'Strong wind'
            ELSE 'Fair weather'
        END AS weather
    FROM weather
    ORDER BY origin, observed_at, visib, precip DESC
)
SELECT
    flights.flight_date,
    flights.hour AS sched_hour,
    to_char(make_time(flights.hour, flights.minute, 0), 'HH24:MI') AS sched_time,
    flights.carrier || ' ' || flights.flight AS flight,
    coalesce(airlines.name, flights.carrier) AS airline,
    flights.origin,
    coalesce(
        replace(airports.name, '\', ''),
        -- The register of airports ends at the coast.
        CASE flights.dest
            WHEN 'BQN' THEN 'Aguadilla'
            WHEN 'PSE' THEN 'Ponce'
            WHEN 'SJU' THEN 'San Juan'
            WHEN 'STT' THEN 'Saint Thomas'
            ELSE flights.dest
        END
    ) AS destination,
    flights.distance,
    flights.dep_delay,
    flights.arr_delay,
    flights.dep_time IS NULL AS cancelled,
    flights.arr_delay < 15 AS on_time,
    CASE
        WHEN flights.dep_time IS NULL THEN 'Cancelled'
        WHEN flights.arr_delay IS NULL THEN 'Diverted'
        WHEN flights.arr_delay < 15 THEN 'On time'
        WHEN flights.arr_delay < 60 THEN '15 to 59 min late'
        ELSE 'An hour late or more'
    END AS outcome,
    coalesce(observations.weather, 'Unobserved weather') AS weather
FROM flights
LEFT JOIN airlines ON airlines.carrier = flights.carrier
LEFT JOIN airports ON airports.faa = flights.dest
LEFT JOIN observations
    ON observations.origin = flights.origin AND observations.observed_at = flights.time_hour
WHERE
    flights.flight_date >= %(previous_first_day)s
    AND flights.flight_date < %(end_day)s
    AND (%(carrier)s = 'all' OR flights.carrier = %(carrier)s)
    AND (%(origin)s = 'all' OR flights.origin = %(origin)s)
ORDER BY
    flights.flight_date, flights.sched_dep_time, flights.origin, flights.carrier, flights.flight, flights.dest
