"""The mistakes that a user can mend."""


class AlignError(Exception):
    """A mistake that a user can mend; its message is one line that says what, where and what to do."""


class ReadError(AlignError):
    """A source that cannot be read as reports."""


class LanguageError(AlignError):
    """A language tag that is unknown, or a language that cannot be told."""


class EncoderError(AlignError):
    """An encoder that cannot be loaded, or that answers with something other than one vector a text."""


class FormatError(AlignError):
    """A file that is not what its format asks for."""


class RunError(AlignError):
    """A run folder that is missing, unfinished or not ours."""
