"""Settings of the events, a part of the service's settings: `KAFKA_BOOTSTRAP_SERVERS` and so on."""

from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

EMBEDDED = "embedded"


class KafkaSettings(BaseSettings):
    """How the service speaks to Kafka. Times are in seconds unless a name says otherwise."""

    kafka_bootstrap_servers: str = Field(
        EMBEDDED, min_length=1, description="HOST:PORT,… or `embedded`: a broker inside this process."
    )
    kafka_client_id: str = Field("service", min_length=1, pattern=r"^[A-Za-z0-9._-]+$")
    kafka_group_instance_id: str | None = Field(
        None, description="A static name of this consumer: it gets its partitions back at once after a crash."
    )
    kafka_security_protocol: str = Field("PLAINTEXT", pattern="^(PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL)$")
    kafka_sasl_mechanism: str = Field("PLAIN", pattern="^(PLAIN|SCRAM-SHA-256|SCRAM-SHA-512)$")
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ssl_ca_file: str | None = None

    kafka_run_in_service: bool = Field(
        True,
        description="Relay and consume inside the service; in production they are processes of their own.",
    )
    kafka_create_topics: bool = True
    kafka_topic_partitions: int = Field(6, ge=1)
    kafka_topic_replication: int = Field(3, ge=1, description="At most one copy a broker is made.")

    kafka_poll_seconds: float = Field(
        1.0, gt=0, description="How often the relay looks, if nothing wakes it."
    )
    kafka_batch_size: int = Field(200, ge=1)
    kafka_send_timeout_seconds: float = Field(5.0, gt=0)
    kafka_lease_seconds: float = Field(15.0, gt=0, description="How long a relay that died holds its lease.")
    kafka_max_attempts: int = Field(5, ge=1, description="Tries before a message is set aside.")
    kafka_retry_seconds: float = Field(0.2, ge=0, description="The first wait between tries; it doubles.")
    kafka_stop_timeout_seconds: float = Field(10.0, gt=0)
    kafka_liveness_seconds: float = Field(
        60.0, gt=0, description="A task that is silent longer is restarted."
    )
    kafka_outbox_retention_hours: float = Field(24.0, gt=0)
    kafka_inbox_retention_days: float = Field(30.0, gt=0, description="More than the topics' own retention.")

    @property
    def kafka_source(self) -> str:
        """The CloudEvents source: a URI reference that names this service."""
        return f"/{self.kafka_client_id}"

    @model_validator(mode="after")
    def _lease_outlasts_a_send(self) -> Self:
        if self.kafka_lease_seconds < 3 * self.kafka_send_timeout_seconds:
            raise ValueError("KAFKA_LEASE_SECONDS must be at least three times KAFKA_SEND_TIMEOUT_SECONDS")
        if "SASL" in self.kafka_security_protocol and not (
            self.kafka_sasl_username and self.kafka_sasl_password
        ):
            raise ValueError("SASL needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD")
        return self
