"""Cross-origin requests, with the service's own shape of a refusal."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from app.middleware.error_handler import problem_response


class ProblemCORSMiddleware(CORSMiddleware):
    """Starlette's middleware, but that a refused preflight is a problem and not plain text."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight, and pass all else on."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        asked = "origin" in headers and "access-control-request-method" in headers
        if not asked or scope["method"] != "OPTIONS":
            await super().__call__(scope, receive, send)
            return
        response = self.preflight_response(request_headers=headers)
        if response.status_code >= 400:
            kept = {
                name: value
                for name, value in response.headers.items()
                if name == "vary" or name.startswith("access-control-")
            }
            detail = f"{bytes(response.body).decode()}."
            response = problem_response(scope, response.status_code, detail, headers=kept)
        await response(scope, receive, send)
