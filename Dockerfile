# One image for every service: the lock, the house, nothing else. Built by `docker compose build`.
FROM python:3.11-slim

# pango and a CJK font make the PDF forms; without them the forms are HTML only.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends dumb-init fontconfig fonts-noto-cjk fonts-hanazono libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*

# Uid 50000 and group 0, so that a volume may be handed over without knowing the user.
RUN useradd --uid 50000 --gid 0 --create-home --home-dir /home/mianshen mianshen \
    && install --directory --owner 50000 --group 0 --mode 0770 /opt/mianshen /opt/airflow /opt/airflow/logs /var/lib/mianshen

ENV PATH="/opt/venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    LANG=C.UTF-8 \
    TZ=Asia/Shanghai \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/mianshen/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/mianshen/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__DEFAULT_TIMEZONE=Asia/Shanghai \
    MIANSHEN_HOME=/var/lib/mianshen

WORKDIR /opt/mianshen

# The lock first: the layer stays while only our own files change.
COPY requirements.txt ./
RUN python -m venv /opt/venv && pip install --require-hashes --requirement requirements.txt

COPY pyproject.toml README.md LICENSE ./
COPY include ./include
COPY plugins ./plugins
COPY dags ./dags
RUN pip install --no-deps --no-build-isolation --editable . && chmod -R a=rX /opt/mianshen

USER 50000:0
VOLUME ["/var/lib/mianshen", "/opt/airflow/logs"]
EXPOSE 8080
ENTRYPOINT ["dumb-init", "--"]
CMD ["airflow", "api-server"]
