"""Checks of service, readers and cards, with the readers in memory and behind the real libpcsclite."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from dmp_desktop.card import open_fake
from dmp_desktop.card.api_lec import ApiLecVitaleReader, PreferredVitaleReader
from dmp_desktop.card.api_lec_process import ApiLecProcess
from dmp_desktop.card.failures import E_NO_SERVICE, F_COMM_ERROR, PcscError, card_failure
from dmp_desktop.domain.cards import PinState, PublicCps, VitaleIdentity
from dmp_desktop.errors import CardError
from dmp_desktop.platform.endpoint import Endpoint, IdentitySpec
from dmp_desktop.sandbox.virtual_cards import CpsCard
from dmp_desktop.services.diagnostics.certificates import Finding, Flaw, Pair, authorities
from dmp_desktop.services.diagnostics.galss import read_channels
from dmp_desktop.services.diagnostics.model import Result, Verdict
from dmp_desktop.services.diagnostics.module import find
from dmp_desktop.services.diagnostics.report import status
from dmp_desktop.services.diagnostics.site import READERS_SECONDS, Module
from tests.helpers import signers
from tests.helpers.api_lec import Component
from tests.helpers.card_worlds import WORLDS, World, open_world, vitale
from tests.helpers.cps_certificates import SUBJECT, UNTIL, certificate
from tests.helpers.stations import NOW, FixedClock, diagnose, one, station

READER, OTHER = "ACME Reader 00 00", "ACME Reader 01 00"
REMOTE = Endpoint("https://dmp.example.invalid")
SANDBOX = Endpoint("https://localhost:1", sandbox=True)


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with open_world(request.param) as opened:
        yield opened


@pytest.fixture
def memory() -> Iterator[World]:
    with open_world("memory") as opened:
        yield opened


def cps(**changes: object) -> CpsCard:
    return CpsCard(certificate(serial=2, signs=False, **changes), certificate(serial=1, signs=True, **changes))


def test_all_is_well_with_two_cards_in_their_readers(world: World, tmp_path: Path) -> None:
    for reader, card in ((READER, cps()), (OTHER, vitale())):
        world.hand.plug(reader)
        world.hand.insert(reader, card)
    found = diagnose(station(tmp_path, open_fake(world.pcsc)))
    for check in ("pcsc.library", "pcsc.service", "reader.present", "reader.usable", "card.inserted", "card.sharing"):
        assert (check, found[check].verdict) == (check, Verdict.OK)
    assert found["cps.recognised"].verdict is Verdict.OK
    assert found["vitale.readable"].cause == f"La carte Vitale du lecteur « {OTHER} » se lit (lecture directe)."
    assert READER in found["reader.present"].cause


def test_a_service_that_is_stopped(world: World, tmp_path: Path) -> None:
    world.hand.stop_service()
    found = diagnose(station(tmp_path, open_fake(world.pcsc)))
    assert found["pcsc.library"].verdict is Verdict.OK
    assert (found["pcsc.service"].verdict, found["pcsc.service"].missing) == (Verdict.PROBLEM, True)
    assert "pcscd" in found["pcsc.service"].detail
    for check in ("reader.present", "reader.usable", "card.inserted", "card.sharing", "vitale.readable", "cps.pin"):
        assert (check, found[check].verdict) == (check, Verdict.UNVERIFIABLE)
    windows = one(station(tmp_path, open_fake(world.pcsc), platform="win32"), "pcsc.service")
    assert "Windows" in windows.cause
    assert "SCardSvr" in windows.detail
    stopped = PcscError(E_NO_SERVICE)
    for told in (found["pcsc.service"], windows):
        assert told.cause.startswith(stopped.message_fr)
        assert told.action.partition(" ;")[0] == stopped.remedy_fr.partition(" ;")[0], "one remedy, everywhere"


def test_no_library_is_told_apart(tmp_path: Path) -> None:
    """In a process that cannot load libpcsclite: its loader is told another name, as on a machine that has none."""
    code = (
        "import ctypes, sys\n"
        "real = ctypes.CDLL\n"
        "def absent(name, *rest, **more):\n"
        "    if 'pcsclite' in str(name): raise OSError(name)\n"
        "    return real(name, *rest, **more)\n"
        "ctypes.CDLL = absent\n"
        "from pathlib import Path\n"
        "from dmp_desktop.card import open_real\n"
        "from tests.helpers.stations import diagnose, station\n"
        f"found = diagnose(station(Path({str(tmp_path)!r}), open_real()), 'pcsc.library', 'pcsc.service')\n"
        "print(found['pcsc.library'].verdict, found['pcsc.library'].missing, found['pcsc.service'].verdict)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert told.stdout.split() == ["problem", "True", "unverifiable"], told.stderr


def test_no_reader_then_no_card(world: World, tmp_path: Path) -> None:
    where = station(tmp_path, open_fake(world.pcsc))
    assert (one(where, "reader.present").verdict, one(where, "reader.present").missing) == (Verdict.PROBLEM, True)
    world.hand.plug(READER)
    assert one(where, "reader.present").verdict is Verdict.OK
    inserted = one(where, "card.inserted")
    assert (inserted.verdict, inserted.missing) == (Verdict.ATTENTION, True)
    assert one(where, "reader.usable").verdict is Verdict.UNVERIFIABLE


def test_a_reader_whose_name_cannot_be_used_is_told(world: World, tmp_path: Path) -> None:
    where = station(tmp_path, open_fake(world.pcsc))
    world.hand.plug("Lecteur intégré")
    alone = diagnose(where)
    told = alone["reader.present"]
    assert (told.verdict, told.missing, "« Lecteur intégré »" in told.cause) == (Verdict.PROBLEM, True, True)
    assert "autre lecteur" in told.action
    assert {alone[check].action for check in NEEDS_A_CARD} == {"Réglez d’abord « Lecteur de cartes »."}
    world.hand.plug(READER)
    world.hand.insert(READER, vitale())
    beside = diagnose(where, "reader.present", "vitale.readable")
    assert beside["reader.present"].verdict is Verdict.ATTENTION
    assert f"vus : {READER}. Le lecteur « Lecteur intégré »" in beside["reader.present"].cause
    assert beside["vitale.readable"].verdict is Verdict.OK


NEEDS_A_CARD = ("cps.recognised", "cps.validity", "cps.pin", "cps.certificates", "vitale.readable")


def test_no_card_is_asked_for_where_none_could_be_seen(memory: World, tmp_path: Path) -> None:
    """Stopped, no reader, upside down, kept by another: each check says which other one to settle first."""
    where = station(tmp_path, open_fake(memory.pcsc))

    def actions(*ids: str) -> set[str]:
        return {told.action for told in diagnose(where, *ids).values()}

    beside = ("reader.usable", "card.sharing", "card.inserted")
    assert actions(*NEEDS_A_CARD, *beside) == {"Réglez d’abord « Lecteur de cartes »."}
    memory.hand.plug(READER)
    assert all(words.startswith("Insérez") for words in actions(*NEEDS_A_CARD, *beside))
    memory.hand.insert(READER, cps(), mute=True)
    assert actions(*NEEDS_A_CARD, *beside[:2]) == {"Réglez d’abord « Carte dans le lecteur »."}
    memory.hand.remove(READER)
    memory.hand.insert(READER, cps())
    memory.hand.hold(READER)
    assert actions(*NEEDS_A_CARD) == {"Réglez d’abord « Partage de la carte »."}
    memory.hand.stop_service()
    assert actions(*NEEDS_A_CARD, *beside) == {"Réglez d’abord « Service des cartes à puce »."}


def test_a_card_upside_down(world: World, tmp_path: Path) -> None:
    world.hand.plug(READER)
    world.hand.insert(READER, cps(), mute=True)
    told = one(station(tmp_path, open_fake(world.pcsc)), "card.inserted")
    assert told.verdict is Verdict.PROBLEM
    assert READER in told.cause
    assert "puce du bon côté" in told.action


def test_a_card_another_program_keeps(world: World, tmp_path: Path) -> None:
    world.hand.plug(READER)
    world.hand.insert(READER, cps())
    world.hand.hold(READER)
    where = station(tmp_path, open_fake(world.pcsc))
    found = diagnose(where, "card.sharing", "reader.usable", "cps.recognised")
    assert found["card.sharing"].verdict is Verdict.PROBLEM
    assert READER in found["card.sharing"].cause
    assert found["reader.usable"].verdict is Verdict.OK
    assert found["cps.recognised"].verdict is Verdict.UNVERIFIABLE
    world.hand.hold(READER, False)
    assert one(where, "card.sharing").verdict is Verdict.OK


def test_a_reader_that_does_not_get_through(world: World, tmp_path: Path) -> None:
    world.hand.plug(READER)
    world.hand.insert(READER, cps())
    world.hand.fail("connect", F_COMM_ERROR)
    told = one(station(tmp_path, open_fake(world.pcsc)), "reader.usable")
    assert told.verdict is Verdict.PROBLEM
    assert "pilote" in told.action


@pytest.mark.slow
@pytest.mark.alone
def test_a_service_that_hangs(tmp_path: Path) -> None:
    """As a driver that holds the service does: said once, within one wait, and by no check that was late."""
    release = threading.Event()

    class Hanging:
        def establish(self) -> object:
            release.wait(120)
            raise CardError("card.no_service", "…")

    begun = time.monotonic()
    try:
        found = diagnose(station(tmp_path, open_fake(Hanging())))
    finally:
        release.set()
    assert time.monotonic() - begun < READERS_SECONDS + 3
    assert [name for name, told in found.items() if told.code] == []
    service = found["pcsc.service"]
    assert (service.verdict, service.cause) == (Verdict.PROBLEM, "Le service des cartes ne répond pas.")
    for check in ("reader.present", "reader.usable", "card.inserted", "card.sharing", "vitale.readable", "cps.pin"):
        assert (check, found[check].verdict) == (check, Verdict.UNVERIFIABLE)
    waited = {name for name, told in found.items() if told.ms >= 1000 * READERS_SECONDS}
    assert {"storage.disk", "software.version", "server.reach"}.isdisjoint(waited)
    assert status(found.values()) == 1


@pytest.mark.slow
@pytest.mark.alone
def test_a_reader_that_no_longer_answers(memory: World, tmp_path: Path) -> None:
    """A driver that hangs in connect, as a redirected reader does: told within its time, the others not delayed."""
    release = threading.Event()
    cards = open_fake(memory.pcsc)
    memory.hand.plug(READER)
    memory.hand.insert(READER, cps())

    class Hanging:
        def establish(self) -> object:
            context = memory.pcsc.establish()

            class Stuck:
                def __getattr__(self, name: str) -> object:
                    return getattr(context, name)

                def connect(self, reader: str) -> object:
                    release.wait(120)
                    return context.connect(reader)

            return Stuck()

    where = station(tmp_path, replace(cards, pcsc=Hanging()))
    try:
        found = diagnose(where, "reader.usable", "card.sharing", "reader.present")
    finally:
        release.set()
    assert found["reader.usable"].verdict is Verdict.PROBLEM
    assert "ne répond plus" in found["reader.usable"].cause
    assert found["card.sharing"].verdict is Verdict.OK
    assert found["reader.present"].ms < 1000


def with_card(world: World, tmp_path: Path, check: str, card: CpsCard, **changes: object) -> Result:
    world.hand.plug(READER)
    world.hand.insert(READER, card)
    return one(station(tmp_path, open_fake(world.pcsc), **changes), check)


def test_a_test_card_before_the_real_server(memory: World, tmp_path: Path) -> None:
    told = with_card(memory, tmp_path, "cps.recognised", cps(), endpoint=REMOTE)
    assert (told.verdict, "carte de test" in told.cause) == (Verdict.PROBLEM, True)


def test_a_real_card_before_the_sandbox(memory: World, tmp_path: Path) -> None:
    told = with_card(memory, tmp_path, "cps.recognised", cps(issuer="AC FORT PERSONNES"), endpoint=SANDBOX)
    assert (told.verdict, "bac à sable" in told.cause) == (Verdict.ATTENTION, True)


@pytest.mark.parametrize(
    ("now", "verdict", "words"),
    [
        (UNTIL - timedelta(days=31), Verdict.OK, "2029"),
        (UNTIL - timedelta(days=30), Verdict.ATTENTION, "dans 30 jours"),
        (UNTIL - timedelta(hours=30), Verdict.ATTENTION, "demain"),
        (UNTIL - timedelta(hours=3), Verdict.ATTENTION, "moins d’un jour"),
        (UNTIL + timedelta(seconds=1), Verdict.PROBLEM, "a expiré"),
    ],
)
def test_the_end_of_the_card(memory: World, tmp_path: Path, now: datetime, verdict: Verdict, words: str) -> None:
    told = with_card(memory, tmp_path, "cps.validity", cps(), clock=FixedClock(now))
    assert (told.verdict, words in told.cause) == (verdict, True)


class _Opener:
    """The edge of PKCS#11 (domain/ports.CardOpener): it has a state and never gets a PIN."""

    def __init__(self, state: PinState | CardError) -> None:
        self._state = state

    def open(self, card: PublicCps, pin: str) -> object:
        raise AssertionError("the diagnosis sends no PIN")

    def pin_state(self, card: PublicCps) -> PinState:
        if isinstance(self._state, CardError):
            raise self._state
        return self._state


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (PinState.UNKNOWN, Verdict.UNVERIFIABLE),  # what Cryptolib answers, blocked or not
        (PinState.LOW, Verdict.ATTENTION),
        (PinState.LAST_TRY, Verdict.ATTENTION),
        (PinState.LOCKED, Verdict.PROBLEM),
        (CardError("card.module_missing", "Absente."), Verdict.UNVERIFIABLE),
    ],
)
def test_the_state_of_the_pin(memory: World, tmp_path: Path, state: PinState | CardError, verdict: Verdict) -> None:
    assert with_card(memory, tmp_path, "cps.pin", cps(), opener=_Opener(state)).verdict is verdict


def test_the_pin_of_who_needs_no_module(memory: World, tmp_path: Path) -> None:
    """Nothing sends to a check that is fine."""
    told = with_card(memory, tmp_path, "cps.pin", cps(), endpoint=Endpoint(identity=IdentitySpec(p12_folder=tmp_path)))
    assert (told.verdict, told.action, "se passe" in told.cause) == (Verdict.UNVERIFIABLE, "", True)


def test_a_blocked_card_is_told_in_the_same_words_everywhere(memory: World, tmp_path: Path) -> None:
    told = with_card(memory, tmp_path, "cps.pin", cps(), opener=_Opener(PinState.LOCKED))
    locked = card_failure("pin_locked")
    assert (told.cause, told.action) == (locked.message_fr, locked.remedy_fr)


def der(name: str) -> bytes:
    return signers.pair(name)[1].public_bytes(Encoding.DER)


def test_both_certificates_and_their_authority(tmp_path: Path) -> None:
    trusted = signers.write_identity(tmp_path / "authority") / "ca.pem"
    forger = tmp_path / "forger.pem"
    forger.write_bytes(signers._issue("TEST-AC", None)[1].public_bytes(Encoding.PEM))
    two = CpsCard(der("TEST-AUTH"), der("TEST-SIGN"))
    only_signs = certificate(serial=2, signs=True, subject=SUBJECT)
    cases = (
        ("good", two, {"ca_file": trusted}, NOW, Verdict.OK, "autorité est connue"),
        ("no authority", two, {}, NOW, Verdict.UNVERIFIABLE, "il manque « TEST-AC »"),
        ("no file of authorities", two, {"ca_file": tmp_path / "absent.pem"}, NOW, Verdict.UNVERIFIABLE, "il manque"),
        ("authority of the same name", two, {"ca_file": forger}, NOW, Verdict.PROBLEM, "pas été signé"),
        ("expired", two, {"ca_file": trusted}, datetime(2041, 1, 1, tzinfo=UTC), Verdict.PROBLEM, "pas valable"),
        ("same key", cps(), {"ca_file": trusted}, NOW, Verdict.PROBLEM, "même clé"),
        ("no signature", CpsCard(der("TEST-AUTH"), b""), {"ca_file": trusted}, NOW, Verdict.PROBLEM, "sans contact"),
    )
    for name, card, endpoint, now, verdict, words in cases:
        with open_world("memory") as world:
            where = {"endpoint": Endpoint(**endpoint), "clock": FixedClock(now)}
            told = with_card(world, tmp_path, "cps.certificates", card, **where)
            assert (name, told.verdict, words in told.cause) == (name, verdict, True)
    known = authorities(trusted)
    assert Pair(only_signs, der("TEST-SIGN")).look(NOW, known) == Finding(Flaw.USAGE, "authentification")
    assert Pair(b"0", b"1").look(NOW, known).flaw is Flaw.UNREADABLE


def test_modules_found_missing_of_the_wrong_bits_or_broken(tmp_path: Path) -> None:
    path = Path("/usr/lib/libcps3_pkcs11_lux.so")
    bits, broken = CardError("card.module_bits", "…"), CardError("card.module_broken", "…")
    cases = {
        "absent": ([], Verdict.PROBLEM, Verdict.UNVERIFIABLE),
        "good": ([Module(path, 64, "5.2.2")], Verdict.OK, Verdict.OK),
        "old": ([Module(path, 64, "5.1.9")], Verdict.OK, Verdict.ATTENTION),
        "bits": ([Module(path, 32, error=bits)], Verdict.OK, Verdict.PROBLEM),
        "broken": ([Module(path, 64, error=broken)], Verdict.OK, Verdict.PROBLEM),
        "second good": ([Module(path, 32, error=bits), Module(path, 64, "5.2")], Verdict.OK, Verdict.OK),
    }
    for name, (modules, present, loads) in cases.items():
        found = diagnose(station(tmp_path, modules=lambda modules=modules: modules), "pkcs11.module", "pkcs11.loads")
        assert (name, found["pkcs11.module"].verdict, found["pkcs11.loads"].verdict) == (name, present, loads)
    for without_card in (IdentitySpec(p12_folder=tmp_path), IdentitySpec(psc="navigateur")):
        found = diagnose(station(tmp_path, endpoint=Endpoint(identity=without_card)), "pkcs11.module", "pkcs11.loads")
        assert {told.verdict for told in found.values()} == {Verdict.OK}, "nobody is sent to install what is not needed"
    chosen = Module(tmp_path / "nulle.so", error=card_failure("module_missing"))
    told = diagnose(station(tmp_path, modules=lambda: [chosen]), "pkcs11.module", "pkcs11.loads")
    assert (told["pkcs11.module"].verdict, told["pkcs11.loads"].verdict) == (Verdict.PROBLEM, Verdict.UNVERIFIABLE)
    assert "« nulle.so »" in told["pkcs11.module"].cause
    assert str(tmp_path) not in str(told)
    told = one(station(tmp_path, modules=lambda: cases["bits"][0]), "pkcs11.loads")
    assert "32 bits" in told.cause
    assert "64 bits" in told.action


def test_a_vitale_that_does_not_read_is_a_problem(memory: World, tmp_path: Path) -> None:
    broken = vitale()
    broken.process = lambda apdu: b"\x6f\x00"  # type: ignore[method-assign]
    memory.hand.plug(READER)
    memory.hand.insert(READER, broken)
    assert one(station(tmp_path, open_fake(memory.pcsc)), "vitale.readable").verdict is Verdict.PROBLEM


class _OutOfOrder:
    """The edge of the licensed component (domain/ports.VitaleReader), which tells in `source` that it was done without."""

    def read(self, reader: str) -> VitaleIdentity:
        return VitaleIdentity((), "Le composant ne démarre pas. La carte Vitale a été lue sans lui.")


def test_a_vitale_read_without_the_licensed_component(memory: World, tmp_path: Path) -> None:
    memory.hand.plug(READER)
    memory.hand.insert(READER, vitale())
    cards = replace(open_fake(memory.pcsc), vitale=_OutOfOrder())
    told = one(station(tmp_path, cards), "vitale.readable")
    assert (told.verdict, "ne démarre pas" in told.cause) == (Verdict.ATTENTION, True)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in component is a library of Linux")
def test_the_licensed_component_is_examined_though_it_is_left_alone_for_a_time(memory: World, tmp_path: Path) -> None:
    memory.hand.plug(READER)
    memory.hand.insert(READER, vitale())
    component = Component(tmp_path, "crash")
    process = ApiLecProcess(component.library, component.folder)
    cards = open_fake(memory.pcsc)
    licensed = PreferredVitaleReader(ApiLecVitaleReader(process), cards.vitale, cards.inventory)
    where = station(tmp_path, replace(cards, vitale=licensed, licensed=licensed))
    try:
        for _ in range(2):
            assert one(where, "vitale.readable").verdict is Verdict.ATTENTION
        component.play("")
        assert "API de lecture" in one(where, "vitale.readable").cause
    finally:
        licensed.close()


def test_real_modules_are_found_and_loaded(tmp_path: Path) -> None:
    """A library that is no module, a text, and nothing at all; SoftHSM, a module everyone has, where it is installed."""
    text = tmp_path / "module.so"
    text.write_text("rien")
    assert find(text)[0].error.code == "card.module_broken"
    assert find(tmp_path / "absent.so")[0].error.code == "card.module_missing"
    assert [found.path for found in find(tmp_path / "absent.so")[1:]] == [found.path for found in find()]
    libraries = sorted(Path("/usr/lib").glob("*/libpcsclite.so.1"))
    for library in libraries[:1]:
        assert find(library)[0].error.code == "card.module_broken"
    softhsm = next(Path("/usr/lib").rglob("libsofthsm2.so"), None)
    if softhsm is None:
        pytest.skip("SoftHSM2 is not installed")
    found = find(softhsm)[0]
    assert (found.error, found.version.count(".")) == (None, 1)
    told = diagnose(station(tmp_path, modules=lambda: [found]), "pkcs11.module", "pkcs11.loads")
    assert "libsofthsm2.so" in told["pkcs11.module"].cause
    assert found.version in told["pkcs11.loads"].cause


SERIAL = "[CANAL1]\r\nTCanal=1\r\nCaracteristiques=9600,8,2,1\r\n"
PCSC = f"[PROTOCOLE0]\rNomLib=pcscosx\r[CANAL1]\rTcanal=2\rCaracteristiques={READER}\r"


@pytest.mark.parametrize(
    ("place", "text", "plugged", "verdict", "words"),
    [
        ("", "", True, Verdict.OK, "Aucun lecteur"),
        ("Windows/galss.ini", SERIAL, False, Verdict.PROBLEM, "mode série"),
        ("Windows/galss.ini", SERIAL, True, Verdict.ATTENTION, "à côté"),
        ("Program Files (x86)/santesocial/galss/io_comm.ini", "[CANAL2]\nPort=COM3\n", False, Verdict.PROBLEM, "série"),
        ("Library/Preferences/galss.ini", PCSC, True, Verdict.OK, "présents"),
        ("Library/Preferences/galss.ini", PCSC, False, Verdict.ATTENTION, READER),
        ("Windows/galss.ini", "\x00\x01 pas un fichier ini", True, Verdict.OK, "présents"),
    ],
)
def test_a_tree_with_galss_in_it(
    memory: World, tmp_path: Path, place: str, text: str, plugged: bool, verdict: Verdict, words: str
) -> None:
    if place:
        file = tmp_path / "root" / place
        file.parent.mkdir(parents=True)
        file.write_bytes(text.encode("cp1252"))
    if plugged:
        memory.hand.plug(READER)
    told = one(station(tmp_path, open_fake(memory.pcsc), platform="win32"), "reader.galss")
    assert (told.verdict, words in told.cause) == (verdict, True)


def test_galss_is_told_even_when_the_service_is_stopped(memory: World, tmp_path: Path) -> None:
    """As Windows does when the only reader is serial: SCardSvr never starts."""
    memory.hand.stop_service()
    file = tmp_path / "root/Windows/galss.ini"
    file.parent.mkdir(parents=True)
    file.write_text(SERIAL)
    assert one(station(tmp_path, open_fake(memory.pcsc)), "reader.galss").verdict is Verdict.PROBLEM


def test_any_text_is_read_as_channels() -> None:
    assert read_channels("").readers == ()
    assert read_channels("[CANAL1]\nCaracteristiques=\n; Caracteristiques=COM1\n").serial is False
    assert read_channels('[canal 1]\nCARACTERISTIQUES="F600 Reader 02"\n').readers == ("F600 Reader 02",)
    assert read_channels("[AUTRE]\nPort=COM1\n").serial is False
