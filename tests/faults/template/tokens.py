"""Faults of tokens: who is believed."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .places import (
    AUTH,
    DEPENDENCIES,
    USER_ROUTES,
)

REQUIRE = '            options={"require": ["sub", "iss", "aud", "iat", "exp"]},\n'
AUDIENCE = "            audience=settings.jwt_audience,\n"
ISSUER = "            issuer=settings.jwt_issuer,\n"
NOT_VALID = "    except (jwt.InvalidTokenError, ValueError) as error:\n"
VIEWER = "    return await users.get_active_user(read_access_token(token, request.app.state.settings))\n"
NOBODY = '    if viewer is None:\n        raise UnauthorizedError("This needs an access token.")\n'


def options(more: str) -> str:
    """The options of the decoder with one more."""
    return REQUIRE.replace("]},", f"], {more}}},")


FAULTS: tuple[Fault, ...] = (
    fault(
        "signature_not_verified",
        "forged_token",
        "The signature of a token is not looked at.",
        AUTH,
        REQUIRE,
        options('"verify_signature": False, "verify_exp": True'),
    ),
    fault(
        "bad_token_is_nobody",
        "forged_token",
        "A token that is not valid is taken for none: what is public answers 200.",
        DEPENDENCIES,
        VIEWER,
        "    try:\n"
        "        return await users.get_active_user(read_access_token(token, request.app.state.settings))\n"
        "    except UnauthorizedError:\n"
        "        return None\n",
    ),
    fault(
        "subject_of_bad_token",
        "forged_token",
        "A token that does not verify is read without: its subject is believed.",
        AUTH,
        '        raise UnauthorizedError("The access token is not valid.") from error\n',
        "        try:\n"
        '            claims = jwt.decode(token, options={"verify_signature": False, "verify_exp": True})\n'
        '            user_id = int(claims["sub"])\n'
        "        except (jwt.InvalidTokenError, KeyError, ValueError):\n"
        '            raise UnauthorizedError("The access token is not valid.") from error\n',
    ),
    fault(
        "audience_unchecked",
        "token_for_another",
        "A token that was made for another audience is accepted.",
        AUTH,
        AUDIENCE + REQUIRE,
        options('"verify_aud": False'),
    ),
    fault(
        "audience_of_old_accepted",
        "token_for_another",
        "A token of an audience that is not known is read again without asking for one.",
        AUTH,
        NOT_VALID,
        "    except jwt.InvalidAudienceError:\n"
        "        key = settings.jwt_secret.get_secret_value()\n"
        '        found = jwt.decode(token, key, algorithms=[ALGORITHM], options={"verify_aud": False})\n'
        '        user_id = int(found["sub"])\n' + NOT_VALID,
    ),
    fault(
        "long_token_crashes",
        "no_server_error",
        "A token that is longer than its column of an audit table fails an assertion: a 500.",
        AUTH,
        "    try:\n        claims",
        "    assert len(token) <= 4096\n    try:\n        claims",
    ),
    fault(
        "issuer_unchecked",
        "token_of_another",
        "A token that another service issued is accepted.",
        AUTH,
        ISSUER,
        "",
    ),
    fault(
        "issuer_half_checked",
        "token_of_another",
        "A token of an issuer that is not known is read again without asking who issued it.",
        AUTH,
        NOT_VALID,
        "    except jwt.InvalidIssuerError:\n"
        "        key = settings.jwt_secret.get_secret_value()\n"
        "        found = jwt.decode(token, key, algorithms=[ALGORITHM], audience=settings.jwt_audience)\n"
        '        user_id = int(found["sub"])\n' + NOT_VALID,
    ),
    fault(
        "algorithm_none_accepted",
        "unsigned_token",
        "A token with the algorithm `none` needs no signature.",
        AUTH,
        REQUIRE,
        options('"verify_signature": jwt.get_unverified_header(token).get("alg") != "none"'),
    ),
    fault(
        "empty_signature_accepted",
        "unsigned_token",
        "A token whose signature is empty is not verified.",
        AUTH,
        REQUIRE,
        options('"verify_signature": not token.endswith(".")'),
    ),
    fault(
        "expiry_not_verified",
        "expired_token",
        "The expiry of a token is not looked at.",
        AUTH,
        REQUIRE,
        options('"verify_exp": False'),
    ),
    fault(
        "expiry_with_a_week",
        "expired_token",
        "A token is accepted for a week after it has expired.",
        AUTH,
        REQUIRE,
        REQUIRE + "            leeway=timedelta(days=7),\n",
    ),
    fault(
        "expiry_in_milliseconds",
        "expired_token",
        "The expiry of a token is compared with the time in the wrong unit.",
        AUTH,
        '        user_id = int(claims["sub"])\n',
        '        user_id = int(claims["sub"])\n'
        '        if claims["exp"] * 1000 < utc_now().timestamp():\n'
        '            raise UnauthorizedError("The access token is not valid.")\n',
        Edit(AUTH, REQUIRE, options('"verify_exp": False')),
    ),
    fault(
        "users_listed_for_nobody",
        "no_token",
        "The list of users, declared as protected, answers without a token.",
        USER_ROUTES,
        "query: Annotated[PageQuery, Query()], _user: CurrentUser, service",
        "query: Annotated[PageQuery, Query()], _user: Viewer, service",
        Edit(
            USER_ROUTES,
            "import CurrentUser, NotificationServiceDep, UserServiceDep\n",
            "import CurrentUser, NotificationServiceDep, UserServiceDep, Viewer\n",
        ),
    ),
    fault(
        "nobody_is_first_user",
        "no_token",
        "Without a token one is the first user, as during development.",
        DEPENDENCIES,
        NOBODY,
        "    if viewer is None:\n        return await (await get_user_service(request)).get_active_user(1)\n",
    ),
)
