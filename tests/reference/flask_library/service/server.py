"""The HTTP server: Werkzeug's threaded one, whose own refusals have the service's shape too."""

import sys
from http import HTTPStatus

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from .errors import payload


class RequestHandler(WSGIRequestHandler):
    """Refuses what never reaches the application (a broken request line, oversized headers)."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer in the service's error shape and close."""
        error = HTTPException(explain or message or HTTPStatus(code).description)
        error.code = code
        body = payload(error).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def version_string(self) -> str:
        """Name the service; versions are nobody's business."""
        return "library"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep quiet about what went well."""


def serve(app: Flask, port: int) -> None:
    """Serve on the loopback interface until interrupted. Exits with 1 where the port is taken."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=RequestHandler)
    sys.stderr.write(f"Listening on http://127.0.0.1:{port}\n")
    try:
        server.serve_forever()
    finally:
        server.server_close()
