"""All printed files at once."""

from collections.abc import Mapping

from devtools.generate import events, openapi, reference, templates
from devtools.generate.check import Printed
from devtools.generate.discover import Functions
from devtools.generate.published import Resource, published
from devtools.generate.recorded import Recorded


def printed(functions: Functions, resources: Mapping[str, Resource], recorded: Recorded) -> Printed:
    """Every printed file by kind."""
    operations = published(functions.operations, resources)
    return {
        "examples": recorded.files,
        "templates": templates.templates(functions),
        "openapi": {openapi.PATH: openapi.text(operations, recorded)},
        "events": events.event_schemas(functions.events) | events.gateway_events(functions.operations, recorded),
        "reference": reference.reference(functions, operations, resources.values()),
    }
