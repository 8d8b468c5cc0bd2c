"""The phrases of English: formulas, and how one asks for facts, wants an answer and sends customers elsewhere."""

from typing import Final

from monitor.domain.answers.english_refusing import REFUSING
from monitor.domain.answers.wording import Asking, Expecting, Sending, Wording
from monitor.domain.promises.rules import pattern

_FORMULA: Final = pattern(
    r"(?<!\w)(?:if|should|in case) you (?:still )?(?:have|need|require|want|would like)(?: to know)? (?:any|anything|further"
    r"|more|other|additional|something else)(?!\w)",
    r"(?<!\w)(?:for|with) (?:any )?(?:further|more|other|additional) (?:questions?|queries|information|enquiries|help"
    r"|assistance)(?!\w)",
    r"(?<!\w)(?:do not|don't|dont|never) hesitate(?!\w)",
    r"(?<!\w)feel free to (?:contact|call|get in touch|reach|write|e-?mail|ask|reply|ring)(?!\w)",
    r"(?<!\w)(?:need (?:any |more |further )?help|(?:any|got|more|further|other) questions) ?\?|(?<!\w)for (?:more"
    r"|further) (?:tips|details|news)(?!\w)",
    r"(?<!\w)follow us(?!\w)|^(?:we|i) take (?:all |every |such |your )?(?:complaints?|feedback|concerns?|matters?"
    r"|\w+) (?:very )?seriously",
    r"(?<!\w)(?:help|assist|do for) (?:you )?(?:with )?(?:anything|something) else(?!\w)|(?<!\w)(?:anything"
    r"|something) else (?:today|now|for now)?\?",
    r"(?<!\w)anything else (?:(?:that )?(?:i|we) can|you need|for you)(?!\w)",
    r"(?<!\w)(?:let (?:us|me) know|get in touch|contact us|call us|ring us|tell us|come back to us|shout) (?:if"
    r"|should) (?:anything|you have|you need|there is anything|there's anything|something is unclear|we can|i can)",
    r"(?<!\w)(?:we(?:'re| are)|i(?:'m| am)) (?:always )?(?:here|happy|glad|at your disposal"
    r"|available)(?: to help)?(?: for)?(?: you)?(?!\w)",
    r"^(?:and |many |so )?(?:thank you|thanks|thx|ty)(?!\w)(?! to )",
    r"^(?:have a|enjoy (?:your|the)|wishing you)(?!\w)",
    r"^(?:kind|kindest|best|warm|warmest|many)? ?(?:regards|wishes)(?!\w).{0,40}$",
    r"^(?:yours (?:sincerely|faithfully|truly)|sincerely|thanks and regards|cheers)(?!\w).{0,40}$",
    r"^(?:we|i) hope (?:this|that|you(?:'re| are)|it|to)(?!\w)",
    r"(?<!\w)(?:we|i) (?:do |sincerely |very much |really )*apologi[sz]e for (?:any |the |all |this )?(?:inconvenience"
    r"|trouble|delay|wait)[^,;]{0,40}$",
    r"(?<!\w)(?:please )?accept (?:our|my) (?:\w+ )?apolog",
    r"^(?:we are|we're|i am|i'm)? ?(?:very |so |really |truly )?sorry (?:for|about|to hear) (?:the|any|this|that|your|all"
    r"|about|of)\b[^,;]{0,60}$",
    r"(?<!\w)(?:rate|review) (?:us|this|our)(?!\w)|how did we do",
)

_NUMBER: Final = r"(?: confirmation)?\s?(?:(?:reference )?number|no\.?|nr\.?|id|ref(?:erence)?\.?(?: number)?|code|#)(?!\w)"
_NOUNS: Final = {
    "order_number": pattern(rf"(?<![\w-])order{_NUMBER}", r"(?<!\w)number of (?:the|your) order(?!\w)"),
    "customer_number": pattern(
        rf"(?<!\w)(?<!bank )(?<!code and )(?:customer|client|account|member(?:ship)?|subscriber){_NUMBER}"
    ),
    "invoice_number": pattern(rf"(?<!\w)(?:invoice|bill){_NUMBER}", r"(?<!\w)number of (?:the|your) (?:invoice|bill)(?!\w)"),
    "contract_number": pattern(rf"(?<!\w)(?:contract|policy|agreement){_NUMBER}"),
    "serial_number": pattern(r"(?<!\w)(?:serial(?: ?number| no\.?)?|s/n|imei)(?!\w)"),
    "case_number": pattern(
        rf"(?<!\w)(?:ticket|case|complaint|claim|incident|request|enquiry){_NUMBER}",
        r"(?<!\w)(?<!order )(?<!booking )(?<!reservation )(?<!customer )(?<!account )reference number(?!\w)",
    ),
    "booking_number": pattern(
        rf"(?<!\w)(?:booking|reservation){_NUMBER}",
        r"(?<!order )(?<!\w)confirmation (?:number|code"
        r"|no\.?)(?!\w)",
        r"(?<!\w)pnr(?!\w)",
    ),
    "tracking_number": pattern(rf"(?<!\w)(?:tracking|parcel|consignment|shipment){_NUMBER}"),
    "phone": pattern(
        r"(?<!\w)(?:phone|telephone|mobile|cell|contact|daytime|landline) (?:phone )?number(?!\w)",
        r"(?<!\w)your (?:phone|mobile|telephone|number)(?!\w)(?! (?:of|number|no)(?!\w))",
        r"(?<!\w)(?:a|the|which|what) (?:best )?number (?:(?:on|at|under) which|can|may|shall|should|to|where|(?:we"
        r"|i) can)(?: (?:we|i|to))? ?(?:can |may |could )?(?:reach|call|ring|phone|contact)(?: you)?(?: on| at"
        r"| under)?(?!\w)",
        r"(?<!\w)(?:best|good) number to (?:call|reach|ring)(?: you)?(?: on| at)?(?!\w)|(?<!\w)number (?:that |to )?(?:we can"
        r"|i can|can (?:we|i)|should (?:we|i)|(?=reach)) ?(?:reach|call|ring|phone)(?: you)?(?: on| at| under)?(?!\w)",
    ),
    "email": pattern(
        r"(?<!\w)e-?mail address(?!\w)",
        r"(?<!\w)your e-?mail(?!\w)(?! (?:address|of|from|program|account|in|to"
        r"|was))",
    ),
    "address": pattern(r"(?<!\w)(?<!mail )(?<!ip )(?<!web )(?<!this )address(?!\w)(?! (?:of|is not|was))"),
    "postcode": pattern(r"(?<!\w)(?:post ?code|zip(?: code)?|postal code)(?!\w)"),
    "name": pattern(
        r"(?<!\w)(?:your|full|last|first|family|sur) ?name(?!\w)(?! (?:of|on|for))", r"(?<!\w)surname(?!\w)(?! (?:of|on))"
    ),
    "date_of_birth": pattern(r"(?<!\w)(?:date of birth|birth ?date|birthday|dob)(?!\w)"),
    "meter_reading": pattern(
        r"(?<!\w)(?:meter readings?|(?:current |latest |the )readings?(?! of the (?!meter))|readings? (?:of|on|from) (?:your"
        r"|the) meter)(?!\w)"
    ),
    "bank_details": pattern(r"(?<!\w)(?:bank (?:account|details)|account details|iban|sort code)(?!\w)"),
    "photo": pattern(r"(?<!\w)(?:photo(?:s|graphs?)?|pictures?)(?!\w)"),
    "receipt": pattern(r"(?<!\w)(?:receipt|proof of purchase)(?!\w)"),
    "purchase_date": pattern(r"(?<!\w)(?:date of (?:the |your )?purchase|purchase date)(?!\w)"),
}
_GIVE: Final = (
    r"(?:give|send|tell|let|provide|share|confirm|have|get|take|state|advise|submit|leave|drop|mention|specify|indicate|paste"
    r"|type|supply|let (?:me|us) know|be able to (?:send|give|tell)|ask for|scan|quote|upload|attach|forward|include|name"
    r"|supply|read|reply with|look up"
    r"|add|remind|drop|enter|write down|ask (?:you )?for)"
)

_ASKING: Final = Asking(
    nouns=_NOUNS,
    requests=pattern(
        rf"(?<!\w)(?:could|can|would|will|may|might) (?:you|u|i|we) (?:\w+ )?(?:please |pls |kindly |also |just "
        rf"|perhaps )*{_GIVE}(?!\w)",
        r"(?<!\w)(?:would you mind|would it be possible|do you mind)(?!\w)",
        rf"(?<!\w)(?:please|pls|plz|kindly)(?: also| just| (?:could|can|may) (?:i|we|you))? {_GIVE}(?!\w)",
        rf"(?<!\w)(?:ask|like|want) you to (?:please |kindly )?{_GIVE}(?!\w)|(?<!\w)(?:any chance|is there any chance) (?:you"
        rf"|of)(?!\w)",
        r"(?<!\w)(?:we|i)(?:'d|'ll| would| will| do| only| just| still| also| first)* (?:need|require|miss)(?!\w)(?! (?:no"
        r"|not)(?!\w))",
        r"(?<!\w)(?:i'm|i am|we're|we are) (?:still )?missing(?!\w)",
        rf"(?<!\w)if you (?:could |would |can |will )(?:please )?{_GIVE}(?!\w)|(?<!\w)if you (?:let|give|send|tell) (?:us"
        rf"|me)(?!\w)",
        r"(?<!\w)(?:we|i)(?: have to| must|'d like to| would like to)? ask you for(?!\w)",
        r"(?<!\w)(?:what's|what is|whats|what are|which is|what was|is there|what would be|where is|under what|what number"
        r"|under which|on (?:what|which))(?: the| your| ur)?(?!\w)|(?<!\w)what (?=post|e-?mail|phone|name|address)",
        r"(?<!\w)which (?=e-?mail|phone|number|address|order|post)",
        r"(?<!\w)do you (?:still |also |perhaps |by any chance )?(?:have|know|remember)(?!\w)",
        r"(?<!\w)(?:i|we)(?:'d| would| will|'ll) be (?:grateful|glad|happy) (?:if|for)(?!\w)",
        rf"^(?:{_GIVE}|waiting for)(?= (?:me|us|your|the|a)(?!\w))",
        r"^(?:and |also |then )*(?=(?:your |an? |the )?(?:order|customer|account|booking|serial|post|phone|name|e-?mail"
        r"|ticket|tracking)[\w, -]{0,20}\?$)",
    ),
    required=pattern(
        r" (?:is|are|would be|will be) (?:also |still )?(?:required|needed|missing|necessary)(?!\w)(?! (?:at|when|if"
        r"|for your))"
    ),
    questions={
        "purchase_date": pattern(
            r"(?<!\w)(?:when|what date|what day) (?:did you (?:buy|purchase|get)|was (?:it|this|the \w+) (?:bought"
            r"|purchased))(?! \w+ for)"
        ),
        "date_of_birth": pattern(r"(?<!\w)when were you born"),
        "name": pattern(r"(?<!\w)who am i (?:speaking|chatting|talking) (?:to|with)"),
        "address": pattern(
            r"(?<!\w)where do you live(?!\w)|(?<!\w)(?:where|to what address|which address) should (?:we|it|i"
            r"|the \w+) (?:send|deliver|post|go|be sent|ship)"
        ),
    },
    no_request=pattern(
        r"(?<!\w)(?:never|no need|(?:do not|don't|needn't|dont) (?:need|have to|send)|not (?:needed|required"
        r"|necessary))(?!\w)",
        r"(?<!\w)(?:if you (?:write|contact|call|ring|want|need|wish|ever)|when you (?:pay|call|write|contact|collect|ring)"
        r"|in all|whenever|next time|in future)(?!\w)",
        r"(?<!\w)(?:no such|too few|too many|does not exist|doesn't exist|not valid|invalid|look again|not found|wrong"
        r"|mistyped|can't find|cannot find)(?!\w)",
        r"(?<!\w)how (?:is|do you)(?!\w)|(?<!\w)spell",
        r"^(?:is (?!there)|are|was|does|did|do you want|would you like|shall|should|(?:may|can) (?:i|we) (?:call|ring|use"
        r"|reach))(?!\w)|(?<!\w)tell your(?!\w)|(?<!\w)(?:keep|kept) (?:the|your)(?!\w)",
    ),
    before=pattern(
        rf"(?:^|[:,;–(-]|(?<!\w)(?:your|ur|the|a|an|any|its|of|full|current|delivery|postal|home|billing|shipping|complete"
        rf"|exact|valid|few|some|best|good|latest"
        rf"|relevant|related|corresponding|associated|and|or|with|me|us|you|for|is|what|whats|what's|which|please|by"
        rf"|respective|contact|need|require|what number|there|no|{_GIVE}))$"
    ),
    not_before=pattern(
        r"(?<!\w)(?:thank you for|thanks for|thank you for your|thanks for your|(?<!could )(?<!can )(?<!may )(?<!might )(?:we"
        r"|i)(?:'ve)? have|it has|found|received|changed|corrected|quote|used)(?: (?:your|the|a))?$",
        r"(?<!\w)(?:whether|if|when|where|how|see|check|on|in|to your|another|other|second|new|different|next|last|of my"
        r"|of our|of his|of her) ?(?:your|the|a)?$",
    ),
    behind=pattern(
        r"s?(?:\(s\))?\.? ?(?:$|[.,;:?!()/–-]|(?:and|or|plus|as well|too|also|please|pls|again|so|then|first|here|now|below"
        r"|handy|ready|back|over|today|once more|to hand|thanks)(?!\w))",
        r"s?(?:\(s\))? (?:by (?:reply|return|e-?mail|chat|mail)|in (?:your|a|this) (?:reply|answer|chat|message|next)"
        r"|with (?:us|me)|from you|to (?:us|me|help|look|check|find|start|go|proceed|pay|order|call|send|process|pass|open"
        r"|see|reach|which|do|trace|move|continue|make|get|be)"
        r"|at (?:which|hand|least)|on (?:which|your meter|the meter)|is (?:missing|required|needed)|are (?:missing|required"
        r"|needed)|before|if (?:possible|you have)|because|since|as (?:we|i)"
        r"|(?:that )?(?:we|i) can|where|would|will be)(?!\w)",
        r"s?(?:\(s\))? (?:of|for) (?:the |your |a |an |our |this |that )?(?:order|purchases?|device|product|item|account"
        r"|booking|contract|machine|unit|policy|property|house|flat|meter|damaged?|fault"
        r"|problem|defect|refund|delivery|claim|driver|security|verification|us|me|you|birth|router|appliance|invoice|it"
        r"|parcel|shipment|each|identification|visit|engineer|courier|call|broken)(?!\w)",
    ),
)

_ANSWER: Final = (
    r"(?:send|let (?:me|us) (?:know|have)|tell|confirm|provide|give|share|attach|upload|forward|reply|answer|respond|call"
    r"|ring|phone|write|fill|complete|sign|return|scan"
    r"|describe|acknowledge|report|specify|advise|choose|select|pick|state|quote|decide|explain|check|try|get back|come back"
    r"|say|show|post|e-?mail|text)"
)

_EXPECTING: Final = Expecting(
    requests=pattern(
        rf"(?<!\w)(?:could|can|would|will) (?:you|u) (?:please |pls |kindly |also |just |maybe |perhaps )*{_ANSWER}(?!\w)",
        r"(?<!\w)(?:would you mind|any chance (?:you|of)|ask you to|drop (?:me|us) a (?:line|note|message)|revert (?:with|to)"
        r"|all (?:i|we) need|be (?:helpful|useful) to know|help (?:me |us )?to know)(?!\w)",
        r"(?:^|[,;] |(?:^|, | )(?:and|then|just|so|simply) )(?:send|tell|give|show|e-?mail|text|call|ring|drop|reply|write"
        r"|ping|message|report) (?:me|us|back|it (?:back|over|to (?:me|us)))(?!\w)",
        rf"(?<!\w)(?:please|pls|plz|kindly)(?: also| just| then)? {_ANSWER}(?!\w)",
        r"(?:^|[,;] |(?:just|and|then) )let (?:me|us) know(?!\w)",
        r"(?<!\w)(?:we|i)(?:'d|'ll| would| will| only| just| still| also| therefore| now)* (?:need|require)(?!\w) (?:your|a "
        r"|the |an |to know|from you|\w+ from you)",
        r"(?<!\w)(?:would|'d) be (?:grateful|glad|happy|pleased) if you could(?!\w)|(?<!\w)(?:grateful"
        r"|thankful) for your(?!\w)",
        r"(?<!\w)waiting for (?:your|you)(?!\w)|(?<!\w)(?:look|looking) forward to (?:your (?!visit|next)|hearing|receiving"
        r"|getting)(?!\w)",
        r"(?<!\w)(?:once|as soon as) we have (?:\w+ ){1,4}from you|(?<!\w)(?:have to|must|need to) ask you (?:for|to|whether"
        r"|if)(?!\w)",
        r"(?:^|[,;] |and )(?:reply|answer|respond) (?:with|yes|by|to this)(?!\w)|(?<!\w)in order to (?:process"
        r"|proceed).{0,60}we (?:still )?(?:need|require)",
    ),
    no_request=pattern(
        r"(?<!\w)(?:no need|do not|don't|dont|does not|never|without) (?:need |have )?(?:to )?(?:reply|answer|send|call|write"
        r"|respond|do|return)(?!\w)",
        r"(?<!\w)if (?:the|this|that|it|your|anything|something|there) (?:\w+ ){0,3}(?:again|back|persists?|continues?|fails?"
        r"|happens|is unclear|changes|goes wrong|should)(?!\w)",
        r"(?<!\w)let (?:me|us) know if (?:anything|something|you (?:have|need|want))(?!\w)",
        r"(?<!\w)how are you|(?<!\w)how(?:'s| is| was) (?:it|your|the) (?:going|day|week|weekend|morning)"
        r"|(?<!\w)how do you do|(?<!\w)any (?:more |other |further )?questions(?!\w)|(?<!\w)hope (?:you're|you are"
        r"|all is) well|(?<!\w)did you know(?!\w)|(?<!\w)how (?:can|may) (?:i|we) help",
        r"(?<!\w)bear with (?:me|us)|(?<!\w)why not(?!\w)|^(?:you asked|i (?:have |will |'ll )?(?:ask|asked)|we (?:will|'ll"
        r"|have) )",
        r"(?<!\w)(?:for news|(?:get in touch|call us|write to us|ring) (?:if|should)|please (?:remember|use|be|make sure"
        r"|ensure|do not|don't|switch|put)|keep this|for your records|please (?:visit|see|note|find|allow|bear|be assured"
        r"|wait|hold))(?!\w)",
    ),
    rhetorical=pattern(
        r"^(?:so |and |but )?(?:why|who|how come|what|what's|where|when|how)(?!\w)(?!.*(?<!\w)(?:you|your|u|ur)(?!\w))",
        r"^(?:the |and the |so )?(?:good news|bad news|reason|result|upshot|cause|solution|catch|best part)\?$",
        r"^(?:so |and |but )?(?:what (?:does|do|is) (?:this|that|it|these) mean|what happens|why)(?!\w)",
    ),
)

_SENDING: Final = Sending(
    directs=pattern(
        r"(?<!\w)(?:please|pls|plz|kindly|just)(?!\w)",
        r"(?<!\w)(?:you|u)(?:'ll|'d| will| would)? (?:\w+ )?(?:need|have|want) to(?!\w)|(?<!\w)(?:you|u) (?:must|should|can"
        r"|could|may|would need)(?!\w)",
        r"(?<!\w)(?:could|can|would) you(?!\w)",
        r"(?<!\w)(?:can|must|has to|have to|needs? to|should|may) (?:only |be )",
        r"(?<!\w)(?:handled|dealt with|accepted|possible|done|processed)(?: (?:only|exclusively|solely))?(?: (?:by|through"
        r"|via|in|on|online))(?!\w)",
        r"^(?:for .{2,40} )?(?:go|get in touch|contact|call|ring|phone|write|use|visit|come|log in)(?!\w)"
        r"|(?<!\w)the number for(?!\w)|(?<!\w)not via(?!\w)",
        r"(?:^| or | and )(?:best |just |then |simply |better )?(?:drop|pop|use|call|ring|phone|dial|e-?mail|mail|write|visit"
        r"|start|raise|log|open|submit|head|go|fill|register|try|give|contact|speak|talk|complete|come|apply|report|book"
        r"|bring)(?!\w)",
        r"(?<!\w)(?:better off|best (?:to|if you)|only available|(?:is|are) (?:only )?available|the right place|self-?service"
        r"|is done|are done|(?:is|are) (?:only )?(?:looked at|answered|taken|made|possible))(?!\w)|(?<!\w)you (?:change|do"
        r"|find|make) (?:it|this|that) (?:in|on|at|by)|^only (?:written|in)(?!\w)",
    ),
    channels={
        "phone": pattern(
            r"(?<!\w)(?:call|ring|phone|telephone)(?:ing)? (?:me|us|our|the|them|him|back|customer|on|\+?\d|or|support"
            r"|billing)(?!\w)",
            r"(?<!\w)give (?:me|us|them|the [\w ]{2,20}|our [\w ]{2,20}) a (?:call|ring|bell|buzz)(?!\w)|(?<!\w)(?:by"
            r"|over the|via|on the) (?:tele)?phone(?!\w)|(?<!\w)dial \+?\d|(?<!\w)(?:service|claims|support"
            r"|customer) line(?!\w)|(?<!\w)(?:calling|ringing|phoning) the \w+|(?<!\w)(?:call|ringing|calling|phoning"
            r"|speak to \w+ on) \+?[\d]|(?<!\w)(?:ringing|phoning|calling) (?:the|them|us)",
            r"(?<!\w)(?:hotline|helpline|call cent(?:re|er)|\w+ line (?:under|on|at))(?!\w)"
            r"|(?<!\w)number for [\w ]{2,30} is(?!\w)",
        ),
        "email": pattern(
            r"(?<!\w)(?:send|write|drop) (?:\w+ ){0,4}(?:an |a )?e-?mail(?!\w)(?! address)|(?<!\w)(?:written complaints?"
            r"|complaints?|requests?|claims?)[^,;]{0,40}: ?[\w.+-]{1,40}@|(?<!\w)mail (?:it|this|that|them|the \w+) to(?!\w)"
            r"|(?<!\w)(?:by|via) e-?mail(?!\w)",
            r"(?<!\w)(?:write|address|send|forward|e-?mail)(?:ing)? [^,;]{0,60}[\w.+-]{1,40}@",
            r"(?<!\w)(?:or |to |^|please )e-?mail (?:the|us|them|our|him|support|me)(?!\w)|(?<!\w)contact [\w.+-]{1,40}@",
        ),
        "ticket": pattern(
            r"(?<!\w)(?:forms?|portal|app|self-?service|online|customer area|website|web ?page|web ?site)(?!\w)",
            r"(?<!\w)(?:open|raise|create|submit|log|file) (?:a|an|another|your) (?:new |support )?(?:ticket|request|case"
            r"|claim)(?!\w)",
            r"(?<!\w)log ?in to (?:your|the)|(?<!\w)(?:in your account|under (?:my|your) (?:account|profile)"
            r"|in your profile)(?!\w)|(?<![\w@.])[\w-]{2,40}\.(?:org|com|net|example|co\.uk|de)/(?!help|news|faq)\w",
        ),
        "chat": pattern(r"(?<!\w)chat(?!\w)"),
        "counter": pattern(
            r"(?<!\w)(?:branch|branches|store|stores|shops?|in person|counter|ticket office|service desk|showroom|at the desk"
            r"|(?:our|the|your|nearest) (?:local )?(?:office|desk)|drop in|pop in(?:to)?)(?!\w)"
        ),
    },
    stays=pattern(
        r"(?<!\w)(?:no need|do not|don't|dont|needn't|not have to|won't (?:have|need) to|never)(?!\w)",
        r"(?:^|[,;] |and )(?:i|we)(?:'ll|'ve|'d| will| have| can| could| only| called| wrote| shall)?(?!\w)(?! (?:need"
        r"|require|ask|recommend|suggest)(?!\w))",
        r"^(?:i|we|it|he|she|they|the \w+|our \w+)(?:'ll|'ve|'s)? (?:will|have|has|had|was|were|is|are|called|wrote|sent"
        r"|closes?|opens?)(?!\w)(?!.*(?:only|exclusively|through|number for|has to|have to))",
        r"^(?:shall|should|may|let) (?:i|we|me|us)(?!\w)|^as always|(?<!\w)you can (?:always )?(?:reach|contact) (?:me"
        r"|us)(?!\w)|(?<!\w)if (?:it|this|that|the|your|anything|something|there|they)(?!\w)|(?<!\w)(?:was reset|try it now"
        r"|in reply|right here)(?!\w)",
        r"(?<!\w)(?:reply|answer|respond)(?:ing)? (?:to (?:this|that|my|our)|here|directly|in (?:the|this))(?!\w)"
        r"|(?<!\w)(?:here|this|our) in (?:the|this) chat|(?<!\w)rate (?:this|our|us)",
        r"(?<!\w)(?:can|may|could) (?:also )?be (?:followed|tracked|seen|found|viewed|read|checked)(?!\w)|(?<!\w)you (?:can"
        r"|could|may|will)(?: also| always)? (?:track|see|find|check|view|follow|watch|read|receive|get|expect)(?!\w)",
        r"(?<!\w)(?:for news|further information|news and offers|more information|at any time|was updated|are open)(?!\w)",
        r"(?<!\w)(?:phone|mobile|telephone) number(?!\w)|(?<!\w)will (?:call|ring|phone|write|e-?mail)(?!\w)",
        r"^(?:thank|thanks|you (?:called|wrote|rang|sent|asked|said))(?!\w)",
        r"^(?:if|should|in case|whenever) (?!you (?:want|wish|would like|need) to)",
    ),
    clauses=pattern(r"[,;] (?!(?:e-?mail|phone|chat) )|(?<= )(?:but|because|as|so)(?= (?:we|i|you|it|this|they)(?!\w))"),
)

ENGLISH: Final = Wording(_FORMULA, REFUSING, _ASKING, _EXPECTING, _SENDING)
