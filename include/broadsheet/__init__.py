"""Broadsheet: scheduled PDF reports from Postgres and S3, run by Apache Airflow."""

__version__ = "0.1.0"
