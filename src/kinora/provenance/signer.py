"""Who signs: a certificate chain and its key, the user's own or one made on first use.

A chain made here proves that a file has not changed since Kinora wrote it. It cannot prove who ran Kinora, so readers
call it valid but untrusted; for that, point KINORA_SIGNER_CERTS and KINORA_SIGNER_KEY at PEM files from an authority.
"""

import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CLAIM_SIGNING = x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
"""The C2PA's own key purpose; every reader knows e-mail protection, newer ones ask for this."""

LIFETIME = timedelta(days=20 * 365)
"""Long, because without a time stamp a file's credentials end with the certificate."""

CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


@dataclass(frozen=True, kw_only=True)
class Signer:
    """A certificate chain (PEM, leaf first), its private key (PEM) and the C2PA name of the key's algorithm."""

    chain_pem: bytes
    key_pem: bytes
    algorithm: str


def find_signer(environment: Mapping[str, str] = os.environ) -> Signer:
    """The user's signer where the environment names one, else the local one, made now if there is none.

    Raises ValueError where only half of a signer is named or its files cannot be used.
    """
    certs, key = environment.get("KINORA_SIGNER_CERTS"), environment.get("KINORA_SIGNER_KEY")
    if bool(certs) != bool(key):
        raise ValueError("set both KINORA_SIGNER_CERTS and KINORA_SIGNER_KEY, or neither")
    if certs and key:
        return _load(Path(certs), Path(key))
    folder = data_folder(environment) / "signer"
    if not folder.exists():
        _make(folder)
    return _load(folder / "chain.pem", folder / "key.pem")


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where a user's own things are kept: $KINORA_HOME, else kinora/ in the XDG data folder."""
    if home := environment.get("KINORA_HOME"):
        return Path(home).expanduser()
    if shared := environment.get("XDG_DATA_HOME"):
        return Path(shared) / "kinora"
    return Path.home() / ".local" / "share" / "kinora"


def _load(chain: Path, key: Path) -> Signer:
    """Read and recognise a signer. Raises ValueError, naming the file, where it is not PEM or not a usable key."""
    try:
        chain_pem, key_pem = chain.read_bytes(), key.read_bytes()
    except OSError as error:
        raise ValueError(f"signer file {error.filename} cannot be read ({os.strerror(error.errno or 0)})") from None
    try:
        x509.load_pem_x509_certificates(chain_pem)
        private = serialization.load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError(f"signer files {chain} and {key} must be PEM, the key without a password") from None
    match private:
        case ec.EllipticCurvePrivateKey() if private.curve.name in CURVES:
            algorithm = CURVES[private.curve.name]
        case ed25519.Ed25519PrivateKey():
            algorithm = "ed25519"
        case rsa.RSAPrivateKey():
            algorithm = "ps256"
        case _:
            raise ValueError(f"signer key {key} must be P-256, P-384, P-521, Ed25519 or RSA")
    return Signer(chain_pem=chain_pem, key_pem=key_pem, algorithm=algorithm)


def _make(folder: Path) -> None:
    """Make the local signer, whole or not at all; of two processes at once, one wins and both use its signer."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder.with_name(f".{folder.name}.{secrets.token_hex(6)}.part")
    draft.mkdir(mode=0o700)
    try:
        for name, content in _new_chain().items():
            _write_private(draft / name, content)
        try:
            # A folder is renamed only over nothing or an empty folder, so the second of two makers fails here.
            draft.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, and wait until it is on disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _new_chain() -> dict[str, bytes]:
    """A root, an intermediate and a leaf on P-256. The first two keys are forgotten, so nothing else can be issued."""
    root_key, middle_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    root = _certificate("Kinora local root", root_key, "Kinora local root", root_key, path_length=1)
    middle = _certificate("Kinora local intermediate", middle_key, "Kinora local root", root_key, path_length=0)
    leaf = _certificate("Kinora local signer", leaf_key, "Kinora local intermediate", middle_key, path_length=None)
    key_pem = leaf_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = [certificate.public_bytes(serialization.Encoding.PEM) for certificate in (leaf, middle, root)]
    return {"chain.pem": pem[0] + pem[1], "root.pem": pem[2], "key.pem": key_pem}


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    path_length: int | None,
) -> x509.Certificate:
    """A certificate as the C2PA asks for it: an authority, or without `path_length` a leaf that only signs."""
    is_authority, now = path_length is not None, datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(serial_number=x509.random_serial_number(), public_key=key.public_key())
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=path_length), critical=True)
        .add_extension(_key_usage(is_authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not is_authority:
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION, CLAIM_SIGNING])
        builder = builder.add_extension(purposes, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _key_usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Kinora"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )
