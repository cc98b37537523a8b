-- Parameters: loaded_at, shift_weeks, source. Written first: the statements that move the dates read the shift here.
INSERT INTO load_info (loaded_at, shift_weeks, source)
VALUES (%(loaded_at)s, %(shift_weeks)s, %(source)s)
