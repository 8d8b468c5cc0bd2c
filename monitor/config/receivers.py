"""The section `notify`: who is told by the daemon itself."""

from typing import Literal

from pydantic import Field, SecretStr, field_validator

from monitor.config.strict import NAME, Strict


class ReceiverSettings(Strict):
    """One receiver of notifications: an address of Apprise, and what is sent there."""

    url: SecretStr = Field(description="Address as https://appriseit.com/services/ writes it; it may hold a password or token.")
    severity: list[Literal["critical", "warning", "info"]] = Field(
        ["critical", "warning"], description="How bad it must be: critical, warning, info."
    )
    family: list[Literal["customer", "source"]] = Field(
        ["customer", "source"], description="What it is about: customers at a contact point, or a source."
    )
    team: list[str] = Field([], description="Only contact points of these teams; sources are for all. Default: all.")
    messages_per_hour: int = Field(30, ge=1, le=1000, description="What is more waits for its turn, and is told as a number.")

    @field_validator("severity", "family")
    @classmethod
    def _something(cls, chosen: list[str]) -> list[str]:
        if not chosen:
            raise ValueError("name at least one, or nothing is ever sent")
        return chosen


class NotifySettings(Strict):
    """Who is told by the daemon itself, for sites that have no Alertmanager; with one, leave this out."""

    receivers: dict[str, ReceiverSettings] = Field(default_factory=dict, description="Names to receivers. Default: none.")

    @field_validator("receivers")
    @classmethod
    def _named(cls, receivers: dict[str, ReceiverSettings]) -> dict[str, ReceiverSettings]:
        wrong = [
            f".{name}: a receiver's name has letters, digits, . _ and - only" for name in receivers if not NAME.fullmatch(name)
        ]
        if wrong:
            raise ValueError("\n".join(wrong))
        return receivers
