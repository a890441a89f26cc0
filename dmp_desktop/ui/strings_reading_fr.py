"""Texts of the tabs Synthèse, Biologie and Traitements, in French; the rest of the screen's are in `strings_fr`."""

from __future__ import annotations

from dmp_desktop.domain.clinical import Origin
from dmp_desktop.domain.notes import ProposalStatus
from dmp_desktop.services.lab_series import Direction
from dmp_desktop.services.medication import Mark
from dmp_desktop.services.synthesis import Section

# How far the reading went
READING = "Lecture du dossier : {read} documents structurés sur {structured}…"
BEGINS = "Lecture du dossier…"
READ = "Lu sur {read} documents structurés sur {structured}"
READ_WHOLE, READ_WHOLE_ONE = "{} documents structurés lus", "1 document structuré lu"
READ_NOT = "Aucun document structuré dans ce dossier"
OTHERS, OTHERS_ONE = "{} autres à lire dans Documents", "1 autre à lire dans Documents"
FAILED = "{} illisibles par le logiciel"
STOPPED = "Lecture arrêtée, page incomplète : {read} sur {structured} documents structurés"
BROKEN = "Lecture interrompue, page incomplète. {}"
STOP, RESUME = "Arrêter", "Reprendre"
STOP_NAME, RESUME_NAME = "Arrêter la lecture du dossier", "Reprendre la lecture du dossier"
PROGRESS_NAME = "Avancement de la lecture"
UNKNOWN = "Non renseigné"
SOURCES_OF = "Ouvrir un des documents qui le disent"
COPY = "Copier"
COPIED = "Copié avec les sources"

# Synthèse
SYNTHESIS_NAME = "Synthèse du dossier"
SECTION = {
    Section.ALLERGIES: "Allergies et intolérances",
    Section.PROBLEMS: "Problèmes en cours",
    Section.HISTORY: "Antécédents",
    Section.TREATMENTS: "Traitements",
    Section.ENDED: "Traitements non en cours",
    Section.VACCINATIONS: "Vaccinations",
    Section.PROCEDURES: "Actes et interventions",
    Section.DEVICES: "Dispositifs médicaux",
    Section.FAMILY: "Antécédents familiaux",
    Section.LIFESTYLE: "Mode de vie",
    Section.VITALS: "Constantes",
}
SECTION_ICONS = {
    Section.ALLERGIES: "warning",
    Section.PROBLEMS: "report",
    Section.HISTORY: "clock",
    Section.TREATMENTS: "pill",
    Section.ENDED: "pill",
    Section.VACCINATIONS: "vaccine",
    Section.PROCEDURES: "list",
    Section.DEVICES: "server",
    Section.FAMILY: "person",
    Section.LIFESTYLE: "person",
    Section.VITALS: "chart",
}
STATUS = {
    ProposalStatus.PRESENT: "",
    ProposalStatus.ABSENT: "absent",
    ProposalStatus.HISTORY: "antécédent",
    ProposalStatus.FAMILY: "dans la famille",
    ProposalStatus.SUSPECTED: "suspecté",
    ProposalStatus.PLANNED: "prévu",
    ProposalStatus.DONE: "fait",
    ProposalStatus.REFUSED: "refusé",
    ProposalStatus.STOPPED: "arrêté",
    ProposalStatus.GOAL: "objectif",
    ProposalStatus.CANCELLED: "annulé",
    ProposalStatus.NOT_DONE: "non fait",
    ProposalStatus.UNKNOWN: "non recherché ou inconnu",
}
STATUS_SIDE = {ProposalStatus.PRESENT: "en cours", **{k: v for k, v in STATUS.items() if v}}
"""Where two statuses face each other, the usual one is said too."""
CONTRADICTION = "Documents en contradiction"
AGAINST = "{left} — mais — {right}"
SINCE, UNTIL, FROM_TO = "depuis {}", "jusqu'au {}", "du {} au {}"
FROM_DAY = "à partir du {}"
SAME = "{} documents"
ALSO_SAID = "aussi « {} »"
STATEMENTS = "{} mentions"
MEASURES = "{} mesures"
FOLDED, UNFOLDED = "replié", "déplié"
FOLD_ALL, UNFOLD_ALL = "Tout replier", "Tout déplier"
COPY_ALL, COPY_SECTION, COPY_SELECTION = "Toute la synthèse", "Cette section", "La sélection\tCtrl+C"
COPY_NAME = "Copier la synthèse avec ses sources"
SYNTHESIS_KEYS = "← → : plier · Entrée : ouvrir"

# Biologie
LAB_NAME = "Résultats de biologie, un examen par ligne"
LAB_COLUMNS = ("Examen", "Dernier résultat", "Interprétation", "Date", "Précédent", "Évolution")
LAB_FILTER = "Filtrer les examens…"
LAB_FILTER_NAME = "Filtrer les examens par nom, code ou laboratoire"
ABNORMAL_ONLY = "Anormaux seulement"
LAB_EMPTY = "Aucun résultat exploitable dans ce dossier."
LAB_NO_MATCH = "Aucun examen ne répond à ce filtre."
UNEXPLOITABLE = "Non exploitable, à lire"
UNEXPLOITABLE_REPORT = "Résultats non codés : ouvrir le document"
BY_LABEL = "réuni par le nom"
BY_LABEL_TIP = "Certains laboratoires ne donnent pas de code : ces résultats sont réunis par le nom de l'examen."
UNDATED = "date du document"
FUTURE = "date future, à vérifier"
NO_RESULT = "pas un résultat : {}"
QUOTED = "résultat repris par un autre document"
FLAGS = {
    "N": "normal",
    "A": "anormal",
    "AA": "critique",
    "H": "élevé",
    "HH": "très élevé",
    "HU": "très élevé",
    ">": "élevé",
    "L": "bas",
    "LL": "très bas",
    "LU": "très bas",
    "<": "bas",
    "R": "résistant",
    "I": "intermédiaire",
    "S": "sensible",
}
HIGH, LOW, NORMAL, NOT_SAID = "élevé", "bas", "normal", "non précisée"
SIGNS = {"high": "▲", "low": "▼", "critical_high": "▲▲", "critical_low": "▼▼", "abnormal": "●"}
DIRECTIONS = {Direction.UP: "↗", Direction.DOWN: "↘", Direction.SAME: "→", Direction.UNKNOWN: ""}
DIRECTION_WORDS = {
    Direction.UP: "en hausse",
    Direction.DOWN: "en baisse",
    Direction.SAME: "stable",
    Direction.UNKNOWN: "",
}
PREVIOUS = "avant : {value} le {day}"
RESULTS_COUNT = "{} résultats"
LIMITS = "normes {low} – {high}"
LIMIT_LOW, LIMIT_HIGH = "norme ≥ {}", "norme ≤ {}"
CHART_NAME = "Courbe {}"
CHART_HELP = "← → : point précédent ou suivant · Entrée : ouvrir le compte rendu"
CHART_SERIES = "{label} : {count} résultats du {first} au {last}, {limits}."
CHART_WORDS = "Ces résultats sont des mots : ils sont dans le tableau."
CONVERTED = "conversion : {}"
ALSO = "aussi écrit {}"
UNITS_NAME = "Unité de la courbe"
UNIT_NONE = "sans unité"
POINTS_NAME = "Résultats {}"
POINT_COLUMNS = ("Date", "Résultat", "Interprétation", "Normes", "Laboratoire", "Écrit par le laboratoire")
AS_READ = "écrit {}"
EXPORT = "Exporter en CSV…"
EXPORT_NAME = "Exporter ces résultats dans un fichier CSV"
EXPORT_TITLE = "Exporter les résultats"
EXPORT_FILE = "resultats.csv"
EXPORT_FILTER = "Fichier CSV (*.csv)"
EXPORTED = "Fichier enregistré"
EXPORT_FAILED = "Le fichier n'a pas pu être écrit."
COPY_RESULTS = "Copier ces résultats avec leurs sources"
BACK_TO_LAB = "Examens"
BACK_TO_LAB_TIP = "Revenir aux examens (Échap)"
CSV_HEADER = (
    "Examen", "Date", "Résultat", "Unité", "Résultat écrit", "Unité écrite", "Conversion", "Borne basse", "Borne haute",
    "Interprétation", "LOINC", "Laboratoire", "Document",
)  # fmt: skip

# Traitements
TREATMENTS_NAME = "Traitements prescrits, délivrés, remboursés, dans la note"
ORIGIN = {
    Origin.LISTED: "En synthèse",
    Origin.PRESCRIBED: "Prescrit",
    Origin.DISPENSED: "Délivré",
    Origin.REIMBURSED: "Remboursé",
    Origin.NOTE: "Dans la note",
}
ORIGIN_SHORT = {
    Origin.LISTED: "synthèse",
    Origin.PRESCRIBED: "prescrit",
    Origin.DISPENSED: "délivré",
    Origin.REIMBURSED: "remboursé",
    Origin.NOTE: "note",
}
TREATMENT = "Traitement"
STATE = "État"
MARK = {
    Mark.MISSING: ("Non délivré", "warning", "warning"),
    Mark.DUPLICATE: ("En double", "error", "danger"),
    Mark.STOPPED: ("Arrêté", "cross", "muted"),
    Mark.RESTARTED: ("Repris", "undo", "accent"),
}
MARK_TIP = {
    Mark.MISSING: "Prescrit ; le dossier contient des délivrances plus récentes, aucune de ce traitement.",
    Mark.DUPLICATE: "Deux prescriptions en cours de la même substance, dont aucune ne renouvelle ni ne remplace l'autre.",
    Mark.STOPPED: "Dit arrêté, ou toutes les fins connues sont passées.",
    Mark.RESTARTED: "Recommencé après une fin.",
}
CURRENT, NOT_CURRENT = "en cours", "pas dit en cours"
SHARES = "même substance que {}"
AND_MORE, AND_MORE_ONE = "et {} autres", "et 1 autre"
QUANTITY = "quantité {}"
"""Of what is counted nobody says: a box, mostly."""
NOTHING_TOLD = "—"
TREATMENTS_EMPTY = "Non renseigné : aucun traitement exploitable dans ce dossier."
TIMELINE_NAME = "Frise des traitements"
TIMELINE_HELP = "↑ ↓ : traitement · ← → : période · Entrée : ouvrir le document"
TIMELINE_BAR = "{label} : {origin} {dates}, {source}"
ON_DAY = "le {}"
OPEN_START, OPEN_END = "début inconnu", "fin inconnue"
TODAY = "aujourd'hui"
IN_NOTE = "note en cours"
UNEXPLOITABLE_PAPER = "Ordonnance, délivrance ou remboursement non codé : ouvrir le document"


def reach(read: int, structured: int, others: int) -> tuple[str, ...]:
    """What a page stands on: documents read of those that are structured, and how many `others` hold nothing coded."""
    if not structured:
        first = READ_NOT
    elif read < structured:
        first = READ.format(read=read, structured=structured)
    else:
        first = READ_WHOLE.format(read) if read > 1 else READ_WHOLE_ONE
    more = OTHERS.format(others) if others > 1 else OTHERS_ONE
    return (first, more) if others else (first,)


def and_more(count: int) -> str:
    """What a cell has no room for."""
    return AND_MORE.format(count) if count > 1 else AND_MORE_ONE if count else ""


def results(count: int) -> str:
    return RESULTS_COUNT.format(count) if count > 1 else "1 résultat"
