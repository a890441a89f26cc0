"""Checks of the way to the DMP: proxy, name and port, TLS, clock. Nothing is asked of the DMP, no patient is named."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dmp_desktop.dmp import bridge_check
from dmp_desktop.dmp.probe import SHAKE_SECONDS, Reach, Tls, reach
from dmp_desktop.errors import DmpError
from dmp_desktop.services.diagnostics.first import MISREAD
from dmp_desktop.services.diagnostics.model import (
    Check,
    Seen,
    Topic,
    after,
    attention,
    fine,
    problem,
    seen,
    unverifiable,
)
from dmp_desktop.services.diagnostics.proxies import PAC
from dmp_desktop.services.diagnostics.site import Site

SHAKE_LIMIT: Final = 3 * SHAKE_SECONDS
"""To connect, to ask the time, and to wait for the check that asked first."""
SKEW: Final = timedelta(minutes=1)
LARGE_SKEW: Final = timedelta(minutes=4)
"""Beyond, what this workstation signs is dated too far from the server's time to be accepted."""
ZONES: Final = (
    *("Europe/Paris", "America/Martinique", "America/Cayenne", "America/Miquelon", "Indian/Reunion", "Indian/Mayotte"),
    *("Pacific/Noumea", "Pacific/Wallis", "Pacific/Tahiti", "Pacific/Marquesas", "Pacific/Gambier"),
)
"""One time zone for each time kept in a French territory (IANA tz database)."""
_UNCONFIGURED: Final = after("Accès au serveur du DMP", "Aucun serveur DMP n’est réglé.")
_PROVEN: Final = (Tls.OK, Tls.CARD_ASKED, Tls.IDENTITY_REFUSED)
"""The server is who it says: no time from it is no fault of the connection."""
_UNREACHED: Final = after("Accès au serveur du DMP", "Le serveur du DMP ne répond pas.")
_IDENTITY: Final = after(
    "Certificat de ce poste", "Le serveur du DMP ne va plus loin qu’avec le certificat de ce poste, qui ne s’ouvre pas."
)

REACH: Final = Topic(
    "server.reach",
    "Accès au serveur du DMP",
    {
        "ok": fine("Le serveur du DMP répond sur le réseau."),
        "unconfigured": problem(
            "Aucun serveur DMP n’est réglé sur ce poste.",
            "Faites installer les réglages de DMP Desktop par qui gère l’ordinateur.",
            missing=True,
            detail="réglages signés ; le bac à sable se désigne par DMP_DESKTOP_SERVER et DMP_DESKTOP_CA.",
        ),
        "name": problem(
            "Le serveur du DMP est introuvable : pas d’internet, ou une box qui ne répond pas bien.",
            "Vérifiez la connexion internet ; si d’autres sites s’ouvrent, appelez qui gère votre réseau.",
            missing=True,
            detail="le nom du serveur ne se résout pas (DNS).",
        ),
        "closed": problem(
            "Le serveur du DMP ne répond pas : il est arrêté, ou quelque chose sur ce poste ou ce réseau bloque le passage.",
            "Réessayez dans quelques minutes ; si d’autres sites s’ouvrent, appelez qui gère votre réseau.",
            missing=True,
            detail="le port du serveur ne s’ouvre pas : pare-feu à vérifier.",
        ),
        "misread": MISREAD,
    },
    12.0,
)
TLS: Final = Topic(
    "server.tls",
    "Connexion sécurisée au DMP",
    {
        "ok": fine("Le serveur du DMP prouve son identité ({version})."),
        "card_asked": fine("Le serveur du DMP prouve son identité ; il attend une carte pour aller plus loin."),
        "identity_refused": problem(
            "Le serveur du DMP prouve son identité mais refuse le certificat de ce poste.",
            "Vérifiez que ce certificat n’a pas expiré et qu’il est fait pour ce serveur.",
        ),
        "expired": problem(
            "Le certificat du serveur est expiré à la date de cet ordinateur.",
            "Mettez l’ordinateur à l’heure ; si elle est juste, réessayez plus tard.",
        ),
        "not_yet": problem(
            "Le certificat du serveur n’est pas encore valable à la date de cet ordinateur.",
            "Mettez l’ordinateur à l’heure.",
        ),
        "hostname": problem(
            "Le certificat présenté n’est pas celui du serveur demandé.",
            "Un antivirus ou un équipement du réseau s’interpose : demandez à qui les gère de laisser passer le DMP.",
        ),
        "untrusted": problem(
            "Le certificat du serveur ne vient d’aucune autorité connue de DMP Desktop.",
            "Un antivirus ou un équipement du réseau s’interpose : demandez à qui les gère de laisser passer le DMP.",
        ),
        "protocol": problem(
            "Le serveur et ce poste n’ont aucune version commune de connexion sécurisée (TLS 1.2 au moins).",
            "Installez la dernière version de DMP Desktop.",
        ),
        "not_tls": problem(
            "Autre chose que le serveur du DMP répond sur son port, sans connexion sécurisée.",
            "Ouvrez un site dans le navigateur : s’il demande d’accepter l’accès au réseau, faites-le ; sinon appelez qui gère "
            "votre réseau.",
        ),
        "silent": problem(
            "Le serveur du DMP s’atteint, mais la connexion sécurisée reste sans réponse ou est coupée.",
            "Réessayez plus tard ; si cela dure, demandez à qui gère le réseau de laisser passer le DMP.",
            detail="pare-feu ou proxy d’inspection.",
        ),
        "anchors_unset": problem(
            "Le serveur du DMP est réglé, mais pas les autorités qui prouvent son identité.",
            "Faites installer les réglages de DMP Desktop par qui gère l’ordinateur.",
            missing=True,
            detail="autorités des réglages signés ; au bac à sable, DMP_DESKTOP_CA.",
        ),
        "no_anchors": problem(
            "Les certificats des autorités du DMP sont introuvables ou illisibles sur ce poste.",
            "Réinstallez DMP Desktop.",
        ),
        "identity": _IDENTITY,
        "misread": MISREAD,
        "unreached": _UNREACHED,
        "unconfigured": _UNCONFIGURED,
    },
    SHAKE_LIMIT,
)  # fmt: skip
CLOCK: Final = Topic(
    "clock.skew",
    "Heure de l’ordinateur",
    {
        "ok": fine("L’ordinateur est à l’heure du serveur ({gap} d’écart)."),
        "off": attention(
            "L’ordinateur {way} de {gap} sur le serveur du DMP.", "Activez la mise à l’heure automatique du système."
        ),
        "far": problem(
            "L’ordinateur {way} de {gap} sur le serveur du DMP, qui refusera ses demandes.",
            "Activez la mise à l’heure automatique du système, puis relancez cette vérification.",
        ),
        "insecure": after("Connexion sécurisée au DMP", "La connexion sécurisée au DMP ne se fait pas."),
        "identity": _IDENTITY,
        "misread": MISREAD,
        "untold": unverifiable(
            "Le serveur ne donne l’heure qu’une fois la connexion faite avec une carte.",
            "Comparez l’heure de l’ordinateur à celle d’un téléphone.",
        ),
        "unreached": _UNREACHED,
        "unconfigured": _UNCONFIGURED,
    },
    SHAKE_LIMIT,
)
ZONE: Final = Topic(
    "clock.zone",
    "Fuseau horaire",
    {
        "ok": fine("Le fuseau horaire est celui d’un territoire français."),
        "foreign": attention(
            "Le fuseau horaire de l’ordinateur (UTC{offset}) n’est celui d’aucun territoire français.",
            "Choisissez le fuseau de votre cabinet dans les réglages de date et heure du système.",
        ),
    },
)
PROXY: Final = Topic(
    "network.proxy",
    "Proxy",
    {
        "ok": fine("Aucun proxy n’est réglé sur ce poste."),
        "automatic": attention(
            "Un script de configuration automatique (PAC) choisit le proxy de ce poste ; DMP Desktop se connecte sans lui.",
            "Si le serveur du DMP ne répond pas, demandez qu’il soit joignable sans proxy.",
            detail="options internet de Windows, AutoConfigURL.",
        ),
        "set": attention(
            "Un proxy est réglé sur ce poste ; DMP Desktop se connecte sans lui.",
            "Si le serveur du DMP ne répond pas, demandez qu’il soit joignable sans proxy.",
        ),
    },
)
BRIDGE: Final = Topic(
    "tls.bridge",
    "Authentification par carte",
    {
        "ok": fine("Cette version sait s’authentifier avec une clé qui reste dans la carte."),
        "broken": problem(
            "Cette version de Python ne sait pas s’authentifier avec une carte.",
            "Installez la version fournie avec DMP Desktop.",
        ),
    },
)


def _reach(site: Site) -> Seen:
    url = site.station.endpoint.base_url
    if not url:
        return _without_server(site)
    return seen({Reach.OK: "ok", Reach.NAME: "name", Reach.CLOSED: "closed"}[reach(url)])


def _without_server(site: Site) -> Seen:
    """Nothing is said to be lacking where the settings that would have told it are not understood."""
    return seen("misread" if site.station.settings_error is not None else "unconfigured")


def _tls(site: Site) -> Seen:
    shaken = site.handshake()
    if shaken is None:
        return seen("anchors_unset") if site.station.endpoint.base_url else _without_server(site)
    if shaken.tls is Tls.CARD_ASKED and site.identity_error() is not None:
        return seen("identity")
    return seen(shaken.tls.value, version=shaken.version)


def _clock(site: Site) -> Seen:
    shaken = site.handshake()
    if shaken is None:
        return seen("insecure") if site.station.endpoint.base_url else _without_server(site)
    skew = site.station.server_skew() if shaken.skew is None else shaken.skew
    if skew is None and shaken.tls in _PROVEN:
        return seen("untold" if site.identity_error() is None else "identity")
    if skew is None:
        return seen("unreached" if shaken.tls is Tls.UNREACHED else "insecure")
    gap = abs(skew)
    outcome = "ok" if gap <= SKEW else "off" if gap <= LARGE_SKEW else "far"
    way = "retarde" if skew > timedelta(0) else "avance"
    return seen(outcome, gap=_in_words(gap), way=way)


def _in_words(gap: timedelta) -> str:
    """In the unit people would use, never below 2 of it but for seconds."""
    seconds = round(gap.total_seconds())
    for unit, length in (("jours", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _zone(site: Site) -> Seen:
    now = site.station.clock.now()
    return zone_of(now.astimezone(), now)


def zone_of(local: datetime, now: datetime) -> Seen:
    """`local` is `now` in the computer's zone."""
    offset = local.utcoffset() or timedelta(0)
    if any(now.astimezone(ZoneInfo(name)).utcoffset() == offset for name in ZONES):
        return seen("ok")
    told = f"{local:%z}"
    return seen("foreign", offset=f"{told[:3]}:{told[3:5]}")


def _proxy(site: Site) -> Seen:
    proxies = site.station.proxies().keys()
    if PAC in proxies:  # Windows asks the script first
        return seen("automatic")
    return seen("set" if {"http", "https", "all"} & proxies else "ok")


def _bridge(_site: Site) -> Seen:
    try:
        bridge_check.self_test()
    except DmpError:
        return seen("broken")
    return seen("ok")


CHECKS: Final = (
    Check(CLOCK, _clock, ("server.reach", "server.tls", "identity.software", "software.settings")),
    Check(ZONE, _zone),
    Check(PROXY, _proxy),
    Check(REACH, _reach, ("software.settings",)),
    Check(TLS, _tls, ("server.reach", "identity.software", "software.settings")),
    Check(BRIDGE, _bridge),
)
