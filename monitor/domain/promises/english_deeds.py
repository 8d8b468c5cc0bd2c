"""What is promised, in English: the words by which a deed is named behind each way to commit oneself."""

from typing import Final

from monitor.domain.promises.rules import deeds, listed

#: Things that a customer waits for.
GOODS: Final = (
    r"(?:refunds?|money|funds|parcels?|packages?|orders?|replacements?|items?|goods|deliver(?:y|ies)|shipments?|cards?|cheques?"
    r"|checks?|letters?|forms?|reports?|repl(?:y|ies)|answers?|responses?|invoices?|quotes?|offers?|contracts?|documents?"
    r"|credit(?: notes?)?|payments?|deposits?|balance|amounts?|fees?|charges?|pounds|euros|dollars|accounts?"
    r"|access|service|line"
    r"|connection|system|fix|patch|repairs?|work|issue|problem|fault|error|outage|vouchers?|tickets?|labels?"
    r"|links?|books?|keys?"
    r"|phones?|handsets?|parts?|units?|devices?|machines?|sofa|chairs?|curtains?|windows?|doors?|cables?|routers?|headsets?"
    r"|boxe?s?|samples?|copy|copies|confirmation|decision|results?|statements?|passwords?|bookings?|subscription|data|updates?"
    r"|entry|complaint|claims?|case|request|application|changes?|meter|boiler|roof|car|bike|dispute|debit|compensation"
    r"|reimbursement|1099|tracking(?: number)?|certificates?|polic(?:y|ies)|materials?|files?|photos?|list"
    r"|draft|proposal|summary"
    r"|details|information|comments|feedback|notes|numbers|figures|quotation|estimate|schedule|agenda|minutes|slides"
    r"|spreadsheet|presentation|paperwork|one|tree|codes?|instructions|e-?mails?|shoes|jeans|shirts?|dress|jacket|boots"
    r"|products?)"
)
_YOU: Final = r"(?:you(?! guys)|u|the (?:customer|caller|client)|cust|customer|callers?|clients?|both of you|you both|you all)"

#: What may follow a deed without an object.
_WHEN: Final = (
    r"(?:on|at|by|in|within|tomorrow|today|tonight|this|next|later|again|when|as|before|after|to|with|from|first|about|re|and"
    r"|or|once"
    r"|then|asap|soon|between|around|until|over|for|here|directly|personally|right|straight|now|regarding|because|so|if"
    r"|mon\w*|tue\w*|wed\w*"
    r"|thu\w*|fri\w*|sat\w*|sun\w*|early|late|shortly|sometime|mid|anytime|the day|first thing|during|end|okay|ok|sir|ma'am"
    r"|cob|eod|tmrw|\d+)"
)
#: Without saying whom; while people talk it is the customer who says so.
_CALL_AGAIN: Final = (
    rf"(?:re-?)?(?:call|ring|phone|telephone|dial)(?: back| again)?(?:(?! ?[^\W\d_]|'|-)|(?= {_WHEN}\b))|give a call"
    r"|call back|phone back"
    r"|(?:make|place) (?:a|the|that) call"
)
_CALL: Final = (
    rf"(?:re-?)?(?:call|ring|phone|telephone|dial) {_YOU}(?: back)?(?! guys)"
    rf"|(?:give|giving) {_YOU} (?:back )?(?:a|another) (?:quick |short )?(?:call|ring|bell|buzz|shout|tinkle|ringback)"
    r"|cb"
    rf"|(?:speak|talk) (?:to|with) {_YOU}(?! (?:now|about|later|soon|then))|contact {_YOU} by (?:phone|telephone)|(?:hop|jump"
    r"|get) on (?:a|the) (?:phone|call)(?: with)?"
    rf"|get back to {_YOU} by (?:phone|telephone)|try {_YOU} again"
    rf""
    rf"|try (?:calling|ringing|phoning) {_YOU}"
    rf"|have a call with {_YOU}"
)
_WRITE: Final = (
    r"(?:re-?)?(?:reply|respond|answer)(?! (?:the phone|calls))|(?:e-?mail|mail|text|message|msg|ping|dm|notify|inform"
    rf"|update|contact|brief|remind|alert|advise|pm|whatsapp)(?: back)? (?:{_YOU}|everyone|everybody)|message here"
    r"|(?:get|come|circle|report|revert|write|go) (?:straight |right |directly )?back(?: to)?(?! (?:in the office|on the"
    r" line|with that|home|at|in|on (?:the )?(?:line|phone)))|revert|circle back|get in (?:touch|contact)|be in (?:touch"
    r"|contact)|be back in touch"
    rf"|be back to {_YOU}|keep (?:{_YOU}|this|everyone) (?:\w+ )?(?:posted|updated|informed|advised|in the loop|up to date"
    r"|apprised|up-to-date|abreast|ticket updated)"
    rf"|let (?:{_YOU}|everyone|the team) know|reach (?:back )?out|follow[- ]?(?:back )?up|touch base"
    rf"|check (?:back )?in with {_YOU}|check back with {_YOU}|write(?: to)? {_YOU}|write (?:again|back|up|a|an|to)"
    rf"|drop {_YOU} (?:a line|an? (?:e-?mail|note|message|text))"
    rf"|(?:shoot|send|give|drop|forward) {_YOU} (?:(?:a|an|the|another|my|our|your|some|further|more|regular|full|quick|short"
    r"|written|detailed|brief|proper)\s+){0,3}(?:e-?mail|mail|message|note|text|update|updates|answer|answers|reply"
    r"|confirmation|response|news|feedback|line|heads[ -]?up|decision|date|notice|summary|sms|notification|ping)"
    r"|have (?:an?|the|your|my|our|more|some|further|news)? ?(?:(?:full|proper|quick)\s)?(?:update|answer|news|decision"
    r"|response|reply|report|information|info|feedback|summary)|confirm (?:[\w'-]+ ){{0,4}}?(?:to|with) {_YOU}"
    r"|confirm (?:back|in writing"
    rf"|by (?:e-?mail|mail|letter|phone|text)|later|tomorrow|next)|tell {_YOU} (?:by|tomorrow|on|as soon|when"
    rf"|what happened|more"
    r"|the (?:date|outcome|result))|respond|advise(?! (?:against|on|you to|that you))|report (?:back|to)"
    rf"|message {_YOU}|have (?:written|replied|answered|spoken to \w+ and)|send (?:a|an) (?:reply|update|answer|e-?mail"
    rf"|message|response)|provide (?:{_YOU} )?(?:with )?(?:a|an|the|your|our|some|more|further|my|feedback"
    r"|regular)? ?(?:\w+ )?(?:update|updates|answer|response|feedback|reply|summary|comments|information|details|report"
    r"|status|date|list|quote|eta)"
    rf"|let u know|get {_YOU} (?:an|the|a|some|my|our) (?:answer|update|reply|quote|response|info|information|details|date"
    rf"|decision)|get that information to {_YOU}|put (?:it|this|that) in writing|inform|update this ticket"
    rf"|update the (?:ticket|case|thread)|bring {_YOU} up to (?:speed|date)|share (?:[\w'-]+ ){{1,6}}?with (?:you|u)"
)
_SEND: Final = (
    r"(?:re-?)?(?:send|ship|dispatch|despatch|post|deliver|forward|courier|overnight|express|fax|upload|mail|e-?mail|supply"
    r"|return (?=it|you|your|the|them)|submit|transmit|fedex|attach|circulate|distribute|provide)"
    rf"(?! (?:it|them|that) in\b| you guys)(?! (?:{_YOU} )?(?:(?:back )?(?:to|over) (?:billing|my|our"
    r"|a) )?(?:a )?(?:hold))(?= |\W|$)"
    r"|(?:put|pop|stick|get|have|drop) (?:[\w'-]+ ){1,5}?(?:in the (?:post|mail)|sent|shipped|posted|dispatched|delivered"
    rf"|mailed|(?:over|out|back|across) to {_YOU}|out (?:today|tomorrow|to)|to {_YOU}|off|on (?:its|the) way|in your inbox)"
    rf"|bring (?:{_YOU}|it|the|a|your|over)|drop (?:it|them|that|the \w+) (?:off|round|by)|drop off|hand over|let {_YOU} have"
    rf"|get {_YOU} (?:a"
    r"|an|the"
    r"|my|our"
    r"|another|that|those|your|one|some|more|copies)(?! (?:call|moment|second))|have (?:a|an|the|your"
    r"|it) (?:[\w'-]+ ){0,4}?(?:with you|in your inbox|on your desk|in the post)|give (?:you|u) (?:[\w'-]+ ){1,4}?"
    r"(?:copy|draft|proposal|documents?|report|quote|list|presentation|contract|details|figures|numbers)"
    rf"|have (?:[\w'-]+ ){{1,4}}?to {_YOU}"
)
_REFUND: Final = (
    rf"(?:refund|reimburse|repay|recompense|compensate)(?= |\W|$)|credit(?= |\W|$)|pay (?:{_YOU}|back|the (?:money|deposit|fee"
    r"|amount|sum))(?: back)?|pay out"
    r"|(?:issue|process|make|arrange|raise|give you|get you|send you|do|approve|release|initiate|authori[sz]e) (?:a |an |the "
    r"|your |that |this |you )?(?:full |partial |complete )?(?:refund|credit|reimbursement|repayment|compensation)"
    r"|(?:return|transfer|give back|send back) (?:the|your|all the) (?:money|deposit|payment|amount|sum)|(?:have|get) (?:the"
    r"|that|your|this) (?:[\w'-]+ )?(?:fee|charge|payment|money|late fee)s? (?:\w+ )?(?:reversed|refunded|credited|removed"
    r"|back|returned|waived)"
)
_VISIT: Final = (
    r"visit(?= |\W|$)|(?:be (?:out|round|over)(?= (?:to|there|at|on|between|by|before|tomorrow|first)\b)|(?:come|pop|call"
    r"|drop|swing|stop|go) (?:out|round"
    r"|over|by|around|along|to your|to you|to collect|to pick|there|at your|at yours|to see you)(?! (?:the|of))(?! (?:with"
    r"|for a)))|come(?: and| (?:on|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|in|again|back on"
    rf"|between|at|this|next|mon|tue|wed|thu|fri))|be (?:with|at|round at|over at|out) (?:{_YOU}|your|yours|the (?:property"
    r"|house|site|address))|be (?:on site|onsite)"
    r"|(?:collect|pick up|fetch|inspect|install|fit|measure)(?= |\W|$)|pick (?:it|them|the \w+|this|that|you|him|her|up)"
    r"|see you (?=.*\d)|(?:have|get) (?:someone|somebody|(?:an?|our|the) \w+) (?:out|there|round|over|with you)"
    r"|meet (?:you|with you"
    r"|u|at|them|him|her|there|up)|coming (?:round|out|over|by)|be coming"
    r"|take a look at the|send (?:(?:you )?(?:a|an|our|the|one of our|another|someone|somebody"
    r"|out)\s){1,2}(?:[\w'-]+ ){0,2}?(?:engineer|technician|plumber|electrician|driver|team|courier|inspector|fitter|crew"
    r"|tech|mechanic)|send (?:someone|somebody|(?:a|our|the) (?:man|guy)) (?:round|out|over)"
)
_DO_SURE: Final = (
    r"(?:fix|mend|repair|resolve|solve|sort|correct|rectify|amend|replace|exchange|reinstate|restore|investigate|chase"
    r"|escalate|expedite|prioriti[sz]e|rebook|waive|reverse|cancel|switch|migrate|patch|deploy|handle|reconnect|trace|rebuild"
    r"|reissue|finali[sz]e|credit)(?= |\W|$)"
    r"|(?:raise|file|log|open|submit|put in|enter) (?:a|an|the|this|it) (?:\w+ )?(?:bug|ticket|complaint|case|dispute|claim"
    r"|report"
    r"|request)(?: for| with|\W|$)|look (?:into|in to|after|at (?:it|this|that|your|the))|deal with|take care of|see to (?:it"
    r"|this|that)|take (?:this|it"
    r"|that|the matter) (?:up|further|forward)|work on (?:this|it|that|your|the)"
    r"|(?:get|have) (?:it|this|that|these|them|everything|the [\w' -]{2,30}?|your [\w' -]{2,30}?|those"
    r"|all [\w' ]{0,20}?) (?:\w+ly )?(?:fixed|mended|sorted|resolved|done|repaired|corrected|changed|finished|ready|reinstated"
    r"|cancell?ed|replaced|removed|taken care of|solved|patched|moved|set up|up and running|processed|completed|reversed"
    r"|looked at|restored|back|waived|updated|addressed|handled|cleared|checked|replaced|approved|in place|reviewed|prepared"
    r"|organi[sz]ed|arranged)"
    r"|(?:ask|get) (?:our|my|the|someone|somebody|one of our) [\w' ]{2,25}? to \w+|make (?:enquiries|inquiries|arrangements"
    r"|it right|this right|things right)|add (?:you|it|this|that"
    r"|your [\w ]{2,20}?) to|make sure (?:that )?(?:it|this|that|the|your|it's)|see (?:to it )?that"
    r"|have a word with|pass (?:this|it|that|your [\w ]{2,20}?|the [\w ]{2,20}?) (?:on|to|along)|(?:speak|check|discuss (?:it"
    r"|this|that)|talk|coordinate|discuss) (?:to|with) (?!you|u\b)\w+|find out|follow (?:this|that|it) up|chase|arrange(?= "
    r"|\W|$)|organi[sz]e(?= |\W|$)|put (?:this|that|it|everything) right|take it from here|review (?:this|it|your|the)"
    r"|work with"
)
#: Work that is a promise once a time is stated.
_DO_BY: Final = (
    "(?:"
    + listed(
        "adjust amend apply approve assemble assess assign authorise authorize begin build change clarify clean",
        "clear close  collate collect compile complete compose configure convert coordinate create cut deal deactivate",
        "activate decide delete  demonstrate design determine develop diagnose do dig draft edit enable enquire",
        "ensure enter escalate evaluate examine execute  expedite explore fetch file fill finalise finalize finish",
        "fulfil identify implement improve inquire inspect install issue  launch liaise make merge modify",
        "monitor move negotiate open organise organize prepare present print proceed  process produce",
        "progress publish push put read record redo refer register release relocate remedy remove renew report reopen",
        "request research review revise revisit roll scan set settle sign speak start study submit",
        "supply switch  take test track translate unsubscribe update upgrade validate verify withdraw",
        "write bring reach",
    )
    + r")(?! (?:home|to bed|on (?:vacation|holiday|leave)|away|skiing|out (?:of|with|for)|shopping|off\b|married|hard|late"
    r"|from home"
    r"|to (?:lunch|dinner|a|the (?:gym|game|movies)|work)|you (?:on|at|in|there|soon|all|then|tomorrow)|back (?:in|from|on)))"
)
_PREPARED: Final = (
    r"(?:have|'ve) (?!to )(?:[\w'-]+ ){0,4}?(?:corrected|fixed|finished|done|ready|resolved|repaired|cancell?ed|completed"
    r"|moved|sorted|changed|migrated|prepared|up|back|reviewed|news|posted|sent|dispatched|shipped|paid|in place|available)"
)

#: Said while one talks, these mean little; with a time they are promises.
_BY_THEN: Final = deeds(
    (
        (
            "speak by then",
            "call",
            rf"(?:speak|talk|chat|catch up|discuss (?:it|this|that|everything|things)) (?:to|with) {_YOU}|get with {_YOU}"
            rf"|(?:talk|run|walk|take) {_YOU} through",
        ),
        ("tell by then", "write", rf"fill {_YOU} in|contact (?:your|the) \w+"),
        (
            "give by then",
            "send",
            rf"(?:give|return|get|bring) (?:it|them|this|that|everything) (?:back )?to {_YOU}"
            rf"|give {_YOU} (?:the|my|our|any|some|all|your|an?) \w+",
        ),
        ("arrange by then", "do", r"(?:schedule|book|set up) (?:an?|the|your|our|another) \w+|put you (?:on|in|down)"),
    ),
    dated=True,
    spoken=False,
)

_TOLD: Final = (
    *deeds((("call", "call", _CALL), ("reply", "write", _WRITE))),
    *deeds((("call again", "call", _CALL_AGAIN),), spoken=False),
)
_ACTS: Final = deeds(
    (
        ("refund", "refund", _REFUND),
        ("visit", "visit", _VISIT),
        ("send", "send", _SEND),
    )
)
_ING: Final = deeds(
    (
        ("be calling", "call", rf"be (?:calling|ringing|phoning)|be giving {_YOU} a call"),
        (
            "be writing",
            "write",
            r"be (?:writing|emailing|replying|reaching out|contacting|messaging|getting back|updating|following up|in touch"
            r"|back (?:to|with) (?:you|an|the|u))",
        ),
        ("be sending", "send", r"(?:be )?(?:sending|shipping|posting|mailing|delivering|dispatching|forwarding)"),
        ("be refunding", "refund", r"be (?:refunding|crediting|reimbursing|paying)"),
        ("be coming", "visit", r"be (?:coming|visiting|attending|with you|at your|out there)"),
    ),
)
DOING: Final = (
    *_ING,
    *_TOLD,
    *_ACTS,
    *deeds((("have done", "do", _PREPARED),), dated=True),
    *_BY_THEN,
    *deeds((("get done", "do", _DO_SURE),), spoken=False),
    *deeds((("do by", "do", _DO_BY),), dated=True, spoken=False),
)
SEEING: Final = deeds((("see you", "visit", r"see you|arrive|attend|be (?:there|at your)"),), dated=True)
REPLYING: Final = _TOLD
ANSWERING: Final = (
    *_TOLD,
    *deeds(
        (
            ("be with you", "visit", r"be with (?:you|u)|come(?: out| round)?(?! through)|visit you"),
            ("send it", "send", r"(?:send|post|mail|ship|deliver) (?:you|u|it)"),
            ("refund it", "refund", r"(?:refund|credit|reimburse) (?:you|u|it)"),
            ("fix it", "do", r"(?:fix|sort|deploy|repair|resolve) "),
        ),
        dated=True,
    ),
)
RECEIVING: Final = deeds(
    (
        (
            "hear by phone",
            "call",
            r"(?:receive|get|have) (?:a|another|the|our|my) (?:\w+ )?(?:call|phone call|ring)(?: back)?|be called",
        ),
        (
            "get money",
            "refund",
            r"(?:be )?(?:receive|get|have|see) (?:[\w'£$€.,-]+ ){0,5}?(?:refund(?:ed)?|money|deposit|credit|reimbursement|penny"
            r"|compensation)(?: back)?|(?:be|get) (?:fully )?(?:refunded|reimbursed|credited|paid|compensated)(?: in full)?",
        ),
        (
            "hear",
            "write",
            r"(?:be )?hear(?:ing)? (?:back )?(?:from|more)|be (?:receiving|getting) (?:[\w'-]+ ){0,4}?(?:reply|answer"
            r"|response|e-?mail|mail|message|update|letter|text|call)|be (?:contacted|notified|informed|advised|updated"
            r"|emailed|told)"
            r"|be the first to know|(?:receive|get|have|see) (?:[\w'-]+ ){0,6}?(?:reply|answer|response|decision|confirmation"
            r"|e-?mail|mail|message|news|update|updates|letter|feedback|report|in writing|text|notification|result|results|1099"
            r"|information|info)",
        ),
    ),
) + deeds(
    (
        (
            "receive",
            "send",
            rf"receive(?: (?!a discount|points)\w+)|(?:get|have|see|find) (?:it|them|that|those|one"
            rf"|(?:[\w'-]+ ){{1,5}}?{GOODS})",
        ),
        ("have it fixed", "do", r"be (?:connected|unlocked|reinstated|upgraded|moved|switched|back online|up and running)"),
    ),
    dated=True,
)
_BE: Final = r"(?:be|get|have been|have)\s+(?:being\s+)?(?:\w+ly\s+)?"
_DATED_HAPPENING: Final = deeds(
    (
        (
            "be refunded",
            "refund",
            rf"{_BE}(?:refunded|reimbursed|credited|paid(?: (?:back|out))?|repaid|returned to (?:you|your)|back (?:in|on) your"
            r"|on your card|in your (?:bank )?account|made|issued|made to you)|(?:hit|reach|show (?:up )?(?:in"
            r"|on)|appear (?:in|on)|be reflected (?:in|on)|post to"
            r"|clear in|go back to|land in) (?:you|your)(?: (?:account|card|bank|statement))?",
        ),
        (
            "be with you",
            "send",
            rf"{_BE}(?:sent|shipped|dispatched|despatched|delivered|posted|mailed|emailed|forwarded|handed over|collected"
            r"|returned|on (?:its|the) way|with (?:you|them|him|her)|in the post|in your inbox|at your (?:door|place|house"
            r"|address|office)|going out|issued|out for delivery|out to you)|(?:arrive|go out|ship|come(?! to)|leave (?:us|our"
            r"|the warehouse)|get (?:there|to you)|go into the post|reach (?:you|them|him|her)|be there)",
        ),
        ("be told", "write", rf"{_BE}(?:answered|confirmed|sent to you in writing|communicated|replied to)"),
        ("be fitted", "visit", rf"{_BE}(?:fitted|installed|collected|picked up|inspected)"),
        (
            "be done",
            "do",
            rf"{_BE}(?:fixed|repaired|resolved|solved|sorted|corrected|restored|reinstated|replaced|unlocked|unblocked|reset"
            r"|changed|cancelled|canceled|waived|reversed|completed|finished|ready|done|put right|set up|filed|rolled out"
            r"|deployed|patched|processed|investigated|up and running|back up|back online|working again|removed|deleted"
            r"|activated|connected|reconnected|migrated|cleared|handled|dealt with|looked (?:at|into)|taken care of|amended"
            r"|adjusted|rectified|cut down|escalated|implemented|switched|arranged|booked|reviewed|approved|in place|credited)"
            r"|start|begin",
        ),
    ),
    dated=True,
)
HAPPENING: Final = (
    *_DATED_HAPPENING,
    *deeds(
        (
            ("refund will be made", "refund", rf"{_BE}(?:refunded|reimbursed|credited)|be made"),
            ("will be sent", "send", rf"{_BE}(?:sent|posted|mailed|shipped|dispatched|delivered) to you"),
        ),
        spoken=False,
    ),
    *deeds(
        (
            ("reach out", "write", r"(?:reach out|get back|contact|be in touch|email|reply)"),
            ("ring", "call", r"(?:call|ring|phone) (?:you|u)"),
            ("come", "visit", r"(?:come|visit|be there)"),
            ("deploy", "do", r"(?:deploy|fix|repair|correct)"),
        ),
        dated=False,
        spoken=True,
    ),
)
ARRIVING: Final = deeds(
    (
        (
            "arrives",
            "send",
            r"(?:arriving|going out|shipping|being (?:sent|shipped|delivered|dispatched)|coming|on (?:its|the"
            r"|their) way(?: and)?(?: will)?(?: be)?|out for delivery|arrives|ships|goes out|due to (?:arrive"
            r"|leave|ship|go out|be (?:delivered|sent|shipped|dispatched)))",
        ),
        ("refund arrives", "refund", r"(?:being (?:refunded|credited|made)|going to be made)"),
    )
)
PROGRESSIVE: Final = deeds(
    (
        ("calling", "call", rf"(?:calling|ringing|phoning) (?:{_YOU}|back)|giving {_YOU} a (?:call|ring)"),
        ("writing", "write", rf"(?:emailing|texting|messaging|updating|contacting) {_YOU}|getting back to {_YOU}|writing to you"),
        ("sending", "send", r"(?:sending|posting|mailing|shipping|dispatching|delivering|forwarding|couriering)"),
        ("refunding", "refund", r"(?:refunding|crediting|reimbursing|paying (?:you|it|the))"),
        ("coming", "visit", r"(?:coming|visiting|collecting|picking up|fitting|installing)"),
        (
            "doing",
            "do",
            r"(?:fixing|resolving|sorting|correcting|solving|repairing|replacing|cancelling|releasing|deploying"
            r"|migrating|getting (?:it|this|that) (?:fixed|sorted"
            r"|done))",
        ),
    )
)
EXPECTING: Final = deeds(
    (
        ("expect a call", "call", r"(?:a|our|my|another|the) (?:\w+ )?(?:call|phone call|ring)"),
        (
            "expect to hear",
            "write",
            r"(?:to hear|to get|hearing (?:back )?from (?:us|me)|(?:an?|our|my|the) (?:\w+ )?(?:reply|answer"
            r"|e-?mail|update|response|decision|letter|message|news"
            r"|report))",
        ),
        ("expect a refund", "refund", r"(?:a|the|your) (?:full )?(?:refund|money|credit)"),
        ("expect a visit", "visit", r"(?:a|our|the) (?:\w+ )?(?:visit|engineer|technician|driver)"),
    )
) + deeds(
    (
        ("expect it", "send", rf"(?:it|them|that|this|delivery|shipping|one|(?:[\w'-]+ ){{1,4}}?{GOODS})"),
        ("rely on us", "do", r"(?:us|me|that|it|to have|we|everything)"),
    ),
    dated=True,
)
#: What has been arranged for the customer.
BOOKING: Final = deeds(
    (
        ("call booked", "call", r"(?:an?|the|your|our) (?:[\w'-]+ ){0,2}?(?:call|call ?back|phone call)"),
        ("refund booked", "refund", r"(?:an?|the|your) (?:full )?refund"),
        (
            "visit booked",
            "visit",
            r"(?:an?|the|your|our) (?:[\w'-]+ ){0,2}?(?:engineer|technician|visit|appointment|plumber"
            r"|electrician|fitter|collection"
            r"|courier|driver|inspection|installation|repair)",
        ),
        ("sending booked", "send", r"(?:an?|the|your) (?:[\w'-]+ ){0,2}?(?:delivery|replacement|parcel|redelivery)"),
    )
)
PLEDGING: Final = deeds((("leave it with me", "write", r""),), spoken=False)
NOTING: Final = deeds(
    (
        ("note of a call", "call", r"(?:a )?(?:call ?back|cb|call)"),
        ("note of a visit", "visit", r"attend"),
        ("note of a reply", "write", r"(?:a )?(?:reply|email|emailing)"),
        ("note of a refund", "refund", r"(?:a )?(?:refund|refunding)"),
        ("note of a visit", "visit", r"(?:a )?(?:visit|come|be)"),
        ("note of sending", "send", r"(?:sending|posting|mailing|ordering)"),
        ("note of a deed", "do", r"arranging"),
    )
)
FOLLOWING: Final = deeds((("to follow", "send", r""),), dated=True)
#: What somebody else of ours does for the customer himself.
FOR_YOU: Final = deeds(
    (
        ("call you", "call", r"(?:call|ring|phone) (?:you|u)|give (?:you|u) a (?:call|ring)"),
        (
            "write to you",
            "write",
            r"(?:e-?mail|contact|message|text|update) (?:you|u)|get back to (?:you|u)|be in touch|reach out to (?:you|u)",
        ),
        ("send you", "send", r"(?:send|post|mail|bring) (?:you|u)"),
    )
)
