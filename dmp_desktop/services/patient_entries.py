"""Other ways than a carte Vitale for the practice to be told who is there: the INS datamatrix, and the appli carte Vitale."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final, Protocol

from dmp_desktop.card.ins_datamatrix import read_scanned
from dmp_desktop.domain.cards import Beneficiary, VitaleIdentity
from dmp_desktop.domain.identity import StrictTraits
from dmp_desktop.domain.people import Sex
from dmp_desktop.domain.ports import PatientDirectory
from dmp_desktop.domain.scanned import ScannedIdentity
from dmp_desktop.errors import CardError

_LONGEST: Final = 100
"""The datamatrix cuts names there (card.ins_datamatrix)."""


Unknown = Callable[[ScannedIdentity | None], None]


class PatientEntry(Protocol):
    """Tells who is there, for `Session.present`."""

    def identify(self, untrusted_text: str = "") -> tuple[Beneficiary, ...]:
        """Raises CardError with what to tell the user."""
        ...


class ApcvReader(Protocol):
    """What of the licensed component reads the appli carte Vitale (card.api_lec)."""

    def read_apcv(self) -> VitaleIdentity: ...


class DatamatrixEntry:
    """PatientEntry by the text a 2D scanner types. A code proves nothing: it only finds a patient already qualified here."""

    def __init__(self, directory: PatientDirectory, unknown: Unknown) -> None:
        self._directory = directory
        self._unknown = unknown

    def identify(self, untrusted_text: str = "") -> tuple[Beneficiary, ...]:
        """Exactly one person. Raises CardError: `card.scan_…`, `card.scan_discordant` when the practice knows that INS with
        other traits."""
        scanned = read_scanned(untrusted_text)
        patient = self._directory.match(scanned.person)
        self._unknown(scanned if patient is None else None)
        if patient is not None and not (
            patient.ins.oid == scanned.ins.oid and agree(StrictTraits.of(patient), scanned)
        ):
            raise CardError(
                "card.scan_discordant",
                "Le datamatrix ne concorde pas avec l’identité connue ici.",
                "Vérifiez l’identité du patient sur une pièce d’identité avant d’ouvrir son DMP.",
            )
        return (scanned.person,)


class ApcvEntry:
    """PatientEntry by the appli carte Vitale. Its QR code and its NFC are resolved by the licensed component alone."""

    def __init__(self, licensed: ApcvReader | None) -> None:
        self._licensed = licensed

    @property
    def ready(self) -> bool:
        return self._licensed is not None

    def identify(self, untrusted_text: str = "") -> tuple[Beneficiary, ...]:
        """Waits for the patient's telephone, at most half a minute. Raises CardError."""
        del untrusted_text
        if self._licensed is None:
            raise CardError(
                "card.apcv_absent",
                "L’appli carte Vitale ne se lit qu’avec l’API de lecture SESAM-Vitale, absente de ce poste.",
                "Demandez la carte Vitale, ou scannez le datamatrix INS d’un document du patient.",
            )
        return self._licensed.read_apcv().beneficiaries


class PatientEntries:
    """The entries the screen offers. Both do I/O or may wait: they run inside `Session.present`."""

    def __init__(
        self, directory: PatientDirectory, licensed: ApcvReader | None, unknown: Unknown = lambda _scanned: None
    ) -> None:
        """`unknown` is told the code of somebody who is nobody's here, and None once somebody else is scanned."""
        self._datamatrix = DatamatrixEntry(directory, unknown)
        self._apcv = ApcvEntry(licensed)

    @property
    def apcv_ready(self) -> bool:
        """False: asking it gives a refusal that says why."""
        return self._apcv.ready

    def from_scanner(self, untrusted_text: str) -> tuple[Beneficiary, ...]:
        """Who the scanned code tells. Raises CardError."""
        return self._datamatrix.identify(untrusted_text)

    def from_apcv(self) -> tuple[Beneficiary, ...]:
        """Who the appli carte Vitale tells. Raises CardError."""
        return self._apcv.identify()


def agree(known: StrictTraits, scanned: ScannedIdentity) -> bool:
    """The strict traits of the RNIV beside the matricule and the birth date, which found the patient. An unknown one agrees."""
    sexes, places = {known.sex, scanned.sex}, {known.birth_place_cog, scanned.birth_place_cog}
    return (
        _same(known.birth_family, scanned.birth_family)
        and _letters(scanned.birth_given).startswith(_letters(known.first_given))
        and (len(sexes) == 1 or Sex.UNKNOWN in sexes)
        and (len(places) == 1 or "" in places)
    )


def _same(known: str, scanned: str) -> bool:
    """Also when the code had no room for all of it."""
    known_letters, letters = _letters(known), _letters(scanned)
    return known_letters == letters or (len(scanned) >= _LONGEST - 1 and known_letters.startswith(letters))


def _letters(name: str) -> str:
    """Capital letters alone, without accents: spaces and signs between the parts of a name are written as one likes."""
    apart = name.upper().replace("Œ", "OE").replace("Æ", "AE")
    return "".join(one for one in unicodedata.normalize("NFD", apart) if one.isalpha())
