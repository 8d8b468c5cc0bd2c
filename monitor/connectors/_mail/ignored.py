"""Mail that the configuration says is no contact: by sender, domain, subject or a header of its own. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import translate
from typing import Final

from monitor.connectors._mail.headers import Mail, header_fields
from monitor.connectors._mail.parties import plain
from monitor.connectors._mail.subjects import decoded

_NOTHING: Final = re.compile(r"(?!)")


def patterns(wanted: Iterable[str]) -> re.Pattern[str]:
    """Shell-style patterns (`*`, `?`, `[…]`), whichever matches the whole text, in capitals or not."""
    parts = [translate(each.strip()) for each in wanted]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else _NOTHING


class Ignored:
    """The rules of `ignore`, but for its folders, which are not read at all."""

    def __init__(
        self, senders: Sequence[str], domains: Sequence[str], subjects: Sequence[str], headers: Mapping[str, str]
    ) -> None:  # fmt: skip
        self._senders = patterns(senders)
        self._domains = patterns(part for each in domains for part in (each.strip().lstrip("@"), "*." + each.strip().lstrip("@")))
        self._subjects = patterns(subjects)
        #: Whether there is any rule at all.
        self.any = bool(senders or domains or subjects or headers)
        self._headers = {name.strip().lower().encode(): patterns((value,)) for name, value in headers.items()}

    def covers(self, mail: Mail, block: bytes) -> bool:
        """Whether this mail, of which these are the headers as they came, is to be left out."""
        if self._senders.match(mail.sender) or self._senders.match(plain(mail.sender)):
            return True
        if self._domains.match(mail.sender.rpartition("@")[2]):
            return True
        if self._subjects is not _NOTHING and self._subjects.match(" ".join(decoded(mail.subject).split())):
            return True
        if not self._headers:
            return False
        fields = header_fields(block)
        return any(
            name in fields and wanted.match(decoded(fields[name].decode("latin-1"))) for name, wanted in self._headers.items()
        )
