"""Checks of the way to the DMP, against real TLS servers: right, wrong, late, closed, silent."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from dmp_desktop.dmp.identity import Pkcs12Identity
from dmp_desktop.dmp.probe import Reach, Tls, reach, shake
from dmp_desktop.dmp.server_clock import ServerClock
from dmp_desktop.dmp.transport import HttpsTransport
from dmp_desktop.platform.clock import SystemClock
from dmp_desktop.platform.endpoint import IDENTITY, PSC, SERVER, Endpoint, IdentitySpec, Secrets
from dmp_desktop.services.diagnostics.model import Verdict
from dmp_desktop.services.diagnostics.network import _in_words, zone_of
from dmp_desktop.services.diagnostics.proxies import PAC, PLACES, system_proxies
from dmp_desktop.services.diagnostics.report import status
from dmp_desktop.services.diagnostics.service import _software_identity, workstation
from tests.helpers import signers
from tests.helpers.dated_server import Shape, dated_server
from tests.helpers.stations import diagnose, one, station

IDS = ("server.reach", "server.tls", "clock.skew")
DAY = dt.timedelta(days=1)


def look(folder: Path, shape: Shape, *, identity: bool = False) -> dict[str, tuple[Verdict, str]]:
    with dated_server(folder, shape) as url:
        endpoint = Endpoint(url, folder / "ca.pem", sandbox=True)
        more = {"open_identity": lambda: Pkcs12Identity(folder, signers.PASSWORD)} if identity else {}
        where = station(folder, endpoint=endpoint, clock=SystemClock(), **more)
        return {check: (result.verdict, result.cause) for check, result in diagnose(where, *IDS).items()}


@pytest.mark.parametrize(
    ("shape", "verdict", "words"),
    [
        (Shape(), Verdict.OK, "TLSv1.2"),
        (Shape(version=ssl.TLSVersion.TLSv1_3), Verdict.OK, "TLSv1.3"),
        (Shape(asks=True), Verdict.OK, "attend une carte"),
        (Shape(asks=True, version=ssl.TLSVersion.TLSv1_3), Verdict.OK, "attend une carte"),
        (Shape(host="dmp.example.invalid"), Verdict.PROBLEM, "pas celui du serveur"),
        (Shape(starts=-2 * DAY, ends=-DAY), Verdict.PROBLEM, "expiré"),
        (Shape(starts=DAY), Verdict.PROBLEM, "pas encore"),
        (Shape(trusted=False), Verdict.PROBLEM, "aucune autorité"),
        (Shape(ciphers="AES128-SHA"), Verdict.PROBLEM, "version commune"),
        (Shape(asks=True, ciphers="AES128-SHA"), Verdict.PROBLEM, "version commune"),
    ],
)
def test_who_the_server_is(tmp_path: Path, shape: Shape, verdict: Verdict, words: str) -> None:
    found = look(tmp_path, shape)
    assert found["server.reach"][0] is Verdict.OK
    assert found["server.tls"][0] is verdict
    assert words in found["server.tls"][1]


@pytest.mark.parametrize(
    ("offset", "verdict", "words"),
    [
        (0, Verdict.OK, "à l’heure"),
        (120, Verdict.ATTENTION, "retarde"),
        (-120, Verdict.ATTENTION, "avance"),
        (3600, Verdict.PROBLEM, "refusera"),
        (365 * 86400, Verdict.PROBLEM, "retarde de 36"),
    ],
)
def test_the_clock_against_the_server(tmp_path: Path, offset: int, verdict: Verdict, words: str) -> None:
    date = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=offset)
    found = look(tmp_path, Shape(date=date))["clock.skew"]
    assert found[0] is verdict
    assert words in found[1]


def test_a_clock_told_only_to_who_has_a_certificate(tmp_path: Path) -> None:
    shape = Shape(date=dt.datetime.now(dt.UTC), asks=True)
    assert look(tmp_path, shape)["clock.skew"][0] is Verdict.UNVERIFIABLE
    known = look(tmp_path, shape, identity=True)
    assert (known["clock.skew"][0], known["server.tls"][0]) == (Verdict.OK, Verdict.OK)
    assert look(tmp_path, Shape())["clock.skew"][0] is Verdict.UNVERIFIABLE
    nonsense = replace(shape, date=None)
    assert look(tmp_path, nonsense, identity=True)["clock.skew"][0] is Verdict.UNVERIFIABLE


def test_a_clock_told_by_the_answers_of_the_session(tmp_path: Path) -> None:
    """As with a card: the server speaks to nobody else, and what it answered to the doctor told its time."""
    late = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    with dated_server(tmp_path, Shape(date=late, asks=True)) as url:
        heard = ServerClock(SystemClock())
        identity = Pkcs12Identity(tmp_path, signers.PASSWORD)
        transport = heard.watch(HttpsTransport(url, identity, tmp_path / "ca.pem"))
        assert heard.skew is None
        transport.post("", b"", {}).read()
        transport.close()
        identity.close()
        endpoint = Endpoint(url, tmp_path / "ca.pem", sandbox=True)
        where = station(tmp_path, endpoint=endpoint, clock=SystemClock(), server_skew=lambda: heard.skew)
        told = one(where, "clock.skew")
    assert (told.verdict, "avance" in told.cause) == (Verdict.PROBLEM, True)
    heard.hear("demain", SystemClock().now())
    assert heard.skew is not None


def test_a_client_certificate_the_server_refuses(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for file in ("auth", "sign"):  # signed by themselves: of no authority the server knows
        key, certificate = signers._issue("TEST-INCONNU", None)
        sealed = BestAvailableEncryption(signers.PASSWORD.encode())
        content = pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, sealed)
        (other / f"{file}.p12").write_bytes(content)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with dated_server(tmp_path, Shape(asks=True, version=version)) as url:
            endpoint = Endpoint(url, tmp_path / "ca.pem", sandbox=True)
            identity = {"open_identity": lambda: Pkcs12Identity(other, signers.PASSWORD)}
            told = one(station(tmp_path, endpoint=endpoint, clock=SystemClock(), **identity), "server.tls")
            assert (told.verdict, "refuse le certificat" in told.cause) == (Verdict.PROBLEM, True)


def test_a_software_identity_only_with_its_password_at_hand(tmp_path: Path) -> None:
    folder = signers.write_identity(tmp_path / "doctor")
    endpoint = Endpoint(identity=IdentitySpec(p12_folder=folder), secrets=Secrets(p12=signers.PASSWORD))
    found = _software_identity(endpoint)
    assert found is not None
    found.close()
    assert _software_identity(replace(endpoint, secrets=Secrets())) is None  # nothing is asked
    assert _software_identity(Endpoint()) is None


@pytest.mark.parametrize("spoil", ["missing", "password"])
def test_certificates_in_files_that_do_not_open_are_told_once_and_where_they_are(tmp_path: Path, spoil: str) -> None:
    """The clock and the connection are not accused; what can be seen without them is."""
    folder = signers.write_identity(tmp_path / "doctor")
    if spoil == "missing":
        (folder / "auth.p12").unlink()
    secrets = Secrets(p12="autre" if spoil == "password" else signers.PASSWORD)
    for shape, late in ((Shape(asks=True), False), (Shape(asks=True, starts=-2 * DAY, ends=-DAY), True)):
        with dated_server(tmp_path, shape) as url:
            endpoint = Endpoint(url, tmp_path / "ca.pem", IdentitySpec(p12_folder=folder), True, secrets)
            where = station(tmp_path, endpoint=endpoint, clock=SystemClock())
            where = replace(where, open_identity=lambda endpoint=endpoint: _software_identity(endpoint))
            found = diagnose(where, *IDS, "identity.software")
        assert found["identity.software"].verdict is Verdict.PROBLEM
        assert found["identity.software"].code.startswith("Certificat")
        assert not found["server.tls"].code + found["clock.skew"].code
        wait = "Réglez d’abord « Certificat de ce poste »."
        if late:
            assert "expiré" in found["server.tls"].cause
        else:
            assert (found["server.tls"].action, found["clock.skew"].action) == (wait, wait)


def test_certificates_in_files_are_told_to_open_or_to_wait_for_their_password(tmp_path: Path) -> None:
    folder = signers.write_identity(tmp_path / "doctor")
    for password, verdict in ((signers.PASSWORD, Verdict.OK), ("", Verdict.UNVERIFIABLE)):
        endpoint = Endpoint(identity=IdentitySpec(p12_folder=folder), secrets=Secrets(p12=password))
        where = station(tmp_path, endpoint=endpoint, open_identity=lambda chosen=endpoint: _software_identity(chosen))
        assert one(where, "identity.software").verdict is verdict
    assert one(station(tmp_path), "identity.software").verdict is Verdict.OK


@pytest.mark.parametrize("wrong", [{IDENTITY: "bidon"}, {PSC: "/nulle/part.json"}])
def test_settings_that_are_not_understood_are_told_alone(tmp_path: Path, wrong: dict[str, str]) -> None:
    """A server is set: nobody is told that none is."""
    environment = {SERVER: "https://localhost:1", **wrong}
    where = replace(workstation(environment, station(tmp_path).cards, SystemClock()), paths=station(tmp_path).paths)
    found = diagnose(where, *IDS, "identity.software", "software.settings")
    assert found.pop("software.settings").verdict is Verdict.PROBLEM
    assert {told.action for told in found.values()} == {"Réglez d’abord « Réglages »."}


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    signers.write_identity(tmp_path)
    where = station(tmp_path, endpoint=Endpoint(f"https://localhost:{port}", tmp_path / "ca.pem", sandbox=True))
    found = diagnose(where, *IDS)
    assert (found["server.reach"].verdict, found["server.reach"].missing) == (Verdict.PROBLEM, True)
    assert {found[check].verdict for check in IDS[1:]} == {Verdict.UNVERIFIABLE}
    assert reach("https://dmp.example.invalid", 5.0) is Reach.NAME


def test_a_server_that_never_speaks(tmp_path: Path) -> None:
    signers.write_identity(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}"
        assert reach(url) is Reach.OK
        assert shake(url, tmp_path / "ca.pem", SystemClock(), seconds=0.2).tls is Tls.SILENT


def test_a_server_cut_before_it_speaks_is_a_problem_of_its_own(tmp_path: Path) -> None:
    """Not told to look at the access to the server, which is fine: something on the way does not let TLS through."""
    signers.write_identity(tmp_path)
    with answering(b"") as url:
        where = station(tmp_path, endpoint=Endpoint(url, tmp_path / "ca.pem"), clock=SystemClock())
        found = diagnose(where, *IDS)
    assert (found["server.reach"].verdict, found["server.tls"].verdict) == (Verdict.OK, Verdict.PROBLEM)
    assert "laisser passer le DMP" in found["server.tls"].action
    assert "pare-feu" in found["server.tls"].detail
    assert "« Connexion sécurisée au DMP »" in found["clock.skew"].action
    assert status(found.values()) == 1


@pytest.mark.parametrize("said", [b"HTTP/1.1 302 Found\r\nLocation: http://portail/\r\n\r\n", b"220 smtp\r\n"])
def test_something_else_on_the_port(tmp_path: Path, said: bytes) -> None:
    signers.write_identity(tmp_path)
    with answering(said) as url:
        where = station(tmp_path, endpoint=Endpoint(url, tmp_path / "ca.pem"), clock=SystemClock())
        told = diagnose(where, *IDS)
    assert (told["server.tls"].verdict, "Autre chose" in told["server.tls"].cause) == (Verdict.PROBLEM, True)
    assert "« Connexion sécurisée au DMP »" in told["clock.skew"].action


@contextlib.contextmanager
def answering(what: bytes) -> Iterator[str]:
    """Takes what each client says first, answers `what` and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client, contextlib.suppress(OSError):
                    client.recv(65536)
                    client.sendall(what)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(60)


def test_no_server_and_no_authorities(tmp_path: Path) -> None:
    found = diagnose(station(tmp_path), *IDS)
    assert (found["server.reach"].verdict, found["server.reach"].missing) == (Verdict.PROBLEM, True)
    assert {found[check].verdict for check in IDS[1:]} == {Verdict.UNVERIFIABLE}
    found = diagnose(station(tmp_path, endpoint=Endpoint("https://dmp.example.invalid")), *IDS[1:])
    assert (found["server.tls"].verdict, "est réglé, mais pas" in found["server.tls"].cause) == (Verdict.PROBLEM, True)
    assert "« Connexion sécurisée au DMP »" in found["clock.skew"].action
    with dated_server(tmp_path, Shape()) as url:
        (tmp_path / "damaged.pem").write_text("rien")
        for ca in (tmp_path / "absent.pem", tmp_path / "damaged.pem"):
            assert "autorités" in one(station(tmp_path, endpoint=Endpoint(url, ca)), "server.tls").cause


@pytest.mark.parametrize(
    ("proxies", "verdict"),
    [
        ({}, Verdict.OK),
        ({"no": "localhost"}, Verdict.OK),
        ({"https": "http://TEST-NOM:secret@proxy:3128"}, Verdict.ATTENTION),
        ({"all": "socks5://proxy"}, Verdict.ATTENTION),
    ],
)
def test_a_proxy_is_told_without_its_secrets(tmp_path: Path, proxies: dict[str, str], verdict: Verdict) -> None:
    told = one(station(tmp_path, proxies=lambda: proxies), "network.proxy")
    assert told.verdict is verdict
    assert "secret" not in told.cause + told.action


@pytest.mark.parametrize(("hive", "key"), PLACES)
def test_a_script_that_chooses_the_proxy_is_told(tmp_path: Path, hive: str, key: str) -> None:
    """As Windows' registry keeps it, the user's or the organisation's; its address, which may hold a secret, is not told."""

    def registry(asked: str, path: str, name: str) -> object:
        if (asked, path, name) == (hive, key, "AutoConfigURL"):
            return "http://TEST-NOM:secret@proxy.example.invalid/proxy.pac"
        raise FileNotFoundError

    told = one(station(tmp_path, proxies=lambda: system_proxies(registry)), "network.proxy")
    assert (told.verdict, "(PAC)" in told.cause) == (Verdict.ATTENTION, True)
    assert "sans proxy" in told.action
    assert "secret" not in told.cause + told.action + told.detail
    assert PAC not in system_proxies()  # no such registry here
    assert PAC not in system_proxies(lambda *_where: "  ")
    assert PAC not in system_proxies(lambda *_where: 0)


def test_time_zones() -> None:
    summer = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
    winter = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)

    def told(moment: dt.datetime, hours: float) -> str:
        return zone_of(moment.astimezone(dt.timezone(dt.timedelta(hours=hours))), moment).outcome

    assert [told(summer, hours) for hours in (2, -4, -9.5, 11)] == ["ok"] * 4
    assert told(summer, 1) == "foreign"  # Paris left in winter
    assert told(winter, 1) == "ok"
    assert zone_of(summer, summer).fields == {"offset": "+00:00"}


def test_the_bridge_of_this_python(tmp_path: Path) -> None:
    assert one(station(tmp_path), "tls.bridge").verdict is Verdict.OK


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (31_536_000, "365 jours")]
)
def test_a_gap_in_the_unit_people_use(seconds: int, words: str) -> None:
    assert _in_words(dt.timedelta(seconds=seconds)) == words
