"""The error catalogue: every known code is there, in French a doctor reads, with something to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmp_desktop.dmp import catalogue, soap, transport
from dmp_desktop.errors import DmpError

# Confirmed and standard codes of reference §2.5, faults of §7; DMPOk is no error.
REFERENCE = re.findall(
    r"\w+",
    """
DMPFound DMPClosed DMPInvalidCertificate DMPAccessDeniedByRightsService DMPPatientAccessAlreadyExists
DMPPatientAccessOTPAlreadyExists XDSPatientIdDoesNotMatch XDSDocumentUniqueIdError XDSUnknownPatientId XDSRegistryNotAvailable
XDSRegistryError XDSRepositoryError XDSRegistryMetadataError XDSRepositoryMetadataError XDSRegistryDuplicateUniqueIdInMessage
XDSRepositoryDuplicateUniqueIdInMessage XDSDuplicateUniqueIdInRegistry XDSNonIdenticalHash XDSMissingDocument
XDSMissingDocumentMetadata XDSUnknownRepositoryId XDSStoredQueryMissingParam XDSStoredQueryParamNumber XDSUnknownStoredQuery
XDSTooManyResults XDSReplaceFailed siram_100 desir_550 DESIR_560
""",
)
# ITI-57, SOAP 1.2 §5.4.6, WS-Addressing 1.0 SOAP binding §6.4.
STANDARDS = re.findall(
    r"\w+",
    """
XDSMetadataUpdateError XDSMetadataUpdateOperationError XDSMetadataVersionError XDSMetadataIdentifierError
Sender Receiver VersionMismatch MustUnderstand DataEncodingUnknown InvalidAddressingHeader InvalidAddress InvalidEPR
InvalidCardinality MissingAddressInEPR DuplicateMessageID ActionMismatch OnlyAnonymousAddressSupported
OnlyNonAnonymousAddressSupported MessageAddressingHeaderRequired DestinationUnreachable ActionNotSupported EndpointUnavailable
""",
)
JARGON = re.compile(
    r"\b(XDS|ITI|SOAP|HTTP|TLS|SSL|VIHF|SAML|UUID|OID|XML|XSD|MTOM|CDA|hash|SHA|HL7|TD\d|API|LPS|timeout|endpoint|token|registry|"
    r"proxy|payload|metadata|header|[A-Z]\w+Error|m[ée]tadonn\w+|requ[êe]tes?|serveur|slot|ebXML)\b"
)
NOTHING_TO_DO = {"XDSDuplicateUniqueIdInRegistry"}
"""The document is where it was to go."""


@pytest.mark.parametrize("code", REFERENCE + STANDARDS)
def test_every_code_of_the_reference_is_known(code: str) -> None:
    error = catalogue.error(code)
    assert code not in error.message_fr, "shown as an unknown one is"
    assert error.code == code


@pytest.mark.shared
def test_no_code_of_the_reference_is_forgotten(shared: Path) -> None:
    text = (shared / "reference/dmp-transactions.md").read_text("utf-8")
    named = set(re.findall(r"\b(?:XDS[A-Z][a-z]\w+|DMP[A-Z][a-z]\w+|siram_\d+|(?:desir|DESIR)_\d+)\b", text))
    errors = {code for code in named if not re.match(r"XDS(DocumentEntry|SubmissionSet)|DMP(Ok|Connect)", code)}
    assert len(errors) > 25
    assert {code for code in errors if catalogue.error(code).message_fr.endswith(f"({code}).")} == set()


def told() -> list[tuple[str, DmpError]]:
    entries = [(code, catalogue.error(code)) for code in catalogue.CODES if not code.startswith("HTTP")]
    entries += [
        (f"HTTP{status}", catalogue.http_error(status)) for status in (202, 302, 400, 403, 404, 408, 418, 500, 507)
    ]
    failures = (
        transport.not_secure, transport.unproven, transport.unsuited, transport.card_awaited, transport.stalled, transport.unreachable,
        transport.answer_lost, transport.session_closed, lambda: soap.unreadable("why"),
    )  # fmt: skip
    return entries + [(failure().code, failure()) for failure in failures]


@pytest.mark.parametrize(("code", "error"), told(), ids=[code for code, _ in told()])
def test_a_doctor_can_read_it_and_do_something(code: str, error: DmpError) -> None:
    sentences = f"{error.message_fr} {error.remedy_fr}".strip()
    assert re.match(r"[A-ZÀÉÊ]", error.message_fr)
    assert sentences.endswith(".")
    assert not JARGON.search(re.sub(r"\bserveurs? (du|demande)|Le serveur", "", sentences)), sentences
    assert bool(error.remedy_fr) != (code in NOTHING_TO_DO)
    assert len(error.message_fr) <= 160
    assert len(error.remedy_fr) <= 120


@pytest.mark.parametrize(("code", "error"), told(), ids=[code for code, _ in told()])
def test_the_remedy_says_to_wait_where_waiting_helps_alone(code: str, error: DmpError) -> None:
    waits = "quelques minutes" in error.remedy_fr
    assert not waits or error.retryable, code


@pytest.mark.parametrize(
    ("status", "retryable", "ambiguous"),
    [
        (202, False, True),
        (403, False, False),
        (408, True, True),
        (429, True, False),
        (503, True, True),
        (599, True, True),
    ],
)
def test_what_became_of_a_request_that_http_refused(status: int, retryable: bool, ambiguous: bool) -> None:
    error = catalogue.http_error(status)
    assert (error.code, error.retryable, error.ambiguous) == (f"HTTP{status}", retryable, ambiguous)


def test_case_does_not_matter_and_is_kept() -> None:
    assert catalogue.error("DESIR_550").message_fr == catalogue.error("desir_550").message_fr
    assert catalogue.error("DESIR_550").code == "DESIR_550"


def test_an_unknown_code_is_shown_as_it_is() -> None:
    error = catalogue.error("DMPCodeDeDemain", "Motif du serveur")
    assert (error.code, error.detail, error.retryable) == ("DMPCodeDeDemain", "Motif du serveur", False)
    assert "DMPCodeDeDemain" in error.message_fr


@given(st.text(max_size=200))
def test_what_is_no_code_stays_out_of_the_words_that_logs_hold(untrusted: str) -> None:
    error = catalogue.error(untrusted)
    assert error.code in (untrusted, "CodeIllisible")
    if error.code == "CodeIllisible":
        assert untrusted.strip() in error.detail
        assert "279035121518989" not in str(catalogue.error(f"{untrusted} 279035121518989"))


def test_an_ins_is_no_code() -> None:
    assert "279035121518989" not in str(catalogue.error("279035121518989"))
