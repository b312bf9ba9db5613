"""Faults of the envelope: attributes, ids and times."""

from tests.reference.flask_library.faults.fault import Edit, Fault, fault

from .event_places import CLOUDEVENTS, EVENT_ID, OCCURRED_AT, OUTBOX

TIME = '        ("ce_time", time.isoformat().encode()),\n'

FAULTS: tuple[Fault, ...] = (
    fault(
        "envelope_without_version",
        "envelope_declared",
        "The required header ce_specversion is missing: no library takes it for a CloudEvent.",
        CLOUDEVENTS,
        '        ("ce_specversion", SPEC_VERSION.encode()),\n',
        "",
    ),
    fault(
        "envelope_without_source",
        "envelope_declared",
        "The required header ce_source is missing.",
        CLOUDEVENTS,
        '        ("ce_source", source.encode()),\n',
        "",
    ),
    fault(
        "envelope_type_in_lower_case",
        "event_published",
        "ce_type is in lower case, as no document has it: consumers skip what they wait for.",
        CLOUDEVENTS,
        '        ("ce_type", type_.encode()),\n',
        '        ("ce_type", type_.lower().encode()),\n',
    ),
    fault(
        "envelope_as_text",
        "envelope_declared",
        "content-type says text/plain, where the document says application/json.",
        CLOUDEVENTS,
        '        ("content-type", CONTENT_TYPE.encode()),\n',
        '        ("content-type", b"text/plain"),\n',
    ),
    fault(
        "event_id_of_aggregate",
        "event_ids_unique",
        "The event's id is made of the aggregate's: a consumer's inbox drops all but the first.",
        OUTBOX,
        EVENT_ID,
        '            event_id=str(uuid5(NAMESPACE_OID, f"{event.topic}/{event.aggregate_id}")),\n',
        Edit(OUTBOX, "from uuid import uuid4\n", "from uuid import NAMESPACE_OID, uuid5\n"),
    ),
    fault(
        "event_id_of_process",
        "event_ids_unique",
        "The event's id is made once, when the module is imported.",
        OUTBOX,
        EVENT_ID,
        "            event_id=_ID,\n",
        Edit(OUTBOX, '_EMITTED = "outbox.emitted"\n', '_EMITTED = "outbox.emitted"\n_ID = str(uuid4())\n'),
    ),
    fault(
        "time_without_zone",
        "event_times",
        "ce_time has no zone: each reader takes it for their own.",
        CLOUDEVENTS,
        TIME,
        '        ("ce_time", time.replace(tzinfo=None).isoformat().encode()),\n',
    ),
    fault(
        "time_in_seconds",
        "event_times",
        "ce_time is a number of seconds, and no RFC 3339 time.",
        CLOUDEVENTS,
        TIME,
        '        ("ce_time", str(int(time.timestamp())).encode()),\n',
    ),
    fault(
        "time_of_deletion_is_midnight",
        "event_times",
        "What is deleted was deleted at midnight, before it was created.",
        OUTBOX,
        OCCURRED_AT,
        "            occurred_at=(\n"
        "                utc_now().replace(hour=0, minute=0, second=0, microsecond=0)\n"
        '                if type(event).__name__.endswith("Deleted")\n'
        "                else utc_now()\n"
        "            ),\n",
    ),
)
