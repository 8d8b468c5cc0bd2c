"""The routes of the API, made from the table: what is answered is described, and what is described is answered."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from monitor.publish.web.openapi.operations import OPERATIONS
from monitor.publish.web.openapi.values import Operation
from monitor.publish.web.query import refuse_others

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def api_routes(handlers: Mapping[str, Handler]) -> list[web.RouteDef]:
    """A route for each operation; `handlers` by its name. Raises KeyError for an operation that has none, and ValueError for
    one that is not described."""
    undescribed = handlers.keys() - {each.name for each in OPERATIONS}
    if undescribed:
        raise ValueError(f"not in the table of operations: {', '.join(sorted(undescribed))}")
    return [web.route(each.method.upper(), each.path, _checked(each, handlers[each.name])) for each in OPERATIONS]


def _checked(operation: Operation, handler: Handler) -> Handler:
    """Refuses what its query may not have. Where a token is shown the handler does, once it has looked at that."""
    if "token" in operation.access:
        return handler

    async def checked(request: web.Request) -> web.StreamResponse:
        refuse_others(request.query, operation.query)
        return await handler(request)

    return checked
