"""Gunicorn's settings: it keeps workers running, each of them uvicorn.

WEB_CONCURRENCY is how many, 1 unless set; FORWARDED_ALLOW_IPS are the proxies whose `X-Forwarded-For` names
the client. https://docs.gunicorn.org/en/stable/settings.html
"""

import os
import tempfile

bind = "0.0.0.0:8000"
worker_class = "uvicorn_worker.UvicornWorker"
# Seconds that requests under way get to end.
graceful_timeout = 30
# Signals are enough to control it, and the socket wants a home to write to.
control_socket_disable = True

if int(os.environ.get("WEB_CONCURRENCY", "1")) > 1:
    # Where the workers put their metrics, so that each can tell those of all.
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="metrics-"))
