-- grain: one row per text
-- parameters: case, first_day
SELECT %(first_day)s::date AS day, label, amount / (CASE WHEN %(case)s = 'failing' THEN 0 ELSE 1 END) AS amount
FROM (
    VALUES
        ('plain text', 1.5),
        (CASE WHEN %(case)s = 'hostile' THEN '<b>bold</b> & <img src="/etc/passwd">' ELSE 'second' END, 2),
        (CASE WHEN %(case)s = 'hostile' THEN '{{ 7 * 7 }} {%% raw %%}' ELSE 'third' END, 3),
        (CASE WHEN %(case)s = 'hostile' THEN 'emoji 🛫 and שלום עולם' ELSE 'fourth' END, 4)
) AS texts (label, amount),
(SELECT pg_sleep(CASE WHEN %(case)s = 'slow' THEN 4 ELSE 0 END)) AS pause
WHERE %(case)s <> 'empty'
ORDER BY label
