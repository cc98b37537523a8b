-- When the flights were loaded, and by how many weeks a demo moved their dates.
-- Grain: one load, of which there is one.
-- Parameters: none.
SELECT loaded_at, shift_weeks
FROM load_info
ORDER BY loaded_at DESC
