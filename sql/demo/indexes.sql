-- After the rows: building an index once is cheaper than keeping it up to date row by row.
CREATE INDEX flights_flight_date_carrier ON flights (flight_date, carrier);
CREATE INDEX flights_origin_flight_date ON flights (origin, flight_date);
ANALYZE flights, airlines, airports, planes, weather;
