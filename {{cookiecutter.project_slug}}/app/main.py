"""The application."""

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

# % if cookiecutter.events == "kafka"
from app.asyncapi import router as asyncapi_router
# % endif
from app.config import Settings, get_settings
from app.database import create_engine, create_session_factory
from app.dependencies import API_PREFIX
# % if cookiecutter.events == "kafka"
from app.kafka.runtime import events_lifespan
# % endif
from app.middleware.body_limit import BodyLimitMiddleware
from app.middleware.cors import ProblemCORSMiddleware
from app.middleware.database_session import DatabaseSessionMiddleware
from app.middleware.error_handler import UnexpectedErrorMiddleware, install_error_handlers, problems
from app.middleware.head import HeadMiddleware
from app.middleware.metrics import Metrics, MetricsMiddleware
from app.middleware.request_context import RequestContextMiddleware
from app.middleware.security_headers import SecurityHeadersMiddleware
from app.routes import auth, health, metrics, posts, users
# % if cookiecutter.events == "kafka"
from app.routes.stats import router as stats_router
# % endif
from app.utils.logging import configure_logging
from app.utils.rate_limit import SlidingWindow

PAGES = ("/docs", "/redoc", "/static-offline-docs")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Run what runs beside the requests, and close the database's connections at the end."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(app.state.engine.dispose)
        # % if cookiecutter.events == "kafka"
        events = events_lifespan(app.state.settings, app.state.session_factory)
        app.state.events = await stack.enter_async_context(events)
        # % endif
        yield


def create_app(settings: Settings) -> FastAPI:
    """An application with these settings. It connects to nothing before it is started or asked."""
    configure_logging(settings)
    app = FastAPIOffline(
        title=settings.app_name,
        version="0.1.0",
        docs_url="/docs",
        redoc_url="/redoc",
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.engine = create_engine(settings)
    app.state.session_factory = create_session_factory(app.state.engine)
    app.state.sign_ins = SlidingWindow(settings.sign_in_attempts, settings.sign_in_window_seconds)
    app.state.metrics = Metrics()

    install_error_handlers(app)
    # The last one added is the outermost.
    app.add_middleware(DatabaseSessionMiddleware)
    app.add_middleware(BodyLimitMiddleware, max_bytes=settings.max_body_bytes)
    app.add_middleware(MetricsMiddleware, metrics=app.state.metrics)
    app.add_middleware(UnexpectedErrorMiddleware)
    app.add_middleware(HeadMiddleware)
    if settings.cors_origins:
        app.add_middleware(
            ProblemCORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
        )
    app.add_middleware(SecurityHeadersMiddleware, pages=PAGES, https=settings.environment == "production")
    app.add_middleware(RequestContextMiddleware)

    routers = [posts.router, users.router, auth.router]
    # % if cookiecutter.events == "kafka"
    routers.append(stats_router)
    app.include_router(asyncapi_router)
    # % endif
    for router in routers:
        app.include_router(router, prefix=API_PREFIX, responses=problems(422, 500, 503))
    app.include_router(health.router)
    app.include_router(metrics.router)
    return app


app = create_app(get_settings())
# All that is loaded by now stays: the garbage collector need not look through it again and again.
gc.collect()
gc.freeze()
