"""Apache Kafka in a container, reached in the clear, by TLS, and by SASL with and without TLS."""

import io
import socket
import tarfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import trustme
from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its documented names are not in its __all__
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)
from cryptography.hazmat.primitives import serialization

IMAGE = "apache/kafka:4.3.1"
CLUSTER = "MkU3OEVBNTcwNTJENDM2Qk"
FOLDER = "/tmp/secure"  # noqa: S108 - in a container of its own
USER, PASSWORD = "observer", "observer-password-0123"
WIDE = "PLAINTEXT"
READY = 120.0
LISTENERS = {"OPEN": "PLAINTEXT", "TLS": "SSL", "WORD": "SASL_PLAINTEXT", "BOTH": "SASL_SSL"}


@dataclass(frozen=True)
class Secured:
    """HOST:PORT by the security protocol of librdkafka that leads there."""

    addresses: dict[str, str]

    def __getitem__(self, protocol: str) -> str:
        return self.addresses[protocol]


@contextmanager
def secure_kafka(client: Any, authority: trustme.CA) -> Iterator[Secured]:
    """A broker whose certificate the authority has signed, and who knows one user; gone at the end.

    `client` is Docker's. Anonymous users may do everything in the clear; a broker knows its user by PLAIN,
    SCRAM-SHA-256 and SCRAM-SHA-512.
    """
    own, *others = _free(len(LISTENERS) + 1)
    ports = dict(zip(LISTENERS, others, strict=True))
    commands = (
        f"/opt/kafka/bin/kafka-storage.sh format -t {CLUSTER} -c {FOLDER}/server.properties --standalone"
        + "".join(
            f" --add-scram 'SCRAM-SHA-{bits}=[name={USER},password={PASSWORD}]'" for bits in (256, 512)
        ),
        f"exec java -Xmx512m -XX:+UseSerialGC -cp '/opt/kafka/libs/*' kafka.Kafka {FOLDER}/server.properties",
    )
    container = client.containers.create(
        IMAGE,
        entrypoint=["sh", "-c", " && ".join(commands)],
        ports={f"{port}/tcp": ("127.0.0.1", port) for port in ports.values()},
        labels={"service-conformance.test": uuid.uuid4().hex},
    )
    try:
        pem = _pem(authority.issue_cert("127.0.0.1", "localhost"))
        files = {"server.properties": _properties(ports, own), "server.pem": pem}
        container.put_archive(FOLDER.rpartition("/")[0], _archive(files))
        container.start()
        found = {LISTENERS[name]: f"127.0.0.1:{port}" for name, port in ports.items()}
        _until_ready(found[WIDE], container)
        yield Secured(found)
    finally:
        container.remove(force=True, v=True)


def hide(bootstrap: str, topic: str) -> None:
    """Make a topic that the user may see, and not read."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    who, everywhere = f"User:{USER}", "*"
    forbidden = [
        AclBinding(ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, who, everywhere, what, how)
        for what, how in (
            (AclOperation.READ, AclPermissionType.DENY),
            (AclOperation.DESCRIBE, AclPermissionType.ALLOW),
        )
    ]
    for made in (admin.create_topics([NewTopic(topic, 1, 1)]), admin.create_acls(forbidden)):
        for future in made.values():
            future.result(READY)


def _pem(issued: trustme.LeafCert) -> bytes:
    """Key and certificates, the key as Java reads it (PKCS #8)."""
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    pkcs8 = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pkcs8 + b"".join(blob.bytes() for blob in issued.cert_chain_pems)


def _properties(ports: dict[str, int], own: int) -> bytes:
    login = "org.apache.kafka.common.security"
    plain = f'{login}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
    lines = {
        "node.id": "1",
        "process.roles": "broker,controller",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{own}",
        "inter.broker.listener.name": "OPEN",
        "listeners": ",".join(
            [f"{n}://0.0.0.0:{p}" for n, p in ports.items()] + [f"CONTROLLER://127.0.0.1:{own}"]
        ),
        "advertised.listeners": ",".join(f"{n}://127.0.0.1:{p}" for n, p in ports.items()),
        "listener.security.protocol.map": ",".join(
            f"{n}:{protocol}" for n, protocol in {**LISTENERS, "CONTROLLER": WIDE}.items()
        ),
        "log.dirs": f"{FOLDER}/data",
        "num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": f"{FOLDER}/server.pem",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "allow.everyone.if.no.acl.found": "true",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    }
    for name in ("word", "both"):
        lines[f"listener.name.{name}.plain.sasl.jaas.config"] = plain
        for bits in (256, 512):
            module = f"{login}.scram.ScramLoginModule required;"
            lines[f"listener.name.{name}.scram-sha-{bits}.sasl.jaas.config"] = module
    return "".join(f"{name}={value}\n" for name, value in lines.items()).encode()


def _archive(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            about = tarfile.TarInfo(f"{FOLDER.rpartition('/')[2]}/{name}")
            about.size, about.mode = len(content), 0o644
            archive.addfile(about, io.BytesIO(content))
        folder = tarfile.TarInfo(f"{FOLDER.rpartition('/')[2]}/data")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o777
        archive.addfile(folder)
    return made.getvalue()


def _free(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _until_ready(bootstrap: str, container: Any) -> None:
    until = time.monotonic() + READY
    while True:
        try:
            AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}).list_topics(timeout=5)
        except KafkaException as error:
            container.reload()
            if container.status != "running" or time.monotonic() > until:
                said = container.logs().decode(errors="replace").splitlines()
                wrong = [line for line in said if "ERROR" in line or "Exception" in line]
                raise RuntimeError("\n".join(wrong or said[-20:])) from error
            time.sleep(0.2)
        else:
            return
