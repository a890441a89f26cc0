"""HL7 v2: nothing of a message is lost, given to another result or dated otherwise in silence."""

from __future__ import annotations

import base64
import time
from datetime import date

import pytest

from dmp_desktop.domain.received import Received, ReceivedResult, result_line
from dmp_desktop.exchange.hl7v2 import AS_THEY_CAME, read_hl7v2
from dmp_desktop.exchange.hl7v2_results import SEVERAL_DAYS, UNDATED
from dmp_desktop.exchange.hl7v2_segments import ASTRAY

HEAD = r"MSH|^~\&|SIL|LABO TEST|CAB|LILAS|20261120100500+0100||ORU^R01^ORU_R01|1|P|2.5|||||FRA|UNICODE UTF-8"
PID = "PID|1||X^^^^PI||TEST-A^ZOE||19790312|F"
OBR = "OBR|1||A1|BIO^Biologie^L|||20261119083000"
LATER = "OBR|2||A2|BACT^Bactériologie^L|||20261121083000"


def one(*segments: str, end: str = "\r") -> Received:
    (read,) = read_hl7v2(end.join((HEAD, PID, *segments, "")).encode())
    return read


@pytest.mark.parametrize(
    "line", ["TSH: 45 mUI/l", "CRP: 120", "MSH: 12 pg/ml", "BTS: 3", "FHS- 4", "MSH+++", "OBX: 5", "PID. 6", "ORU^R01"]
)
def test_a_line_of_a_text_is_no_segment(line: str) -> None:
    read = one(
        OBR, f"OBX|1|TX|CR^Commentaire||Conclusion :\n{line}\nfin||||||F", "OBX|2|NM|NA^Sodium||128|||||F", end="\n"
    )
    assert [(r.label, r.value) for r in read.results] == [
        ("Commentaire", f"Conclusion :\n{line}\nfin"),
        ("Sodium", "128"),
    ]
    assert line in read.text


def test_a_message_of_other_signs_begins_one() -> None:
    other = "MSH$*:!%$A$B$C$D$20261120$$ORU*R01$1$P$2.5\rPID$1$$$$TEST-B*B\rOBX$1$ST$X*Y$$5$$$$$$F\r"
    batch = f"FHS#^~\\&#A\rBHS#^~\\&#A\r{HEAD}\r{PID}\rOBX|1|ST|X^Y||4||||||F\r{other}BTS#2\rFTS#1\r"
    found = read_hl7v2(batch.encode())
    assert [[r.value for r in one.results] for one in found] == [["4"], ["5"]]
    assert [one.warnings for one in found] == [(), ()]


def test_what_follows_the_end_of_a_batch_is_told() -> None:
    batch = f"BHS|^~\\&|A\r{HEAD}\r{PID}\rOBX|1|ST|X^Y||4\rBTS|1\r"
    (whole,) = read_hl7v2(f"{batch}FTS|1\r\r".encode())
    (more,) = read_hl7v2(f"{batch}OBX|2|ST|X^Z||5\rFTS|1\r".encode())
    assert (whole.warnings, more.warnings) == ((), (ASTRAY,))


def test_each_result_has_the_day_of_its_own_request() -> None:
    read = one(OBR, "OBX|1|NM|K^Potassium||4|||||F", LATER, "OBX|1|NM|CRP^CRP||5|||||F", "OBR|3", "OBX|1|NM|X^X||6")
    assert [r.date for r in read.results] == [date(2026, 11, 19), date(2026, 11, 21), None]
    assert read.act_date == date(2026, 11, 19)
    assert "CRP : 5 [du 21/11/2026]" in read.text.split("\n")
    assert "Potassium : 4" in read.text.split("\n")
    assert read.warnings == (SEVERAL_DAYS, UNDATED)


@pytest.mark.parametrize("between", [LATER, OBR, "OBX|2|NM|NA^Sodium||128||||||F", "NTE|1||Autre germe :"])
def test_a_text_of_another_request_does_not_go_on_with_the_former(between: str) -> None:
    read = one(OBR, "OBX|1|TX|R^Recherche||Négatif||||||F", between, "OBX|3|TX|R^Recherche||Positif||||||F")
    assert [r.value for r in read.results if r.label == "Recherche"] == ["Négatif", "Positif"]
    lines = read.text.split("\n")
    assert lines.index("Recherche : Négatif") < len(lines) - 1
    assert lines[-1].startswith("Recherche : Positif")


def test_a_text_of_another_status_or_day_does_not_go_on() -> None:
    texts = ("OBX|1|TX|R^R||a||||||F", "OBX|2|TX|R^R||b||||||P", "OBX|3|TX|R^R||c||||||P|||20261121")
    assert [(r.value, r.status) for r in one(OBR, *texts).results] == [("a", "F"), ("b", "P"), ("c", "P")]


@pytest.mark.parametrize(
    ("field", "unit"),
    [
        ("10^9/L", "10^9/L"),
        ("x10^9/L", "x10^9/L"),
        ("10^-3", "10^-3"),
        ("mmol/L^millimole^UCUM", "mmol/L"),
        (r"10\S\9/L", "10^9/L"),
        ("m2", "m2"),
    ],
)
def test_units_are_whole(field: str, unit: str) -> None:
    read = one(f"OBX|1|NM|L^Leucocytes||7.5|{field}|||||F")
    assert (read.results[0].unit, read.text) == (unit, f"Leucocytes : 7.5 {unit}")


def test_a_formatted_text_is_a_result_with_its_name_flag_range_and_status() -> None:
    read = one(r"OBX|1|FT|H^Hémoculture||Positif\.br\Staphylocoque||Négatif|A|||P")
    (result,) = read.results
    assert (result.label, result.value, result.flag, result.status) == (
        "Hémoculture",
        "Positif\nStaphylocoque",
        "A",
        "P",
    )
    assert read.text == "Hémoculture (Négatif) [A] [provisoire] :\nPositif\nStaphylocoque"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("P", " [provisoire]"), ("W", " [envoyé à tort]"), ("D", " [supprimé par l'expéditeur]"), ("X", " [non obtenu]"),
        ("c", " [corrigé]"), ("Z", " [statut Z]"), ("F", ""), ("", ""), ("U", ""),
    ],
)  # fmt: skip
def test_the_status_is_said_in_words(status: str, told: str) -> None:
    assert one(f"OBX|1|NM|K^Potassium||4|mmol/L||H|||{status}").text == f"Potassium : 4 mmol/L [H]{told}"


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (ReceivedResult("", "4", "K", unit="g/l", low="3"), "K : 4 g/l (min. 3)"),
        (ReceivedResult("K", "4", high="5", flag="N"), "K : 4 (max. 5)"),
        (ReceivedResult("", "4"), "4"),
        (ReceivedResult("K", "", status="X"), "K [non obtenu]"),
        (ReceivedResult("K", "a\nb", flag="A"), "K [A] :\na\nb"),
    ],
)
def test_a_result_is_one_line_everywhere(result: ReceivedResult, line: str) -> None:
    assert result_line(result) == line


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("NTE|1|L|suite | de la phrase", "suite | de la phrase"),
        ("NTE|1|L|Hépatite A|B", "Hépatite A|B"),
        ("NTE|1|L|À revoir.|RE^Remark^HL70364", "À revoir."),
        ("NTE|1|L|À revoir.|RE|1234^Dupont^Jean|20261119", "À revoir."),
        ("NTE|1|L|un~deux||", "un\ndeux"),
        ("NTE|1|L", ""),
    ],
)
def test_a_comment_keeps_the_bars_nobody_escaped(comment: str, words: str) -> None:
    assert one(comment).text == words


@pytest.mark.parametrize(
    "observation",
    [
        "OBX|1|TX|CORPSMAIL_PS^Corps^MetaDMPMSS||À rappeler~ce soir^vite||||||F",
        "OBX|1|FT|CORPSMAIL_PS^Corps^MetaDMPMSS||À rappeler~ce soir^vite||||||F",
        "OBX|1|ST|CORPSMAIL_PS||À rappeler~ce soir^vite||||||F",
        "OBX|1|ED|CORPSMAIL_PS^Corps^MetaDMPMSS||^TEXT^^A^À rappeler~ce soir^vite||||||F",
    ],
)
def test_the_words_of_a_sender_are_whole_however_they_come(observation: str) -> None:
    read = one(observation)
    assert read.text.startswith("Message de l'expéditeur :\nÀ rappeler")
    assert read.text.endswith("ce soir^vite")
    assert read.warnings == ()


def test_segments_that_are_not_read_are_in_the_text() -> None:
    read = one("OBX|1|NM|K^Potassium||4", "AL1|1|DA|PENI^Pénicilline", "ZLB|1|x", "ORC|RE")
    assert read.text == "Potassium : 4\n\nAL1|1|DA|PENI^Pénicilline"
    assert read.warnings == (AS_THEY_CAME,)
    assert not any("Pénicilline" in told for told in read.warnings)


@pytest.mark.parametrize(
    "value", ["a | b", "a | b | c | d | le reste", "a | b | c | d | 1 | le reste", "a | b | c | d | 1 | | le reste"]
)
def test_a_value_keeps_the_bars_nobody_escaped(value: str) -> None:
    read = one(f"OBX|1|TX|R^R||{value}||||||F")
    assert all(part.strip() in read.text for part in value.split("|"))
    assert (AS_THEY_CAME in read.warnings) == ("reste" in value)


def test_a_chance_and_a_nature_are_no_slip() -> None:
    read = one("OBX|1|NM|K^K||4|g/l|3-5|N|0.95|A~S|F")
    assert (read.text, read.warnings) == ("K : 4 g/l (3-5)", ())


def _seconds(content: bytes) -> float:
    """Of the processor, the best of three."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        read_hl7v2(content)
        best = min(best, time.process_time() - begun)
    return best


@pytest.mark.alone
def test_a_text_of_many_lines_takes_the_time_of_its_size() -> None:
    def text(lines: int) -> bytes:
        return "\r".join((HEAD, PID, OBR, *[f"OBX|1|TX|R^R||{'x' * 200}||||||F"] * lines)).encode()

    assert _seconds(text(24_000)) <= 3 * _seconds(text(12_000)) + 0.1


@pytest.mark.alone
@pytest.mark.parametrize("sign", ["^", "~", "&", "|", "\\", "\\X", "=", "\n", "\nTX", "\nOBX|", "10^"])
def test_nothing_hostile_costs_more_than_its_size(sign: str) -> None:
    def hostile(size: int, kind: str) -> bytes:
        value = sign * (size // (17 if "\n" in sign else len(sign)))  # a file has 100,000 lines at most
        small = value[: len(value) // 20]
        fields = f"OBX|1|{kind}|A^B^L||{value}|{small}|{small}|{small}||F"
        return "\r".join((HEAD, PID, fields, f"NTE|1||{value}")).encode()

    for kind in ("ST", "ED", "CE", "SN", "TX"):
        assert _seconds(hostile(200_000, kind)) <= 3 * _seconds(hostile(100_000, kind)) + 0.1


def test_a_document_folded_in_lines_is_whole() -> None:
    packed = base64.b64encode(b"%PDF-1.4 " + b"x" * 36).decode() + "\nAB1+AAAA\n" + base64.b64encode(b"fin").decode()
    read = one(f"OBX|1|ED|11502-2^CR^LN||^AP^PDF^Base64^{packed}||||||F", end="\n")
    assert [one.content for one in read.documents] == [base64.b64decode(packed.replace("\n", ""))]
    assert read.warnings == ()
