"""Every French text of the pages of identities: who a patient is, their INS, INSi, the document seen."""

from __future__ import annotations

from dmp_desktop.domain.access import Authorization
from dmp_desktop.domain.identity import DocumentKind, Doubt
from dmp_desktop.domain.ins import OID_INS_DEMO, OID_INS_NIA, OID_INS_NIR, OID_INS_TEST
from dmp_desktop.domain.ins_access import Why
from dmp_desktop.domain.insi import InsiOutcome
from dmp_desktop.domain.people import Sex

ASK = "Identité (INS)…"
ASK_ALL = "Identités du cabinet…"
TITLE = "Identité (INS)"

# The person
SEX = {Sex.FEMALE: "féminin", Sex.MALE: "masculin", Sex.UNKNOWN: "inconnu"}
NAMES = "Nom de naissance : {family}\nPremier prénom de naissance : {first}\nPrénoms de naissance : {given}"
BIRTH = "Née ou né le {day}, lieu (code INSEE)\N{NO-BREAK SPACE}: {place}. Sexe\N{NO-BREAK SPACE}: {sex}."
NO_PLACE = "99999 (non connu)"
INS = "INS {number} — {kind}, OID {oid}"
NO_INS = "Pas d'INS pour cette identité."
OID = {
    OID_INS_NIR: "NIR",
    OID_INS_NIA: "NIA (numéro d'attente)",
    OID_INS_TEST: "numéro de test",
    OID_INS_DEMO: "numéro de démonstration",
}
HISTORY = "Ancien matricule : {number} ({kind}){dates}"
HISTORY_DATES = ", du {since} au {until}"
RECEIVED = "Qualifiée par le logiciel du cabinet ; aucune pièce n'a été notée ici."
SEEN = "Pièce vue : {kind}, le {day}."
SEEN_WEAK = "Pièce vue : {kind}, le {day}. Elle n'est pas de haut niveau de confiance : elle ne valide pas l'identité."
NOT_SEEN = "Aucune pièce d'identité notée ici."
REFUSED = "À revoir : l'INSi ne connaissait plus cette identité le {day}."
DOUBT = {
    Doubt.DOUBTFUL: "Identité signalée douteuse : l'INSi n'est pas interrogé.",
    Doubt.FICTITIOUS: "Identité signalée fictive : l'INSi n'est pas interrogé.",
}

# INSi
ASK_TRAITS = "Vérifier auprès de l'INSi, par les traits"
ASK_VITALE = "Vérifier par la carte Vitale : {}"
ASK_VITALE_NAME = "Vérifier auprès de l'INSi, par la carte Vitale : {}"
ASKING = "L'INSi est interrogé…"
OUTCOME = {
    InsiOutcome.FOUND: "L'INSi trouve une identité.",
    InsiOutcome.NONE: "L'INSi ne trouve personne. Comparez les traits à la pièce d'identité, corrigez-les, puis redemandez.",
    InsiOutcome.SEVERAL: "L'INSi trouve plusieurs personnes. Complétez les prénoms et le lieu de naissance, puis redemandez.",
}
CONFIRMED = "L'INSi confirme cette identité : rien à changer."
NOT_AS_ON_CARD = (
    "L'INSi désigne cette personne, connue ici, et la carte en nomme une autre : rien n'est à prendre. "
    "Vérifiez de qui est la carte."
)
RENAMES = (
    "Cette INS est ici celle de la personne ci-dessous. Si sa pièce d'identité vue le confirme, la prendre change ici :"
)
SAME = "Les traits donnés par l'INSi sont ceux connus ici."
DIFFERS = "Ce que prendre cette identité change ici :"
TOLD = "Selon l'INSi : {family} {given}, {sex}, {day}, lieu {place}. INS {number} ({kind})."
OTHER_PERSON = (
    "Cette réponse désigne quelqu'un d'autre : rien ne peut être pris pour le patient affiché. Vérifiez ses traits."
)
TAKE = "Prendre cette identité"
TAKE_SEEN = "Prendre cette identité, pièce d'identité vue et concordante :"
TAKEN = "L'identité donnée par l'INSi est retenue."
SEEN_ASK = "Pièce d'identité vue, qui concorde avec les traits ci-dessus :"
SEE = "Noter la pièce d'identité vue"
SEEN_DONE = "Pièce d'identité notée."
DOCUMENT = {
    DocumentKind.CNI: "Carte d'identité",
    DocumentKind.PASSPORT: "Passeport",
    DocumentKind.RESIDENCE_PERMIT: "Titre de séjour",
    DocumentKind.ELECTRONIC: "Identité électronique",
    DocumentKind.FAMILY_BOOK: "Livret de famille",
    DocumentKind.BIRTH_CERTIFICATE: "Acte de naissance",
}
WEAK_DOCUMENT = "{} (ne valide pas)"
DOCUMENT_WEAK = (
    "Votre cabinet ne lui donne pas un haut niveau de confiance : elle est notée, l'identité n'en est pas validée."
)
DOCUMENT_MINOR = "Le livret de famille et l'acte de naissance se lisent avec la pièce d'identité du parent."

# Changes
CORRECT = "Corriger un trait…"
CORRECT_LOCKED = "Ces traits viennent de l'INSi : seul un professionnel de santé du cabinet les modifie."
CORRECT_WARNING = (
    "Corriger un trait retire l'INS : l'identité redevient « validée » si une pièce a été vue, « provisoire » sinon. "
    "Le dossier se ferme et rien ne part plus vers le DMP, jusqu'à une nouvelle vérification."
)
CORRECT_FREE = "Corriger un trait efface la pièce notée : elle sera à revoir."
CORRECT_DONE = "Traits corrigés."
SAVE = "Enregistrer la correction"
CANCEL = "Annuler"
DOUBT_ASK = {
    Doubt.DOUBTFUL: "Signaler une identité douteuse",
    Doubt.FICTITIOUS: "Signaler une identité fictive",
}
DOUBT_NOTE = "{name} : {lost}pièce et INSi seront à revoir. Confirmez-vous ?"
DOUBT_LOST = "l'INS sera retirée et le dossier fermé, sans retour possible ; "
DOUBT_CONFIRM = "Confirmer le signalement"
DOUBT_DONE = "Doute noté."
CLEAR = "Lever le doute"
CLEAR_DONE = "Doute levé : l'INSi et la pièce d'identité sont à revoir."
OPEN = "Ouvrir le dossier"
OPEN_NAMED = "Ouvrir le dossier de {} {}"
OPENING = "Identité qualifiée : ouverture du dossier…"
OTHER = "Chercher une autre personne"
TYPED_KEPT = "Ce que vous aviez saisi est là : rien n'en est encore enregistré."

# Who got at the INS
ACCESSES_ASK = "Qui a eu accès à cet INS"
ACCESSES = "Accès tracés sur ce poste : {}. Les {} derniers :"
ACCESS = "{day}, {by} : {why}"
ACCESS_NOBODY = "personne d'identifié"
ACCESS_WHY = {
    Why.DISPLAY: "affiché",
    Why.PRINT: "imprimé ou copié",
    Why.SEND: "envoyé au DMP",
    Why.QUERY: "demandé à l'INSi",
}

# Traits, typed
FAMILY = "Nom de naissance"
FIRST = "Premier prénom de naissance"
GIVEN = "Tous les prénoms de naissance (si connus)"
BORN = "Date de naissance (JJ/MM/AAAA)"
PLACE = "Code INSEE du lieu de naissance (99… à l'étranger, 99999 si inconnu)"
SEX_NAME = "Sexe"
WRONG_FAMILY = "Le nom et le premier prénom de naissance sont attendus."
WRONG_GIVEN = "La liste des prénoms commence par le premier prénom."
WRONG_DAY = "Une date de naissance JJ/MM/AAAA est attendue, passée et de moins de 130 ans."
WRONG_PLACE = "Le code INSEE du lieu de naissance est attendu, en 5 caractères : 99999 s'il n'est pas connu."
WRONG_SEX = "Le sexe est attendu : l'INSi le demande."

# Search
CARD = "Sur la carte Vitale lue : un clic interroge l'INSi"
FIND_BORN = "Chercher une personne connue ici"
BEGINNING = "Premières lettres du nom ou du prénom"
FIND = "Chercher"
FIND_NUMBER = "Chercher par le matricule INS (15 caractères)"
SCAN = "Scanner le code INS (datamatrix)"
NEW = "Nouvelle personne"
NEW_HINT = "Les traits de la pièce d'identité, sans rien deviner."
READ_HINT = (
    "Lus sur la carte, ces noms peuvent être des noms d'usage : reprenez ceux de naissance sur la pièce d'identité."
)
FROM_CODE = "Lu sur un code INS, qui ne prouve rien : interrogez l'INSi, puis regardez une pièce d'identité."
CREATE = "Continuer"
NOBODY = "Personne n'est connu ici avec ces éléments : relisez-les, ou créez la personne plus bas."
FOUND = "Personnes connues ici :"
PERSON_PLACE = "Lieu de naissance {}"
PERSON_INS = "INS {}"
HOMONYMS = "Même nom, premier prénom, sexe et jour de naissance ici. Laquelle de ces personnes est-ce ?"
SOMEBODY_NEW = "Aucune d'elles : une nouvelle personne"
REVIEW = "À revoir ({})"
PERSON = "{family} {first}, {day} — {status}"
CARD_PERSON = "{family} {given}, {day}"

# Notices
LATE_FAILED = "« {act} », demandé pour une identité montrée plus tôt, n'a pas abouti. {why}"
LATE_LOST = "L'INSi ne connaît plus une INS que vous avez fait vérifier : cette identité est à revoir."
LATE_REMEDY = "Rien ne sera refait sans vous : rouvrez cette identité, vérifiez-la, puis recommencez si besoin."
CHECK_IDENTITY = "Vérifier l'identité"
CLOSED = "Le dossier est fermé : l'identité n'est plus qualifiée. Rien ne part vers le DMP jusqu'à sa vérification."

# For the front desk: TD0.2 in words
DMP_ASK = "Ce patient a-t-il un DMP ?"
DMP_NONE = "Aucun DMP n'existe. Il s'ouvre par Mon espace santé, avec l'assurance maladie : le cabinet n'en crée pas."
DMP_CLOSED = "Le DMP de ce patient est fermé, à sa demande ou par l'assurance maladie."
DMP_EXISTS = "Un DMP existe. {}"
DMP_ACCESS = {
    Authorization.VALIDE: "Le cabinet est autorisé à y accéder.",
    Authorization.INTERDIT: "Le patient a bloqué cet accès : lui seul peut le rétablir, dans Mon espace santé.",
    Authorization.EXPIRE: "L'autorisation a expiré : le médecin la redemande au patient à l'ouverture.",
    Authorization.NON_EXISTE: "L'accès n'est pas encore autorisé : le médecin le demande au patient à l'ouverture.",
    None: "L'accès n'est pas connu.",
}
