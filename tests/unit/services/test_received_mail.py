"""A mail that was saved: what is joined to it is read as it would be alone, all the rest is kept and told, half of one is refused."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.media import PDF
from dmp_desktop.domain.documents import DocumentFormat
from dmp_desktop.domain.received import ReceivedFormat
from dmp_desktop.errors import ContextError, DmpDesktopError
from dmp_desktop.exchange import context_from_dict
from dmp_desktop.exchange.mail_file import A_PATIENT, LAID_OUT, MAX_LEVELS, SIGNED, is_mail, read_mail
from dmp_desktop.services.received_files import read_received
from dmp_desktop.services.received_mail import BESIDE
from dmp_desktop.services.secure_mail import draft
from dmp_desktop.services.tray_received import examine_received
from tests.helpers.documents import FULL, NOTE, NOW, UNIQUE_ID

HPRIM = "A1\r\nTEST-DURAND\r\nZoé\r\n.\r\n.\r\n.\r\n12/03/1979\r\n.\r\n5062\r\n20/11/2026\r\n.\r\n.\r\n\r\nCRP 12\r\n****FIN****\r\n****FINFICHIER****\r\n"


@pytest.fixture(scope="module")
def cda() -> bytes:
    request = BuildRequest(
        context=context_from_dict(FULL), note=NOTE, unique_id=UNIQUE_ID, now=NOW, format=DocumentFormat.STRUCTURED
    )
    return build(request).cda


@pytest.fixture(scope="module")
def ours(cda: bytes) -> bytes:
    return draft([cda], ["dr.test@medecin.mssante.fr"], "2.25.123", uuid.UUID(int=7), NOW).eml


def mail(text: str = "Bonjour,\nvoici é.", *joined: tuple[bytes, str], **headers: str) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    told = {
        "From": "Dr TEST-É <dr.test@medecin.mssante.fr>",
        "Subject": "Résultats",
        "Date": "Fri, 20 Nov 2026 10:00:00 +0100",
    }
    for name, value in (told | headers).items():
        made[name] = value
    made.set_content(text)
    for content, mime in joined:
        main, sub = mime.split("/")
        made.add_attachment(content, maintype=main, subtype=sub, filename="TEST.bin")
    return made


def test_what_we_prepare_is_read_back_whole(ours: bytes, cda: bytes) -> None:
    assert is_mail(ours)
    (message,) = read_received(ours)
    assert message.format is ReceivedFormat.XDM
    document, pdf = message.documents
    assert document.content == cda
    assert (pdf.mime, pdf.content[:5]) == (PDF, b"%PDF-")
    assert message.patient.ins is not None
    assert message.patient.ins.value == FULL["patient"]["ins"]
    assert "Veuillez trouver ci-joint, pour le patient nommé dans l'objet" in message.text
    assert "metformine 1000 1 matin 1 soir" in message.text
    assert BESIDE in message.warnings


def test_the_tray_shows_it_as_one_message(ours: bytes) -> None:
    (examined,) = examine_received(ours, NOW)
    assert examined.origin is not None
    assert examined.origin.format is ReceivedFormat.XDM
    assert examined.pages >= 2  # its words, and the PDF beside them


def test_a_pdf_alone_is_of_nobody_and_the_message_is_kept_with_it(cda: bytes, ours: bytes) -> None:
    pdf = read_received(ours)[0].documents[1].content
    made = mail("Bonjour,\nvoici é.", (pdf, "application/pdf"), (b"\xd0\xcf\x11\xe0\0", "application/msword"))
    (message,) = read_received(made.as_bytes())
    assert (message.format, message.patient.family) == (ReceivedFormat.MAIL, "")
    assert [one.mime for one in message.documents] == [PDF, "application/msword"]
    assert message.documents[1].content == b"\xd0\xcf\x11\xe0\0"
    assert message.text == "Objet : Résultats\nBonjour,\nvoici é."
    assert message.sender == "Dr TEST-É (dr.test@medecin.mssante.fr)"
    assert message.sent_at == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert any("application/msword" in one for one in message.warnings)
    (examined,) = examine_received(made.as_bytes(), NOW)
    assert any("ne s'affiche pas" in one for one in examined.origin.warnings if examined.origin)


@pytest.mark.parametrize("where", ["attachment", "body"])
def test_hprim_is_read_joined_or_in_the_words_themselves(where: str) -> None:
    made = (
        mail("Voir la pièce jointe.", (HPRIM.encode("cp1252"), "application/octet-stream"))
        if where == "attachment"
        else mail(HPRIM)
    )
    (message,) = read_received(made.as_bytes())
    assert (message.format, message.patient.family, message.patient.given) == (
        ReceivedFormat.HPRIM,
        "TEST-DURAND",
        "Zoé",
    )
    assert message.text.count("CRP 12") == 1
    assert message.text.startswith("Objet : Résultats")


def test_two_messages_of_two_people_stay_apart_from_the_words_around_them() -> None:
    other = HPRIM.replace("TEST-DURAND", "TEST-AUTRE")
    made = mail("Bonjour", (HPRIM.encode(), "text/x-hprim"), (other.encode(), "text/x-hprim"))
    envelope, first, second = read_received(made.as_bytes())
    assert (envelope.format, envelope.patient.family, envelope.text) == (
        ReceivedFormat.MAIL,
        "",
        "Objet : Résultats\nBonjour",
    )
    assert [first.patient.family, second.patient.family] == ["TEST-DURAND", "TEST-AUTRE"]
    assert "Bonjour" not in first.text + second.text


def test_a_patients_address_holds_their_ins_and_is_not_repeated() -> None:
    made = mail(From="Zoé <279035121518989@patient.mssante.fr>")
    assert read_mail(made.as_bytes()).sender == A_PATIENT


def test_a_page_is_read_for_its_words_where_there_are_no_others() -> None:
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"] = "a@b.mssante.fr", "S"
    made.set_content(
        "<!-- a > b --><style>p{}</style><p class=a>Bonjour\n&eacute; &lt; <b>gras</b><br/>ligne</p><script>x<y>z</script>",
        subtype="html",
    )
    read = read_mail(made.as_bytes())
    assert (read.text, read.doubts) == ("Bonjour é < gras\nligne", (LAID_OUT,))
    made.make_alternative()
    made.add_alternative("les mots", subtype="plain")
    assert read_mail(made.as_bytes()).text == "les mots"


def laid_out(*more: str) -> bytes:
    """A page, and parts of plain text after it."""
    made = mail()
    made.set_content("<p>Potassium 6,9 : rappeler</p>", subtype="html")
    made.make_mixed()
    for one in more:
        part = EmailMessage(policy=SMTP)
        part.set_content(one)
        made.attach(part)
    return made.as_bytes()


@pytest.mark.parametrize("footer", ["Message vérifié par l'antivirus.", " "])
def test_a_page_is_not_left_out_for_words_that_are_others(footer: str) -> None:
    read = read_mail(laid_out(footer))
    assert read.words == tuple(filter(str.strip, ("Potassium 6,9 : rappeler", footer)))
    assert read.doubts == (LAID_OUT,)


def test_a_page_is_kept_where_its_other_form_is_empty() -> None:
    made = mail(" ")
    made.add_alternative("<p>Potassium 6,9 : rappeler</p>", subtype="html")
    assert read_mail(made.as_bytes()).words == ("Potassium 6,9 : rappeler",)


@pytest.mark.parametrize("named", [True, False])
def test_words_before_a_message_of_a_laboratory_are_no_name_of_a_patient(named: bool) -> None:
    """As mail clients show a text that is joined: in line."""
    made = mail("Bonjour,\nrappeler la patiente.\nCordialement")
    made.make_mixed()
    part = EmailMessage(policy=SMTP)
    part.set_content(HPRIM)
    if named:
        part.add_header("Content-Disposition", "inline", filename="resultats.hpr")
    made.attach(part)
    (message,) = read_received(made.as_bytes())
    assert (message.patient.family, message.patient.birth_date is None) == ("TEST-DURAND", False)
    assert "rappeler la patiente." in message.text


def test_a_mail_in_a_mail_is_kept_as_it_is_and_a_signature_is_told() -> None:
    inner = mail("de quelqu'un d'autre", (HPRIM.encode(), "text/x-hprim"))
    made = mail("Bonjour")
    made.add_attachment(inner)
    made.add_attachment(b"0", maintype="application", subtype="pkcs7-signature")
    (message,) = read_received(made.as_bytes())
    assert (message.format, [one.mime for one in message.documents]) == (ReceivedFormat.MAIL, ["message/rfc822"])
    assert b"de quelqu'un d'autre" in message.documents[0].content
    assert SIGNED in message.warnings


def test_half_a_message_is_refused_wherever_it_was_cut(ours: bytes) -> None:
    for share in (0.3, 0.6, 0.95):
        with pytest.raises(DmpDesktopError) as told:
            read_received(ours[: int(len(ours) * share)])
        assert told.value.code == "mail-damaged"


def test_an_altered_archive_refuses_the_message(ours: bytes) -> None:
    middle = (ours.index(b"UEsDB") + ours.index(b"JVBERi0")) // 2
    at = next(one for one in range(middle, len(ours)) if chr(ours[one]).isalpha())  # not the end of a line
    other = b"B" if ours[at : at + 1] == b"A" else b"A"
    with pytest.raises(DmpDesktopError):
        read_received(ours[:at] + other + ours[at + 1 :])


def test_what_is_encrypted_or_too_complicated_is_refused() -> None:
    made = mail("x", (b"0", "application/pkcs7-mime"))
    with pytest.raises(ContextError) as told:
        read_received(made.as_bytes())
    assert told.value.code == "mail-encrypted"
    nested = b"From: a\r\nSubject: b\r\n"
    for level in range(MAX_LEVELS + 1):
        nested += f'Content-Type: multipart/mixed; boundary="{level}"\r\n\r\n--{level}\r\n'.encode()
    for hostile in (
        nested,
        b"From: a\r\nSubject: b\r\nContent-Type: text/plain; " + b'a="' * 5_000 + b"\r\n\r\nx",
        b"From: a\r\nContent-Transfer-Encoding: base64\r\nSubject: b\r\n\r\n!!!",
    ):
        with pytest.raises(ContextError) as told:
            read_received(hostile)
        assert told.value.code == "mail-damaged"


@pytest.mark.parametrize(
    "content", [HPRIM.encode(), b"NOM: x\r\nPRENOM: y\r\n\r\n", b"", b"PK\3\4", b"Subject: seul\r\n\r\nx"]
)
def test_other_files_are_no_mail(content: bytes) -> None:
    assert not is_mail(content)
