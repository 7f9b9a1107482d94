"""A local HTTP server with byte ranges that can break connections, refuse and change files."""

import hashlib
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileServer(ThreadingHTTPServer):
    """``files``: path -> content; ``breaks``: how many bytes each coming answer may send before the line is cut;
    ``statuses``: statuses of coming answers; ``ranges``: whether ranges are honoured; ``requests``: (path, Range)."""

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = files
        self.breaks = []
        self.statuses = []
        self.ranges = True
        self.requests = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server, wanted = self.server, self.headers.get("Range")
        path = self.path.split("?")[0]
        server.requests.append((self.path, wanted))
        if server.statuses:
            return self._answer(server.statuses.pop(0), b"", {})
        if path not in server.files:
            return self._answer(404, b"", {})
        content = server.files[path]
        etag = f'"{hashlib.md5(content).hexdigest()}"'
        same = self.headers.get("If-Range") in (None, etag)
        if not (wanted and same and server.ranges):
            return self._answer(200, content, {"ETag": etag})
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1])
        if start >= len(content):
            return self._answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
        extent = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return self._answer(206, content[start:], {"ETag": etag, "Content-Range": extent})

    def _answer(self, status, content, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": len(content)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        limit = self.server.breaks.pop(0) if self.server.breaks else None
        self.wfile.write(content[:limit])
        self.close_connection = True

    def log_message(self, *args):
        pass


@contextmanager
def serve(files):
    server = FileServer(files)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
