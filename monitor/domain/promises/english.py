"""How promises are made in English, and what only looks like one."""

from typing import Final

from monitor.domain.promises.english_deeds import (
    ANSWERING,
    ARRIVING,
    BOOKING,
    DOING,
    EXPECTING,
    FOLLOWING,
    FOR_YOU,
    GOODS,
    HAPPENING,
    NOTING,
    PLEDGING,
    PROGRESSIVE,
    RECEIVING,
    REPLYING,
    SEEING,
)
from monitor.domain.promises.rules import Rules, Way, listed, pattern, words

#: People who do things for us.
_ROLE: Final = (
    "(?:teams?|engineers?|colleagues?|managers?|supervisors?|departments?|technicians?|techs?|tech guy|guys?|drivers?"
    "|couriers?|crews?"
    "|specialists?|experts?|agents?|advisors?|advisers?|developers?|devs?|warehouse|workshop|office|staff|fitters?|surveyors?"
    "|electricians?|plumbers?|locksmiths?|adjusters?|inspectors?|gardeners?|printers?|helpdesk|service desk"
    "|support|printer|depot"
    "|accounts|accounting|billing|finance|hr|legal|sales|dispatch|logistics|operations|customer services?|back ?office"
    "|coordinators?"
    "|representatives?|reps?|consultants?|contractors?|mechanics?|installers?|handym[ae]n|assistants?|directors?|bosse?s?|chief"
    "|associates?|people|guys|folks|member|members|nurses?|doctors?|company|bank|firm|branch|lawyers?|solicitors?|accountants?"
    "|administrators?|admins?|owner|partner|secretary|recruiters?|tutors?|professors?|system)"
)
_TEAM: Final = (
    rf"(?:(?:our|my|your|one of our|one of my|a|an|the|another|some)\s+(?:[\w'-]+\s+){{0,3}}?{_ROLE}"
    rf"(?:,[^,.;]{{1,30}},|\s+(?:(?:from|in|at|of)\s+[\w' -]{{2,30}}?|[a-z]+))?"
    r"|some(?:one|body)(?:\s+(?:else|(?:from|in|at|of)\s+[\w' -]{2,40}?))?"
    r"|(?:(?:our\s+)?(?:mr|mrs|ms|miss|dr)\.?\s+[\w'-]+|[\w'-]+)(?:,)?\s+(?:from|in)\s+(?:our\s+|the\s+)?[\w' -]{2,30}?"
    r"|(?:our\s+)?(?:mr|mrs|ms|miss|dr)\.?\s+[\w'-]+(?:,[^,.;]{1,30},)?"
    r"|a member of (?:our|the|my) [\w' -]{2,20}?|who)"
)
_SELF: Final = r"(?:i|we|i myself|we all|(?:my|our) (?:colleague|team|manager|boss) and i|me and my [\w'-]+|both of us)"
_WILL: Final = (
    r"(?:\s+(?:will|shall|wil|'ll)|\s?'ll|(?:\s+(?:am|are|is)|'(?:m|re|s))\s+(?:also\s+|now\s+)?(?:going to|gonna)"
    r"|\s+(?:gonna|going to)|\s+(?:\w+ly\s+)?(?:promise|commit|undertake|guarantee|pledge|swear)\s+to)"
)
_ERRAND: Final = (
    r"(?= (?:call|ring|phone|contact|reach|e-?mail|mail|send|come|get back|reply|look|give|fix|text|write|follow|check|sort"
    r"|mend|repair|visit|collect|deliver|refund|replace)\b)"
)
_ADVERBS: Final = (
    r"(?:\s+(?:also|then|certainly|definitely|of course|personally|gladly|still|both|now|again|all|surely|soon"
    r"|therefore|instead"
    r"|first|in turn|at once|as well|so|only|even|really|naturally|obviously|hopefully|gonna|asap|today|tomorrow|next week"
    r"|(?!(?:reply|apply|supply|rely|comply)\b)\w+ly)){0,3}"
    r"(?:\s+(?:go ahead and|make sure (?:that )?(?:to|i|we)|be sure to|see to it that (?:i|we)|come back and|do that and"
    r"|be able to"
    rf"|(?:get|ask|tell) [\w']+(?: [\w']+){{0,3}}? to{_ERRAND}|have (?!to\b)[\w']+(?: [\w']+){{0,3}}?{_ERRAND}))?\s+"
)
_THING: Final = rf"(?<![\w'])(?:it|that|this|these|those|everything|all of it|both|{GOODS}|engineer|[£$€][\d.,]+)"
_CUSTOMER: Final = (
    r"(?:him|her|them|cust(?:omer)?s?|the (?:customer|caller|client|lady|gentleman)|callers?|clients?|cx|m(?:r|rs|s)\.? \w+)"
)

_NOTED: Final = listed(
    "call ring phone email mail write send text update chase fix refund post get look circle ping follow contact reply cb let",
    "investigate arrange raise revert advise respond",
)

_WAYS: Final = (
    Way("we will", pattern(rf"(?<![\w'])(?:{_SELF}{_WILL}|i ?ll|ill|i'l){_ADVERBS}"), DOING),
    Way("ours will", pattern(rf"(?<![\w']){_TEAM}{_WILL}{_ADVERBS}"), (*SEEING, *DOING)),
    Way(
        "they will",
        pattern(rf"(?<![\w'])(?:they|he|she)(?:\s+will|\s?'ll|(?:'re|'s|\s+are|\s+is)\s+(?:going to|gonna)){_ADVERBS}"),
        ANSWERING,
    ),
    Way(
        "you will get",
        pattern(
            rf"(?<![\w'])(?:you|u){_WILL}{_ADVERBS}",
            r"(?<![\w'])(?:you|u) should\s+(?:then |also )?(?=\w)",
        ),
        RECEIVING,
    ),
    Way("it will be", pattern(rf"{_THING}(?:{_WILL}|\s?'ll|\s?ll|'s gonna){_ADVERBS}"), HAPPENING),
    Way("it has been and will be", pattern(r"\b(?:has|have) been (?:[\w'-]+ ){1,6}?and will "), HAPPENING, dated=True),
    Way("to follow", pattern(r"(?<=\w) (?:to|will) follow(?!\w| up)"), FOLLOWING, dated=True),
    Way(
        "somebody will",
        pattern(
            r"(?:^|[,;:.] |\b(?:and|so|but) )(?!(?:it|that|this|he|she|they|you|i|we|who|nobody|cust\w*|caller|client"
            r"|everyone|if|and|but|so|then|or)\b)"
            rf"[a-z]{{2,15}}{_WILL}{_ADVERBS}",
        ),
        FOR_YOU,
    ),
    Way("it should be", pattern(rf"{_THING} should (?!have)"), HAPPENING, dated=True),
    Way("it arrives", pattern(rf"{_THING}\s?(?:is|'s|are|'re)?\s+(?:now |still |currently )?(?=\w)"), ARRIVING, dated=True),
    Way(
        "we are doing",
        pattern(
            rf"(?<![\w'])(?:i am|i'm|im|we are|we're|(?:{_TEAM}) (?:is|are))\s+(?:also |now |already )?(?=\w+ing)",
        ),
        PROGRESSIVE,
        dated=True,
    ),
    Way("we commit to", pattern(r"(?<![\w'])(?:i|we) (?:commit|are committed) to (?=\w+ing)"), PROGRESSIVE, dated=True),
    Way(
        "a note to",
        pattern(
            r"(?<!\w)(?:i've|i have|we've|we have) (?:put|made|got|set) (?:a|myself a) (?:note|reminder) (?:in my diary )?to "
        ),
        DOING,
        dated=True,
    ),
    Way(
        "expect",
        pattern(
            r"(?:^|[,:;.]\s*|\band |\bplease |\bso |\bplease do |you can |you may |you should )(?:expect|count on|look out for"
            r"|watch for)\s+",
            r"(?:rest assured|you (?:can|may) (?:count|rely) on (?:us|me)),?\s+(?:to\s+)?",
        ),
        EXPECTING,
    ),
    Way(
        "rely on us",
        pattern(r"(?<!\w)(?:you (?:can|may) |please )?(?:count|rely|depend|bank) on (?:us|me) to "),
        DOING,
        dated=True,
    ),
    Way(
        "booked",
        pattern(
            r"(?<![\w'])(?:i|we)(?:'ve| have)? (?:now |also |already )?(?:scheduled|arranged|booked|organi[sz]ed)"
            r"(?: (?:you|u) in for)? (?=(?:an?|the|your|our) )"
        ),
        BOOKING,
        dated=True,
    ),
    Way(
        "arranged",
        pattern(
            r"(?<![\w'])(?:i am|i'm|we are|we're) (?:now |also )?(?:arranging|scheduling|organi[sz]ing|getting)(?: for)?"
            r" (?:[\w'-]+ ){1,5}?to ",
            r"(?<![\w'])(?:i|we)(?:'ve| have) (?:now |also |already )?(?:scheduled|arranged|booked|organi[sz]ed|asked)(?: for)?"
            r" (?:[\w'-]+ ){1,5}?to ",
            rf"(?<![\w']){_TEAM} (?:is|are) (?:now |also )?(?:scheduled|due|booked) to ",
        ),
        (*SEEING, *DOING),
        dated=True,
    ),
    Way(
        "we can",
        pattern(r"(?<![\w'])(?:i|we) can (?=(?:get|have) (?:[\w'-]+ ){1,4}?(?:to (?:you|u)|ready|done|sent|fixed|over))"),
        DOING,
        dated=True,
    ),
    Way(
        "leave it with me",
        pattern(r"(?<!\w)(?:please |just |so |ok |okay )?leave (?:it|this|that|everything) (?:with|to) (?:me|us)(?!\w)"),
        PLEDGING,
    ),
    Way("let me", pattern(r"(?<!\w)(?:let|allow) (?:me|us)(?: to| just)?\s+"), REPLYING),
    Way(
        "working on it",
        pattern(
            rf"(?<!\w)(?:i am|i'm|we are|we're|{_TEAM} (?:is|are)) (?:still |now |currently )?(?:look|check|work|investigat"
            r"|speak|writ|wait|try|chas"
            r"|discuss|talk|review)ing (?:[\w']+ ){0,12}?and (?:i |we )?(?:will |'ll |shall )?",
            r"(?<!\w)i (?:ask|call|check) (?:[\w']+ ){1,5}?and (?:then )?(?:i will |will )",
        ),
        DOING,
    ),
    Way(
        "noted",
        pattern(
            r"^(?:[\w'-]+[ ,;]+){0,7}?(?:promised|assured|advised|told|informed|said|confirmed"
            rf"|explained)(?: to)?(?: {_CUSTOMER})?,?(?: that)? "
            rf"(?:{_SELF}|{_TEAM}|{_THING}|visit|engineer|fitter|driver|refund|replacement|card"
            rf"|parcel)(?:\s+(?:will|would|shall"
            rf"|is going to)|'(?:ll|d)){_ADVERBS}",
            r"^(?!(?:you|he|she|they)\b)(?:[\w'-]+[ ,;]+){0,7}?(?:promised|assured|agreed|undertook"
            rf"|said)(?: {_CUSTOMER})? (?:to |i would |i'd "
            r"|would )",
        ),
        DOING,
    ),
    Way(
        "note of ours",
        pattern(
            r"^(?!(?:you|he|she|they|it|cust\w*|caller|client|m(?:r|rs|s)\.?)\b)(?:[\w'-]+[ ,;]+){0,4}?(?:promised|agreed"
            r"|arranged|assured)(?: \w+){0,3}? (?=(?:a )?(?:call ?back|call|visit"
            r"|refund|reply|email))",
            r"^(?=(?:call ?back|cb|visit|refund|reply|email|call) (?:promised|agreed|arranged|booked|due))",
            r"^(?=(?:call ?back|cb) (?:for|tomorrow|today|on|by|mon|tue|wed|thu|fri))",
            r"^(?:(?:will do|sure|ok(?:ay)?|yes|no problem|of course|on it)[,.!-]* )?(?:also |now |am "
            r"|currently )?(?=(?:sending|posting|emailing|mailing|refunding|ordering|arranging)\b)",
            r"(?<=[,;] )(?:fitter|engineer|driver) will ",
        ),
        NOTING,
    ),
    Way(
        "note of a date",
        pattern(
            rf"^(?!(?:you|he|she|they|it|cust\w*|caller|client)\b)(?:[\w'-]+[ ,;]+){{0,4}}?(?:advised|told"
            rf"|informed) {_CUSTOMER}"
            r"(?: of| to expect)? (?=(?:a |the |full )*(?:refund|call ?back|cb|visit|reply)\b)",
        ),
        NOTING,
        dated=True,
    ),
    Way(
        "will",
        pattern(
            r"(?:^|[,;:&-] ?|(?<=\w )and )(?:ok(?:ay)? |also |so |then |i |we )?(?:will|gonna|going to)(?: then| also)?"
            rf" (?=(?:{_NOTED})\b)",
            rf"(?:^|[,;:&-] ?)to (?=(?:{_NOTED}) (?:back|(?:the )?(?:cust|caller|client)))",
        ),
        DOING,
    ),
)

ENGLISH: Final = Rules(
    sentence_traps=pattern(
        # conditions
        r"(?<!check )(?<!see )(?<!out )(?<!ask )(?<!know )(?<!verify )(?<!confirm )(?<!wonder )(?<!asked )"
        r"(?<!\w)if(?!\w)(?! possible"
        r"| i may| necessary| not sooner| not earlier| not before)",
        r"(?<!\w)(?:unless|provided|providing|(?<!just )in case|as long as|so long as|assuming|supposing"
        r"|depending on|subject to"
        r"|otherwise|whenever|only when)(?!\w)",
        r"(?:^|, |(?<=\w )and |so )(?:should (?:you|the|your|it|anything|there|any)|were you|had you|had we|were we"
        r"|could (?:you|we|i)|can (?:you|we|i)|would you)(?!\w)",
        r"(?<!\w)(?:once|when|after|until|as soon as|the moment|upon) (?:you|your|the (?:payment|inspection|cust\w*|customer"
        r"|order|form))(?!\w)",
        r"(?<!\w)(?:on|upon) (?:receipt|completion|request)(?!\w)",
        # questions
        r"\?\s*$",
        r"^(?:and |so |but |ok |okay |uh |um |well )*(?:what|when|where|why|who|how|which|do|does|did|will|would|could|can"
        r"|may|might|is it|is there|are you|are there|have you|has|shall)\b(?! do\b)(?!(?: \w+){0,2} (?:revert|advise|respond"
        r"|reply|follow|contact|keep|call|ring|phone|email"
        r"|update|circle|get back|write|send|chase|look|post|cb|let) )",
        # habits and house rules
        r"(?<!\w)(?:usually|normally|typically|generally|ordinarily|always|as a rule|in general|on average|(?:every"
        r"|each) (?:other )?(?:day|week|month|year|quarter|morning"
        r"|evening|hour|\w+day|time)|aims? to|our (?:goal|aim|target|policy)|endeavou?r|strives?|tries|(?:we|agents"
        r"|team) (?:always )?try to"
        r"|on a regular basis|as set out in|mailbox is|messages received|calls will be|for urgent|in most cases"
        r"|from time to time|standard (?:delivery|processing|turnaround))(?!\w)",
        r"(?<!\w)(?:please allow|allow (?:up to|\d))(?!\w)",
        r"(?<!\w)(?:automated|automatic|auto) (?:message|reply|response|e-?mail|mail|notification)",
        # other people's words and deeds
        r"(?:^|[,;] )(?:according to|per (?:the |your )?\w+,|as you (?:said|wrote|say|mentioned))",
        r"(?<!\w)(?<!what )(?:cust\w*|customer|caller|client|(?:mr|mrs|ms)\.? \w+|she|he|they|you|husband|wife"
        r"|seller|supplier|courier"
        r"|carrier|vendor|manufacturer|bank|post office|mail|ups|dhl|fedex|\w+ office) (?:also |just |only )?(?:says?|said"
        r"|claims?|claimed|wrote|writes|mentioned|reports?|thinks|told (?:us|me)|informed (?:us|me)|has told (?:us|me)"
        r"|have told (?:us|me)|told)(?!\w)",
        r"(?<!\w)(?:i|we) (?:was|were|have been|had been|'ve been) (?:told|advised|informed|promised|assured)",
        r"(?<!\w)(?:wanted to know|asked whether|asked when|asked if|offered|did not promise|didn't promise|were promised"
        r"|was promised|i understand (?:that )?you|i note that|thank you for saying|no call ?back)(?!\w)",
    ),
    clause_traps=pattern(
        r"(?<!\w)(?:hope|hopes|hoping|every effort|do my best|do our best|might|may be|maybe|perhaps|possibly|probably"
        r"|with (?:a bit of )?luck|i guess|i believe|i'll bet|not sure|unlikely"
        r"|doubt|i don't think|we don't think|no idea|never said|not promise)(?!\w)",
        r"(?<!\w)(?:nobody|no one|none|neither|nothing|no longer)(?!\w)",
        r"(?<!\w)(?:would have|should have|could have|had|was going to|were going to|was supposed|were supposed)(?!\w)",
        r"(?<!\w)(?:whichever you prefer|just let me know which|that suits? you|suits you|does that|would that|is that ok"
        r"|if you)(?!\w)",
    ),
    before=pattern(
        r"(?<!\w)(?:says?|said|claims?|claimed|told (?:us|me)|informed (?:us|me)|heard|hears?|understand"
        r"|suggests?|propose|whether"
        r"|when|how|what|which|where|why|if|think|trust|believe|suppose|guess|bet|imagine|wondering|hope|before|until|till"
        r"|while|whilst"
        r"|wherever|whatever|because|everything|anything|all|that is all|request) (?:that )?$",
        r"(?:don't|do not|can't|cannot|won't|not) (?:\w+ )?(?:that )?$",
    ),
    after=words("not", "never", "n't", "no longer", "neither", "hardly", "no", "nothing", "nobody"),
    talk=words(
        "right now",
        "now",
        "real quick",
        "(?:one|a|two) secs?",
        "quick",
        "quickly",
        "a moment",
        "one moment",
        "just a (?:sec|second|moment|minute)",
        "while you",
        "while we",
        "while i",
        "for a (?:second|moment|minute)",
        "a (?:second|sec|moment)",
        "right away for you",
        "hold",
        "stay on the line",
        "on the line",
        "in just a (?:second|moment)",
    ),
    clauses=pattern(
        r"[,;:–—(]\s|\s-+\s|\s(?=(?:but|so|because|though|although|while|whereas)\s)|\sand (?=(?:i|we|you|it|they"
        r"|someone|our|my)\b)"
    ),
    joins=pattern(
        r",?\s(?:and|then|&|or|plus|so)\s(?:then |also |i will |we will |i'll |we'll |will |to )?"
        rf"(?:have (?!to\b)[\w']+(?: [\w']+){{0,3}}?{_ERRAND} )?"
        r"|,\s(?:then )?|\s(?:who'll"
        r"|who will)\s"
    ),
    ways=_WAYS,
)
