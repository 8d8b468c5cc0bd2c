"""Domains at which anybody can have a mailbox: two addresses there are not two people of one firm. Pure."""

from functools import lru_cache
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Providers that come with many endings: gmx.de, gmx.at, hotmail.co.uk, yahoo.com.br.
_ANY_ENDING: Final = _words(
    """gmail googlemail hotmail outlook live msn yahoo ymail rocketmail gmx icloud aol protonmail zoho yandex tutanota fastmail
    hushmail posteo laposte libero virgilio tiscali freenet bluewin btinternet t-online"""
)
_DOMAINS: Final = _words(
    """web.de mail.de email.de arcor.de online.de mailbox.org vodafone.de kabelmail.de proton.me pm.me tuta.com tuta.io me.com
    mac.com mail.com email.com duck.com hey.com runbox.com startmail.com orange.fr wanadoo.fr free.fr sfr.fr neuf.fr bbox.fr
    numericable.fr
    alice.it tin.it tim.it email.it inwind.it iol.it orange.es telefonica.net terra.es terra.com.br uol.com.br bol.com.br
    ig.com.br
    sapo.pt netcabo.pt telenet.be skynet.be proximus.be scarlet.be ziggo.nl kpnmail.nl planet.nl xs4all.nl hetnet.nl home.nl
    casema.nl telia.com comhem.se bredband.net spray.se online.no broadpark.no mail.dk jubii.dk stofanet.dk luukku.com kolumbus.fi
    elisanet.fi seznam.cz centrum.cz centrum.sk email.cz post.cz azet.sk wp.pl onet.pl onet.eu o2.pl interia.pl op.pl poczta.fm
    freemail.hu citromail.hu mail.ru list.ru bk.ru inbox.ru rambler.ru ukr.net i.ua abv.bg mail.bg inbox.lv inbox.lt mail.ee
    qq.com 163.com 126.com yeah.net sina.com sohu.com aliyun.com naver.com daum.net hanmail.net nate.com docomo.ne.jp ezweb.ne.jp
    softbank.ne.jp nifty.com btopenworld.com talktalk.net virginmedia.com virgin.net sky.com ntlworld.com blueyonder.co.uk
    plus.net comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com
    rogers.com shaw.ca sympatico.ca telus.net videotron.ca bigpond.com bigpond.net.au optusnet.com.au iinet.net.au xtra.co.nz
    rediffmail.com bluemail.ch hispeed.ch sunrise.ch aon.at chello.at eircom.net otenet.gr hol.gr walla.com walla.co.il
    relay.firefox.com privaterelay.appleid.com"""
)

#: What countries register names below: `firm.co.uk`, `firm.com.br`.
_SHARED: Final = _words("co com org net ac edu gov go or ne gob gouv nom ltd plc sch me asso prd gv id web")

#: Where each name below is another firm's.
_TENANTS: Final = (".onmicrosoft.com", ".myshopify.com", ".zendesk.com", ".freshdesk.com", ".atlassian.net", ".sharepoint.com")


@lru_cache(maxsize=4096)
def firm_of(address: str) -> str | None:
    """The domain that a firm has registered, at which whoever writes speaks for it; None for free mail."""
    domain = address.rpartition("@")[2]
    if domain in _DOMAINS or domain.partition(".")[0] in _ANY_ENDING:
        return None
    return registered_domain(address) or None


@lru_cache(maxsize=4096)
def registered_domain(address: str) -> str:
    """Of an address, the domain that somebody registered (or rents as a tenant): `firm.co.uk` for `a@mail.firm.co.uk`."""
    domain = address.rpartition("@")[2]
    if domain.endswith(_TENANTS):
        return domain
    labels = domain.split(".")
    own = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED else 2
    return ".".join(labels[-own:])
