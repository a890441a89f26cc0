"""Every French text about the access to records. Buttons have no Alt letter: the pages come and go with others."""

from __future__ import annotations

from dmp_desktop.domain.consent import AccessAct, Subject
from dmp_desktop.domain.people import Sex

# Page of the patient
PAGE = "Accès au dossier"
LOADING, ACTING = "Lecture…", "En cours…"
ACT_FAILED = "« {act} » n'a pas abouti. {why}"
ACT_FAILED_LATE = "« {act} », demandé avant que son dossier ne se ferme, n'a pas abouti. {why}"
ACT_UNKNOWN = "Le DMP n'a pas répondu : on ne sait pas si « {act} » est fait."
ACT_ASKED_ANEW = "L'état du dossier lui est redemandé ; rien ne sera refait sans vous."
ACT_TRUTH = "Le DMP n'avait pas répondu à « {act} ». Interrogé à nouveau, il dit : « {state} »."
ACT_UNKNOWN_LATE = (
    "« {act} », demandé avant que son dossier ne se ferme : le DMP n'a pas répondu, on ne sait pas si c'est fait."
)
ACT_UNKNOWN_LATE_REMEDY = "Rien ne sera refait sans vous : rouvrez ce dossier, le DMP dira ce qu'il en est."
ACT_LATE_REMEDY = "Rien ne sera refait sans vous : rouvrez ce dossier et vérifiez dans « Accès au dossier »."
DECLARING = "Déclaration en cours…"
ACT_REMEDY = "Rien ne sera refait sans vous : vérifiez dans « Accès au dossier », puis recommencez."
OPINION = "Avis du patient"
OPINION_HINT = "Deux avis distincts, notés sur ce poste. Le patient peut en changer à tout moment."
SUBJECT = {Subject.CONSULTATION: "Consultation de son DMP", Subject.FEEDING: "Envoi de documents dans son DMP"}
OPINION_STATE = {
    False: ("Le patient est d'accord", "check", "success"),
    True: ("Le patient s'oppose", "forbidden", "danger"),
    None: ("Avis non noté", "warning", "warning"),
}
"""Icon and colour; None: nobody noted anything, which is neither."""
OPINION_WHEN = "Noté le {day} par {by}."
OPINION_NEVER = "Personne n'a encore noté son avis sur ce poste."
NOTE_AGREED, NOTE_OPPOSED = "Noter son accord", "Noter son opposition"
NOTE_NAME = "{act} : {subject}"

AUTHORISATION = "Mon autorisation d'accès"
AUTHORISE, WITHDRAW = "Déclarer le consentement", "Retirer l'autorisation"
NO_AUTHORISATION = "Il n'y a pas d'autorisation à retirer."
ALREADY = "L'accès est déjà autorisé."
FORBIDDEN = "Le patient vous a refusé l'accès : lui seul peut le rétablir, dans Mon espace santé."
OPPOSED = "Le patient s'oppose à la consultation : notez d'abord son accord s'il a changé d'avis."
STATUS_UNKNOWN = "L'état du DMP n'est pas connu."
NO_RECORD = "Il n'y a pas de DMP ouvert."
AT_AUTHORISED = "Demandez d'abord l'autorisation du patient."

ATTENDING = "Médecin traitant"
ATTENDING_YES = ("Vous êtes son médecin traitant dans le DMP", "check", "success")
ATTENDING_NO = ("Vous n'êtes pas déclaré médecin traitant dans ce DMP", "info", "muted")
DECLARE, END_ATTENDING = "Me déclarer médecin traitant", "Ne plus être médecin traitant"

SPECIAL = "Accès particuliers"
BARRED = "Le patient s'oppose à l'accès en urgence : le DMP le refuse."
UNDER_WAY = "Un accès particulier est en cours."
DISCREETLY = "Connexion secrète (mineur)…"
CONFIRM, CANCEL = "Confirmer", "Renoncer"

TOLD = "Ce que dit le DMP"
TOLD_ASKED = "Question posée au DMP…"
TOLD_LINES = (
    ("opposes_break_glass", "Opposition à l'accès en urgence (bris de glace)"),
    ("opposes_emergency", "Opposition à l'accès de la régulation (centre 15)"),
    ("attached_to_mes", "DMP relié à Mon espace santé"),
)
TOLD_LINE = "{what} : {said}"
TOLD_WORDS = {True: "oui", False: "non", None: "le DMP ne le dit pas"}
REPRESENTATIVES = "Représentants légaux : {}"
NO_REPRESENTATIVES = "Représentants légaux : le DMP n'en indique aucun."
REPRESENTATIVES_UNTOLD = "Représentants légaux : le DMP ne le dit pas"
NO_ANSWER = "Le DMP n'a pas répondu : rien n'est connu de ces oppositions."

GUIDANCE = "Que faire ?"
GUIDANCE_NONE = (
    "Ce patient n'a pas de DMP. Depuis juillet 2021, ni vous ni un site ne pouvez plus en créer : le DMP s'ouvre avec Mon espace "
    "santé. Le patient peut l'activer sur monespacesante.fr, ou demander de l'aide à sa caisse d'assurance maladie."
)
GUIDANCE_CLOSED = (
    "Le DMP de ce patient est fermé : rien ne peut y être lu ni envoyé. Lui seul peut le rouvrir, dans Mon espace santé ou "
    "auprès de sa caisse d'assurance maladie."
)
GUIDANCE_FORBIDDEN = (
    "Le patient vous a refusé l'accès à son DMP. Parlez-en avec lui : il peut lever ce refus dans Mon espace santé. Vous pouvez "
    "toujours lui remettre vos documents."
)

HISTORY = "Historique"
NO_HISTORY = "Rien n'a encore été noté sur ce poste."
HISTORY_LINE = "{moment} · {what} · {by}"
NOBODY = "le logiciel"
ACT = {
    AccessAct.CONSULTATION_AGREED: "Consultation : accord du patient",
    AccessAct.CONSULTATION_OPPOSED: "Consultation : opposition du patient",
    AccessAct.FEEDING_AGREED: "Envois : accord du patient",
    AccessAct.FEEDING_OPPOSED: "Envois : opposition du patient",
    AccessAct.AUTHORISED: "Autorisation d'accès déclarée",
    AccessAct.AUTHORISED_ALONE: "Autorisation d'accès déclarée à l'ouverture (réglage)",
    AccessAct.WITHDRAWN: "Autorisation d'accès retirée",
    AccessAct.ATTENDING_DECLARED: "Médecin traitant déclaré",
    AccessAct.ATTENDING_WITHDRAWN: "Médecin traitant : fin",
    AccessAct.GLASS_BROKEN: "Accès en urgence",
    AccessAct.REGULATION_OPENED: "Accès en régulation (centre 15)",
    AccessAct.CONFIDENTIAL_OPENED: "Connexion secrète",
    AccessAct.OPENED_DESPITE: "Opposition à la consultation portée à la connaissance du professionnel avant l'accès",
    AccessAct.SPECIAL_ENDED: "Fin de l'accès particulier",
    AccessAct.WITHDRAWAL_ASKED: "Retrait de l'autorisation demandé au DMP",
    AccessAct.UNANSWERED: "Sans réponse du DMP, on ne sait pas si c'est fait : « {} »",
    AccessAct.NOT_DONE: "N'est pas fait dans le DMP : « {} »",
}

CHECKED_SINCE = "{} : sans réponse alors, le DMP l'a confirmé depuis"
ENDED_BY_RESTART = "{} : le logiciel s'était arrêté, noté à son redémarrage"

OPPOSED_ELSEWHERE = (
    "Un autre poste du cabinet vient de noter que ce patient s'oppose à la consultation de son DMP : le dossier s'est fermé. "
    "Votre note est gardée."
)

# Banner
OPPOSED_STATE = ("DMP : opposition à la consultation", "forbidden", "danger")
UNRECORDED = "Avis du patient non noté : le noter"
STATE_TIP = "Accès au dossier : avis du patient, autorisation, urgence"

# Breaking the glass
EMERGENCY = "Accès en urgence…"
EMERGENCY_TITLE = "Accès en urgence"
REGULATION_TITLE = "Régulation (centre 15)"
WHOSE = "Dossier de {name}, {born}"
REASON = "Motif de l'accès"
CHOOSE_REASON = "Choisissez un motif…"
WORDS = "Précisions"
WORDS_HINT = "500 caractères au plus, gardés sur ce poste"
WORDS_NEEDED = "Précisions (obligatoires pour ce motif)"
COUNT = "{} / 500"
TOLD_OF = "J'en ai pris connaissance"
OPEN = "Ouvrir en urgence"
OPEN_REGULATION = "Ouvrir en régulation"

# During the access
LEFT_MINUTES = "encore {} min"
LEFT_SECONDS = "encore {} s"
END = "Terminer l'accès"
ENDED_WITH_SESSION = (
    "{} : l'accès au dossier que vous aviez ouvert ainsi s'est terminé quand votre session s'est fermée. "
    "Rien de ce qui y a été lu ne reste affiché."
)
ENDED = "{} : l'accès est terminé. Rien de ce qui y a été lu ne reste affiché."

# Regulation
REGULATION_PAGE = "Rechercher un patient (régulation)"
REGULATION_HINT = (
    "Réservé aux médecins de la régulation médicale. Une identité trouvée dans le DMP ne suffit pas : le dossier ne s'ouvre que "
    "si le patient a ici une INS qualifiée."
)
FAMILY, GIVEN, BORN, SEX, CITY, POSTAL = "Nom", "Prénom", "Né(e) le", "Sexe", "Commune", "Code postal"
BORN_HINT = "jj/mm/aaaa"
SEXES = {Sex.UNKNOWN: "Non précisé", Sex.FEMALE: "Femme", Sex.MALE: "Homme"}
SEARCH = "Rechercher"
SEARCHING = "Recherche dans le DMP…"
FAMILY_NEEDED = "Écrivez au moins le nom."
BAD_DATE = "Date de naissance : écrivez-la jj/mm/aaaa, ou laissez vide."
FOUND_NONE = "Le DMP ne trouve personne avec ces traits."
FOUND_ONE, FOUND_MANY = "1 personne trouvée", "{} personnes trouvées"
MATCH = "{} %"
MATCH_NAME = "concordance {} %"
OPPOSES = "S'oppose à l'accès de la régulation"
OPEN_PERSON = "Ouvrir"
