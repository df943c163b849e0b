"""The route table chooses as an HTTP API does: the most specific route that has the method."""

from devtools.local.routes import Routes

ROUTES = Routes(
    [
        ("GET /api/v1/health", "health"),
        ("POST /api/v1/invoices", "create_invoice"),
        ("GET /api/v1/invoices/{id}", "get_invoice"),
        ("POST /api/v1/invoices/{id}/void", "void_invoice"),
        ("POST /api/v1/approvals/{id}/{decision}", "decide_approval"),
        ("POST /api/v1/{resource}", "create_record"),
        ("GET /api/v1/{resource}/{id}", "get_record"),
        ("DELETE /api/v1/{resource}/{id}", "archive_record"),
        ("GET /files/{path+}", "get_file"),
        ("ANY /echo", "echo"),
    ]
)


def test_a_literal_path_has_no_parameters() -> None:
    assert ROUTES.find("GET", "/api/v1/health") == ("health", None)


def test_a_literal_segment_wins_over_a_parameter() -> None:
    assert ROUTES.find("POST", "/api/v1/invoices") == ("create_invoice", None)
    assert ROUTES.find("GET", "/api/v1/invoices/7") == ("get_invoice", {"id": "7"})
    assert ROUTES.find("POST", "/api/v1/customers") == ("create_record", {"resource": "customers"})


def test_a_less_specific_route_is_taken_when_the_more_specific_one_lacks_the_method() -> None:
    assert ROUTES.find("DELETE", "/api/v1/invoices/7") == ("archive_record", {"resource": "invoices", "id": "7"})


def test_several_parameters_are_named_in_their_order() -> None:
    assert ROUTES.find("POST", "/api/v1/approvals/7/approve") == ("decide_approval", {"id": "7", "decision": "approve"})
    assert ROUTES.find("POST", "/api/v1/invoices/7/void") == ("void_invoice", {"id": "7"})


def test_what_has_no_route_is_not_found() -> None:
    for method, path in (
        ("GET", "/"),
        ("GET", "/api/v1/health/"),
        ("PUT", "/api/v1/health"),
        ("HEAD", "/api/v1/health"),
        ("GET", "/api/v1/invoices/"),
        ("POST", "/api/v1/invoices/7/pay"),
        ("GET", "/api/v1/customers/7/8"),
        ("POST", "/api/v1/invoices//void"),
    ):
        assert ROUTES.find(method, path) is None, (method, path)


def test_a_path_cannot_imitate_a_placeholder() -> None:
    assert ROUTES.find("POST", "/api/v1/{resource}") == ("create_record", {"resource": "{resource}"})
    assert ROUTES.find("GET", "/api/v1/1/2") == ("get_record", {"resource": "1", "id": "2"})


def test_a_greedy_parameter_takes_the_rest_of_the_path() -> None:
    assert ROUTES.find("GET", "/files/a/b/c") == ("get_file", {"path": "a/b/c"})
    assert ROUTES.find("GET", "/files/") is None


def test_any_method_comes_after_the_methods_own_routes() -> None:
    routes = Routes([("ANY /a", "any"), ("GET /a", "get")])
    assert (routes.find("GET", "/a"), routes.find("POST", "/a")) == (("get", None), ("any", None))
    assert ROUTES.find("PATCH", "/echo") == ("echo", None)


def test_the_methods_of_a_path_are_known() -> None:
    assert ROUTES.methods("/api/v1/invoices/7") == ["DELETE", "GET"]
    assert ROUTES.methods("/nowhere") == []
