"""Code systems and value sets the other packages look up; data files in `resources/codes/`, loaded on first use."""

from dmp_desktop.terminology.icd10 import icd10_label, icd10_search
from dmp_desktop.terminology.resources import read_table, resource_path, use_folder
from dmp_desktop.terminology.units import unit_from_text, unit_label
from dmp_desktop.terminology.valuesets import (
    ValueSet,
    VitalSign,
    coded,
    codes_of,
    document_class,
    document_classes,
    document_type,
    document_types,
    encounter_kind,
    facility_type,
    format_code,
    function,
    practice_setting,
    specialty,
    vital_sign_by_code,
    vital_signs,
)
from dmp_desktop.terminology.vocabulary import Drug, Measure, Vaccine, drug, expansion, measure, vaccine

__all__ = [
    "Drug",
    "Measure",
    "Vaccine",
    "ValueSet",
    "VitalSign",
    "coded",
    "codes_of",
    "document_class",
    "document_classes",
    "document_type",
    "document_types",
    "drug",
    "encounter_kind",
    "expansion",
    "facility_type",
    "format_code",
    "function",
    "icd10_label",
    "icd10_search",
    "measure",
    "practice_setting",
    "read_table",
    "resource_path",
    "specialty",
    "unit_from_text",
    "unit_label",
    "use_folder",
    "vaccine",
    "vital_sign_by_code",
    "vital_signs",
]
