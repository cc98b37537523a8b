-- Asked only when exists.sql has found the table.
SELECT shift_weeks, source FROM load_info
