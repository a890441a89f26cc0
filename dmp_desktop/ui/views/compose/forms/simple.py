"""Forms of a few fields: admission letter, measures of a child, rapid test, letter, certificate."""

from __future__ import annotations

from dmp_desktop.ui import strings_forms_fr as fr
from dmp_desktop.ui.views.compose.forms.base import Choices, FieldsForm, Filled
from dmp_desktop.ui.views.compose.forms.fields import ChoiceField, CodeField, NumberField, TextField


class AdmissionLetterForm(FieldsForm):
    def __init__(self) -> None:
        super().__init__(({"reason": TextField(fr.REASON)}, {"destination": TextField(fr.DESTINATION)}))


class ChildMeasuresForm(FieldsForm):
    """Weight in kg, height and head circumference in cm."""

    def __init__(self) -> None:
        measures = (("weight_kg", fr.WEIGHT, "kg"), ("height_cm", fr.HEIGHT, "cm"), ("head_cm", fr.HEAD, "cm"))
        super().__init__(
            ({name: NumberField(fr.UNIT_OF.format(label=label, unit=unit)) for name, label, unit in measures},)
        )


class RapidTestForm(FieldsForm):
    def __init__(self) -> None:
        self.test = CodeField(fr.TEST)
        super().__init__(({"test": self.test}, {"result": ChoiceField(fr.RESULT, fr.RESULTS, free=True)}))

    def offer(self, choices: Choices) -> None:
        self.test.offer_codes(choices.tests)

    def fill(self, filled: Filled) -> None:
        test = filled.extra.get("test")
        super().fill(Filled(dict(filled.extra) | {"test": test.get("label") if isinstance(test, dict) else test}))

    def filled(self) -> Filled:
        extra = dict(super().filled().extra)
        if label := extra.get("test"):
            code = self.test.code()
            extra["test"] = {"label": label} | ({"code": code.code} if code else {})
        return Filled(extra)


class LetterForm(FieldsForm):
    def __init__(self) -> None:
        super().__init__(({"recipient": TextField(fr.RECIPIENT)},))


class CertificateForm(FieldsForm):
    def __init__(self) -> None:
        super().__init__(({"purpose": TextField(fr.PURPOSE)},))
