"""Gunicorn’s configuration as far as it is code (WSGI apps): the options are on the command line (cluster/gunicorn.ts)."""


def post_worker_init(worker):
    """Called in each worker when it has loaded the app and is about to accept: the app's module has the rest."""
    import sys

    sys.modules[worker.app.app_uri.partition(":")[0]].enter_service()
