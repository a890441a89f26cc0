"""Rapid test, 96173-0: volet BIO-TROD 2024.01.

The volet takes one chapter of laboratory report and nothing else: the note stands in its text as the comment of the result, and
there is neither a PDF copy nor a joined file. The title's beginning, the practice setting (screening) and the device are fixed or
required by the volet; a device that is not known is written so and coded unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dmp_desktop.cda.build.header import Frame, frame_of_type, ts
from dmp_desktop.cda.build.plan import DocumentPlan, Draft
from dmp_desktop.cda.build.request import BuildRequest
from dmp_desktop.cda.build.sections import note_text
from dmp_desktop.cda.build.template import EMPTY, Markup, Template
from dmp_desktop.cda.build.text import share_a_word
from dmp_desktop.domain.documents import Code, DocumentFormat, DocumentKind
from dmp_desktop.domain.fields import Fields, refuse
from dmp_desktop.errors import CdaError
from dmp_desktop.terminology import practice_setting
from dmp_desktop.terminology.rapid_tests import RapidTest, rapid_test, rapid_test_result

_TYPE = "96173-0"  # JDV_J07: test rapide d'orientation diagnostique
_MEDICAL_DOCUMENT = "1.3.6.1.4.1.19376.1.5.3.1.1.1"  # IHE PCC Medical Document
_VOLET = "1.2.250.1.213.1.1.1.59 2024.01"
_SETTING = "DEPISTAGE"  # JDV_J04, fixed by the volet
_TITLE = "Test rapide d'orientation diagnostique : "
_UNKNOWN = "non renseigné"

# Agencies that issue device identifiers (UDI), by how the identifier begins: GS1, HIBCC, ICCBBA.
_ISSUERS = {"(01)": "2.51.1.1", "01": "2.51.1.1", "+": "1.0.15961.10.816", "=": "2.16.840.1.113883.6.18.1.34"}

_SECTION = Template("""
<component><section>
<templateId root="1.3.6.1.4.1.19376.1.3.3.2.1"/>
<templateId root="1.2.250.1.213.1.1.2.70"/>
<id root="{section_id}"/>
<code code="{chapter}" displayName="{chapter_label}" codeSystem="{chapter_system}" codeSystemName="LOINC"/>
<title>Résultat du test rapide d'orientation diagnostique</title>
<text>
<table>
<thead><tr><th>Test</th><th>Résultat</th><th>Date</th></tr></thead>
<tbody><tr>
<td><content ID="test">{label}</content></td><td><content ID="result">{result_label}</content></td><td>{date}</td>
</tr></tbody>
</table>
<table>
<thead><tr><th>Identifiant du dispositif (IUD)</th><th>Fabricant | Référence | N° de lot | Date de péremption</th></tr></thead>
<tbody><tr><td>{udi}</td><td><content ID="device">{device}</content></td></tr></tbody>
</table>
{!note}
</text>
<entry typeCode="DRIV">
<templateId root="1.3.6.1.4.1.19376.1.3.1"/>
<templateId root="1.2.250.1.213.1.1.3.21"/>
<act classCode="ACT" moodCode="EVN">
<code code="{chapter}" displayName="{chapter_label}" codeSystem="{chapter_system}" codeSystemName="LOINC"/>
<statusCode code="completed"/>
<participant typeCode="DEV"><participantRole classCode="MANU">
{!device_id}
<playingDevice classCode="DEV" determinerCode="INSTANCE">
<code{!device_code}><originalText><reference value="#device"/></originalText></code>
</playingDevice>
</participantRole></participant>
<entryRelationship typeCode="COMP"><observation classCode="OBS" moodCode="EVN">
<templateId root="1.3.6.1.4.1.19376.1.3.1.6"/>
<templateId root="1.2.250.1.213.1.1.3.80"/>
<id root="{observation_id}"/>
<code code="{test}" displayName="{test_label}" codeSystem="{test_system}" codeSystemName="LOINC">
<originalText><reference value="#test"/></originalText>
</code>
<statusCode code="completed"/>
<effectiveTime value="{time}"/>
<value xsi:type="CD" code="{result}" displayName="{result_label}" codeSystem="{result_system}" codeSystemName="SNOMED CT">
<originalText><reference value="#result"/></originalText>
</value>
{!comment}
</observation></entryRelationship>
</act>
</entry>
</section></component>
""")
_DEVICE_ID = Template('<id root="{root}" extension="{udi}"/>')
_NOTE = Template("<paragraph>{!text}</paragraph>")
_COMMENT = Markup(
    '<entryRelationship typeCode="SUBJ"><act classCode="ACT" moodCode="EVN">'
    '<templateId root="2.16.840.1.113883.10.20.1.40"/>'
    '<templateId root="1.3.6.1.4.1.19376.1.5.3.1.4.2"/>'
    '<templateId root="1.2.250.1.213.1.1.3.32"/>'
    '<code code="48767-8" displayName="Commentaire" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>'
    '<text><reference value="#note"/></text><statusCode code="completed"/></act></entryRelationship>'
)


@dataclass(frozen=True, slots=True)
class _Device:
    """The test kit: its UDI with the root of who issued it, its words and its last day; all may be unknown."""

    udi: str
    root: str
    words: str
    expiry: date | None = None


@dataclass(frozen=True, slots=True)
class _Done:
    """One test done. `label` is what the doctor calls it."""

    test: RapidTest
    label: str
    result: Code
    device: _Device


def _done(request: BuildRequest) -> _Done:
    """`extra.test`, `extra.result` and `extra.device`. Raises ContextError with the path of what is missing or wrong."""
    extra = Fields(request.context.extra, "extra")
    named = Fields(extra.raw("test"), "extra.test")
    test = rapid_test(
        named.code("code", rapid_test, "code LOINC d'un test rapide à résultat positif ou négatif (JDV TROD)")
    )
    label = named.text("label", "nom du test")
    named.close()
    result = rapid_test_result(extra.text("result", "résultat positif, négatif, indéterminé ou invalide"))
    if test is None or result is None:
        refuse("extra.result", "une de ces valeurs est attendue : positif, négatif, indéterminé, invalide")
    return _Done(test, label, result, _device(extra))


def _device(extra: Fields) -> _Device:
    given = extra.raw("device")
    if given is None:
        return _Device("", "", _UNKNOWN)
    fields = Fields(given, "extra.device")
    udi = fields.optional("udi", "identifiant unique du dispositif (IUD)") or ""
    root = next((issuer for start, issuer in _ISSUERS.items() if udi.startswith(start)), "")
    if udi and not root:
        refuse("extra.device.udi", "identifiant GS1 « (01)… », HIBCC « +… » ou ICCBBA « =… » attendu")
    words = [
        fields.optional(name, expected) or ""
        for name, expected in (("maker", "fabricant"), ("reference", "référence"), ("lot", "numéro de lot"))
    ]
    expiry = fields.day("expiry") if fields.raw("expiry") is not None else None
    fields.close()
    shown = f"{expiry:%d/%m/%Y}" if expiry else ""
    return _Device(udi, root, " | ".join(word or _UNKNOWN for word in (*words, shown)), expiry)


def _doubts(done: _Done, day: date) -> list[str]:
    """What a slip of the hand would look like: a code of another test, a kit out of date."""
    doubts = []
    if not share_a_word(done.label, done.test.code.display, done.test.target.display):
        doubts.append(
            f"« {done.label} » ne ressemble pas au test codé ({done.test.code.display}) : vérifiez le code du test."
        )
    if done.device.expiry is not None and done.device.expiry < day:
        doubts.append("Le dispositif était périmé le jour du test : vérifiez sa date de péremption.")
    return doubts


def _require(request: BuildRequest) -> None:
    _done(request)
    if request.attachment is not None and request.format is DocumentFormat.STRUCTURED:
        raise CdaError(
            "cda-build",
            "Le volet des tests rapides ne prévoit pas de pièce jointe.",
            "Retirez-la, ou choisissez le format PDF.",
            path="attach",
        )


def _frame(request: BuildRequest) -> Frame:
    done = _done(request)
    kind = frame_of_type(_TYPE)
    return Frame(
        kind.type,
        _TITLE + done.label,
        (_MEDICAL_DOCUMENT, _VOLET),
        service=done.test.target,
        setting=practice_setting(_SETTING),
    )


def _sections(draft: Draft) -> list[Markup]:
    done, request = _done(draft.request), draft.request
    start = request.local(request.context.encounter.start)
    test, result, device = done.test, done.result, done.device
    draft.warnings += _doubts(done, start.date())
    has_note = bool(draft.note.strip())
    section = _SECTION.fill(
        section_id=draft.new_id(),
        observation_id=draft.new_id(),
        chapter=test.chapter.code,
        chapter_label=test.chapter.display,
        chapter_system=test.chapter.system,
        label=done.label,
        date=f"{start:%d/%m/%Y à %H:%M}",
        time=ts(start),
        test=test.code.code,
        test_label=test.code.display,
        test_system=test.code.system,
        result=result.code,
        result_label=result.display,
        result_system=result.system,
        udi=device.udi or _UNKNOWN,
        device=device.words,
        device_id=_DEVICE_ID.fill(root=device.root, udi=device.udi) if device.udi else EMPTY,
        device_code=Markup(' nullFlavor="UNK"') if device.words == _UNKNOWN else EMPTY,
        note=_NOTE.fill(text=note_text(draft.note, draft.coded, draft.note_warning)) if has_note else EMPTY,
        comment=_COMMENT if has_note else EMPTY,
    )
    return [section]


def _page_lines(request: BuildRequest) -> tuple[str, ...]:
    done = _done(request)
    device = f"{done.device.udi} {done.device.words}".strip()
    return (f"Test : {done.label}", f"Résultat : {done.result.display}", f"Dispositif : {device}")


RAPID_TEST = DocumentPlan(
    DocumentKind.RAPID_TEST,
    _frame,
    _sections,
    require=_require,
    extra=("test", "result", "device"),
    page_lines=_page_lines,
    note_optional=True,
    page_copy=False,
)
