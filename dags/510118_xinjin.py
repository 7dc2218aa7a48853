"""新津区 / Xinjin: all its DAGs. What they do: plugins/mianshen_airflow/wiring.py. What the law says: include/policies."""

from mianshen_airflow.wiring import county_dags

globals().update(county_dags("510118_xinjin"))
