"""What tests need, also those of third-party connectors and stores. Import from here, not from the modules below."""

import pytest

# so that a failing contract shows the values that it compared; before the contracts are imported
pytest.register_assert_rewrite(*(f"monitor.testing.{each}_contract" for each in ("connector", "store", "news")))

from monitor.testing.clock import FakeClock  # noqa: E402
from monitor.testing.connector_contract import ConnectorContract  # noqa: E402
from monitor.testing.context import FakeState, make_context  # noqa: E402
from monitor.testing.scenario import SourceScenario  # noqa: E402
from monitor.testing.scripted import ScriptedConnector  # noqa: E402
from monitor.testing.store_contract import StoreContract  # noqa: E402

__all__ = ["ConnectorContract", "FakeClock", "FakeState", "ScriptedConnector", "SourceScenario", "StoreContract", "make_context"]
