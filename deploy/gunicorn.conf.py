"""How an instance is served: one worker, one event loop. More load takes more instances, not more workers."""

import os

bind = os.environ.get("COLLAB_BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
worker_class = "collab.worker.CollabWorker"
# Long polling needs every request of a client in one process; behind a load balancer that is one instance (trap P1).
workers = 1
# Seconds in which a stopping worker commits, takes snapshots and closes.
graceful_timeout = 30
# Seconds without a sign of life after which a hung worker is replaced.
timeout = 60
keepalive = 75
# Restarting after so many requests would drop every WebSocket for a page view (trap P3).
max_requests = 0
errorlog = "-"
loglevel = os.environ.get("COLLAB_SERVER_LOG_LEVEL", "warning")
control_socket_disable = True
