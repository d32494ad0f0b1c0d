"""What the web server calls."""

import multiprocessing
import os
import signal

from django.core.wsgi import get_wsgi_application

from vigie.site.kin import end_with

parent = multiprocessing.parent_process()
if parent is not None and parent.pid is not None:
    # Left behind, this process would go on answering on the port, beside the new one.
    end_with(parent.pid, signal.SIGKILL)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vigie.site.settings")
application = get_wsgi_application()
