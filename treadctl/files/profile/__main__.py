"""`python -m treadctl.files.profile > profiles/profile-v1.schema.json` remakes the schema that editors use."""

import json
import sys

from treadctl.files.profile import profile_schema

sys.stdout.write(json.dumps(profile_schema(), indent=2) + "\n")
