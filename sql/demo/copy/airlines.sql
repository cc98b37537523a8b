COPY airlines FROM STDIN (FORMAT csv, HEADER match, NULL 'NA')
