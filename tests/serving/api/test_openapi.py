"""The document is true: every route is in it, and whatever is asked, answers are as it says and never a 5xx."""

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    *(schemathesis.checks.not_a_server_error, status_code_conformance),
    *(content_type_conformance, response_schema_conformance),
]
EXAMPLES = 8


def operations(api):
    schema = schemathesis.openapi.from_asgi("/openapi.json", api.app)
    return [found.ok() for found in schema.get_all_operations()]


def test_every_route_is_in_the_document(api):
    told = {(each.method.upper(), each.path) for each in operations(api)}
    shown = [route for route in api.app.routes if getattr(route, "include_in_schema", False)]
    assert told == {(method, route.path) for route in shown for method in route.methods} and len(told) == 22


def test_answers_to_anything_are_as_the_document_says(api):
    # A progress stream of an open video has no end, so every known video here is closed.
    known = {"video_id": api.finished(size="320x192"), "character_id": "char_x"}

    def ask(operation, mode):
        @given(st.data(), st.booleans())
        @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
        def check(data, use_known):
            case = data.draw(operation.as_strategy(generation_mode=mode))
            if use_known and operation.method != "delete":
                case.path_parameters = {
                    name: known.get(name, value) for name, value in (case.path_parameters or {}).items()
                }
            case.validate_response(case.call(), checks=CHECKS)

        check()

    for operation in operations(api):
        ask(operation, schemathesis.GenerationMode.POSITIVE)
        if operation.query or operation.body:  # a path alone can't be wrong
            ask(operation, schemathesis.GenerationMode.NEGATIVE)
