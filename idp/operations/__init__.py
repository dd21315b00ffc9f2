"""What an operator or an administrator may do: one audited function an act. The CLI and the
management API are thin over it."""


class OperatorError(Exception):
    """The operator's mistake, in words that say what to do; nothing was changed. `cure` is a
    command that helps: people without a command line are told the rest. `exit_code` is that of the
    command line; `field` names what was given wrongly, where it is one thing."""

    exit_code = 2

    def __init__(self, says: str, cure: str = "", field: str = "") -> None:
        super().__init__(f"{says}; {cure}" if cure else says)
        self.says = says
        self.cure = cure
        self.field = field


class NotFound(OperatorError):
    """What is named is not there."""

    exit_code = 3


class Unavailable(OperatorError):
    """The database or another server did not answer: nothing is wrong with what was asked."""

    exit_code = 4
