"""The JSON API, described once: from this its routes are made, its queries checked, and `/api/openapi.json` is written."""

from monitor.publish.web.openapi.document import document
from monitor.publish.web.openapi.operations import EVENTS_PATH, OPERATIONS, SETTLE_PATH
from monitor.publish.web.openapi.routes import api_routes

__all__ = ["EVENTS_PATH", "OPERATIONS", "SETTLE_PATH", "api_routes", "document"]
