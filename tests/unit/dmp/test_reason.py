"""The words of the DMP on the screen: what tells something stays, nobody's traits do."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.dmp.reason import REASON_LENGTH, plain


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("", ""),
        ("a\x00b\u202ec", "a b c"),
        ("INS 279035121518989 inconnu", "INS … inconnu"),
        ("180032B02040123", ""),
        ("2 79 03 51 215 189 89", ""),
        ("x" * 500, "x" * 199 + "…"),
    ],
)
def test_a_reason_is_plain_and_bounded(told: str, shown: str) -> None:
    assert plain(told) == shown


@pytest.mark.parametrize(
    "told",
    [
        "Quota journalier atteint pour cette structure",
        "Service suspendu jusqu'au 24/11 pour maintenance",
        "L'INS du patient n'est pas celle du VIHF",
        "Le DMP est fermé. Contactez l'assistance",
        "Métadonnée XDSDocumentEntry.formatCode incorrecte (DMPInvalidData)",
        "Unknown patient identifier",
        "TD0.2 refusée à 14:30:05, code 403",
        "À refaire : l'OID 1.2.3 n'est pas connu",
        "Patient inconnu",
    ],
)
def test_what_names_nobody_stays(told: str) -> None:
    assert plain(told) == told


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("Le patient TEST-RENAUD Fabrice, né le 19/07/1968, est inconnu", "Le patient …-… …, né le …, est inconnu"),
        ("Test-Renaud Fabrice est inconnu", "…-… … est inconnu"),
        ("Fabrice TEST-RENAUD est inconnu", "… …-… est inconnu"),
        ("TEST est inconnu", "… est inconnu"),
        ("Inconnu : Renaud", "Inconnu : …"),
        ("Refus de M. Renaud", "Refus de M. …"),
        ("Refus de Dr. Renaud (DMP)", "Refus de …. … (DMP)"),
        ("Refus à d'Arc, à L'Hôte", "Refus à d'…, à L'…"),
        ("Refus de E\u0301lodie", "Refus de …"),
        ("Refus de 李明", "Refus de …"),
        *((f"Né le {date}, inconnu", "Né le …, inconnu") for date in (
            "19/07/1968", "19.07.68", "1968-07-19", "19 07 1968", "19680719", "19 juillet 1968", "1er août 1968", "19 JUIL. 1968",
            "July 19, 1968", "19 / 07 / 1968",
        )),
    ],
)  # fmt: skip
def test_no_trait_is_shown(told: str, shown: str) -> None:
    assert plain(told) == shown


_NAME = st.text(string.ascii_uppercase, min_size=2, max_size=12)


@given(_NAME, _NAME, st.dates(), st.sampled_from(["{0} {1}", "{1} {0}", "{0}-{0} {1}", "{0}, {1}"]))
def test_wherever_a_name_and_a_date_stand(family: str, given_name: str, born: date, form: str) -> None:
    """Written as the DMP writes them: family name in capitals, given name in capitals or with its first letter."""
    year = f"{born.year:04}"  # %Y has one digit for the year 9
    for first in (given_name, given_name.title()):
        person = form.format(f"QX{family}", f"Qx{first[1:]}" if first != given_name else f"QX{first}")
        for sentence in ("Le patient {}, né le {}, est inconnu", "{} ({}) : inconnu", "Refus. {} {}"):
            shown = plain(sentence.format(person, f"{born:%d/%m}/{year}"))
            assert "qx" not in shown.lower()
            assert year not in shown


@given(st.text(max_size=400))
def test_whatever_comes_is_one_short_line(told: str) -> None:
    shown = plain(told)
    assert len(shown) <= REASON_LENGTH
    assert shown.isprintable()
    assert plain(shown) in (shown, shown.rstrip(" ."))
