"""The licensed component, by its helper: what it answers, and everything it may do instead."""

from __future__ import annotations

import json
import os
import select
import shutil
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dmp_desktop.card import api_lec_helper
from dmp_desktop.card.access import CardAccess
from dmp_desktop.card.api_lec import REST_SECONDS, SOURCE, ApiLecVitaleReader, PreferredVitaleReader
from dmp_desktop.card.api_lec_failures import ApiLecUnusableError
from dmp_desktop.card.api_lec_process import ApiLecProcess
from dmp_desktop.card.fake import FakePcsc
from dmp_desktop.card.inventory import Inventory
from dmp_desktop.card.vitale import PlainPcscVitaleReader
from dmp_desktop.domain.cards import Beneficiary
from dmp_desktop.domain.ins import nir_key
from dmp_desktop.errors import CardError
from dmp_desktop.sandbox.virtual_cards import CpsCard, VitaleCard
from tests.helpers.api_lec import Component
from tests.helpers.card_worlds import PATIENT, vitale

ROOT = Path(__file__).resolve().parents[3]
PERSON = Beneficiary(*PATIENT, rank=1)
Open = Callable[..., ApiLecProcess]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in component is a library of Linux")


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens processes that end with the test."""
    processes: list[ApiLecProcess] = []

    def open_one(component: Component, **settings: object) -> ApiLecProcess:
        library = settings.pop("library", component.library)
        processes.append(ApiLecProcess(library, component.folder, **settings))  # type: ignore[arg-type]
        return processes[-1]

    yield open_one
    for process in processes:
        process.close()


def read(process: ApiLecProcess) -> tuple[Beneficiary, ...]:
    return ApiLecVitaleReader(process).read("A").beneficiaries


def refused(process: ApiLecProcess) -> CardError:
    with pytest.raises(CardError) as caught:
        read(process)
    assert caught.value.message_fr.endswith(".")
    assert caught.value.remedy_fr.endswith(".")
    assert "TEST" not in repr(caught.value)
    return caught.value


def ready(process: ApiLecProcess) -> subprocess.Popen[bytes]:
    """The helper that waits for a card."""
    assert process._spare is not None
    return process._spare.result()


def children() -> set[int]:
    """Living helpers of this process."""
    found = subprocess.run(["ps", "-o", "pid=,stat=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True)
    return {int(line.split()[0]) for line in found.stdout.splitlines() if "api_lec_helper" in line and " Z" not in line}


def test_reads_between_a_beginning_and_an_end(tmp_path, opened):
    component = Component(tmp_path)
    process = opened(component)
    assert ApiLecVitaleReader(process).read("A").source == SOURCE
    ready(process)
    assert component.calls == ["init", "read 3 65536", "end"]
    assert ApiLecVitaleReader(process).read_apcv().beneficiaries == (PERSON,)
    ready(process)
    assert component.calls[3:] == ["init", "read 30 65536", "end"]


def test_each_card_has_its_own_process_and_the_next_is_ready(tmp_path, opened):
    """An identity does not outlive the process that read it."""
    process = opened(Component(tmp_path))
    process.warm()
    first = ready(process)
    assert read(process) == (PERSON,)
    assert ready(process).pid != first.pid
    assert first.returncode == 0


def test_a_refusal_of_the_card_is_told_with_its_numbers(tmp_path, opened):
    error = refused(opened(Component(tmp_path, "refused")))
    assert (error.code, error.status) == ("card.api_lec_read_2_37", 37)
    assert not isinstance(error, ApiLecUnusableError)


def test_a_component_that_does_not_start(tmp_path, opened):
    component = Component(tmp_path, "no-reader")
    error = refused(opened(component))
    assert (error.code, component.calls) == ("card.api_lec_init_5_77", ["init"])
    assert "éditeur" in error.remedy_fr


def test_a_crash_is_survived(tmp_path, opened):
    component = Component(tmp_path, "crash")
    process = opened(component)
    assert refused(process).code == "card.api_lec_crash"
    component.play("")
    assert read(process) == (PERSON,)


def test_a_hang_is_cut_short(tmp_path, opened):
    component = Component(tmp_path, "hang")
    process = opened(component, grace_seconds=-2.5)
    assert refused(process).code == "card.api_lec_timeout"
    component.play("")
    assert len(ApiLecVitaleReader(process).read_apcv().beneficiaries) == 1


def test_a_read_is_ended_at_once_when_nobody_waits_for_it(tmp_path, opened):
    component = Component(tmp_path, "hang")
    process = opened(component)
    ready_one = process.warm() or ready(process)
    with component.listen() as calls, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(refused, process)
        while "read" not in calls.readline():
            continue
        process.stop_reading()
        assert asked.result(60).code == "card.api_lec_crash"
    assert ready_one.wait(60) < 0, "killed"
    component.play("")
    (tmp_path / "calls").unlink()
    process.stop_reading()
    assert read(process) == (PERSON,), "only what was under way has ended"


def test_a_read_that_waits_for_the_component_to_load_is_ended_at_once(tmp_path, opened):
    process = opened(Component(tmp_path, "", "HANGS_WHEN_LOADED"))
    process.warm()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(refused, process)
        while not process._under_way:
            time.sleep(0)
        process.stop_reading()
        assert asked.result(60).code == "card.api_lec_crash"


def test_a_hang_while_it_is_loaded(tmp_path, opened):
    process = opened(Component(tmp_path, "", "HANGS_WHEN_LOADED"), start_seconds=0.5)
    assert refused(process).code == "card.api_lec_timeout"


@pytest.mark.parametrize("scene", ["full", "lies"])
def test_an_answer_without_end(tmp_path, opened, scene):
    assert refused(opened(Component(tmp_path, scene))).code == "card.api_lec_answer"


def test_an_answer_that_is_no_xml(tmp_path, opened):
    component = Component(tmp_path)
    component.answer(b"\xff\xfe<nonsense")
    assert refused(opened(component)).code == "card.api_lec_answer"


def test_an_entry_point_is_missing(tmp_path, opened):
    assert refused(opened(Component(tmp_path, "", "WITHOUT_READING"))).code == "card.api_lec_symbols"


def test_a_library_of_the_other_word_size(tmp_path, opened):
    component = Component(tmp_path)
    other = tmp_path / "other.so"
    content = bytearray(component.library.read_bytes())
    content[4] = 1  # EI_CLASS: ELFCLASS32 (System V ABI, chapter 4)
    other.write_bytes(content)
    assert refused(opened(component, library=other)).code == "card.api_lec_bits"


@pytest.mark.parametrize("content", [b"", b"not a library"])
def test_a_library_that_is_none(tmp_path, opened, content):
    library = tmp_path / "none.so"
    library.write_bytes(content)
    assert refused(opened(Component(tmp_path), library=library)).code == "card.api_lec_load"


def test_no_library(tmp_path, opened):
    assert refused(opened(Component(tmp_path), library=tmp_path / "absent.so")).code == "card.api_lec_load"


def test_a_helper_of_its_own_for_a_component_of_32_bits(tmp_path, opened):
    helper = tmp_path / "helper32"
    helper.write_text(f"#!/bin/sh\nexec {sys.executable} -I {api_lec_helper.__file__}\n", "utf-8")
    helper.chmod(0o700)
    assert read(opened(Component(tmp_path), helper=helper)) == (PERSON,)


def test_a_helper_that_is_no_program(tmp_path, opened):
    assert refused(opened(Component(tmp_path), helper=tmp_path / "absent")).code == "card.api_lec_helper"
    assert refused(opened(Component(tmp_path), helper=Path(shutil.which("true")))).code == "card.api_lec_helper"


def test_a_helper_killed_while_it_waits(tmp_path, opened):
    process = opened(Component(tmp_path))
    assert read(process) == (PERSON,)
    waiting = ready(process)
    waiting.kill()
    waiting.wait()
    assert read(process) == (PERSON,)


def test_mended_for_the_next_card(tmp_path, opened):
    """A failure ahead of a card is told once, at once, and tried again behind it."""
    component = Component(tmp_path)
    late = tmp_path / "late.so"
    process = opened(component, library=late)
    process.warm()
    assert refused(process).code == "card.api_lec_load"
    with pytest.raises(CardError):
        ready(process)
    shutil.copy(component.library, late)
    assert refused(process).code == "card.api_lec_load"
    assert read(process) == (PERSON,)


def test_one_card_at_a_time(tmp_path, opened):
    component = Component(tmp_path)
    process = opened(component)
    readers = [threading.Thread(target=read, args=(process,)) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    ready(process)
    assert component.calls == ["init", "read 3 65536", "end"] * 4


def test_closed_leaves_nobody_behind(tmp_path, opened):
    process = opened(Component(tmp_path))
    read(process)
    process.close()
    assert children() == set()
    assert refused(process).code == "card.api_lec_helper"


@pytest.mark.parametrize("scene", ["", "hang"])
def test_ends_when_its_master_dies(tmp_path, scene):
    """Ready for a card, or hung in the component."""
    component = Component(tmp_path, scene)
    command = [sys.executable, "-I", api_lec_helper.__file__]
    with (
        component.listen() as calls,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as helper,
    ):
        place = json.dumps({"library": str(component.library), "folder": f"{tmp_path}/"}).encode()
        helper.stdin.write(struct.pack(">I", len(place)) + place)
        helper.stdin.flush()
        assert helper.stdout.read(5)[4:] == api_lec_helper.READY
        if scene:
            request = b'{"seconds": 3}'
            helper.stdin.write(struct.pack(">I", len(request)) + request)
            helper.stdin.flush()
            assert [calls.readline(), calls.readline()] == ["init\n", "read 3 65536\n"]
        helper.stdin.close()
        assert helper.wait(60) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="pidfd_open is of Linux")
def test_ends_when_its_master_is_killed(tmp_path):
    component = Component(tmp_path, "hang")
    master = (
        "import sys; from pathlib import Path; from dmp_desktop.card.api_lec_process import ApiLecProcess;"
        "process = ApiLecProcess(Path(sys.argv[1]), Path(sys.argv[2])); process.warm();"
        "print(process._spare.result().pid, flush=True); process.read(60)"
    )
    command = [sys.executable, "-c", master, component.library, tmp_path]
    with (
        component.listen() as calls,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running,
    ):
        helper = os.pidfd_open(int(running.stdout.readline()))
        assert [calls.readline(), calls.readline()] == ["init\n", "read 60 65536\n"]
        assert not select.select([helper], [], [], 0)[0]
        running.kill()
        assert select.select([helper], [], [], 20)[0]  # readable once it has ended
        os.close(helper)


def test_nothing_of_the_card_or_of_ours_on_its_command_line_or_in_its_environment(tmp_path, opened, monkeypatch):
    monkeypatch.setenv("DMP_DESKTOP_SECRETS", "TEST-SECRET")
    monkeypatch.setenv("TEST_OF_THE_SYSTEM", "yes")
    helper = tmp_path / "helper"
    helper.write_text(
        f'#!/bin/sh\n(env; echo "$0 $@") >{tmp_path}/told\nexec {sys.executable} -I {api_lec_helper.__file__}\n',
        "utf-8",
    )
    helper.chmod(0o700)
    component = Component(tmp_path)
    assert read(opened(component, helper=helper)) == (PERSON,)
    told = (tmp_path / "told").read_text("utf-8")
    assert "TEST_OF_THE_SYSTEM" in told
    for secret in ("TEST-SECRET", PATIENT[3], PATIENT[0], str(component.library)):
        assert secret not in told


SAYS = """
import os, struct, sys
def hear():
    os.read(0, struct.unpack(">I", os.read(0, 4))[0])
def say(message):
    os.write(1, struct.pack(">I", len(message)) + message)
"""


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b'{"stage":"read","returned":null,"code":[]}', "card.api_lec_read_0_0"),
        (b'{"stage":"read","returned":1e999,"code":"x"}', "card.api_lec_read_0_0"),
        (b'{"stage":"read","returned":-1,"code":70000}', "card.api_lec_read_0_0"),
        (b'{"stage":"read","returned":true,"code":37}', "card.api_lec_read_0_37"),
        (b"[" * 60000, "card.api_lec_answer"),
    ],
)
@pytest.mark.parametrize("ready", [True, False])
def test_a_helper_that_says_odd_numbers(tmp_path, opened, answer, code, ready):
    """Somebody else's (32 bits), of a card or before any; nobody waits for it in vain."""
    helper, content = tmp_path / "helper", tmp_path / "content"
    content.write_bytes(api_lec_helper.FAILED + answer)
    greeting = 'say(b"+"); hear(); ' if ready else ""
    body = f'{SAYS}hear(); {greeting}say(open({str(content)!r}, "rb").read())\n'
    helper.write_text(f"#!{sys.executable}\n{body}", "utf-8")
    helper.chmod(0o700)
    assert refused(opened(Component(tmp_path), helper=helper, start_seconds=2)).code == code


CHILD = ("TEST-PATIENTE", "LÉO", "20200229", "1200251215189" + nir_key("1200251215189"))
FATHER = ("TEST-PERE", "LUC", "19780312", "1780351215189" + nir_key("1780351215189"))
NEW_ATR = b"\x3b\x00"
WITHOUT_IT = "La carte Vitale a été lue sans lui."


class Unreadable(VitaleCard):
    """A carte Vitale of which plain APDU finds nothing, as of the first ones."""

    def process(self, apdu: bytes) -> bytes:
        return b"\x6a\x82"


class TestPreferred:
    @pytest.fixture
    def pcsc(self) -> FakePcsc:
        """Two readers, a carte Vitale in the first."""
        pcsc = FakePcsc()
        for name in ("A", "B"):
            pcsc.plug(name)
        pcsc.insert("A", vitale())
        return pcsc

    def desk(self, pcsc: FakePcsc, process: ApiLecProcess) -> PreferredVitaleReader:
        plain = PlainPcscVitaleReader(CardAccess(pcsc))
        return PreferredVitaleReader(ApiLecVitaleReader(process), plain, Inventory(pcsc))

    def test_the_licensed_component_when_it_works(self, tmp_path, opened, pcsc):
        assert self.desk(pcsc, opened(Component(tmp_path))).read("A").source == "api_lec"

    @pytest.mark.parametrize("scene", ["crash", "full", "no-reader", "refused"])
    def test_the_plain_reader_when_it_does_not_and_the_doctor_is_told(self, tmp_path, opened, pcsc, scene):
        identity = self.desk(pcsc, opened(Component(tmp_path, scene))).read("A")
        assert identity.beneficiaries == (PERSON,)
        assert identity.source.startswith("Le composant de lecture SESAM-Vitale ")
        assert identity.source.endswith(f" {WITHOUT_IT}")

    def test_the_plain_reader_when_it_does_not_load(self, tmp_path, opened, pcsc):
        identity = self.desk(pcsc, opened(Component(tmp_path), library=tmp_path / "absent.so")).read("A")
        assert "ne se charge pas" in identity.source

    @pytest.mark.parametrize("inserted", [[FATHER], [FATHER, CHILD], [CHILD]])
    def test_the_card_that_was_inserted_decides(self, tmp_path, opened, pcsc, inserted):
        """The component reads the mother's card, in its own reader; she and the father both have their child on theirs."""
        component = Component(tmp_path)
        component.hold([PATIENT, CHILD])
        pcsc.insert("B", VitaleCard(inserted))
        identity = self.desk(pcsc, opened(component)).read("B")
        assert [one.nir for one in identity.beneficiaries] == [one[3] for one in inserted]
        assert "réglé sur un autre lecteur" in identity.source
        assert identity.source.endswith(f" {WITHOUT_IT}")

    def test_the_card_decides_whose_each_nir_is(self, tmp_path, opened, pcsc):
        """The component swaps those of two holders, or of twins, who have all but their given names in common."""
        twin = ("TEST-PATIENTE", "ZOE", PATIENT[2], "2790312215189" + nir_key("2790312215189"))
        for other in (CHILD, FATHER, twin):
            held = [PATIENT, other]
            pcsc.remove("A")
            pcsc.insert("A", VitaleCard(held))
            component = Component(tmp_path)
            component.hold([(*PATIENT[:3], other[3]), (*other[:3], PATIENT[3])])
            identity = self.desk(pcsc, opened(component)).read("A")
            assert [(one.given, one.nir) for one in identity.beneficiaries] == [(one[1], one[3]) for one in held]
            assert "aux mêmes personnes" in identity.source
            assert identity.source.endswith(f" {WITHOUT_IT}")

    def test_accents_and_hyphens_of_given_names_make_no_one_else(self, tmp_path, opened, pcsc):
        component = Component(tmp_path)
        component.hold([(PATIENT[0], "ZOE MARIE", *PATIENT[2:])])
        pcsc.remove("A")
        pcsc.insert("A", VitaleCard([(PATIENT[0], "ZOÉ-MARIE", *PATIENT[2:])]))
        assert self.desk(pcsc, opened(component)).read("A").source == "api_lec"

    def test_a_card_that_comes_while_it_alone_reads(self, tmp_path, opened, pcsc):
        """It may have been the one that was read."""
        desk = self.desk(pcsc, opened(component := Component(tmp_path, "slow")))
        pcsc.remove("A")
        pcsc.insert("B", Unreadable([FATHER]))
        with component.listen() as calls, ThreadPoolExecutor(1) as pool:
            asked = pool.submit(desk.read, "B")
            assert [calls.readline(), calls.readline()] == ["init\n", "read 3 65536\n"]
            pcsc.insert("A", vitale())
            component.play("")
            with pytest.raises(CardError, match=r"card\.vitale_several"):
                asked.result(60)

    def test_a_card_that_it_alone_can_read(self, tmp_path, opened, pcsc):
        """Beside a professional's, which is no carte Vitale; never beside another that it may be reading."""
        desk = self.desk(pcsc, opened(Component(tmp_path)))
        pcsc.remove("A")
        pcsc.insert("B", Unreadable([FATHER]))
        pcsc.insert("A", CpsCard(b"", b""))
        assert desk.read("B").beneficiaries == (PERSON,)
        pcsc.remove("A")
        pcsc.insert("A", vitale())
        with pytest.raises(CardError, match=r"card\.vitale_several"):
            desk.read("B")

    def test_what_is_no_carte_vitale_is_never_read_by_it(self, tmp_path, opened, pcsc):
        desk = self.desk(pcsc, opened(component := Component(tmp_path)))
        with pytest.raises(CardError, match=r"card\.removed"):
            desk.read("B")
        pcsc.insert("B", CpsCard(b"", b""))
        with pytest.raises(CardError, match=r"card\.not_vitale"):
            desk.read("B")
        assert component.calls == []

    def test_one_that_crashes_is_not_asked_again_for_a_time(self, tmp_path, opened, pcsc):
        """One that hangs costs seconds a patient: it is told once, and tried later, or at once when it is examined."""
        seconds = [0.0]
        process = opened(component := Component(tmp_path, "crash"))
        plain = PlainPcscVitaleReader(CardAccess(pcsc))
        desk = PreferredVitaleReader(ApiLecVitaleReader(process), plain, Inventory(pcsc), lambda: seconds[0])
        told = [desk.read("A").source for _ in range(3)]
        assert (told[0].endswith(WITHOUT_IT), told[1:]) == (True, ["pcsc", "pcsc"])
        seconds[0] += REST_SECONDS
        assert [desk.read("A").source == "pcsc" for _ in range(2)] == [False, True]
        seconds[0] += REST_SECONDS
        assert desk.read("A").source == "pcsc"  # a rest that comes after a rest is longer
        desk.try_again()
        assert desk.read("A").source.endswith(WITHOUT_IT)
        component.play("")
        assert desk.read("A").source == "pcsc"
        desk.try_again()
        assert [desk.read("A").source for _ in range(2)] == ["api_lec"] * 2

    def test_one_that_crashes_is_asked_all_the_same_of_a_card_that_it_alone_can_read(self, tmp_path, opened, pcsc):
        desk = self.desk(pcsc, opened(component := Component(tmp_path, "crash")))
        assert desk.read("A").source.endswith(WITHOUT_IT)
        component.play("")
        pcsc.remove("A")
        pcsc.insert("A", Unreadable([FATHER]))
        assert desk.read("A").source == "api_lec"

    def test_a_read_that_we_ended_ourselves_is_no_crash(self, tmp_path, opened, pcsc):
        desk = self.desk(pcsc, opened(component := Component(tmp_path, "hang")))
        with component.listen() as calls, ThreadPoolExecutor(1) as pool:
            asked = pool.submit(desk.read, "A")
            assert [calls.readline(), calls.readline()] == ["init\n", "read 3 65536\n"]
            desk.stop_reading()
            assert asked.result(60).source.endswith(WITHOUT_IT)
            component.play("")
            assert desk.read("A").source == "api_lec"

    def test_a_card_that_another_program_holds_is_told_so_and_waited_for(self, tmp_path, opened, pcsc):
        """Not as what the component says of it: only a busy card is read again by itself."""
        component = Component(tmp_path, "refused")
        plain = PlainPcscVitaleReader(CardAccess(pcsc, lambda _seconds: None))
        desk = PreferredVitaleReader(ApiLecVitaleReader(opened(component)), plain, Inventory(pcsc))
        pcsc.hold("A")
        with pytest.raises(CardError, match=r"card\.busy"):
            desk.read("A")
        assert component.calls == []
        pcsc.hold("A", held=False)
        component.play("")
        assert desk.read("A").source == "api_lec"

    def test_no_carte_vitale_answers_in_place_of_the_appli(self, tmp_path, opened, pcsc):
        """Both come by the same call of the component."""
        desk = self.desk(pcsc, opened(component := Component(tmp_path)))
        for _ in range(2):
            with pytest.raises(CardError, match=r"card\.apcv_vitale"):
                desk.read_apcv()
            pcsc.remove("A")
            pcsc.insert("A", VitaleCard([PATIENT], atr=NEW_ATR))  # the second time, of an ATR nobody knows
        assert component.calls == []
        pcsc.remove("A")
        pcsc.insert("A", Unreadable([PATIENT], atr=NEW_ATR))  # a telephone
        assert desk.read_apcv().beneficiaries == (PERSON,)

    @pytest.mark.alone
    def test_nor_one_that_comes_while_a_telephone_is_awaited(self, tmp_path, opened, pcsc):
        pcsc.remove("A")
        desk = self.desk(pcsc, opened(component := Component(tmp_path, "hang")))
        calls = component.listen()
        with ThreadPoolExecutor(1) as pool, calls:
            asked = pool.submit(desk.read_apcv)
            assert [calls.readline(), calls.readline()] == ["init\n", "read 30 65536\n"]
            component.play("")
            pcsc.insert("A", vitale())
            begun = time.monotonic()
            assert desk.read("A").source == "api_lec"
            assert time.monotonic() - begun < 5  # it does not wait for the telephone
            with pytest.raises(CardError, match=r"card\.apcv_vitale"):
                asked.result(60)
