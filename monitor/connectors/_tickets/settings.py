"""Keys that all helpdesks share (contract section 3)."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.connector import Seconds
from monitor.connectors._http.settings import HttpSettings
from monitor.domain.complaints import SECTORS

_NAMED_BY = ("queue", "project", "group", "tag", "field")


class EscalationSettings(BaseModel):
    """What counts as an escalation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    queues: list[str] = Field(default_factory=list, description="Queues, projects or groups: a ticket that is moved there.")
    priority: bool = Field(True, description="A priority that people raise.")


class ComplaintSettings(BaseModel):
    """Which tickets are complaints, and of which sector."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    queue: str | None = Field(None, description="All tickets of this queue.")
    project: str | None = Field(None, description="All tickets of this project.")
    group: str | None = Field(None, description="All tickets of this group.")
    tag: str | None = Field(None, description="Tickets with this tag.")
    field: str | None = Field(None, description="Tickets whose field of this name holds `value`.")
    value: str | None = Field(None, description="Goes with `field`.")
    sector: str | None = Field(None, description="finance, telecoms, energy or payments; without one eight weeks.")

    @model_validator(mode="after")
    def _names_one_thing(self) -> "ComplaintSettings":
        named = [key for key in _NAMED_BY if getattr(self, key) is not None]
        if len(named) != 1:
            raise ValueError(f"name one of {', '.join(_NAMED_BY)}")
        if (self.value is None) != (self.field is None):
            raise ValueError("field and value go together")
        if self.sector not in (None, *SECTORS):
            raise ValueError(f".sector: {self.sector!r} is none of {', '.join(sorted(SECTORS))}")
        return self

    @property
    def place(self) -> str | None:
        """The queue, project or group."""
        return self.queue or self.project or self.group


class HelpdeskSettings(HttpSettings):
    """A helpdesk's own `Settings` inherits from it."""

    backfill: Seconds = Field(timedelta(days=30), description="The first read takes tickets that changed within this time.")
    staff: list[str] | None = Field(None, description="Who is staff, instead of what the system says: login names.")
    robots: list[str] = Field(default_factory=list, description="Accounts of programs, beside those that the system names.")
    pending_statuses: list[str] | None = Field(None, description="Statuses in which a ticket waits for others than us.")
    promise_fields: list[str] | None = Field(None, description="Dates that people set there are promises; `[]`: none.")
    escalation: EscalationSettings = Field(default_factory=EscalationSettings, description="What counts as an escalation.")
    complaints: list[ComplaintSettings] = Field(default_factory=list, description="Which tickets are complaints.")
    policies: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="Field (as `priority`) -> its value -> name of the policy that holds then."
    )
