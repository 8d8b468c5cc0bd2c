"""Keys as an administrator has them: a PEM file of an app registration, the JSON key file of a service account."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

ACCOUNT = "reader@project-7.iam.gserviceaccount.example"


@lru_cache(maxsize=1)
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Any = None, passphrase: bytes = b"") -> bytes:
    """The private key; another kind of key, or one with a passphrase, cannot be used."""
    how = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return bytes(
        (key or rsa_key()).private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how),
    )


def other_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@lru_cache(maxsize=1)
def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "contact-monitor")])
    builder = x509.CertificateBuilder(name, name, rsa_key().public_key(), x509.random_serial_number())
    day = datetime(2026, 1, 1, tzinfo=UTC)
    return builder.not_valid_before(day).not_valid_after(day + timedelta(days=700)).sign(rsa_key(), hashes.SHA256())


def certificate_pem() -> bytes:
    return certificate().public_bytes(serialization.Encoding.PEM)


def thumbprint() -> str:
    """x5t#S256 of the certificate."""
    return urlsafe_b64encode(certificate().fingerprint(hashes.SHA256())).decode().rstrip("=")


def app_file(directory: Path) -> Path:
    """Private key and certificate in one file."""
    path = directory / "app.pem"
    path.write_bytes(pem() + certificate_pem())
    return path


def service_account_file(directory: Path, **more: Any) -> Path:
    """What Google's console gives, as far as it is read."""
    path = directory / "service-account.json"
    given = {"type": "service_account", "private_key_id": "key-1", "private_key": pem().decode(), "client_email": ACCOUNT}
    path.write_text(json.dumps(given | more))
    return path
