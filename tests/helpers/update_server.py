"""The server of updates: HTTPS, with ranges, on the authority of the sandbox. It can be cut, or have what it serves altered."""

from __future__ import annotations

import contextlib
import http.server
import re
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dmp_desktop.platform.release import MANIFEST, this_platform
from dmp_desktop.sandbox import pki
from installer.manifest import manifest, public, signed

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class UpdateServer:
    """`asked`: (path, Range) of each request; the next answer ends after `cut` bytes of its body."""

    url: str
    authority: Path
    asked: list[tuple[str, str]] = field(default_factory=list)
    cut: int | None = None


def offer(
    folder: Path,
    key: Ed25519PrivateKey,
    version: str,
    program: Path,
    *,
    oldest: str = "0.1.0",
    issued: datetime = NOW,
    days: int = 90,
    keys: tuple[Ed25519PrivateKey, ...] = (),
) -> Path:
    """The manifest of `program`, in `folder`."""
    content = manifest({this_platform(): program}, version, oldest, issued, issued + timedelta(days=days))
    file = folder / MANIFEST
    file.write_bytes(signed(content, [key, *keys]))
    return file


def trusted(*keys: Ed25519PrivateKey) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(public(key)) for key in keys)


@contextlib.contextmanager
def update_server(folder: Path, certificates: Path) -> Iterator[UpdateServer]:
    """Serves the files of `folder`; its certificate is made in `certificates`."""
    made = pki.ensure(certificates, datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.server_file)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.daemon_threads = True
    told = UpdateServer(f"https://localhost:{server.server_port}/{MANIFEST}", made.ca_file)
    server.told, server.folder = told, folder  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not trust us goes away in the handshake."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        told: UpdateServer = self.server.told  # type: ignore[attr-defined]
        asked = self.headers.get("Range", "")
        told.asked.append((self.path, asked))
        file = self.server.folder / self.path.strip("/")  # type: ignore[attr-defined]
        if not file.is_file():
            self.send_error(404)
            return
        content = file.read_bytes()
        start = int(found[1]) if (found := re.fullmatch(r"bytes=(\d+)-", asked)) else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("Connection", "close")
        self.end_headers()
        cut, told.cut = told.cut, None
        self.wfile.write(content[start:] if cut is None else content[start : start + cut])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        del format, args
