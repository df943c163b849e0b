"""Templates are counted as CloudFormation and HTTP API count them, and what is too much is told."""

from pathlib import Path
from typing import Any

import yaml

from devtools.deploy.counts import Count, counted, faults, miscounted


def test_a_template_is_counted_by_its_resources() -> None:
    document: dict[str, Any] = {
        "Resources": {
            "One": {"Type": "AWS::ApiGatewayV2::Route"},
            "Two": {"Type": "AWS::ApiGatewayV2::Route"},
            "Three": {"Type": "AWS::ApiGatewayV2::Integration"},
            "Four": {"Type": "AWS::Lambda::Function"},
        }
    }
    assert counted("a.yaml", document) == Count("a.yaml", resources=4, size=201, routes=2, integrations=1)


def test_what_fits_has_no_fault() -> None:
    assert list(faults([Count("a.yaml", 500, 1_000_000, 150, 150), Count("b.yaml", 500, 10, 150, 150)])) == []


def test_a_stack_holds_500_resources() -> None:
    assert list(faults([Count("a.yaml", 501, 10, 0, 0)])) == ["a.yaml needs 501 resources; a stack holds 500"]


def test_a_template_has_a_megabyte() -> None:
    assert list(faults([Count("a.yaml", 1, 1_000_001, 0, 0)])) == [
        "a.yaml has 1,000,001 bytes when expanded; CloudFormation takes 1,000,000"
    ]


def test_an_api_holds_300_routes_and_integrations_of_all_modules() -> None:
    advice = "Give some modules an API of their own"
    assert list(faults([Count("a.yaml", 1, 1, 200, 300), Count("b.yaml", 1, 1, 101, 1)])) == [
        f"there are 301 routes; an HTTP API holds 300. {advice}",
        f"there are 301 integrations; an HTTP API holds 300. {advice}",
    ]


def test_make_generate_has_to_count_as_sam_does(tmp_path: Path) -> None:
    """It refuses what cannot be deployed, long before SAM sees it."""
    path = tmp_path / "functions" / "things" / "template.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}))
    name = "functions/things/template.yaml"
    assert list(miscounted(tmp_path, [Count(name, 1, 1, 0, 0), Count("template.yaml", 9, 1, 0, 0)])) == []
    assert list(miscounted(tmp_path, [Count(name, 2, 1, 0, 0)])) == [
        f"{name} has 2 resources, and `make generate` counts 1"
    ]
