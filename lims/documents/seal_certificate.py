"""Making the site's seal at founding: a P-256 key and its self-signed certificate, vouched for by the site root."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lims.domain.canonical import file_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSeal:
    """A new seal. `public` (hex SHA-256 of the certificate) is what `site_key_founded` states and the root signs."""

    key_pem: bytes
    certificate_pem: bytes
    public: str


def certificate_public(certificate_pem: bytes) -> str:
    """What stands for a seal's certificate on the key list: hex SHA-256 of its DER form."""
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    return file_hash(certificate.public_bytes(serialization.Encoding.DER))


def new_seal(
    *,
    site: str,
    instance_kind: str,
    time: datetime,
    years: int,
    passphrase: bytes | None = None,
) -> NewSeal:
    """A fresh key and certificate naming the site, valid from a day before `time` for `years` years.

    The name of an instance that is not production says what it is. E-mail protection is among the uses because
    Poppler trusts a signer only then.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    label = f"{site} seal" if instance_kind == "production" else f"{instance_kind.upper()} {site} seal"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, label[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(time - timedelta(days=1))
        .not_valid_after(time + timedelta(days=365 * years + years // 4))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signing_only(), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]),
            critical=False,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    lock = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    certificate_pem = certificate.public_bytes(serialization.Encoding.PEM)
    return NewSeal(
        key_pem=key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock),
        certificate_pem=certificate_pem,
        public=certificate_public(certificate_pem),
    )


def _signing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
