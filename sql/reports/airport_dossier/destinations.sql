-- Where one airport's flights went in the period.
-- Grain: one destination.
-- Parameters: airport (a code), first_day, end_day (local days of departure).
SELECT
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
    flights.dest AS code,
    count(*) AS flights,
    count(DISTINCT flights.carrier) AS airlines,
    round(avg(flights.distance))::int AS distance,
    100.0 * count(*) FILTER (WHERE flights.arr_delay < 15) / nullif(count(flights.arr_delay), 0) AS on_time,
    avg(flights.arr_delay) AS mean_delay,
    avg(flights.air_time) AS minutes
FROM flights
LEFT JOIN airports ON airports.faa = flights.dest
WHERE flights.flight_date >= %(first_day)s AND flights.flight_date < %(end_day)s AND flights.origin = %(airport)s
GROUP BY 1, 2
ORDER BY flights DESC, code
