"""The official examples, written to IHE_XDM.ZIP and read back: nothing of them is lost, and their metadata are valid."""

from __future__ import annotations

import io
import os
import uuid
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from dmp_desktop.exchange import xdm
from dmp_desktop.services.received_xdm import completed
from dmp_desktop.services.xdm_package import package
from tests.helpers.documents import NOW

SHARED = Path(os.environ.get("DMP_DESKTOP_SHARED", Path(__file__).parents[3] / "shared"))
EXAMPLES = sorted((SHARED / "ans" / "examples").glob("*.xml"))


@pytest.mark.shared
def test_every_example_goes_out_and_comes_in(shared: Path) -> None:
    assert len(EXAMPLES) == 73, "the official examples were not found"
    schema = etree.XMLSchema(etree.parse(shared / "xsd/xds-nist-v3/lcm.xsd"))
    for path in EXAMPLES:
        cda = path.read_bytes()
        made = package([cda], "2.25.123", uuid.UUID(int=1), NOW)
        with zipfile.ZipFile(io.BytesIO(made.archive)) as opened:
            schema.assertValid(etree.fromstring(opened.read("IHE_XDM/SUBSET01/METADATA.XML")))
        (message,) = xdm.read(made.archive)
        (document,), (entry,) = message.documents, made.entries
        assert document.content == cda, path.name
        told = (document.unique_id, document.title, document.type_code, document.created)
        assert told == (entry.unique_id, entry.title, entry.type_code.code, entry.creation_time), path.name
        joined = completed(message)
        assert (joined.patient.family, joined.patient.birth_date) == (
            made.patient.birth_family or made.patient.used_family,
            made.patient.birth_date,
        ), path.name
        assert set(joined.warnings) <= {xdm.BAD_INS}, path.name  # seven examples hold a false key
        assert joined.text, path.name
