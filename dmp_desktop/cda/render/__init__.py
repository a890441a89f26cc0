"""Anyone's CDA document as safe HTML for the window: `render(cda, palette=Palette.of(…), expected_patient=…)`."""

from dmp_desktop.cda.render.document import RenderedDocument, render
from dmp_desktop.cda.render.palette import Palette

__all__ = ["Palette", "RenderedDocument", "render"]
