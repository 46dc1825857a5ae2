"""What can go wrong between a test and the sandbox."""


class CannotDo(Exception):
    """The person cannot do that, or the sandbox could not read the request."""


class StillWaiting(AssertionError):
    """What was waited for did not happen in time."""
