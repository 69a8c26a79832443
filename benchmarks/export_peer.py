"""label-studio-sdk's converter as a command: FORMAT EXPORT CONFIG OUT; without arguments only what it imports."""

from __future__ import annotations

import sys

from label_studio_sdk.converter import Converter

if len(sys.argv) > 1:
    form, export, config, out = sys.argv[1:]
    Converter(config, out, download_resources=False).convert(export, out, form, is_dir=False)
