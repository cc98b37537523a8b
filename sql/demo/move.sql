-- Moves every date by the same number of whole weeks. In the airports' own zone, so that a departure at six in the
-- morning stays one at six, whichever side of a change of clocks the new date lies on.
SET LOCAL TIME ZONE 'America/New_York';

INSERT INTO flights
SELECT
    flight_date,
    extract(year FROM flight_date),
    extract(month FROM flight_date),
    extract(day FROM flight_date),
    sched_dep_time, dep_time, dep_delay,
    sched_arr_time, arr_time, arr_delay,
    carrier, flight, tailnum, origin, dest, air_time, distance, hour, minute,
    time_hour + make_interval(weeks => shift_weeks)
FROM incoming_flights
CROSS JOIN load_info
CROSS JOIN LATERAL (SELECT make_date(year, month, day) + 7 * shift_weeks AS flight_date) AS moved;

-- The hour that clocks repeat in November 2013 falls on one that occurs once: the first observation stands.
INSERT INTO weather
SELECT DISTINCT ON (origin, observed_at)
    origin, observed_at, temp, dewp, humid, wind_dir, wind_speed, wind_gust, precip, pressure, visib
FROM incoming_weather
CROSS JOIN load_info
CROSS JOIN LATERAL (SELECT time_hour + make_interval(weeks => shift_weeks) AS observed_at) AS moved
ORDER BY origin, observed_at, time_hour;
