-- Departures from one airport on the day and on the day before it.
-- Grain: one scheduled departure.
-- Parameters: airport (a code), previous_first_day, end_day (local days of departure).
-- A flight left on time when it left less than 15 minutes late; a cancelled one counts neither way.
SELECT
    flights.flight_date,
    flights.hour AS sched_hour,
    to_char(make_time(flights.hour, flights.minute, 0), 'HH24:MI') AS sched_time,
    to_char(make_time(mod(flights.dep_time / 100, 24), mod(flights.dep_time, 100), 0), 'HH24:MI') AS left_at,
    flights.carrier || ' ' || flights.flight AS flight,
    coalesce(regexp_replace(airlines.name, ' (Inc\.|Co\.|Corporation)$', ''), flights.carrier) AS airline,
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
    flights.dep_delay,
    flights.dep_time IS NULL AS cancelled,
    flights.dep_delay < 15 AS left_on_time,
    CASE
        WHEN flights.dep_time IS NULL THEN 'Cancelled'
        WHEN flights.dep_delay < 15 THEN 'On time'
        WHEN flights.dep_delay < 60 THEN '15 to 59 min late'
        ELSE 'An hour late or more'
    END AS outcome
FROM flights
LEFT JOIN airlines ON airlines.carrier = flights.carrier
LEFT JOIN airports ON airports.faa = flights.dest
WHERE
    flights.flight_date >= %(previous_first_day)s
    AND flights.flight_date < %(end_day)s
    AND flights.origin = %(airport)s
ORDER BY flights.flight_date, flights.sched_dep_time, flights.carrier, flights.flight, flights.dest
