"""Faults of tags and conditions: what is cached is out of date, and what others wrote is overwritten."""

from .fault import Edit, Fault, fault

MATCH = """\
    if field.strip() != "*" and not any(not weak and opaque == tag for weak, opaque in named(field)):
"""
CHECK = """\
    require_match(request, tag(row, JSON))
    if "sku" in form"""
DELETES = """\
    require_match(request, tag(row, JSON))
    del request"""

FAULTS: tuple[Fault, ...] = (
    fault(
        "tag_of_identifier",
        "tag_follows",
        "The tag is made of the product's identifier alone: a client never learns that it has changed.",
        "products.py",
        "    return tag_of(written(row, media))\n",
        "    return tag_of(f\"{row['id']} {media}\")\n",
    ),
    fault(
        "tag_of_minute",
        "tag_follows",
        "The tag is made of the minute of the last change: two changes in one have one tag.",
        "products.py",
        "    return tag_of(written(row, media))\n",
        "    return tag_of(f\"{row['id']} {row['updated_at']:%H:%M} {media}\")\n",
    ),
    fault(
        "tag_of_time",
        "tag_follows",
        "The tag is made of the time of the answer: nothing is ever fresh, and no If-Match is ever true.",
        "conditions.py",
        "sha256(text.encode())",
        "sha256((text + str(time.time_ns())).encode())",
        Edit("conditions.py", "import re\n", "import re\nimport time\n"),
    ),
    fault(
        "none_match_ignored",
        "none_match",
        "If-None-Match is not looked at: the product is sent in full each time.",
        "products.py",
        '    if unchanged(request, fields["ETag"]):\n',
        '    if request.method == "HEAD" and unchanged(request, fields["ETag"]):\n',
    ),
    fault(
        "none_match_one_only",
        "none_match",
        "If-None-Match is compared as one text: a list of tags never matches.",
        "conditions.py",
        '    return field == "*" or any(opaque == tag for _, opaque in named(field))',
        '    return field in ("*", tag)',
    ),
    fault(
        "none_match_any_tag",
        "none_match",
        "Any If-None-Match is answered with 304: a client keeps what is out of date.",
        "conditions.py",
        '    return field == "*" or any(opaque == tag for _, opaque in named(field))',
        "    return bool(field and tag)",
    ),
    fault(
        "not_modified_without_tag",
        "none_match",
        "A 304 has no ETag, so that a cache cannot tell which of its copies is meant.",
        "products.py",
        "status=HTTPStatus.NOT_MODIFIED, headers=fields)",
        'status=HTTPStatus.NOT_MODIFIED, headers={"Vary": "Accept"})',
    ),
    fault(
        "match_needs_presence_only",
        "stale_match",
        "If-Match must be there, and what it says does not matter: others' changes are overwritten.",
        "conditions.py",
        MATCH,
        '    if field.strip() == "":\n',
    ),
    fault(
        "match_after_write",
        "stale_match",
        "The condition is looked at after the change: it is refused with 412 and stored all the same.",
        "products.py",
        "    return respond(store.change(row, form))",
        "    before = tag(row, JSON)\n"
        "    store.change(row, form)\n"
        "    require_match(request, before)\n"
        "    return respond(row)",
        Edit(
            "products.py",
            CHECK,
            CHECK.replace("    require_match(request, tag(row, JSON))\n", ""),
        ),
    ),
    fault(
        "delete_without_match",
        "stale_match",
        "DELETE does not look at what If-Match says: what another has just changed is gone.",
        "products.py",
        DELETES,
        DELETES.replace("tag(row, JSON)", 'request.headers.get("If-Match", "")'),
    ),
    fault(
        "match_without_quotes",
        "present_match",
        "If-Match is compared without its quotes, and the tag has some: each change is refused.",
        "conditions.py",
        MATCH,
        """    if field.strip() != "*" and field.strip('"') != tag:\n""",
    ),
    fault(
        "match_one_only",
        "present_match",
        "If-Match is compared as one text: a list of tags is refused though the present one is in it.",
        "conditions.py",
        MATCH,
        '    if field.strip() not in ("*", tag):\n',
    ),
    fault(
        "match_weakly",
        "strong_comparison",
        "If-Match takes the present tag as a weak one.",
        "conditions.py",
        "any(not weak and opaque == tag for weak, opaque in named(field))",
        "any(opaque == tag for _, opaque in named(field))",
    ),
    fault(
        "match_by_inclusion",
        "strong_comparison",
        "If-Match is searched for the present tag as a text, wherever it stands.",
        "conditions.py",
        MATCH,
        '    if field.strip() != "*" and tag not in field:\n',
    ),
)
