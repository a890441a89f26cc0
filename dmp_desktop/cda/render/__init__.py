"""Anyone's CDA document as safe HTML for the window: `render(cda, palette=Palette.of(…), expected_patient=…)`."""

from dmp_desktop.cda.render.document import RenderedDocument, render
from dmp_desktop.cda.render.palette import Palette
from dmp_desktop.cda.render.sections import Heading, SectionHtml

__all__ = ["Heading", "Palette", "RenderedDocument", "SectionHtml", "render"]
