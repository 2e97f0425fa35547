"""A fleet on one machine: PostgreSQL, Redis, several instances and a load balancer, on private ports of 127.0.0.1.

`make fleet` runs it for people, tests start its parts one by one. Nothing here is part of a deployment: there, an
operator's own services do this, with the files in deploy/.
"""
