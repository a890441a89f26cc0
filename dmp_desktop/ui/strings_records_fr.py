"""Texts of « Mes dossiers », of the professionals who may open a record, and of the Web DMP, in French."""

from __future__ import annotations

RECORDS = "Mes dossiers…"
RECORDS_TITLE = "Mes dossiers"
RECORDS_NOTE = "Dossiers qui vous sont ouverts ; noms et dates sont ceux que donne le DMP. Un clic ouvre le dossier."
FILTER = "Filtrer par nom…"
PERIOD = "Depuis"
PERIODS = {7: "Depuis 7 jours", 30: "Depuis 30 jours", 365: "Depuis un an"}
ORDER = "Ordre"
BY_DOCUMENT, BY_ACCESS = "document", "access"
ORDERS = {BY_DOCUMENT: "Dernier document", BY_ACCESS: "Mon dernier accès"}
UNLISTED = "Le DMP n'a pas donné cette liste."
RECORDS_LOADING = "Le DMP est interrogé…"
RECORDS_NONE = {
    BY_DOCUMENT: "Aucun de vos dossiers n'a reçu de document sur cette période.",
    BY_ACCESS: "Le DMP ne donne aucun de vos accès sur cette période.",
}
RECORDS_COUNT = ("1 dossier.", "{} dossiers.")
RECORDS_KEPT = "{} sur {} dossiers."
RECORDS_COLUMNS = ("Patient", "Naissance", "Dernier document", "Mon dernier accès", "Remarque")
BORN = "né(e) le {}"
NO_BIRTH = "naissance non communiquée"
DOCUMENT_OF = "document {}"
ACCESS_OF = "accès {}"
NOT_TOLD = "non communiqué"
ATTENDING = "médecin traitant"

PROFESSIONALS = "Professionnels autorisés…"
PROFESSIONALS_TITLE = "Professionnels autorisés"
PROFESSIONALS_NOTE = "Qui peut ouvrir ce dossier, et qui le patient a bloqué, d'après le DMP."
WHICH = "Qui montrer"
WHICHS = {"ACTIVE": "Autorisés", "INTERDITE": "Bloqués", "TOUTE": "Tous"}
PROFESSIONALS_LOADING = RECORDS_LOADING
PROFESSIONALS_NONE = {
    "ACTIVE": "Le DMP ne donne aucun professionnel autorisé.",
    "INTERDITE": "Le DMP ne donne aucun professionnel bloqué.",
    "TOUTE": "Le DMP ne donne aucun professionnel.",
}
PROFESSIONALS_COUNT = ("1 professionnel ou structure.", "{} professionnels ou structures.")
PROFESSIONALS_COLUMNS = ("Nom", "Spécialité", "Depuis", "Dernière action", "État")
STRUCTURE = "structure de soins"
NO_SPECIALTY = "spécialité non communiquée"
UNKNOWN_SPECIALTY = "spécialité de code {}"
SINCE = "depuis le {}"
LAST_ACTION = "dernière action le {}"
BLOCKED = "bloqué par le patient"
ALLOWED = "autorisé"
RIGHTS = {"MEDECIN_TRAITANT": ATTENDING}
"""specificRight, in words; others are shown as the DMP writes them."""

WEB_OFF = "Web DMP : adresse non réglée"
WEB_DASHBOARD = "Web DMP : mon tableau de bord"
WEB_PATIENT = "Web DMP : ce dossier"
WEB_PAGES = "Web DMP : autres pages…"
WEB_TITLE = "Ouvrir le Web DMP"
WEB_NOTE = (
    "La page s'ouvre dans le navigateur, où vous vous identifiez avec votre carte ou votre e-CPS. "
    "Son adresse contient l'INS du patient : ne la copiez pas ailleurs."
)
WEB_OPENED = "« {} » s'ouvre dans le navigateur."
NO_BROWSER = ("web.navigateur", "Aucun navigateur ne s'est ouvert.", "Vérifiez le navigateur par défaut de ce poste.")
DASHBOARD, PATIENT = "TableauDeBord", "DossierPatient"
PATIENT_PAGES = {
    "DossierPatient": "Dossier du patient",
    "Documents": "Documents du patient",
    "HistoriqueAcces": "Historique des accès",
    "ParcoursDeSoins": "Parcours de soins",
    "VolontesEtDroits": "Volontés et droits",
    "CarnetVaccination": "Carnet de vaccination",
    "GestionDMPPatient": "Gestion du DMP du patient",
}
OWN_PAGES = {"TableauDeBord": "Mon tableau de bord", "Parametrages": "Mes paramétrages"}
"""By their names in the address (reference §2.1)."""
