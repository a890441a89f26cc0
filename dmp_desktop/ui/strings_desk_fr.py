"""Every French text of the front desk's list and of the waiting room. Nothing clinical."""

from __future__ import annotations

from dmp_desktop.domain.arrivals import Stage
from dmp_desktop.domain.consent import Subject
from dmp_desktop.domain.front_desk import Point, Told

TAB = "Patients du jour"
IDENTITIES_TAB = "Identités"
LIST_NAME = "Patients attendus aujourd'hui"
COLUMNS = ("Patient", "Naissance", "Heure", "État", "À faire", "Avec")
COUNT = "{day} : {total} · {here} · {ready}"
TOTAL = ("aucun patient", "1 patient", "{} patients")
HERE = ("personne en salle d'attente", "1 en salle d'attente", "{} en salle d'attente")
READY = ("aucun dossier remis", "1 dossier remis", "{} dossiers remis")
UNREADABLE = "{} rendez-vous de cette liste ne peuvent pas être lus : elle est incomplète. Lancez le diagnostic."
EMPTY = (
    "Personne n'est attendu aujourd'hui.\n\n"
    "Déposez ici l'agenda du jour (fichier CSV ou ICS), collez-le (Ctrl+V), ou ajoutez un patient (N).\n"
    "Un fichier « agenda.csv » ou « agenda.ics » écrit par votre logiciel dans le dossier de DMP Desktop est repris de lui-même."
)
LOADING = "Lecture de la liste…"
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

STAGE = {
    Stage.EXPECTED: "Attendu",
    Stage.ARRIVED: "Arrivé",
    Stage.HANDED: "Dossier remis",
    Stage.SEEN: "Chez le médecin",
    Stage.ABSENT: "Absent",
}
STAGE_ICON = {
    Stage.EXPECTED: "clock",
    Stage.ARRIVED: "person",
    Stage.HANDED: "check",
    Stage.SEEN: "report",
    Stage.ABSENT: "cross",
}
WITHDRAWN = "retiré de l'agenda"
MOVED = "prévu d'abord à {}"
HOMONYM = "homonyme"
AGAIN = "2 RDV"
LATE = "en retard"
ARRIVED_AT = "Arrivé à {}"
NAMED = "{name} · {born} · {time}"
HOMONYM_HERE = "Un homonyme vient aujourd'hui : vérifiez la date de naissance."
NO_BIRTH = "naissance inconnue"
BORN = "né(e) le {}"
NO_TIME = "sans heure"
ALL_DONE = "Dossier prêt"
READINESS = {True: "Prêt", False: "Pas prêt"}

TOLD = {
    Told.IDENTIFIED: "Personne reconnue",
    Told.GIVEN: "Identité qualifiée par le logiciel de cabinet",
    Told.CONFIRM: "Personne à confirmer : une identité d'ici porte ce nom",
    Told.CHOOSE: "Personne à choisir : plusieurs identités d'ici portent ce nom",
    Told.NEW: "Personne inconnue ici",
    Told.INCOMPLETE: "Prénom ou date de naissance à compléter",
    Told.DISCORDANT: "L'INS annoncée est celle d'une autre personne",
    Told.DOUBTFUL: "Identité signalée douteuse",
    Told.QUALIFIED: "INS qualifiée",
    Told.ASK_INSI: "INS à demander à l'INSi",
    Told.SEE_DOCUMENT: "Pièce d'identité à voir",
    Told.EXISTS: "Un DMP existe",
    Told.AUTHORISED: "Un DMP existe, accès autorisé",
    Told.BARRED: "Le patient interdit l'accès à son DMP",
    Told.CLOSED: "Le DMP est fermé",
    Told.NO_DMP: "Le patient n'a pas de DMP",
    Told.NOT_ASKED: "Existence du DMP à demander",
    Told.AGREED: "Avis notés, aucune opposition",
    Told.NOT_NOTED: "Avis du patient à noter",
    Told.NO_SCAN: "Aucune numérisation en attente",
    Told.SCANS_WAIT: "Numérisations en attente : {}",
}
AFTER = {
    Point.INS: "INS : après l'identité",
    Point.DMP: "DMP : après l'INS",
    Point.OPINIONS: "Avis du patient : après l'INS",
}
OPINION = "{said} (noté le {day}, {channel})"
OPINION_WITHOUT_WAY = "{said} (noté le {day})"
OPPOSED_TO = {Subject.CONSULTATION: "s'oppose à la consultation", Subject.FEEDING: "s'oppose aux envois"}
AGREED_TO = {Subject.CONSULTATION: "consultation acceptée", Subject.FEEDING: "envois acceptés"}
SHORT = {
    Told.CONFIRM: "personne à confirmer",
    Told.CHOOSE: "personne à choisir",
    Told.NEW: "identité à vérifier",
    Told.INCOMPLETE: "identité à compléter",
    Told.DISCORDANT: "INS d'un autre",
    Told.DOUBTFUL: "identité douteuse",
    Told.ASK_INSI: "INS à demander",
    Told.SEE_DOCUMENT: "pièce à voir",
    Told.NOT_ASKED: "DMP à demander",
    Told.NOT_NOTED: "avis à noter",
    Told.BARRED: "accès interdit",
    Told.CLOSED: "DMP fermé",
    Told.NO_DMP: "sans DMP",
    Told.SCANS_WAIT: "numérisations en attente",
}
"""Of what a doctor reads beside a name, or the list in one line."""

ADD = "Ajouter un patient (N)"
IMPORT = "Importer un agenda…"
IMPORT_FILTER = "Agendas (*.csv *.ics *.json *.txt)"
ARRIVED = "Arrivé (A)"
NOT_ARRIVED = "Pas encore là (A)"
ABSENT = "Absent (Suppr)"
EXPECTED_AGAIN = "Attendu de nouveau (Suppr)"
HAND = "Remettre le dossier au médecin (P)"
HAND_ANYWAY = "Remettre tel quel (P)"
TAKE_BACK = "Reprendre le dossier (P)"
IDENTITY = "Vérifier l'identité (I)"
IDENTITY_SEEN = "Identité (I)"
OPINIONS = "Noter les avis (I)"
ASK_DMP = "Demander si un DMP existe (D)"
IT_IS = "C'est {} (C)"
IT_IS_ONE = "C'est {}"
NOT_THEM = "Ce n'est pas cette personne"
CANDIDATE = "{name}, {born}{place}, INS {status}"
PLACE = ", né(e) à {}"
KEYS = (
    "↑ ↓ choisir · Entrée : faire ce qui reste · A arrivé · P remettre · D DMP · I identité · C confirmer · N ajouter"
)

FORM_TITLE = "Patient à ajouter"
FAMILY, GIVEN, BIRTH, SEX, TIME, DOCTOR = (
    "Nom de naissance",
    "Prénom",
    "Date de naissance (jj/mm/aaaa)",
    "Sexe",
    "Heure du rendez-vous (hh:mm), vide sans rendez-vous",
    "Médecin",
)
FORM_ADD, FORM_CLOSE = "Ajouter", "Fermer"
WRONG_FAMILY = "Saisissez au moins le nom."
WRONG_BIRTH = "La date de naissance n'est pas une date possible (jj/mm/aaaa)."
WRONG_TIME = "L'heure n'est pas une heure (hh:mm)."
SEX_UNKNOWN = "non renseigné"

TAKEN = "Agenda repris : {}."
TAKEN_ADDED = ("", "1 ajouté", "{} ajoutés")
TAKEN_ALREADY = ("", "1 déjà là", "{} déjà là")
TAKEN_MOVED = ("", "1 déplacé", "{} déplacés")
TAKEN_WITHDRAWN = ("", "1 retiré de l'agenda", "{} retirés de l'agenda")
TAKEN_NONE = "aucun rendez-vous"
REFUSED_LINE = "Ligne {} non reprise : {}"
REFUSED_MORE = "… et {} autres lignes non reprises."
LEFT_OUT = "Non repris, et non gardé : {}."
WATCHED_FAILED = "{name} : {why}"
WATCHED_REFUSED = "{name} : {count} ligne(s) non reprise(s), la première : ligne {line}, {why}"
NO_AGENDA = "Ce qui a été déposé n'est pas un agenda : un fichier CSV ou ICS, ou son texte."
UNREADABLE_FILE = "Ce fichier ne peut pas être lu."
UNREADABLE_FILE_REMEDY = "Vérifiez qu'il n'est pas ouvert ailleurs, puis déposez-le de nouveau."
ADDED = "Patient ajouté."
HANDED = "Dossier remis au médecin."
CONFIRMED = "Personne confirmée."

FOR = "Pour le rendez-vous de {} : {}"
LINK = "C'est cette personne"
NOBODY_SHOWN = "Personne n'est affiché : cherchez ou créez l'identité d'abord."
BACK = "Retour à la liste (Échap)"

ROOM = "Salle d'attente"
ROOM_NOTE = "Un clic ouvre le dossier. Ne sont listés que vos patients, et ceux dont l'agenda ne dit pas le médecin."
ROOM_EMPTY = "Personne n'est attendu chez vous aujourd'hui."
NOT_SAID = "médecin non précisé"
BACK_TO_DESK = "Retour à l'accueil"
