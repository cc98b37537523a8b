-- grain: one row
-- parameters: first_day
SELECT %(first_day)s::date AS day
ORDER BY day
