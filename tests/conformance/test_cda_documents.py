"""What we build, judged by the official rules (XSD, structuration minimale, IHE, CI-SIS, terminologies) in one run.

Compiling the header's rules takes 10 s a process and 1 GB: every document goes through one call.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dmp_desktop import notes
from dmp_desktop.cda.build import BuildRequest, Parent, build
from dmp_desktop.domain.documents import Attachment, DocumentFormat
from tests.helpers.documents import FOOTER, NOTE, NOW, OTHER_ID, UNIQUE_ID, full_context, minimal_context

SHARED = Path(os.environ.get("DMP_DESKTOP_SHARED", Path(__file__).parents[3] / "shared"))
VALIDATOR = SHARED / "tools" / "validate_cda.py"
PDF = b"%PDF-1.4\n%%EOF"
CONTEXTS = {"minimal": minimal_context(), "full": full_context()}
CASES = [
    f"{context}-{format.value}-{version}-{content}"
    for context, format, version, content in itertools.product(
        CONTEXTS, DocumentFormat, ("first", "replacement"), ("note", "attachment")
    )
]

pytestmark = [
    pytest.mark.shared,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not VALIDATOR.exists(), reason=f"official rules absent: {VALIDATOR}"),
]


def document(case: str) -> bytes:
    context, format, version, content = case.split("-")
    attached = content == "attachment"
    note = "" if attached and format == "pdf" else NOTE
    request = BuildRequest(
        context=CONTEXTS[context],
        note=note,
        unique_id=UNIQUE_ID,
        now=NOW,
        proposals=tuple(item.ticked(True) for item in notes.propose(note)),
        format=DocumentFormat(format),
        replaces=Parent(OTHER_ID, OTHER_ID, 1) if version == "replacement" else None,
        attachment=Attachment("application/pdf", PDF, "CR <externe> & autre.pdf") if attached else None,
        footer=FOOTER,
    )
    return build(request).cda


@pytest.fixture(scope="session")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("cda")
    for case in CASES:
        (folder / f"{case}.xml").write_bytes(document(case))
    files = sorted(map(str, folder.iterdir()))
    done = subprocess.run(
        [sys.executable, VALIDATOR, "--all", "--json", *files], capture_output=True, check=False, text=True
    )
    assert done.stdout, done.stderr
    return {Path(verdict["file"]).stem: verdict for verdict in json.loads(done.stdout)}


@pytest.mark.parametrize("case", CASES)
def test_no_finding_of_any_official_rule(verdicts: dict[str, dict[str, Any]], case: str) -> None:
    verdict = verdicts[case]
    assert verdict["xsd"] == []
    assert {"min", "ihe", "cont", "ans", "term"} <= set(verdict["schematron"])
    assert {profile: found for profile, found in verdict["schematron"].items() if found} == {}
