"""What is kept on the application."""

from aiohttp import web

SECRET = web.AppKey("secret", str)
