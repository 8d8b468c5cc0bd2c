"""How one refuses in English, what is said beside it, and what makes it more than a refusal."""

from typing import Final

from monitor.domain.answers.wording import Refusing
from monitor.domain.promises.rules import pattern

_CANT: Final = r"(?:can(?:'t|not| not)|cant|may not|(?:will not|won't|wont|not) be able to|unable to|not able to|not can)"
_ARE_NOT: Final = r"(?:(?:(?:is|are|am|was|were|be)|(?<=\w)'(?:m|re|s))(?: \w+)? not|isn't|aren't|wasn't|isnt|arent|^not)"
_NO_TO: Final = (
    r"(?:offer|accept|do|give|make|provide|allow|grant|support|cover|price match|negotiate|issue|pay|refund|exchange|deal"
    r"|handle|take|permit|entitle|qualify|compensate|reimburse|comment|disclose|waive|change|sell|ship|deliver|repair|insure)"
)
#: A machine or another firm that turned something down: no refusal of ours.
_BY_OTHERS: Final = r"(?! by (?:the|their|your|our) (?:server|bank|system|card|provider|carrier|machine))"

REFUSING: Final = Refusing(
    rules=(
        (
            "declined",
            pattern(
                rf"^(?:unfortunately |sadly |sorry )?(?:this (?:request )?is )?(?:declined|rejected|refused|denied"
                rf"|turned down|out of scope)(?!\w){_BY_OTHERS}",
                rf"(?<!\w)(?:request|claim|complaint|application|appeal|objection|case|ticket|refund|access|it|this|proposal"
                rf"|extension|change)(?!\w)(?: [\w']+){{0,6}} (?:declined|rejected|refused|denied|turned down|dismissed"
                rf"|out of scope)(?!\w){_BY_OTHERS}",
                r"(?<!\w)(?:must|have to|had to|need to|we) (?:\w+ly )?(?:reject|decline|refuse|deny|dismiss"
                r"|turn down)(?!\w)",
                r"(?<!\w)(?:decision|position|answer) (?:is (?:still )?(?:no|final)|remains|stands|has not changed"
                r"|hasn't changed|will not change)",
                r"(?<!\w)(?:won't|will not|wont) (?:fix|refund|pay|change|be (?:refunded|paid|changed|fixed|granted|accepted"
                r"|done))(?!\w)",
                r"(?<!\w)see no (?:\w+ )?(?:grounds|reason|basis|cause)(?!\w)",
                r"(?<!\w)invoice stands(?!\w)",
                r"(?<!\w)(?:could|can|will|was|were|has|have|had|is|are)(?: not|n't) (?:be(?:en)? )?(?:approved|granted"
                r"|upheld|accepted|successful|considered|extended|waived|refunded|reimbursed|honou?red|compensated|credited"
                r"|permitted|entertained)(?!\w)",
                r"(?<!\w)(?:nothing|no more) to add(?!\w)|(?<!\w)must insist on(?!\w)|(?<!\w)computer says no(?!\w)"
                r"|(?<!\w)(?:see|have) no (?:reason|plans?|intention|wish) to(?!\w)|(?<!\w)(?:do|does) not (?:intend|plan"
                r"|propose|wish) to(?!\w)",
                r"(?<!\w)no further action(?!\w)|(?<!\w)not enter into(?!\w)|(?<!\w)(?:unsuccessful|not successful)(?!\w)"
                r"|^(?:i'm |i am )?afraid not$",
            ),
        ),
        (
            "policy",
            pattern(
                r"(?<!\w)(?:against|as per|in line with|in accordance with|according to|under|in|by|due to|because of|that is"
                r"|that's|thats|this is|it is|it's) "
                r"(?:it |the |our |your |a |standard |general |normal )?(?:\w+ ){0,2}(?:polic(?:y|ies)|terms|conditions|t&cs"
                r"|rules?|regulations|guidelines|procedures?)(?!\w)",
                r"^(?:company|house|our) (?:policy|rules)(?!\w)|(?<!\w)rules are rules(?!\w)",
                r"(?<!\w)sales are final|(?<!\w)non-?\s?refundable(?!\w)|(?<!\w)works as designed|(?<!\w)how (?:the|our"
                r"|this) \w+ works|(?<!\w)(?:how|the way) it is$|(?<!\w)treat (?:all|every|each)(?!\w)|(?<!\w)(?:standard"
                r"|industry|common|normal|usual) practice(?!\w)",
                r"(?<!\w)(?:mandatory|compulsory|confidential|part of (?:your|the|our) (?:contract|terms|agreement)"
                r"|contract is clear|price is the price|is what it is|under any circumstances|without exception|regardless of"
                r"|irrespective of|own responsibility|at your own risk|adhere to|bound by|obliged to follow)(?!\w)",
                r"(?<!\w)in the (?:terms|contract|conditions|small print|t&cs)(?!\w)|(?<!\w)(?:policy|insurance|contract"
                r"|warranty|guarantee|cover|tariff|offer) (?:\w+ )?(?:excludes|exclude)(?!\w)",
                r"^(?:the |that |this )?(?:offer|discount|price|promotion|service) (?:is|was) (?:for|only for|limited to"
                r"|reserved for)(?!\w)|(?<!\w)(?:estimates|guidelines) only(?!\w)|(?<!\w)(?:valid|allowed|possible|granted"
                r"|available|permitted)(?: \w+){0,6} only$|(?<!\w)(?:are|is) the (?:rules|terms|conditions|policy)(?!\w)"
                r"|(?<!\w)(?:apply|applies) to (?:everybody|everyone|all|every)(?!\w)",
                r"(?<!\w)(?:policy|terms|rules|tariff|conditions|system|contract|fare|scheme) (?:does not|do not|doesn't"
                r"|don't|dont|doesnt) \w+",
            ),
        ),
        (
            "cannot",
            pattern(
                rf"(?<!\w){_CANT}(?!\w)",
                r"(?<!\w)no can do(?!\w)|(?<!\w)hands are tied(?!\w)|(?<!\w)not (?:our|my) (?:problem|job|fault"
                r"|responsibility|department|area|business)(?!\w)",
                rf"(?<!\w)no longer {_NO_TO}(?!\w)|(?<!\w)(?:do not|don't|dont|does not|doesn't) (?:qualify|cover|include"
                rf"|provide|entitle|extend|apply|meet|have (?:the |any )?(?:permission|authority|right|means|option|influence"
                rf"|control))(?!\w)",
                r"(?<!\w)no (?:[\w-]+ ){1,3}?(?:is|are|will be|can be) (?:permitted|allowed|accepted|paid|possible|provided"
                r"|given|granted|made|offered)(?!\w)",
                r"(?<!\w)(?:outside|beyond) (?:of )?(?:our|my|the) (?:remit|control|responsibility|scope|power|hands)(?!\w)"
                r"|(?<!\w)(?:have|has) no (?:influence|control|authority|permission|say|access|means|obligation)(?!\w)",
                r"(?<!\w)(?:not|n't) (?:take calls|provided|paid out|made|given|offered|foreseen|accepted|refundable"
                r"|transferable|negotiable|exchangeable|our policy)(?!\w)|(?<!\w)that is not something|(?<!\w)never (?:give"
                r"|make|offer|refund|do)(?!\w)",
                rf"(?:(?<!\w)|(?=')){_ARE_NOT} (?:\w+ )?(?:able|allowed|permitted|authori[sz]ed|in a position|entitled"
                rf"|eligible|obliged|covered"
                r"|possible|supported|something|granted|provided for|accepted|offered|our|responsible|liable|part of)(?!\w)",
                r"(?<!\w)(?:not|isn't|aren't) (?:possible|allowed|permitted|supported|entitled|eligible|authori[sz]ed)(?!\w)"
                r"|(?<!\w)impossible(?!\w)",
                rf"(?<!\w)(?:we|i|the company|our team) (?:do not|don't|dont|never) (?:\w+ly )?{_NO_TO}(?!\w)",
                r"(?<!\w)nothing (?:more |else |further )?(?:that )?(?:(?:we|i) can|to be done)(?!\w)",
                r"(?<!\w)no (?:refunds?|exceptions?|exchanges?|returns?|compensation|entitlement|grounds|right to|way (?:to"
                r"|of|that|for us))(?!\w)(?! (?:were|was|in|found|thrown|is due|are due|is pending|are pending|has been"
                r"|needed))",
                r"(?<!\w)(?:is|are) (?:\w+ly )?excluded(?!\w)",
            ),
        ),
    ),
    excepted=pattern(
        r"(?<!\w)(?:can't|cannot|can not|cant|unable to|not able to) (?:\w+ly )?(?:see|find|locate|open|hear|read|tell|say"
        r"|go wrong|thank|apologi[sz]e|wait"
        r"|reach|reproduce|remember|imagine|believe|stress|happen|be (?:right|true)|have that|promise|guarantee|identify"
        r"|recogni[sz]e|connect|understand)(?!\w)",
        r"(?<!\w)you (?:can't|cannot|can not|cant) (?:be charged|lose|miss|go wrong|make a mistake|break)(?!\w)"
        r"|(?<!\w)(?:sell|share|disclose|give|pass on)(?: on| out| away)? (?:any of )?(?:your|customer) (?:data|details"
        r"|address|information|number|name)(?!\w)",
        r"(?<!\w)(?:not|n't) (?:have to|need)(?!\w)|(?<!\w)no (?:charge|problem|worries|need)(?!\w)",
    ),
    beside=pattern(
        r"(?<!\w)(?:sorry|apologi[sz]e|apologies|regret|afraid|unfortunately|regrettably|sadly|thanks?|thank you|appreciate"
        r"|hope|disappoint\w*|frustrat\w*|annoying)(?!\w)",
        r"(?<!\w)(?:understand|understanding|patience|inconvenience|feedback)(?!\w)",
        r"^(?:have a|hello|hi|regards|kind regards|best wishes|yours|no|nope|yes|please note(?: that)?|kindly note(?: that)?"
        r"|please understand|note that)(?!\w)",
        r"(?<!\w)(?:complaint|request|claim|case|application|matter|enquiry|appeal) (?:has been|was|have been"
        r"|were) (?:\w+ )?(?:review|examin|check|consider|assess|investigat)ed(?: \w+){0,3}$",
        r"^(?:following|after|having) (?:\w+ ){0,3}?(?:review|investigation|consideration|examination|checks?|discussion)(?:s"
        r"|ing)?(?!\w)|^(?:we|i) (?:have )?(?:concluded|decided|found)(?: that)?$",
        r"(?<!\w)(?:our|my) records show(?!\w)|(?<!\w)(?:i hear you|(?:i|we) wish (?:i|we) could(?: help)?|(?:i|we) (?:do "
        r"|fully |quite |also )?(?:realise|realize|recogni[sz]e|know|get|see) (?:that |how )?(?:it|its|it's|this|that's|you)"
        r"|i write (?:further|in reply|in response|with regard|regarding)|in (?:reply|response) to your|having (?:considered"
        r"|reviewed|examined)|(?:am|are|we're|i'm) satisfied that|have been noted|(?:this|it) (?:is|will be) a disappointment"
        r"|the points you raised?)(?!\w)|(?<!\w)(?:must|have to|need to) disappoint you|^(?:we |i )?trust (?:that )?you(?!\w)"
        r"|(?<!\w)final(?!\w)",
        r"(?<!\w)(?:review|examin|look|check|consider|assess)ed (?:into )?(?:your|this|the|it|again)(?!\w)(?: \w+){0,3}$",
        r"^(?:i|we) (?:have )?(?:spoken|spoke|talked) (?:to|with) my \w+(?: and)?(?!\w)",
        r"(?<!\w)consider (?:the|this) (?:matter|case) (?:as )?closed|^(?:ticket |case )?clos(?:ed|ing)$"
        r"|(?<!\w)customer (?:care|services?)$",
        r"(?<!\w)(?:as (?:i|we) (?:said|told you|explained)|(?:told|informed) you already|already (?:told"
        r"|informed) you)(?!\w)",
        r"(?<!\w)applies to (?:all|every)|(?<!\w)(?:you|have) (?:accepted|agreed to) (?:these|the|our)|(?<!\w)(?:is"
        r"|are) (?:clearly )?(?:stated|set out|laid down|described) in",
        r"^(?:as|like) (?:\w+ )?(?:mentioned|explained|stated|advised|discussed|per my)(?!\w)|(?<!\w)(?:important to us"
        r"|valued? (?:you|your|customers?)|loyalty)(?!\w)|^(?:i|we)(?: have|'ve)? (?:also )?(?:checked|looked|spoken"
        r"|discussed)(?: this| it)?(?: again)? (?:into|with|to|at|again)(?!\w)",
        r"(?<!\w)refer you to our|(?<!\w)charged correctly|(?<!\w)(?:prices|fees|fares) (?:\w+ ){0,4}(?:is|are) fixed",
        r"^(?:as |this is )?(?:stated|set out|laid down) in",
    ),
    helps=pattern(
        r"\?",
        r"(?<!\w)(?:because|since|due to|owing to|until|till|unless|as soon as|right now|at the moment|currently|yet|today"
        r"|tomorrow|tonight|instead|alternativ\w*"
        r"|workaround|appeal|ombudsman|one moment|hang on|enclosed|attached|planned)(?!\w)(?! (?:of )?(?:our|the|company"
        r"|to our|to the|to company) (?:\w+ )?(?:policy|rules|terms|conditions))",
        r"(?<!\w)(?<!you )already(?!\w)(?! (?:told|informed|said|explained))",
        r"(?<!\w)you (?:can|may|could|might|will|are welcome|have (?:the )?right)(?!\w)(?! not| only find| (?:surely "
        r"|certainly )?(?:understand|appreciate))",
        r"(?<!\w)(?:i|we|they|he|she)(?:'ll| will|'d be| would|(?<!wish i)(?<!wish we) could)(?!\w)(?! (?:not|be unable"
        r"|like to (?:thank|apologi)))",
        r"(?<!something )(?<!something that )(?<!nothing )(?<!nothing that )(?<!nothing else )(?<!nothing more )(?<!all"
        r" )(?<!\w)(?:i|we|they) (?:can|may)(?![\w'])(?! (?:not|only refer))",
        r"(?:^|[,;] |(?:but|and|or) )can (?!not)\w+",
        r"(?<!\w)(?:i|we)(?: have|'ve)(?!\w)(?! (?:to |no |not |review|examin|check|look|consider|assess|spoke|talked|inform"
        r"|told|said|explain|already|carefully|now review))",
        r"(?<!\w)(?:i am|i'm|we are|we're) (?!understanding)\w+ing(?!\w)",
        r"(?<!\w)(?:please|pls|kindly)(?!\w)(?! (?:note|understand|accept (?:our|my)|be aware|do not hesitate|don't hesitate"
        r"|bear|see (?:our |the )?(?:terms|policy)|refer to (?:our|section)|read our))",
        r"(?<!\w)(?:but|only) (?:if|when|with|for|by|to|re\w+)(?!\w)|(?<!\w)although(?!\w)",
        r"(?<!\w), as (?!(?:stated|per|a rule|i |we (?:said|told)|issued|set out|already))\w",
        r"(?<!\w)(?:if|once) (?:you|the|we|your|it is|that) (?!(?:have|need) (?:any|further|more|other|questions))",
        r"@|example\.|www\.|https?:",
        r"(?<!section )(?<!clause )(?<!paragraph )(?<!article )(?<![\w#/-])\d+(?! (?:days|hours|weeks|months|years)(?!\w))",
    ),
    clauses=pattern(r"[,;:()–—] ?|(?<= )(?:but|however|so|though|although)(?= )|\. "),
    goes_on=pattern(
        r"(?:once|after|when|before|to|in|for|under|with|on|of|at|by|from|regardless|even if|whatever|no matter|or|and"
        r"|which is|including)(?!\w)(?!.*(?<!\w)(?:will|can|goes|comes|works|gets|does|do)(?!\w))",
        r"(?:at all|any ?more|ever|either|as such|sadly|in general|period|full stop|therefore|too|obviously|of course"
        r"|honestly|tbh|mate|sir|madam|then|and|or|here|in this case|in your case|dear \w+|hello \w+|hi \w+|mr \w+|mrs \w+"
        r"|ms \w+|on this occasion|it|this|that)?$",
    ),
)
