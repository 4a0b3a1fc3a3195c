"""The one error that a user is meant to read."""


class UserError(Exception):
    """A mistake in what the suite was given: data, configuration, command or journal.

    The message is one line: what is wrong, where, and what to do next. The command line prints it
    without a traceback and exits with code 1.
    """
