"""TD2.1: what a submission leaves behind, and each rule that refuses one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dmp_desktop.sandbox import Sandbox, Tolerances, lot_checks
from dmp_desktop.sandbox.model import Kind, RegistryObject
from tests.helpers.dmp_admin import secretly
from tests.helpers.dmp_lot import Lot, cda, oid
from tests.helpers.dmp_update import HAS_MEMBER
from tests.helpers.dmp_wire import APPROVED, DEPRECATED, Caller
from tests.helpers.seeded import seeded


@pytest.fixture(scope="module")
def open_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox these tests may write into."""
    with Sandbox(seeded(tmp_path_factory.mktemp("submit"))) as running:
        yield running


@pytest.fixture
def writer(open_sandbox: Sandbox) -> Iterator[Caller]:
    with Caller(open_sandbox.ready, "doctor") as caller:
        yield caller


@pytest.fixture
def ins(open_sandbox: Sandbox) -> str:
    return next(p["ins"] for p in open_sandbox.ready["patients"] if p["story"] == "ordinary")


def status(caller: Caller, lot: Lot) -> str:
    answer = lot.send(caller)
    assert answer.status == 200, answer.fault
    return str(answer.body.get("status")).rpartition(":")[2]


@pytest.mark.parametrize("digest", ["sha1", "sha256"])
def test_a_lot_is_stored_whole(open_sandbox: Sandbox, writer: Caller, ins: str, digest: str) -> None:
    lot = Lot(ins, digest=digest, restrictions=("INVISIBLE_PATIENT",))
    assert status(writer, lot) == "Success"
    known = open_sandbox.registry.object(lot.unique_id)
    assert known is not None
    entry, owner = known
    assert (owner, entry.status, entry.lid, entry.version) == (ins, APPROVED, entry.id, 1)
    assert entry.id.startswith("urn:uuid:")
    assert entry.slot("hash") == hashlib.sha1(lot.content, usedforsecurity=False).hexdigest()
    assert entry.slot("size") == str(len(lot.content))
    assert entry.slot("repositoryUniqueId") == "1.2.250.1.213.4.1.1.1.2"
    assert open_sandbox.registry.document(lot.unique_id) == lot.content
    assert open_sandbox.registry.count(lot.set_unique_id) == 1
    found = writer.retrieve(ins, lot.unique_id)
    assert list(found.parts.values()) == [lot.content]


def test_signature_of_the_lot_is_for_its_author(open_sandbox: Sandbox, writer: Caller, ins: str) -> None:
    """It is an entry of the registry like the others: its mask keeps it to the author, and the client hides it."""
    assert status(writer, Lot(ins)) == "Success"
    signatures = [e for e in open_sandbox.registry.objects(ins, Kind.ENTRY) if e.is_signature]
    listed = {row.get("id") for row in writer.find(ins).body.iter("{*}ExtrinsicObject")}
    assert signatures[-1].id in listed


def test_sending_again_is_a_duplicate(open_sandbox: Sandbox, writer: Caller, ins: str) -> None:
    lot = Lot(ins)
    assert status(writer, lot) == "Success"
    assert [code for code, _ in lot.send(writer).errors] == ["XDSDuplicateUniqueIdInRegistry"]
    assert open_sandbox.registry.count(lot.unique_id) == 1


def test_same_document_in_another_lot_is_a_duplicate(open_sandbox: Sandbox, writer: Caller, ins: str) -> None:
    lot = Lot(ins)
    assert status(writer, lot) == "Success"
    again = Lot(ins, unique_id=lot.unique_id, content=lot.content)
    assert [code for code, _ in again.send(writer).errors] == ["XDSDuplicateUniqueIdInRegistry"]
    assert open_sandbox.registry.count(again.set_unique_id) == 0


def test_a_scan_of_twelve_megabytes_passes(open_sandbox: Sandbox, writer: Caller, ins: str) -> None:
    unique_id = oid()
    body = b"<component><nonXMLBody><text>" + b"A" * 12_000_000 + b"</text></nonXMLBody></component></ClinicalDocument>"
    content = cda(unique_id, ins).replace(b"</ClinicalDocument>", body)
    assert status(writer, Lot(ins, unique_id=unique_id, content=content)) == "Success"
    assert list(writer.retrieve(ins, unique_id).parts.values()) == [content]


def test_replacement_deprecates(open_sandbox: Sandbox, writer: Caller, ins: str) -> None:
    first = Lot(ins)
    assert status(writer, first) == "Success"
    known = open_sandbox.registry.object(first.unique_id)
    assert known is not None
    second = Lot(ins, replaces_uuid=known[0].id, replaces_unique_id=first.unique_id)
    assert status(writer, second) == "Success"
    replaced = open_sandbox.registry.object(first.unique_id)
    assert replaced is not None
    assert replaced[0].status == DEPRECATED
    third = Lot(ins, replaces_uuid=known[0].id, replaces_unique_id=first.unique_id)
    assert [code for code, _ in third.send(writer).errors] == ["XDSReplaceFailed"]
    assert open_sandbox.registry.count(third.unique_id) == 0, "nothing of a refused lot stays"


def test_replacement_of_the_unknown_and_of_another_patients(open_sandbox: Sandbox, writer: Caller, ins: str) -> None:
    unknown = Lot(ins, replaces_uuid="urn:uuid:00000000-0000-4000-8000-000000000001")
    assert [code for code, _ in unknown.send(writer).errors] == ["XDSReplaceFailed"]
    chronic = next(p["ins"] for p in open_sandbox.ready["patients"] if p["story"] == "chronic")
    target = open_sandbox.registry.objects(chronic, Kind.ENTRY)[-1]
    other = Lot(ins, replaces_uuid=target.id, replaces_unique_id=target.unique_id)
    assert [code for code, _ in other.send(writer).errors] == ["XDSRegistryMetadataError"]


def test_cda_and_association_must_agree_on_what_is_replaced(writer: Caller, ins: str) -> None:
    alone = Lot(ins, replaces_unique_id=oid())
    assert [code for code, _ in alone.send(writer).errors] == ["XDSReplaceFailed"]


def test_feeding_needs_no_authorisation_but_an_open_record(open_sandbox: Sandbox, writer: Caller) -> None:
    stories = {p["story"]: p["ins"] for p in open_sandbox.ready["patients"]}
    assert status(writer, Lot(stories["empty"])) == "Success"
    assert Lot(stories["closed"]).send(writer).fault[0] == "soap:DMPClosed"
    assert Lot(stories["none"]).send(writer).fault[0] == "soap:DMPNotFound"


def test_secretary_and_structure_feed_too(open_sandbox: Sandbox, ins: str) -> None:
    for identity in ("secretary", "structure"):
        with Caller(open_sandbox.ready, identity) as caller:
            assert status(caller, Lot(ins)) == "Success"


@pytest.mark.parametrize("identity", ["secretary", "structure"])
def test_what_the_office_feeds_is_the_structure_s(open_sandbox: Sandbox, ins: str, identity: str) -> None:
    """TD2.2: imputed to the structure, by the set and by its documents."""
    mine = "^^^410002422979001"
    for rank in (0, 1):  # the author of the set, that of the document

        def elsewhere(text: str, rank: int = rank) -> str:
            pieces = text.split(mine)
            assert len(pieces) == 4, "the set, the document, the signature"
            return "".join(
                piece + ("" if at == 3 else "^^^410009900035001" if at == rank else mine)
                for at, piece in enumerate(pieces)
            )

        with Caller(open_sandbox.ready, identity) as caller:
            lot = Lot(ins, edit=elsewhere)
            errors = lot.send(caller).errors
            assert [context.partition(" :")[0] for _, context in errors] == ["imputed_to_structure"]
        with Caller(open_sandbox.ready, "doctor") as doctor:
            assert status(doctor, Lot(ins, edit=elsewhere)) == "Success", "the doctor works elsewhere too"


def test_the_office_replaces_what_is_the_structure_s(open_sandbox: Sandbox, writer: Caller, ins: str) -> None:
    """What the secretary has fed, the secretary and the doctors of the structure replace; nobody what others wrote."""
    with Caller(open_sandbox.ready, "secretary") as secretary:
        first = Lot(ins)
        assert status(secretary, first) == "Success"
        second = replacing(open_sandbox, first)
        assert status(secretary, second) == "Success"
        third = replacing(open_sandbox, second)
        assert status(writer, third) == "Success"
        other = by_others(open_sandbox, ins)
        for caller in (secretary, writer):
            lot = Lot(ins, replaces_uuid=other.id, replaces_unique_id=other.unique_id)
            assert lot.send(caller).fault[0] == "soap:DMPAccessDeniedByRightsService"
            assert open_sandbox.registry.count(lot.unique_id) == 0


def replacing(sandbox: Sandbox, lot: Lot) -> Lot:
    known = sandbox.registry.object(lot.unique_id)
    assert known is not None
    return Lot(lot.ins, replaces_uuid=known[0].id, replaces_unique_id=lot.unique_id)


def by_others(sandbox: Sandbox, ins: str, restriction: str = "") -> RegistryObject:
    """A document of another structure."""
    return next(
        entry
        for entry in sandbox.registry.objects(ins, Kind.ENTRY)
        if entry.status == APPROVED
        and entry.confidentiality == {"N", *filter(None, [restriction])}
        and not any("410002422979001" in value for value in entry.author_values("authorInstitution"))
    )


def test_what_is_masked_is_unknown_to_who_would_replace_it(open_sandbox: Sandbox, writer: Caller, ins: str) -> None:
    masked = by_others(open_sandbox, ins, "MASQUE_PS")
    lot = Lot(ins, replaces_uuid=masked.id, replaces_unique_id=masked.unique_id)
    assert lot.send(writer).errors == [("XDSReplaceFailed", "Le document à remplacer est inconnu")]


@pytest.mark.parametrize("kind", ["XFRM", "APND", "XFRM_RPLC"])
def test_what_derives_from_a_document_needs_it_active(
    open_sandbox: Sandbox, writer: Caller, ins: str, kind: str
) -> None:
    replaces = kind.endswith("RPLC")
    first = Lot(ins)
    assert status(writer, first) == "Success"
    derived = replacing(open_sandbox, first)
    if not replaces:
        derived = Lot(ins, replaces_uuid=derived.replaces_uuid)
    derived.edit = change("AssociationType:RPLC", f"AssociationType:{kind}")
    assert status(writer, derived) == "Success"
    known = open_sandbox.registry.object(first.unique_id)
    assert known is not None
    assert (known[0].status == DEPRECATED) == replaces
    if not replaces:
        assert status(writer, replacing(open_sandbox, first)) == "Success"
    late = Lot(ins, replaces_uuid=known[0].id, replaces_unique_id=first.unique_id if replaces else "")
    late.edit = derived.edit
    expected = "XDSReplaceFailed" if replaces else "XDSRegistryDeprecatedDocumentError"
    assert [code for code, _ in late.send(writer).errors] == [expected]


def test_another_document_under_a_known_unique_id(open_sandbox: Sandbox, writer: Caller, ins: str) -> None:
    lot = Lot(ins)
    assert status(writer, lot) == "Success"
    other = Lot(ins, unique_id=lot.unique_id, content=lot.content.replace(b"essai", b"autre"))
    assert [code for code, _ in other.send(writer).errors] == ["XDSNonIdenticalHash"]
    assert open_sandbox.registry.document(lot.unique_id) == lot.content


HIDDEN, PARENTS, MASKED = "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX", "MASQUE_PS"


@pytest.mark.parametrize(
    ("restrictions", "accepted"),
    [((PARENTS,), True), ((), False), ((HIDDEN,), False), ((PARENTS, HIDDEN), False), ((PARENTS, MASKED), False)],
)
def test_a_secret_connection_hides_from_the_parents_only(
    open_sandbox: Sandbox, writer: Caller, restrictions: tuple[str, ...], accepted: bool
) -> None:
    child = next(p["ins"] for p in open_sandbox.ready["patients"] if p["story"] == "child")
    answer = Lot(child, restrictions=restrictions).send(writer, secretly(writer.vihf(child)))
    assert answer.status == 200, answer.fault
    broken = {context.partition(" :")[0] for _, context in answer.errors}
    assert broken == (set() if accepted else {"secret_from_parents"})
    assert status(writer, Lot(child, restrictions=restrictions)) == "Success", "nothing is imposed otherwise"


@pytest.mark.parametrize("purpose", ["bris_de_glace", "centre_15"])
def test_nothing_is_masked_in_an_emergency(open_sandbox: Sandbox, writer: Caller, ins: str, purpose: str) -> None:
    """Reference §3."""
    masked, shown = Lot(ins, restrictions=(MASKED,)), Lot(ins, restrictions=(HIDDEN,))
    answer = masked.send(writer, replace(writer.vihf(ins), purpose=purpose))
    assert answer.fault[0] == "soap:DMPAccessDeniedByRightsService"
    assert purpose in answer.fault[1]
    assert open_sandbox.registry.object(masked.unique_id) is None
    assert shown.send(writer, replace(writer.vihf(ins), purpose=purpose)).body.get("status").endswith("Success")
    assert status(writer, masked) == "Success"


CONTENTS: dict[str, tuple[Callable[[str, str], dict[str, object]], str]] = {
    "hash": (lambda *_: {"more_slots": _slot("hash", "0" * 40)}, "XDSNonIdenticalHash"),
    "size": (lambda *_: {"more_slots": _slot("size", "3")}, "XDSRepositoryMetadataError"),
    "id": (lambda uid, ins: {"content": cda(oid(), ins)}, "XDSRepositoryMetadataError"),
    "patient": (lambda uid, ins: {"content": cda(uid, "288122A00495304")}, "XDSRepositoryMetadataError"),
    "not a CDA": (lambda *_: {"content": b"<a/>"}, "XDSRepositoryMetadataError"),
    "document changed": (lambda uid, ins: {"signed_content": cda(oid(), ins)}, "DMPInvalidLotSignature"),
    "manifest": (lambda uid, ins: {"edit_signature": lambda s: s.replace(uid, oid())}, "DMPInvalidLotSignature"),
    "purpose": (lambda *_: {"edit_signature": lambda s: s.replace("12.1.14<", "12.1.7<")}, "DMPInvalidLotSignature"),
    "policy": (
        lambda *_: {"edit_signature": lambda s: s.replace("SignaturePolicyImplied", "SignaturePolicyId")},
        "DMPInvalidLotSignature",
    ),
    "target": (
        lambda *_: {"edit_signature": lambda s: s.replace('1.1.1#" Target="#S0"', '1.1.1#" Target="#S1"')},
        "DMPInvalidLotSignature",
    ),
    "target of the purpose": (
        lambda *_: {"edit_signature": lambda s: s.replace('Signature" Target="#S0"', 'Signature"')},
        "DMPInvalidLotSignature",
    ),
    "no name": (lambda *_: {"edit_signature": lambda s: s.replace(' Id="S0"', "")}, "DMPInvalidLotSignature"),
    "qualified twice": (lambda *_: {"edit_signature": _qualified_twice}, "DMPInvalidLotSignature"),
    "references": (lambda *_: {"edit_signature": lambda s: s.replace("#IHEManifest", "#S0")}, "DMPInvalidLotSignature"),
    "not a signature": (lambda *_: {"edit_signature": lambda s: "<a/>"}, "DMPInvalidLotSignature"),
}


def _qualified_twice(text: str) -> str:
    start, end = text.index("<xad:QualifyingProperties"), "</xad:QualifyingProperties>"
    other = text[start : text.index(end) + len(end)].replace("S0-SignedProperties", "S1-SignedProperties")
    return text.replace("</ds:Signature>", f"<ds:Object>{other}</ds:Object></ds:Signature>")


def _slot(name: str, value: str) -> str:
    return f'<Slot name="{name}"><ValueList><Value>{value}</Value></ValueList></Slot>'


@pytest.mark.parametrize("name", CONTENTS)
def test_contents_that_are_refused(open_sandbox: Sandbox, writer: Caller, ins: str, name: str) -> None:
    make, code = CONTENTS[name]
    unique_id = oid()
    lot = Lot(ins, unique_id=unique_id, **make(unique_id, ins))  # type: ignore[arg-type]
    assert code in [found for found, _ in lot.send(writer).errors]
    assert open_sandbox.registry.count(unique_id) == 0


def test_hash_and_size_that_are_right_pass(writer: Caller, ins: str) -> None:
    lot = Lot(ins)
    digest = hashlib.sha1(lot.content, usedforsecurity=False).hexdigest()
    lot.more_slots = _slot("hash", digest) + _slot("size", str(len(lot.content)))
    assert status(writer, lot) == "Success"


def test_authentication_key_cannot_sign_a_lot(open_sandbox: Sandbox, writer: Caller, ins: str) -> None:
    lot = Lot(ins)
    good = lot.signature
    lot.signature = lambda signer: good(writer.auth)  # type: ignore[method-assign]
    assert [code for code, _ in lot.send(writer).errors] == ["DMPInvalidLotSignature"]


def test_lot_signed_by_someone_else(open_sandbox: Sandbox, writer: Caller, ins: str) -> None:
    with Caller(open_sandbox.ready, "secretary") as other:
        lot = Lot(ins)
        good = lot.signature
        lot.signature = lambda signer: good(other.sign)  # type: ignore[method-assign]
        assert [code for code, _ in lot.send(writer).errors] == ["DMPInvalidLotSignature"]


Edit = Callable[[str], str]


def change(old: str, new: str, count: int = -1) -> Edit:
    def edit(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, count)

    return edit


def drop(start: str, end: str) -> Edit:
    """Remove the first piece from `start` to `end`."""

    def edit(text: str) -> str:
        first = text.index(start)
        return text[:first] + text[text.index(end, first) + len(end) :]

    return edit


def _reference(told: str, target: str = "urn:uuid:00000000-0000-4000-8000-000000000001") -> str:
    """A document of another lot that belongs to this one too."""
    return (
        f'<Association id="again" associationType="{HAS_MEMBER}" sourceObject="set" targetObject="{target}">'
        f"{_slot('SubmissionSetStatus', told)}</Association>"
    )


PATIENT = "58a6f841-87b3-4a3e-92fd-a8ffeff98427"
SET_ID, DOCUMENT_ID = "96fdda7c-d067-4183-912e-bf5ee74998a8", "2e82c1f6-a085-4c72-9da3-8640a32e42ab"
NUMBER = 'authorPerson"><ValueList><Value>810002422979^DUPONT'
VIOLATIONS: dict[str, list[Edit | dict[str, object]]] = {
    "one_submission_set": [change("a54d6aa5-d40d-43f9-88c5-b4633d873bdd", "00000000-d40d-43f9-88c5-b4633d873bdd")],
    "ids_unique": [change('id="sig"', 'id="doc"')],
    "unique_ids_distinct": [change("@@", "@@")],
    "unique_id_syntax": [
        change('value="2.25.', 'value="x.25.'),
        change('" value="2.25.', '" value="2.25^x.'),
        change(f'{SET_ID}" value="2.25.', f'{SET_ID}" value="2.25.{"1." * 30}'),
        change(f'{DOCUMENT_ID}" value="2.25.', f'{DOCUMENT_ID}" value="2.25.{"1." * 60}'),
    ],
    "patient_ids_agree": [change(f'{PATIENT}" value="', f'{PATIENT}" value="1', 1)],
    "patient_is_that_of_vihf": [
        change("^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH", "^^^&amp;1.2.250.1.213.1.4.8&amp;ISO^NH")
    ],
    "slots_well_formed": [
        {"more_slots": _slot("comments", "x" * 257)},
        {"more_slots": _slot("languageCode", "fr-FR")},
        {"more_slots": _slot("comments", "")},
    ],
    "identifiers_once": [change("96fdda7c-d067-4183-912e-bf5ee74998a8", "554ac39e-e3fe-47fe-b233-965d2a147832")],
    "links_uncoded": [
        change(
            "</Slot></Association>",
            '</Slot><Classification id="x" classificationScheme="urn:uuid:abd807a3-4432-4053-87b4-fd82c643d1f3" '
            'classifiedObject="y" nodeRepresentation="z"/></Association>',
            1,
        )
    ],
    "labels_in_utf8": [change('charset="UTF-8"', 'charset="ISO-8859-1"', 1)],
    "times_valid": [
        change("20261122100000", "20261322100000"),
        drop('<Slot name="serviceStartTime">', "</Slot>"),
        {"more_slots": _slot("serviceStopTime", "20261122080000")},
    ],
    "hash_and_size_syntax": [{"more_slots": _slot("hash", "zz")}, {"more_slots": _slot("size", "-1")}],
    "language_present": [drop('<Slot name="languageCode">', "</Slot>"), change("fr-FR</Value>", "fr_FR</Value>")],
    "legal_authenticator_valid": [
        drop('<Slot name="legalAuthenticator">', "</Slot>"),
        change('legalAuthenticator"><ValueList><Value>810002422979^', 'legalAuthenticator"><ValueList><Value>^'),
    ],
    "source_patient_valid": [
        drop('<Slot name="sourcePatientId">', "</Slot>"),
        change("<Value>PID-5|", "<Value>NOM|"),
        change('sourcePatientId"><ValueList><Value>', 'sourcePatientId"><ValueList><Value>^'),
        change("&amp;ISO^NH</Value>", "&amp;ISO^NH</Value><Value>2^^^&amp;1.2.3&amp;ISO^PI</Value>"),
        lambda text: text.replace(
            "^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH</Value>", "^^^INS&amp;1.2.250.1.213.1.4.10&amp;ISO^NH</Value>"
        ),
    ],
    "uri_valid": [{"more_slots": _slot("URI", "dossier/document.xml")}],
    "recipients_valid": [
        change('<Slot name="submissionTime">', _slot("intendedRecipient", value) + '<Slot name="submissionTime">')
        for value in ("||", "^^^^^^^^^1.2.3", "Cabinet|^", "Cabinet||^^Internet^", "A|1^B||^^Internet^a@b|x")
    ],
    "references_valid": [{"more_slots": _slot("urn:ihe:iti:xds:2013:referenceIdList", "123")}],
    "authors_valid": [
        change("93606bcf-9494-43ec-9b4e-a7748d1a838d", "00000000-9494-43ec-9b4e-a7748d1a838d"),
        change("Cabinet des Lilas^^^^^&amp;", "^^^^^&amp;"),
        change(NUMBER, 'authorPerson"><ValueList><Value>^'),
        change(NUMBER, 'authorPerson"><ValueList><Value>^DUPONT'),
        change(NUMBER, 'authorPerson"><ValueList><Value>1^MARTIN</Value><Value>810002422979^DUPONT'),
        change("Cabinet des Lilas^^^^^&amp;", "Cabinet des Lilas^^^^^IDNST&amp;"),
        change(
            '<Slot name="authorPerson">', _slot("authorTelecommunication", "0325000000") + '<Slot name="authorPerson">'
        ),
    ],
    "codes_complete": [
        change("41a5887f-8865-4c09-adf7-e362475b143a", "f0306f51-975f-434e-a61c-c59651d33983"),
        change('nodeRepresentation="11488-4"', 'nodeRepresentation=""'),
        change("f4f85eac-e6cb-4883-b524-f2705394840f", "00000000-e6cb-4883-b524-f2705394840f"),
        drop('<Slot name="codingScheme"><ValueList><Value>1.2.250.1.213.1.1.4.1</Value>', "</Slot>"),
    ],
    "confidentiality_valid": [
        change('nodeRepresentation="N"', 'nodeRepresentation="U"'),
        change('nodeRepresentation="N"', 'nodeRepresentation="MASQUE_PS"'),
        {"restrictions": ("INVISIBLE_PATIENT", "INVISIBLE_PATIENT")},
        {"restrictions": ("MASQUE_PS", "INVISIBLE_PATIENT")},
        {"restrictions": ("N",)},
    ],
    "title_valid": [
        change('value="Compte rendu"', f'value="{"x" * 129}"'),
        change('value="Compte rendu"', 'value=""'),
        change('value="Lot"', f'value="{"x" * 129}"'),
    ],
    "media_valid": [
        change('mimeType="text/xml"', 'mimeType="xml"'),
        change("7edca82f-054d-47f2-a032-9b2a5b5186c1", "00000000-054d-47f2-a032-9b2a5b5186c1"),
    ],
    "submission_set_complete": [
        drop('<Slot name="submissionTime">', "</Slot>"),
        change('value="1.2.250.1.999.1"', 'value="lps"'),
        change("aa543740-bdda-424e-8c96-df4873be8500", "00000000-bdda-424e-8c96-df4873be8500"),
        change('<RegistryPackage id="set">', f'<RegistryPackage id="set" status="{DEPRECATED}">'),
    ],
    "members_declared": [
        change('targetObject="doc"', 'targetObject="set"'),
        change("</RegistryObjectList>", _reference("Original") + "</RegistryObjectList>"),
        change("</RegistryObjectList>", _reference("Reference", "doc-elsewhere") + "</RegistryObjectList>"),
        change("<Value>Original</Value>", "<Value>Reference</Value>"),
    ],
    "nothing_updated": [
        change(
            "Original</Value></ValueList></Slot>", f"Original</Value></ValueList></Slot>{_slot('PreviousVersion', '1')}"
        ),
        change('<ExtrinsicObject id="doc"', f'<ExtrinsicObject id="doc" status="{DEPRECATED}"'),
    ],
    "associations_valid": [
        change("AssociationType:signs", "AssociationType:seals"),
        change("2007:AssociationType:signs", "2010:AssociationType:UpdateAvailabilityStatus"),
        change("2007:AssociationType:signs", "2010:AssociationType:NonVersioningUpdate"),
        change('sourceObject="sig"', 'sourceObject="elsewhere"'),
    ],
    "replacements_valid": [{"replaces_uuid": "1.2.3"}],
    "entries_have_documents": [{"without_documents": ("doc",)}],
    "documents_have_entries": [{"stray_document": True}],
    "signature_present": [change("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "10"), change(":signs", ":RPLC")],
}


ACCEPTED: dict[str, Edit | dict[str, object]] = {
    "a recipient": change(
        '<Slot name="submissionTime">',
        _slot("intendedRecipient", "Cabinet||^^Internet^a@b.fr") + '<Slot name="submissionTime">',
    ),
    "a telephone": change(
        '<Slot name="authorPerson">',
        '<Slot name="authorTelecommunication"><ValueList><Value>^PRN^PH^^^^0325000000</Value>'
        '<Value>^^Internet^a@b.fr</Value></ValueList></Slot><Slot name="authorPerson">',
    ),
    "an address": {"more_slots": _slot("URI", "https://exemple.fr/1")},
    "a label without a character set": change(' charset="UTF-8"', ""),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_the_rules_let_pass(writer: Caller, ins: str, name: str) -> None:
    accepted = ACCEPTED[name]
    lot = Lot(ins, **accepted) if isinstance(accepted, dict) else Lot(ins, edit=accepted)  # type: ignore[arg-type]
    assert status(writer, lot) == "Success"


def test_a_document_of_another_lot_by_reference(open_sandbox: Sandbox, writer: Caller, ins: str) -> None:
    def lot(target: str) -> Lot:
        return Lot(ins, edit=change("</RegistryObjectList>", _reference("Reference", target) + "</RegistryObjectList>"))

    assert status(writer, lot(by_others(open_sandbox, ins).id)) == "Success"
    chronic = next(p["ins"] for p in open_sandbox.ready["patients"] if p["story"] == "chronic")
    masked = by_others(open_sandbox, ins, "MASQUE_PS")
    for target in (by_others(open_sandbox, chronic).id, masked.id, "urn:uuid:00000000-0000-4000-8000-000000000001"):
        refused = lot(target)
        assert [code for code, _ in refused.send(writer).errors] == ["XDSRegistryMetadataError"]
        assert open_sandbox.registry.count(refused.unique_id) == 0


def test_every_rule_has_its_violation() -> None:
    """Two depend on who feeds: `test_what_the_office_feeds_…`, `test_a_secret_connection_…`."""
    proved = {*VIOLATIONS, "imputed_to_structure", "secret_from_parents"}
    assert proved == {rule.__name__ for rule in lot_checks.RULES}


@pytest.mark.parametrize(
    ("rule", "rank"), [(rule, rank) for rule, all_ in VIOLATIONS.items() for rank in range(len(all_))]
)
def test_each_rule_refuses(open_sandbox: Sandbox, writer: Caller, ins: str, rule: str, rank: int) -> None:
    violation = VIOLATIONS[rule][rank]
    lot = Lot(ins)
    if rule == "unique_ids_distinct":
        lot.edit = lambda text: text.replace(lot.set_unique_id, lot.unique_id)
    elif isinstance(violation, dict):
        lot = Lot(ins, **violation)  # type: ignore[arg-type]
    else:
        lot.edit = violation
    errors = lot.send(writer).errors
    expected = next(code for found, code in lot_checks.RULES.items() if found.__name__ == rule)
    assert (expected, rule) in [(code, context.partition(" :")[0]) for code, context in errors]
    assert open_sandbox.registry.count(lot.unique_id) == 0


def test_sha1_can_be_refused(tmp_path: Path) -> None:
    strict = replace(Tolerances(), sha1_lot=False)
    with Sandbox(seeded(tmp_path / "strict"), tolerances=strict) as sandbox, Caller(sandbox.ready, "doctor") as caller:
        ins = sandbox.ready["patients"][0]["ins"]
        assert [code for code, _ in Lot(ins).send(caller).errors] == ["DMPInvalidLotSignature"]
        assert status(caller, Lot(ins, digest="sha256")) == "Success"
