COPY incoming_weather FROM STDIN (FORMAT csv, HEADER match, NULL 'NA')
