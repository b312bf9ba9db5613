"""Messages to users."""

import structlog

logger = structlog.get_logger(__name__)


class NotificationService:
    """Sends messages after the transaction. A message that cannot be sent harms nothing."""

    async def welcome(self, user_id: int, email: str) -> None:
        """Greet a new user. A failure is logged, not raised: the sign-up has been answered."""
        try:
            await self.send(email, "Welcome", "Your account is ready.")
        except Exception:
            logger.exception("notification failed", user_id=user_id)
        else:
            logger.info("notification sent", user_id=user_id)

    async def send(self, address: str, subject: str, text: str) -> None:
        """Hand a message to whatever delivers it; here a log line stands for the mail server."""
        logger.debug("message", subject=subject, length=len(text), domain=address.rpartition("@")[2])
