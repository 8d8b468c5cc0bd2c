"""What tests need, also those of third-party connectors and stores. Import from here, not from the modules below."""

from monitor.testing.clock import FakeClock
from monitor.testing.scripted import ScriptedConnector
from monitor.testing.store_contract import StoreContract

__all__ = ["FakeClock", "ScriptedConnector", "StoreContract"]
