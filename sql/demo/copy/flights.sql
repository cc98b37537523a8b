COPY incoming_flights FROM STDIN (FORMAT csv, HEADER match, NULL 'NA')
