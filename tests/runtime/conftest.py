"""What is deployed, built once for all test runs."""

import os
from pathlib import Path

import pytest

from devtools.local.deploy import STACK, parameters_of_modules, templates_of_modules
from devtools.local.lambda_build import Artifacts, build, built_by_sam
from devtools.local.templates import Deployment, Template, deployment_of
from tests.support import data_api

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def deployment() -> Deployment:
    """The functions that the project's templates declare, on the database of the test run."""
    shared = {"Stack": STACK, "DatabaseClusterArn": data_api.CLUSTER, "DatabaseName": database()}
    top = Template.read(ROOT / "template.yaml", STACK, shared)
    return deployment_of(templates_of_modules(ROOT, shared, parameters_of_modules(top)))


@pytest.fixture(scope="session")
def artifacts(deployment: Deployment) -> Artifacts:
    """What the functions consist of; ARTIFACTS names a folder of `sam build` to test instead of our own build."""
    if os.environ.get("ARTIFACTS"):
        return built_by_sam(Path(os.environ["ARTIFACTS"]).resolve(), STACK)
    return build(ROOT / "template.yaml", STACK, deployment.functions.values())


def database() -> str:
    """The name of this worker's database."""
    return f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
