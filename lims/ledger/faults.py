"""What can be wrong with what is kept; none of these is a person's mistake at the bench."""


class LedgerFault(RuntimeError):
    """Something is wrong with the instance's storage or with how it is used; the message says what."""


class LedgerRefused(LedgerFault):
    """The instance does not start: its schema or its guards are not the ones that were installed."""


class StreamNotLocked(LedgerFault):
    """An append to a stream, or a lock, that the act did not announce in the right order."""


class TimeWentBack(LedgerFault):
    """An entry with a time before its stream's last entry."""


class EntryUnreadable(LedgerFault):
    """A stored entry that is not what was written; `stream` and `seq` say which."""

    def __init__(self, stream: str, seq: int, why: str) -> None:
        super().__init__(f"{stream} entry {seq}: {why}")
        self.stream = stream
        self.seq = seq
        self.why = why
