"""Raw FHIR messages for the tests of the sandbox: written by hand from docs/adr/0016, sent with http.client.

Nothing here comes from our client, so that the sandbox is not only tested by what it must judge.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.helpers.dmp_lot import cda, oid
from tests.helpers.dmp_wire import Caller, Vihf

Json = dict[str, Any]
JSON_TYPE = "application/fhir+json"
JSON_PATCH = "application/json-patch+json"
FORM = "application/x-www-form-urlencoded"
URIS = "urn:ietf:rfc:3986"
INS_SYSTEM = "urn:oid:1.2.250.1.213.1.4.10"
PROFESSIONALS, STRUCTURES = "urn:oid:1.2.250.1.71.4.2.1", "urn:oid:1.2.250.1.71.4.2.2"
NOS = "https://mos.esante.gouv.fr/NOS/"
RESTRICTIONS = f"{NOS}TRE_A07-StatusVisibiliteDocument/FHIR/TRE-A07-StatusVisibiliteDocument"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/"
IS_ARCHIVED, IS_DELETED = f"{PDSM}pdsm-ext-is-archived", f"{PDSM}pdsm-ext-is-deleted"
MHD = "https://profiles.ihe.net/ITI/MHD/"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def resources(self) -> list[Json]:
        """The resources of a Bundle."""
        return [row["resource"] for row in self.json.get("entry", [])]

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.resources]

    @property
    def error(self) -> str:
        """The DMP's or XDS's code of the first issue of an OperationOutcome."""
        assert self.json["resourceType"] == "OperationOutcome"
        coding = self.json["issue"][0]["details"]["coding"][0]
        assert coding["system"] == "urn:dmp:error"
        return str(coding["code"])

    @property
    def refusal(self) -> tuple[int, str]:
        return self.status, self.error


def bearer(vihf: str) -> str:
    """The value of the Authorization header."""
    return "Bearer " + base64.urlsafe_b64encode(vihf.encode()).decode()


class FhirCaller:
    """One identity and one patient: each request carries a fresh VIHF of both."""

    def __init__(self, caller: Caller, ins: str) -> None:
        self.caller = caller
        self.ins = ins
        parts = urlsplit(caller.ready["url"])
        assert parts.hostname is not None
        self.connection = http.client.HTTPSConnection(parts.hostname, parts.port, context=caller.context, timeout=30)

    def close(self) -> None:
        self.connection.close()

    def send(
        self, method: str, path: str, body: bytes | Json | list[Json] = b"", vihf: Vihf | None = None, **headers: str
    ) -> Answer:
        """One request under /fhir; keyword `Content_Type` is the header Content-Type."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if "Authorization" not in told:
            told["Authorization"] = bearer((vihf or self.caller.vihf(self.ins)).signed(self.caller.sign))
        if content or method == "POST":
            told = {"Content-Type": JSON_TYPE, **told}
        address = urlsplit(path)  # a link is followed as it is
        path = f"{address.path}?{address.query}" if address.scheme == "https" else f"/fhir/{path}".removesuffix("/")
        try:
            self.connection.request(method, path, content or None, told)
            response = self.connection.getresponse()
            return Answer(response.status, dict(response.headers), response.read())
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise

    def get(self, path: str, vihf: Vihf | None = None, **headers: str) -> Answer:
        return self.send("GET", path, vihf=vihf, **headers)

    def query(self, kind: str, *criteria: tuple[str, str], vihf: Vihf | None = None) -> Answer:
        return self.get(f"{kind}?{urlencode(criteria)}", vihf)

    @property
    def whose(self) -> tuple[str, str]:
        return "patient.identifier", f"{INS_SYSTEM}|{self.ins}"

    def search(self, *criteria: tuple[str, str], vihf: Vihf | None = None, **more: str) -> Answer:
        """ITI-67 of the current documents; keyword `_format` as it is, `status` other than current when given."""
        told = {"status": "current", **more}
        return self.query("DocumentReference", self.whose, *told.items(), *criteria, vihf=vihf)

    def lists(self, *criteria: tuple[str, str], vihf: Vihf | None = None) -> Answer:
        """ITI-66."""
        common = (self.whose, ("status", "current"), ("code", "submissionset"))
        return self.query("List", *common, *criteria, vihf=vihf)

    def found(self, unique_id: str, status: str = "current,superseded") -> list[Json]:
        return self.search(identifier=f"urn:oid:{unique_id}", status=status).resources

    def patch(self, identifier: str, body: Json | list[Json], vihf: Vihf | None = None, **headers: str) -> Answer:
        """PATCH by uniqueId (an OID) or by id; Parameters or JSON Patch by the form of the body."""
        path = f"/{identifier}" if "-" in identifier else f"?identifier={URIS}%7Curn:oid:{identifier}"
        media = JSON_PATCH if isinstance(body, list) else JSON_TYPE
        return self.send("PATCH", f"DocumentReference{path}", body, vihf, **{"Content_Type": media, **headers})


def subject(ins: str) -> Json:
    return {"type": "Patient", "identifier": {"system": INS_SYSTEM, "value": ins}}


def concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def operation(kind: str, path: str, **parts: Json) -> Json:
    """One operation of a FHIRPath Patch; `value={"valueCode": "x"}`."""
    rows = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": path}]
    rows += [{"name": name, **content} for name, content in parts.items()]
    return {"name": "operation", "part": rows}


def parameters(*operations: Json) -> Json:
    return {"resourceType": "Parameters", "parameter": list(operations)}


def archiving(value: bool, *, pointer: bool = True) -> Json | list[Json]:
    """The PATCH of isArchived, as a JSON Patch or as a FHIRPath Patch."""
    if pointer:
        return [{"op": "replace", "path": "/extension/0/valueBoolean", "value": value}]
    path = f"DocumentReference.extension.where(url='{IS_ARCHIVED}').value"
    return parameters(operation("replace", path, value={"valueBoolean": value}))


def deleting(*, pointer: bool = True) -> Json | list[Json]:
    """The PATCH of the draft: entered-in-error."""
    if pointer:
        return [{"op": "replace", "path": "/status", "value": "entered-in-error"}]
    return parameters(operation("replace", "DocumentReference.status", value={"valueCode": "entered-in-error"}))


def masking(code: str = "MASQUE_PS", *, pointer: bool = True) -> Json | list[Json]:
    """The PATCH that adds a restriction."""
    if pointer:
        return [{"op": "add", "path": "/securityLabel/-", "value": concept(RESTRICTIONS, code)}]
    label = {"valueCodeableConcept": concept(RESTRICTIONS, code)}
    return parameters(operation("add", "DocumentReference", name={"valueString": "securityLabel"}, value=label))


def author(name: str) -> list[Json]:
    """The contained resources of an author: Camille Dupont for her practice."""
    person = {
        "resourceType": "Practitioner",
        "id": f"{name}-person",
        "identifier": [{"system": PROFESSIONALS, "value": "810002422979"}],
        "name": [{"family": "DUPONT", "given": ["Camille"]}],
    }
    place = {
        "resourceType": "Organization",
        "id": f"{name}-place",
        "identifier": [{"system": STRUCTURES, "value": "410002422979001"}],
        "name": "Cabinet des Lilas",
    }
    role = {
        "resourceType": "PractitionerRole",
        "id": name,
        "practitioner": {"reference": f"#{name}-person"},
        "organization": {"reference": f"#{name}-place"},
    }
    return [person, place, role]


@dataclass
class FhirLot:
    """ITI-65 of one document, each part changeable: `document`, `list`, `binary` (resources), `entries` (of the Bundle)."""

    ins: str
    replaces: Json | None = None
    restrictions: tuple[str, ...] = ()
    unique_id: str = field(default_factory=oid)
    set_unique_id: str = field(default_factory=oid)
    content: bytes = b""
    entries: list[Json] = field(init=False)

    def __post_init__(self) -> None:
        old = self.replaces
        before = old["masterIdentifier"]["value"].removeprefix("urn:oid:") if old else ""
        self.content = self.content or cda(self.unique_id, self.ins, before)
        names = [f"urn:uuid:{uuid.uuid4()}" for _ in range(4)]
        self.document = self._document(names[2])
        self.list = self._list(names[1])
        data = base64.b64encode(self.content).decode()
        self.binary: Json = {"resourceType": "Binary", "contentType": "text/xml", "data": data}
        rows = zip(names, (self.list, self.document, self.binary), strict=False)
        self.entries = [_posted(name, resource) for name, resource in rows]
        if old:
            superseded = operation("replace", "DocumentReference.status", value={"valueCode": "superseded"})
            asked = {"method": "PATCH", "url": f"DocumentReference/{old['id']}"}
            self.document["relatesTo"] = [{"code": "replaces", "target": {"reference": asked["url"]}}]
            self.entries.append({"fullUrl": names[3], "resource": parameters(superseded), "request": asked})

    def _document(self, url: str) -> Json:
        digest = base64.b64encode(hashlib.sha1(self.content).digest()).decode()
        labels = [concept(CONFIDENTIALITY, "N"), *(concept(RESTRICTIONS, code) for code in self.restrictions)]
        return {
            "resourceType": "DocumentReference",
            "contained": [*author("author"), self._source()],
            "masterIdentifier": {"system": URIS, "value": f"urn:oid:{self.unique_id}"},
            "status": "current",
            "type": concept("http://loinc.org", "11488-4"),
            "category": [concept(f"{NOS}TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument", "10")],
            "subject": subject(self.ins),
            "date": "2026-11-22T11:00:00+01:00",
            "author": [{"reference": "#author"}],
            "authenticator": {"reference": "#author-person"},
            "custodian": {"identifier": {"system": URIS, "value": "urn:oid:1.2.3"}, "display": "DMP"},
            "description": "commentaire",
            "securityLabel": labels,
            "content": [
                {
                    "attachment": {
                        "contentType": "text/xml",
                        "language": "fr-FR",
                        "url": url,
                        "size": len(self.content),
                        "hash": digest,
                        "title": "Compte rendu",
                        "creation": "2026-11-22T11:00:00+01:00",
                    },
                    "format": {"system": "urn:oid:1.3.6.1.4.1.19376.1.2.3", "code": "urn:ihe:iti:xds-sd:pdf:2008"},
                }
            ],
            "context": {
                "event": [concept("urn:oid:1.2.250.1.213.1.1.4.24", "ESSAI")],
                "period": {"start": "2026-11-22T09:00:00Z", "end": "2026-11-22T09:20:00Z"},
                "facilityType": concept(f"{NOS}TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite", "SA07"),
                "practiceSetting": concept("urn:oid:1.2.250.1.213.1.1.4.9", "AMBULATOIRE"),
                "sourcePatientInfo": {"reference": "#source"},
                "related": [
                    {
                        "identifier": {
                            "system": "urn:oid:1.2.250.1.999.1",
                            "value": self.unique_id,
                            "type": {"coding": [{"system": URIS, "code": "urn:ihe:iti:xds:2013:order"}]},
                        }
                    }
                ],
            },
        }

    def _source(self) -> Json:
        return {
            "resourceType": "Patient",
            "id": "source",
            "identifier": [{"system": INS_SYSTEM, "value": self.ins}],
            "name": [{"use": "official", "family": "TEST-X", "given": ["Y"]}],
            "gender": "female",
            "birthDate": "1979-03-12",
        }

    def _list(self, document: str) -> Json:
        return {
            "resourceType": "List",
            "contained": author("source"),
            "extension": [
                {
                    "url": f"{MHD}StructureDefinition/ihe-designationType",
                    "valueCodeableConcept": concept("urn:oid:1.2.250.1.213.2.2", "07"),
                },
                {
                    "url": f"{MHD}StructureDefinition/ihe-sourceId",
                    "valueIdentifier": {"system": URIS, "value": "urn:oid:1.2.250.1.999.1"},
                },
            ],
            "identifier": [{"use": "usual", "system": URIS, "value": f"urn:oid:{self.set_unique_id}"}],
            "status": "current",
            "mode": "working",
            "title": "Lot",
            "code": concept(f"{MHD}CodeSystem/MHDlistTypes", "submissionset"),
            "subject": subject(self.ins),
            "date": "2026-11-22T10:05:00Z",
            "source": {"reference": "#source"},
            "note": [{"text": "note du lot"}],
            "entry": [{"item": {"reference": document}}],
        }

    @property
    def attachment(self) -> Json:
        found: Json = self.document["content"][0]["attachment"]
        return found

    @property
    def bundle(self) -> Json:
        return {"resourceType": "Bundle", "type": "transaction", "entry": self.entries}

    @property
    def simplified(self) -> Json:
        """ITI-105: the document with its bytes in it."""
        attachment = {name: value for name, value in self.attachment.items() if name != "url"}
        content = {**self.document["content"][0], "attachment": {**attachment, "data": self.binary["data"]}}
        return {**self.document, "content": [content]}

    def send(self, fhir: FhirCaller, vihf: Vihf | None = None, **headers: str) -> Answer:
        return fhir.send("POST", "", self.bundle, vihf, **headers)

    def publish(self, fhir: FhirCaller, vihf: Vihf | None = None) -> Answer:
        return fhir.send("POST", "DocumentReference", self.simplified, vihf)


def _posted(name: str, resource: Json) -> Json:
    return {"fullUrl": name, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
