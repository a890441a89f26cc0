"""What a repair or a restoration did, in French: for who works here, and for support. No patient is named in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dmp_desktop.storage.database import CACHE
from dmp_desktop.storage.rebuild import Rebuilt
from dmp_desktop.storage.tables import Carried

DAMAGE, RESTORED = "abimee", "restauree"

_DONE = {
    DAMAGE: "remise en état des données de ce poste, qui étaient abîmées",
    RESTORED: "restauration d'une sauvegarde",
}
_BEGUN = {
    DAMAGE: "Les données de ce poste étaient abîmées et ont été remises en état",
    RESTORED: "La sauvegarde a été restaurée",
}
_DETAIL = "Les fichiers d'avant sont conservés ; le détail est dans le dossier des sauvegardes."
_TABLES = {
    "journal": "acte(s) du journal",
    "draft": "brouillon(s)",
    "preference": "préférence(s)",
    "identity": "identité(s)",
    "access_act": "acte(s) sur les droits",
    "ins_access": "accès à un INS",
    "wrapped_key": "clé(s) de professionnels",
    "scan": "numérisation(s)",
    "proposal": "note(s) proposée(s) à un médecin",
}


@dataclass(frozen=True, slots=True)
class Repair:
    """`why` is DAMAGE or RESTORED; `backup` is the one that filled what was missing, None without any; `aside` the names of the
    former files; `told` is None when a process that was cut off did it."""

    at: datetime
    why: str
    told: Rebuilt | None
    backup: Path | None
    aside: tuple[str, ...]

    @property
    def notice(self) -> str:
        """One short paragraph for the window."""
        begun, told = _BEGUN[self.why], self.told
        if told is None:
            return f"{begun}. {_DETAIL}"
        saved = told.outbox.rows.get("outbox", 0)
        filled = f"{told.documents} repris de la sauvegarde" if self.backup else "aucune sauvegarde utilisable"
        parts = [f"{begun} : {saved} document(s) relu(s) sur ce poste, {filled}."]
        if told.documents:
            parts.append("Ceux-là sont cherchés dans le DMP avant tout envoi.")
        if told.unreadable:
            parts.append(f"{told.unreadable} document(s) n'ont pas pu être relus : voyez « À envoyer ».")
        return " ".join([*parts, _DETAIL])


def report_of(repair: Repair) -> str:
    """The whole of it, line by line."""
    told = repair.told or Rebuilt()
    lines = [
        f"DMP Desktop, {repair.at.astimezone():%d/%m/%Y %H:%M} : {_DONE[repair.why]}",
        "",
        *_file("Base locale", told.database),
        *_file("Boîte d'envoi", told.outbox),
        "",
    ]
    if repair.backup:
        lines.append(f"Complété par la sauvegarde {repair.backup.name} :")
        lines.append(f"  {told.documents} document(s) à envoyer, cherchés dans le DMP avant tout envoi")
        lines += [
            f"  {told.from_backup[name]} {words}" for name, words in _TABLES.items() if told.from_backup.get(name)
        ]
        lines.append(
            "  Un brouillon repris de la sauvegarde peut être celui d'une note déjà envoyée : vérifiez avant d'envoyer."
        )
    else:
        lines.append("Aucune sauvegarde utilisable n'a été trouvée.")
    lines += ["", f"Documents qui n'ont pas pu être relus : {told.unreadable}"]
    if told.unreadable:
        lines.append(
            "  Ils sont marqués dans « À envoyer » : regardez s'ils sont dans le DMP, sinon rédigez-les à nouveau."
        )
    lines += ["", "Fichiers conservés tels qu'ils étaient, à ne pas supprimer avant l'accord du support :"]
    lines += [f"  {name}" for name in repair.aside] or ["  aucun"]
    return "\n".join(lines) + "\n"


def _file(name: str, carried: Carried) -> list[str]:
    if not carried.schema:
        return [f"{name} : rien n'a pu en être relu"]
    damaged = sorted(carried.damaged - CACHE)
    state = f"abîmée ({', '.join(damaged)})" if damaged else "lue en entier"
    counted = [f"  {carried.rows[table]} {words}" for table, words in _TABLES.items() if carried.rows.get(table)]
    counted += [f"  {carried.rows['outbox']} document(s)"] if carried.rows.get("outbox") else []
    return [f"{name} : {state}", *counted]
