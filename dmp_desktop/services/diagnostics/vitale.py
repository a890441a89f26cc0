"""Check of the carte Vitale: that it can be read, and by what. Whose it is is never told, nor how many are on it."""

from __future__ import annotations

from typing import Final

from dmp_desktop.card.inventory import ReaderContent
from dmp_desktop.domain.cards import CardKind
from dmp_desktop.errors import CardError
from dmp_desktop.services.diagnostics.first import FIRST, TO_SEE_A_CARD, first_to_settle
from dmp_desktop.services.diagnostics.model import Check, Seen, Topic, attention, fine, problem, seen, unverifiable
from dmp_desktop.services.diagnostics.site import TOUCH_SECONDS, Site

TOPIC: Final = Topic(
    "vitale.readable",
    "Carte Vitale",
    {
        "ok": fine("La carte Vitale du lecteur « {reader} » se lit ({source})."),
        "without_licensed": attention(
            "La carte Vitale du lecteur « {reader} » ne se lit qu’en lecture directe. {why}",
            "Faites réparer ou réinstaller l’API de lecture SESAM-Vitale par votre éditeur.",
        ),
        "unread": problem(
            "La carte du lecteur « {reader} » a l’air d’une carte Vitale, mais elle ne répond pas comme telle.",
            "Faites-la mettre à jour sur une borne, ou essayez avec une autre carte Vitale.",
        ),
        "none": unverifiable(
            "Aucune carte Vitale n’est lisible dans un lecteur.",
            "Insérez une carte Vitale, puis relancez cette vérification.",
        ),
        **FIRST,
    },
    20.0 + 4 * TOUCH_SECONDS,
)
_SOURCES: Final = {"pcsc": "lecture directe", "api_lec": "API de lecture SESAM-Vitale"}


def _look(site: Site) -> Seen:
    if (licensed := site.station.cards.licensed) is not None:
        licensed.try_again()
    for content in _usable(site):
        if content.kind is CardKind.CPS:
            continue
        try:
            source = site.station.cards.vitale.read(content.reader).source
        except CardError as error:
            if error.code != "card.not_vitale":
                raise
            if content.kind is CardKind.VITALE:
                return seen("unread", reader=content.reader)
        else:
            if source not in _SOURCES:  # a sentence: the licensed component is there and out of order
                return seen("without_licensed", reader=content.reader, why=source)
            return seen("ok", reader=content.reader, source=_SOURCES[source])
    return first_to_settle(site) or seen("none")


def _usable(site: Site) -> list[ReaderContent]:
    try:
        return [touch.reader for touch in site.touches() if touch.error is None]
    except CardError:
        return []


CHECKS: Final = (Check(TOPIC, _look, TO_SEE_A_CARD),)
