"""The list of strict IHE validators (reference ihe-checks §1c), line by line: the rule of the stand-in, and what proves it.

`rule` names a rule that `test_submit` or `test_update` breaks once at least with a message of its own, over the wire.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dmp_desktop.sandbox import lot_checks, update_checks
from tests.unit.sandbox import test_submit, test_update

HERE = Path(__file__).parent
RULES = {rule.__name__ for rule in (*lot_checks.RULES, *update_checks.RULES)}
BROKEN = {*test_submit.VIOLATIONS, *test_update.VIOLATIONS}

# What the validators check, in the order of the reference -> rules of the stand-in, or `file::test` where it is no rule on metadata
CHECKED: dict[str, tuple[str, ...]] = {
    "exactly one SubmissionSet": ("one_submission_set",),
    "ids unique in the message": ("ids_unique",),
    "uniqueIds unique in the message": ("unique_ids_distinct",),
    "uniqueId: OID of 64 characters for a set, 128 for an entry": ("unique_id_syntax",),
    "patientId of the set is that of its entries": ("patient_ids_agree", "patient_is_that_of_vihf"),
    "slot values of 256 characters, slot names once": ("slots_well_formed",),
    "external identifiers once": ("identifiers_once",),
    "creationTime 1, serviceStart/StopTime 0-1, start before stop": ("times_valid",),
    "hash of 40 hexadecimal digits, size a number": ("hash_and_size_syntax",),
    "hash and size in what is answered": ("test_queries.py::test_what_is_answered_keeps_to_the_rules_of_what_is_sent",),
    "languageCode 1": ("language_present",),
    "legalAuthenticator XCN": ("legal_authenticator_valid",),
    "sourcePatientId CX with its authority, sourcePatientInfo only PID": ("source_patient_valid",),
    "referenceIdList CXi": ("references_valid",),
    "URI": ("uri_valid",),
    "author: person, institution or telecommunication; XCN, XON, XTN; no authority without id": ("authors_valid",),
    "one class, format, facility, practice, type; confidentiality; nodeRepresentation and codingScheme": (
        "codes_complete",
        "confidentiality_valid",
    ),
    "assigning authority &OID&ISO, no namespace id": ("source_patient_valid", "authors_valid"),
    "title in UTF-8 and of 128 characters": ("title_valid", "labels_in_utf8"),
    "mimeType": ("media_valid",),
    "SubmissionSet: contentTypeCode 1, sourceId OID, submissionTime 1, Approved": ("submission_set_complete",),
    "intendedRecipient": ("recipients_valid",),
    "HasMember: one SubmissionSetStatus, Original means an entry of the message": ("members_declared",),
    "no code on HasMember": ("links_uncoded",),
    "known associations, whose source is in the message": ("associations_valid",),
    "RPLC and the others": (
        "replacements_valid",
        "test_submit.py::test_replacement_of_the_unknown_and_of_another_patients",
        "test_submit.py::test_what_derives_from_a_document_needs_it_active",
    ),
    "each entry has its document, each document its entry": ("entries_have_documents", "documents_have_entries"),
    "ITI-57: lid, UUID, not the id": (
        "logical_ids_valid",
        "test_update.py::test_only_the_lid_names_a_document_in_a_new_version",
    ),
    "ITI-57: PreviousVersion on HasMember, in an update only": ("versions_numbered", "nothing_updated"),
    "ITI-57: NonVersioningUpdate is for others": ("updates_only", "associations_valid"),
    "ITI-57: OriginalStatus and NewStatus": ("statuses_told", "test_update.py::test_refused_changes_of_status"),
    "ITI-18: known query": ("test_search_retrieve.py::test_unknown_query",),
    "ITI-18: required parameters, quotes, codes, one or several values": (
        "test_queries.py::test_wrong_parameters",
        "test_search_retrieve.py::test_wrong_queries_are_refused",
    ),
    "ITI-18: parameters that exclude each other": ("test_queries.py::test_documents_by_their_two_names",),
    "answers: statuses, codes and severities known": (
        "test_ihe_rules.py::test_errors_are_known",
        "../../conformance/test_sandbox_schemas.py::test_submission",
    ),
    "bytes have the hash and the size that were told": ("test_submit.py::test_contents_that_are_refused",),
    "what is replaced is Deprecated": ("test_submit.py::test_replacement_deprecates",),
    "the same uniqueId with other bytes": ("test_submit.py::test_another_document_under_a_known_unique_id",),
    "an unknown patient": ("test_submit.py::test_feeding_needs_no_authorisation_but_an_open_record",),
}
KNOWN = {
    "XDSRegistryMetadataError",
    "XDSRegistryDuplicateUniqueIdInMessage",
    "XDSPatientIdDoesNotMatch",
    "XDSMissingDocument",
    "XDSMissingDocumentMetadata",
}
"""ITI TF-3 §4.2.4.1 and the reference §2.5."""


@pytest.mark.parametrize("checked", CHECKED)
def test_each_check_has_its_rule_and_its_violation(checked: str) -> None:
    for proof in CHECKED[checked]:
        file, mark, name = proof.partition("::")
        if mark:
            assert f"def {name}(" in (HERE / file).read_text("utf-8")
        else:
            assert proof in RULES & BROKEN


def test_no_rule_stands_for_nothing() -> None:
    """Those that are not of IHE: the signature of the lot, what is the DMP's own."""
    named = {proof for proofs in CHECKED.values() for proof in proofs}
    own = {
        "signature_present",
        "imputed_to_structure",
        "secret_from_parents",
        "changes_something",
        "documents_changed_once",
    }
    assert (named & RULES) | own == RULES


def test_errors_are_known() -> None:
    assert {*lot_checks.RULES.values(), *update_checks.RULES.values()} == KNOWN
