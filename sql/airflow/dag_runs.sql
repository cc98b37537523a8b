-- DAG runs in Airflow's own database, by their ids.
SELECT dag_id, run_id, state, end_date FROM dag_run WHERE run_id IN :run_ids
