-- Flights of one airline from New York in the period and in the period before it.
-- Grain: one scheduled flight.
-- Parameters: carrier (a code), previous_first_day, end_day (local days of departure).
-- A flight is on time when it arrives less than 15 minutes late. Cancelled and diverted flights have no arrival
-- delay, so they count neither as on time nor as late.
SELECT
    flights.flight_date,
    flights.hour AS sched_hour,
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
    END AS outcome
FROM flights
LEFT JOIN airports ON airports.faa = flights.dest
WHERE
    flights.flight_date >= %(previous_first_day)s
    AND flights.flight_date < %(end_day)s
    AND flights.carrier = %(carrier)s
ORDER BY flights.flight_date, flights.sched_dep_time, flights.origin, flights.flight, flights.dest
