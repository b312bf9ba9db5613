"""The service under test: the template as it is, or publishing without an outbox, as an edit of the bake."""

from pathlib import Path
from textwrap import dedent

from tests.template.conftest import cookiecutter, copy_template

OUTBOX, AFTER_COMMIT, BEFORE_COMMIT = "outbox", "after-commit", "before-commit"
VARIANTS = (OUTBOX, AFTER_COMMIT, BEFORE_COMMIT)
_STEPS = {AFTER_COMMIT: ("commit", "publish"), BEFORE_COMMIT: ("publish", "commit")}

_DIRECT = '''
    """Publishes in the request, with the service's own producer and no outbox."""

    import asyncio
    import os
    from uuid import uuid4

    from app.config import get_settings
    from app.kafka.cloudevents import headers_of
    from app.kafka.producer import KafkaProducer
    from app.kafka.topics import Topics, topic_names
    from app.models.base import utc_now

    settings = get_settings()
    topics = Topics(settings, settings.kafka_bootstrap_servers, topic_names())
    producer = KafkaProducer(settings, settings.kafka_bootstrap_servers, topics.ensure)
    # Lets a test strike between the two steps of a post.
    GAP = float(os.environ.get("CHAOS_GAP_SECONDS", "0"))


    def emit(session, event):
        session.info.setdefault("events", []).append(event)


    async def publish(session):
        for event in session.info.pop("events", []):
            await producer.send(
                event.topic,
                event.aggregate_id.encode(),
                event.model_dump_json().encode(),
                headers_of(
                    event_id=str(uuid4()),
                    source=settings.kafka_source,
                    type_=type(event).__name__,
                    time=utc_now(),
                ),
            )


    async def commit(session):
        await session.commit()


    async def finish(session):
        of_a_post = any(event.topic == "posts" for event in session.info.get("events", []))
        await FIRST(session)
        if of_a_post:
            await asyncio.sleep(GAP)
        await SECOND(session)
'''


def bake(folder: Path, variant: str) -> Path:
    """Bake the template with PostgreSQL and Kafka into `folder`, edit it, and return where it is."""
    template = folder / "template"
    template.mkdir(parents=True)
    done = cookiecutter(
        copy_template(template), folder / "out", folder / "tmp", database="postgresql", events="kafka"
    )
    if done.returncode:
        raise RuntimeError(f"the template cannot be baked: {done.stdout}")
    (service,) = (folder / "out").iterdir()
    if variant != OUTBOX:
        _publish_directly(service / "app", *_STEPS[variant])
    return service


def _publish_directly(app: Path, first: str, second: str) -> None:
    source = dedent(_DIRECT).lstrip().replace("FIRST(", f"{first}(").replace("SECOND(", f"{second}(")
    (app / "events" / "direct.py").write_text(source, encoding="utf-8")
    for name in ("post_service.py", "user_service.py"):
        path = app / "services" / name
        text = path.read_text(encoding="utf-8")
        for old, new in (
            ("from app.events.outbox import emit\n", "from app.events.direct import emit, finish\n"),
            ("await self.session.commit()", "await finish(self.session)"),
        ):
            if old not in text:
                raise RuntimeError(f"{name} has changed: it has no {old!r} to be replaced")
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
