"""The ASGI app as a unit of a launch: `asgi_unit:application`, in this folder. Without a launch, serve asgi.py."""

import os

import asgi
import unit
from instrument import RequestInstrument

instrument = unit.read_instrument(RequestInstrument)
measured = instrument.measure_async(asgi.application, asgi.route_name) if instrument else asgi.application


async def application(scope, receive, send):
    """The ASGI entry point: in service once the server says that it starts up."""
    if scope["type"] == "lifespan":
        unit.enter_service(instrument)
        await asgi.application(scope, receive, send)
    else:
        await measured(scope, receive, send)


# Daphne has no lifespan; each of its processes gets its name from the environment.
if os.environ.get("FORKWISE_UNIT", "").startswith("worker-"):
    unit.enter_service(instrument, os.environ["FORKWISE_UNIT"])
