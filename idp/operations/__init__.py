"""What an operator may do: one audited function an act. The CLI is thin over it; API and console will be."""


class Mistake(Exception):
    """The operator's mistake, in words that say what to do; nothing was changed."""
