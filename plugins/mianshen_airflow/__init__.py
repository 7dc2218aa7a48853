"""The Airflow side of the house: when, in what order, with what deadline. All that is decided here is decided again nowhere."""
