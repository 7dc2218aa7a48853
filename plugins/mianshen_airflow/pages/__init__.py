"""The supervisor's page inside Airflow's UI: FastAPI, behind Airflow's own login, Chinese first."""
