"""Tables made from files laid out as the official ones are; files that are not are refused and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dmp_desktop import cli
from dmp_desktop.errors import ContextError
from dmp_desktop.terminology import importers, resources

ON = date(2026, 11, 22)
PRODUCTS = (
    "61000001\tNOUVELIXE 5 mg, comprimé\tcomprimé\torale\tAutorisation active\tProcédure nationale\tCommercialisée\t01/01/2026\t\t\t LABO\tNon\n"
    "61000002\tDOLIPRANE 500 mg, gélule\tgélule\torale\tAutorisation active\tProcédure nationale\tCommercialisée\t01/01/2000\t\t\t LABO\tNon\n"
    "61000003\tRETIRIX 5 mg, comprimé\tcomprimé\torale\tAutorisation active\tProcédure nationale\tNon commercialisée\t01/01/2000\t\t\t LABO\tNon\n"
    "61000004\tABIES NIGRA, degré de dilution 4CH\tgranules\torale\tAutorisation active\tEnreg homéo (Proc. Nat.)\tCommercialisée\t01/01/2010\t\t\t LABO\tNon\n"
    "61000005\tSOLUTION OFFICINALE, flacon\tsolution\tcutanée;orale\tAutorisation active\tProcédure nationale\tCommercialisée\t01/01/2010\t\t\t LABO\tNon\n"
)
SUBSTANCES = (
    "61000001\tcomprimé\t00001\tNOUVÉLINE\t5 mg\tun comprimé\tSA\t1\t\n"
    "61000001\tcomprimé\t00002\tNOUVÉLINE BASE\t4 mg\tun comprimé\tFT\t1\t\n"
    "61000002\tgélule\t02202\tPARACÉTAMOL\t500 mg\tune gélule\tSA\t1\t\n"
)
ATC = (
    "61000001\tC07AB99\tNOUVELIXE 5 mg, comprimé\thttps://exemple.invalid\n"
    "61000002\tN02BE99\tDOLIPRANE\thttps://exemple.invalid\n"
    "61000005\tD08AX99\tSOLUTION\thttps://exemple.invalid\n"
)
NUVA = 'NUVA,label,comment,abstract\nVAC0001,ACT-HIB,"One, two",False\nVAC0084,"H5N1 vaccine, unspecified",None,True\n'


def _bdpm(folder: Path, *, products: str = PRODUCTS) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "CIS_bdpm.txt").write_bytes(products.encode("cp1252"))
    (folder / "CIS_COMPO_bdpm.txt").write_bytes(SUBSTANCES.encode("cp1252"))
    (folder / "CIS_MITM.txt").write_bytes(ATC.encode("utf-8"))
    return folder


def _jdv(path: Path, oid: str, concepts: str) -> Path:
    path.write_text(
        f'<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008"><ValueSet id="{oid}" displayName="x"><ConceptList>{concepts}'
        "</ConceptList></ValueSet></RetrieveValueSetResponse>",
        encoding="utf-8",
    )
    return path


def _concept(code: str, more: str = "") -> str:
    return f'<Concept code="{code}" codeSystem="1.2.3" displayName="Libellé {code}" {more}/>'


MANY = "".join(_concept(f"M{rank}") for rank in range(60))
MANY_ROWS = [(f"M{rank}", "1.2.3", f"Libellé M{rank}") for rank in range(60)]


@pytest.fixture
def imported(tmp_path: Path) -> Iterator[Path]:
    """A folder that look-ups prefer."""
    folder = tmp_path / "codes"
    resources.use_folder(folder)
    yield folder
    resources.use_folder(None)


def test_bdpm(tmp_path: Path, imported: Path) -> None:
    made = importers.import_bdpm(_bdpm(tmp_path / "bdpm"), imported, ON)
    assert made[0] == ("bdpm", 3)
    assert resources.read_table("bdpm")[0] == (
        "61000001", "NOUVELIXE 5 mg, comprimé", "comprimé", "orale", "C07AB99", "nouveline",
    )  # fmt: skip
    drugs = {row[0]: row[1:] for row in resources.read_table("drugs")}
    assert drugs["nouvelixe"] == ("C07AB99", "nouveline")
    assert drugs["doliprane"] == ("N02BE01", "paracetamol")  # ours stays
    assert not {"retirix", "abies nigra", "solution officinale"} & set(drugs)
    provenance = (imported / "bdpm.tsv").read_text(encoding="utf-8").split("\n61000001")[0]
    assert "CIS_bdpm.txt, imported on 2026-11-22, SHA-256 " in provenance
    assert "Licence Ouverte" in provenance


def test_bdpm_again_changes_nothing(tmp_path: Path, imported: Path) -> None:
    folder = _bdpm(tmp_path / "bdpm")
    importers.import_bdpm(folder, imported, ON)
    first = (imported / "drugs.tsv").read_bytes()
    importers.import_bdpm(folder, imported, ON)
    assert (imported / "drugs.tsv").read_bytes() == first


@pytest.mark.parametrize(
    ("products", "told"),
    [
        ("", "12 colonnes"),
        ("61000001\tNOUVELIXE\n", "12 colonnes"),
        (PRODUCTS.replace("\t", ";"), "12 colonnes"),
        (PRODUCTS.replace("61000001", "CIS"), "8 chiffres"),
        (PRODUCTS.replace("Commercialisée", "Arrêtée"), "aucun médicament commercialisé"),
    ],
)
def test_bdpm_of_another_layout(tmp_path: Path, imported: Path, products: str, told: str) -> None:
    with pytest.raises(ContextError, match=told):
        importers.import_bdpm(_bdpm(tmp_path / "bdpm", products=products), imported, ON)
    assert not imported.exists()


def test_missing_file(tmp_path: Path, imported: Path) -> None:
    (_bdpm(tmp_path / "bdpm") / "CIS_MITM.txt").unlink()
    with pytest.raises(ContextError, match=r"CIS_MITM\.txt"):
        importers.import_bdpm(tmp_path / "bdpm", imported, ON)
    assert not imported.exists()


def test_nuva(tmp_path: Path, imported: Path) -> None:
    file = tmp_path / "nuva_core.csv"
    file.write_text(NUVA, encoding="utf-8")
    assert importers.import_nuva(file, imported, ON) == [("nuva", 2)]
    assert resources.read_table("nuva") == [
        ("VAC0001", "ACT-HIB", "vaccine"),
        ("VAC0084", "H5N1 vaccine, unspecified", "class"),
    ]
    for content in (
        "",
        "a;b\n1;2\n",
        NUVA.replace("VAC0001", "X1"),
        NUVA.replace("0084", "0001"),
        NUVA.split("\n", 1)[0],
        "\x00\x01",
    ):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(ContextError, match="ne peut pas être importé"):
            importers.import_nuva(file, imported, ON)


def test_value_set_among_others(tmp_path: Path, imported: Path) -> None:
    before = resources.read_table("value_sets")
    concepts = (
        _concept("A")
        + _concept("B", 'dateFin="20250101000000"')
        + _concept("C", 'dateFin="20270101000000"')
        + _concept("A")
        + MANY
    )
    file = _jdv(tmp_path / "routes.xml", "1.2.250.1.213.1.1.5.677", concepts)
    assert importers.import_jdv([file], imported, ON) == [("route", 62)]
    after = resources.read_table("value_sets")
    assert [row[1:] for row in after if row[0] == "route"] == [
        ("A", "1.2.3", "Libellé A"),
        ("C", "1.2.3", "Libellé C"),
        *MANY_ROWS,
    ]
    assert [row for row in after if row[0] != "route"] == [row for row in before if row[0] != "route"]


def test_value_set_with_its_own_table(tmp_path: Path, imported: Path) -> None:
    file = _jdv(tmp_path / "j04.xml", "1.2.250.1.213.1.1.5.467", _concept("AMBULATOIRE") + MANY)
    assert importers.import_jdv([file], imported, ON) == [("practice_settings", 61)]
    assert resources.read_table("practice_settings")[0] == ("AMBULATOIRE", "1.2.3", "Libellé AMBULATOIRE")
    assert len(resources.read_table("functions")) > 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "pas du XML",
        "<a/>",
        '<ValueSet id="1.2.250.1.213.1.1.5.677"/>',
        '<ValueSet id="1.2.250.1.213.1.1.5.677"><Concept code="A" codeSystem="" displayName="x"/></ValueSet>',
        '<ValueSet id="1.2.250.1.213.1.1.5.677"><Concept code="A" codeSystem="EDQM" displayName="x"/></ValueSet>',
        '<ValueSet id="9.9.9"><Concept code="A" codeSystem="1.2" displayName="x"/></ValueSet>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><ValueSet id="9.9"><Concept code="A">&x;</Concept></ValueSet>',
    ],
)
def test_files_that_are_no_value_set(tmp_path: Path, imported: Path, content: str) -> None:
    file = tmp_path / "jeu.xml"
    file.write_text(content, encoding="utf-8")
    good = _jdv(tmp_path / "bon.xml", "1.2.250.1.213.1.1.5.677", MANY)
    with pytest.raises(ContextError, match=r"« jeu\.xml »"):
        importers.import_jdv([good, file], imported, ON)
    assert not imported.exists()


def test_truncated_file_is_refused(tmp_path: Path, imported: Path) -> None:
    whole = _jdv(tmp_path / "j04.xml", "1.2.250.1.213.1.1.5.467", MANY)
    cut = _jdv(tmp_path / "routes.xml", "1.2.250.1.213.1.1.5.677", _concept("A"))
    with pytest.raises(ContextError, match=r"routes\.xml.*1 lignes"):
        importers.import_jdv([whole, cut], imported, ON)
    assert not imported.exists()


def test_one_set_given_twice_is_refused(tmp_path: Path, imported: Path) -> None:
    files = [_jdv(tmp_path / name, "1.2.250.1.213.1.1.5.467", MANY) for name in ("a.xml", "b.xml")]
    with pytest.raises(ContextError, match="une seule fois"):
        importers.import_jdv(files, imported, ON)
    assert not imported.exists()


def test_earlier_provenance_stays(tmp_path: Path, imported: Path) -> None:
    for name, oid in (("routes.xml", "1.2.250.1.213.1.1.5.677"), ("routes2.xml", "1.2.250.1.213.1.1.5.677")):
        importers.import_jdv([_jdv(tmp_path / name, oid, MANY)], imported, ON)
    told = (imported / "value_sets.tsv").read_text(encoding="utf-8")
    assert "# routes.xml, imported on" in told
    assert "# routes2.xml, imported on" in told


def test_table_of_another_layout_is_passed_over(imported: Path) -> None:
    imported.mkdir()
    (imported / "drugs.tsv").write_text("# another layout\nx\ty\n", encoding="utf-8")
    assert len(resources.read_table("drugs")) > 1000


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "nuva_core.csv"
    file.write_text(NUVA, encoding="utf-8")
    into = tmp_path / "codes"
    assert cli.main(["terminology", "import", "--nuva", str(file), "--into", str(into)]) == 0
    assert capsys.readouterr().out == "nuva : 2 lignes\n"
    assert (into / "nuva.tsv").is_file()
    assert cli.main(["terminology", "import", "--into", str(into)]) == 1
    assert "Aucun fichier à importer" in capsys.readouterr().err
    assert cli.main(["terminology", "import", "--bdpm", str(tmp_path), "--into", str(into), "--json"]) == 1
    assert "CIS_bdpm.txt" in capsys.readouterr().out
