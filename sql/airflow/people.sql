-- Users of Airflow's FAB auth manager, in Airflow's own database: one row per user and role, theirs or a group's.
-- Read from its tables rather than through its models, which load Flask and its whole application.
SELECT u.username, u.email, u.active, r.name AS role
FROM ab_user AS u
LEFT JOIN ab_user_role AS ur ON ur.user_id = u.id
LEFT JOIN ab_role AS r ON r.id = ur.role_id
UNION
SELECT u.username, u.email, u.active, r.name AS role
FROM ab_user AS u
JOIN ab_user_group AS ug ON ug.user_id = u.id
JOIN ab_group_role AS gr ON gr.group_id = ug.group_id
JOIN ab_role AS r ON r.id = gr.role_id
