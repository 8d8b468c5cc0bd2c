"""Mailboxes that take no passwords: the keys of `auth`, and what each kind of it posts to get a token.

Sources: Microsoft, "Authenticate an IMAP, POP or SMTP connection using OAuth" and "Microsoft Entra authentication and
authorization error codes"; Google, "OAuth 2.0 Mechanism" of Gmail's IMAP; RFC 6749, 7521, 7523. `tokens.py` asks and keeps.
"""

import ipaddress
import json
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from uuid import uuid4

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from monitor.errors import ConfigError

_MICROSOFT_URL: Final = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
_MICROSOFT_SCOPE: Final = "https://outlook.office365.com/.default"  # a token for Graph does not work on IMAP
_GOOGLE_URL: Final = "https://oauth2.googleapis.com/token"
#: Of the two scopes that IMAP takes the one that also shows what a user hides from IMAP; service accounts only.
_GOOGLE_SCOPE: Final = "https://www.googleapis.com/auth/gmail.imap_admin"
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_JWT_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_CLIENT_SECONDS: Final = 600  # how long an assertion that is used at once holds
_GOOGLE_SECONDS: Final = 3600  # Google takes no longer one
_PEM: Final = r"-----BEGIN (%s)-----.+?-----END \1-----"
_MAX_FILE: Final = 65_536


def _token_url(text: str) -> str:
    """Secrets are posted there: TLS, or this machine itself."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or "@" in parts.netloc or parts.fragment or re.search(r"[\s{}]", text):
        raise ValueError("it is no address of a token server: write https://host/path, without user and password")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise ValueError(f"{text!r} would send secrets in clear: write https:// (http:// only to this machine itself)")
    return text


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


TokenUrl = Annotated[str, AfterValidator(_token_url)]


class _AuthSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class MicrosoftAuth(_AuthSettings):
    """An app registration that reads mailboxes by itself (client credentials)."""

    type: Literal["microsoft"] = Field(description="Microsoft 365, by an app registration.")
    tenant: str = Field(description="Directory (tenant) ID, or a domain of the tenant.")
    client_id: str = Field(description="Application (client) ID.")
    client_secret: SecretStr | None = Field(None, description="Its value, not its ID. Or `certificate`.")
    certificate: Path | None = Field(None, description="PEM file with the private key and the certificate of the app.")
    token_url: TokenUrl | None = Field(None, description="Default: that of the public cloud; national clouds have their own.")
    scope: str = Field(_MICROSOFT_SCOPE, description="National clouds have their own.")

    @model_validator(mode="after")
    def _can_be_asked_for(self) -> "MicrosoftAuth":
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", self.tenant) or self.tenant.lower() in _NO_TENANTS:
            raise ValueError(f".tenant: {self.tenant[:80]!r} is no tenant: write the Directory (tenant) ID, or a domain of it")
        if (self.client_secret is None) == (self.certificate is None):
            raise ValueError("give client_secret (or client_secret_file) or certificate, one of them")
        return self


_NO_TENANTS: Final = ("common", "organizations", "consumers")  # an app that reads by itself has one tenant


class GoogleAuth(_AuthSettings):
    """A service account with domain-wide delegation."""

    type: Literal["google"] = Field(description="Google Workspace, by a service account with domain-wide delegation.")
    service_account: Path = Field(description="The JSON key file of the service account.")
    token_url: TokenUrl = Field(_GOOGLE_URL, description="Google's.")


class RefreshTokenAuth(_AuthSettings):
    """The consent of one user, got elsewhere."""

    type: Literal["refresh_token"] = Field(description="Any server, by the consent of one user that was got elsewhere.")
    token_url: TokenUrl = Field(description="The token endpoint.")
    client_id: str = Field(description="The client that got the consent.")
    client_secret: SecretStr | None = Field(None, description="Where that client has one.")
    refresh_token: SecretStr = Field(description="What the consent gave.")
    scope: str | None = Field(None, description="Where the server wants it named again.")


Auth = Annotated[MicrosoftAuth | GoogleAuth | RefreshTokenAuth, Field(discriminator="type")]


@dataclass(frozen=True)
class Grant:
    """One way to get tokens, ready to be used. `advice`: an OAuth error or AADSTS number to what somebody has to do."""

    url: str
    form: Callable[[str, datetime], dict[str, str]]  # mailbox, moment of the token server -> what is posted
    advice: Mapping[str, str]
    refused: str  # what to look at when the mail server takes no token
    per_mailbox: bool = False  # else one token is good for all
    signed: bool = False  # the moment matters


def make_grant(auth: MicrosoftAuth | GoogleAuth | RefreshTokenAuth) -> Grant:
    """Reads the files it names. Raises ConfigError with the key, the path and the remedy."""
    if isinstance(auth, MicrosoftAuth):
        return _microsoft(auth)
    if isinstance(auth, GoogleAuth):
        return _google(auth)
    return _refresh(auth)


def _microsoft(auth: MicrosoftAuth) -> Grant:
    url = auth.token_url or _MICROSOFT_URL.format(tenant=auth.tenant)
    fixed = {"grant_type": "client_credentials", "client_id": auth.client_id, "scope": auth.scope}
    if auth.client_secret is not None:
        fixed["client_secret"] = auth.client_secret.get_secret_value()
        return Grant(url, lambda _mailbox, _now: dict(fixed), _MICROSOFT_ADVICE, _MICROSOFT_REFUSED)
    assert auth.certificate is not None
    from monitor.connectors._mail.assertions import signed

    key, thumbprint = _key_and_thumbprint(auth.certificate)

    def form(_mailbox: str, now: datetime) -> dict[str, str]:
        at = int(now.timestamp())
        claims = {"aud": url, "iss": auth.client_id, "sub": auth.client_id, "jti": str(uuid4())}
        claims_in_time = {**claims, "iat": at, "nbf": at, "exp": at + _CLIENT_SECONDS}
        assertion = signed(claims_in_time, key, "PS256", {"x5t#S256": thumbprint})
        return {**fixed, "client_assertion_type": _ASSERTION, "client_assertion": assertion}

    return Grant(url, form, _MICROSOFT_ADVICE, _MICROSOFT_REFUSED, signed=True)


def _google(auth: GoogleAuth) -> Grant:
    from monitor.connectors._mail.assertions import rsa_key, signed

    path = auth.service_account
    why = f"auth.service_account {path}"
    wanted = "give the JSON key file that Google's console made for the service account"
    try:
        account: Any = json.loads(_read(path, why))
        key_id, key, client = account["private_key_id"], account["private_key"], account["client_email"]
        key = rsa_key(str(key).encode(), "RS256")
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{why} holds no key of a service account: {wanted}") from None

    def form(mailbox: str, now: datetime) -> dict[str, str]:
        at = int(now.timestamp())
        claims = {"iss": client, "sub": mailbox, "aud": _GOOGLE_URL, "scope": _GOOGLE_SCOPE}
        claims_in_time = {**claims, "iat": at, "exp": at + _GOOGLE_SECONDS}
        return {"grant_type": _JWT_GRANT, "assertion": signed(claims_in_time, key, "RS256", {"kid": str(key_id)})}

    return Grant(auth.token_url, form, _GOOGLE_ADVICE, _GOOGLE_REFUSED, per_mailbox=True, signed=True)


def _refresh(auth: RefreshTokenAuth) -> Grant:
    fixed = {"grant_type": "refresh_token", "client_id": auth.client_id, "refresh_token": auth.refresh_token.get_secret_value()}
    if auth.client_secret is not None:
        fixed["client_secret"] = auth.client_secret.get_secret_value()
    if auth.scope is not None:
        fixed["scope"] = auth.scope
    return Grant(auth.token_url, lambda _mailbox, _now: dict(fixed), _REFRESH_ADVICE, _REFRESH_REFUSED)


def _read(path: Path, why: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE)
    except OSError as error:
        raise ConfigError(f"{why} cannot be read: {error.strerror}") from None
    return content


def _key_and_thumbprint(path: Path) -> tuple[Any, str]:
    """The private key, and what Microsoft knows the certificate by (x5t#S256). Raises ConfigError."""
    from monitor.connectors._mail.assertions import rsa_key

    why = f"auth.certificate {path}"
    text = _read(path, why).decode("latin-1")
    block = partial(re.search, string=text, flags=re.DOTALL)
    key, certificate = block(_PEM % "[A-Z ]*PRIVATE KEY"), block(_PEM % "CERTIFICATE")
    if key is None or certificate is None:
        missing = "private key" if key is None else "certificate"
        raise ConfigError(f"{why} holds no {missing} in PEM form: put private key and certificate into one file")
    try:
        thumbprint = sha256(b64decode("".join(certificate[0].split("-----")[2].split()), validate=True)).digest()
        prepared = rsa_key(key[0].encode(), "PS256")
    except (ValueError, TypeError):
        raise ConfigError(f"{why} cannot be used: it wants an RSA key without a passphrase, and its certificate") from None
    return prepared, urlsafe_b64encode(thumbprint).rstrip(b"=").decode()


_MICROSOFT_REFUSED: Final = (
    "look at the permission IMAP.AccessAsApp with admin consent, at New-ServicePrincipal with the ObjectId of the enterprise "
    "application (not of the app registration), and at Add-MailboxPermission for this mailbox"
)
_GOOGLE_REFUSED: Final = "look whether IMAP is switched on for this user, and whether the account is a user of this Workspace"
_REFRESH_REFUSED: Final = "look whether the consent covers IMAP, and whether it is that of a user who may read this mailbox"

_CLIENT: Final = "check auth.client_id, and auth.client_secret or auth.certificate"
_MICROSOFT_ADVICE: Final = {
    "7000215": "the client secret is wrong: auth.client_secret wants the secret's value, not its ID",
    "7000222": "the client secret has expired: make a new one in the app registration and put it into auth.client_secret",
    "700016": "the app is not known in this tenant: check auth.client_id and auth.tenant",
    "700027": "the certificate is not accepted: upload the one in auth.certificate to the app registration, or make a new one",
    "70011": f"the scope is not accepted: leave auth.scope out; a national cloud has its own in place of {_MICROSOFT_SCOPE}",
    "90002": "the tenant is not known: check auth.tenant",
    "invalid_client": f"the app is not accepted: {_CLIENT}",
    "invalid_grant": f"the app gets no token: {_CLIENT}, and the admin consent to IMAP.AccessAsApp",
    "unauthorized_client": f"the app may not log in by itself: {_CLIENT}, and the admin consent to IMAP.AccessAsApp",
}
_GOOGLE_ADVICE: Final = {
    "unauthorized_client": (
        "domain-wide delegation is missing: in the Admin console enter the client ID of the service account "
        f"(client_id in auth.service_account) with the scope {_GOOGLE_SCOPE}"
    ),
    "invalid_grant": (
        "no token for this mailbox: check its address, whether the key in auth.service_account was revoked, "
        "and the clock of this machine"
    ),
    "invalid_client": "the service account is not known: check the key file in auth.service_account",
}
_REFRESH_ADVICE: Final = {
    "invalid_grant": "the consent has ended or was revoked: consent anew and put the new token into auth.refresh_token",
    "invalid_client": "the client is not accepted: check auth.client_id and auth.client_secret",
    "unauthorized_client": "the client may not use a refresh token: check auth.client_id",
}
