SELECT count(*), min(flight_date), max(flight_date) FROM flights
