"""Faults of sign-in and passwords: who is let in, and what is told."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    AUTH,
    ERRORS,
    HASH,
    USER_SCHEMAS,
    USER_SERVICE,
)

REFUSE = (
    "        if user is None or not known or not user.is_active:\n"
    '            raise UnauthorizedError("The email address or the password is wrong.")\n'
)

FAULTS: tuple[Fault, ...] = (
    fault(
        "password_outcome_unused",
        "wrong_password_refused",
        "Sign-in verifies the password and does not look at the outcome.",
        USER_SERVICE,
        REFUSE,
        REFUSE.replace("or not known ", ""),
    ),
    fault(
        "mismatch_not_false",
        "wrong_password_refused",
        "A password that does not match is no reason to refuse.",
        AUTH,
        "        return False\n",
        "        pass\n",
    ),
    fault(
        "password_by_first_characters",
        "wrong_password_refused",
        "Passwords are compared by their first twelve characters.",
        AUTH,
        "run_sync(hasher.hash, password)",
        "run_sync(hasher.hash, password[:12])",
        Edit(
            AUTH,
            "run_sync(_verify, password, password_hash)",
            "run_sync(_verify, password[:12], password_hash)",
        ),
    ),
    fault(
        "sign_in_says_what_was_wrong",
        "sign_in_tells_nothing",
        "Sign-in says whether the address or the password was wrong.",
        USER_SERVICE,
        REFUSE,
        "        if user is None:\n"
        '            raise UnauthorizedError("There is no user with this email address.")\n' + REFUSE,
    ),
    fault(
        "sign_in_unknown_404",
        "sign_in_tells_nothing",
        "Sign-in answers 404 for an address that nobody has.",
        USER_SERVICE,
        REFUSE,
        '        if user is None:\n            raise NotFoundError("There is no such user.")\n' + REFUSE,
    ),
    fault(
        "account_shows_password_hash",
        "password_hidden",
        "A user sees the hash of their password.",
        USER_SCHEMAS,
        '    """A user as they see themself."""\n',
        '    """A user as they see themself."""\n\n    password_hash: str\n',
    ),
    fault(
        "invalid_repeats_input",
        "password_hidden",
        "A refusal of invalid input repeats what was sent, a password too.",
        ERRORS,
        'message=item["msg"]',
        """message=f"{item['msg']}: {item['input']!r}\"""",
    ),
    fault(
        "account_shows_password",
        "password_hidden",
        "Sign-up answers with the password that was given.",
        USER_SCHEMAS,
        '    """A user as they see themself."""\n',
        '    """A user as they see themself."""\n\n    password: str | None = None\n',
        Edit(USER_SERVICE, HASH, HASH + "        given = data.password.get_secret_value()\n"),
        Edit(
            USER_SERVICE,
            "        emit(self.session, UserRegistered(id=user.id, created_at=user.created_at))\n",
            "        emit(self.session, UserRegistered(id=user.id, created_at=user.created_at))\n"
            "        user.password = given\n",
        ),
    ),
)
