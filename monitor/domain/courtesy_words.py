"""The words of thanking, language by language, and the words that make more of it. Data only.

A word that is missing here costs a glance at a thank-you; a word too many may hide a customer.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Language(NamedTuple):
    """`thanks`: one of these must be said. `words`: all that may be said besides."""

    thanks: frozenset[str]
    words: frozenset[str]


#: In every language.
COMMON: Final = _words("ok okay oké okej okey super top perfect prima info email e-mail e-mails mail feedback hi hello")
_PLEASED: Final = "super top perfect prima"

_ENGLISH: Final = Language(
    _words(f"thank thanks thx tnx ty cheers appreciate appreciated great excellent wonderful {_PLEASED}"),
    _words(
        """
    you much many so very a lot again for your the this that it its it's all my me i we us and is was are were have
    has had got received quick fast prompt swift kind good nice lovely brilliant awesome fine really just help
    helping support reply replying response answer answering information message assistance service effort efforts
    time patience clarification explanation update confirmation works working worked now everything solved resolved
    fixed sorted done too as well job day evening weekend week enjoy wish wishing same helped helpful clear arrived
    safely here happy pleased with noted understood team everyone everybody sir madam mr mrs ms dr best warm regards
    wishes sincerely yours greetings hey dear morning afternoon thankyou perfectly turnaround million
    """
    ),
)
_GERMAN: Final = Language(
    _words(f"danke dankeschön dank wunderbar {_PLEASED}"),
    _words(
        """
    vielen herzlichen besten schönen lieben recht sehr ganz nochmals nochmal für die das der den dem ihre ihren ihrer
    ihnen deine deiner dir euch eure schnelle schnellen rasche prompte nette freundliche gute hilfe antwort
    rückmeldung nachricht auskunft mühe unterstützung bearbeitung erledigung klärung alles klar perfekt toll bestens
    passt hat hatte haben geklappt funktioniert jetzt nun es ist war ich wir habe bekommen erhalten angekommen gelöst
    erledigt geholfen ein eine einen schönes schöner wochenende tag abend feierabend woche noch wünsche gut freut
    freue mich uns sich und auch ebenso ihr viele liebe grüße gruß grüsse gruss freundlichen mit hallo guten morgen
    geehrte geehrter frau herr herrn mfg lg vg beste schön
    """
    ),
)
_FRENCH: Final = Language(
    _words(f"merci remercie remercions parfait {_PLEASED}"),
    _words(
        """
    beaucoup bien mille pour votre vos ton ta tes la le les l de d du et je vous te tu infiniment encore réponse
    rapide aide informations retour c'est génial reçu tout fonctionne marche maintenant bonne bon journée soirée
    week-end fin semaine excellente bonjour bonsoir madame monsieur cordialement salutations à très est nous avons
    j'ai ai résolu arrivé
    """
    ),
)
_SPANISH: Final = Language(
    _words(f"gracias agradezco agradecemos perfecto genial {_PLEASED}"),
    _words(
        """
    muchas muchísimas mil por su el los la las respuesta ayuda rápida rápido información atención todo muy y ya
    funciona está recibido resuelto solucionado buen buena día tarde semana saludo saludos hola señor señora estimado
    estimada estimados cordial cordiales un una que se lo de nuevo
    """
    ),
)
_DUTCH: Final = Language(
    _words(f"bedankt dank dankjewel dankuwel {_PLEASED}"),
    _words(
        """
    u jou je jullie wel hartelijk hartelijke heel erg veel voor het de snelle antwoord reactie hulp bericht
    informatie goed goede fijn fijne dag avond weekend nog werkt nu weer opgelost ontvangen binnen gekregen heb
    hebben ik wij en met vriendelijke groet groeten hoi geachte mevrouw meneer alles
    """
    ),
)
_ITALIAN: Final = Language(
    _words(f"grazie ringrazio ringraziamo ringraziamenti perfetto {_PLEASED}"),
    _words(
        """
    mille tante infinite molte di cuore ancora per la il lo le i l e vi ti la rapida veloce pronta vostra tua sua
    risposta disponibilità gentilezza aiuto assistenza supporto informazione informazioni cortesia tutto funziona
    funzionato adesso ora risolto ricevuto arrivato è ha hai ho abbiamo buona buon giornata serata lavoro weekend
    fine settimana salve buongiorno buonasera ciao gentile gentilissima gentilissimi molto cordiali saluti un saluto
    a signora signor dell dell'aiuto della del
    """
    ),
)
_PORTUGUESE: Final = Language(
    _words(f"obrigado obrigada obrigados obg agradeço agradecemos agradecido agradecida grato grata perfeito {_PLEASED}"),
    _words(
        """
    muito muita mil pela pelo pelas por a o e as os sua seu vossa rápida rápido resposta ajuda atenção apoio retorno
    informação informações mensagem mais uma vez tudo funciona funcionou agora resolvido recebi recebemos recebido
    chegou está foi bom boa dia tarde noite semana fim de bem olá caro cara prezado prezada prezados senhor senhora
    cumprimentos melhores com os abraço
    """
    ),
)
_POLISH: Final = Language(
    _words(f"dziękuję dziękujemy dzięki dziekuje dziekujemy dzieki podziękowania {_PLEASED}"),
    _words(
        """
    bardzo serdecznie ślicznie pięknie wielkie raz jeszcze za szybką szybka odpowiedź pomoc wiadomość informację
    informacje obsługę wsparcie i wszystko działa już teraz dotarło dotarła otrzymałem otrzymałam otrzymaliśmy
    rozwiązane miłego miłej dnia weekendu tygodnia życzę dobrego dzień dobry witam pozdrawiam pozdrowienia szanowni
    państwo pan pani panie
    """
    ),
)
_SWEDISH: Final = Language(
    _words(f"tack tackar {_PLEASED}"),
    _words(
        """
    så mycket tusen stort hemskt hjärtligt för den det ett snabba snabbt svar svaret hjälp hjälpen informationen
    information återkopplingen återkoppling din er nu fungerar allt igen löst fått kommit mottagit vi jag har ha en
    trevlig bra fin dag kväll helg vecka och hej hejsan vänliga hälsningar mvh
    """
    ),
)
_DANISH: Final = Language(
    _words(f"tak takker {_PLEASED}"),
    _words(
        """
    mange tusind tusen for det den din jeres hurtige hurtigt svar svaret hjælp hjælpen informationen besked beskeden
    så meget nu virker alt igen løst modtaget vi jeg har hav en god rigtig dejlig dag aften weekend uge og hej venlig
    hilsen mvh
    """
    ),
)
_NORWEGIAN: Final = Language(
    _words(f"takk takker {_PLEASED}"),
    _words(
        """
    mange tusen hjertelig for det den din deres raskt raske rask hurtig svar svaret hjelp hjelpen informasjonen
    tilbakemelding tilbakemeldingen så mye nå virker fungerer alt igjen løst mottatt fått vi jeg har ha en god fin
    riktig dag kveld helg helgen uke og hei vennlig hilsen mvh
    """
    ),
)
#: By the tag of the language.
LANGUAGES: Final[Mapping[str, Language]] = {
    "en": _ENGLISH,
    "de": _GERMAN,
    "fr": _FRENCH,
    "es": _SPANISH,
    "nl": _DUTCH,
    "it": _ITALIAN,
    "pt": _PORTUGUESE,
    "pl": _POLISH,
    "sv": _SWEDISH,
    "da": _DANISH,
    "no": _NORWEGIAN,
}
ALL: Final = COMMON.union(*(language.thanks | language.words for language in LANGUAGES.values()))

#: Words that answer a question of ours. With a report in the same sentence (`yes, it works now`) they are no order.
YES: Final = _words("yes yep yeah yup indeed ja jo oui si sí sì sim tak jawohl")
REPORT: Final = _words(
    """
    works working worked solved resolved fixed sorted arrived received funktioniert geklappt gelöst angekommen
    erhalten bekommen fonctionne marche reçu résolu arrivé funciona recibido resuelto solucionado werkt opgelost
    ontvangen gekregen funziona funzionato risolto ricevuto arrivato funcionou resolvido recebi recebemos recebido
    chegou działa dotarło dotarła otrzymałem otrzymałam rozwiązane fungerar löst fått mottagit virker løst modtaget
    fungerer mottatt
    """
)
#: Words that say so little alone that they may be an order, and the words that make a report of them.
ONLY_WITH: Final = {
    "fine": _words("everything all it works working"),
    "klar": _words("alles"),
    "done": _words("all well everything job"),
    "erledigt": _words("alles sich hat"),
}

#: Lower-case words of a signature: connectives, labels of numbers, titles and streets.
SIGNATURE: Final = _words(
    """
    and of for the at in on by und für der die das des von zu im am et de du des la le les del los las el della dei
    da do dos van het een i za och til e v a y z g m t f p w b d l x ext no nr vat tel phone mobile mob cell fax
    direct office email e-mail mail web number website www skype vom telefon telefax mobil handy fon fixe tél
    téléphone portable móvil teléfono cellulare telefoon mobiel telefono telefone telemóvel celular sítio strona kom
    tlf head manager director officer chief executive assistant sales purchasing support service customer department
    team accounts finance marketing engineering operations limited company registered registration ppa haftende
    direction directeur directrice responsable commercial commerciale achats ventes clientèle comptabilité assistant
    assistante gérant gérante président capital social au siret directora compras ventas jefe jefa departamento
    administración gerente atención cliente responsabile direttore direttrice acquisti vendite ufficio
    amministrazione diretor diretora vendas administrativo comercial hoofd inkoop verkoop afdeling medewerker
    kierownik kierowniczka dyrektor specjalista specjalistka ds działu dział zakupów sprzedaży obsługi klienta prezes
    zarządu ul al chef inköp försäljning vd direktör ansvarig inköpschef försäljningschef kundtjänst indkøb salg
    direktør indkøbschef salgschef daglig leder innkjøp innkjøpssjef salgssjef rue avenue av bd boulevard allée place
    calle plaza via viale piazza rua avenida ulica gatan vägen vej gade gata veien plein straat laan str strasse
    straße floor suite étage
    """
)
#: What shows that lines without a closing formula are a signature; besides telephones, addresses and legal forms.
TITLES: Final = _words(
    """
    head manager director officer chief executive assistant ceo cto cfo coo geschäftsführer geschäftsführerin
    geschäftsführung leiter leiterin abteilung vertrieb einkauf prokurist directeur directrice responsable gérant
    gérante assistante jefe jefa directora gerente responsabile direttore direttrice diretor diretora hoofd kierownik
    kierowniczka dyrektor specjalista prezes chef vd direktör direktør
    """
)
#: A line of a signature holds none of these: somebody speaks.
SPEAKING: Final = _words(
    """
    i i'm i'd i've you my me we us our is are was were be do does did don't doesn't didn't can can't cannot could
    would should will won't shall may might must has have had not but please when where why how what who which this
    that it its there still yet again also now need needs want wants send call ring waiting wait yes no okay today
    tomorrow yesterday ich mein meine mir wir uns sie ihr ist sind war nicht kein keine bitte wann wo warum wie was
    wer noch auch jetzt brauche möchte will kann können soll ja nein heute morgen gestern je j'ai mon ma mes moi nous
    vous votre est sont pas mais quand où pourquoi comment quoi qui svp oui non aujourd'hui demain hier yo mi me
    nosotros usted es son pero cuándo dónde cómo qué quiero necesito sí hoy mañana ik mijn mij wij ons niet maar
    wanneer waar waarom hoe wat wie graag nee vandaag morgen io mio mia noi non sono ma quando dove perché come cosa
    sì oggi domani eu meu minha nós não mas onde porque sim hoje amanhã ja mój moja mnie nie ale kiedy gdzie dlaczego
    jak proszę tak dziś jutro jag min mitt mig inte men när var varför hur nej idag imorgon jeg mit mig ikke hvornår
    hvor hvorfor hvordan i dag når nei
    """
) - _words("i e v hier")  # initials (`i. A. Jane Roe`) and a word of two languages
#: Nor these: what matters between a customer and a firm. They make a message of a signature with capitals, too.
MATTERS: Final = _words(
    """
    order orders invoice invoices refund refunds cancel cancelled cancellation return returns replacement missing
    wrong broken damaged damage urgent asap delivery parcel claim complaint help stop serial ticket case monday
    tuesday wednesday thursday friday saturday sunday bestellung auftrag rechnung erstattung storno stornieren
    stornierung rückgabe ersatz fehlt falsch defekt kaputt dringend sofort lieferung paket reklamation beschwerde
    hilfe rückruf kündigung widerruf montag dienstag mittwoch donnerstag freitag samstag sonntag commande facture
    remboursement annulation annuler retour livraison colis réclamation aide lundi mardi mercredi jeudi vendredi
    samedi dimanche pedido factura reembolso cancelar cancelación devolución urgente entrega paquete reclamación
    ayuda falta lunes martes miércoles jueves viernes sábado domingo ordine fattura rimborso annullare annullamento
    reso consegna pacco reclamo aiuto lunedì martedì mercoledì giovedì venerdì sabato domenica encomenda fatura
    cancelamento devolução ajuda bestelling factuur terugbetaling annuleren annulering spoed levering pakket klacht
    hulp maandag dinsdag woensdag donderdag vrijdag zaterdag zondag zamówienie faktura zwrot anulować anulowanie
    reklamacja pilne dostawa paczka pomoc poniedziałek wtorek środa czwartek piątek sobota niedziela beställning
    återbetalning avboka avbeställa retur brådskande leverans reklamation hjälp måndag tisdag onsdag torsdag fredag
    lördag söndag bestilling ordre refusion annuller haster klage hjælp mandag tirsdag lørdag søndag refusjon
    avbestill hjelp
    """
)
#: Of these words a signature below the standard mark (`-- `), which may hold a motto, makes a message too.
ASKING: Final = _words("please bitte svp proszę vänligen venligst vennligst i'd i'm my mein meine mijn")
#: Beginnings of words of confidentiality notices and their kin: a paragraph with several of them is one, if one of the
#: first is among them and nobody speaks of himself.
NOTICE_CORE: Final = _words(
    """
    confidential privileged intended recipient addressee disclaimer vertraulich adressat empfänger confidentiel destinataire
    destinatari confidencia riservat confidenzial vertrouwelijk geadresseerde poufn przeznaczon konfidentiell mottagare fortrolig
    modtager konfidensiell mottaker
    """
)
NOTICE: Final = NOTICE_CORE | _words(
    """
    unauthori copying distribut disclos delete destroy notify sender virus liab legal irrtümlich vernicht lösch unbefugt
    weitergabe rechtlich haft absender informieren exclusi expéditeur détrui erreur diffus reservad divulga copia elimin notifi
    remitente privilegiad mittente cancella errore divieto apag bestemd verwijder afzender ontvanger openbaar nadawc usun usuń
    avsedd radera avsändar obehörig tiltænkt slette afsender beregnet avsender
    """
)
#: With these somebody speaks of himself.
SELF: Final = _words(
    "my me mine mein meine meinen meiner mich ich je mon ma mes yo mi io mio mia eu meu minha ik mijn"
    " mój moja mnie jag mitt min jeg"
)
