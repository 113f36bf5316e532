"""Labels of the batch: 100 × 60 mm for a container, 60 × 20 mm for a syringe, both languages, black only.

The large square code is the container's own; the small one is the serial of this very label, scanned back when its
fate is recorded. The second identifier is handed in for printing and kept nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lims.documents.batch_record_copy import Copy
from lims.documents.parts import INK, MM, Pen, Span, Style, width_of, wrap
from lims.documents.parts_blocks import heading
from lims.documents.parts_flow import RIGHT, Block, set_lines
from lims.documents.parts_signs import sign
from lims.domain.acts import Stage
from lims.domain.batch_record import BatchRecord
from lims.domain.codes import grouped
from lims.domain.dose import dose_of
from lims.domain.entries.batch import LabelsPrinted
from lims.domain.master_batch_record import Words
from lims.domain.protocol import LegalText
from lims.domain.quantities import as_given, as_power_of_ten
from lims.domain.sentences import at_site

FULL, PARTIAL = (100.0, 60.0), (60.0, 20.0)
NOT_FOR_USE = {"demo": "DEMO", "training": "TRAINING"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What one label says."""

    warning: Words
    participant: str
    round: str
    batch: str
    second_identifier: str | None
    container: Words
    unit: str
    coi: str
    product: Words
    contents: Words
    """What the unit holds, as filled; the nominal strength while it is not filled."""
    volume: str
    storage: Words
    route: Words
    expiry: str | None
    status: Words
    status_sign: str
    legal: tuple[Words, ...]
    registry: str
    site: str
    code: str
    serial: str
    serial_of: str
    mark: str | None
    specimen: bool = False


def print_label(
    record: BatchRecord,
    *,
    serials: Sequence[str],
    kind: str,
    site_name: str,
    second_identifier: str | None,
    partial: bool = False,
) -> bytes:
    """One page a label, in the order of the serials; `partial` prints the syringe's small label.

    Raises KeyError for a serial that was not printed in this batch, Unprintable for a sign without a font.
    """
    size = PARTIAL if partial else FULL
    pen = Pen(title=f"{record.number}", language="en", size=(size[0] * MM, size[1] * MM), author=site_name)
    for serial in serials:
        face = face_of(
            record, serial=serial, kind=kind, site_name=site_name, second_identifier=second_identifier
        )
        (draw_partial if partial else draw_full)(pen, face)
        pen.next_page()
    return pen.finish()


def face_of(
    record: BatchRecord,
    *,
    serial: str,
    kind: str,
    site_name: str,
    second_identifier: str | None,
    specimen: bool = False,
) -> Face:
    """What the label of a serial says now."""
    printed = record.labels[serial]
    serials = next(
        entry.fact.serials
        for entry in record.entries
        if isinstance(entry.fact, LabelsPrinted) and serial in entry.fact.serials
    )
    item = record.containers[printed.container]
    issue, master, protocol = record.issue, record.master, record.protocol
    is_product = item.container == master.dose.product
    legal = [text for text in protocol.legal_texts if text.profile in ("ALL", issue.profile)]
    status, status_sign = _status(record, is_product=is_product)
    expiry = record.expires_at if is_product else None
    return Face(
        warning=next((text.words for text in legal if text.code == "autologous"), Words(en="", zh="")),
        participant=issue.participant,
        round=f"{issue.round}/{protocol.rounds}",
        batch=record.number,
        second_identifier=second_identifier,
        container=next(kind.title for kind in master.containers if kind.code == item.container),
        unit=f"{item.index}/{item.of}",
        coi=issue.coi,
        product=master.product,
        contents=_contents(record) if is_product else Words(en="", zh=""),
        volume=_volume(record) if is_product else "",
        storage=master.storage if is_product else Words(en="", zh=""),
        route=protocol.route,
        expiry=at_site(expiry, issue.zone, seconds=False) if expiry else None,
        status=status,
        status_sign=status_sign,
        legal=_legal(record, legal, is_product=is_product),
        registry=protocol.registry,
        site=site_name,
        code=printed.container,
        serial=serial,
        serial_of=f"{serials.index(serial) + 1}/{len(serials)}",
        mark=NOT_FOR_USE.get(kind),
        specimen=specimen,
    )


def _legal(record: BatchRecord, texts: Sequence[LegalText], *, is_product: bool) -> tuple[Words, ...]:
    """The approved texts of the profile; what is pending comes first, while it is pending."""
    pending = is_product and record.released is not None and record.disposed is None
    first = [text.words for text in texts if text.code == "sterility_pending" and pending]
    return (*first, *(text.words for text in texts if text.code not in ("autologous", "sterility_pending")))


def _volume(record: BatchRecord) -> str:
    volume = dose_of(record).volume
    return f"{as_given(volume)} mL" if volume is not None else ""


def _contents(record: BatchRecord) -> Words:
    """Volume, viable concentration and count, and NK cells once purity is reviewed; nothing is guessed."""
    dose = dose_of(record)
    if dose.concentration is None or dose.viable_cells is None:
        return record.master.strength
    each, all_cells = as_power_of_ten(dose.concentration), as_power_of_ten(dose.viable_cells)
    text = f"{_volume(record)} · {each} viable 活细胞/mL · total 共 {all_cells}"
    if dose.nk_cells is not None:
        text += f" · NK {as_power_of_ten(dose.nk_cells)}"
    return Words(en=text, zh="")


def _status(record: BatchRecord, *, is_product: bool) -> tuple[Words, str]:
    if record.stage in (Stage.REJECTED, Stage.TERMINATED):
        return Words(en="REJECTED", zh="不合格"), "stop"
    if record.on_hold is not None:
        return Words(en="ON HOLD", zh="暂停使用"), "hold"
    if not is_product:
        return Words(en="IN PROCESS", zh="生产中"), "none"
    if record.released is not None:
        return Words(en="CONDITIONAL RELEASE", zh="有条件放行"), "due"
    return Words(en="QUARANTINE", zh="待检"), "hold"


class _Ground:
    """Millimetres on a label, wherever and however large it is drawn."""

    def __init__(self, pen: Pen, *, x: float, y: float, scale: float) -> None:
        self.pen, self.x, self.y, self.scale = pen, x, y, scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + x * MM * self.scale, self.y + y * MM * self.scale

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        weight: int = 400,
        *,
        most: float = 0,
        colour: str = INK,
    ) -> float:
        """A text from (x, y) in mm, made smaller to run at most `most` mm; returns its end in mm."""
        style = Style(size=size * self.scale, weight=weight, colour=colour)
        room = most * MM * self.scale
        if most and width_of(text, style) > room:
            style = style.but(size=style.size * room / width_of(text, style))
        left, base = self.at(x, y)
        return (self.pen.text(left, base, text, style) - self.x) / MM / self.scale

    def right(
        self, x: float, y: float, text: str, size: float, weight: int = 400, *, colour: str = INK
    ) -> None:
        left, base = self.at(x, y)
        self.pen.right(left, base, text, Style(size=size * self.scale, weight=weight, colour=colour))

    def small_print(self, x: float, y: float, text: str, *, width: float, lines: int) -> None:
        """Running text from the top y in mm, as large as fits into so many lines, at most 6.4 pt."""
        unit = MM * self.scale
        for tenths in range(64, 44, -2):
            style = Style(size=tenths / 10 * self.scale)
            found = wrap([Span(text, style)], width * unit, leading=1.12)
            if len(found) <= lines:
                break
        left, top = self.at(x, y)
        set_lines(self.pen, left, top, found)

    def centre(self, x: float, y: float, text: str, size: float, weight: int = 400) -> None:
        left, base = self.at(x, y)
        self.pen.centre(left, base, text, Style(size=size * self.scale, weight=weight))

    def box(
        self, x: float, y: float, width: float, height: float, *, fill: str | None = None, stroke: float = 0
    ) -> None:
        left, top = self.at(x, y)
        unit = MM * self.scale
        self.pen.box(left, top, width * unit, height * unit, fill=fill, stroke=stroke * self.scale)

    def line(self, x: float, y: float, to_x: float, to_y: float | None = None) -> None:
        left, top = self.at(x, y)
        right, bottom = self.at(to_x, y if to_y is None else to_y)
        self.pen.line(left, top, right, bottom, width=0.8 * self.scale)

    def matrix(self, x: float, y: float, size: float, code: str) -> None:
        left, top = self.at(x, y)
        self.pen.matrix(left, top, size * MM * self.scale, code, colour="#000000")

    def sign(self, name: str, x: float, y: float, size: float) -> None:
        left, top = self.at(x, y)
        sign(self.pen, name, left, top, size * MM * self.scale, colour=INK)


def draw_full(pen: Pen, face: Face, *, x: float = 0, y: float = 0, scale: float = 1) -> None:
    """The container's label, its top left corner at (x, y) in pt."""
    on = _Ground(pen, x=x, y=y, scale=scale)
    on.box(0, 0, 100, 9, fill=INK)
    on.text(3, 6.2, face.warning.en, 13, 600, most=64, colour="#FFFFFF")
    on.right(97, 6.2, face.warning.zh, 11.5, 600, colour="#FFFFFF")
    on.text(3, 18.4, face.participant, 25, 600, most=34)
    for left, caption, value in (
        (38.5, "round 轮次", face.round),
        (54, "batch 批次", face.batch),
    ):
        on.text(left, 13.2, caption, 6.8)
        on.text(left, 18.4, value, 13, 600, most=14)
    on.line(3, 20.4, 67)
    _about(on, face)
    _status_box(on, face)
    small = " · ".join([face.site, face.registry, *(f"{words.en} {words.zh}" for words in face.legal)])
    on.small_print(3, 49.9, small, width=65, lines=4)
    _codes(on, face)


def _about(on: _Ground, face: Face) -> None:
    second = f"2nd ID 第二标识 {face.second_identifier}  " if face.second_identifier else ""
    on.text(3, 23.8, f"{second}CoI 身份链 {grouped(face.coi)}", 7.6, 600, most=64)
    on.text(3, 27.0, f"{face.product.en} {face.product.zh}", 7.0, 500, most=64)
    if face.contents.en:
        on.text(3, 29.8, f"{face.contents.en} {face.contents.zh}", 7.0, 600, most=64)
        on.text(3, 32.6, f"{face.storage.en} {face.storage.zh}", 7.0, 500, most=64)
    if face.expiry:
        on.text(3, 35.6, "EXPIRES 有效期至", 6.6, 600)
        on.right(67, 35.6, f"{face.route.en} {face.route.zh}", 6.4)
        day, _, offset = face.expiry.rpartition(" ")
        end = on.text(3, 40.2, day, 15, 600)
        on.text(end + 1.6, 40.2, offset, 8.5)


def _status_box(on: _Ground, face: Face) -> None:
    on.box(3, 41.8, 64, 6.6, stroke=1.4)
    on.sign(face.status_sign, 4.6, 43.1, 4.0)
    on.text(10.6, 46.4, face.status.en, 10, 600, most=36)
    on.right(65, 46.4, face.status.zh, 9.5, 600)


def _codes(on: _Ground, face: Face) -> None:
    if face.specimen:
        on.box(72, 12, 25, 25, stroke=0.6)
        on.line(72, 12, 97, 37)
        on.line(72, 37, 97, 12)
        on.centre(84.5, 25.4, "SPECIMEN 样张", 8, 600)
    else:
        on.matrix(72, 12, 25, face.code)
        on.matrix(72, 48.6, 8, face.serial)
    on.centre(84.5, 40.4, grouped(face.code), 7.2, 600)
    on.centre(84.5, 43.2, f"{face.container.en} {face.container.zh} {face.unit}", 6.4)
    on.centre(84.5, 46.2, f"label {face.serial_of}  {grouped(face.serial)}", 5.4)
    if face.mark:
        on.box(82.5, 48.6, 14.5, 8, stroke=1.2)
        on.centre(89.75, 52.2, face.mark, 8, 600)
        on.centre(89.75, 55.4, "not for use 不得使用", 4.2)


def draw_partial(pen: Pen, face: Face, *, x: float = 0, y: float = 0, scale: float = 1) -> None:
    """The small label of a syringe: who, which, until when, and the code."""
    on = _Ground(pen, x=x, y=y, scale=scale)
    on.text(2, 3.6, f"{face.warning.en} {face.warning.zh}", 6.4, 600, most=39)
    on.line(2, 4.8, 41)
    on.text(2, 9.8, face.participant, 13, 600, most=22)
    on.text(25, 9.8, f"{face.batch} · R {face.round}", 8, 600, most=16)
    if face.second_identifier:
        on.text(2, 12.9, face.second_identifier, 6.8, 600, most=39)
    if face.expiry:
        on.text(2, 15.9, f"EXP 有效期 {face.expiry}", 6.8, 600, most=39)
    tail = " · ".join(
        part
        for part in (f"{face.container.en} {face.unit}", face.volume, face.status.zh, face.mark or "")
        if part
    )
    on.text(2, 18.7, tail, 6.0, most=39)
    on.matrix(44.5, 2.2, 12.5, face.code)
    on.centre(50.8, 18.4, grouped(face.code), 4.6, 600)


def specimens(copy: Copy) -> list[Block]:
    """One specimen of every label that was printed, without a code that a scanner could take for the thing."""
    _ = copy.say
    first: dict[tuple[str, str], str] = {}
    for serial, label in copy.record.labels.items():
        first.setdefault((label.step, label.slot), serial)
    faces = [
        face_of(
            copy.record,
            serial=serial,
            kind=copy.kind,
            site_name=copy.site_name,
            second_identifier=None,
            specimen=True,
        )
        for serial in first.values()
    ]
    if not faces:
        return []
    remark = _("as it would print now, without its code and without the second identifier")
    rows = [_specimens(faces[at : at + 2]) for at in range(0, len(faces), 2)]
    return [*heading(_("Specimen of the labels"), remark), *rows]


def _specimens(faces: Sequence[Face]) -> Block:
    """Two specimens side by side, smaller than they print."""
    scale = 0.82
    wide, high = FULL[0] * MM * scale, FULL[1] * MM * scale

    def draw(pen: Pen, x: float, y: float) -> None:
        for face in faces:
            pen.box(x, y, wide, high, stroke=0.5)
            draw_full(pen, face, x=x, y=y, scale=scale)
            x = RIGHT - wide

    return Block(height=high + 10, draw=draw)
