"""The steps of a run, in plain Python: each reads what the one before it left in staging, and knows no other.

    plan        plan.py
    fetch       fetch.py, with source.py and columns.py for rows, pictures.py for documents
    aggregate   aggregate.py, with rows.py, measures.py, findings.py, chart_data.py, table_data.py, formats.py
    charts      charts/
    pdf         pdf.py, with document/
    upload      storage.py
    email       letter.py and mail/
    finalize    finish.py

``payload.py`` is what aggregate tells charts, pdf and email. ``preview.py`` runs the steps without Airflow.
"""
