"""No patient in the log, whatever is logged."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.errors import DmpError
from dmp_desktop.platform.logging import FILE_NAME, REDACTED, configure, install_excepthook, redact

INS = "279035121518989"
Read = Callable[[], str]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Read]:
    handler = configure(tmp_path)

    def read() -> str:
        handler.flush()
        return (tmp_path / FILE_NAME).read_text("utf-8")

    yield read
    handler.close()
    assert handler not in logging.getLogger().handlers


@pytest.mark.parametrize(
    "identifier",
    [
        INS,
        INS[:13],
        "2 79 03 51 215 189 89",
        "2-79-03-51-215-189-89",
        "2\u00a079\u00a003\u00a051\u202f215\u202f189\u00a089",
        "180032B020401",
        "180032b02040123",
        "1 80 03 2A 020 401 23",
        f"ins{INS}^^^&1.2.250.1.213.1.4.10&ISO^NH",
        f"patient={INS};",
    ],
)
def test_anything_like_a_nir_or_an_ins_is_masked(identifier: str) -> None:
    assert REDACTED in redact(f"lecture de {identifier} faite")
    assert not any(
        part in redact(identifier) for part in (INS[:13], "2B0204", "2b0204", "79 03 51", "79-03-51", "79 03")
    )


@pytest.mark.parametrize(
    "harmless", ["1.2.250.1.213.1.4.10", "810002422979", "2.25.187443573024983402749823749823749823", "8443"]
)
def test_other_numbers_stay(harmless: str) -> None:
    assert redact(harmless) == harmless


@given(st.from_regex(r"[1-8][0-9]{4}(2[AB]|[0-9]{2})[0-9]{6}([0-9]{2})?", fullmatch=True), st.text(max_size=20))
def test_every_matricule_is_masked_wherever_it_stands(matricule: str, around: str) -> None:
    text = f"{around}|{matricule}|{around}"
    assert f"|{matricule}|" not in redact(text)


def test_the_file_holds_no_identifier_no_body_no_bytes(log: Read) -> None:
    logger = logging.getLogger("dmp_desktop.test")
    logger.info("patient %s, document %s", INS, b"<ClinicalDocument>douleur</ClinicalDocument>")
    logger.info("%(ins)s", {"ins": INS})
    logger.warning("<soap:Body>%s</soap:Body>", "douleur " * 1000 + "thoracique")
    logging.getLogger("urllib3").warning("patient %s", INS)
    content = log()
    assert "octets" in content
    for word in (INS, "ClinicalDocument", "thoracique"):
        assert word not in content
    assert max(map(len, content.splitlines())) < 700


def test_an_exception_is_told_by_type_and_place_only(log: Read) -> None:
    def parse(untrusted: str) -> None:
        raise ValueError(f"cannot parse {untrusted}")

    logger = logging.getLogger("dmp_desktop.test")
    try:
        try:
            parse("TEST-PATIENTE")
        except ValueError as error:
            raise DmpError("DMPInvalid", "TEST-PATIENTE refuse") from error
    except DmpError:
        logger.exception("failed", stack_info=True)
    content = log()
    assert "builtins.ValueError at" in content
    assert "[DMPInvalid]" in content
    assert "parse" in content
    assert "TEST-PATIENTE" not in content


def test_uncaught_exceptions_of_every_thread_reach_the_log_without_their_text(
    log: Read, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    install_excepthook()

    def fail() -> None:
        raise RuntimeError("TEST-PATIENTE")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    error = LookupError("TEST-PATIENTE")
    sys.excepthook(LookupError, error, None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    content = log()
    assert "builtins.RuntimeError" in content
    assert "builtins.LookupError" in content
    assert "KeyboardInterrupt" not in content
    assert "TEST-PATIENTE" not in content + capsys.readouterr().err


def test_the_file_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dmp_desktop.platform.logging._MAX_BYTES", 2000)
    handler = configure(tmp_path)
    for number in range(200):
        logging.getLogger("dmp_desktop.test").info("line %d", number)
    handler.close()
    assert len(list(tmp_path.glob(f"{FILE_NAME}*"))) == 5


@pytest.mark.parametrize("before", range(485, 501))
def test_an_identifier_across_the_cut_leaves_no_digit(before: int) -> None:
    text = "x" * before + "285035145412363" + "y" * 300
    assert "285" not in redact(text)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full: Linux only")
def test_a_full_disk_takes_no_line_and_stops_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Closing it raised: what had gone well before failed in the end."""
    (tmp_path / FILE_NAME).symlink_to("/dev/full")
    handler = configure(tmp_path)
    logging.getLogger("dmp_desktop.test").warning("une ligne")
    handler.close()
    assert capfd.readouterr().err == ""
