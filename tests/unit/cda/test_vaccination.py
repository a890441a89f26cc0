"""The vaccination note: what the volet requires, one entry a vaccine, nothing made up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from dmp_desktop import notes
from dmp_desktop.cda.build import BuildRequest, build
from dmp_desktop.cda.build.assemble import assemble, part_ids
from dmp_desktop.cda.build.template import Markup
from dmp_desktop.cda.build.vaccinations import vaccination_entry
from dmp_desktop.cda.read import data_from_cda
from dmp_desktop.domain.clinical import ClinicalItem, Injection, ItemKind
from dmp_desktop.domain.documents import Code, DocumentFormat, DocumentKind
from dmp_desktop.domain.notes import Proposal, ProposalStatus
from dmp_desktop.errors import ContextError
from dmp_desktop.terminology import read_table
from dmp_desktop.terminology.oids import ATC, CIS
from dmp_desktop.terminology.vaccination import injection_route, injection_site, vaccine_class
from tests.helpers.documents import NOW, UNIQUE_ID, full_context
from tests.unit.cda.test_pdf import words

C = "{urn:hl7-org:v3}"
REPEVAX = {"label": "Repevax", "atc": "J07CA02", "lot": "X1234", "date": "2026-11-20", "site": "deltoïde G", "rank": 2}
GRIPPE = {"label": "Vaxigrip & <Tetra>", "atc": "J07BB02", "lot": "Z9", "date": "2026-11-20"}
ITEM = ClinicalItem(
    ItemKind.VACCINATION,
    "Repevax",
    ProposalStatus.DONE,
    Code("J07CA02", ATC),
    NOW.date(),
    injection=Injection(lot="X1"),
)


REPEVAX_NOTE = "Vaccin Repevax fait ce jour, lot X1234, deltoïde gauche."


def ticked(note: str) -> tuple[Proposal, ...]:
    return tuple(item.ticked(True) for item in notes.propose(note))


def request(vaccines: Any, note: str = "", **changes: Any) -> BuildRequest:
    context = replace(full_context(), extra={} if vaccines is None else {"vaccines": vaccines})
    return BuildRequest(context, note, UNIQUE_ID, NOW, kind=DocumentKind.VACCINATION, **changes)


def entries(vaccines: Any, note: str = "", **changes: Any) -> list[etree._Element]:
    document = etree.fromstring(assemble(request(vaccines, note, **changes), None).cda)
    return document.findall(f".//{C}substanceAdministration")


def test_all_that_is_known_is_coded_and_read_back() -> None:
    (read,) = data_from_cda(build(request([REPEVAX])).cda)["vaccinations"]
    assert (read["label"], read["date"], read["lot"], read["rank"]) == ("Repevax", "2026-11-20", "X1234", 2)
    assert (read["atc"], read["site"]) == ("J07CA02", "deltoïde gauche")
    (entry,) = entries([REPEVAX | {"cis": "62404582", "route": "IM"}])
    product = entry.find(f".//{C}manufacturedMaterial/{C}code")
    assert product is not None
    assert (product.get("code"), product.get("codeSystem")) == ("62404582", CIS)
    assert entry.find(f"{C}routeCode").get("code") == "20035000"  # type: ignore[union-attr]
    assert entry.find(f"{C}author/{C}assignedAuthor/{C}id").get("extension") == "810002422979"  # type: ignore[union-attr]


def test_what_is_not_known_is_unknown() -> None:
    (entry,) = entries([GRIPPE])
    assert entry.find(f"{C}approachSiteCode").get("nullFlavor") == "UNK"  # type: ignore[union-attr]
    assert entry.find(f"{C}routeCode").get("nullFlavor") == "UNK"  # type: ignore[union-attr]
    assert entry.find(f".//{C}manufacturedMaterial/{C}code").get("nullFlavor") == "UNK"  # type: ignore[union-attr]
    assert entry.find(f"{C}entryRelationship") is None  # no rank
    cells = [cell for cell in assemble(request([GRIPPE]), None).cda.decode().split("<td>") if "non renseigné" in cell]
    assert len(cells) == 3


def test_another_site_stays_in_words() -> None:
    (entry,) = entries([GRIPPE | {"site": "bras gauche"}])
    site = entry.find(f"{C}approachSiteCode")
    assert site is not None
    assert site.get("nullFlavor") == "OTH"
    root = entry.getroottree()
    reference = str(site.find(f".//{C}reference").get("value"))  # type: ignore[union-attr]
    assert root.xpath(f"//*[@ID='{reference[1:]}']")[0].text == "bras gauche"


def test_one_section_a_vaccine_and_a_warning_for_more() -> None:
    built = assemble(request([REPEVAX, GRIPPE]), None)
    document = etree.fromstring(built.cda)
    sections = document.findall(f".//{C}structuredBody/{C}component/{C}section")
    assert [len(section.findall(f"{C}entry")) for section in sections] == [1, 1]
    assert any("une note par vaccin" in warning for warning in built.warnings)
    ids = [element.get("ID") for element in document.iter() if element.get("ID")]
    assert len(ids) == len(set(ids))
    assert assemble(request([REPEVAX]), None).warnings == ()


@pytest.mark.parametrize("format", list(DocumentFormat))
def test_the_page_says_it_too(format: DocumentFormat) -> None:
    cda = build(request([REPEVAX], "RAS.", format=format)).cda
    document = etree.fromstring(cda)
    import base64

    coded = document.findtext(f".//{C}observationMedia/{C}value") or document.findtext(f".//{C}nonXMLBody/{C}text")
    page = " ".join("".join(words(base64.b64decode(coded or ""))).split())
    for word in ("Repevax", "20/11/2026", "X1234", "deltoïde gauche", "RAS."):
        assert word in page


class TestSources:
    def test_ticked_words_that_say_all_are_enough(self) -> None:
        (entry,) = entries(None, REPEVAX_NOTE, proposals=ticked(REPEVAX_NOTE))
        assert entry.find(f"{C}effectiveTime").get("value") == "20261120"  # type: ignore[union-attr]
        assert entry.findtext(f".//{C}lotNumberText") == "X1234"

    def test_a_day_of_two_figures_for_its_year_is_kept(self) -> None:
        note = "Vaccin Repevax fait le 12/03/24, lot X1234."
        (entry,) = entries(None, note, proposals=ticked(note))
        assert entry.find(f"{C}effectiveTime").get("value") == "20240312"  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("note", "path"),
        [
            ("Vaccin Repevax fait, lot X1234.", "extra.vaccines[0].date"),
            ("Vaccin Repevax fait il y a 3 mois, lot X1234.", "extra.vaccines[0].date"),
            ("Vaccin Repevax fait en octobre 2025, lot X1234.", "extra.vaccines[0].date"),
            ("Vaccin Repevax fait en 2019, lot X1234.", "extra.vaccines[0].date"),
            ("Vaccin Repevax fait ce jour.", "extra.vaccines[0].lot"),
        ],
    )
    def test_ticked_words_alone_that_do_not_are_refused(self, note: str, path: str) -> None:
        with pytest.raises(ContextError) as refusal:
            build(request(None, note, proposals=ticked(note)))
        assert refusal.value.field == path

    @pytest.mark.parametrize(
        "note",
        [REPEVAX_NOTE, "Vaccin Repevax fait ce jour.", "Vaccin Repevax fait, lot x1234.", "Repevax fait en 2026."],
    )
    def test_injection_of_the_form_that_the_note_tells_too_is_one(self, note: str) -> None:
        built = assemble(request([REPEVAX], note, proposals=ticked(note)), None)
        assert built.cda.count(b"<substanceAdministration") == 1
        assert built.warnings == ()

    def test_another_injection_of_the_same_vaccine_is_not(self) -> None:
        note = "Vaccin Repevax fait le 12/03/2016, lot OLD1."
        built = assemble(request([REPEVAX], note, proposals=ticked(note)), None)
        assert built.cda.count(b"<substanceAdministration") == 2
        assert [warning for warning in built.warnings if "ne disent pas le même lot ou la même date" in warning]

    def test_another_vaccine_of_the_note_that_lacks_something_stays_in_the_text_and_is_told(self) -> None:
        note = "Vaccin Revaxis fait ce jour. Vaccin grippe fait ce jour."
        built = assemble(request([REPEVAX, GRIPPE], note, proposals=ticked(note)), None)
        assert built.cda.count(b"<substanceAdministration") == 2
        assert [warning for warning in built.warnings if "Revaxis" in warning and "reste dans le texte" in warning]
        assert not [warning for warning in built.warnings if "grippe" in warning]

    def test_reviewed_facts(self) -> None:
        assert len(entries(None, items=(ITEM,))) == 1
        with pytest.raises(ContextError):
            build(request(None, items=(replace(ITEM, source="Note de vaccination, 2020"),)))
        with pytest.raises(ContextError):
            build(request(None, items=(replace(ITEM, status=ProposalStatus.PLANNED),)))

    def test_refused_vaccine_elsewhere_is_coded_as_not_given(self) -> None:
        refused = vaccination_entry(replace(ITEM, status=ProposalStatus.REFUSED), "v-1", part_ids(UNIQUE_ID))
        assert isinstance(refused, Markup)
        assert 'negationInd="true"' in refused


@pytest.mark.parametrize(
    ("vaccines", "path"),
    [
        (None, "extra.vaccines"),
        ([], "extra.vaccines"),
        ({}, "extra.vaccines"),
        (["Repevax"], "extra.vaccines[0]"),
        *[([{**REPEVAX, name: None}], f"extra.vaccines[0].{name}") for name in ("label", "atc", "lot", "date")],
        ([REPEVAX, {**GRIPPE, "lot": " "}], "extra.vaccines[1].lot"),
        ([REPEVAX | {"atc": "C09AA05"}], "extra.vaccines[0].atc"),
        ([REPEVAX | {"date": "2026-11-21"}], "extra.vaccines[0].date"),
        ([REPEVAX | {"date": "1979-03-11"}], "extra.vaccines[0].date"),
        ([REPEVAX | {"date": "20/11/2026"}], "extra.vaccines[0].date"),
        ([REPEVAX | {"rank": "2"}], "extra.vaccines[0].rank"),
        ([REPEVAX | {"rank": True}], "extra.vaccines[0].rank"),
        ([REPEVAX | {"rank": 0}], "extra.vaccines[0].rank"),
        ([REPEVAX | {"cis": "123"}], "extra.vaccines[0].cis"),
        ([REPEVAX | {"route": "rectale"}], "extra.vaccines[0].route"),
        ([REPEVAX | {"batch": "X"}], "extra.vaccines[0].batch"),
    ],
)
@pytest.mark.parametrize("format", list(DocumentFormat))
def test_refused(vaccines: Any, path: str, format: DocumentFormat) -> None:
    with pytest.raises(ContextError) as refusal:
        build(request(vaccines, "Note.", format=format))
    assert refusal.value.field == path


def test_every_vaccine_of_the_lexicon_may_be_noted() -> None:
    assert not [row[1] for row in read_table("vaccines") if row[1].startswith("J07") and not vaccine_class(row[1])]


def test_words_of_sites_and_routes() -> None:
    assert [site and site.code for site in map(injection_site, ("Deltoïde gauche", "cuisse D", "bras", ""))] == [
        "16217701000119102",
        "11207009",
        None,
        None,
    ]
    assert [route and route.code for route in map(injection_route, ("IM", "voie sous-cutanée", "x"))] == [
        "20035000",
        "20066000",
        None,
    ]
    assert vaccine_class("J07BB02").display.startswith("grippe")  # type: ignore[union-attr]
