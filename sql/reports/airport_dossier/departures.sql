-- The flights of one airport in the period and in the period before it, for figures over flights, not over days.
-- Grain: one scheduled flight.
-- Parameters: airport (a code), previous_first_day, end_day (local days of departure).
-- A flight left on time when it left less than 15 minutes late; one that was cancelled has no delay.
SELECT
    flight_date,
    to_char(flight_date, 'FMDay') AS weekday,
    dep_delay,
    dep_delay < 15 AS left_on_time
FROM flights
WHERE flight_date >= %(previous_first_day)s AND flight_date < %(end_day)s AND origin = %(airport)s
ORDER BY flight_date, sched_dep_time, carrier, flight, dest
