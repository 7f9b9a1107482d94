"""Entry point of ``python -m lib``."""

import sys

from lib.commands import main

sys.exit(main())
