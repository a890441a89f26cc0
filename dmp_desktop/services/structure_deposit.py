"""The DMP as a secretary's outbox has it: deposits for her structure (TD2.2), whoever wrote the documents (reference §4)."""

from __future__ import annotations

from dmp_desktop.domain.documents import Submission
from dmp_desktop.domain.ports import DmpRepository
from dmp_desktop.services.administrative import AdministrativeOnly


class StructureDeposit(AdministrativeOnly):
    """As AdministrativeOnly, and what she deposits. What is there already she learns from the DMP's refusal, not by looking."""

    def __init__(self, dmp: DmpRepository) -> None:
        super().__init__(dmp)
        self._deposits = dmp

    def submit(self, submission: Submission) -> None:
        self._deposits.submit(submission)
