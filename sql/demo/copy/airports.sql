COPY airports FROM STDIN (FORMAT csv, HEADER match, NULL 'NA')
