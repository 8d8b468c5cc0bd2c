"""Fixtures of the engine's tests."""

from tests.engine.house import inline

__all__ = ["inline"]
