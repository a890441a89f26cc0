"""Checks of the service, the readers, and how cards sit in them."""

from __future__ import annotations

from typing import Final

from dmp_desktop.card.failures import E_NO_SERVICE, NO_LIBRARY, SERVICE_LOST, PcscError
from dmp_desktop.card.inventory import ReaderContent
from dmp_desktop.errors import CardError
from dmp_desktop.services.diagnostics.first import FIRST, MUTE, NO_READER, NO_SERVICE
from dmp_desktop.services.diagnostics.model import Check, Seen, Topic, attention, fine, problem, seen, unverifiable
from dmp_desktop.services.diagnostics.site import TOUCH_SECONDS, ServiceSilentError, Site, Touch

NO_CARD: Final = unverifiable("Aucune carte n’est en place.", "Insérez une carte, puis relancez cette vérification.")
_UNUSABLE: Final = (
    "Le lecteur « {reader} » ne peut pas être utilisé : son nom contient des caractères accentués ou des symboles."
)
STOPPED: Final = PcscError(E_NO_SERVICE)
_REPLUG: Final = "Débranchez puis rebranchez le lecteur ; si cela ne suffit pas, redémarrez l’ordinateur."
_TOUCH_LIMIT: Final = 4 * TOUCH_SECONDS

LIBRARY: Final = Topic(
    "pcsc.library",
    "Composant des lecteurs de cartes",
    {
        "ok": fine("Le composant PC/SC du système est installé."),
        "absent": problem(
            "Le composant PC/SC qui donne accès aux lecteurs n’est pas installé sur ce poste.",
            "Sous Linux, faites installer pcscd et libpcsclite1 ; sous Windows, réinstallez DMP Desktop.",
            missing=True,
        ),
    },
)
SERVICE: Final = Topic(
    "pcsc.service",
    "Service des cartes à puce",
    {
        "ok": fine("Le service des cartes à puce est en marche."),
        "silent": problem(
            "Le service des cartes ne répond pas.",
            _REPLUG,
        ),
        "no_library": unverifiable("Sans le composant PC/SC, le service ne peut pas être joint."),
        "stopped_windows": problem(
            f"{STOPPED.message_fr} C’est normal sous Windows sans lecteur branché.",
            _REPLUG,
            missing=True,
            detail="service « Carte à puce » (SCardSvr), à démarrer dans services.msc.",
        ),
        "stopped": problem(
            STOPPED.message_fr,
            _REPLUG,
            missing=True,
            detail="sudo systemctl start pcscd.socket",
        ),
    },
)
PRESENT: Final = Topic(
    "reader.present",
    "Lecteur de cartes",
    {
        "ok": fine("Lecteurs vus : {readers}."),
        "unusable_too": attention(
            "Lecteurs vus : {readers}. " + _UNUSABLE,
            "Mettez vos cartes dans un autre lecteur ; sinon faites renommer celui-ci dans son pilote.",
        ),
        "unusable": problem(
            _UNUSABLE, "Branchez un autre lecteur, ou faites renommer celui-ci dans son pilote.", missing=True
        ),
        "none": problem(
            "Aucun lecteur de cartes n’est vu par le système.",
            "Branchez le lecteur, ou changez de port USB.",
            missing=True,
        ),
        "no_service": NO_SERVICE,
    },
)
USABLE: Final = Topic(
    "reader.usable",
    "Fonctionnement du lecteur",
    {
        "ok": fine("Les lecteurs communiquent avec les cartes qui répondent."),
        "failing": problem(
            "Le lecteur « {reader} » n’arrive pas à communiquer avec la carte.",
            "Débranchez puis rebranchez le lecteur ; si cela revient, réinstallez son pilote.",
        ),
        "stuck": problem(
            "Le lecteur « {reader} » ne répond plus.",
            "Fermez l’autre logiciel qui lit une carte ; sinon débranchez puis rebranchez le lecteur.",
        ),
        "no_card": NO_CARD,
        "no_reader": NO_READER,
        "mute": FIRST["mute"],
        "no_service": NO_SERVICE,
    },
    _TOUCH_LIMIT,
)
INSERTED: Final = Topic(
    "card.inserted",
    "Carte dans le lecteur",
    {
        "ok": fine("Cartes en place : {count}."),
        "mute": problem(
            "La carte du lecteur « {reader} » ne répond pas : elle est à l’envers, mal enfoncée ou abîmée.",
            "Retirez-la, puis remettez-la jusqu’au fond, puce du bon côté.",
        ),
        "none": attention("Aucune carte n’est en place.", "Insérez votre carte de professionnel.", missing=True),
        "no_reader": NO_READER,
        "no_service": NO_SERVICE,
    },
)
SHARING: Final = Topic(
    "card.sharing",
    "Partage de la carte",
    {
        "ok": fine("Aucun autre logiciel ne garde de carte pour lui."),
        "busy": problem(
            "La carte du lecteur « {reader} » est gardée par un autre logiciel.",
            "Terminez la lecture de carte ou la facturation dans l’autre logiciel, ou fermez-le.",
        ),
        "no_card": NO_CARD,
        "no_reader": NO_READER,
        "mute": FIRST["mute"],
        "no_service": NO_SERVICE,
    },
    _TOUCH_LIMIT,
)
_SILENT: Final = -1


def _library(site: Site) -> Seen:
    return seen("absent" if failure(site) == NO_LIBRARY else "ok")


def _service(site: Site) -> Seen:
    status = failure(site)
    if status == NO_LIBRARY:
        return seen("no_library")
    if status == _SILENT:
        return seen("silent")
    if status in SERVICE_LOST:
        return seen("stopped_windows" if site.station.platform == "win32" else "stopped")
    return seen("ok")


def _present(site: Site) -> Seen:
    if failure(site) is not None:
        return seen("no_service")
    names, unusable = ", ".join(one.reader for one in site.readers()), site.unusable()
    if unusable:
        return seen("unusable_too" if names else "unusable", reader=unusable[0], readers=names)
    return seen("ok", readers=names) if names else seen("none")


def _usable(site: Site) -> Seen:
    if failure(site) is not None:
        return seen("no_service")
    touches = site.touches()
    if not touches:
        return _no_card(site)
    for touch in touches:
        if touch.stuck:
            return seen("stuck", reader=touch.reader.reader)
        if touch.error and not _busy(touch) and touch.error.code not in MUTE:
            return seen("failing", reader=touch.reader.reader)
    return seen("ok")


def _inserted(site: Site) -> Seen:
    if failure(site) is not None:
        return seen("no_service")
    if not site.readers():
        return seen("no_reader")
    cards = [reader for reader in site.readers() if reader.present]
    mute = _first_mute(site, cards)
    if mute:
        return seen("mute", reader=mute)
    return seen("ok", count=len(cards)) if cards else seen("none")


def _first_mute(site: Site, cards: list[ReaderContent]) -> str:
    """By what the reader tells, else by what connecting to the card gives."""
    told = [card.reader for card in cards if card.mute]
    if not told and cards:
        told = [touch.reader.reader for touch in site.touches() if touch.error and touch.error.code == "card.mute"]
    return told[0] if told else ""


def _sharing(site: Site) -> Seen:
    if failure(site) is not None:
        return seen("no_service")
    touches = site.touches()
    if not touches:
        return _no_card(site)
    held = [touch.reader.reader for touch in touches if _busy(touch)]
    return seen("busy", reader=held[0]) if held else seen("ok")


def _no_card(site: Site) -> Seen:
    if not site.readers():
        return seen("no_reader")
    return seen("mute" if any(reader.present for reader in site.readers()) else "no_card")


def _busy(touch: Touch) -> bool:
    return touch.error is not None and touch.error.code == "card.busy" and not touch.stuck


def failure(site: Site) -> int | None:
    """The PC/SC status that keeps us from seeing any reader, or _SILENT; None when they can be seen."""
    try:
        site.readers()
    except PcscError as error:
        return error.status
    except ServiceSilentError:
        return _SILENT
    except CardError:
        return None
    return None


CHECKS: Final = (
    Check(LIBRARY, _library),
    Check(SERVICE, _service, ("pcsc.library",)),
    Check(PRESENT, _present, ("pcsc.service",)),
    Check(USABLE, _usable, ("pcsc.service", "reader.present", "card.inserted")),
    Check(INSERTED, _inserted, ("pcsc.service", "reader.present")),
    Check(SHARING, _sharing, ("pcsc.service", "reader.present", "card.inserted")),
)
