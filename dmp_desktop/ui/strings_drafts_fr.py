"""Texts about drafts on the disk."""

from __future__ import annotations

KEPT_AT = "Enregistré à {}"
KEPT_TIP = "Le brouillon est sur ce poste, chiffré par votre clé. Il revient à votre prochaine connexion."
NOT_KEPT = "Non enregistré"
KEPT_SAFE = "Le texte reste à l'écran. DMP Desktop réessaie toutes les 2 s ; ne fermez pas la fenêtre."
TWICE = "Ce brouillon a changé dans une autre fenêtre. Les deux versions sont dans À envoyer."

BACK = "Brouillon non envoyé pour ce patient : {kind} du {since}."
BACK_MANY = "{} brouillons non envoyés pour ce patient, dans À envoyer."

SINCE = "{kind}, commencé le {since}"
DELETE = "Supprimer"
DELETE_NAME = "Supprimer le brouillon de {}"
DELETE_TIP = "Le brouillon est supprimé de ce poste. Vous avez 10 s pour annuler."

_TODAY, _TODAY_MANY = "Note d'aujourd'hui non envoyée : 1.", "Notes d'aujourd'hui non envoyées : {}."
_ELSEWHERE = "1 brouillon d'une autre carte : code de secours."
_ELSEWHERE_MANY = "{} brouillons d'une autre carte : code de secours."
_UNREAD = "1 brouillon n'a pas pu être lu. Il est gardé : appelez le support."
_UNREAD_MANY = "{} brouillons n'ont pas pu être lus. Ils sont gardés : appelez le support."


def today(count: int) -> str:
    return (_TODAY_MANY if count > 1 else _TODAY).format(count)


def elsewhere(count: int) -> str:
    return (_ELSEWHERE_MANY if count > 1 else _ELSEWHERE).format(count)


def unread(count: int) -> str:
    return (_UNREAD_MANY if count > 1 else _UNREAD).format(count)


MAY_HAVE_LEFT = "Cette note a peut-être déjà été envoyée : cherchez-la dans l'onglet Documents avant de l'envoyer."
LEFT_BEFORE = "Une note envoyée avant la fermeture n'est pas encore partie."
LEFT_BEFORE_OF = "La note de {} envoyée avant la fermeture n'est pas encore partie."
