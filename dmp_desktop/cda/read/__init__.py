"""From a CDA document to the domain: metadata, words, coded data, embedded files. Input is always untrusted."""

from dmp_desktop.cda.read.body import Media, embedded_media, unstructured_body
from dmp_desktop.cda.read.conclusions import conclusions_of_file
from dmp_desktop.cda.read.data import damage_notices, data_from_cda, text_from_cda
from dmp_desktop.cda.read.header import (
    DocumentIdentifiers,
    DocumentPatient,
    entry_from_cda,
    identifiers_from_cda,
    read_patient,
    source_of,
)
from dmp_desktop.cda.read.items import facts_from_cda, items_from_cda
from dmp_desktop.cda.read.note import note_from_cda
from dmp_desktop.cda.read.substance import says_nothing, says_the_same

__all__ = [
    "DocumentIdentifiers",
    "DocumentPatient",
    "Media",
    "conclusions_of_file",
    "damage_notices",
    "data_from_cda",
    "embedded_media",
    "entry_from_cda",
    "facts_from_cda",
    "identifiers_from_cda",
    "items_from_cda",
    "note_from_cda",
    "read_patient",
    "says_nothing",
    "says_the_same",
    "source_of",
    "text_from_cda",
    "unstructured_body",
]
