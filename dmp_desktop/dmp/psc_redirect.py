"""The way back from the browser: one answer, on 127.0.0.1, for one request (RFC 8252 §7.3)."""

from __future__ import annotations

import queue
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from dmp_desktop.dmp.psc_errors import psc_error

PATH = "/retour"
_PAGE = (
    '<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>DMP Desktop</title></head>'
    '<body style="font:18px sans-serif;max-width:34em;margin:4em auto"><h1>{title}</h1><p>{text}</p></body></html>'
)
_DONE = _PAGE.format(
    title="Réponse reçue", text="Vous pouvez fermer cet onglet : la connexion se termine dans DMP Desktop."
)
_REFUSED = _PAGE.format(
    title="Connexion refusée", text="Vous pouvez fermer cet onglet et recommencer depuis DMP Desktop."
)
_UNKNOWN = _PAGE.format(
    title="Rien à faire ici", text="Cette adresse ne sert qu'une fois, pour une connexion demandée."
)
_CANCELLED = ("", "")


class Redirect:
    """Listens until the browser brings `state` back, or `cancel`. A request with another state changes nothing.

    Raises DmpError("psc.unreachable") when the port is taken.
    """

    def __init__(self, port: int = 0) -> None:
        self.state = secrets.token_urlsafe(24)
        self._answers: queue.Queue[tuple[str, str]] = queue.Queue()
        self._taken = threading.Lock()  # locked for good by the one answer that counts
        try:
            self._server = _Server(("127.0.0.1", port), _handler(self))
        except OSError:
            raise psc_error("psc.unreachable", detail="port") from None
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="psc-redirect", daemon=True
        )
        self._thread.start()

    @property
    def uri(self) -> str:
        """What goes in `redirect_uri`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def wait(self, seconds: float) -> str:
        """The authorization code. Raises DmpError psc.timeout, psc.cancelled, psc.denied or psc.unreadable."""
        try:
            code, error = self._answers.get(timeout=seconds)
        except queue.Empty:
            raise psc_error("psc.timeout") from None
        if code:
            return code
        if not error:
            raise psc_error("psc.cancelled")
        raise psc_error("psc.denied" if error == "access_denied" else "psc.unreadable", detail=error[:40])

    def cancel(self) -> None:
        """From any thread: `wait` ends now."""
        self._answers.put(_CANCELLED)

    def take(self, target: str) -> tuple[int, str]:
        """HTTP status and page for a request to `target`."""
        parts = urlsplit(target)
        given = {name: values[0] for name, values in parse_qs(parts.query).items() if len(values) == 1}
        ours = parts.path == PATH and secrets.compare_digest(given.get("state", "").encode(), self.state.encode())
        code, error = given.get("code", ""), given.get("error", "")
        if not ours or bool(code) == bool(error) or not self._taken.acquire(blocking=False):
            return 400, _UNKNOWN
        self._answers.put((code, error))
        return 200, _DONE if code else _REFUSED

    def __enter__(self) -> Redirect:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    """Threads, because a browser opens connections it sends nothing on; no other program may share the port."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = False

    def server_bind(self) -> None:
        """Without the name of the machine, which the standard library asks the network for: seconds on some workstations."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no error, and there may be no console to write it to."""


def _handler(redirect: Redirect) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            status, page = redirect.take(self.path)
            body = page.encode()
            self.send_response_only(status)
            for name, value in (
                ("Content-Type", "text/html; charset=utf-8"),
                ("Content-Length", str(len(body))),
                ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
                ("Referrer-Policy", "no-referrer"),
                ("Cache-Control", "no-store"),
                ("Connection", "close"),
            ):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """The request line holds the code: nothing of it is written."""

    return Handler
