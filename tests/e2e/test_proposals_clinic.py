"""The intern's workstation and the doctor's real window on one practice's server: the note comes by itself, and so does its answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from dmp_desktop.domain.drafts import KeptDraft
from dmp_desktop.domain.people import Role
from dmp_desktop.domain.proposals import ProposalState
from dmp_desktop.exchange.context import patient_from_dict
from dmp_desktop.sandbox.pki import P12_PASSWORD
from dmp_desktop.services.accounts import software_account
from dmp_desktop.ui import strings_proposals_fr as fr
from dmp_desktop.wiring import open_wiring
from dmp_desktop.wiring.clinic import DATABASE
from tests.e2e.test_proposals_window import NOTE, open_first, validate_list
from tests.helpers.locum_card import keys_of
from tests.helpers.postgres import PASSWORD, Cluster
from tests.helpers.real_window import real_window

pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("This plugin does not support", "Populating font family")]


def test_on_two_workstations_it_comes_by_itself_and_so_does_the_answer(
    qapp: QApplication, tmp_path: Path, postgres: Cluster
) -> None:
    clinic = f"{postgres.database()}?ca={postgres.ca}"
    keys = keys_of(tmp_path, Role.TRAINEE)
    with real_window(qapp, tmp_path, clinic=clinic) as real:
        code = real.desktop._wiring.base.practice_keys.code_to_print()
        assert code is not None
        secrets = json.loads(Path(real.stage.environment["DMP_DESKTOP_SECRETS"]).read_text())
        other = tmp_path / "autres-secrets.json"
        other.write_text(json.dumps({name: secrets[name] for name in ("p12", "storage")}))
        environment = real.stage.environment | {
            "DMP_DESKTOP_HOME": str(tmp_path / "interne"), "DMP_DESKTOP_SECRETS": str(other), DATABASE: clinic
        }  # fmt: skip
        real.sign_in()
        real.until(lambda: real.desktop._wiring.proposals._keys.validators())
        with open_wiring(environment, ask=lambda _prompt: PASSWORD) as intern:
            intern.base.practice_keys.join(code)
            assert intern.clinic is not None
            link, doctor_link = intern.clinic, real.desktop._wiring.clinic
            assert doctor_link is not None
            patient = patient_from_dict(real.stage.ready["patients"][0]["patient"])
            account = software_account(keys, lambda: P12_PASSWORD)
            intern.desk.sign_in(account)
            doctor_link.step()

            def known() -> bool:
                link.step()
                return any(not one.why for one in intern.proposals.validators().doctors)

            real.until(known)
            (doctor,) = [one for one in intern.proposals.validators().doctors if not one.why]
            draft = KeptDraft("c" * 32, patient, account.professional, datetime.now(UTC), NOTE)
            intern.proposals.propose(draft, doctor.national_id)
            link.step()
            real.until(lambda: real.window.notices.isVisible() and fr.REMINDER[0] in real.window.notices.what.text)
            (line,) = validate_list(real)
            assert patient.display_name in line
            assert open_first(real).text == NOTE
            review = real.window.proposals._review if real.window.proposals else None
            assert review is not None
            review.ask.click()
            review.reason.setText("À compléter.")
            review.give.click()
            real.until(lambda: real.window.composer.draft is None)

            def answered() -> bool:
                link.step()
                return intern.proposals.mine()[draft.draft_id].state is ProposalState.RETURNED

            real.until(answered)
            assert intern.proposals.mine()[draft.draft_id].reason == "À compléter."
            assert not real.window.notices.isVisible() or fr.REMINDER[0] not in real.window.notices.what.text
            intern.proposals.propose(draft, doctor.national_id)  # again: it is told of again
            link.step()
            real.window.notices.clear()
            real.until(lambda: real.window.notices.isVisible() and fr.REMINDER[0] in real.window.notices.what.text)
