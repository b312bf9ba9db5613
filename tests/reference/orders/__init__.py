"""A reference service on aiohttp and pydantic, and faults that can be switched on one at a time.

aiohttp is neither WSGI nor ASGI: it brings a server, a router and errors of its own, so that nothing
that the other two reference services share (Starlette's or Werkzeug's habits) is taken for granted.
"""
