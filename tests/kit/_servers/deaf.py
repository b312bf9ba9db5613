"""`deaf.py PORT nothing|silence|noise` never listens, takes connections and is silent, or speaks no HTTP."""

import socket
import sys
import time


def main() -> None:
    port, kind = int(sys.argv[1]), sys.argv[2]
    sys.stdout.write(f"deaf in the way of {kind}\n")
    sys.stdout.flush()
    if kind == "nothing":
        time.sleep(600)
    with socket.create_server(("127.0.0.1", port)) as server:
        held = []
        while True:
            connection, _ = server.accept()
            if kind == "noise":
                connection.sendall(b"SSH-2.0-noise\r\n")
                connection.close()
            held.append(connection)


if __name__ == "__main__":
    main()
