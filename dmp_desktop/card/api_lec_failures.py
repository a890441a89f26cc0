"""What the user is told when the licensed Vitale reading component does not do its work."""

from __future__ import annotations

from typing import Any, Final

from dmp_desktop.errors import CardError

_COMPONENT: Final = "Le composant de lecture SESAM-Vitale"
_REINSTALL: Final = "Faites réinstaller l’API de lecture SESAM-Vitale."
_AGAIN: Final = "Retirez la carte Vitale, puis remettez-la."
_LARGEST: Final = 0xFFFF  # of a C unsigned short, on all systems it exists for

_UNUSABLE: Final = {
    "helper": (f"{_COMPONENT} n’a pas pu être lancé.", "Vérifiez que l’antivirus ne bloque pas DMP Desktop."),
    "load": (f"{_COMPONENT} ne se charge pas.", _REINSTALL),
    "bits": (
        f"{_COMPONENT} n’est pas fait pour ce programme (32 et 64 bits mélangés).",
        "Faites installer l’API de lecture en 64 bits (api_lec64).",
    ),
    "symbols": (f"{_COMPONENT} est trop ancien ou incomplet.", _REINSTALL),
    "crash": (f"{_COMPONENT} s’est arrêté pendant la lecture.", _AGAIN),
    "answer": (f"{_COMPONENT} a donné une réponse illisible.", _AGAIN),
    "timeout": (f"{_COMPONENT} n’a pas répondu à temps.", _AGAIN),
}
_REFUSED: Final = {
    "init": (
        f"{_COMPONENT} ne démarre pas.",
        "Demandez à votre éditeur de vérifier le lecteur choisi pour les cartes Vitale.",
    ),
    "read": (f"{_COMPONENT} n’a pas pu lire la carte Vitale.", _AGAIN),
}


class ApiLecUnusableError(CardError):
    """The component itself is at fault, whatever the card."""


def unusable(stage: str) -> ApiLecUnusableError:
    """`stage`: helper, load, bits, symbols, crash, answer or timeout."""
    return ApiLecUnusableError(f"card.api_lec_{stage}", *_UNUSABLE[stage])


def told(untrusted: dict[str, Any]) -> CardError:
    """The error for what the helper said (api_lec_helper.FAILED). The component's numbers go into the code, for support."""
    stage = str(untrusted.get("stage"))
    if stage not in _REFUSED:
        return unusable(stage if stage in _UNUSABLE else "answer")
    numbers = [_number(untrusted.get(name)) for name in ("returned", "code")]
    code = "_".join([f"card.api_lec_{stage}", *map(str, numbers)])
    kind = ApiLecUnusableError if stage == "init" else CardError
    return kind(code, *_REFUSED[stage], status=numbers[1])


def _number(untrusted: object) -> int:
    """An unsigned short, 0 for anything else: the helper may be another's program."""
    return untrusted if type(untrusted) is int and 0 <= untrusted <= _LARGEST else 0


def several_cards() -> CardError:
    """Only the component can read the card, and it may be reading another one."""
    return CardError(
        "card.vitale_several",
        "Cette carte Vitale ne se lit pas sans le composant de lecture SESAM-Vitale, qui peut lire un autre lecteur.",
        "Retirez les autres cartes, sauf votre carte CPS, puis remettez la carte Vitale du patient.",
    )


def vitale_left_in() -> CardError:
    """A carte Vitale could answer in place of the telephone."""
    return CardError(
        "card.apcv_vitale",
        "Une carte Vitale est dans un lecteur : elle pourrait être lue à la place de l’appli carte Vitale.",
        "Retirez la carte Vitale, puis recommencez avec l’appli.",
    )
