"""Private ports: each test run has its own."""

from collab.fleet.parts import free_port

__all__ = ["free_port"]
