"""What all models of the configuration share."""

import re
from typing import Final

from pydantic import BaseModel, ConfigDict

#: What a source or a receiver may be called.
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


class Strict(BaseModel):
    """Unknown keys are errors; values do not change after loading, and stay out of tracebacks."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)
