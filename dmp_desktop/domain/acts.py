"""Every act of the program that the journal holds, in one table: its stable name, how a person reads it, what it is of.

A name is never changed nor used again: journals are kept for years. Reading again a document that is still on the workstation
asks the DMP nothing: it is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActFamily(StrEnum):
    """What an act is about, as the page Journal offers to filter by."""

    SESSION = "session"
    RECORD = "record"
    ACCESS = "access"
    SENDING = "sending"
    ARRIVALS = "arrivals"
    IDENTITY = "identity"
    WORKSTATION = "workstation"


class Act(StrEnum):
    """Names as they stand in the journal."""

    # Who is there
    SIGN_IN = "sign-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    SIGN_OUT = "sign-out"
    REFUSED = "refused"  # by the role or the rights of who asked; `result` is the refusal's code
    # The record (DMP)
    RECORD_STATUS = "record-status"
    OPEN_RECORD = "open-record"
    LIST = "list-documents"
    READ = "read-document"
    MY_RECORDS = "my-records"
    PERSON_SEARCH = "person-search"
    ADMINISTRATIVE = "administrative"
    PROFESSIONALS = "professionals"
    VISIBILITY = "change-visibility"
    ARCHIVE = "archive"
    RESTORE = "restore"
    DELETE = "delete"
    EXPORT = "export-documents"
    # What the patient said, and accesses declared or forced (domain/consent.AccessAct)
    CONSULTATION_AGREED = "consultation-agreed"
    CONSULTATION_OPPOSED = "consultation-opposed"
    FEEDING_AGREED = "feeding-agreed"
    FEEDING_OPPOSED = "feeding-opposed"
    AUTHORISED = "authorised"
    AUTHORISED_ALONE = "authorised-automatically"
    WITHDRAWN = "withdrawn"
    ATTENDING_DECLARED = "attending-declared"
    ATTENDING_WITHDRAWN = "attending-withdrawn"
    GLASS_BROKEN = "glass-broken"
    REGULATION_OPENED = "regulation-opened"
    CONFIDENTIAL_OPENED = "secret-opened"
    OPENED_DESPITE = "opened-despite-objection"
    SPECIAL_ENDED = "special-ended"
    WITHDRAWAL_ASKED = "withdrawal-asked"
    UNANSWERED = "unanswered"
    NOT_DONE = "not-done"
    # Documents on their way
    QUEUED = "queue-document"
    WAITS = "document-waits"
    SEND = "send"
    SENT = "sent"
    SEND_REFUSED = "send-refused"
    HELD = "hold"
    CANCELLED = "cancel"
    REPLACED = "replaced"
    GIVEN = "given-to-software"  # written into the folder of the practice software
    DELETED = "deleted"
    # Scans on their way
    SCAN_TAKEN = "scan-taken"
    SCAN_PREPARED = "scan-prepared"
    SCAN_SHOWN = "scan-shown"
    SCAN_VALIDATED = "scan-validated"
    SCAN_RETURNED = "scan-returned"  # `reason`: of a list
    SCAN_TAKEN_BACK = "scan-taken-back"  # out of the outbox, to the front desk
    SCAN_DISCARDED = "scan-discarded"
    SCAN_RESTORED = "scan-restored"
    SCAN_FILED = "scan-filed"  # received from somebody else, read and kept
    SCAN_REOPENED = "scan-reopened"
    RECEIVED_TAKEN = "received-taken"
    # Notes of somebody in training
    NOTE_PROPOSED = "note-proposed"
    NOTE_TAKEN_BACK = "note-taken-back"  # by its author, before anything left
    NOTE_OPENED = "note-opened"  # by the doctor it was proposed to
    NOTE_RETURNED = "note-returned"  # the reason is in no journal
    NOTE_VALIDATED = "note-validated"
    # What the practice software handed over, answered by a click
    CONTEXT_OPENED = "context-opened"  # the record asked for; that it opened is OPEN_RECORD
    CONTEXT_IGNORED = "context-ignored"
    RECEIVED_NOTE_TAKEN = "received-note-taken"  # it is a draft
    RECEIVED_NOTE_IGNORED = "received-note-ignored"
    # Who is expected
    ARRIVAL_ADDED = "arrival-added"
    ARRIVALS_IMPORTED = "arrivals-imported"  # `result`: added/already there/moved/withdrawn
    ARRIVAL_STEP = "arrival-step"  # `reason`: arrived, handed to the doctor, seen, absent
    ARRIVAL_MEANT = "arrival-meant"
    ARRIVALS_FORGOTTEN = "arrivals-forgotten"  # the day is over; `result`: how many days
    # Identities (INS)
    INSI_TRAITS = "insi-traits"
    INSI_VITALE = "insi-vitale"
    IDENTITY_INSI = "identity-insi"
    IDENTITY_DOCUMENT = "identity-document"
    IDENTITY_REFUSED = "identity-refused"
    IDENTITY_CORRECTED = "identity-corrected"
    IDENTITY_DOUBT = "identity-doubt"
    IDENTITY_CLEARED = "identity-cleared"
    CONFLICT_SETTLED = "conflict-settled"  # two workstations had said otherwise; `reason`: of what
    # The workstation
    SETTINGS = "settings"
    PRACTICE_CODE = "practice-code"
    PASSPHRASE_CHANGED = "passphrase-changed"  # noqa: S105 - the name of an act
    DOCTOR_KEY = "doctor-key"  # made, for notes that others propose to them
    BACKUP = "backup"  # `reason`: daily, asked for …
    FILES_MADE_ANEW = "files-made-anew"  # after damage, or from a backup: `result` is how many acts of how many
    ADMINISTRATOR_NAMED = "administrator-named"
    ADMINISTRATOR_WITHDRAWN = "administrator-withdrawn"
    JOURNAL_VERIFIED = "journal-verified"
    JOURNAL_EXPORTED = "journal-exported"
    FEEDING_EXPORTED = "feeding-exported"
    ALL_EXPORTED = "all-exported"  # in open formats; `result`: documents/drafts/acts/scans


@dataclass(frozen=True, slots=True)
class ActLine:
    """`label` is French; `patient`: the act is of one, `document`: of one of their documents."""

    label: str
    family: ActFamily
    patient: bool = False
    document: bool = False


def _record(label: str, *, document: bool = False) -> ActLine:
    return ActLine(label, ActFamily.RECORD, True, document)


def _access(label: str) -> ActLine:
    return ActLine(label, ActFamily.ACCESS, True)


def _sending(label: str) -> ActLine:
    return ActLine(label, ActFamily.SENDING, True, True)


def _scan(label: str) -> ActLine:
    """A scan may be nobody's yet, and no document."""
    return ActLine(label, ActFamily.SENDING)


def _note(label: str) -> ActLine:
    """Of a patient where who acts has opened it; no document yet, but once it is validated."""
    return ActLine(label, ActFamily.SENDING)


def _arrival(label: str) -> ActLine:
    """Of nobody: who is expected may have no number here."""
    return ActLine(label, ActFamily.ARRIVALS)


def _identity(label: str) -> ActLine:
    return ActLine(label, ActFamily.IDENTITY)


def _here(label: str) -> ActLine:
    return ActLine(label, ActFamily.WORKSTATION)


ACTS: dict[Act, ActLine] = {
    Act.SIGN_IN: ActLine("Connexion", ActFamily.SESSION),
    Act.SIGN_IN_REFUSED: ActLine("Connexion refusée", ActFamily.SESSION),
    Act.SIGN_OUT: ActLine("Fin de session", ActFamily.SESSION),
    Act.REFUSED: ActLine("Refus faute de droit", ActFamily.SESSION),
    Act.RECORD_STATUS: _record("Existence du DMP et droit d'accès demandés"),
    Act.OPEN_RECORD: _record("Dossier ouvert"),
    Act.LIST: _record("Liste de documents demandée au DMP"),
    Act.READ: _record("Document demandé au DMP", document=True),
    Act.MY_RECORDS: ActLine("Liste de mes dossiers", ActFamily.RECORD),
    Act.PERSON_SEARCH: ActLine("Recherche d'un patient sans INS (centre 15)", ActFamily.RECORD),
    Act.ADMINISTRATIVE: _record("Données administratives du DMP demandées"),
    Act.PROFESSIONALS: _record("Professionnels autorisés demandés"),
    Act.VISIBILITY: _record("Visibilité d'un document changée", document=True),
    Act.ARCHIVE: _record("Document archivé", document=True),
    Act.RESTORE: _record("Document désarchivé", document=True),
    Act.DELETE: _record("Document supprimé du DMP", document=True),
    Act.EXPORT: _record("Documents imprimés ou copiés dans des fichiers"),
    Act.CONSULTATION_AGREED: _access("Consultation acceptée par le patient"),
    Act.CONSULTATION_OPPOSED: _access("Opposition du patient à la consultation"),
    Act.FEEDING_AGREED: _access("Envois acceptés par le patient"),
    Act.FEEDING_OPPOSED: _access("Opposition du patient aux envois"),
    Act.AUTHORISED: _access("Autorisation d'accès déclarée"),
    Act.AUTHORISED_ALONE: _access("Autorisation d'accès déclarée à l'ouverture"),
    Act.WITHDRAWN: _access("Autorisation d'accès retirée"),
    Act.ATTENDING_DECLARED: _access("Médecin traitant déclaré"),
    Act.ATTENDING_WITHDRAWN: _access("Fin de médecin traitant déclarée"),
    Act.GLASS_BROKEN: _access("Accès en urgence"),
    Act.REGULATION_OPENED: _access("Accès de régulation (centre 15)"),
    Act.CONFIDENTIAL_OPENED: _access("Connexion secrète"),
    Act.OPENED_DESPITE: _access("Ouvert malgré l'opposition, dite au médecin"),
    Act.SPECIAL_ENDED: _access("Fin d'un accès particulier"),
    Act.WITHDRAWAL_ASKED: _access("Retrait d'autorisation demandé"),
    Act.UNANSWERED: _access("Déclaration restée sans réponse"),
    Act.NOT_DONE: _access("Déclaration non faite"),
    Act.QUEUED: _sending("Document à envoyer"),
    Act.WAITS: _sending("Document en attente"),
    Act.SEND: _sending("Document transmis au DMP"),
    Act.SENT: _sending("Document reçu par le DMP"),
    Act.SEND_REFUSED: _sending("Envoi refusé"),
    Act.HELD: _sending("Envoi retenu"),
    Act.CANCELLED: _sending("Envoi annulé"),
    Act.GIVEN: ActLine("Document donné au logiciel métier", ActFamily.SENDING, document=True),
    Act.REPLACED: _sending("Document remplacé dans le DMP"),
    Act.DELETED: _sending("Document envoyé, supprimé du DMP"),
    Act.SCAN_TAKEN: _scan("Numérisation prise dans le dossier du scanner"),
    Act.SCAN_PREPARED: _scan("Numérisation préparée"),
    Act.SCAN_SHOWN: _scan("Numérisation regardée"),
    Act.SCAN_VALIDATED: _scan("Numérisation validée"),
    Act.SCAN_RETURNED: _scan("Numérisation rendue au secrétariat"),
    Act.SCAN_TAKEN_BACK: _scan("Numérisation reprise avant son envoi"),
    Act.SCAN_DISCARDED: _scan("Numérisation écartée"),
    Act.SCAN_RESTORED: _scan("Numérisation remise dans la bannette"),
    Act.SCAN_FILED: _scan("Document reçu, lu et classé"),
    Act.SCAN_REOPENED: _scan("Document reçu, repris après classement"),
    Act.RECEIVED_TAKEN: _scan("Message reçu, pris dans le dossier des documents reçus"),
    Act.NOTE_PROPOSED: _note("Note proposée à un médecin"),
    Act.NOTE_TAKEN_BACK: _note("Note reprise par son auteur"),
    Act.NOTE_OPENED: _note("Note proposée, ouverte par le médecin"),
    Act.NOTE_RETURNED: _note("Note rendue à son auteur"),
    Act.NOTE_VALIDATED: _note("Note validée par le médecin"),
    Act.CONTEXT_OPENED: _record("Patient transmis par le logiciel métier : ouverture demandée"),
    Act.CONTEXT_IGNORED: _record("Patient transmis par le logiciel métier : ignoré"),
    Act.RECEIVED_NOTE_TAKEN: _record("Note transmise par le logiciel métier : reprise en brouillon"),
    Act.RECEIVED_NOTE_IGNORED: _record("Note transmise par le logiciel métier : ignorée et effacée"),
    Act.ARRIVAL_ADDED: _arrival("Rendez-vous ajouté à la liste du jour"),
    Act.ARRIVALS_IMPORTED: _arrival("Agenda repris (ajoutés/déjà là/déplacés/retirés)"),
    Act.ARRIVAL_STEP: _arrival("Étape d'un rendez-vous"),
    Act.ARRIVAL_MEANT: _arrival("Rendez-vous relié à une identité, ou délié"),
    Act.ARRIVALS_FORGOTTEN: _arrival("Listes des jours passés effacées"),
    Act.INSI_TRAITS: _identity("INSi interrogé par les traits"),
    Act.INSI_VITALE: _identity("INSi interrogé par la carte Vitale"),
    Act.IDENTITY_INSI: _identity("Identité de l'INSi retenue"),
    Act.IDENTITY_DOCUMENT: _identity("Pièce d'identité vue"),
    Act.IDENTITY_REFUSED: _identity("INS retirée"),
    Act.IDENTITY_CORRECTED: _identity("Identité corrigée"),
    Act.IDENTITY_DOUBT: _identity("Doute sur une identité"),
    Act.IDENTITY_CLEARED: _identity("Doute levé"),
    Act.CONFLICT_SETTLED: _identity("Différence entre deux postes départagée"),
    Act.SETTINGS: _here("Réglage changé"),
    Act.PRACTICE_CODE: _here("Code de secours du cabinet utilisé"),
    Act.PASSPHRASE_CHANGED: _here("Phrase de passe de ce poste changée"),
    Act.DOCTOR_KEY: _here("Clé d'un médecin créée, pour les notes à valider"),
    Act.BACKUP: _here("Sauvegarde de ce poste"),
    Act.FILES_MADE_ANEW: _here("Fichiers du poste refaits (réparation ou sauvegarde restaurée)"),
    Act.ADMINISTRATOR_NAMED: _here("Administrateur technique nommé"),
    Act.ADMINISTRATOR_WITHDRAWN: _here("Administrateur technique retiré"),
    Act.JOURNAL_VERIFIED: _here("Journal vérifié"),
    Act.JOURNAL_EXPORTED: _here("Journal exporté"),
    Act.FEEDING_EXPORTED: _here("Tableau des envois exporté"),
    Act.ALL_EXPORTED: _here("Données du poste exportées en formats ouverts"),
}

FAMILIES = {
    ActFamily.SESSION: "Connexions et refus",
    ActFamily.RECORD: "Dossiers",
    ActFamily.ACCESS: "Avis du patient et accès",
    ActFamily.SENDING: "Envois",
    ActFamily.ARRIVALS: "Accueil",
    ActFamily.IDENTITY: "Identités",
    ActFamily.WORKSTATION: "Poste",
}


def label_of(action: str) -> str:
    """How a person reads the name of an act; the name itself where a later version wrote it."""
    return ACTS[Act(action)].label if action in ACTS else action


def family_of(action: str) -> ActFamily | None:
    """None of an act that a later version wrote."""
    return ACTS[Act(action)].family if action in ACTS else None
