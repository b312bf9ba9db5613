"""Serves: `answers.py PORT [--status N] [--ready-after N] [--print-env NAME...]`; `/die` ends it."""

import argparse
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--status", type=int, default=200)
    parser.add_argument("--ready-after", type=int, default=0, help="so many requests get a 503 first")
    parser.add_argument("--print-env", nargs="*", default=[])
    options = parser.parse_args()
    for name in options.print_env:
        sys.stdout.write(f"{name} {os.environ.get(name)}\n")
    sys.stdout.flush()
    asked = 0

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            nonlocal asked
            asked += 1
            if self.path == "/die":
                sys.stdout.write("dying of /die\n")
                sys.stdout.flush()
                os._exit(7)
            status = 503 if asked <= options.ready_after else options.status
            if self.path == "/missing":
                status = 404
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", options.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
