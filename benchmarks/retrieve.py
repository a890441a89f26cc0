"""A 50 MB document, from the click to its verified file, over mutual TLS as the DMP's.

The limit is what the same machine takes, in the same run, to read the same bytes from a bare TLS socket into one buffer and to
hash them, and to write them once to a file: 1.25 times their sum, and 8 MB of memory above what the client held before. The
server is a process of its own, that sends bytes made ready.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks import seconds
from dmp_desktop.dmp import mtom, names
from dmp_desktop.domain.documents import Code, DocumentEntry
from dmp_desktop.domain.ins import OID_INS_TEST, InsIdentity, InsStatus
from dmp_desktop.sandbox import pki
from dmp_desktop.sandbox.directory import CABINET, DOCTOR, facility_json, professional_json
from dmp_desktop.sandbox.server import CIPHERS
from tests.helpers.sandbox_client import Connection

SIZE = 50_000_000
ROUNDS = 9
LIMIT, LIMIT_MB = 1.25, 8.0
UNIQUE_ID = "2.25.50"
INS = InsIdentity("279035121518989", OID_INS_TEST, InsStatus.QUALIFIEE)


def main() -> None:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:  # the disk of the work, not a memory file system
        told = measure(Path(folder))
    parts = told["socket"] + told["sha1"]
    limit = parts + told["write"]
    print(f"retrieve {SIZE // 1_000_000} MB, best of {ROUNDS}, mutual TLS 1.2 on loopback")
    print(f"  bare TLS socket          {told['socket'] * 1e3:6.0f} ms")
    print(f"  sha1 alone               {told['sha1'] * 1e3:6.0f} ms")
    print(f"  the file written alone   {told['write'] * 1e3:6.0f} ms")
    print(
        f"  to a verified file       {told['file'] * 1e3:6.0f} ms   {told['file'] / limit:.2f} x their sum   (limit {LIMIT} x)"
    )
    print(f"  in memory, verified      {told['memory'] * 1e3:6.0f} ms   {told['memory'] / parts:.2f} x socket + sha1")
    print(f"  memory above the client's own, to a file  {told['rss_mb']:5.1f} MB   (limit {LIMIT_MB} MB)")


def measure(folder: Path) -> dict[str, float]:
    """Seconds, and `rss_mb`: each from a client of its own process, all against one server."""
    pki.ensure(folder / "pki", datetime.now(UTC))
    server = _start("serve", folder)
    try:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        client = _start("client", folder, port)
        output, _ = client.communicate()
        if client.returncode:
            raise RuntimeError("the client failed")
        return dict(json.loads(output))
    finally:
        server.kill()
        server.wait()


def _start(role: str, folder: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.retrieve", role, str(folder), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def document() -> bytes:
    return random.Random(50).randbytes(SIZE)


def serve(folder: Path) -> None:
    """Any request gets the document, until killed."""
    made = pki.ensure(folder / "pki", datetime.now(UTC))
    root = (
        f'<s:Envelope xmlns:s="{names.SOAP}"><s:Body><x:RetrieveDocumentSetResponse xmlns:x="{names.XDSB}">'
        f'<r:RegistryResponse xmlns:r="{names.RS}" status="{names.STATUS_SUCCESS}"/><x:DocumentResponse>'
        f"<x:DocumentUniqueId>{UNIQUE_ID}</x:DocumentUniqueId><x:mimeType>application/pdf</x:mimeType><x:Document>"
        f'<i:Include xmlns:i="{names.XOP}" href="cid:document@x"/></x:Document></x:DocumentResponse>'
        "</x:RetrieveDocumentSetResponse></s:Body></s:Envelope>"
    ).encode()
    parts = [("document@x", "application/octet-stream", document())]
    body, content_type = mtom.write(root, names.ACTION_ITI43, parts, uuid.UUID(int=5))
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.server_file)
    context.load_verify_locations(made.ca_file)
    context.verify_mode = ssl.CERT_OPTIONAL  # the bare socket shows none
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            accepted, _ = listener.accept()
            threading.Thread(target=_talk, args=(context, accepted, answer), daemon=True).start()


def _talk(context: ssl.SSLContext, accepted: socket.socket, answer: bytes) -> None:
    with contextlib.suppress(OSError), context.wrap_socket(accepted, server_side=True) as line:
        while _request(line):
            line.sendall(answer)


def _request(line: ssl.SSLSocket) -> bool:
    """Read one request whole; False when there is none."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = line.recv(65536)
        if not piece:
            return False
        received += piece
    head, _, rest = received.partition(b"\r\n\r\n")
    fields = dict(field.split(b": ", 1) for field in head.lower().split(b"\r\n")[1:])
    left = int(fields.get(b"content-length", b"0")) - len(rest)
    while left > 0:
        left -= len(line.recv(left))
    return True


def client(folder: Path, port: int) -> None:
    """Print what `measure` gives."""
    made = pki.ensure(folder / "pki", datetime.now(UTC))
    told = {
        "p12": str(made.p12_folder("doctor")),
        "password": pki.P12_PASSWORD,
        "professional": professional_json(DOCTOR),
        "facility": facility_json(CABINET),
    }
    ready: dict[str, Any] = {
        "url": f"https://localhost:{port}",
        "ca": str(made.ca_file),
        "identities": {"doctor": told},
    }
    code = Code("x", "y")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    digest = hashlib.sha1(document()).hexdigest()
    entry = DocumentEntry(UNIQUE_ID, "", code, code, code, now, size=SIZE, hash_sha1=digest, repository_id="1.2")
    file = folder / "document.pdf"
    with Connection(SimpleNamespace(ready=ready)) as connection:  # type: ignore[arg-type]
        connection.client.retrieve_to(INS, entry, file)
        rss = _rise(lambda: connection.client.retrieve_to(INS, entry, file))
        ours = [
            lambda: connection.client.retrieve_to(INS, entry, _gone(file)),
            lambda: connection.client.retrieve(INS, entry),
        ]
        with _line(port, made) as line:
            content = document()
            works = [
                *ours,
                lambda: _bare(line),
                lambda: hashlib.sha1(content).digest(),
                lambda: _write(_gone(folder / "alone"), content),
            ]
            best = [
                min(times) for times in zip(*([seconds(work) for work in works] for _ in range(ROUNDS)), strict=True)
            ]
    print(json.dumps(dict(zip(("file", "memory", "socket", "sha1", "write"), best, strict=True)) | {"rss_mb": rss}))


def _rise(work: Callable[[], object]) -> float:
    """Megabytes of resident memory at the peak of `work`, above those before it."""
    Path("/proc/self/clear_refs").write_text("5")  # forgets the former peak
    before = _resident("VmRSS")
    work()
    return (_resident("VmHWM") - before) / 1000


def _resident(name: str) -> float:
    """Kilobytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return float(next(line for line in lines if line.startswith(name)).split()[1])


def _line(port: int, made: Any) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(made.ca_file)
    context.set_ciphers(CIPHERS)
    return context.wrap_socket(socket.create_connection(("localhost", port)), server_hostname="localhost")


def _bare(line: ssl.SSLSocket) -> None:
    """The whole answer into one buffer, and nothing else."""
    line.sendall(b"GET / HTTP/1.1\r\n\r\n")
    buffer = bytearray(256 * 1024)
    got = line.recv_into(buffer)
    head = bytes(buffer[:got])
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]) + head.index(b"\r\n\r\n") + 4
    while got < length:
        got += line.recv_into(buffer)


def _gone(file: Path) -> Path:
    """To free the 50 MB of a former file takes as long as to write them: asked of both."""
    file.unlink(missing_ok=True)
    return file


def _write(file: Path, content: bytes) -> None:
    with file.open("wb", buffering=0) as written:
        written.write(content)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    elif sys.argv[1] == "serve":
        serve(Path(sys.argv[2]))
    else:
        client(Path(sys.argv[2]), int(sys.argv[3]))
