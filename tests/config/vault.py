"""A source type from elsewhere, with secrets of its own names in every place a model can have one."""

from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, SecretStr, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from monitor.connector import Seconds, SourceSettings
from monitor.connectors._discover import SourceType, source_types


def four_digits(pin: SecretStr) -> SecretStr:
    """As a careless author writes it: the value is in the text."""
    if len(pin.get_secret_value()) != 4:
        raise ValueError(f"{pin.get_secret_value()!r} is no PIN of four digits")
    return pin


class Client(BaseModel):
    """One of several, in a list or under a name."""

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    client_secret: SecretStr = Field(max_length=64)


class Certificate(BaseModel):
    """Another way to log in, with a key that is called otherwise in the file."""

    model_config = ConfigDict(extra="forbid")

    how: Literal["certificate"]
    private: Annotated[SecretStr, Field(alias="pem")]
    pem_size: int = 1


class Ticket(BaseModel):
    """And another."""

    model_config = ConfigDict(extra="forbid")

    how: Literal["ticket"]
    ticket: SecretStr

    @field_validator("ticket")
    @classmethod
    def _known(cls, ticket: SecretStr) -> SecretStr:
        if "?" in ticket.get_secret_value():
            raise PydanticCustomError("strange_ticket", "the ticket {shown} is strange", {"shown": ticket.get_secret_value()})
        return ticket


Login = Annotated[Annotated[Certificate, Tag("certificate")] | Annotated[Ticket, Tag("ticket")], Discriminator("how")]


class Settings(SourceSettings):
    """Keys of the type `vault`."""

    type: Literal["vault"]
    api_secret: SecretStr | None = Field(None, min_length=3)
    pin: Annotated[SecretStr, AfterValidator(four_digits)] | None = None
    either: bool | SecretStr | None = None
    login: Login | None = None
    clients: list[Client] = Field(default_factory=list)
    named: dict[str, Client] = Field(default_factory=dict)
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    extra_codes: list[SecretStr] = Field(default_factory=list)
    every: Seconds | None = None
    passphrase: SecretStr | None = None
    passphrase_file: str | None = None  # declared: this type means something of its own by it

    @model_validator(mode="before")
    @classmethod
    def _nothing_strange(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and "strange" in raw:
            raise ValueError(f"there is something strange in {raw}")
        if isinstance(raw, dict) and "bug" in raw:
            raise KeyError(str(raw))
        return raw

    @model_validator(mode="after")
    def _no_word(self) -> Self:
        assert self.api_secret is None or "unheard-of" not in self.api_secret.get_secret_value(), (
            self.api_secret.get_secret_value()
        )
        return self


def vault_type() -> SourceType:
    """The type as it would be found; nothing connects in these tests."""
    return replace(source_types()["events"], name="vault", settings=Settings)
