"""The authorizer: whose key or token this is, or why it is nobody's."""

import base64
import hmac
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bigledger.kernel import runtime
from bigledger.kernel.clock import Clock
from bigledger.kernel.database import Transaction
from bigledger.kernel.problems import Unavailable
from bigledger.platform import new_operator_secret
from bigledger.platform.secrets import Secret, new_secret, tenant_of
from tests.platform.callers import authorize, bearer
from tests.platform.conftest import UserPool, later
from tests.support.api import OPERATOR, Api, find

FORGED = "The token is not well-formed or its signature is not the user pool's."


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements sent from now on."""
    sent: list[str] = []
    rows = Transaction.rows

    def counted(self: Transaction, sql: str, **parameters: Any) -> Any:
        sent.append(sql)
        return rows(self, sql, **parameters)

    monkeypatch.setattr(Transaction, "rows", counted)
    return sent


@pytest.fixture
def key(api: Api) -> Any:
    """A key of the warehouse that expires in a day."""
    body = {"name": "Scanner", "roles": ["warehouse"], "expires_at": "2026-11-24T09:00:00Z"}
    return api.call("create_api_key", body).expect(201).json


# keys


def test_a_key_is_identified_in_one_statement(api: Api, key: Any, statements: list[str]) -> None:
    assert authorize(f"Bearer {key['api_key']}") == {
        "tenant_id": api.tenant_id,
        "actor_id": key["id"],
        "actor_kind": "api_key",
        "actor_name": "Scanner",
        "actor_version": "1",
        "permissions": "imports.execute_bulk inventory.* records.get_* records.list_*",
        "roles": "warehouse",
    }
    assert statements == ["SELECT * FROM platform.authorize_key(:tenant, :instant, :digest)"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(key: Any, scheme: str) -> None:
    assert authorize(f"{scheme}  {key['api_key']} ")["actor_id"] == key["id"]


def test_a_key_works_until_it_expires(api: Api, key: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    later(clock, monkeypatch, timedelta(hours=23, minutes=59))
    assert authorize(f"Bearer {key['api_key']}")["actor_id"] == key["id"]
    later(clock, monkeypatch, timedelta(minutes=1))
    problem = "This API key expired on 2026-11-24. Ask an administrator for another."
    assert authorize(f"Bearer {key['api_key']}") == {"problem": problem}
    before = api.counts()
    refused = bearer(key["api_key"]).call("receive_stock", {"items": []}).expect(401)
    assert (refused["code"], refused["detail"]) == ("unauthenticated", problem)
    assert api.counts() == before


def test_an_unknown_key_of_a_tenant_is_refused(api: Api) -> None:
    guessed = new_secret(runtime.clock, "live", UUID(str(api.tenant_id)))
    problem = "This API key is not known here. Check that it belongs to this installation."
    assert authorize(f"Bearer {guessed.text}") == {"problem": problem}


def test_a_key_does_not_open_another_tenant(api: Api, key: Any, operator: Api) -> None:
    """The tenant named in a key decides where it is looked up, so a key with another tenant's id is unknown there."""
    company = {"currency": "USD", "jurisdiction": "US-CA"}
    other = operator.call("create_tenant", {"name": "Other", "company": company}).expect(201)["id"]
    content = base64.b32decode(key["api_key"].removeprefix("blg_live_").upper())
    moved = "blg_live_" + base64.b32encode(content[:24] + UUID(other).bytes).decode().lower()
    assert tenant_of(moved) == UUID(other)
    assert "not known here" in authorize(f"Bearer {moved}")["problem"]


def test_a_key_of_a_tenant_that_does_not_exist_is_refused(owner_url: str) -> None:
    stray = new_secret(runtime.clock, "live", UUID("018f0000-0000-7000-8000-000000000000"))
    assert "not known here" in authorize(f"Bearer {stray.text}")["problem"]


def test_what_is_not_the_whole_key_is_refused(key: Any, statements: list[str]) -> None:
    text = key["api_key"]
    not_complete = "This API key is not complete. Copy all of it."
    for damaged in (text[:-1], text + "a", text[:30] + "1" + text[31:], text[:9] + text[9:].upper(), "blg_live_"):
        assert authorize(f"Bearer {damaged}") == {"problem": not_complete}
    assert authorize(f"Bearer blg_prod_{text[9:]}") == {"problem": not_complete}
    assert "neither an API key" in authorize(f"Bearer {text.upper()}")["problem"]
    assert statements == []


def test_a_live_key_is_no_test_key(key: Any) -> None:
    assert "problem" in authorize(f"Bearer {key['api_key'].replace('blg_live_', 'blg_test_')}")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "secret", "Token blg_live_x"])
def test_without_a_bearer_nobody_is_known(header: str | None) -> None:
    assert authorize(header) == {"problem": "Send an API key or a token in the header Authorization: Bearer <key>."}


@pytest.mark.parametrize("credential", ["x", "a.b", "a.b.c.d", "' OR 1=1 --", "é"])
def test_what_is_neither_key_nor_token_is_refused(credential: str) -> None:
    assert "neither an API key" in authorize(f"Bearer {credential}")["problem"]


def test_a_refusal_never_repeats_the_credential_nor_logs_it(
    api: Api, operator_secret: Secret, pool: UserPool, log_lines: list[str]
) -> None:
    guessed = new_secret(runtime.clock, "live", UUID(str(api.tenant_id))).text
    for credential in (guessed, guessed[:-3], "blg_operator_abc", pool.token(aud="another"), "a-password"):
        assert credential not in json.dumps(authorize(f"Bearer {credential}"))
        assert not any(credential in line for line in log_lines)
    assert len(log_lines) == 5


def test_a_database_that_does_not_answer_is_a_failure_and_no_refusal(key: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway keeps what the authorizer answers for a while; a passing failure must not be kept as a 401."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://bigledger_application@127.0.0.1:1/none?connect_timeout=2")
    with pytest.raises(Unavailable):
        authorize(f"Bearer {key['api_key']}")


def test_it_describes_itself() -> None:
    declared = find("authorize_request")
    assert (declared.name, declared.module, declared.memory, declared.timeout) == (
        "authorize_request",
        "platform",
        512,
        10,
    )
    assert declared.summary.startswith("Turn an API key, a token of the user pool or the operator's key into")


# the operator


def test_the_operator_belongs_to_no_tenant(operator_secret: Secret) -> None:
    assert operator_secret.text.startswith("blg_operator_")
    assert authorize(f"Bearer {operator_secret.text}") == {
        "actor_id": "operator",
        "actor_kind": "operator",
        "actor_name": "The operator",
        "permissions": OPERATOR,
        "roles": "",
    }


def test_another_operators_key_is_refused(operator_secret: Secret, clock: Clock) -> None:
    problem = "This is not the key of this installation's operator."
    assert authorize(f"Bearer {new_operator_secret(clock).text}") == {"problem": problem}
    assert authorize(f"Bearer {operator_secret.text[:-1]}") == {"problem": problem}


def test_the_digest_itself_is_no_key(operator_secret: Secret) -> None:
    """Who reads Secrets Manager cannot act as the operator."""
    assert "problem" in authorize(f"Bearer blg_operator_{operator_secret.digest}")


def test_an_installation_without_an_operator_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPERATOR_SECRET", raising=False)
    problem = "This installation has no operator's key: OPERATOR_SECRET does not name one."
    assert authorize("Bearer blg_operator_abc") == {"problem": problem}


def test_a_new_operators_key_counts_after_five_minutes_at_the_latest(
    operator_secret: Secret, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "problem" not in authorize(f"Bearer {operator_secret.text}")
    renewed = new_operator_secret(clock)
    boto3.client("secretsmanager").put_secret_value(SecretId="bigledger/operator", SecretString=renewed.digest)
    assert "problem" not in authorize(f"Bearer {operator_secret.text}")
    later(clock, monkeypatch, timedelta(minutes=5))
    assert "problem" in authorize(f"Bearer {operator_secret.text}")
    assert "problem" not in authorize(f"Bearer {renewed.text}")


# users


def test_a_user_is_identified_by_their_token(api: Api, pool: UserPool, statements: list[str]) -> None:
    token = pool.token(custom__tenant_id=str(api.tenant_id), cognito__groups=["sales", "no-such-role"])
    context = authorize(f"Bearer {token}")
    assert {name: context[name] for name in context if name != "permissions"} == {
        "tenant_id": api.tenant_id,
        "actor_id": "3f0c1c2e-user",
        "actor_kind": "user",
        "actor_name": "Ada Okafor",
        "roles": "sales",
    }
    assert "receivables.create_invoice" in context["permissions"].split()
    assert statements == ["SELECT * FROM platform.authorize_user(:tenant, :instant, :subject, :groups)"]
    answer = bearer(token).call("verify_auth").expect(200)
    assert answer["actor"] == {"id": "3f0c1c2e-user", "kind": "user", "name": "Ada Okafor"}


def test_an_access_token_names_its_client(api: Api, pool: UserPool) -> None:
    token = pool.token(custom__tenant_id=api.tenant_id, token_use="access", aud=None, client_id="console", name=None)
    assert authorize(f"Bearer {token}")["actor_name"] == "3f0c1c2e-user"


@pytest.mark.parametrize(
    ("claims", "problem"),
    [
        ({"aud": "another"}, "The token was issued for another application."),
        ({"aud": None}, "The token was issued for another application."),
        ({"token_use": "access"}, "The token was issued for another application."),
        ({"token_use": None}, "The token was issued for another application."),
        ({"token_use": "refresh"}, "The token was issued for another application."),
        ({"iss": "https://evil.example/pool"},
         "The token comes from another issuer than this installation's user pool."),
        ({"exp": None}, "The token does not say how long it is valid."),
        ({"exp": True}, "The token does not say how long it is valid."),
        ({"exp": 1}, "The token has expired. Sign in again, or refresh it."),
        ({"nbf": 4_000_000_000}, "The token is not valid yet."),
        ({"custom__tenant_id": None},
         "The token names no tenant. An administrator sets it as custom:tenant_id of the user."),
        ({"custom__tenant_id": "MAIN"},
         "The token names no tenant. An administrator sets it as custom:tenant_id of the user."),
        ({"custom__tenant_id": "018f0000-0000-7000-8000-000000000000"},
         "The tenant that this token names does not exist here."),
        ({"sub": "two words"}, "The token does not say whose it is."),
        ({"cognito__groups": "admin"}, "The groups in the token are not a list."),
    ],
)  # fmt: skip
def test_a_token_that_is_not_right_is_refused(api: Api, pool: UserPool, claims: dict[str, Any], problem: str) -> None:
    token = pool.token(**{"custom__tenant_id": api.tenant_id, "cognito__groups": ["admin"]} | claims)
    assert authorize(f"Bearer {token}") == {"problem": problem}
    assert bearer(token).call("verify_auth").expect(401)["detail"] == problem


def test_a_token_works_until_it_expires(
    api: Api, pool: UserPool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = pool.token(custom__tenant_id=api.tenant_id)
    later(clock, monkeypatch, timedelta(minutes=59))
    assert authorize(f"Bearer {token}")["actor_kind"] == "user"
    later(clock, monkeypatch, timedelta(minutes=1))
    assert authorize(f"Bearer {token}") == {"problem": "The token has expired. Sign in again, or refresh it."}


def test_only_rs256_is_accepted(api: Api, pool: UserPool, rsa_keys: list[RSAPrivateKey]) -> None:
    """No unsigned token, no other algorithm, and none signed with the public key as if it were a shared secret."""
    problem = {"problem": "The token is not signed as the user pool signs (RS256)."}
    claims = pool.token(custom__tenant_id=api.tenant_id).split(".")[1]
    for unsigned in ("none", "None", "NONE"):
        assert authorize(f"Bearer {_head(unsigned)}.{claims}.") == problem
    public = rsa_keys[0].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{_head('HS256')}.{claims}"
    mark = _base64url(hmac.digest(public, signed.encode(), "sha256"))
    assert authorize(f"Bearer {signed}.{mark}") == problem
    assert authorize(f"Bearer {pool.token(custom__tenant_id=api.tenant_id, algorithm='RS512')}") == problem


def _head(algorithm: str) -> str:
    return _base64url(json.dumps({"alg": algorithm, "typ": "JWT", "kid": "first"}).encode())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def test_a_forged_signature_is_refused(api: Api, pool: UserPool, rsa_keys: list[RSAPrivateKey]) -> None:
    strange = pool.token(custom__tenant_id=api.tenant_id, key=rsa_keys[1])
    assert authorize(f"Bearer {strange}") == {"problem": FORGED}
    head, body, signature = pool.token(custom__tenant_id=api.tenant_id).split(".")
    richer = _base64url(base64.urlsafe_b64decode(body + "==").replace(b'"sub":"3f', b'"sub":"4f'))
    assert richer != body
    assert authorize(f"Bearer {head}.{richer}.{signature}") == {"problem": FORGED}
    assert authorize("Bearer not.a.token") == {"problem": FORGED}


def test_the_pools_keys_are_asked_for_once(api: Api, pool: UserPool) -> None:
    for _ in range(3):
        assert "problem" not in authorize(f"Bearer {pool.token(custom__tenant_id=api.tenant_id)}")
    assert pool.asked == 1


def test_a_new_key_of_the_pool_is_found_and_forged_ones_do_not_make_it_asked_again(
    api: Api,
    pool: UserPool,
    rsa_keys: list[RSAPrivateKey],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authorize(f"Bearer {pool.token(custom__tenant_id=api.tenant_id)}")
    pool.publish("second", rsa_keys[1])
    token = pool.token(custom__tenant_id=api.tenant_id, kid="second")
    unknown = "The token is signed with a key that the user pool does not have."
    for _ in range(5):
        assert authorize(f"Bearer {token}") == {"problem": unknown}
    assert pool.asked == 1
    later(clock, monkeypatch, timedelta(minutes=1))
    assert authorize(f"Bearer {token}")["actor_id"] == "3f0c1c2e-user"
    assert pool.asked == 2


def test_a_key_that_the_pool_withdrew_is_not_trusted_for_long(
    api: Api,
    pool: UserPool,
    rsa_keys: list[RSAPrivateKey],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = pool.token(custom__tenant_id=api.tenant_id, exp=int(pool.now.timestamp()) + 86_400)
    authorize(f"Bearer {token}")
    pool.keys = {"second": rsa_keys[1]}
    later(clock, monkeypatch, timedelta(hours=1))
    assert "does not have" in authorize(f"Bearer {token}")["problem"]


def test_a_pool_that_does_not_answer_is_a_failure_and_is_asked_again_later(
    api: Api, pool: UserPool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool.failing = True
    token = pool.token(custom__tenant_id=api.tenant_id)
    for _ in range(3):
        with pytest.raises(Unavailable):
            authorize(f"Bearer {token}")
    assert pool.asked == 1
    pool.failing = False
    later(clock, monkeypatch, timedelta(seconds=5))
    assert authorize(f"Bearer {token}")["actor_kind"] == "user"


def test_known_keys_stay_known_while_the_pool_does_not_answer(
    api: Api, pool: UserPool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = pool.token(custom__tenant_id=api.tenant_id, exp=int(pool.now.timestamp()) + 86_400)
    authorize(f"Bearer {token}")
    pool.failing = True
    later(clock, monkeypatch, timedelta(hours=2))
    assert authorize(f"Bearer {token}")["actor_kind"] == "user"
    assert pool.asked == 2


def test_without_a_user_pool_tokens_are_refused(pool: UserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("USER_POOL_ISSUER")
    problem = "This installation takes API keys only; it has no user pool."
    assert authorize(f"Bearer {pool.token()}") == {"problem": problem}
