-- Who flew from one airport in the period.
-- Grain: one airline.
-- Parameters: airport (a code), first_day, end_day (local days of departure).
SELECT
    coalesce(regexp_replace(airlines.name, ' (Inc\.|Co\.|Corporation)$', ''), flights.carrier) AS airline,
    count(*) AS flights,
    100.0 * count(*) / sum(count(*)) OVER () AS part,
    count(DISTINCT flights.dest) AS destinations,
    100.0 * count(*) FILTER (WHERE flights.dep_delay < 15) / nullif(count(flights.dep_delay), 0) AS on_time,
    avg(flights.dep_delay) AS mean_delay,
    100.0 * count(*) FILTER (WHERE flights.dep_time IS NULL) / count(*) AS cancelled
FROM flights
LEFT JOIN airlines ON airlines.carrier = flights.carrier
WHERE flights.flight_date >= %(first_day)s AND flights.flight_date < %(end_day)s AND flights.origin = %(airport)s
GROUP BY 1
ORDER BY flights DESC, airline
