"""Subjects as mail programs and helpdesks write them: prefixes in all languages, case numbers, announcements of machines."""

import pytest

from monitor.connectors._mail.subjects import Announcement, Subject, decoded, normal_subject


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Invoice 4040", Subject("invoice 4040", False, False)),
        ("Re: Invoice 4040", Subject("invoice 4040", True, False)),
        ("RE:Invoice  4040", Subject("invoice 4040", True, False)),
        ("AW: Re[2]: AW: Invoice 4040", Subject("invoice 4040", True, False)),
        ("SV: Antw: Invoice 4040", Subject("invoice 4040", True, False)),
        ("Re : Invoice 4040", Subject("invoice 4040", True, False)),
        ("[Case 45] Invoice 4040", Subject("invoice 4040", True, False)),
        ("[EXTERN] Invoice 4040", Subject("invoice 4040", False, False)),
        ("RE: EXTERNAL: Invoice 4040", Subject("invoice 4040", True, False)),
        ("[EXTERN] Re: [lab-support] Invoice 4040", Subject("invoice 4040", True, False)),
        ("Fwd: Invoice 4040", Subject("invoice 4040", True, True)),
        ("WG: Invoice 4040", Subject("invoice 4040", True, True)),
        ("TR: Invoice 4040", Subject("invoice 4040", True, True)),
        ("Re: Fwd: Invoice 4040", Subject("invoice 4040", True, False)),
        ("Re:", Subject("", True, False)),
        ("", Subject("", False, False)),
        ("Remote control", Subject("remote control", False, False)),
        ("Re: =?utf-8?B?R3LDtsOfZSBwcsO8ZmVu?=", Subject("grösse prüfen", True, False)),
        ("=?iso-8859-1?Q?Gr=F6=DFe_pr=FCfen?=", Subject("grösse prüfen", False, False)),
    ],
)
def test_subjects_without_their_prefixes(subject: str, expected: Subject) -> None:
    assert normal_subject(subject) == expected


def test_encoded_words_that_do_not_decode_stay_readable_text() -> None:
    assert decoded("=?x-unknown-9?Q?Gr=FC=DFe?=") == "Grüße"
    assert isinstance(decoded("=?utf-8?B?U3ViamVrdCBtaXQgRmVobGVy!!?= =?utf-8?Q?und_M=FCll?= =?nonsense"), str)


#: Outlook's and Gmail's words for "re"; the facts: lists of subject abbreviations in encyclopedias and mail programs.
@pytest.mark.parametrize(
    "prefix",
    [
        "Re", "RE", "AW", "Antw", "SV", "VS", "RES", "Odp", "Rif", "R", "YNT", "Vá", "VÁ", "V\u0061\u0301", "TL",
        "Отв", "Ответ", "ΑΠ", "Απ", "ΣΧΕΤ", "תגובה", "رد", "回复", "答复", "回覆", "返信", "답장", "회신", "Atb", "Ats", "BLS",
        "ตอบกลับ", "Odg", "Réf.", "RÉP", "Răsp", "Antw.", "Odp.", "Отв.", "Beantw", "HA", "תשובה", "الرد", "Balas",
    ],
)  # fmt: skip
def test_the_prefix_of_a_reply_in_any_language(prefix: str) -> None:
    for colon in (": ", ":", " : ", "： ", "[3]: ", "*2: ", "^3: "):
        assert normal_subject(f"{prefix}{colon}Where is my parcel")[:3] == ("where is my parcel", True, False)


@pytest.mark.parametrize(
    "prefix",
    ["Fwd", "FW", "WG", "TR", "RV", "I", "VB", "VL", "ENC", "Doorst", "PD", "İLT", "ilt", "转发", "轉寄", "전달"],
)
def test_the_prefix_of_a_forward_in_any_language(prefix: str) -> None:
    assert normal_subject(f"{prefix}: Where is my parcel")[:3] == ("where is my parcel", True, True)


@pytest.mark.parametrize(
    "subject",
    [
        "[#10442] Invoice", "Invoice [#10442]", "Re: Invoice [Ticket#2026112810000012]", "[lab.example #4711] Invoice",
        "##10442## Invoice", "Re: [Request ID :##10442##] : Invoice",
        "Invoice (#4711)", "Invoice (Ticket: 4711)", "Ticket #4711: Invoice", "Invoice - Case 4711", "[HELP-12] Re: Invoice",
    ],
)  # fmt: skip
def test_a_case_number_at_either_end_says_that_the_mail_goes_on(subject: str) -> None:
    assert normal_subject(subject)[:2] == ("invoice", True)


@pytest.mark.parametrize(
    "subject", ["Invoice 4711", "Invoice (2 pages)", "Ticket 12", "Case study: invoices", "Order 4711: invoice"]
)
def test_a_number_that_belongs_to_the_matter_stays(subject: str) -> None:
    assert normal_subject(subject)[:2] == (subject.casefold(), False)


@pytest.mark.parametrize(
    "subject", ["Invoice #SH00000123", "Invoice - #4711", "SUP-123 Invoice", "ab1-7: Invoice", "Invoice HELP-9"]
)
def test_a_number_as_helpdesks_write_it_is_another_name_too(subject: str) -> None:
    assert normal_subject(subject).also == "invoice"


def test_a_bare_number_is_only_another_name() -> None:
    assert normal_subject("Invoice #4711") == Subject("invoice #4711", False, False, also="invoice")
    assert normal_subject("#4711 Invoice") == Subject("#4711 invoice", False, False, also="invoice")


@pytest.mark.parametrize(
    ("subject", "announced"),
    [
        ("Automatic reply: Order", "automatic"),
        ("Automatische Antwort: Order", "automatic"),
        ("Réponse automatique : Order", "automatic"),
        ("Respuesta automática: Re: Order", "automatic"),
        ("Risposta automatica: Order", "automatic"),
        ("Automatisch antwoord: Order", "automatic"),
        ("Automatiskt svar: Order", "automatic"),
        ("Automaattinen vastaus: Order", "automatic"),
        ("Odpowiedź automatyczna: Order", "automatic"),
        ("Автоматический ответ: Order", "automatic"),
        ("Otomatik Yanıt: Order", "automatic"),
        ("自动答复: Order", "automatic"),
        ("자동 회신: Order", "automatic"),
        ("[EXTERN] Abwesend: Order", "away"),
        ("AUTO: Order", "away"),
        ("Fuera de la oficina: Order", "away"),
        ("Read: Order", "receipt"),
        ("Nicht gelesen: AW: Order", "receipt"),
        ("Recall: Order", "recall"),
    ],
)
def test_what_machines_write_before_a_subject(subject: str, announced: Announcement) -> None:
    found = normal_subject(subject)
    assert (found.announced, found.also, found.answers) == (announced, "order", False)


@pytest.mark.parametrize(
    "subject", ["Re: Automatic reply: Order", "Automatic reply to my order", "Reading: a list", "Recall our talk"]
)
def test_people_write_these_words_too(subject: str) -> None:
    assert normal_subject(subject).announced is None


@pytest.mark.parametrize(
    "subject", ["Accepted: Visit", "Accepté : Visit", "Tentatively accepted: Visit", "Aceite: Visit", "承諾: Visit"]
)
def test_a_label_in_any_language_is_seen(subject: str) -> None:
    assert normal_subject(subject).labelled


@pytest.mark.parametrize("subject", ["Visit", "Re: Visit", "At 9:30 tomorrow", "", ":", "Our offer of last week is this: 12"])
def test_no_label(subject: str) -> None:
    assert not normal_subject(subject).labelled
