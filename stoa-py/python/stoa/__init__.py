"""The experimentation loop of a single store: segment, experiment, analyze, and again.

`import stoa` is light: it pulls in no data frame, array or plotting library by itself.
"""

from __future__ import annotations

from ._errors import StoaError
from ._stoa import __version__

__all__ = ["StoaError", "__version__"]
