"""Checks of the professional's card: read without its PIN, and no name or number of its holder is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from dmp_desktop.card.failures import card_failure
from dmp_desktop.domain.cards import CardType, PinState, PublicCps
from dmp_desktop.errors import CardError
from dmp_desktop.services.diagnostics.certificates import Pair, authorities
from dmp_desktop.services.diagnostics.first import FIRST, TO_SEE_A_CARD, first_to_settle
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
from dmp_desktop.services.diagnostics.readers import failure
from dmp_desktop.services.diagnostics.site import TOUCH_SECONDS, Site

SOON: Final = timedelta(days=30)
LOCKED: Final = card_failure("pin_locked")
READ_SECONDS: Final = 20.0 + 4 * TOUCH_SECONDS
"""A CPS takes seconds over T=0, and each reader is touched before."""

NO_PROFESSIONAL: Final = unverifiable(
    "Aucune carte de professionnel n’est lisible dans un lecteur.",
    "Insérez votre carte CPS ou CPE, puis relancez cette vérification.",
)
UNREAD: Final = after("Carte de professionnel", "La carte de professionnel ne se lit pas.")

RECOGNISED: Final = Topic(
    "cps.recognised",
    "Carte de professionnel",
    {
        "ok": fine("Carte {type} reconnue."),
        "ok_test": fine("Carte {type} de test reconnue."),
        "test_on_real": problem(
            "Cette carte est une carte de test, et le serveur réglé est le vrai DMP.",
            "Insérez votre vraie carte.",
        ),
        "real_on_sandbox": attention(
            "Cette carte est une vraie carte, et le serveur réglé est le bac à sable.",
            "Insérez une carte de test, ou relancez DMP Desktop sans le bac à sable.",
        ),
        "none": NO_PROFESSIONAL,
        **FIRST,
    },
    READ_SECONDS,
)
VALIDITY: Final = Topic(
    "cps.validity",
    "Validité de la carte",
    {
        "ok": fine("La carte est valable jusqu’au {until}."),
        "soon": attention(
            "La carte expire le {until}, {when}.",
            "Vérifiez auprès de l’ANS que la nouvelle carte arrive à la bonne adresse.",
        ),
        "expired": problem(
            "La carte a expiré le {until}.", "Utilisez votre nouvelle carte, ou demandez-la à l’ANS (esante.gouv.fr)."
        ),
        "none": NO_PROFESSIONAL,
        **FIRST,
        "unread": UNREAD,
    },
    READ_SECONDS,
)
PIN: Final = Topic(
    "cps.pin",
    "Code de la carte",
    {
        "untold": unverifiable(
            "La carte ne dit pas si son code est bloqué.", "Rien à faire tant que votre code est accepté."
        ),
        "low": attention(
            "Un code faux a été saisi depuis le dernier code juste.", "Saisissez le bon code à la prochaine demande."
        ),
        "last_try": attention(
            "Il reste un seul essai : un code faux bloquera la carte.",
            "Retrouvez le bon code avant toute saisie : en cas de doute, n’essayez pas.",
        ),
        "locked": problem(
            LOCKED.message_fr,
            LOCKED.remedy_fr,
        ),
        "no_module": after("Cryptolib CPS", "L’état du code ne se lit qu’avec la Cryptolib CPS."),
        "unneeded": unverifiable("L’état du code ne se lit qu’avec la Cryptolib CPS, dont ce poste se passe."),
        "none": NO_PROFESSIONAL,
        **FIRST,
        "unread": UNREAD,
    },
    READ_SECONDS,
)
CERTIFICATES: Final = Topic(
    "cps.certificates",
    "Certificats de la carte",
    {
        "ok": fine("Les certificats d’authentification et de signature sont bons, et leur autorité est connue."),
        "authority_missing": unverifiable(
            "Les certificats de la carte sont bons ; pour remonter jusqu’à une autorité connue, il manque « {authority} » sur ce "
            "poste ({which}).",
            "Rien à faire si la connexion au DMP fonctionne ; sinon installez les derniers réglages signés, qui l’apportent.",
        ),
        "authority_expired": problem(
            "L’autorité « {authority} », dont dépend un certificat de la carte, n’est pas valable aujourd’hui ({which}).",
            "Vérifiez la date de l’ordinateur ; si elle est juste, installez les derniers réglages signés.",
        ),
        "authority_forged": problem(
            "L’autorité « {authority} », dont dépend un certificat de la carte, n’a pas été signée par celle dont elle se "
            "réclame ({which}).",
            "Réinstallez les certificats des autorités de ce poste ; si cela revient, signalez la carte à l’ANS.",
        ),
        "not_authority": problem(
            "« {authority} », qui a délivré un certificat de la carte, n’a pas le droit d’en délivrer ({which}).",
            "N’utilisez pas cette carte, et signalez-la à l’ANS.",
        ),
        "self_signed": problem(
            "Un certificat de la carte ne vient d’aucune autorité : il s’est signé lui-même ({which}).",
            "N’utilisez pas cette carte, et signalez-la à l’ANS.",
        ),
        "no_signature": problem(
            "La carte ne donne pas de certificat de signature (lecture sans contact, ou carte qui ne signe pas).",
            "Insérez la carte dans un lecteur à contact.",
        ),
        "same_key": problem(
            "Les certificats d’authentification et de signature ont la même clé.",
            "Faites remplacer la carte par l’ANS.",
        ),
        "usage": problem(
            "Un certificat de la carte n’a pas l’usage attendu ({which}).", "Faites vérifier la carte par l’ANS."
        ),
        "expired": problem(
            "Un certificat de la carte n’est pas valable aujourd’hui ({which}).",
            "Vérifiez la date de l’ordinateur ; si elle est juste, faites renouveler la carte.",
        ),
        "forged": problem(
            "Un certificat de la carte n’a pas été signé par l’autorité dont il se réclame ({which}).",
            "N’utilisez pas cette carte, et signalez-la à l’ANS.",
        ),
        "unreadable": problem(
            "Un certificat de la carte est illisible.", "Retirez puis remettez la carte ; si cela revient, faites-la vérifier."
        ),
        "none": NO_PROFESSIONAL,
        **FIRST,
        "unread": UNREAD,
    },
    READ_SECONDS,
)  # fmt: skip
_PIN_OUTCOMES: Final = {
    PinState.UNKNOWN: "untold",
    PinState.LOW: "low",
    PinState.LAST_TRY: "last_try",
    PinState.LOCKED: "locked",
}
_NO_MODULE: Final = ("card.module_missing", "card.module_bits", "card.module_broken")


def _recognised(site: Site) -> Seen:
    card = site.professional() if failure(site) is None else None
    if card is None:
        return first_to_settle(site) or seen("none")
    endpoint = site.station.endpoint
    if card.is_test and endpoint.base_url and not endpoint.sandbox:
        return seen("test_on_real")
    if endpoint.sandbox and not card.is_test:
        return seen("real_on_sandbox")
    name = "de professionnel" if card.card_type is CardType.UNKNOWN else card.card_type.value
    return seen("ok_test" if card.is_test else "ok", type=name)


def _validity(site: Site) -> Seen:
    card = _card(site)
    if not isinstance(card, PublicCps):
        return card
    left = card.valid_until - site.station.clock.now()
    until = f"{card.valid_until.astimezone():%d/%m/%Y}"
    if left <= timedelta(0):
        return seen("expired", until=until)
    return seen("soon", until=until, when=_when(left.days)) if left <= SOON else seen("ok", until=until)


def _when(days: int) -> str:
    return f"dans {days} jours" if days > 1 else "demain au plus tard" if days else "dans moins d’un jour"


def _pin(site: Site) -> Seen:
    card = _card(site)
    if not isinstance(card, PublicCps):
        return card
    without_module = seen("unneeded" if site.without_card else "no_module")
    if site.station.opener is None:
        return without_module
    try:
        return seen(_PIN_OUTCOMES[site.station.opener.pin_state(card)])
    except CardError as error:
        if error.code in _NO_MODULE:
            return without_module
        raise


def _certificates(site: Site) -> Seen:
    card = _card(site)
    if not isinstance(card, PublicCps):
        return card
    if not card.signature_certificate_der:
        return seen("no_signature")
    pair = Pair(card.authentication_certificate_der, card.signature_certificate_der)
    found = pair.look(site.station.clock.now(), authorities(site.station.endpoint.ca_file, site.chain()))
    return seen(found.flaw.value, which=found.which, authority=found.authority)


def _card(site: Site) -> PublicCps | Seen:
    """The card, or what there is to say without it: why it does not read is for « Carte de professionnel » to say."""
    try:
        return (site.professional() if failure(site) is None else None) or first_to_settle(site) or seen("none")
    except CardError:
        return seen("unread")


CHECKS: Final = (
    Check(RECOGNISED, _recognised, TO_SEE_A_CARD),
    Check(VALIDITY, _validity, (*TO_SEE_A_CARD, "cps.recognised")),
    Check(PIN, _pin, (*TO_SEE_A_CARD, "cps.recognised", "pkcs11.module")),
    Check(CERTIFICATES, _certificates, (*TO_SEE_A_CARD, "cps.recognised")),
)
