"""What a medium says to people: INDEX.HTM and README.TXT (ITI TF-2 §3.32.4.1.2). Nothing in them runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

SUBSET = "IHE_XDM/SUBSET01"

_STYLE = (
    "body{font-family:sans-serif;margin:2em;max-width:60em;line-height:1.5}"
    "table{border-collapse:collapse}th,td{border:1px solid #767676;padding:.4em .6em;text-align:left;vertical-align:top}"
    "caption{text-align:left;font-weight:bold;padding:.4em 0}"
)
_HEADINGS = "".join(f'<th scope="col">{name}</th>' for name in ("N°", "Titre", "Type", "Auteur", "Date", "Fichier"))


@dataclass(frozen=True, slots=True, repr=False)
class Listed:
    """A document of the medium as people read of it. `file` is its name beside METADATA.XML."""

    file: str
    title: str
    kind: str
    author: str
    created: datetime
    size: int
    replaces: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Sender:
    """Who sends: a person and a place, as the documents name them; and with which program."""

    person: str
    place: str
    program: str
    version: str


def index(listed: Sequence[Listed], patient: Sequence[str], sender: Sender, now: datetime) -> str:
    """XHTML, readable without style and by a screen reader. `patient`: lines that name whom it is about; `now` is aware."""
    rows = "".join(_row(number, one) for number, one in enumerate(listed, 1))
    people = "".join(f"<li>{escape(line)}</li>" for line in patient)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML Basic 1.1//EN" '
        '"http://www.w3.org/TR/xhtml-basic/xhtml-basic11.dtd">\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr" lang="fr"><head>'
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>'
        f'<title>Documents de santé</title><style type="text/css">{_STYLE}</style></head><body>\n'
        "<h1>Documents de santé</h1>\n"
        f"<p>Envoyés par {escape(_who(sender))}, le {now:%d/%m/%Y à %H:%M}.</p>\n"
        f"<h2>Patient</h2>\n<ul>{people}</ul>\n<h2>Documents</h2>\n"
        f"<table><caption>{_count(len(listed))}</caption>\n<tr>{_HEADINGS}</tr>\n{rows}</table>\n"
        "<p>Pour les ranger dans un dossier, donnez l'archive entière à votre logiciel : elle se lit avec ses métadonnées."
        ' Le contenu de l\'archive est décrit dans <a href="README.TXT">README.TXT</a>.</p>\n'
        "<p>Ces données sont protégées par le secret médical.</p>\n</body></html>\n"
    )


def readme(listed: Sequence[Listed], sender: Sender, now: datetime) -> str:
    """Lines end as on Windows. `now` is aware."""
    lines = [
        "DOCUMENTS DE SANTÉ - archive IHE XDM",
        "",
        "Expéditeur",
        f"  {_who(sender)}",
        f"  Préparée le {now:%d/%m/%Y à %H:%M}",
        "",
        "Logiciel",
        f"  {sender.program}, version {sender.version}",
        "",
        "Contenu",
        "  README.TXT                       ce fichier",
        "  INDEX.HTM                        liste des documents, à ouvrir dans un navigateur",
        "  IHE_XDM/SUBSET01/METADATA.XML    métadonnées, pour les logiciels",
    ]
    lines += [f"  {f'{SUBSET}/{one.file}':<32} document {number}" for number, one in enumerate(listed, 1)]
    lines += [
        "",
        "Utilisation",
        "  Enregistrez l'archive sans la modifier, puis importez-la dans votre logiciel.",
        "  Pour lire seulement : ouvrez-la, puis ouvrez INDEX.HTM.",
        "",
        "Ces données sont protégées par le secret médical. Si elles ne vous sont pas destinées,",
        "supprimez-les et prévenez l'expéditeur.",
    ]
    return "\r\n".join(lines) + "\r\n"


def _row(number: int, one: Listed) -> str:
    title = escape(one.title) + (" (annule et remplace une version précédente)" if one.replaces else "")
    return (
        f"<tr><td>{number}</td><td>{title}</td><td>{escape(one.kind)}</td><td>{escape(one.author)}</td>"
        f'<td>{one.created:%d/%m/%Y à %H:%M}</td><td><a href="{SUBSET}/{one.file}">{one.file}</a>'
        f" ({max(1, one.size // 1000)} ko)</td></tr>\n"
    )


def _who(sender: Sender) -> str:
    return ", ".join(part for part in (sender.person, sender.place) if part)


def _count(number: int) -> str:
    return "1 document" if number == 1 else f"{number} documents"
