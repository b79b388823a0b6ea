"""Gunicorn’s configuration as far as it is code (WSGI apps): the options are on the command line (cluster/gunicorn.ts)."""


def post_worker_init(_worker):
    """Called in each worker when it has loaded the app and is about to accept."""
    import unit

    unit.enter_service()
