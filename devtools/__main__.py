"""``python -m devtools``: the project's command line, installed as ``bigledger``."""

import sys

from devtools.cli import main

sys.exit(main(sys.argv[1:]))
