"""What a window builds its reader from: pieces, contents, header on demand, files; and what CDA rarely holds."""

from __future__ import annotations

import base64
import html
import re
from dataclasses import replace

import pytest
from lxml import etree

from dmp_desktop.cda.build import build
from dmp_desktop.cda.build.assemble import assemble
from dmp_desktop.cda.render import Heading, Palette, RenderedDocument, render
from dmp_desktop.cda.render.people import when
from dmp_desktop.domain.ins import OID_INS_NIA, OID_INS_NIR, OID_INS_TEST
from dmp_desktop.errors import CdaError
from tests.helpers.documents import NOTE, OTHER_ID, UNIQUE_ID, full_context
from tests.hostile.corpus import file, jpeg, media, png, section, tiff_of_many_pages
from tests.unit.cda.test_build import request
from tests.unit.cda.test_render import Checker

NS = 'xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def shown(cda: bytes, **options: bool) -> RenderedDocument:
    rendered = render(cda, palette=Palette(), **options)
    for page in (rendered.html, rendered.page(rendered.details)):
        checker = Checker()
        checker.feed(page)
        assert checker.bad == []
    return rendered


def words(fragment: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", fragment)).split())


def structured(*sections: str) -> bytes:
    parts = "".join(f"<component><section>{part}</section></component>" for part in sections)
    return f"<ClinicalDocument {NS}><component><structuredBody>{parts}</structuredBody></component></ClinicalDocument>".encode()


class TestPieces:
    CDA = structured(
        '<code code="A" displayName="Libellé A"/><text>un</text>',
        '<code code="B"/><title>Deux</title><text>deux</text><component><section><title>Dedans</title><text>trois</text>'
        "<component><section><title>Au fond</title><text>quatre</text></section></component></section></component>",
        "<text>cinq</text>",
    )

    def test_contents(self) -> None:
        assert shown(self.CDA).contents == (
            Heading("A", "Libellé A", "section-1", 0),
            Heading("B", "Deux", "section-2", 0),
            Heading("", "Dedans", "section-3", 1),
            Heading("", "Au fond", "section-4", 2),
        )

    def test_each_section_is_a_piece_of_its_own(self) -> None:
        rendered = shown(self.CDA)
        assert [words(piece.html) for piece in rendered.sections] == [
            "Libellé A un",
            "Deux deux",
            "Dedans trois",
            "Au fond quatre",
            "cinq",
        ]
        assert all(piece.html in rendered.html for piece in rendered.sections)
        assert all(f'<a name="{piece.anchor}"></a>' in piece.html for piece in rendered.sections)

    def test_a_title_of_ours_is_marked(self) -> None:
        first, second = shown(self.CDA).sections[:2]
        assert '<span class="added">Libellé A</span>' in first.html
        assert "added" not in second.html

    def test_whom_a_section_is_about(self) -> None:
        subject = (
            '<subject><relatedSubject classCode="PRS"><code displayName="Enfant"/><subject><name><given>Léo</given></name></subject>'
            "</relatedSubject></subject>"
        )
        author = "<author><assignedAuthor><assignedPerson><name><family>TEST-SECOND</family></name></assignedPerson></assignedAuthor></author>"
        (piece,) = shown(structured(f"<title>T</title><text>a</text>{author}{subject}")).sections
        assert "Concerne : Léo, Enfant" in words(piece.html)
        assert "Auteur de la section : TEST-SECOND" in words(piece.html)

    def test_cards_are_announced(self) -> None:
        row = "<tr>" + "<td>v</td>" * 5 + "</tr>"
        cda = section(f"<table><thead><tr>{'<th>t</th>' * 5}</tr></thead><tbody>{row}</tbody></table>")
        assert shown(cda).has_cards
        assert not shown(cda, original=True).has_cards
        assert not shown(section("<table><tr><td>a</td></tr></table>")).has_cards

    def test_a_row_that_spans_all_columns_is_a_heading_among_cards(self) -> None:
        head = "".join(f"<th>{name}</th>" for name in ("Examen", "Valeur", "Unité", "Bornes", "Date"))
        rows = '<tr><td colspan="5">HÉMOGRAMME</td></tr><tr><td>Hb</td><td>13</td><td>g/dL</td><td/><td>x</td></tr>'
        rendered = shown(section(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"))
        assert "<p><b>HÉMOGRAMME</b></p>" in rendered.html
        assert "Sans valeur : Bornes" in words(rendered.html)


class TestNarrative:
    def test_revisions(self) -> None:
        fragment = shown(
            section('<content revised="delete">ancien</content><content revised="insert">neuf</content>')
        ).html
        assert "<s>ancien</s>" in fragment
        assert "<u>neuf</u>" in fragment

    def test_footnotes(self) -> None:
        text = 'Dose<footnoteRef IDREF="n1"/> et <footnote ID="n2">autre</footnote> fin <footnote ID="n1">à jeun</footnote>'
        assert "Dose [note 1] et [note 2 : autre ] fin [note 1 : à jeun ]" in words(shown(section(text)).html)

    def test_style_of_cells_items_and_paragraphs(self) -> None:
        text = '<table><tr><td styleCode="Bold">a</td></tr></table><paragraph styleCode="Italics">b</paragraph>'
        fragment = shown(section(text)).html
        assert "<td><b>a</b></td>" in fragment
        assert "<p><i>b</i></p>" in fragment

    def test_words_out_of_place_are_kept(self) -> None:
        text = "<table>un<tr>deux<td>trois</td></tr>quatre</table><list>cinq<content>six</content><item>sept</item>huit</list>"
        found = words(shown(section(text)).html)
        assert all(word in found for word in ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit"))

    def test_xhtml_of_foreign_authors(self) -> None:
        fragment = shown(
            section('<div xmlns="http://www.w3.org/1999/xhtml"><h1>A</h1><ul><li><strong>b</strong></li></ul></div>')
        ).html
        assert "<div><h1>A</h1><ul><li><b>b</b></li></ul></div>" in fragment

    def test_text_with_its_own_lines(self) -> None:
        cda = structured('<text mediaType="text/plain">un\n  deux\n\ntrois</text>')
        assert '<p class="plain">un</p><p class="plain">  deux</p><p class="plain"><br></p>' in shown(cda).html

    def test_entities_of_html_in_a_damaged_document(self) -> None:
        rendered = shown(section("fi&egrave;vre"))
        assert "fièvre" in rendered.html
        assert rendered.notices

    def test_only_web_addresses_may_be_offered(self) -> None:
        addresses = (
            "https://example.org/a?b=1",
            "HTTP://example.org",
            "javascript:x",
            "file:///etc",
            "//host/share",
            "#ici",
            "https:///x",
        )
        text = "".join(f'<linkHtml href="{address}">lien</linkHtml>' for address in addresses * 2)
        rendered = shown(section(text))
        assert rendered.links == addresses[:2]
        assert "href" not in rendered.html


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ('<t value="20241001145521+0200"/>', "le 01/10/2024 à 14:55"),
        ('<t value="20241001"/>', "le 01/10/2024"),
        ('<t value="202410"/>', "en 10/2024"),
        ('<t><low value="2023"/><high value="20230401"/></t>', "de 2023 au 01/04/2023"),
        ('<t><low value="20230425"/></t>', "depuis le 25/04/2023"),
        ('<t><low value="2023"/></t>', "depuis 2023"),
        ('<t><high value="20230425"/></t>', "jusqu'au 25/04/2023"),
        ('<t><low nullFlavor="UNK"/></t>', ""),
        ('<t value="20240230"/>', ""),
    ],
)
def test_times_keep_the_precision_written(time: str, said: str) -> None:
    assert when(etree.fromstring(time.replace("<t", f"<t {NS}", 1))) == said


class TestMissingNarrative:
    ENTRIES = (
        '<entry><observation negationInd="true"><code code="1" displayName="Allergie"/><value xsi:type="CD" displayName="Pénicilline" code="2"/>'
        "</observation></entry>"
        '<entry><observation><code code="3" displayName="Poids"/><effectiveTime value="20240510"/><value xsi:type="PQ" value="82" unit="kg"/>'
        "</observation></entry>"
        '<entry><substanceAdministration><effectiveTime xsi:type="IVL_TS"><low value="2024"/></effectiveTime><consumable>'
        "<manufacturedProduct><manufacturedMaterial><name>Metformine</name></manufacturedMaterial></manufacturedProduct></consumable>"
        "</substanceAdministration></entry>"
        '<entry><observation><value xsi:type="IVL_PQ"><low value="3" unit="g"/><high value="5" unit="g"/></value></observation></entry>'
        '<entry><observation><value xsi:type="ST">libre</value><value xsi:type="BL" value="false"/></observation></entry>'
    )

    @pytest.mark.parametrize("text", ["", "<text/>", '<text nullFlavor="NI"> </text>'])
    def test_labels_of_entries_marked_as_ours(self, text: str) -> None:
        (piece,) = shown(structured(f"<title>T</title>{text}{self.ENTRIES}")).sections
        added = piece.html.partition('<div class="added">')[2]
        assert re.findall("<li>(.*?)</li>", added) == [
            "Nié par l&#x27;auteur : Allergie, Pénicilline",
            "Poids, 82 kg, le 10/05/2024",
            "Metformine, depuis 2024",
            "de 3 g à 5 g",
            "libre, non",
        ]

    def test_words_pointed_at_in_another_section(self) -> None:
        entry = '<entry><observation><code nullFlavor="UNK"><originalText><reference value="#p"/></originalText></code></observation></entry>'
        pieces = shown(structured('<text><content ID="p">Asthme</content></text>', f"<title>T</title>{entry}")).sections
        assert "<li>Asthme</li>" in pieces[1].html

    def test_nothing_at_all_is_said(self) -> None:
        assert "rien à lire" in shown(structured("<title>T</title>")).html
        assert "rien à lire" not in shown(structured("<title>T</title><text>mot</text>")).html

    def test_a_narrative_is_never_doubled_by_entries(self) -> None:
        assert "Allergie" not in shown(structured(f"<text>mot</text>{self.ENTRIES}")).html


class TestFiles:
    def test_pages_of_a_tiff(self) -> None:
        rendered = shown(file("image/tiff", tiff_of_many_pages(3)))
        assert list(rendered.media) == ["body", "body.p2", "body.p3"]
        assert rendered.html.count("<img") == 3
        assert {mime for mime, _ in rendered.media.values()} == {"image/tiff"}
        starts = {int.from_bytes(content[4:8], "little") for _, content in rendered.media.values()}
        assert starts == {8, 38, 68}

    def test_an_image_nothing_names_is_shown_at_the_end(self) -> None:
        rendered = shown(media("image/png", base64.b64encode(png(1, 1)).decode(), reference=""))
        assert rendered.sections[-1].title == "Pièce jointe : Section"
        assert 'src="cda-media:m"' in rendered.sections[-1].html

    def test_a_region_shows_its_image(self) -> None:
        value = f'<value representation="B64" mediaType="image/jpeg">{base64.b64encode(jpeg(1, 1)).decode()}</value>'
        region = f'<regionOfInterest ID="r"><entryRelationship><observationMedia ID="m">{value}</observationMedia></entryRelationship>'
        rendered = shown(
            section('<renderMultiMedia referencedObject="r"/>', f"<entry>{region}</regionOfInterest></entry>")
        )
        assert rendered.html.count('src="cda-media:m"') == 1
        assert len(rendered.sections) == 1

    def test_an_attached_text_is_read(self) -> None:
        rendered = shown(media("text/plain", base64.b64encode("pièce <b>".encode()).decode()))
        assert words(rendered.sections[-1].html) == "Pièce jointe : Section pièce <b>"
        assert "Pièce jointe : Section" in words(rendered.sections[0].html)

    def test_a_pdf_of_another_entry_than_observation_media(self) -> None:
        act = f'<entry><act><text representation="B64" mediaType="application/pdf">{base64.b64encode(b"%PDF-1.4 x").decode()}</text></act></entry>'
        value = act.replace("<text ", "<value ").replace("</text>", "</value>")
        assert [content for _, content, _ in shown(section("a", value)).pdfs] == [b"%PDF-1.4 x"]

    def test_body_of_text_keeps_its_columns(self) -> None:
        rendered = shown(file("text/plain", b"Na   140\nK    4,1"))
        assert '<p class="plain">Na   140</p><p class="plain">K    4,1</p>' in rendered.html
        assert ".plain{white-space:pre-wrap" in rendered.html

    def test_broken_pdf_body_says_so(self) -> None:
        rendered = shown(file("application/pdf", b"nothing like it"))
        assert not rendered.pdf_only
        assert rendered.notices


class TestHeader:
    CDA = assemble(request(NOTE), None).cda

    def test_details(self) -> None:
        found = words(shown(self.CDA).details)
        for expected in (
            "Auteur",
            "Conservé par",
            "Responsable du document",
            "Acte",
            "Prise en charge",
            "Camille DUPONT",
            UNIQUE_ID,
        ):
            assert expected in found
        assert OTHER_ID not in found
        assert "Nom de naissance : TEST-PATIENTE Prénoms : MARIE CLAUDE Premier prénom : MARIE" in found

    def test_nothing_known_gives_no_block(self) -> None:
        assert shown(f"<ClinicalDocument {NS}/>".encode()).details == ""

    def test_hostile_header(self) -> None:
        cda = f"<ClinicalDocument {NS}><author><assignedAuthor><assignedPerson><name>&lt;img src='file:///x'&gt;</name></assignedPerson>"
        cda += "<telecom value='tel:&lt;script&gt;'/></assignedAuthor></author></ClinicalDocument>"
        assert "&lt;script&gt;" in shown(cda.encode()).details

    def test_every_differing_trait_is_named(self) -> None:
        patient = full_context().patient
        other = replace(
            patient, birth_family="TEST-AUTRE", first_given="JEANNE", birth_given="JEANNE", birth_place_cog="75056"
        )
        notices = render(self.CDA, palette=Palette(), expected_patient=other).notices
        named = [notice.rpartition(" : ")[2] for notice in notices]
        assert named == ["nom de naissance.", "premier prénom.", "lieu de naissance."]

    @pytest.mark.parametrize("first", ["MARIE", "Marie", "MARIE CLAUDE", "MARIE-CLAUDE"])
    def test_one_or_all_first_names(self, first: str) -> None:
        patient = replace(full_context().patient, first_given=first)
        assert render(self.CDA, palette=Palette(), expected_patient=patient).notices == ()

    def test_two_patients(self) -> None:
        cda = f"<ClinicalDocument {NS}><recordTarget/><recordTarget/></ClinicalDocument>".encode()
        assert any("plusieurs patients" in notice for notice in shown(cda).notices)


def test_what_is_refused_for_safety_is_not_repaired() -> None:
    cda = section("a").replace(b"?>", b"?><!DOCTYPE a>", 1)[:-5]
    with pytest.raises(CdaError) as refused:
        render(cda, palette=Palette())
    assert refused.value.code == "cda-doctype"


@pytest.mark.parametrize(
    ("oid", "nature"), [(OID_INS_NIR, "NIR"), (OID_INS_NIA, "NIA"), (OID_INS_TEST, "numéro de test")]
)
def test_the_number_is_followed_by_its_nature(oid: str, nature: str) -> None:
    """Rule 32: a document that is printed again says it too."""
    patient = full_context().patient
    cda = build(request()).cda.replace(OID_INS_TEST.encode(), oid.encode())
    shown = html.unescape(re.sub("<[^>]+>", "", render(cda, palette=Palette()).html))
    assert f"INS {patient.ins.value} ({nature})" in shown
    assert f"Nom et prénom de naissance : {patient.birth_family}" in shown
