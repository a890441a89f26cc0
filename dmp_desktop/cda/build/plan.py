"""How each kind of document is made: one `DocumentPlan` a kind, in `cda/build/kinds/`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dmp_desktop.cda.build.coded import Coded, Topic
from dmp_desktop.cda.build.header import Frame
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.cda.build.template import Markup, NewId
from dmp_desktop.domain.documents import DocumentFormat, DocumentKind
from dmp_desktop.domain.fields import Fields


@dataclass(slots=True)
class Draft:
    """A request on its way: `note` as XML can hold it, what of it is coded, and the `warnings` to show before it is sent."""

    request: BuildRequest
    note: str
    note_warning: str
    coded: Coded
    new_id: NewId
    warnings: list[str]


def nothing_more(request: BuildRequest) -> None:
    """For kinds that need nothing but the note."""


def no_lines(request: BuildRequest) -> tuple[str, ...]:
    """For kinds whose page says nothing above the note."""
    del request
    return ()


@dataclass(frozen=True, slots=True)
class DocumentPlan:
    """One kind.

    `frame` gives type, title and header templates of the structured form (the N1 form keeps type and title); `sections` the
    sections of the structured body, None for a kind that has none; `require` refuses, with ContextError and the field's path, a
    request without the `extra` the kind needs; `extra` the fields it knows there; `page_lines` what the PDF says above the note
    (recipient, purpose …). `topics`: the facts this kind states, in order, on the page and in the structured body alike;
    `required`: those of them it must speak of, were it to say that nothing is known. `note_optional`: the document can be made
    without a note; `page_copy`: the structured form holds its own page as a PDF.
    """

    kind: DocumentKind
    frame: Callable[[BuildRequest], Frame]
    sections: Callable[[Draft], list[Markup]] | None = None
    require: Callable[[BuildRequest], object] = nothing_more
    extra: tuple[str, ...] = ()
    page_lines: Callable[[BuildRequest], tuple[str, ...]] = no_lines
    topics: tuple[Topic, ...] = ()
    required: tuple[Topic, ...] = ()
    note_optional: bool = False
    page_copy: bool = True

    @property
    def formats(self) -> tuple[DocumentFormat, ...]:
        """The forms of this kind; the first is the one the command line makes unless asked."""
        return (DocumentFormat.STRUCTURED, DocumentFormat.PDF) if self.sections else (DocumentFormat.PDF,)

    def check_extra(self, request: BuildRequest) -> None:
        """Raise ContextError, with the field's path, for what the kind needs and lacks, and for what it does not know."""
        self.require(request)
        fields = Fields(request.context.extra, "extra")
        for name in self.extra:
            fields.raw(name)
        fields.close()
