"""From the free text of a consultation note to proposals tied to its words: `propose(text)`. Nothing is coded without a tick.

`suggest` ends words while the doctor types; `find_sensitive` tells what asks who may see the document.
"""

from dmp_desktop.notes.extract import propose
from dmp_desktop.notes.sensitive import Sensitive, Topic, find_sensitive
from dmp_desktop.notes.suggest import Suggestion, suggest

__all__ = ["Sensitive", "Suggestion", "Topic", "find_sensitive", "propose", "suggest"]
