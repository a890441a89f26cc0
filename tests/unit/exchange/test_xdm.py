"""IHE_XDM.ZIP in: read whatever its case and order; what is hostile, altered or cut short is refused with its reason."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.people import Sex
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange import xdm, xdm_archive

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
INS = "279035121518989"
OTHER_INS = "255069999999934"
DOCUMENT = b"%PDF-1.4 un document"
SUBSET = "IHE_XDM/SUBSET01"


def slot(name: str, value: str) -> str:
    return f'<Slot name="{name}"><ValueList><Value>{value}</Value></ValueList></Slot>'


def code(scheme: str, value: str) -> str:
    return f'<Classification classificationScheme="urn:uuid:{scheme}" nodeRepresentation="{value}"/>'


def external(scheme: str, value: str) -> str:
    return f'<ExternalIdentifier identificationScheme="urn:uuid:{scheme}" value="{value}"/>'


@dataclass
class Told:
    """What METADATA.XML says of one document, each changeable."""

    uri: str = "DOC00001.PDF"
    content: bytes = DOCUMENT
    unique_id: str = "1.2.3"
    ins: str = INS
    oid: str = "1.2.250.1.213.1.4.10"
    slots: dict[str, str] = field(default_factory=dict)
    codes: str = ""
    id: str = "document1"

    def xml(self) -> str:
        slots = {
            "URI": self.uri,
            "hash": hashlib.sha1(self.content).hexdigest(),
            "size": str(len(self.content)),
            "creationTime": "20261120093015",
            "sourcePatientId": "42^^^&amp;1.9&amp;ISO^PI",
        } | self.slots
        info = (
            '<Slot name="sourcePatientInfo"><ValueList><Value>PID-5|TEST-DUPONT^MARIE^^^^^L</Value>'
            "<Value>PID-5|TEST-USAGE^MARIE^^^^^D</Value><Value>PID-7|19790312</Value><Value>PID-8|F</Value></ValueList></Slot>"
        )
        return (
            f'<ExtrinsicObject id="{self.id}" mimeType="application/pdf">'
            + "".join(slot(name, value) for name, value in slots.items() if value)
            + info
            + '<Name><LocalizedString value="Compte rendu"/></Name>'
            + code("f0306f51-975f-434e-a61c-c59651d33983", "11488-4")
            + self.codes
            + external("58a6f841-87b3-4a3e-92fd-a8ffeff98427", f"{self.ins}^^^&amp;{self.oid}&amp;ISO^NH")
            + external("2e82c1f6-a085-4c72-9da3-8640a32e42ab", self.unique_id)
            + "</ExtrinsicObject>"
        )


SET = (
    '<RegistryPackage id="set">'
    + slot("submissionTime", "20261120103000")
    + '<Name><LocalizedString value="Envoi"/></Name>'
    '<Classification classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd" classifiedObject="set"/>'
    '<Classification classificationScheme="urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d">'
    + slot("authorPerson", "801^MARTIN^Claude^^^^^^&amp;1.2&amp;ISO^D")
    + slot("authorInstitution", "Clinique de l\\T\\Essai^^^^^&amp;1.2&amp;ISO")
    + "</Classification></RegistryPackage>"
)


def metadata(*told: Told, sets: str = SET, rest: str = "", head: str = "") -> bytes:
    inside = "".join(one.xml() for one in told)
    return f'{head}<RegistryObjectList xmlns="{RIM}">{sets}{inside}{rest}</RegistryObjectList>'.encode()


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


def archive(*told: Told, folder: str = SUBSET, **more: bytes) -> bytes:
    files = {f"{folder}/METADATA.XML": metadata(*told)} | {f"{folder}/{one.uri}": one.content for one in told}
    return zipped(files | more)


def refused(untrusted: bytes) -> str:
    with pytest.raises(ContextError) as caught:
        xdm.read(untrusted)
    assert caught.value.message_fr.endswith(".")
    assert caught.value.remedy_fr.endswith(".")
    return caught.value.code


def test_a_message_says_all_it_holds() -> None:
    restricted = code("f4f85eac-e6cb-4883-b524-f2705394840f", "N") + code(
        "f4f85eac-e6cb-4883-b524-f2705394840f", "INVISIBLE_PATIENT"
    )
    (message,) = xdm.read(archive(Told(codes=restricted, slots={"serviceStartTime": "20261119230000"})))
    patient, (document,) = message.patient, message.documents
    assert (patient.family, patient.given, patient.birth_family, patient.used_family) == (
        "TEST-DUPONT",
        "MARIE",
        "TEST-DUPONT",
        "TEST-USAGE",
    )
    assert patient.birth_date is not None
    assert (patient.birth_date.isoformat(), patient.sex, patient.file_number) == ("1979-03-12", Sex.FEMALE, "42")
    assert patient.ins is not None
    assert (patient.ins.value, patient.ins.oid) == (INS, "1.2.250.1.213.1.4.10")
    assert (document.content, document.mime, document.title) == (DOCUMENT, "application/pdf", "Compte rendu")
    assert (document.unique_id, document.type_code, document.name) == ("1.2.3", "11488-4", "DOC00001.PDF")
    assert document.created is not None
    assert document.created.isoformat() == "2026-11-20T09:30:15+00:00"
    assert message.sent_at is not None
    assert message.sent_at.isoformat() == "2026-11-20T10:30:00+00:00"
    assert (message.title, message.sender) == ("Envoi", "Claude MARTIN, Clinique de l&Essai")
    assert message.routing.visibility == {Visibility.INVISIBLE_PATIENT}
    assert message.warnings == ()


def test_case_backslashes_and_a_folder_around_do_not_matter() -> None:
    told = Told(uri="Doc00001.pdf")
    files = {
        "envoi\\ihe_xdm\\Subset01\\metadata.xml": metadata(told),
        "envoi\\ihe_xdm\\Subset01\\DOC00001.PDF": DOCUMENT,
        "envoi\\index.htm": b"",
    }
    (message,) = xdm.read(zipped(files))
    assert message.documents[0].content == DOCUMENT
    assert message.warnings == ()


def test_several_sets_and_patients_are_several_messages() -> None:
    other = Told(uri="DOC00002.PDF", ins=OTHER_INS, unique_id="1.2.4", content=b"autre", id="document2")
    first = {f"{SUBSET}/METADATA.XML": metadata(Told(), other)} | {
        f"{SUBSET}/{one.uri}": one.content for one in (Told(), other)
    }
    second = Told(unique_id="1.2.5", content=b"troisieme")
    files = first | {"IHE_XDM/SUBSET02/METADATA.XML": metadata(second), "IHE_XDM/SUBSET02/DOC00001.PDF": second.content}
    messages = xdm.read(zipped(files))
    assert [one.documents[0].unique_id for one in messages] == ["1.2.3", "1.2.4", "1.2.5"]
    assert [one.patient.ins.value for one in messages if one.patient.ins] == [INS, OTHER_INS, INS]
    assert all(xdm.SEVERAL_PATIENTS in one.warnings for one in messages)


def test_what_is_doubtful_is_told() -> None:
    told = Told(slots={"hash": "", "size": ""}, ins="279035121518900")
    files = {f"{SUBSET}/METADATA.XML": metadata(told, sets=""), f"{SUBSET}/DOC00001.PDF": DOCUMENT}
    files |= {f"{SUBSET}/AUTRE.PDF": b"x", "IHE_XDM/SUBSET02/DOC.XML": b"y", "README.TXT": b""}
    (message,) = xdm.read(zipped(files))
    assert set(message.warnings) == {
        xdm.NO_HASH,
        xdm.NO_SIZE,
        xdm.NO_SET,
        xdm.BAD_INS,
        xdm.UNANNOUNCED.format(1),
        xdm.BARE_SUBSET.format(1),
    }
    assert message.patient.ins is None


def test_a_set_is_known_by_its_class_wherever_it_stands_and_a_folder_is_none() -> None:
    """Linear: as many packages as the longest metadata hold."""
    mark = '<Classification classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd" classifiedObject="set"/>'
    folders = "".join(f'<RegistryPackage id="f{number}"><Name/></RegistryPackage>' for number in range(30_000))
    beside = folders + SET.replace(mark, "") + mark
    files = {f"{SUBSET}/METADATA.XML": metadata(Told(), sets=beside), f"{SUBSET}/DOC00001.PDF": DOCUMENT}
    (message,) = xdm.read(zipped(files))
    assert (message.title, message.warnings) == ("Envoi", ())


def test_a_signature_is_no_document() -> None:
    signing = code("41a5887f-8865-4c09-adf7-e362475b143a", "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1")
    signature = Told(uri="SIGN.XML", content=b"<s/>", codes=signing, id="document2", unique_id="1.2.9")
    (message,) = xdm.read(archive(Told(), signature))
    assert [one.unique_id for one in message.documents] == ["1.2.3"]
    assert message.warnings == (xdm.SIGNED,)


@pytest.mark.parametrize(
    ("target", "told", "warned"),
    [("document2", "1.2.4", ()), ("urn:oid:1.2.8", "1.2.8", ()), ("urn:uuid:7", "", (xdm.REPLACES_UNKNOWN,))],
)
def test_what_replaces_what_is_told(target: str, told: str, warned: tuple[str, ...]) -> None:
    link = f'<Association associationType="urn:ihe:iti:2007:AssociationType:RPLC" sourceObject="document1" targetObject="{target}"/>'
    former = Told(uri="DOC00002.PDF", unique_id="1.2.4", content=b"ancien", id="document2")
    files = {f"{SUBSET}/METADATA.XML": metadata(Told(), former, rest=link)}
    files |= {f"{SUBSET}/{one.uri}": one.content for one in (Told(), former)}
    (message,) = xdm.read(zipped(files))
    assert (message.replaces, message.warnings) == (told, warned)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Told(slots={"hash": "0" * 40}), "xdm-document-hash"),
        (Told(slots={"hash": "abc"}), "xdm-document-hash"),
        (Told(slots={"size": "3"}), "xdm-document-size"),
        (Told(slots={"size": "-20"}), "xdm-document-size"),
        (Told(slots={"size": "9" * 5000}), "xdm-document-size"),
        (Told(slots={"URI": "ABSENT.PDF"}), "xdm-absent"),
        (Told(slots={"URI": "../SUBSET01/DOC00001.PDF"}), "xdm-absent"),
        (Told(slots={"URI": "/IHE_XDM/SUBSET01/DOC00001.PDF"}), "xdm-absent"),
        (Told(slots={"URI": "https://example.org/DOC00001.PDF"}), "xdm-absent"),
    ],
)
def test_a_document_that_is_not_as_announced_refuses_the_archive(told: Told, expected: str) -> None:
    assert refused(archive(told)) == expected


def test_one_file_is_one_document() -> None:
    assert refused(archive(Told(), Told(unique_id="1.2.4"))) == "xdm-document-twice"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"pas du XML", "xdm-metadata"),
        (b"", "xdm-metadata"),
        (metadata(), "xdm-empty"),
        (metadata(Told(), head='<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), "xdm-doctype"),
        (metadata(Told(), head="<!DOCTYPE a>").decode().encode("utf-16"), "xdm-doctype"),
        (b"<a>" * 100_000, "xdm-metadata"),
    ],
)
def test_metadata_are_read_safely(content: bytes, expected: str) -> None:
    assert refused(zipped({f"{SUBSET}/METADATA.XML": content})) == expected


def test_long_metadata_are_refused() -> None:
    assert refused(zipped({f"{SUBSET}/METADATA.XML": b" " * 17_000_000}, zipfile.ZIP_STORED)) == "xdm-metadata-size"


def test_an_archive_without_metadata_says_so() -> None:
    assert refused(zipped({"document.pdf": DOCUMENT})) == "xdm-metadata-missing"
    assert refused(zipped({"METADATA.XML": metadata(Told())})) == "xdm-metadata-missing"
    assert refused(zipped({})) == "xdm-metadata-missing"


@pytest.mark.parametrize(
    "name",
    [
        "../passwd",
        "IHE_XDM/../../x",
        "/etc/passwd",
        "C:/x",
        "c:x",
        "..\\x",
        "a//b",
        "\\\\server\\x",
        "a\nb",
        "IHE_XDM/./x",
        "a\x00b",
    ],
)
def test_dangerous_names_are_refused(name: str) -> None:
    info = zipfile.ZipInfo("X" * len(name))
    info.filename = info.orig_filename = name
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as opened:
        opened.writestr(f"{SUBSET}/METADATA.XML", metadata(Told()))
        opened.writestr(f"{SUBSET}/DOC00001.PDF", DOCUMENT)
        opened.writestr(info, b"x")
    assert refused(written.getvalue()) == "xdm-name"


@pytest.mark.parametrize("mode", [0o120777, 0o010644, 0o060644])
def test_links_and_devices_are_refused(mode: int) -> None:
    info = zipfile.ZipInfo("IHE_XDM/SUBSET01/LIEN.XML")
    info.create_system, info.external_attr = 3, mode << 16
    written = io.BytesIO(archive(Told()))
    with zipfile.ZipFile(written, "a") as opened:
        opened.writestr(info, "/etc/passwd")
    assert refused(written.getvalue()) == "xdm-link"


def test_a_file_in_two_cases_is_twice_there() -> None:
    assert refused(archive(Told(), **{f"{SUBSET}/doc00001.pdf": b"autre"})) == "xdm-duplicate"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile's own, on what is made here
        written = io.BytesIO(archive(Told()))
        with zipfile.ZipFile(written, "a") as opened:
            opened.writestr(f"{SUBSET}/DOC00001.PDF", b"autre")
    assert refused(written.getvalue()) == "xdm-duplicate"


def altered(untrusted: bytes, at: int, value: int, width: str = "<H") -> bytes:
    """The same archive, a field changed in each local header and in the directory: `at` as in the directory."""
    content = bytearray(untrusted)
    for mark, shift in ((b"PK\x01\x02", 0), (b"PK\x03\x04", -2)):
        place = content.find(mark)
        while place >= 0:
            struct.pack_into(width, content, place + at + shift, value)
            place = content.find(mark, place + 4)
    return bytes(content)


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (lambda good: altered(good, 8, 0x1), "xdm-encrypted"),
        (lambda good: altered(good, 10, 99), "xdm-method"),  # AES
        (lambda good: altered(good, 10, 14), "xdm-method"),  # LZMA
        (lambda good: altered(good, 10, 9), "xdm-method"),  # Deflate64
        (lambda good: altered(good, 16, 0xDEADBEEF, "<I"), "xdm-damaged"),  # CRC
        (lambda good: good[: len(good) // 2], "xdm-damaged"),
        (lambda good: good[:-30], "xdm-damaged"),
        (lambda _good: b"PK\x03\x04", "xdm-damaged"),
        (lambda _good: b"", "xdm-damaged"),
    ],
)
def test_what_is_encrypted_unusual_or_cut_is_refused(alter: Callable[[bytes], bytes], expected: str) -> None:
    assert refused(alter(archive(Told()))) == expected


def test_bombs_are_refused_before_they_go_off(monkeypatch: pytest.MonkeyPatch) -> None:
    grown = b"\0" * (8 * 1024 * 1024)
    assert refused(archive(Told(content=grown))) == "xdm-bomb"  # by ratio
    assert refused(archive(Told(), **{f"F{number}": b"" for number in range(1_100)})) == "xdm-entries"
    assert refused(b"PK\x03\x04" + b"PK\x01\x02" * 20_000) == "xdm-entries"  # before its directory is built
    lying = altered(archive(Told()), 24, 0x7FFFFFFF, "<I")  # 2 GB once open, it says
    assert refused(lying) == "xdm-bomb"
    monkeypatch.setattr(xdm_archive, "MAX_TOTAL", 10)
    assert refused(archive(Told())) == "xdm-bomb"  # by what all would take
    monkeypatch.setattr(xdm_archive, "MAX_BYTES", 10)
    assert refused(archive(Told())) == "xdm-size"


def test_a_size_that_lies_gives_no_more_than_it_says() -> None:
    """Its real bytes go on after those: the CRC is not theirs."""
    assert refused(altered(archive(Told()), 24, 5, "<I")) == "xdm-damaged"


def test_an_archive_in_the_archive_stays_closed() -> None:
    inside = zipped({"bombe": b"\0" * 1_000_000})
    (message,) = xdm.read(archive(Told(uri="DOC00001.ZIP", content=inside)))
    assert message.documents[0].content == inside


GOOD = archive(Told())


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8), st.integers(0, 20)
)
def test_damage_is_refused_or_read_never_a_crash(changes: list[tuple[int, int]], cut: int) -> None:
    content = bytearray(GOOD)
    for place, value in changes:
        content[place] = value
    try:
        messages = xdm.read(bytes(content[: len(content) - cut]))
    except ContextError:
        return
    assert all(document.content for message in messages for document in message.documents)


@settings(max_examples=200)
@given(st.text(max_size=60), st.text(max_size=40), st.text(max_size=30))
def test_whatever_metadata_say_is_no_crash(uri: str, cx: str, dated: str) -> None:
    def value(text: str) -> str:
        return (
            quoteattr("".join(one for one in text if one.isprintable()))[1:-1]
            .replace('"', "&quot;")
            .replace("'", "&apos;")
        )

    told = Told(
        ins=value(cx), slots={"creationTime": value(dated), "serviceStartTime": value(dated), "URI": value(uri)}
    )
    try:
        messages = xdm.read(zipped({f"{SUBSET}/METADATA.XML": metadata(told), f"{SUBSET}/DOC00001.PDF": DOCUMENT}))
    except ContextError:
        return
    assert [one.content for message in messages for one in message.documents] == [DOCUMENT]
