"""Texts of the passphrase of this workstation, in Réglages."""

from __future__ import annotations

from dmp_desktop.services.passphrase import LEAST, Strength

TITLE = "Phrase de passe de ce poste"
WHAT = (
    "Elle protège la base locale et est demandée à chaque lancement. Oubliée, seuls le code de secours du cabinet et une "
    "sauvegarde rouvrent ce poste."
)
FORMER, COMING, AGAIN = "Phrase de passe actuelle", "Nouvelle phrase de passe", "La nouvelle, une seconde fois"
CHANGE = "Changer la phrase de passe"
CHANGING = "Changement en cours…"
CHANGED = "C'est changé : la nouvelle phrase de passe sera demandée au prochain lancement."
DIFFERS = "Les deux nouvelles saisies ne sont pas encore les mêmes."
STRENGTH = {
    Strength.SHORT: (f"Trop courte : {LEAST} caractères au moins.", "danger"),
    Strength.WEAK: ("Faible : elle se répète ou suit l'alphabet. Choisissez quatre mots sans lien.", "warning"),
    Strength.FAIR: ("Moyenne : un mot de plus la renforce.", "accent"),
    Strength.GOOD: ("Solide.", "success"),
}
"""What is told of it while it is typed, and the role of its colour."""
