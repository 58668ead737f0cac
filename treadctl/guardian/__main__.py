"""`python -m treadctl.guardian`: started by the first client that needs it, never by hand."""

import sys

from .process import main

if __name__ == "__main__":
    sys.exit(main())
