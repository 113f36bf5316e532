"""The site's seal on a paper: one certifying signature that allows no change (PAdES B-B, DocMDP P=1).

The only place that imports pyHanko. No network, no clock: the signing time is an argument. The key lies in a PEM
file or, by configuration, in a PKCS#11 token.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils import layout
from pyhanko.pdf_utils.content import PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD: Final = "Seal"
T = TypeVar("T")


class SealFault(ValueError):
    """The seal cannot be made: the key does not open or fit, or the token is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PemKey:
    """The seal's private key and certificate as PEM; `passphrase` opens an encrypted key."""

    key_pem: bytes
    certificate_pem: bytes
    passphrase: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenKey:
    """A key in a PKCS#11 token: pyHanko's own settings (module-path, token-criteria, cert-label, user-pin, …).

    Needs the package python-pkcs11, which is not among this system's own.
    """

    settings: Mapping[str, Any]


SealKey = PemKey | TokenKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A visible stamp: a one-page PDF, the page it goes on (0 is the first) and its box in points (x1, y1, x2, y2)."""

    pdf: bytes
    page: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRead:
    """What a second, independent reader (pyHanko) says of a seal."""

    intact: bool
    whole_file: bool
    changes_forbidden: bool


def seal(
    pdf: bytes,
    *,
    key: SealKey,
    reason: str,
    location: str,
    time: datetime,
    stamp: Stamp | None = None,
) -> bytes:
    """The PDF under the site's seal; it is never saved again after. `time` is the aware signing time.

    Raises SealFault when the key cannot seal or the PDF already carries a signature.
    """
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    try:
        if writer.prev.embedded_signatures:
            raise SealFault("this PDF is already sealed")
        fields.append_signature_field(
            writer,
            fields.SigFieldSpec(
                sig_field_name=FIELD,
                on_page=stamp.page if stamp else 0,
                box=stamp.box if stamp else None,
            ),
        )
        metadata = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            reason=reason,
            location=location,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            subfilter=fields.SigSeedSubFilter.PADES,
        )
        with _opened(key) as signer:
            sealer = _TimedSigner(metadata, signer, stamp_style=_style(stamp) if stamp else None)
            sealer.time = time
            out: io.BytesIO = _aside(lambda: sealer.sign_pdf(writer, existing_fields_only=True))
    except (SigningError, PdfError) as fault:
        raise SealFault(str(fault)) from fault
    return out.getvalue()


def read_seal(pdf: bytes, certificate: bytes) -> SealRead:
    """What pyHanko makes of the file's only signature, trusting this certificate (DER) alone; never goes online.

    Raises SealFault when it cannot read it at all.
    """
    try:
        trusted = list(load_certs_from_pemder_data(certificate))
        signature = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0]
        context = ValidationContext(
            trust_roots=trusted,
            allow_fetching=False,
            moment=signature.self_reported_timestamp,
        )
        status = _aside(lambda: validate_pdf_signature(signature, context))
    except (PdfError, SignatureValidationError, ValueError, IndexError) as fault:
        raise SealFault(str(fault)) from fault
    return SealRead(
        intact=status.intact and status.valid,
        whole_file=status.coverage is not None and status.coverage.name == "ENTIRE_FILE",
        changes_forbidden=signature.docmdp_level is fields.MDPPerm.NO_CHANGES,
    )


def _aside(work: Callable[[], T]) -> T:
    """The work done in a thread of its own: pyHanko starts an event loop, which a thread that has one refuses."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(work).result()


class _TimedSigner(signers.PdfSigner):
    """A signer whose time is told, not read from the machine's clock."""

    time: datetime

    def init_signing_session(self, *args: Any, **options: Any) -> PdfSigningSession:
        session = super().init_signing_session(*args, **options)
        session.system_time = self.time
        return session


@contextmanager
def _opened(key: SealKey) -> Iterator[signers.Signer]:
    if isinstance(key, TokenKey):
        with _opened_token(key) as signer:
            yield signer
        return
    try:
        (certificate,) = load_certs_from_pemder_data(key.certificate_pem)
        private = load_private_key_from_pemder_data(key.key_pem, key.passphrase)
    except (ValueError, TypeError) as fault:
        raise SealFault(f"the seal's key or certificate does not open: {fault}") from fault
    empty: Callable[[list[Any]], Any] = SimpleCertificateStore.from_certs
    yield signers.SimpleSigner(
        signing_cert=certificate,
        signing_key=private,
        cert_registry=empty([]),
    )


@contextmanager
def _opened_token(key: TokenKey) -> Iterator[signers.Signer]:
    try:
        from pyhanko.config.pkcs11 import PKCS11SignatureConfig
        from pyhanko.sign.pkcs11 import PKCS11SigningContext
    except ImportError as fault:
        raise SealFault("a seal in a token needs the package python-pkcs11") from fault
    read_settings: Callable[[dict[str, Any]], Any] = PKCS11SignatureConfig.from_config
    with PKCS11SigningContext(read_settings(dict(key.settings))) as signer:
        yield signer


def _style(stamp: Stamp) -> StaticStampStyle:
    return StaticStampStyle(
        border_width=0,
        background=_StampPage(stamp.pdf),
        background_opacity=1.0,
        background_layout=layout.SimpleBoxLayoutRule(
            x_align=layout.AxisAlignment.ALIGN_MID,
            y_align=layout.AxisAlignment.ALIGN_MID,
            margins=layout.Margins(),
        ),
    )


class _StampPage(PdfContent):
    """The stamp's page, handed over as bytes rather than as a file's name."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self._pdf = pdf

    def render(self) -> bytes:
        page = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self._pdf)))
        self.resources.xobject["/StampPage"] = page
        x1, y1, x2, y2 = page.get_object()["/BBox"]
        self.box = layout.BoxConstraints(width=abs(x1 - x2), height=abs(y1 - y2))
        return b"/StampPage Do"
