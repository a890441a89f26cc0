"""Conclusions quoted: verbatim, by section code, by heading, from the text of a file."""

from __future__ import annotations

import base64

import pytest

from dmp_desktop.cda.read import conclusions_of_file, facts_from_cda
from dmp_desktop.cda.read.conclusions import MAX_WORDS
from dmp_desktop.errors import CdaError

LONG = "Situation cardiologique stable, poursuite du traitement. " * 5


def structured(*sections: tuple[str, str, str]) -> bytes:
    body = "".join(
        f'<component><section><code code="{code}" codeSystem="2.16.840.1.113883.6.1"/><title>{title}</title>'
        f"<text><paragraph>{words}</paragraph></text></section></component>"
        for code, title, words in sections
    )
    document = (
        f'<ClinicalDocument xmlns="urn:hl7-org:v3"><component><structuredBody>{body}</structuredBody></component>'
    )
    return f"{document}</ClinicalDocument>".encode()


def file(text: str) -> bytes:
    content = base64.b64encode(text.encode()).decode()
    return (
        f'<ClinicalDocument xmlns="urn:hl7-org:v3"><component><nonXMLBody><text mediaType="text/plain" '
        f'representation="B64">{content}</text></nonXMLBody></component></ClinicalDocument>'
    ).encode()


def test_by_code_and_by_title_in_order() -> None:
    found = facts_from_cda(
        structured(
            ("30954-2", "Résultats", "PA 120/80"),
            ("19005-8", "Lecture", "Pas de foyer."),
            ("55112-7", "Conclusion", "Rien à signaler."),
        )
    ).conclusions
    assert [(quote.heading, quote.words) for quote in found] == [
        ("Lecture", "Pas de foyer."),
        ("Conclusion", "Rien à signaler."),
    ]


def test_the_beginning_is_verbatim_and_cut_between_words() -> None:
    (quote,) = facts_from_cda(structured(("55110-1", "Conclusion", LONG))).conclusions
    assert quote.words.endswith("…")
    assert len(quote.words) <= MAX_WORDS + 1
    assert LONG.startswith(quote.words[:-1] + " ")


def test_of_a_table_the_row_that_concludes() -> None:
    table = (
        "<table><thead><tr><th>Conclusion</th><th>Observation</th></tr></thead><tbody>"
        "<tr><td>Modalité d'entrée</td><td>par les urgences</td></tr>"
        "<tr><td>Synthèse médicale</td><td>Évolution favorable.</td></tr></tbody></table>"
    )
    document = structured(("8648-8", "Synthèse médicale du séjour", "")).replace(
        b"<paragraph></paragraph>", table.encode()
    )
    (quote,) = facts_from_cda(document).conclusions
    assert (quote.heading, quote.words) == ("Synthèse médicale du séjour", "Évolution favorable.")


@pytest.mark.parametrize(
    ("text", "heading", "words"),
    [
        ("MOTIF\nToux\nCONCLUSION\nPas de foyer.\nPage 1/1\n", "CONCLUSION", "Pas de foyer."),
        ("Conclusion :\nPas de foyer.\nÀ revoir.\n\nDr X\n", "Conclusion", "Pas de foyer. À revoir."),
        ("SORTIE\nRetour à domicile.\n", "SORTIE", "Retour à domicile."),
        (
            "Ordonnance\nDr X\nPRESCRIPTION\nBisoprolol 2,5 mg\nRamipril 5 mg\nDURÉE\n3 mois",
            "PRESCRIPTION",
            "Bisoprolol 2,5 mg Ramipril 5 mg",
        ),
        ("SYNTHÈSE\nStable.\nSUITE\nRien\n", "SYNTHÈSE", "Stable."),
    ],
)
def test_of_a_file_by_its_headings(text: str, heading: str, words: str) -> None:
    (quote,) = conclusions_of_file(file(text))
    assert (quote.heading, quote.words) == (heading, words)


@pytest.mark.parametrize("text", ["", "En conclusion, tout va bien.", "CONCLUSION\n", "Sortie prévue demain\nà midi"])
def test_a_sentence_is_no_heading(text: str) -> None:
    assert conclusions_of_file(file(text)) == ()


def test_a_structured_document_has_no_file() -> None:
    assert conclusions_of_file(structured(("55110-1", "Conclusion", "x"))) == ()
    with pytest.raises(CdaError):
        conclusions_of_file(b"<a")
