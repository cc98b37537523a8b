-- The source database of the demo: every departure from the three airports of New York in 2013.
-- Dropped and made anew inside the loading transaction, so that a reader sees the old data or the new, never a part.

DROP TABLE IF EXISTS flights, airlines, airports, planes, weather, load_info;

CREATE TABLE load_info (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    loaded_at   timestamptz NOT NULL,
    shift_weeks int NOT NULL,
    source      text NOT NULL
);
COMMENT ON TABLE load_info IS 'One row: when the data was loaded, and by how many weeks its dates were moved';

-- Grain: one scheduled departure. Delays are in minutes, distance in miles; clock times are local, written hhmm.
CREATE TABLE flights (
    flight_date    date NOT NULL,
    year           int NOT NULL,
    month          int NOT NULL,
    day            int NOT NULL,
    sched_dep_time int NOT NULL,
    dep_time       int,
    dep_delay      int,
    sched_arr_time int NOT NULL,
    arr_time       int,
    arr_delay      int,
    carrier        text NOT NULL,
    flight         int NOT NULL,
    tailnum        text,
    origin         text NOT NULL,
    dest           text NOT NULL,
    air_time       int,
    distance       int NOT NULL,
    hour           int NOT NULL,
    minute         int NOT NULL,
    time_hour      timestamptz NOT NULL
);
COMMENT ON COLUMN flights.flight_date IS 'Local day of the scheduled departure';
COMMENT ON COLUMN flights.dep_time IS 'Null when the flight was cancelled';
COMMENT ON COLUMN flights.time_hour IS 'Scheduled departure, cut to the hour; joins weather.observed_at';

CREATE TABLE airlines (
    carrier text PRIMARY KEY,
    name    text NOT NULL
);

CREATE TABLE airports (
    faa   text PRIMARY KEY,
    name  text NOT NULL,
    lat   float8 NOT NULL,
    lon   float8 NOT NULL,
    alt   int NOT NULL,
    tz    int NOT NULL,
    dst   text,
    tzone text
);

CREATE TABLE planes (
    tailnum      text PRIMARY KEY,
    year         int,
    type         text,
    manufacturer text,
    model        text,
    engines      int,
    seats        int,
    speed        int,
    engine       text
);

-- Grain: one hourly observation at one airport. Fahrenheit, per cent, degrees, mph, inches, millibar, miles.
CREATE TABLE weather (
    origin      text NOT NULL,
    observed_at timestamptz NOT NULL,
    temp        float8,
    dewp        float8,
    humid       float8,
    wind_dir    float8,
    wind_speed  float8,
    wind_gust   float8,
    precip      float8,
    pressure    float8,
    visib       float8,
    PRIMARY KEY (origin, observed_at)
);

-- The files as they are published; gone at the end of the transaction.
CREATE TEMPORARY TABLE incoming_flights (
    year int, month int, day int, dep_time int, sched_dep_time int, dep_delay int, arr_time int,
    sched_arr_time int, arr_delay int, carrier text, flight int, tailnum text, origin text, dest text,
    air_time int, distance int, hour int, minute int, time_hour timestamptz
) ON COMMIT DROP;

CREATE TEMPORARY TABLE incoming_weather (
    origin text, year int, month int, day int, hour int, temp float8, dewp float8, humid float8,
    wind_dir float8, wind_speed float8, wind_gust float8, precip float8, pressure float8, visib float8,
    time_hour timestamptz
) ON COMMIT DROP;
