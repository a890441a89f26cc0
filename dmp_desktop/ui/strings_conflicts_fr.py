"""Every French text of the page where two workstations differ."""

from __future__ import annotations

TITLE = "À départager entre postes"
OPEN, OPEN_COUNT = "À départager", "À départager ({})"
LOADING = "Lecture…"
NONE = "Rien à départager : les postes du cabinet disent la même chose."
HINT = (
    "Deux postes ont noté autre chose pendant qu'ils ne communiquaient pas. En attendant votre réponse, le plus récent est "
    "montré partout ; rien n'est perdu."
)
KEYS = "Touches 1, 2… : retenir cette réponse, sur tous les postes."
NEXT = "Voir un autre point"
PLACE_OF = "Point {} sur {}"
REMINDER = (
    "",
    "Un point à départager entre deux postes du cabinet.",
    "{} points à départager entre postes du cabinet.",
)
REMINDER_ACT = "Départager"
ABOUT = {
    "identity": "Quelle identité est la bonne ?",
    "expected": "Rendez-vous : qu'est-ce qui est juste ?",
    "person": "Qui est attendu ?",
}
EXPECTED_AT = "attendu à {time}"
NOBODY = "Personne d'identifié"
WITH = "avec {doctor}"
NO_TIME = "sans heure"
INS = "INS {}"
NO_INS = "sans INS"
SEEN = "pièce vue : {}"
NOT_SEEN = "aucune pièce vue"
PLACE = "lieu {}"
DOUBT = {"douteuse": "identité douteuse", "fictive": "identité fictive"}
REFUSED = "INS retirée par l'INSi"
SAID = "noté le {when} {by}"
BY_ME, BY_OTHER, BY_AGENDA = "par vous", "par une autre personne du cabinet", "par l'agenda"
ANSWER = "{digit}. {what}\n{said}"
SETTLED = "Retenu : {what}. Les autres postes le sauront."
