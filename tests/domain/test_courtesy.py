"""Thank-yous and what only looks like one; the table was written by hand before the rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.courtesy import is_courtesy

ONLY_THANKS = [
    "Thanks!",
    "Thank you, got it!",
    "thx",
    "Many thanks for your quick reply.",
    "Thank you very much, that solved it. Have a nice day!",
    "Hi Bob,\n\nthanks a lot, everything works now.\n\nBest regards\nCarol Customer\n",
    "Thanks Bob",
    "Thank you so much, Maria!",
    "Perfect, thank you!\n\nSent from my iPhone",
    "Great, thanks 🙂",
    "Received, thanks.",
    "Thanks for your help :-)",
    "Cheers!",
    "Thanks!\n\nOn Mon, 2 Nov 2026 at 10:12, Support <s@lab.example> wrote:\n> Can you send us the serial number?\n> Regards\n",
    "> We have sent it.\n> Is there anything else?\n\nThank you!\n",
    "Thanks!\n\nOn Mon, 2 Nov 2026 at 10:12, Lab Support\n<support@lab.example> wrote:\n\n> Your order 1001 is on its way.\n",
    "Thank you.\n-- \nCarol Customer\nRoad 5, 12345 Town, +44 20 7946 0000\n",
    "Thanks.\n\n-----Original Message-----\nFrom: Support <support@lab.example>\nYour number is 4711, all right?\n",
    "Danke!",
    "Vielen Dank für die schnelle Antwort.",
    "Hallo Frau Meier,\n\nvielen herzlichen Dank, jetzt funktioniert alles.\n\nMit freundlichen Grüßen\nJörg Müller",
    "Super, danke! Schönes Wochenende.",
    "Alles klar, danke für Ihre Hilfe.\n\nVG\nHans",
    "Besten Dank!\n\nAm 02.11.2026 um 10:12 schrieb Support:\n> Haben Sie noch Fragen?\n",
    "Merci beaucoup pour votre réponse rapide.",
    "Merci !\n\nCordialement\nAnne Petit",
    "Parfait, merci. Bonne journée",
    "Muchas gracias por su ayuda.",
    "Gracias, todo perfecto. Un saludo",
    "Bedankt voor de snelle reactie!",
    "Hartelijk dank.\n\nMet vriendelijke groet,\nJan de Vries",
]
WANTS_AN_ANSWER = [
    "",
    "Hello",
    "Ok",
    "Thanks, but it still does not work.",
    "Thank you. And can you deliver to another address?",
    "And can you deliver to another address?",
    "Thanks. Please send me the invoice as well.",
    "Thanks, the second chair is missing a leg.",
    "Thanks, printer broken again",
    "Thank you, my number is 020 7946 0000.",
    "Thanks, please call me back",
    "Thank you. Answer the email",
    "Thanks in advance for sending the form",
    "Thank you for nothing.",
    "No thanks, I want a refund.",
    "Thanks!\n\nPS: the invoice is wrong",
    "Thanks.\n\nBest regards\nCarol\n\nPS: the invoice is wrong",
    "Thanks\n\nRefund!",
    "Any news?",
    "Hello???",
    "Still waiting.",
    "Not solved.",
    "I would like to cancel.",
    "Danke, aber der Drucker geht immer noch nicht.",
    "Danke. Rechnung fehlt.",
    "Vielen Dank! Wann kommt die Lieferung?",
    "Danke, bitte um Rückruf.",
    "Danke im Voraus für die Zusendung des Formulars",
    "Es funktioniert nicht.",
    "Merci, mais cela ne marche pas.",
    "Merci de me rappeler.",
    "Merci. Et la facture ?",
    "Gracias, pero no funciona.",
    "¿Gracias, y el pedido?",
    "Bedankt, maar het werkt nog niet.",
    "Bedankt. Wanneer komt de monteur?",
    "Thanks!\n\nOn Mon, 2 Nov 2026 at 10:12, Support <s@lab.example> wrote:\n> All done.\nNot done at all\n",
    "Thanks!\n\nOn Mon, 2 Nov 2026 at 10:12, Lab Support\n<support@lab.example> wrote:\n> All done.\nNot done at all\n",
    "> We have sent it.\n\nThanks, when will it arrive?\n",
    "Thanks! " + "It was all very good. " * 40,
    "Great, then I will go to court.",
    "That is not great.",
    "Thanks for your mail of yesterday, see attached contract to sign by Friday",
]

FRAMED_THANKS = [
    "Thanks!\n\nJane Roe | ACME Ltd",
    (
        "Thank you!\n\nMit freundlichen Grüßen\ni. A. Jane Roe\nACME GmbH, Geschäftsführer: Max Muster, "
        "Amtsgericht München, HRB 123456"
    ),
    (
        "Danke!\n\nMit freundlichen Grüßen\n\ni.A. Jane Roe\nEinkauf\n\nACME GmbH\nMusterstraße 12\n80331 "
        "München\nTel.: +49 89 1234567\nFax: +49 89 1234568\njane.roe@acme.example\nwww.acme.example\n\nSitz der "
        "Gesellschaft: München\nGeschäftsführer: Max Muster, Erika Muster\nAmtsgericht München, HRB 123456, "
        "USt-IdNr. DE123456789"
    ),
    (
        "Thank you very much!\n\nKind regards,\nJane Roe\nHead of Purchasing\n\nACME Ltd\n12 Mill Lane, Leeds LS1 "
        "4AB\nT +44 113 496 0000 | www.customer.example\nRegistered in England 123456"
    ),
    "Thanks!\n\nBest regards, Jane",
    "Thanks\n\nSent with Proton Mail secure email.",
    "Thanks\n\nGet Outlook for iOS<https://aka.ms/o0ukef>",
    (
        "Thank you!\n\nJane\n\nThis e-mail is confidential and intended only for the addressee. If you have "
        "received it in error, please notify the sender and delete it."
    ),
    (
        "Vielen Dank!\n\nMit freundlichen Grüßen\nJane Roe\n\nDiese E-Mail enthält vertrauliche und rechtlich "
        "geschützte Informationen. Wenn Sie nicht der richtige Adressat sind oder diese E-Mail irrtümlich "
        "erhalten haben, informieren Sie bitte den Absender und vernichten Sie diese E-Mail."
    ),
    (
        "Merci!\n\nCordialement,\nAnne Petit\nResponsable des achats\n12 rue de la Paix\n75002 Paris\nTél. : +33 "
        "1 23 45 67 89\n\nCe message est confidentiel et destiné exclusivement à son destinataire. Si vous le "
        "recevez par erreur, merci de le détruire et d'avertir l'expéditeur."
    ),
    "Thanks!\n\nBest regards\nJane\n\nPlease consider the environment before printing this email.",
    "Thanks!\n\nBest regards\nJane\n\nDo you really need to print this email?",
    "Grazie mille!",
    "Muito obrigado!",
    "Dziękuję bardzo!",
    "Tack så mycket!",
    "Mange tak!",
    "Tusen takk!",
    "Tak for hjælpen!\n\nMed venlig hilsen\nLars Hansen",
    "Takk for raskt svar. Ha en fin dag!",
    "Tack för hjälpen!\n\nMed vänliga hälsningar\nSven Svensson\nInköpschef\nACME AB",
    "Bardzo dziękuję za szybką odpowiedź.\n\nPozdrawiam\nJan Kowalski",
    "Grazie per la risposta.\n\nCordiali saluti\nMario Rossi",
    "Obrigada pela ajuda!\n\nCumprimentos,\nAna Silva",
    "Okay, thanks.",
    "Okay, thanks. You can close the ticket.",
    "Thanks! Please close the ticket.",
    "Danke! Sie können das Ticket schließen.",
    "yes it works now, thanks",
    "Ja, jetzt funktioniert es, danke!",
    "Thanks!\n\nJane Roe\nHead of Purchasing\nACME Ltd\n+44 113 496 0000",
    "Thanks\n\nJane",
    "Hi Bob, thanks a lot!",
    "Hello team,\nthank you!",
    'Thank you!\n-- \nJane Roe\n"Be yourself; everyone else is already taken."',
    "Thanks!\n\n--\nJane Roe",
    "Thank you!\n\nKind regards\njane",
    "Thanks.\n\n> Am 02.11.2026 um 10:00 schrieb Support <s@x>:\n> \n> On its way.",
    "Danke!\n\nVon meinem iPhone gesendet\n\n> Am 02.11.2026 um 10:00 schrieb Support <support@shop.example>:\n> \n> On its way.",
    "Thanks!\n\nOn Monday, 2 November 2026 at 10:12:00 GMT, Support <s@x.example> wrote:\n\nWhere do you live? Please tell us.",
    (
        "Bedankt!\n\nVan: Support <s@x.example>\nVerzonden: maandag 2 november 2026 10:12\nAan: Jan\nOnderwerp: "
        "RE: x\n\nKunt u bellen?"
    ),
    "Merci\n\nDe : Support <s@x.example>\nEnvoyé : lundi 2 novembre 2026 10:12\nÀ : Jan\nObjet : RE: x\n\nPouvez-vous ?",
    "Many thanks\nJane Roe\nACME Ltd",
    "Thanks and best regards\nJane Roe",
    "Thank you 👍",
    "Thanks for the quick turnaround!",
    "Thank you for your help with this.",
    "That worked, thank you!",
    "All good now, thanks.",
    "Great, thank you!",
    "Ok, thank you very much for the information.",
    "Thanks again!\n\nCheers,\nTom",
    "Hi Anna,\n\nthat works perfectly, thank you!\n\nBest,\nTom Smith\nCEO | Acme Inc.\n+1 (555) 123-4567\nwww.acme.com",
    (
        "Hallo Herr Schmidt,\n\nvielen Dank für Ihre schnelle Rückmeldung.\n\nFreundliche Grüße\n\nPetra Müller\n"
        "Sachbearbeiterin Einkauf\n\nMüller & Söhne GmbH & Co. KG\nIndustriestr. 5 | 70565 Stuttgart\nTelefon: 0711 "
        "/ 123456-0\nE-Mail: p.mueller@mueller.example\nInternet: www.mueller.example\n\nKommanditgesellschaft: Sitz "
        "Stuttgart, Registergericht Stuttgart HRA 1234\nPersönlich haftende Gesellschafterin: Müller Verwaltungs "
        "GmbH\nGeschäftsführer: Hans Müller"
    ),
    "Guten Tag,\n\nherzlichen Dank!\n\nMit freundlichem Gruß\ni. V. Karl Kraus",
    "Moin,\n\ndanke, hat geklappt!\n\nGruß\nJens",
    "Danke sehr!\n\nGesendet mit der GMX Mail App",
    "Danke!\n\nGesendet von Outlook für Android<https://aka.ms/AAb9ysg>",
    "Danke\n\nHolen Sie sich Outlook für iOS<https://aka.ms/o0ukef>",
    (
        "Bonjour,\n\nMerci beaucoup pour votre aide.\n\nBien cordialement,\n\nMarie DUPONT\nAssistante de direction\n"
        "SOCIETE EXEMPLE SAS\n10, avenue des Champs - 69000 Lyon\nTél : 04 78 12 34 56 - Port. : 06 12 34 56 78\n"
        "SIRET 123 456 789 00012"
    ),
    "Merci !\n\nEnvoyé de mon iPhone",
    (
        "Hola,\n\nMuchas gracias por la información.\n\nUn cordial saludo,\n\nJuan García López\nDepartamento de "
        "Compras\nEjemplo S.L.\nC/ Mayor, 5 - 28001 Madrid\nTel. 91 123 45 67\n\nAntes de imprimir este correo, "
        "piense en el medio ambiente."
    ),
    (
        "Buongiorno,\n\ngrazie mille per la rapida risposta.\n\nCordiali saluti,\nMario Rossi\nUfficio Acquisti\n"
        "Esempio S.r.l.\nVia Roma 1, 20100 Milano"
    ),
    "Olá,\n\nMuito obrigado pela resposta rápida.\n\nAtenciosamente,\nAna Silva\nGerente Comercial",
    (
        "Dag,\n\nhartelijk dank voor de snelle reactie.\n\nMet vriendelijke groet,\n\nPieter de Boer\nHoofd Inkoop\n"
        "Voorbeeld B.V.\nDorpsstraat 1\n1234 AB Utrecht\nT: +31 30 123 4567\nKvK 12345678"
    ),
    "Dzień dobry,\n\ndziękuję za pomoc.\n\nZ poważaniem\nAnna Nowak",
    "Hej,\n\ntack för snabbt svar!\n\nMed vänlig hälsning\nErik Svensson\nVD",
    "Hej\n\nTusind tak for hjælpen.\n\nVenlig hilsen\nMette Jensen",
    "Hei,\n\nTakk for hjelpen!\n\nMvh\nOla Nordmann",
    "Thank you.\n\n________________________________\nJane Roe\nACME Ltd",
    "Thanks,\nJane",
    "Many thanks,\n\nJane Roe",
    "Thank you so much!!",
    "thanks :)",
    "Thank you, Sir.",
    (
        "Thanks!\n\nJane Roe\nSenior Buyer\nDirect: +44 113 496 0001\n\nACME Ltd is registered in England No "
        "1234567. Registered office: 12 Mill Lane, Leeds LS1 4AB"
    ),
    (
        "Thanks a million\n\nKind Regards\n\nJane Roe\n\n[cid:image001.png@01DC.AB]\n\nDISCLAIMER: This message "
        "contains confidential information and is intended only for the individual named. If you are not the named "
        "addressee you should not disseminate, distribute or copy this e-mail. Please notify the sender immediately "
        "by e-mail if you have received this e-mail by mistake and delete this e-mail from your system.\n\nE-mail "
        "transmission cannot be guaranteed to be secure or error-free. The sender therefore does not accept "
        "liability for any errors or omissions."
    ),
    "Danke!\n\nViele Grüße aus Hamburg\nJens Petersen",
    "Thanks Tom!\n\nOn 2 Nov 2026, at 10:12, Tom <tom@x.example> wrote:\n\n\ufeffHi,\nplease call us?\n",
    "Danke schön\n\nAm Mo., 2. Nov. 2026 um 10:12 Uhr schrieb Support <s@x.example>:\n\n> Wann?\n",
    "Super, vielen Dank und einen schönen Tag noch!",
    (
        "Thank you!\n\nSent from Yahoo Mail for iPhone\n\nOn Monday, November 2, 2026, 10:12 AM, Support "
        "<s@x.example> wrote:\n\nHow are you?"
    ),
    "Perfect, many thanks.\n\nRegards\n\nJ. R. Smith",
    "Thanks!\n\nBest regards\nJane\n\nInformationen zum Datenschutz finden Sie unter https://x.example/datenschutz",
]
MORE_THAN_THANKS = [
    (
        "Thanks!\n\nKind regards\nJane\n\n"
        "If you are not the one to deliver, notify the recipient and delete my order, I hold you legally liable."
    ),
    "Thanks!\n\nKind regards\nJane\n\nYou are legally liable, notify the sender and destroy it.",
    "Thanks!\n\nKind regards\nsecond lamp",
    "Thanks, I'll wait for the refund.",
    "Thanks. When?",
    "Thank you for your reply. I am still waiting.",
    "Thank you for the information, I will order two more.",
    "Thanks, same problem again.",
    "Great, one more thing: the lamp",
    "Thanks but no.",
    "That was not helpful, thanks",
    "Thanks for wasting my time.",
    "ok thanks, tomorrow then",
    "Thank you, Tuesday works.",
    "Danke, Dienstag passt.",
    "Danke, das passt so, bitte liefern.",
    "Danke, machen Sie das.",
    "Merci, faites-le.",
    "Gracias, adelante.",
    "Vale, gracias",
    "Grazie, proceda pure",
    "Va bene, grazie",
    "Perfetto, procedete",
    "Obrigado, pode enviar.",
    "Tack, kör på!",
    "Tak, det lyder godt, send den",
    "Dziękuję, proszę wysłać",
    "Thanks\n\nJane\n\nP.S. What about the lamp?",
    "Thanks\n\nBest regards\nJane\n\nThe lamp is broken too",
    "Thanks\n\nBest regards\nJane Roe\nACME Ltd\nLamp Broken Too",
    "Thanks\n\nBest regards\nJane\n-- \nthe lamp is broken, please help",
    "Thanks!\n\nJane Roe | ACME Ltd\n\nYou forgot the lamp.",
    "Thanks!\n\nKind regards\nJane\n\nConfidential: my new address is 12 Mill Lane",
    "Thanks!\n\nKind regards\nJane\nNew address: 12 Mill Lane, Leeds",
    "Thanks!\n\nKind regards\nJane\n\nIf you are not able to deliver, notify me and delete my order.",
    "Danke!\n\nMfG\nJens\n\nNachtrag: die Lampe fehlt",
    "Danke!\n\nMfG\nJens\n\nDie Lampe fehlt noch.",
    "Danke!\n\nMfG\nJens\nLampe fehlt",
    "Merci\n\nCordialement\nAnne\n\nIl manque une lampe",
    "Thanks. Hello?",
    "Thanks.\n\nFrom: Support <s@x.example>\nSent: Monday\nTo: Jane\nSubject: x\n\n==> No, wrong address",
    "Sent from my iPhone",
    "Thank you. Not received.",
    "Received nothing, thanks",
    "Thanks, received only one",
    "Not working, thanks",
    "It works not, thanks",
    "Thanks, works for me, close my account",
    "Please close the ticket and refund me, thanks",
    "Thanks\nFwd: refund",
    "Yes please, thanks!",
    "yes, all fine, thank you",
    "Sure, thanks",
    "Absolutely, thank you",
    "Ja prima, danke",
    "Nein danke",
    "Non merci",
    "Nee dank je",
    "Thank you, yes.",
    "Okay, yes thanks",
    "Thanks, agreed",
    "Thanks, confirmed.",
    "Einverstanden, danke",
    "D'accord, merci",
    "Thank you!\n\nBest\nJane\n\n> your question?\nYes",
    "Thanks\n> Shall we?\nYes",
    "Thanks!\n\nCheers\nJane\nMob 0113\nNeed the lamp",
    "Thanks\n--\nJane\nWhere is the lamp",
    "Merci de traiter ma demande",
    "Merci de votre aide pour le remboursement",
    "Gracias por responder",
    "Danke für die Erstattung",
    "Thanks for the refund",
    "Thanks!\n\nBest regards\nJane\n\nIt was registered in the depot twice",
    "Thanks!\n\nBest regards\nJane\n\nI object under your privacy policy",
    "Thanks\n-- \nJane\nWhere is the lamp",
    "Yes, thank you.",
    "Ja, danke",
    "Ja, vielen Dank.",
    "Oui merci",
    "Sí, gracias",
    "Ja graag, bedankt",
    "Ok, go ahead, thanks",
    "please do, thanks",
    "No, thank you",
    "Sì, grazie",
    "Sim, obrigado",
    "Tak, dziękuję",
    "Ja tack",
    "Ja tak",
    "Ja takk",
    "Nei takk",
    "Of course, thanks",
    "Indeed, thank you",
    "Fine, thank you",
    "Avec plaisir, merci",
    "Klar, danke",
    "Done, thanks",
    "Thanks!\n\nKind regards\nJane\n\nPS: where is the second box?",
    "Thanks!\n\nKind regards\nJane\n\nP.S. please cancel order 12",
    "Thanks!\n-- \nJane\nPS: the invoice is wrong",
    "Thanks!\n-- \nJane\nPlease cancel order 12",
    "Thanks!\n\nKind regards\nJane\nACME Ltd\n\nThe second box is missing",
    "Thanks!\n\nKind regards\nJane\nREFUND NOW",
    "Thanks!\n\nRefund",
    "Thanks!\n\nMonday",
    "Thanks!\n\nBlue, Size L",
    "Thanks\nFrom: Monday\nTo: Friday",
    "Dear Bob please cancel my order\nThanks",
    "Hi please cancel\nThanks",
    "Hi Bob, please call me, thanks",
    "Thanks\n\n---------- Forwarded message ---------\nFrom: Bob <bob@x.example>\n\nPlease refund",
    "Thanks\n\n> Begin forwarded message:\n> \n> From: Bob <b@x>\n> refund",
    "Danke\n\n-------- Weitergeleitete Nachricht --------\nVon: Bob <b@x>",
    "Merci\n\nDébut du message transféré :\n\nDe: Bob <b@x>",
    (
        "Thanks.\n\n-----Original Message-----\nFrom: Support <support@shop.example>\nSent: Monday\n\nOn its "
        "way.\n>> JR: No, it is NOT"
    ),
    "Thanks.\n\nFrom: Support <support@shop.example>\nSent: Monday\nTo: x\nSubject: y\n\nOn its way.\n[Jane Roe] No it is not",
    "Thanks. You can close the ticket when the refund is done.",
    "Thanks. You can not close the ticket.",
    "Thanks, you can close the account.",
    "Sent from my iPhone. Please cancel the order.\nThanks",
    "Thanks\nSent from my iPhone please cancel order",
    "Thanks\n\nSent from my iPhone\nWhere is the second box?",
    "Thanks!\n\nKind regards\nJane\n\nShould I print out the contract?",
    "Thanks!\n\nKind regards\nJane\n\nIs that confidential?",
    "Thanks!\n\nKind regards\nJane\n\nPlease treat my refund as confidential",
    "Tak for sidst, men det virker ikke",
    "Z góry dziękuję",
    "På forhånd tak",
    "Merci d'avance",
    "Tack på förhand",
    "Grazie in anticipo",
    "Gracias. ¡Ayuda!",
    "Danke. Hilfe!",
    "Thanks!\n\nJane Roe\nsecond box missing",
    "Thanks\n\nJane\n4711",
    "Thanks\n____________\nPS: where",
    "Thanks!\n\nOn order 4711 you wrote:\nit is on its way",
    "Thanks!\n\nBest,\nJane\n\nAlso the invoice is missing.",
    "Yours is broken, thanks",
    "Thanks\nYours is broken",
    "👍",
]


@pytest.mark.parametrize("text", ONLY_THANKS + FRAMED_THANKS)
def test_a_thank_you_is_a_courtesy(text: str) -> None:
    assert is_courtesy(text)


@pytest.mark.parametrize("text", WANTS_AN_ANSWER + MORE_THAN_THANKS)
def test_whatever_asks_objects_or_tells_something_new_is_not(text: str) -> None:
    assert not is_courtesy(text)


def test_windows_line_ends_make_no_difference() -> None:
    assert is_courtesy("Hi Bob,\r\n\r\nthank you!\r\n\r\nBest regards\r\nCarol\r\n")


@settings(max_examples=100)
@given(st.text(max_size=300))
def test_no_text_is_too_odd(text: str) -> None:
    assert is_courtesy(text) in (True, False)


@settings(max_examples=50)
@given(st.sampled_from(ONLY_THANKS), st.text(alphabet="abc ?", max_size=20))
def test_a_question_mark_in_the_own_words_is_never_a_courtesy(thanks: str, more: str) -> None:
    assert not is_courtesy(f"{more}?\n{thanks}")


_PLACES = st.sampled_from(["before", "after", "below", "below the mark"])
_QUESTIONS = st.sampled_from(
    ["Really?", "And the second box?", "Wo ist es?", "Jane?", "12?", "Where is the print-out of the environment report?"]
)


@settings(max_examples=200)
@given(st.sampled_from([t for t in ONLY_THANKS + FRAMED_THANKS if ":\n" not in t and ">" not in t]), _QUESTIONS, _PLACES)
def test_a_question_anywhere_in_the_own_words_makes_a_message_of_it(thanks: str, question: str, place: str) -> None:
    texts = {
        "before": f"{question} {thanks}",
        "after": f"{thanks} {question}",
        "below": f"{thanks}\n\nBest regards\nJane Roe\n\n{question}",
        "below the mark": f"{thanks}\n-- \nJane Roe\n{question}",
    }
    if "\n\n" not in thanks or place == "before":
        assert not is_courtesy(texts[place])


@settings(max_examples=100)
@given(st.text(alphabet="ab:-_>*@. \n12<wrote", max_size=400))
def test_no_quote_is_too_odd(text: str) -> None:
    assert is_courtesy("Thanks\n\n" + text) in (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "CAUTION: This email originated from outside of the organization. Do not click links.\n\nThank you!\n\nJane\n",
        "You don't often get email from jane@c.example. Learn why this is important\nThank you very much!\n\nJane\n",
        "Many thanks\n\n  On Mon, 2 Nov 2026 at 10:00, Support<support@lab.example> wrote:   On its way. Anything else?\n",
    ],
)
def test_what_programs_put_above_and_below_a_thank_you(text: str) -> None:
    assert is_courtesy(text)


@pytest.mark.parametrize(
    "text",
    [
        "CAUTION: This email is from outside.\n\nThank you! Where is the second box?\n",
        "Thanks\n\nOn Monday at 10:00 I wrote:  please check again\n",
    ],
)
def test_what_looks_like_it_and_asks(text: str) -> None:
    assert not is_courtesy(text)
