"""Where Chromium is. Debian's headless shell draws no window and takes half the processor of the whole browser."""

import os
import shutil

_FOUND = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "chromium"
CHROMIUM = os.environ.get("CHROMIUM", _FOUND)
