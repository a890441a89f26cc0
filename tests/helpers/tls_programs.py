"""TLS servers that are not ours: nginx and OpenSSL's s_server, both demanding a client certificate."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Way:
    """What a server allows. `algorithms` are those it accepts of the client (OpenSSL's names)."""

    name: str
    protocol: str
    algorithms: str = ""
    tickets: bool = True
    resumes: bool = True


WAYS = (
    Way("1.2-pkcs1-tickets", "TLSv1.2", "RSA+SHA256"),
    Way("1.2-pkcs1-session-ids", "TLSv1.2", "RSA+SHA256", tickets=False),
    Way("1.2-pss-tickets", "TLSv1.2", "RSA-PSS+SHA256"),
    Way("1.2-pss-session-ids", "TLSv1.2", "RSA-PSS+SHA256", tickets=False),
    Way("1.3-tickets", "TLSv1.3"),
    Way("1.3-stateful", "TLSv1.3", tickets=False),
)
UNRESUMED = (
    Way("1.2-nothing", "TLSv1.2", tickets=False, resumes=False),
    Way("1.3-worthless-tickets", "TLSv1.3", tickets=False, resumes=False),
)
"""nginx's `ssl_session_cache none` with tickets off; in TLS 1.3 it gives tickets all the same, and takes none."""


@contextlib.contextmanager
def nginx(
    folder: Path, ca_file: Path, server_pem: Path, ways: Sequence[Way] = WAYS, keep_seconds: int = 0
) -> Iterator[dict[str, str]]:
    """One server a way; URL by the way's name. Every answer says `protocol reused verify subject`, then the connection ends.

    Or is kept for `keep_seconds`.
    """
    ports = {way.name: _free_port() for way in ways}
    servers = "".join(_nginx_server(way, ports[way.name], server_pem, ca_file) for way in ways)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;"
        f"events {{}} http {{ access_log off; keepalive_timeout {keep_seconds}; {temporary} {servers} }}"
    )
    command = ["nginx", "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"]
    with _running(command, list(ports.values())):
        yield {name: f"https://localhost:{port}" for name, port in ports.items()}


def _nginx_server(way: Way, port: int, server_pem: Path, ca_file: Path) -> str:
    algorithms = f"ssl_conf_command ClientSignatureAlgorithms {way.algorithms};" if way.algorithms else ""
    cache = f"shared:s{port}:1m" if way.resumes else "none"
    return (
        f"server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {server_pem}; ssl_certificate_key {server_pem};"
        f"ssl_client_certificate {ca_file}; ssl_verify_client on; ssl_verify_depth 2; ssl_protocols {way.protocol};"
        f"ssl_session_tickets {'on' if way.tickets else 'off'}; ssl_session_cache {cache}; {algorithms}"
        'location / { return 200 "$ssl_protocol $ssl_session_reused $ssl_client_verify $ssl_client_s_dn"; } }'
    )


@contextlib.contextmanager
def s_server(way: Way, ca_file: Path, server_pem: Path) -> Iterator[int]:
    """`openssl s_server -www`: its page tells of the connection. Gives its port."""
    port = _free_port()
    options = ["-tls1_2" if way.protocol == "TLSv1.2" else "-tls1_3", *([] if way.tickets else ["-no_ticket"])]
    if way.algorithms:
        options += ["-client_sigalgs", way.algorithms]
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", server_pem, "-key", server_pem, "-www"]
    with _running([*command, "-CAfile", ca_file, "-Verify", "2", "-verify_return_error", "-quiet", *options], [port]):
        yield port


@contextlib.contextmanager
def _running(command: list[str | Path], ports: list[int]) -> Iterator[None]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        for port in ports:
            _wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=300)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > limit:
                process.kill()
                raise AssertionError(process.communicate()[0].decode(errors="replace")) from None
            time.sleep(0.02)
        else:
            return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
