"""A draft of MSSanté: whom it may go to, what its subject and its files are called (référentiel socle MSSanté n° 2)."""

from __future__ import annotations

import email
import email.policy
from datetime import date
from email.message import EmailMessage

import pytest

from dmp_desktop.errors import ContextError
from dmp_desktop.exchange.mssante import Joined, Subject, address, is_known, message, pdf_names, subject_line

PATIENT = Subject("TEST-Éloïse d'Œuvre", "Zoé", date(1978, 11, 26), qualified=True)
LETTER = Joined("Lettre de liaison à la sortie d'un établissement", "34112-3", date(2026, 11, 20), b"%PDF-1.4 un")
REPORT = Joined("CR d'examens biologiques", "11502-2", date(2026, 11, 19), b"%PDF-1.4 deux")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("dr.test@Medecin.MSSante.fr", "dr.test@medecin.mssante.fr"),
        (" camille.test@chu-lille.mssante.fr\n", "camille.test@chu-lille.mssante.fr"),
        ("o'test+1@a.b.mssante.fr", "o'test+1@a.b.mssante.fr"),
        ("dr.test@hopital.example", "dr.test@hopital.example"),
    ],
)
def test_an_address_is_taken(typed: str, told: str) -> None:
    assert address(typed) == told


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "dr.test",
        "@mssante.fr",
        "dr test@medecin.mssante.fr",
        "dr..test@medecin.mssante.fr",
        "a@b",
        "a@-b.mssante.fr",
        "a@medecin.mssante.fr\nBcc: autre@example.org",
        "a@medecin.mssante.fr,b@medecin.mssante.fr",
        "Dr Test <a@medecin.mssante.fr>",
        "é@medecin.mssante.fr",
        "a@" + "b" * 250 + ".fr",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ContextError) as caught:
        address(typed)
    assert caught.value.code == "mail-address"


def test_a_patients_address_is_refused_for_it_holds_the_ins() -> None:
    with pytest.raises(ContextError) as caught:
        address("279035121518989@Patient.mssante.fr")
    assert caught.value.code == "mail-patient"
    assert "279035" not in str(caught.value)


@pytest.mark.parametrize(
    ("checked", "known"),
    [
        ("a@medecin.mssante.fr", True),
        ("a@mssante.fr.example.org", False),
        ("a@fauxmssante.fr", False),
        ("a@gmail.com", False),
    ],
)
def test_a_domain_of_mssante_is_known(checked: str, known: bool) -> None:
    assert is_known(checked) is known


def test_the_subject_is_that_of_the_rules() -> None:
    named = "TEST-ELOISE D'OEUVRE Zoe 26/11/1978"
    assert subject_line(PATIENT, [LETTER.kind]) == f"XDM/1.0/DDM+Lettre de liaison à la sortie d'un établ {named}"
    assert subject_line(PATIENT, [LETTER.kind, REPORT.kind]) == f"XDM/1.0/DDM+2 documents {named}"
    unborn = Subject("TEST-UN", "DEUX", None, qualified=False)
    assert subject_line(unborn, [REPORT.kind]) == "XDM/1.0/DDM+CR d'examens biologiques TEST-UN DEUX"


def test_names_of_pdfs_are_those_of_the_rules() -> None:
    assert pdf_names(PATIENT, [REPORT, REPORT, REPORT]) == tuple(
        f"20261119_CR d'examens biologiques_TEST-ELOISE D'OEUVRE_Zoe{end}.pdf" for end in ("", "_2", "_3")
    )
    hostile = Joined('a/b\\c:d_e"f\n', "1", date(2026, 1, 2), b"")
    assert pdf_names(PATIENT, [hostile]) == ("20260102_a b c d e f_TEST-ELOISE D'OEUVRE_Zoe.pdf",)


def read(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)


def test_a_draft_opens_as_one_and_holds_all() -> None:
    made = message(["a@b.mssante.fr", "c@d.mssante.fr"], PATIENT, "Bonjour à tous\n", b"PK archive", [LETTER, REPORT])
    assert made == message(
        ["a@b.mssante.fr", "c@d.mssante.fr"], PATIENT, "Bonjour à tous\n", b"PK archive", [LETTER, REPORT]
    )
    told = read(made)
    assert (told["X-Unsent"], told["To"]) == ("1", "a@b.mssante.fr, c@d.mssante.fr")
    assert told["Subject"] == subject_line(PATIENT, [LETTER.kind, REPORT.kind])
    assert (told["X-MSS-INS"], told["X-MSS-CODECDA"]) == ("O", "34112-3,11502-2")
    assert (told["From"], told["Date"]) == (None, None)
    text = told.get_body(("plain",))
    assert text is not None
    assert (text.get_content().splitlines(), text.get_content_charset()) == (["Bonjour à tous"], "utf-8")
    archive, *pdfs = told.iter_attachments()
    assert archive["Content-Type"] == 'application/zip; name="IHE_XDM.zip"'
    assert (archive.get_filename(), archive.get_content()) == ("IHE_XDM.zip", b"PK archive")
    assert [(one.get_content_type(), one.get_filename(), one.get_content()) for one in pdfs] == [
        ("application/pdf", name, joined.pdf)
        for name, joined in zip(pdf_names(PATIENT, [LETTER, REPORT]), (LETTER, REPORT), strict=True)
    ]
    assert all(len(line) <= 998 for line in made.split(b"\r\n"))
    assert made.isascii()


def test_an_identity_that_is_not_whole_is_said() -> None:
    lacking = Subject("TEST-UN", "DEUX", None, qualified=False)
    assert read(message(["a@b.mssante.fr"], lacking, "x", b"PK", [REPORT]))["X-MSS-INS"] == "N"
