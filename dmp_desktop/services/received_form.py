"""A received message in words and as plain values: the form of `dmp exchange read`, and of what the tray keeps of one."""

from __future__ import annotations

from typing import Any

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.received import Received, ReceivedDocument, ReceivedPatient, ReceivedResult, Routing

_HIDDEN = {
    Visibility.MASQUE_PS: "L'expéditeur demande que ce document soit masqué aux professionnels de santé.",
    Visibility.INVISIBLE_PATIENT: "L'expéditeur demande que ce document ne soit pas encore visible du patient.",
    Visibility.INVISIBLE_REPRESENTANTS_LEGAUX: (
        "L'expéditeur demande que ce document ne soit pas visible des représentants légaux du patient."
    ),
}
_CONFIDED = (
    "L'expéditeur indique une connexion secrète : les représentants légaux du patient ne doivent pas en être informés."
)


def wishes(message: Received) -> tuple[str, ...]:
    """What its sender asks about who may see it, for who reads it here: nothing is hidden by that."""
    routing = message.routing
    return (
        *(_HIDDEN[one] for one in Visibility if one in routing.visibility),
        *((_CONFIDED,) if routing.secret else ()),
    )


def message_to_dict(message: Received) -> dict[str, Any]:
    """All of it but the bytes of its documents, of which it tells how many there are."""
    return {
        "format": message.format.value,
        "title": message.title,
        "patient": _patient(message.patient),
        "sent_at": message.sent_at.isoformat() if message.sent_at else None,
        "act_date": message.act_date.isoformat() if message.act_date else None,
        "sender": message.sender,
        "recipient": message.recipient,
        "reference": message.reference,
        "documents": [_document(one) for one in message.documents],
        "results": [_result(one) for one in message.results],
        "routing": _routing(message.routing),
        "replaces": message.replaces,
        "text": message.text,
        "warnings": list(message.warnings),
    }


def _patient(patient: ReceivedPatient) -> dict[str, Any]:
    names = ("family", "given", "birth_family", "used_family", "nir", "file_number")
    address = patient.address
    return {
        **{name: getattr(patient, name) for name in names},
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else None,
        "sex": patient.sex.value if patient.sex else None,
        "ins": patient.ins.value if patient.ins else None,
        "ins_oid": patient.ins.oid if patient.ins else None,
        "address": address and {"line": address.line, "postal_code": address.postal_code, "city": address.city},
    }


def _document(document: ReceivedDocument) -> dict[str, Any]:
    names = ("mime", "title", "name", "unique_id", "type_code")
    return {
        **{name: getattr(document, name) for name in names},
        "bytes": len(document.content),
        "created": document.created.isoformat() if document.created else None,
    }


def _result(result: ReceivedResult) -> dict[str, Any]:
    names = ("label", "code", "system", "value", "unit", "low", "high", "flag", "status")
    return {
        **{name: getattr(result, name) for name in names},
        "date": result.date.isoformat() if result.date else None,
    }


def _routing(routing: Routing) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(routing, name) for name in Routing.__dataclass_fields__}
    return {**told, "visibility": sorted(one.value for one in routing.visibility)}
