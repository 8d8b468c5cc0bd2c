"""How programs begin a quote and a forwarded mail; the examples follow what the programs write in each language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.quoting import own_words

ATTRIBUTIONS = [
    "On Mon, 2 Nov 2026 at 10:12, Lab Support <s@lab.example> wrote:",
    "On Mon, 2 Nov 2026 at 10:12, Lab Support\n<s@lab.example> wrote:",
    "On 02/11/2026 10:12, Lab Support wrote:",
    "On Monday, 2 November 2026 at 10:12:00 GMT, Lab Support <s@lab.example> wrote:",
    "Lab Support wrote on 02.11.2026 10:12:",
    "Am 02.11.2026 um 10:12 schrieb Lab Support:",
    "Am Mo., 2. Nov. 2026 um 10:12 Uhr schrieb Lab\nSupport <s@lab.example>:",
    "Lab Support <s@lab.example> schrieb am Mo., 2. Nov. 2026, 10:12:",
    "Le lun. 2 nov. 2026 à 10:12, Lab Support <s@lab.example> a écrit :",
    "El lun, 2 nov 2026 a las 10:12, Lab Support (<s@lab.example>) escribió:",
    "Op ma 2 nov 2026 om 10:12 schreef Lab Support <s@lab.example>:",
    "Il giorno lun 2 nov 2026 alle ore 10:12 Lab Support <s@lab.example> ha scritto:",
    "Em seg., 2 de nov. de 2026 às 10:12, Lab Support <s@lab.example> escreveu:",
    "pon., 2 lis 2026 o 10:12 Lab Support <s@lab.example> napisał(a):",
    "W dniu 02.11.2026 o 10:12, Lab Support pisze:",
    "Den mån 2 nov. 2026 kl 10:12 skrev Lab Support <s@lab.example>:",
    "Den man. 2. nov. 2026 kl. 10.12 skrev Lab Support <s@lab.example>:",
    "man. 2. nov. 2026 kl. 10:12 skrev Lab Support <s@lab.example>:",
    "2026年11月2日(月) 10:12 Lab Support <s@lab.example>:",
    "---- On Mon, 02 Nov 2026 10:12:00 +0000 Lab Support <s@lab.example> wrote ----",
]
BLOCKS = [
    "From: Lab Support <s@lab.example>\nSent: Monday, 2 November 2026 10:12\nTo: Carol\nSubject: RE: Order",
    "________________________________\nFrom: Lab Support\nSent: Monday",
    "-----Original Message-----\nFrom: Lab Support",
    "Von: Lab Support\nGesendet: Montag, 2. November 2026 10:12\nAn: Carol\nBetreff: AW: Bestellung",
    "-----Ursprüngliche Nachricht-----\nVon: Lab Support <s@lab.example>",
    "Gesendet: Montag, 02. November 2026 um 10:12 Uhr\nVon: s@lab.example\nAn: carol@x.example\nBetreff: Re: x",
    "De : Lab Support\nEnvoyé : lundi 2 novembre 2026 10:12\nÀ : Carol\nObjet : RE: Commande",
    "De: Lab Support\nEnviado el: lunes, 2 de noviembre de 2026\nPara: Carol\nAsunto: RE: Pedido",
    "Van: Lab Support\nVerzonden: maandag 2 november 2026\nAan: Carol\nOnderwerp: RE: x",
    "Da: Lab Support\nInviato: lunedì 2 novembre 2026\nA: Carol\nOggetto: R: x",
    "De: Lab Support\nEnviada em: segunda-feira\nPara: Carol\nAssunto: RES: x",
    "Od: Lab Support\nWysłano: poniedziałek\nDo: Carol\nTemat: ODP: x",
    "Från: Lab Support\nSkickat: den 2 november 2026\nTill: Carol\nÄmne: SV: x",
    "Fra: Lab Support\nSendt: 2. november 2026\nTil: Carol\nEmne: SV: x",
    "*From:* Lab Support <s@lab.example>\n*Sent:* Monday\n*To:* Carol",
]
FORWARDS = [
    "---------- Forwarded message ---------",
    "-------- Weitergeleitete Nachricht --------",
    "-------- Message transféré --------",
    "----- Messaggio inoltrato -----",
    "---------- Mensaje reenviado ----------",
    "-------- Mensagem encaminhada --------",
    "-------- Doorgestuurd bericht --------",
    "-------- Treść przekazanej wiadomości --------",
    "-------- Vidarebefordrat meddelande --------",
    "-------- Videresendt melding --------",
    "Begin forwarded message:",
    "Anfang der weitergeleiteten Nachricht:",
    "Début du message réexpédié :",
    "Inizio messaggio inoltrato:",
    "Videresendt melding:",
    "> Begin forwarded message:",
    "----- Forwarded by Carol/Customer on 02.11.2026 10:12 -----",
]


def own(text: str) -> list[str]:
    return [line for line in own_words(text).lines if line]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_below_an_attribution_only_unmarked_lines_are_own(attribution: str) -> None:
    assert own(f"Above.\n\n{attribution}\n\n> theirs\n> theirs too\n\nBelow.\n") == ["Above.", "Below."]
    found = own_words(f"Above.\n\n{attribution}\n\ntheirs, without marks\n")
    assert ([line for line in found.lines if line], found.more) == (["Above."], False)


@pytest.mark.parametrize("block", BLOCKS)
def test_below_quoted_headers_all_is_quoted(block: str) -> None:
    found = own_words(f"Above.\n\n{block}\n\nTheirs. Any questions?\n\nJane wrote:\n> What I asked.\n")
    assert ([line for line in found.lines if line], found.more, found.forwarded) == (["Above."], False, False)


@pytest.mark.parametrize("mark", FORWARDS)
def test_a_forwarded_mail_says_more_than_the_own_words(mark: str) -> None:
    found = own_words(f"Above.\n\n{mark}\nFrom: bob@other.example\n\nPlease refund.")
    assert ([line for line in found.lines if line], found.more, found.forwarded) == (["Above."], True, True)


@pytest.mark.parametrize("moment", ["02.11.2026 09:14:00", "11/02/2026 09:14 AM", "2026-11-02 09:14"])
def test_notes_writes_the_quote_behind_its_attribution(moment: str) -> None:
    found = own_words(f"Above.\n\nJane Roe ---{moment}---Where is it?\n\nFrom: Jane Roe\nTo: Support\n")
    assert ([line for line in found.lines if line], found.more) == (["Above."], False)


def test_a_forward_within_a_quote_is_old_news() -> None:
    assert not own_words("Thanks\n\nOn 02/11/2026 10:12, Support wrote:\n> See below.\n> Begin forwarded message:\n> x").more


@pytest.mark.parametrize(
    "answer", [">> JR: No, it is not", "JR: No", "[Jane Roe] No", "==> no", "--> no", "<< no >>", "*** no ***", "> No, it is not"]
)
def test_an_answer_inside_an_unmarked_quote_is_seen_where_it_bears_a_mark(answer: str) -> None:
    quote = "-----Original Message-----\nFrom: Support <s@lab.example>\nSent: Monday\n\nIt is on its way.\n"
    assert own_words(f"Thanks.\n\n{quote}{answer}\n").more
    assert not own_words(f"Thanks.\n\n{quote}VAT: DE1234\n[EXTERNAL] Take care\n").more


@pytest.mark.parametrize(
    "line",
    [
        "From: Monday",
        "The driver wrote:",
        "On order 4711 you wrote:",
        "Order 12 please:",
        "________________",
        "I wrote to Bob at 10:12 and he said:",
        "To: everybody",
    ],
)
def test_what_only_resembles_a_mark_stays_own(line: str) -> None:
    assert own(f"Above.\n{line}\nBelow.") == ["Above.", line, "Below."]


def test_a_line_right_above_an_attribution_stays_own() -> None:
    assert own("Order 12 please.\nOn Mon, 2 Nov 2026 at 10:12, S <s@lab.example> wrote:\n> x") == ["Order 12 please."]


@settings(max_examples=200)
@given(st.text(alphabet="ab:-_>*@. \n12<", max_size=400))
def test_no_text_is_too_odd_and_no_own_line_is_invented(text: str) -> None:
    lines = text.split("\n")
    assert all(line in lines or not line for line in own_words(text).lines)
