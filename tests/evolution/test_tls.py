"""A host that cannot prove who it is gets no request, and the failure says why."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chat.evolution import Provider, ProviderConfig
from tests.evolution.asking import ask
from tests.evolution.raw import DONE, chunk, raw_server


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """Give the context of a server whose certificate nobody has signed but itself."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    certificate = folder / "certificate.pem"
    certificate.write_bytes(_certificate(key).public_bytes(serialization.Encoding.PEM))
    return _server_context(certificate, folder / "key.pem")


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_a_host_that_cannot_prove_who_it_is_is_unavailable(
    self_signed: ssl.SSLContext,
) -> None:
    async with raw_server(chunk("x", "stop"), DONE, tls=self_signed) as url:
        provider = Provider(ProviderConfig(url, api_key="a-secret-key", max_retries=0))
        answer = await ask(provider, "")
        await provider.aclose()
    assert (answer.content, answer.code) == ("", "provider_unavailable")
    assert answer.error is not None
    assert answer.error.detail.startswith("no connection: ")
    assert "self-signed certificate" in answer.error.detail
