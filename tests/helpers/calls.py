"""The practice software's contextual call, as an honest one and a hostile one would send it."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from dmp_desktop.platform.loopback import FORM, HOST, PATH

PATIENT = {
    "Patient.identifier.value": "279035121518989",
    "Patient.identifier.system": "1.2.250.1.213.1.4.10",
    "Patient.name.family": "TEST-PATIENTE",
    "Patient.name.given": "MARIE CLAUDE",
    "Patient.gender": "female",
    "Patient.birthDate": "1979-03-12",
    "Address.district": "51215",
    "InformationEtConsentement": "1",
    "PatientID": "4711",
    "PatientIDIssuer": "1.2.250.1.999.1",
    "Situation": "410002422979001",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What came back."""

    status: int
    said: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.said["code"]


def form(**changed: str | None) -> bytes:
    """The fields of a call, some changed (`__` for a dot) or left out."""
    fields = PATIENT | {name.replace("__", "."): value for name, value in changed.items()}
    return urlencode({name: value for name, value in fields.items() if value is not None}).encode()


def post(
    port: int,
    body: bytes,
    token: str = "",
    *,
    path: str = PATH,
    method: str = "POST",
    kind: str = FORM,
    **headers: str | None,
) -> Told:
    """One request; `headers` (`_` for a dash) replace those of an honest caller, None leaves one out."""
    sent: dict[str, Any] = {
        "Host": f"{HOST}:{port}",
        "Authorization": f"Bearer {token}",
        "Content-Type": kind,
        "Content-Length": str(len(body)),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    line = http.client.HTTPConnection(HOST, port, timeout=20)
    try:
        line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            if value is not None:
                line.putheader(name, value)
        line.endheaders(body)
        answer = line.getresponse()
        read = answer.read()
        return Told(answer.status, json.loads(read) if read else {}, dict(answer.getheaders()))
    finally:
        line.close()


def raw(port: int, sent: bytes) -> bytes:
    """What comes back of bytes after which nothing follows."""
    with socket.create_connection((HOST, port), timeout=20) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        got = b""
        while part := line.recv(65_536):
            got += part
        return got
