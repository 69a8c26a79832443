"""Audio classifier without a download: what a log-mel spectrogram looks like over time, then logistic regression."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct
from scipy.io import wavfile
from scipy.signal import resample_poly, stft

from labelwright.adapters.learners.dense import DenseLearner, Features, stacked
from labelwright.ports import Reads

_RATE = 16_000
_WINDOW, _HOP = 400, 160  # 25 ms every 10 ms
_MELS, _CEPSTRA, _PARTS = 40, 20, 6
#: Longer recordings are heard in their middle.
_LONGEST = 60 * _RATE
_QUIETEST = 60.0  # dB below the loudest frame that still counts as sound
DIMENSIONS = _CEPSTRA * _PARTS + 3 * _CEPSTRA + 4

Floats = NDArray[np.float64]


class AudioLearner(DenseLearner):
    """Cepstra of the log-mel spectrogram in six parts of the recording, their spread and their change; then linear.

    S. Davis, P. Mermelstein, Comparison of parametric representations for monosyllabic word recognition, IEEE
    Transactions on Acoustics, Speech, and Signal Processing 28 (1980). Reads WAV.
    """

    name = "audio"
    reads = Reads.AUDIO
    strength = 1.0

    def embed(self, inputs: Sequence[Any]) -> Features:
        """Features of recordings given as path or as bytes of a WAV file."""
        return stacked([_described(source) for source in inputs], DIMENSIONS)


def _described(source: Any) -> Floats | None:
    sound = _sound(source)
    if sound is None:
        return None
    log_mel = _log_mel(sound)
    cepstra = dct(log_mel, type=2, axis=1, norm="ortho")[:, :_CEPSTRA]
    parts = [part.mean(axis=0) for part in np.array_split(cepstra, _PARTS)]
    change = np.diff(cepstra, axis=0)
    loud = log_mel.mean(axis=1)
    shape = [
        np.log(len(sound) / _RATE),
        loud.std(),
        np.abs(np.diff(np.sign(sound))).mean() / 2,
        loud.argmax() / len(loud),
    ]
    spread = [cepstra.std(axis=0), change.std(axis=0), np.abs(change).mean(axis=0)]
    return np.asarray(np.concatenate([*parts, *spread, shape]), dtype=np.float64)


def _sound(source: Any) -> Floats | None:
    """One channel at 16 kHz, silence at both ends cut; None where it is no WAV file, or too short to be heard."""
    if source is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # chunks of others' metadata
            rate, raw = wavfile.read(BytesIO(source) if isinstance(source, bytes) else Path(source))
    except (OSError, ValueError, EOFError, NotImplementedError):
        return None
    sound = np.asarray(raw, dtype=np.float64)
    sound = sound.mean(axis=1) if sound.ndim == 2 else sound
    start = max(0, (len(sound) - _LONGEST * rate // _RATE) // 2)
    sound = sound[start : start + _LONGEST * rate // _RATE]
    if not 1_000 <= rate <= 400_000 or len(sound) < rate * _WINDOW // _RATE:
        return None
    sound = sound - sound.mean()
    peak = np.abs(sound).max()
    if peak == 0:
        return None
    step = int(np.gcd(int(rate), _RATE))
    return _trimmed(np.asarray(resample_poly(sound / peak, _RATE // step, int(rate) // step), dtype=np.float64))


def _trimmed(sound: Floats) -> Floats:
    frames = sound[: len(sound) // _HOP * _HOP].reshape(-1, _HOP)
    level = 10 * np.log10((frames**2).mean(axis=1) + 1e-12)
    heard = np.flatnonzero(level > level.max() - _QUIETEST / 2)
    cut = sound[heard[0] * _HOP : (heard[-1] + 1) * _HOP]
    return np.asarray(cut) if len(cut) >= _PARTS * _WINDOW else sound


def _log_mel(sound: Floats) -> Floats:
    """Decibels of 40 mel bands, at most 60 below the loudest, shape (frames, bands)."""
    padded = np.pad(sound, (0, max(0, _PARTS * _WINDOW - len(sound))))
    _, _, spectrum = stft(padded, _RATE, nperseg=_WINDOW, noverlap=_WINDOW - _HOP, nfft=512, boundary=None)
    power = np.abs(spectrum.T) ** 2 @ _mel_bank()
    decibels = 10 * np.log10(power + 1e-12)
    return np.asarray(np.maximum(decibels, decibels.max() - _QUIETEST), dtype=np.float64)


@cache
def _mel_bank() -> Floats:
    """Triangles, equally far apart on the mel scale, shape (frequencies, bands)."""
    top = 2595 * np.log10(1 + _RATE / 2 / 700)
    corners = 700 * (10 ** (np.linspace(0, top, _MELS + 2) / 2595) - 1)
    frequencies = np.linspace(0, _RATE / 2, 257)[:, None]
    rise = (frequencies - corners[:-2]) / (corners[1:-1] - corners[:-2])
    fall = (corners[2:] - frequencies) / (corners[2:] - corners[1:-1])
    return np.asarray(np.maximum(0, np.minimum(rise, fall)), dtype=np.float64)
