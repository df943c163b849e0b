"""Check a manifest and print the patterns of its rules: ``python -m bigledger_applet applet.yaml``."""

import json
import sys
from pathlib import Path

from bigledger_applet.manifest import InvalidManifest, read_manifest, rule_pattern


def main(arguments: list[str]) -> int:
    """Print the EventBridge pattern of each hook; 1 when the manifest cannot be used."""
    try:
        manifest = read_manifest(Path(arguments[0] if arguments else "applet.yaml"))
    except InvalidManifest as error:
        print(error, file=sys.stderr)
        return 1
    for hook in manifest.hooks:
        print(json.dumps({"EventPattern": rule_pattern(hook, {"Ref": "Tenant"})}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
