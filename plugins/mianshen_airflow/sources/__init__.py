"""Doors to where deliveries come from, each with an Airflow connection: SFTP, pages over HTTP, databases, object storage.

A door opens the connection and hands bytes over; what is taken, and how it lands, is `mianshen.feeds`.
"""
