#!/usr/bin/env python3
"""A receiving agency's endpoint for the demo and the tests.

    receiver.py --port 18501 --folder received [--fail-first N] [--refuse]

Takes POSTs. A message is stored once under its Idempotency-Key, however often it comes; every request
is a line of requests.tsv (time, key, path, bytes, stored or repeated). --fail-first N answers the
first N requests with 503, as an endpoint that is starting does; --refuse answers all with 422.
"""
import argparse
import http.server
import os
import pathlib
import re
import threading
import time


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--fail-first", type=int, default=0)
    parser.add_argument("--refuse", action="store_true", help="answer every message with 422")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    lock = threading.Lock()
    state = {"failures": options.fail_first}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status, body):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length)
            key = re.sub(r"[^A-Za-z0-9-]", "_", self.headers.get("Idempotency-Key", "none"))
            if options.refuse:
                return self.answer(422, b"not wanted here")
            with lock:
                if state["failures"] > 0:
                    state["failures"] -= 1
                    return self.answer(503, b"starting")
                ending = ".asice" if body[:2] == b"PK" else ".xml"
                path = options.folder / (key + ending)
                known = path.exists()
                if not known:
                    part = path.with_suffix(".part")
                    with open(part, "wb") as out:
                        out.write(body)
                        out.flush()
                        os.fsync(out.fileno())
                    part.rename(path)
                with open(options.folder / "requests.tsv", "a", encoding="utf-8") as log:
                    log.write(f"{time.time():.3f}\t{key}\t{self.path}\t{length}\t{'repeated' if known else 'stored'}\n")
            self.answer(200, b"<received/>")

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
