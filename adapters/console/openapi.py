"""`/openapi.json`: the console's API, described from its table of routes and models."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from adapters.console.guard import COOKIE, OUR_HEADER
from adapters.console.route import Parameter, Route
from adapters.problems import PROBLEM_JSON, Problem

_TEMPLATE = "#/components/schemas/{model}"

_SCHEMES = {
    "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "A signed-in browser."},
    "token": {"type": "http", "scheme": "bearer", "description": "A script's token; see `POST /api/v1/tokens`."},
}

_FORM = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
        }
    }
}


def describe(routes: Iterable[Route]) -> dict[str, Any]:
    """An OpenAPI 3.1 document.

    Raises:
        ValueError: two models have one name, so that none could be referred to.
    """
    routes = list(routes)
    given: set[type[BaseModel]] = {route.gives for route in routes if route.gives} | {Problem}
    pairs = {(route.takes, "validation") for route in routes if route.takes}
    models = sorted(pairs | {(model, "serialization") for model in given}, key=lambda pair: pair[0].__name__)
    _, schema = models_json_schema(models, ref_template=_TEMPLATE)  # type: ignore[arg-type]  # modes are literals
    if twice := [name for name in schema.get("$defs", {}) if "__" in name]:
        raise ValueError(f"models of one name: {', '.join(twice)}")
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Babeldesk", "version": _version(), "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": schema.get("$defs", {}), "securitySchemes": _SCHEMES},
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler,
        "summary": route.does,
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.access == "anyone":
        operation["security"] = []
    else:
        operation["security"] = [{"cookie": []}] if route.browser else [{"cookie": []}, {"token": []}]
        operation["description"] = f"For the role `{route.access}` and those above it."
    if route.takes is not None:
        operation["requestBody"] = {"required": True, "content": _content(route.takes)}
    elif route.form:
        operation["requestBody"] = {"required": True, "content": _FORM}
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": text} for name in re.findall(r"\{(\w+)\}", route.path)
    ]
    for parameter in route.query:
        one = Parameter(parameter) if isinstance(parameter, str) else parameter
        said = {"description": one.does} if one.does else {}
        found.append({"name": one.name, "in": "query", "schema": dict(one.schema), **said})
    if route.method != "GET":
        why = "`babeldesk`: tells our own pages from others'. Beside a token it is not looked at."
        must = route.browser or route.access == "anyone"
        schema = {"type": "string", "const": "babeldesk"} if must else text
        found.append({"name": OUR_HEADER, "in": "header", "required": must, "schema": schema, "description": why})
    if route.tagged:
        found.append({"name": "If-None-Match", "in": "header", "schema": text, "description": "Tags that one has."})
    if route.matches:
        why = "The tag of what one has read; if it is another by now, nothing is changed and the answer is 412."
        found.append({"name": "If-Match", "in": "header", "schema": text, "description": why})
    return found


def _responses(route: Route) -> dict[str, Any]:
    response: dict[str, Any] = {"description": route.does}
    content = {} if route.gives is None else _content(route.gives)
    content |= {media: {} for media in route.media}
    if content:
        response["content"] = content
    if route.tagged or route.matches:
        response["headers"] = {"ETag": {"schema": {"type": "string"}}}
    responses = {str(route.status): response}
    if route.tagged:
        responses["304"] = {"description": "It is what `If-None-Match` names"}
    problem = {PROBLEM_JSON: {"schema": {"$ref": _TEMPLATE.format(model=Problem.__name__)}}}
    return {**responses, "default": {"description": "A problem (RFC 9457)", "content": problem}}


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _TEMPLATE.format(model=model.__name__)}}}


def _version() -> str:
    try:
        return version("babeldesk")
    except PackageNotFoundError:
        return "0"
