"""HL7 v2: results, documents, routing marks, identities, several messages a file. What is doubtful, and what it costs: `test_hl7v2_kept`."""

from __future__ import annotations

import base64
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmp_desktop.domain.documents import Visibility
from dmp_desktop.domain.ins import OID_INS_TEST
from dmp_desktop.domain.people import Sex
from dmp_desktop.domain.received import Received, ReceivedFormat
from dmp_desktop.errors import ContextError
from dmp_desktop.exchange import hl7v2_segments
from dmp_desktop.exchange.hl7v2 import is_hl7v2, read_hl7v2

INS = "279035121518989"
HEAD = r"MSH|^~\&|SIL|LABO TEST|CAB|LILAS|20261120100500+0100||ORU^R01^ORU_R01|1|P|2.5|||||FRA|{charset}"
PID = (
    f"PID|1||{INS}^^^ASIP-SANTE-INS-NIR-TEST&{OID_INS_TEST}&ISO^INS~D77^^^LABO^PI||"
    "TEST-PATIENTE^MARIE^MARIE CLAUDE^^^^L~TEST-USUELLE^MARIE^^^^^D||19790312|F|||1 rue Haute^^Dolancourt^^10200^FRA^H||||||||"
)
OBR = "OBR|1||A1|BIO^Biologie^L|||20261119083000"
SODIUM = "OBX|1|NM|2951-2^Sodium^LN||128|mmol/L|135 - 145|L|||F|||20261119"


def message(*segments: str, charset: str = "UNICODE UTF-8", encoding: str = "utf-8", end: str = "\r") -> bytes:
    return (end.join([HEAD.format(charset=charset), *segments]) + end).encode(encoding)


def one(*segments: str, **kept: str) -> Received:
    (read,) = read_hl7v2(message(*segments, **kept))
    return read


def ed(
    content: bytes, kind: str = "TEXT^XML", name: str = "11502-2^CR d'examens biologiques^LN", status: str = "F"
) -> str:
    return f"OBX|1|ED|{name}||^{kind}^Base64^{base64.b64encode(content).decode()}||||||{status}"


def mark(name: str, told: str) -> str:
    return f"OBX|2|CE|{name}^…^MetaDMPMSS||{told}^^expandedYes-NoIndicator||||||F"


def test_results_are_read_as_the_laboratory_wrote_them() -> None:
    read = one(
        PID,
        OBR,
        SODIUM,
        "OBX|2|SN|CRP^C-Réactive Protéine^L||<^5|mg/L|< 5|N|||F",
        "OBX|3|CE|ASPECT^Aspect^L||1^Limpide^L|||A|||F",
        "OBX|4|TX|COM^Commentaire^L||Première ligne.|||||F",
        "OBX|5|TX|COM^Commentaire^L||Seconde ligne.|||||F",
        "NTE|1||À contrôler.",
    )
    told = [(r.label, r.value, r.code, r.unit, r.low, r.high, r.flag) for r in read.results]
    assert told == [
        ("Sodium", "128", "2951-2", "mmol/L", "135", "145", "L"),
        ("C-Réactive Protéine", "< 5", "CRP", "mg/L", "", "5", "N"),
        ("Aspect", "Limpide", "ASPECT", "", "", "", "A"),
        ("Commentaire", "Première ligne.\nSeconde ligne.", "COM", "", "", "", ""),
    ]
    assert [r.system for r in read.results[:2]] == ["2.16.840.1.113883.6.1", ""]
    assert read.act_date == date(2026, 11, 19)
    assert read.sent_at == datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
    assert (read.format, read.title, read.sender) == (ReceivedFormat.HL7V2, "Biologie", "LABO TEST")
    for words in ("Sodium : 128 mmol/L (135 - 145) [L]", "Première ligne.\nSeconde ligne.", "À contrôler."):
        assert words in read.text
    assert read.warnings == ()


def test_an_ins_counts_under_its_oid_and_with_its_key_alone() -> None:
    patient = one(PID, SODIUM).patient
    assert patient.ins is not None
    assert (patient.ins.value, patient.ins.oid) == (INS, OID_INS_TEST)
    assert (patient.birth_family, patient.used_family, patient.given) == ("TEST-PATIENTE", "TEST-USUELLE", "MARIE")
    assert (patient.birth_date, patient.sex, patient.file_number) == (date(1979, 3, 12), Sex.FEMALE, "D77")
    assert patient.address is not None
    assert (patient.address.line, patient.address.postal_code, patient.address.city) == (
        "1 rue Haute",
        "10200",
        "Dolancourt",
    )
    wrong = one(PID.replace(INS, INS[:-1] + "8"), SODIUM)
    assert wrong.patient.ins is None
    assert any("mal formée" in told for told in wrong.warnings)
    elsewhere = one(PID.replace(OID_INS_TEST, "1.2.3"), SODIUM)
    assert elsewhere.patient.ins is None
    apart = one(PID.replace(f"{INS}^", f"{INS[:13]}^{INS[13:]}"), SODIUM)
    assert apart.patient.ins is not None


def test_two_ins_name_nobody() -> None:
    from dmp_desktop.domain.ins import nir_key

    other = "279035121518" + "8"
    other += nir_key(other)
    read = one(PID.replace("~D77^^^LABO^PI", f"~{other}^^^&{OID_INS_TEST}&ISO^INS"), SODIUM)
    assert read.patient.ins is None
    assert any("plusieurs INS" in told for told in read.warnings)


def test_a_nir_is_no_ins() -> None:
    for pid in (
        f"PID|1||{INS}^^^^NH||TEST-A^B||19790312|F",
        f"PID|1||X^^^^PI||TEST-A^B||19790312|F|||||||||||{INS}",
        f"PID|1||{INS[:13]}^^^^NH||TEST-A^B||19790312|F",
    ):
        patient = one(pid, SODIUM).patient
        assert (patient.ins, patient.nir[:13]) == (None, INS[:13])
    assert one("PID|1||279035121518980^^^^NH||TEST-A^B", SODIUM).patient.nir == ""


def test_results_of_two_people_of_one_message_never_meet() -> None:
    first, second = read_hl7v2(
        message(PID, OBR, SODIUM, "PID|2||Z^^^^PI||TEST-AUTRE^PAUL||19500101|M", SODIUM.replace("128", "140"))
    )
    assert ([r.value for r in first.results], [r.value for r in second.results]) == (["128"], ["140"])
    assert second.patient.ins is None
    assert (second.act_date, second.title) == (None, "")


def test_a_document_keeps_its_bytes_and_its_marks_its_meaning() -> None:
    cda = b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>'
    read = one(
        PID,
        ed(cda),
        "PRT||UC||SB^Send by^participation|801234567866^Dupont^Jean^^^^^^X^D^^^RPPS|||Hopital X",
        "PRT||UC||RCT^Results Copies To^participation|1^Hoda^Adam||||||||||^^X.400^adam.hoda@test.mssante.fr",
        f"PRT||UC||RCT^Results Copies To^participation|||||||||||^^X.400^{INS}@patient.mssante.fr",
        mark("MASQUE_PS", "Y"),
        mark("INVISIBLE_PATIENT", "N"),
        mark("INVISIBLE_REP_LEGAUX", "Y"),
        mark("CONNEXION_SECRETE", "N"),
        mark("MODIF_CONF_CODE", "Y"),
        "OBX|8|CWE|DESTDMP^Destinataire DMP||Y^^expandedYes-NoIndicator||||||F",
        mark("DESTMSSANTEPS", "N"),
        mark("ACK_LECTURE", "Y"),
        "OBX|12|ED|CORPSMAIL_PS^Corps^MetaDMPMSS||^TEXT^^Base64^" + base64.b64encode("Chère consœur".encode()).decode(),
    )
    (document,) = read.documents
    assert (document.content, document.mime, document.type_code) == (cda, "text/xml", "11502-2")
    assert read.routing.visibility == {Visibility.MASQUE_PS, Visibility.INVISIBLE_REPRESENTANTS_LEGAUX}
    assert (read.routing.to_dmp, read.routing.to_doctors, read.routing.to_patient) == (True, False, None)
    assert (read.routing.secret, read.routing.changes_confidentiality) == (False, True)
    assert (read.sender, read.recipient) == ("Jean Dupont, Hopital X", "Adam Hoda ; le patient")
    assert "Chère consœur" in read.text
    assert any("accusé" in told for told in read.warnings)
    assert read.results == ()


@pytest.mark.parametrize("said", ["", "O", "YES"])
def test_a_mark_that_says_neither_yes_nor_no_shows_to_nobody_and_sends_nowhere(said: str) -> None:
    read = one(
        PID, ed(b"<a/>"), mark("INVISIBLE_PATIENT", said), mark("CONNEXION_SECRETE", said), mark("DESTDMP", said)
    )
    assert (read.routing.visibility, read.routing.to_dmp) == ({Visibility.INVISIBLE_PATIENT}, None)
    assert read.routing.secret is True
    assert any("ni oui ni non" in told for told in read.warnings)
    for name in ("INVISIBLE_PATIENT", "CONNEXION_SECRETE", "DESTDMP"):
        assert any(name in told for told in read.warnings)


def test_a_document_of_mdm_tells_what_it_replaces() -> None:
    txa = "TXA|1|CR^Compte rendu|TEXT|20261118||20261118101500|||8012^Dupont^Jean|||1.2.3.4|1.2.3.3||||AU"
    (read,) = read_hl7v2(
        message(PID, txa, ed(b"%PDF-1.4 x", "AP^PDF", status="C")).replace(b"ORU^R01^ORU_R01", b"MDM^T10^MDM_T02")
    )
    (document,) = read.documents
    assert (document.unique_id, document.mime, read.replaces) == ("1.2.3.4", "application/pdf", "1.2.3.3")
    assert (read.act_date, read.sender) == (date(2026, 11, 18), "Jean Dupont")
    assert any("remplace" in told for told in read.warnings)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (base64.b64encode(b"<a>!</a>").decode().rstrip("="), b"<a>!</a>"),
        ("PGE+ IT\\.br\\wv YT4=", b"<a>!</a>"),
        ("PGE*", None),
        ("P", None),
        ("", None),
    ],
)
def test_base_64_is_read_whole_or_not_at_all(value: str, kept: bytes | None) -> None:
    read = one(PID, f"OBX|1|ED|11502-2^CR^LN||^TEXT^XML^Base64^{value}||||||F")
    assert [one.content for one in read.documents] == ([] if kept is None else [kept])
    assert bool(read.warnings) == (kept is None)


def test_lines_that_begin_no_segment_go_on_with_the_one_before() -> None:
    whole = base64.b64encode(b"<a>" + b"x" * 42).decode() + "AB1+AAAA" + base64.b64encode(b"y" * 45 + b"</a>").decode()
    cut = "\n".join((whole[:60], whole[60:68], whole[68:]))
    (read,) = read_hl7v2(message(PID, f"OBX|1|ED|11502-2^CR^LN||^TEXT^XML^Base64^{cut}||||||F", SODIUM, end="\n"))
    assert [one.content for one in read.documents] == [base64.b64decode(whole)]
    assert [r.value for r in read.results] == ["128"]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("UNICODE UTF-8", "utf-8"),
        ("8859/1", "cp1252"),
        ("8859/15", "iso8859-15"),
        ("", "utf-8-sig"),
        ("UTF-16", "utf-16"),
    ],
)
def test_encodings_and_line_ends(charset: str, encoding: str, end: str) -> None:
    read = one(PID, "OBX|1|ST|A^Créatinine^L||élevée à 12 €|||||F", charset=charset, encoding=encoding, end=end)
    assert [(r.label, r.value) for r in read.results] == [("Créatinine", "élevée à 12 €")]
    assert read.warnings == ()


def test_an_encoding_that_is_not_the_one_told_is_said() -> None:
    told_wrong = one(PID, "OBX|1|ST|A^Été^L||é|||||F", charset="UNICODE UTF-8", encoding="cp1252")
    assert [r.label for r in told_wrong.results] == ["Été"]
    assert any("supposé" in told for told in told_wrong.warnings)
    other = one(PID, "OBX|1|ST|A^Été^L||é|||||F", charset="8859/1", encoding="utf-8")
    assert [r.label for r in other.results] == ["Été"]
    assert any("jeu de caractères" in told for told in other.warnings)


def test_batches_and_mllp() -> None:
    two = b"\x0b" + message(PID, SODIUM) + b"\x1c\r\x0b" + message(PID, SODIUM) + b"\x1c\r"
    assert len(read_hl7v2(two)) == 2
    batch = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + message(PID, SODIUM) + message(PID, SODIUM) + b"BTS|2\rFTS|1\r"
    assert [one.warnings for one in read_hl7v2(batch)] == [(), ()]
    cut = batch.replace(b"BTS|2", b"BTS|3")
    assert all(any("annonce 3" in told for told in one.warnings) for one in read_hl7v2(cut))
    assert is_hl7v2(two)
    assert is_hl7v2(batch)
    assert is_hl7v2(message(PID, encoding="utf-16"))
    assert not is_hl7v2(b"%PDF-1.4")
    assert not is_hl7v2(b"MSHX")


def test_other_delimiters_and_escapes() -> None:
    content = "MSH$*:!%$A$B$C$D$20261120$$ORU*R01$1$P$2.5\rPID$1$$$$TEST-A*B\rOBX$1$ST$X*Y$$a!S!b!F!c!.br!d!X0D0A!e!E!f!Zz!$$$$$F"
    (read,) = read_hl7v2(content.encode())
    assert [r.value for r in read.results] == ["a*b$c\nd\ne!f!Zz!"]


@pytest.mark.parametrize(
    "content", [b"", b"FHS|^~\\&|A\r", b"MSH", b"PID|1\r", b"MSH|||||\rPID|1\r", b"MSH|^^^^\rPID|1"]
)
def test_what_is_no_message_is_refused(content: bytes) -> None:
    if content.startswith(b"MSH|||"):
        assert len(read_hl7v2(content)) == 1  # no delimiters told: the usual ones
        return
    with pytest.raises(ContextError):
        read_hl7v2(content)


def test_a_message_of_another_kind_says_so() -> None:
    (read,) = read_hl7v2(message(PID).replace(b"ORU^R01^ORU_R01", b"ADT^A01"))
    assert any("ni un résultat" in told for told in read.warnings)
    assert read.patient.ins is not None


def test_too_large_and_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ContextError) as many:
        read_hl7v2(message(PID, *["OBX|1"] * (hl7v2_segments.MAX_SEGMENTS + 1)))
    assert many.value.code == "hl7-long"
    with pytest.raises(ContextError) as large:
        read_hl7v2(b"MSH|" + b"x" * hl7v2_segments.MAX_BYTES)
    assert large.value.code == "hl7-big"


_PIECES = st.sampled_from(
    [
        PID,
        OBR,
        SODIUM,
        ed(b"<a/>"),
        mark("DESTDMP", "Y"),
        "NTE|1||x",
        "PRT||UC||SB|a^b",
        "MSH|^~\\&|a",
        "BTS|1",
        "TXA|1",
        "\x0b",
        "\x1c",
    ]
)


@given(st.lists(st.one_of(_PIECES, st.text("MSHPIDOBX|^~\\&\r\n\x0b019éX.", max_size=60)), max_size=12))
@settings(max_examples=300)
def test_whatever_a_file_holds_it_is_read_or_refused(pieces: list[str]) -> None:
    content = "\r".join(pieces).encode()
    try:
        found = read_hl7v2(content)
    except ContextError:
        return
    assert found
    assert all("é" not in repr(one) and INS not in " ".join(one.warnings) for one in found)


@given(st.binary(max_size=400), st.integers(0, 300))
@settings(max_examples=300)
def test_bytes_at_random_in_a_message_break_nothing(noise: bytes, at: int) -> None:
    content = message(PID, OBR, SODIUM, ed(b"%PDF-1.4"), mark("MASQUE_PS", "Y"))
    try:
        read_hl7v2(content[:at] + noise + content[at:])
    except ContextError:
        return


@pytest.mark.shared
def test_every_example_of_the_ans_is_read(shared: Path) -> None:
    examples = (shared / "samples/hl7v2/hl7v2_cda_exemples_ANS.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```\n(OBX.*?)```", examples, re.DOTALL)
    assert len(blocks) >= 8
    for block in blocks:
        read = one(PID, block.strip(), end="\n")
        assert len(read.documents) == len(re.findall(r"^OBX\|\d+\|ED\|\d", block, re.MULTILINE))
        assert read.sender.startswith("Jean Dupont, Organisation-X")
        assert read.routing.to_dmp is True
        assert "@patient" not in read.recipient
        assert not read.results
        for name in ("MASQUE_PS", "INVISIBLE_PATIENT"):
            asked = re.search(rf"\|{name}\^[^|]*\|\|(\w)", block)
            assert asked is not None
            assert (asked[1] == "Y") == (Visibility(name.lower()) in read.routing.visibility)
