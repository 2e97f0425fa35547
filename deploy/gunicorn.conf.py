"""How an instance is served: one worker, one event loop. More load takes more instances, not more workers."""

import math
import os

bind = os.environ.get("COLLAB_BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
worker_class = "collab.worker.CollabWorker"
# Long polling needs every request of a client in one process; behind a load balancer that is one instance (trap P1).
workers = 1
# Seconds after which a worker that was told to stop is killed: what it waits for the load balancer and gives clients to
# leave, and room to commit, take snapshots and close. Whatever stops gunicorn has to wait longer than this.
_DRAIN = float(os.environ.get("COLLAB_DRAIN_NOTICE_SECONDS", "0")) + float(os.environ.get("COLLAB_DRAIN_SECONDS", "20"))
graceful_timeout = math.ceil(_DRAIN) + 15
# Seconds without a sign of life after which a hung worker is replaced.
timeout = 60
# Longer than a proxy keeps an idle connection to us: else it sends a request into one that we have just closed.
keepalive = 150
# Restarting after so many requests would drop every WebSocket for a page view (trap P3).
max_requests = 0
errorlog = "-"
loglevel = os.environ.get("COLLAB_SERVER_LOG_LEVEL", "warning")
control_socket_disable = True
