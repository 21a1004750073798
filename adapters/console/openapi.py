"""`/openapi.json`: the console's API, described from its table of routes and models."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pydantic.json_schema import models_json_schema

from adapters.console.guard import COOKIE, OUR_HEADER
from adapters.console.route import Route

_TEMPLATE = "#/components/schemas/{model}"

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "field": {"type": "string"},
            },
        }
    },
}


def describe(routes: Iterable[Route]) -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    routes = list(routes)
    taken = {(route.takes, "validation") for route in routes if route.takes}
    given = {(route.gives, "serialization") for route in routes if route.gives}
    models = sorted(taken | given, key=lambda pair: pair[0].__name__)
    _, schema = models_json_schema(models, ref_template=_TEMPLATE)  # type: ignore[arg-type]  # modes are literals
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Babeldesk", "version": _version(), "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": {**schema.get("$defs", {}), "Error": _ERROR},
            "securitySchemes": {"cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]
    parameters += [{"name": name, "in": "query", "schema": {"type": "string"}} for name in route.query]
    if route.method != "GET":
        constant = {"type": "string", "const": "babeldesk"}
        parameters.append({"name": OUR_HEADER, "in": "header", "required": True, "schema": constant})
    response: dict[str, Any] = {"description": route.does}
    if route.gives is not None:
        response["content"] = _json(route.gives.__name__)
    operation: dict[str, Any] = {
        "operationId": route.handler,
        "summary": route.does,
        "parameters": parameters,
        "responses": {
            str(route.status): response,
            "default": {"description": "An error", "content": _json("Error")},
        },
    }
    if route.takes is not None:
        operation["requestBody"] = {"required": True, "content": _json(route.takes.__name__)}
    if route.access != "anyone":
        operation["security"] = [{"cookie": []}]
    return operation


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _TEMPLATE.format(model=name)}}}


def _version() -> str:
    try:
        return version("babeldesk")
    except PackageNotFoundError:
        return "0"
