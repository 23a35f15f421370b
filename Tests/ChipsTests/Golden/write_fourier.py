"""Writes fourier.json: Fourier domain adaptation of small chips, by numpy's FFT.

Written with Python 3 and numpy 2.4.6; run from this directory: python write_fourier.py
The amplitudes of the centred window of 2b + 1 frequencies a side become those of another chip, phases stay. Chips are functions of
band, row and column that the test repeats; an even and an odd size, each with b of 0 (the mean alone) and more.
"""

import json

import numpy as np


def chip(size, first, second, third):
    band, row, column = np.meshgrid(np.arange(2), np.arange(size), np.arange(size), indexing="ij")
    return 0.2 + 0.1 * band + 0.05 * np.sin(first * row + 0.3 * band) + 0.04 * np.cos(
        second * column * (1 + band)) + 0.01 * ((row * 7 + column * third) % 5)


def swapped(own, other, reach):
    size = own.shape[-1]
    mine = np.fft.fftshift(np.fft.fft2(own), axes=(-2, -1))
    theirs = np.fft.fftshift(np.fft.fft2(other), axes=(-2, -1))
    amplitude, phase = np.abs(mine), np.angle(mine)
    centre = size // 2
    window = (slice(None), slice(centre - reach, centre + reach + 1), slice(centre - reach, centre + reach + 1))
    amplitude[window] = np.abs(theirs)[window]
    result = np.fft.ifft2(np.fft.ifftshift(amplitude * np.exp(1j * phase), axes=(-2, -1)))
    assert np.abs(result.imag).max() < 1e-12
    return result.real


cases = []
for size, reach in [(16, 0), (16, 3), (17, 1), (17, 4)]:
    result = swapped(chip(size, 0.9, 0.4, 3), 1.7 * chip(size, 0.35, 1.1, 2) - 0.1, reach)
    cases.append({"size": size, "reach": reach, "values": [round(float(value), 8) for value in result.ravel()]})
with open("fourier.json", "w") as file:
    json.dump({"cases": cases}, file)
