"""Texts of the page Journal, in French."""

from __future__ import annotations

ASK = "Journal des actes…"
ASK_FEEDING = "Envois…"
TITLE = "Journal des actes"
NOTE = (
    "Qui a fait quoi sur ce poste, dans l'ordre. Les patients y sont sous pseudonyme ; rien de médical n'y est écrit. "
    "Rien ne s'y efface ni ne s'y change."
)
PERIOD = "Période"
PERIODS = {7: "7 derniers jours", 30: "30 derniers jours", 365: "Depuis un an", 0: "Depuis le début"}
FAMILY = "Actes"
EVERY = "Tous les actes"
VERIFY = "&Vérifier le journal"
VERIFY_TIP = "Vérifier que rien n'y a été changé, déplacé ni retiré"
EXPORT = "&Exporter…"
EXPORT_TIP = "Tous les actes, en CSV (tableur) ou en lignes JSON"
EXPORT_TITLE = "Exporter le journal"
EXPORT_NAME = "journal-dmp-desktop.csv"
EXPORT_KINDS = "Tableur (*.csv);;Lignes JSON (*.jsonl)"
LOADING = "Lecture du journal…"
VERIFYING = "Vérification en cours…"
SOUND = ("Le journal est intact : {} acte.", "Le journal est intact : {} actes.")
SOUND_TOO = "{} Celui du cabinet aussi."
EXPORTED = ("{} acte exporté.", "{} actes exportés.")
NONE = "Aucun acte de ce genre sur cette période."
COUNT = ("1 acte.", "{} actes.")
MORE = "Les {} derniers actes ; l'export les a tous."
OWN_ONLY = "Vos actes seulement. {}"
COLUMNS = ("Acte", "Date", "Qui", "Résultat", "Patient, document")
ME = "vous"
NOBODY = "le poste"
UNLISTED = "Le journal n'a pas pu être lu."
