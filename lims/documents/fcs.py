"""A flow cytometer's own file (FCS 2.0 to 3.1): what it says of itself, and its events; read by flowio."""

import io
import re
import struct
import warnings
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from lims.domain.instruments import Channel, FlowFile
from lims.domain.refusals import BadEntry

if TYPE_CHECKING:
    import numpy

FIELD: Final = "file"
DATE_FORMATS: Final = ("%d-%b-%Y", "%d-%b-%y", "%Y-%b-%d", "%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d")
"""How cytometers write `$DATE`: the standard says dd-mmm-yyyy, and they differ."""
_SEGMENT_ENDS: Final = ("text_stop", "data_stop", "analysis_stop")
"""Where the header says that each part of the file has its last byte."""
_DAMAGED: Final = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    MemoryError,
    EOFError,
    AttributeError,
    struct.error,
    re.error,
    ArithmeticError,
)
"""What flowio raises besides its own errors over a damaged file."""


def read_flow_file(content: bytes) -> FlowFile:
    """What the file says. Raises BadEntry for a damaged or cut file, and for one that holds several data sets."""
    return _read(content)[0]


def events_of(content: bytes) -> "tuple[FlowFile, numpy.ndarray]":
    """The file with its events, one row each, one column a channel, gain and log amplification applied."""
    told, data = _read(content)
    try:
        return told, data.as_array(preprocess=True)
    except _DAMAGED as fault:
        raise BadEntry("fcs.damaged", field=FIELD) from fault


def _read(content: bytes) -> tuple[FlowFile, Any]:
    # Here, for what never reads a file of a cytometer starts without numpy.
    from flowio import FlowData
    from flowio.exceptions import FCSParsingError, MultipleDataSetsError

    if not content.startswith(b"FCS"):
        raise BadEntry("fcs.foreign", field=FIELD)
    off_by_one = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                data = FlowData(io.BytesIO(content))
            except MultipleDataSetsError:
                raise BadEntry("fcs.several", field=FIELD) from None
            except FCSParsingError:
                data = FlowData(io.BytesIO(content), ignore_offset_error=True)
                off_by_one = True
    except BadEntry:
        raise
    except (FCSParsingError, *_DAMAGED) as fault:
        raise BadEntry("fcs.damaged", field=FIELD) from fault
    if not data.event_count or not data.channel_count:
        raise BadEntry("fcs.empty", field=FIELD)
    if data.events is None:
        raise BadEntry("fcs.width", field=FIELD)
    if max(int(data.header[name]) for name in _SEGMENT_ENDS) >= len(content) + off_by_one:
        raise BadEntry("fcs.damaged", field=FIELD)
    named = len(data.pnn_labels) == data.channel_count
    if not named or len(data.events) != data.event_count * data.channel_count:
        raise BadEntry("fcs.damaged", field=FIELD)
    return _told(data, off_by_one=off_by_one), data


def _told(data: Any, *, off_by_one: bool) -> FlowFile:
    text = {name.lower().removeprefix("$"): str(value) for name, value in data.text.items()}
    names, markers = data.pnn_labels, data.pns_labels
    return FlowFile(
        version=str(data.version),
        events=int(data.event_count),
        channels=tuple(
            Channel(name=name.strip(), marker=marker.strip())
            for name, marker in zip(names, markers, strict=True)
        ),
        scatter=tuple(data.scatter_indices),
        cytometer=text.get("cyt", "").strip(),
        acquired=_day(text.get("date", "")),
        off_by_one=off_by_one,
        keywords=text,
    )


def _day(raw: str) -> date | None:
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(raw.strip(), form).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    return None
