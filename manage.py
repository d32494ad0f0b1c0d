#!/usr/bin/env python
"""Django's own commands, for developers; people at the desk use `vigie`."""

import os
import sys

if __name__ == "__main__":
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "src"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vigie.site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
