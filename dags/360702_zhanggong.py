"""章贡区 / Zhanggong: all its DAGs. What they do: plugins/mianshen_airflow/wiring.py. What the law says: include/policies."""

from mianshen_airflow.wiring import county_dags

globals().update(county_dags("360702_zhanggong"))
