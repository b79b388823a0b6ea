"""The WSGI app as a unit of a launch, however a server loads it.

Gunicorn: `--config gunicorn_hooks.py wsgi_unit:application`, in this folder. uWSGI: `--wsgi-file wsgi_unit.py`, with a
master. mod_wsgi: WSGIScriptAlias with a process group. Without a launch, serve app.py.
"""

import os
import sys

# mod_wsgi and uWSGI load this file by its path alone.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import app
import unit
from instrument import RequestInstrument

instrument = unit.read_instrument(RequestInstrument)
application = instrument.measure(app.application, app.route_name) if instrument else app.application



def enter_service():
    """Called in each worker once it is about to accept."""
    unit.enter_service(instrument)


try:
    import uwsgi
except ImportError:
    pass
else:
    uwsgi.post_fork_hook = enter_service

try:
    import mod_wsgi
except ImportError:
    pass
else:
    enter_service()
