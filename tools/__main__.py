"""`python -m tools [DIR]` writes every generated file anew, by default in this repository, and names those that changed."""

import sys
from pathlib import Path

from tools.generated import write

for path in write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]):
    print(path)
