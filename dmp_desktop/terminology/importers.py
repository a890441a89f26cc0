"""Makes our tables from the official files a practice has fetched, so that it need not wait for a new version.

Each function writes into the folder given by the caller and returns (table, rows) pairs; `resources.use_folder` has them read.
A file that is not what is expected is refused and nothing is written.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from lxml import etree

from dmp_desktop.errors import ContextError
from dmp_desktop.resources import resource_path
from dmp_desktop.terminology.resources import FORMAT, read_file
from dmp_desktop.terminology.wording import plain

Rows = list[tuple[str, ...]]
Made = list[tuple[str, int]]

_LARGEST: Final = 64_000_000  # bytes; the largest official file is under 5 MB
_CIS: Final = re.compile(r"\d{8}")
_OID: Final = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+")
_SHRINKING: Final = 2  # a table that loses more than half of its rows is a truncated file
_ATC: Final = re.compile(r"[A-V]\d\d[A-Z]{0,2}(?:\d\d)?")
_STRENGTH: Final = re.compile(r"[\d,(]")  # where a name ends
# Words that begin official names and are no drug in a note.
_ORDINARY: Final = {
    *("acide", "baume", "chlorure", "collyre", "compose", "creme", "extrait", "glucose", "huile", "oxygene", "pommade"),
    *("poudre", "sirop", "sodium", "solution", "suspension", "teinture", "tisane", "vaccin"),
}


@dataclass(frozen=True, slots=True)
class _Source:
    """One official file: its name, its text and the line of provenance."""

    name: str
    content: bytes
    provenance: str

    def text(self) -> str:
        """The encodings of the BDPM differ from file to file: UTF-8 when it is, else Windows-1252."""
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.content.decode("cp1252", errors="replace")


@dataclass(frozen=True, slots=True)
class _Table:
    """One table to write: its name, its rows, the names of its columns and the lines of its provenance."""

    name: str
    rows: Rows
    columns: str
    about: Sequence[str]


def import_bdpm(folder: Path, into: Path, on: date) -> Made:
    """`bdpm` (marketed products by CIS code) and `drugs` (ours and the new names) from the files of the Base de données
    publique des médicaments: CIS_bdpm.txt, CIS_COMPO_bdpm.txt and CIS_MITM.txt (CIS -> ATC).

    Raises ContextError("import-file") when one is missing or is not laid out as expected.
    """
    sources = [_read(folder / name, on) for name in ("CIS_bdpm.txt", "CIS_COMPO_bdpm.txt", "CIS_MITM.txt")]
    products = [row for row in _columns(sources[0], 12) if row[6].startswith("Commercialis") and "homéo" not in row[5]]
    substances: dict[str, list[str]] = {}
    for row in _columns(sources[1], 8):
        if row[6] == "SA" and _plain(row[3]) not in substances.setdefault(row[0], []):
            substances[row[0]].append(_plain(row[3]))
    atc = {row[0]: row[1] for row in _columns(sources[2], 4) if _ATC.fullmatch(row[1])}
    if not (products and substances and atc):
        raise _refused("BDPM", "aucun médicament commercialisé avec sa substance et son code ATC")
    rows: Rows = [
        (cis, name, form.strip(), routes, atc.get(cis, ""), " + ".join(substances.get(cis, ())))
        for cis, name, form, routes, *_ in products
    ]
    about = [*(source.provenance for source in sources), "Base de données publique des médicaments, Licence Ouverte."]
    drugs = _with_new_names(_base("drugs", into), rows)
    _write(
        into,
        [
            _Table("bdpm", rows, "cis name form routes atc dci", about),
            _Table("drugs", drugs, "name atc dci", [*about, "Names we already had keep our codes."]),
        ],
    )
    return [("bdpm", len(rows)), ("drugs", len(drugs))]


def _with_new_names(known: Rows, products: Rows) -> Rows:
    """Ours, and each brand we do not know whose products all have one ATC code."""
    first_words = {row[0].split(" ")[0] for row in known}
    found: dict[str, set[tuple[str, str]]] = {}
    for _, name, _, _, atc, dci in products:
        stem = _plain(_STRENGTH.split(name, 1)[0])
        first = stem.split(" ")[0]
        if atc and len(first) >= 5 and first.isalpha() and first not in first_words and first not in _ORDINARY:
            found.setdefault(stem, set()).add((atc, dci))
    new = [(name, *codes.pop()) for name, codes in found.items() if len({atc for atc, _ in codes}) == 1]
    return sorted([*known, *new])


def import_nuva(file: Path, into: Path, on: date) -> Made:
    """`nuva`: the vaccines of NUVA, from its file nuva_core.csv (CSV: NUVA, label, comment, abstract).

    Raises ContextError("import-file").
    """
    source = _read(file, on)
    reader = csv.reader(io.StringIO(source.text()))
    if next(reader, []) != ["NUVA", "label", "comment", "abstract"]:
        raise _refused(source.name, "une première ligne « NUVA,label,comment,abstract »")
    found = [row for row in reader if row]
    if not found or any(len(row) != 4 or not re.fullmatch(r"VAC\d{4,5}", row[0]) for row in found):
        raise _refused(source.name, "quatre colonnes, la première de la forme VAC0001")
    if len({row[0] for row in found}) < len(found):
        raise _refused(source.name, "chaque code une seule fois")
    rows: Rows = [(row[0], _flat(row[1]), "class" if row[3] == "True" else "vaccine") for row in found]
    _write(into, [_Table("nuva", rows, "code label kind", [source.provenance, "NUVA, IVCI, CC BY 4.0."])])
    return [("nuva", len(rows))]


def import_jdv(files: Sequence[Path], into: Path, on: date) -> Made:
    """Value sets of the ANS (XML of IHE SVS), known by their OID; those that ended before `on` lose their ended codes.

    Raises ContextError("import-file") for a file that is none, and for a set DMP Desktop does not use.
    """
    ours = {oid: name for name, oid, *_ in _base("value_set_sources", into)}
    tables: dict[str, Rows] = {}
    value_sets, about = _base("value_sets", into), []
    parts = {row[0] for row in value_sets}
    made: Made = []
    for file in files:
        source = _read(file, on)
        oid, rows = _concepts(source, on)
        if oid not in ours:
            raise _refused(source.name, "un jeu de valeurs que DMP Desktop utilise (liste : value_set_sources.tsv)")
        name = ours[oid]
        if any(name == other for other, _ in made):
            raise _refused(source.name, "chaque jeu de valeurs une seule fois")
        known = [row for row in value_sets if row[0] == name] if name in parts else _base(name, into)
        if len(rows) * _SHRINKING < len(known):
            raise _shrunk(source.name, len(known), len(rows))
        about.append(source.provenance)
        made.append((name, len(rows)))
        if name in parts:
            at = next(index for index, row in enumerate(value_sets) if row[0] == name)
            others = [row for row in value_sets if row[0] != name]
            value_sets = [*others[:at], *((name, *row) for row in rows), *others[at:]]
        else:
            tables[name] = rows
    written = [_Table(name, rows, "code system display", about) for name, rows in tables.items()]
    if any(name in parts for name, _ in made):
        written.append(_Table("value_sets", value_sets, "set code system display", about))
    _write(into, written)
    return made


def _concepts(source: _Source, on: date) -> tuple[str, Rows]:
    """(OID, rows) of a value set; external entities and the network are never followed."""
    expected = "un jeu de valeurs de l'ANS (XML, élément ValueSet avec ses Concept)"
    try:
        root = etree.fromstring(
            source.content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        )
    except etree.XMLSyntaxError as error:
        raise _refused(source.name, expected) from error
    sets = list(root.iter("{*}ValueSet"))
    if len(sets) != 1:
        raise _refused(source.name, expected)
    rows: Rows = []
    for concept in sets[0].iter("{*}Concept"):
        row = tuple(_flat(concept.get(name, "")) for name in ("code", "codeSystem", "displayName"))
        end = re.sub(r"\D", "", concept.get("dateFin", ""))[:8]
        if not all(row):
            raise _refused(source.name, "un code, un système et un libellé pour chaque Concept")
        if not _OID.fullmatch(row[1]):
            raise _refused(source.name, "un OID pour le système de chaque Concept")
        if not end or end >= on.strftime("%Y%m%d"):
            rows.append(row)
    if not rows:
        raise _refused(source.name, expected)
    return sets[0].get("id", ""), list(dict.fromkeys(rows))


def _read(path: Path, on: date) -> _Source:
    try:
        if path.stat().st_size > _LARGEST:
            raise _refused(path.name, "un fichier de moins de 64 Mo")
        content = path.read_bytes()
    except OSError as error:
        raise _refused(path.name, "un fichier lisible de ce nom") from error
    digest = hashlib.sha256(content).hexdigest()
    return _Source(path.name, content, f"{path.name}, imported on {on.isoformat()}, SHA-256 {digest}")


def _columns(source: _Source, count: int) -> Rows:
    """Rows of a file of the BDPM: tab separated, no header, the CIS code first; a blank column may follow the last."""
    rows = [tuple(map(_flat, line.split("\t")))[:count] for line in source.text().splitlines() if line.strip()]
    if not rows or any(len(row) != count or not _CIS.fullmatch(row[0]) for row in rows):
        raise _refused(
            source.name, f"{count} colonnes séparées par des tabulations, la première un code CIS de 8 chiffres"
        )
    return rows


def _base(name: str, into: Path) -> Rows:
    """What was imported before, else ours."""
    before = into / f"{name}.tsv"
    return read_file(before if before.is_file() else resource_path("codes", f"{name}.tsv"))


def _write(into: Path, tables: Sequence[_Table]) -> None:
    """The tables, all checked first, with where their rows come from: earlier imports included, for a part may be theirs.

    A reader sees an old table or a new one, never half of one.
    """
    for table in tables:
        known = len(_base(table.name, into)) if _exists(table.name, into) else 0
        if len(table.rows) * _SHRINKING < known:
            raise _shrunk(f"{table.name}.tsv", known, len(table.rows))
    made = {table.name: _text(table, into / f"{table.name}.tsv") for table in tables}
    try:
        into.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            (into / f"{name}.tsv.tmp").write_text(text, encoding="utf-8", newline="\n")
        for name in made:
            (into / f"{name}.tsv.tmp").replace(into / f"{name}.tsv")
    except OSError as error:
        message = "Les tables importées ne peuvent pas être écrites."
        raise ContextError("import-folder", message, "Vérifiez les droits et l'espace du disque.") from error


def _text(table: _Table, before: Path) -> str:
    heads = "# " + table.columns.replace(" ", "\t")
    earlier = before.read_text(encoding="utf-8").splitlines() if before.is_file() else []
    ours = earlier[:1] == [FORMAT]
    comments = [line for line in earlier if ours and line.startswith("#") and line not in (FORMAT, heads)]
    about = dict.fromkeys([*comments, *(f"# {line}" for line in table.about)])
    return "\n".join([FORMAT, *about, heads, *("\t".join(row) for row in table.rows)]) + "\n"


def _exists(name: str, into: Path) -> bool:
    return (into / f"{name}.tsv").is_file() or resource_path("codes", f"{name}.tsv").is_file()


def _shrunk(name: str, known: int, found: int) -> ContextError:
    return ContextError(
        "import-file",
        f"« {name} » ne peut pas être importé : il n'a que {found} lignes, contre {known} aujourd'hui.",
        "Reprenez le fichier officiel entier.",
    )


def _flat(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """As the names of drugs are written in our table."""
    return plain(text.lower().replace("œ", "oe"))


def _refused(name: str, expected: str) -> ContextError:
    return ContextError(
        "import-file", f"« {name} » ne peut pas être importé : attendu, {expected}.", "Reprenez le fichier officiel."
    )
