"""What tests need, also those of third-party connectors and stores. Import from here, not from the modules below."""

from contextlib import suppress

with suppress(ImportError):  # so that a failing contract shows the values that it compared
    import pytest

    pytest.register_assert_rewrite("monitor.testing.connector_contract", "monitor.testing.store_contract")

from monitor.testing.clock import FakeClock
from monitor.testing.connector_contract import ConnectorContract
from monitor.testing.context import FakeState, make_context
from monitor.testing.scenario import SourceScenario
from monitor.testing.scripted import ScriptedConnector
from monitor.testing.store_contract import StoreContract

__all__ = ["ConnectorContract", "FakeClock", "FakeState", "ScriptedConnector", "SourceScenario", "StoreContract", "make_context"]
