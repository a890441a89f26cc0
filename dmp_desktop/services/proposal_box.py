"""How a proposed note is sealed: under a key of its own, which is sealed to each key of the doctor, and to its author.

What it is (which note, which round, of whom, for whom) is said wherever something is sealed, the patient with the note itself: a
part moved to another row, or to another patient's, does not open.
"""

from __future__ import annotations

import json
import secrets
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import replace

from dmp_desktop.domain.drafts import KeptDraft
from dmp_desktop.domain.ins import InsIdentity
from dmp_desktop.domain.proposals import Proposal
from dmp_desktop.errors import ContextError, StorageError
from dmp_desktop.services.doctor_keys import PublicKey
from dmp_desktop.services.draft_form import pack, unpack
from dmp_desktop.storage.boxes import open_box, seal_to
from dmp_desktop.storage.errors import damaged
from dmp_desktop.storage.sealing import OwnedSeal, Seal

PURPOSE = "proposals"
LARGEST = 2_000_000
"""Bytes of a sealed note: it goes with the rows that the practice's workstations share, which are small."""
_KEY_BYTES = 32


def packed(draft: KeptDraft) -> bytes:
    content, files = pack(draft)
    joined = {name: b64encode(one).decode() for name, one in files.items()}
    clear = zlib.compress(json.dumps({"draft": content.decode(), "files": joined}).encode())
    if len(clear) > LARGEST:
        raise ContextError(
            "proposal-large",
            "Le fichier joint à cette note est trop lourd pour être proposé.",
            "Retirez-le de la note : le médecin le joindra à la sienne.",
        )
    return clear


def sealed(made: Proposal, clear: bytes, patient: str, public: Iterable[PublicKey], own: OwnedSeal) -> Proposal:
    key, place = secrets.token_bytes(_KEY_BYTES), place_of(made)
    header = json.dumps({"key": key.hex(), "patient": patient}).encode()
    return replace(
        made,
        box=close(key, clear, f"{place}/{patient}"),
        keys={one.id: seal_to(one.public, header, place) for one in public},
        own=own.seal.seal(key, place),
    )


def header_of(one: Proposal, private: dict[str, bytes]) -> dict[str, str]:
    """Raises StorageError where none of these keys opens it."""
    for which, sealed in one.keys.items():
        if which in private:
            told: dict[str, str] = json.loads(open_box(private[which], sealed, place_of(one)))
            return told
    raise StorageError(
        "proposal-other-key",
        "Cette note a été scellée pour une autre carte que la vôtre.",
        "Ouvrez-la avec la carte d'alors, ou demandez à son auteur de la proposer à nouveau.",
    )


def opened(one: Proposal, private: dict[str, bytes]) -> KeptDraft:
    """Raises StorageError, also when it is not of the patient or the author that it was sealed for."""
    header = header_of(one, private)
    clear = open_sealed(bytes.fromhex(header["key"]), one.box, f"{place_of(one)}/{header['patient']}")
    try:
        told = json.loads(zlib.decompress(clear))
        files = {name: b64decode(content) for name, content in told["files"].items()}
        draft = unpack(told["draft"].encode(), files.__getitem__)
    except (ValueError, TypeError, KeyError, AttributeError, zlib.error) as error:
        raise StorageError(
            "proposal-newer",
            "Cette note vient d'une version plus récente de DMP Desktop.",
            "Mettez ce poste à jour, puis ouvrez-la.",
        ) from error
    if name_of(draft.patient.ins) != header["patient"] or draft.author.national_id != one.author_id:
        raise damaged()
    return draft


def place_of(one: Proposal) -> str:
    """What is sealed with a note: it opens as no other, of nobody else, for nobody else."""
    return f"proposal/{one.id}/{one.round}/{one.author_id}/{one.doctor_id}"


def close(key: bytes, clear: bytes, place: str) -> bytes:
    return Seal(key, PURPOSE).seal(clear, place)


def open_sealed(key: bytes, sealed: bytes, place: str) -> bytes:
    return Seal(key, PURPOSE).open(sealed, place)


def name_of(ins: InsIdentity) -> str:
    return f"{ins.oid}/{ins.value}"
