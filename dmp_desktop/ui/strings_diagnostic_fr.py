"""Texts of the page Diagnostic, in French. What each check says is the checks' own (services/diagnostics)."""

from __future__ import annotations

from dmp_desktop.services.diagnostics.model import Verdict

BACK = "Retour"
TITLE = "Diagnostic de ce poste"
NOTE = "Aucun code n’est envoyé à la carte, rien n’y est écrit, aucune donnée de patient n’est affichée ni gardée."
RUNNING = "{done} vérifications sur {all}…"
ENDED = "{all} vérifications : {counts}."
NOTHING_WRONG = "{all} vérifications, rien à signaler."
COUNTS = {
    Verdict.PROBLEM: ("{} problème", "{} problèmes"),
    Verdict.ATTENTION: ("{} point d’attention", "{} points d’attention"),
    Verdict.UNVERIFIABLE: ("{} non vérifiable", "{} non vérifiables"),
    Verdict.OK: ("{} correcte", "{} correctes"),
}
STATE = {
    Verdict.PROBLEM: ("Problème", "error", "danger"),
    Verdict.ATTENTION: ("Attention", "warning", "warning"),
    Verdict.UNVERIFIABLE: ("Non vérifiable", "info", "muted"),
    Verdict.OK: ("Correct", "check", "success"),
}
"""Word, icon, role."""
STATE_OF = "{} · {}"
TO_DO = "À faire : {}"
RUN_ALL = "Tout relancer"
RUN_ONE = "Relancer"
RUN_ONE_NAME = "Relancer la vérification « {} »"
UNDER_WAY = "En cours…"
IN_REPORT = "Le détail technique est dans le rapport à copier."
COPY = "Copier le rapport"
COPIED = "Le rapport est copié : collez-le dans votre message à l’assistance. Il ne contient ni patient ni identité."
