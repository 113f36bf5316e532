"""The seal's own bytes: one DER-encoded CMS container in which nothing is free but certificate, attributes, signature.

Bytes in /Contents are not under the seal. So the container is written anew from the three parts that a signature
binds, and must come out the same; what is left of the reserved room must be zeros.
"""

from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

_SEQUENCE: Final = 0x30
_SET: Final = 0x31
_OCTETS: Final = 0x04
_CONTEXT_0: Final = 0xA0
_ONE: Final = bytes.fromhex("020101")
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_DATA: Final = bytes.fromhex("06092a864886f70d010701")
_MESSAGE_DIGEST: Final = bytes.fromhex("06092a864886f70d010904")
_SHA256: Final = bytes.fromhex("300d06096086480165030402010500")
_ECDSA_SHA256: Final = bytes.fromhex("300a06082a8648ce3d040302")
_RSA_SHA256: Final = bytes.fromhex("300d06092a864886f70d01010b0500")


class NoContainer(ValueError):
    """The bytes are no seal of this system's kind; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A seal's parts: certificate (DER), attributes as they are signed (a DER SET), algorithm and signature."""

    certificate: bytes
    attributes: bytes
    algorithm: bytes
    signature: bytes
    message_digest: bytes
    """The SHA-256 of the sealed bytes, as signed."""
    length: int
    """How many bytes the container takes; zeros follow."""

    def is_signed(self) -> bool:
        """Whether the certificate's key signed the attributes."""
        try:
            public = x509.load_der_x509_certificate(self.certificate).public_key()
            if isinstance(public, ec.EllipticCurvePublicKey) and self.algorithm == _ECDSA_SHA256:
                public.verify(self.signature, self.attributes, ec.ECDSA(hashes.SHA256()))
            elif isinstance(public, rsa.RSAPublicKey) and self.algorithm == _RSA_SHA256:
                public.verify(self.signature, self.attributes, padding.PKCS1v15(), hashes.SHA256())
            else:
                return False
        except (InvalidSignature, UnsupportedAlgorithm, x509.InvalidVersion, ValueError):
            return False
        return True

    def written(self) -> bytes:
        """The only container that these parts make."""
        certificate = x509.load_der_x509_certificate(self.certificate)
        serial = certificate.serial_number
        number = _tlv(0x02, serial.to_bytes(serial.bit_length() // 8 + 1, "big"))
        signer = _tlv(
            _SEQUENCE,
            _ONE,
            _tlv(_SEQUENCE, certificate.issuer.public_bytes(), number),
            _SHA256,
            bytes([_CONTEXT_0]) + self.attributes[1:],
            self.algorithm,
            _tlv(_OCTETS, self.signature),
        )
        signed = _tlv(
            _SEQUENCE,
            _ONE,
            _tlv(_SET, _SHA256),
            _tlv(_SEQUENCE, _DATA),
            _tlv(_CONTEXT_0, self.certificate),
            _tlv(_SET, signer),
        )
        return _tlv(_SEQUENCE, _SIGNED_DATA, _tlv(_CONTEXT_0, signed))


def read_container(stored: bytes) -> Container:
    """The seal's parts; raises NoContainer unless `stored` is exactly what they make, and zeros after it."""
    try:
        whole, length = _element(stored, 0)
        _, content = _parts(whole)
        (signed,) = _parts(content)
        _, _, _, certificates, signers = _parts(signed)
        (certificate,) = _parts(certificates)
        (signer,) = _parts(signers)
        _, _, _, attributes, algorithm, signature = _parts(signer)
        container = Container(
            certificate=certificate,
            attributes=bytes([_SET]) + attributes[1:],
            algorithm=algorithm,
            signature=_value(signature, _OCTETS),
            message_digest=_digest_in(attributes),
            length=length,
        )
        if container.written() != whole:
            raise NoContainer("it holds more than a certificate, attributes and a signature")
    except NoContainer:
        raise
    except (UnsupportedAlgorithm, x509.InvalidVersion, ValueError, IndexError) as fault:
        raise NoContainer(str(fault)) from None
    if any(stored[length:]):
        raise NoContainer("what follows it is not zero")
    return container


def _digest_in(attributes: bytes) -> bytes:
    found = [_parts(values) for name, values in map(_parts, _parts(attributes)) if name == _MESSAGE_DIGEST]
    if len(found) != 1 or len(found[0]) != 1:
        raise NoContainer("no message digest")
    return _value(found[0][0], _OCTETS)


def _tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def _element(data: bytes, at: int) -> tuple[bytes, int]:
    """The element that begins at `at`, whole, and where it ends."""
    first = data[at + 1]
    start = at + 2 + (first & 0x7F if first & 0x80 else 0)
    length = int.from_bytes(data[at + 2 : start], "big") if first & 0x80 else first
    if start + length > len(data):
        raise NoContainer("it is cut short")
    return data[at : start + length], start + length


def _header(element: bytes) -> int:
    return 2 + (element[1] & 0x7F if element[1] & 0x80 else 0)


def _parts(element: bytes) -> list[bytes]:
    at, parts = _header(element), []
    while at < len(element):
        part, at = _element(element, at)
        parts.append(part)
    return parts


def _value(element: bytes, tag: int) -> bytes:
    if element[0] != tag:
        raise NoContainer("an element of another sort")
    return element[_header(element) :]
