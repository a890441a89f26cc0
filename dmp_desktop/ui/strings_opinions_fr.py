"""Every French text of the patient's two opinions at the front desk."""

from __future__ import annotations

from dmp_desktop.domain.consent import Channel

TITLE = "Avis du patient, notés sur ce poste"
HINT = "Deux avis distincts. Le patient peut en changer à tout moment, sans dire pourquoi."
CHANNEL_ASK = "L'avis est donné"
CHANNEL = {
    Channel.COUNTER: "au comptoir",
    Channel.CONSULTATION: "en consultation",
    Channel.PHONE: "par téléphone",
    Channel.LETTER: "par courrier",
    Channel.MESSAGE: "par messagerie",
}
WHEN = "Noté le {day} par {by}, {channel}."
NOTED = "L'avis du patient est noté."
NOT_NOTED = "Cette identité n'est plus qualifiée : l'avis n'est pas noté."
NOT_NOTED_REMEDY = "Vérifiez l'identité, puis notez l'avis à nouveau."
