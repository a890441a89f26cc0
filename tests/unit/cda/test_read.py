"""Reading anyone's document: safe parsing, metadata, words, data."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from dmp_desktop.cda import xml
from dmp_desktop.cda.build import Parent
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.read import data_from_cda, entry_from_cda, identifiers_from_cda, text_from_cda
from dmp_desktop.cda.read.rtf import CUT, MAX_TOKENS, rtf_text
from dmp_desktop.cda.read.values import iso, number, utc
from dmp_desktop.domain.documents import Attachment, DocumentFormat
from dmp_desktop.errors import CdaError
from tests.helpers.documents import NOTE, OTHER_ID, UNIQUE_ID
from tests.unit.cda.test_build import request

GOOD = assemble(request(NOTE, replaces=Parent(OTHER_ID, OTHER_ID, 1)), None).cda
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
N1 = b"""<ClinicalDocument xmlns="urn:hl7-org:v3"><title>T</title><component><nonXMLBody>
<text mediaType="%s" representation="B64">%s</text></nonXMLBody></component></ClinicalDocument>"""


def refusal(content: bytes) -> str:
    with pytest.raises(CdaError) as error:
        xml.parse(content)
    return error.value.code


class TestSafety:
    def test_doctype(self) -> None:
        bomb = b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;">]>'
        assert refusal(DECLARATION + bomb + GOOD[len(DECLARATION) :]) == "cda-doctype"

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"])
    def test_doctype_behind_an_encoding(self, encoding: str) -> None:
        text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'
        assert refusal(text.encode(encoding)) in {"cda-doctype", "cda-encoding", "cda-xml"}

    def test_utf16_and_latin1_are_read(self) -> None:
        text = GOOD.decode()[len(DECLARATION) :]
        for encoding in ("utf-16", "iso-8859-1", "windows-1252"):
            content = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding, "xmlcharrefreplace")
            assert entry_from_cda(content).unique_id == UNIQUE_ID

    def test_size(self) -> None:
        assert refusal(GOOD + b" " * xml.MAX_BYTES) == "cda-size"

    @pytest.mark.parametrize("pad", [b"", b"<!--" + b" " * 9_000_000 + b"-->"], ids=["small", "huge"])
    def test_depth(self, pad: bytes) -> None:
        content = pad + b"<a>" * 2000 + b"</a>" * 2000
        assert refusal(b"<r>" + content + b"</r>") in {"cda-depth", "cda-xml"}

    @pytest.mark.parametrize(
        "content", [b"", b"\0", b"<a", b"<a/>", b"%PDF-1.4", b'<?xml version="1.0" encoding="ebcdic"?><a/>']
    )
    def test_not_a_document(self, content: bytes) -> None:
        assert refusal(content).startswith("cda-")

    def test_self_displaying_document_is_unwrapped_and_its_stylesheet_not_run(self) -> None:
        wrapped = (
            b'<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">'
            b'<xsl:template match="/"><xsl:value-of select="document(\'file:///etc/passwd\')"/></xsl:template>'
            + GOOD[len(DECLARATION) :]
            + b"</xsl:stylesheet>"
        )
        assert entry_from_cda(wrapped).unique_id == UNIQUE_ID


class TestTime:
    @pytest.mark.parametrize(
        ("stamp", "expected"),
        [
            ("20261120100500+0100", datetime(2026, 11, 20, 9, 5, tzinfo=UTC)),
            ("20260701003000+0200", datetime(2026, 6, 30, 22, 30, tzinfo=UTC)),  # across midnight
            ("20260329013000", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),  # the night summer time begins
            ("20260329033000", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
            ("20261025033000", datetime(2026, 10, 25, 2, 30, tzinfo=UTC)),  # the night it ends
            ("20260101", datetime(2025, 12, 31, 23, 0, tzinfo=UTC)),
            ("2026", datetime(2025, 12, 31, 23, 0, tzinfo=UTC)),
            ("20261120100500.123-0430", datetime(2026, 11, 20, 14, 35, tzinfo=UTC)),
        ],
    )
    def test_utc(self, stamp: str, expected: datetime) -> None:
        assert utc(stamp) == expected

    @pytest.mark.parametrize(
        "stamp", ["", "20260230", "20261301", "abc", "2026112010", "202611201005x", "00010101", "20261120250000"]
    )
    def test_impossible_or_rounded(self, stamp: str) -> None:
        moment = utc(stamp)
        assert moment is None or moment.tzinfo is UTC

    @pytest.mark.parametrize(
        ("stamp", "expected"),
        [
            ("2024", "2024"),
            ("202410", "2024-10"),
            ("20241001", "2024-10-01"),
            ("20241001145521+0200", "2024-10-01T14:55:21+02:00"),
        ],
    )
    def test_iso_keeps_the_precision(self, stamp: str, expected: str) -> None:
        assert iso(stamp) == expected

    def test_numbers(self) -> None:
        assert [number("5"), number("5.0"), number("5.3"), number("<5"), number("nan"), number("1e999")] == [
            5,
            5.0,
            5.3,
            "<5",
            "nan",
            "1e999",
        ]


class TestMetadata:
    def test_entry(self) -> None:
        entry = entry_from_cda(GOOD)
        assert entry.unique_id == UNIQUE_ID
        assert entry.hash_sha1 == hashlib.sha1(GOOD, usedforsecurity=False).hexdigest()
        assert entry.size == len(GOOD)
        assert (entry.type_code.code, entry.class_code.code) == ("11488-4", "10")
        assert entry.format_code.code == "urn:asipSante:modelesHorsProfils:2011"
        assert entry.creation_time == datetime(2026, 11, 20, 9, 30, 15, tzinfo=UTC)
        assert entry.service_start == datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
        assert entry.service_stop == datetime(2026, 11, 20, 9, 25, tzinfo=UTC)
        assert entry.patient is not None
        assert entry.patient.cx == "279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH"
        assert entry.facility_type is not None
        assert entry.facility_type.code == "SA07"
        assert entry.practice_setting is not None
        assert entry.practice_setting.code == "AMBULATOIRE"
        assert [code.code for code in entry.confidentiality] == ["N"]
        assert entry.source_patient_info == (
            "PID-5|TEST-PATIENTE^MARIE CLAUDE^^^^^L",
            "PID-5|TEST-ÉPOUSÉE \\T\\ <FILS>^MAÏTÉ^^^^^D",
            "PID-7|19790312",
            "PID-8|F",
        )
        assert (entry.version, entry.replaces) == (2, OTHER_ID)

    def test_author_and_legal_authenticator(self) -> None:
        entry = entry_from_cda(GOOD)
        (author,) = entry.authors
        assert author == entry.legal_authenticator
        assert (author.person_id, author.institution_id) == ("810002422979", "410002422979001")
        assert author.specialty is not None
        assert author.specialty.code == "G15_10/SM26"

    def test_n1_format_by_media_type(self) -> None:
        pdf = assemble(
            request("", attachment=Attachment("application/pdf", b"%PDF-1.4"), format=DocumentFormat.PDF), None
        ).cda
        assert entry_from_cda(pdf).format_code.code == "urn:ihe:iti:xds-sd:pdf:2008"

    def test_identifiers(self) -> None:
        found = identifiers_from_cda(GOOD)
        assert (found.unique_id, found.set_id, found.version) == (UNIQUE_ID, OTHER_ID, 2)
        with pytest.raises(CdaError):
            identifiers_from_cda(N1 % (b"text/plain", b""))

    def test_nothing_known_is_still_an_entry(self) -> None:
        entry = entry_from_cda(b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>')
        assert (entry.unique_id, entry.title, entry.authors, entry.patient) == ("", "", (), None)


class TestContent:
    def test_text_holds_the_note(self) -> None:
        text = text_from_cda(GOOD)
        assert all(line.strip() in text for line in NOTE.splitlines())
        assert "Signes vitaux" in text

    @pytest.mark.parametrize(
        ("mime", "body", "words"),
        [
            (b"text/plain", b"w6l0w6k=", "été"),
            (b"text/plain", b"6XTp", "été"),  # Windows-1252
            (b"text/rtf", b"e1xydGYxIFxiIEdyYXNcYjAgXCdlOXRcJ2U5XHBhciBmaW59", "Grasété\nfin"),
            (b"image/jpeg", b"/9j/", ""),
            (b"application/pdf", b"JVBERi0xLjQ=", ""),
            (b"application/pdf", b"!!!", ""),
        ],
    )
    def test_unstructured_bodies(self, mime: bytes, body: bytes, words: str) -> None:
        cda = N1 % (mime, body)
        assert text_from_cda(cda) == f"T\n\n{words}".strip() + "\n"
        (attachment,) = data_from_cda(cda)["attachments"]
        assert attachment["mime"] == mime.decode()

    def test_rtf(self) -> None:
        source = (
            rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\*\generator X;}{\info{\author Y}}\uc1 caf\u233?\line "
            rb"10\~% \{ok\} \emdash{\object\objdata 00ff}}"
        )
        assert rtf_text(source) == "café\n10\N{NO-BREAK SPACE}% {ok} —"
        assert rtf_text(b"\\" * 1000 + b"{" * 1000) is not None

    @pytest.mark.parametrize(
        ("source", "words"),
        [
            (rb"{\rtf1{\header En-t\'eate}corps{\footer pied}}", "En-têtecorpspied"),
            (rb"{\rtf1{\*\shpinst{\sp x}{\shptxt zone de texte}}fin}", "zone de textefin"),
            (rb"{\rtf1\ansicpg1250 \'ea}", "ę"),
            (rb"{\rtf1\ansicpg99999 \'ea}", "ê"),
            (rb"{\rtf1\mac \'8e}", "é"),
            (rb"{\rtf1 a{\pict\bin4 }}}}}b}", "ab"),
            (rb"{\rtf1 a\bin99999999 b", "a"),
            (rb"{\field{\*\fldinst HYPERLINK http://x}{\fldrslt lien}}", "lien"),
        ],
    )
    def test_words_of_rtf_wherever_they_stand(self, source: bytes, words: str) -> None:
        assert rtf_text(source) == words

    def test_endless_rtf_is_cut_and_says_so(self) -> None:
        words = rtf_text(b"{\\rtf1 " + b"\\par a" * MAX_TOKENS)
        assert words.endswith(CUT)
        assert words.count("a\n") > MAX_TOKENS // 3

    def test_data(self) -> None:
        data = data_from_cda(GOOD)
        assert data["kind"] == "consultation"
        assert data["date"] == "2026-11-20T10:30:15+01:00"
        assert data["author"] == "Camille DUPONT"
        assert {item["code"]: item["status"] for item in data["problems"]} == {
            "I10": "present",
            "E11.9": "present",
            "R53": "present",
            "R50.9": "absent",
            "F17.2": "history",
            "Z90.4": "history",
        }
        assert {item["loinc"]: item["value"] for item in data["vitals"]} == {
            "8480-6": 140,
            "8462-4": 80,
            "8867-4": 72,
            "29463-7": 82,
            "8302-2": 172,
            "20564-1": 98,
        }


def test_results_of_our_own_reports_are_read_back() -> None:
    data = data_from_cda(assemble(request("HbA1c 7,2 %, potassium 5,9 mmol/L. Rx : ramipril 5 mg 1/j."), None).cda)
    assert [(one["loinc"], one["value"], one["unit"]) for one in data["results"]] == [
        ("4548-4", 7.2, "%"),
        ("2823-3", 5.9, "mmol/L"),
    ]
    assert data["treatments"][0]["text"].startswith("Ramipril 5 mg ")
