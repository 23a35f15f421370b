#!/usr/bin/env python3
"""Holds the stage sar-correction against sarsen, on a Sentinel-1 GRD product that it draws.

    python radar.py TERRANE [PATTERN ...]    # runs where a pattern is a part of 'sar-correction', or there is none

The product is 600 lines of 900 samples of smooth texture, seen from a circular orbit over a plain with a hill of 500 m. Its table of
beta nought, which sarsen takes, is that of sigma nought, and its noise stays. Heights lie on terrane's own grid, so that both read the
same ones. Of the pixels that both have, 99 % must be within 0.01 dB, and all within 0.1 dB; ends with 1 where they are not.
"""

import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import rasterio
import rasterio.control
import rasterio.warp
import sarsen
from rasterio.transform import from_origin
from scipy.ndimage import gaussian_filter

EQUATOR, FLATNESS, LIGHT = 6378137.0, 6.69437999014e-3, 299792458.0
LINES, SAMPLES, SPACING, INTERVAL, NEAR = 600, 900, 10.0, 0.0015, 850000.0
NAME = "S1A_IW_GRDH_1SDV_20230614T053448_20230614T053513_048972_05E3B2_8A5C.SAFE"
STEM = "s1a-iw-grd-vv-20230614t053448-20230614t053513-048972-05e3b2-001"
START = np.datetime64("2023-06-14T05:34:48.000000")


def clock(seconds):
    return str(START + np.timedelta64(round(seconds * 1e6), "us"))


def earth_fixed(longitude, latitude, height):
    p, l = math.radians(latitude), math.radians(longitude)
    n = EQUATOR / math.sqrt(1 - FLATNESS * math.sin(p) ** 2)
    return np.array([(n + height) * math.cos(p) * math.cos(l), (n + height) * math.cos(p) * math.sin(l),
                     (n * (1 - FLATNESS) + height) * math.sin(p)])


def geographic(x):
    r = math.hypot(x[0], x[1])
    p, h = math.atan2(x[2], r * (1 - FLATNESS)), 0.0
    for _ in range(8):
        n = EQUATOR / math.sqrt(1 - FLATNESS * math.sin(p) ** 2)
        h = r / math.cos(p) - n
        p = math.atan2(x[2], r * (1 - FLATNESS * n / (n + h)))
    return math.degrees(math.atan2(x[1], x[0])), math.degrees(p), h


def position(t):
    radius, tilt = EQUATOR + 693000, math.radians(98.18)
    u = math.radians(131) + math.sqrt(3.986004418e14 / radius ** 3) * t
    o = math.radians(186.5) - 7.2921159e-5 * t
    return radius * np.array([math.cos(o) * math.cos(u) - math.sin(o) * math.cos(tilt) * math.sin(u),
                              math.sin(o) * math.cos(u) + math.cos(o) * math.cos(tilt) * math.sin(u),
                              math.sin(tilt) * math.sin(u)])


def velocity(t):
    return (position(t + 0.01) - position(t - 0.01)) / 0.02


def ground(t, slant, height):
    """The place to the right of the path that is seen at a time and slant range: longitude, latitude, height."""
    p, v = position(t), velocity(t)
    down, along = -p / np.linalg.norm(p), v / np.linalg.norm(v)
    right = np.cross(along, -down)
    low, high = math.radians(10), math.radians(65)
    for _ in range(80):
        a = (low + high) / 2
        x = p + slant * (math.cos(a) * down + math.sin(a) * right)
        x = x - along * np.dot(x - p, along)
        found = geographic(p + (x - p) * slant / np.linalg.norm(x - p))
        low, high = (a, high) if found[2] < height else (low, a)
    return found


def draw(folder):
    """Writes the product."""
    slants = NEAR + np.linspace(0, 8000, 9)
    feet = [earth_fixed(*ground(LINES * INTERVAL / 2, slant, 0.0)[:2], 0.0) for slant in slants]
    way = np.concatenate([[0], np.cumsum([np.linalg.norm(b - a) for a, b in zip(feet, feet[1:])])])
    to_slant = np.polynomial.polynomial.polyfit(way, slants, 4)
    to_ground = np.polynomial.polynomial.polyfit(slants - NEAR, way, 4)
    header = ("<adsHeader><missionId>S1A</missionId><productType>GRD</productType><polarisation>VV</polarisation><mode>IW</mode>"
              f"<startTime>{clock(0)}</startTime><stopTime>{clock(LINES * INTERVAL)}</stopTime></adsHeader>")

    def vector(x):
        return f"<x>{x[0]:.6f}</x><y>{x[1]:.6f}</y><z>{x[2]:.6f}</z>"

    states = "".join(f"<orbit><time>{clock(t)}</time><frame>Earth Fixed</frame><position>{vector(position(t))}</position>"
                     f"<velocity>{vector(velocity(t))}</velocity></orbit>" for t in np.arange(-60, 70, 10.0))
    conversions = "".join(
        f"<coordinateConversion><azimuthTime>{clock(t)}</azimuthTime><slantRangeTime>{2 * NEAR / LIGHT:.15e}</slantRangeTime>"
        f"<sr0>{NEAR}</sr0><srgrCoefficients count='5'>{' '.join(f'{c:.15e}' for c in to_ground)}</srgrCoefficients><gr0>0.0</gr0>"
        f"<grsrCoefficients count='5'>{' '.join(f'{c:.15e}' for c in to_slant)}</grsrCoefficients></coordinateConversion>" for t in (-1.0, 2.0))
    grid = ""
    for line in np.linspace(0, LINES - 1, 4):
        for sample in np.linspace(0, SAMPLES - 1, 6):
            slant = float(np.polynomial.polynomial.polyval(sample * SPACING, to_slant))
            longitude, latitude, height = ground(line * INTERVAL, slant, 100.0)
            grid += (f"<geolocationGridPoint><azimuthTime>{clock(line * INTERVAL)}</azimuthTime>"
                     f"<slantRangeTime>{2 * slant / LIGHT:.12e}</slantRangeTime><line>{round(line)}</line><pixel>{round(sample)}</pixel>"
                     f"<latitude>{latitude:.9f}</latitude><longitude>{longitude:.9f}</longitude><height>{height:.3f}</height>"
                     "<incidenceAngle>38</incidenceAngle><elevationAngle>34</elevationAngle></geolocationGridPoint>")
    columns = list(range(0, SAMPLES, 150)) + [SAMPLES - 1]
    pixels = " ".join(map(str, columns))
    gains = {line: " ".join(f"{400 + 0.1 * p + 0.01 * line:.6e}" for p in columns) for line in (0, 300, 600)}
    tables = "".join(
        f"<calibrationVector><azimuthTime>{clock(line * INTERVAL)}</azimuthTime><line>{line}</line><pixel count='{len(columns)}'>{pixels}</pixel>"
        + "".join(f"<{name} count='{len(columns)}'>{gain}</{name}>" for name in ("sigmaNought", "betaNought", "gamma", "dn")) + "</calibrationVector>"
        for line, gain in gains.items())
    texture = gaussian_filter(np.random.default_rng(1).standard_normal((LINES, SAMPLES)), 6)
    numbers = (200 + 1500 * texture).clip(20, 2000).astype("uint16")
    files = {
        f"annotation/{STEM}.xml": f"""<product>{header}<generalAnnotation><productInformation><pass>Descending</pass>
<projection>Ground Range</projection><rangeSamplingRate>6.434523812571428e+07</rangeSamplingRate><radarFrequency>5.405e+09</radarFrequency>
<azimuthSteeringRate>1.590368784e+00</azimuthSteeringRate></productInformation><orbitList>{states}</orbitList></generalAnnotation>
<imageAnnotation><imageInformation><productFirstLineUtcTime>{clock(0)}</productFirstLineUtcTime>
<productLastLineUtcTime>{clock((LINES - 1) * INTERVAL)}</productLastLineUtcTime><ascendingNodeTime>2023-06-14T05:00:00.000000</ascendingNodeTime>
<slantRangeTime>{2 * NEAR / LIGHT:.15e}</slantRangeTime><pixelValue>Detected</pixelValue><outputPixels>16 bit Unsigned Integer</outputPixels>
<rangePixelSpacing>{SPACING}</rangePixelSpacing><azimuthPixelSpacing>10.0</azimuthPixelSpacing>
<azimuthTimeInterval>{INTERVAL}</azimuthTimeInterval><numberOfSamples>{SAMPLES}</numberOfSamples><numberOfLines>{LINES}</numberOfLines>
<incidenceAngleMidSwath>38</incidenceAngleMidSwath></imageInformation></imageAnnotation><swathTiming><linesPerBurst>0</linesPerBurst>
<samplesPerBurst>0</samplesPerBurst><burstList count="0"/></swathTiming><coordinateConversion>
<coordinateConversionList count="2">{conversions}</coordinateConversionList></coordinateConversion>
<geolocationGrid><geolocationGridPointList count="24">{grid}</geolocationGridPointList></geolocationGrid></product>""",
        f"annotation/calibration/calibration-{STEM}.xml": f"""<calibration>{header}<calibrationInformation>
<absoluteCalibrationConstant>1.0</absoluteCalibrationConstant></calibrationInformation>
<calibrationVectorList count="3">{tables}</calibrationVectorList></calibration>""",
        "manifest.safe": f"""<?xml version="1.0" encoding="UTF-8"?>
<xfdu:XFDU xmlns:xfdu="urn:ccsds:schema:xfdu:1" xmlns:safe="http://www.esa.int/safe/sentinel-1.0"
 xmlns:s1="http://www.esa.int/safe/sentinel-1.0/sentinel-1" xmlns:s1sarl1="http://www.esa.int/safe/sentinel-1.0/sentinel-1/sar/level-1">
<metadataSection><safe:acquisitionPeriod><safe:startTime>{clock(0)}</safe:startTime><safe:stopTime>{clock(LINES * INTERVAL)}</safe:stopTime>
</safe:acquisitionPeriod><safe:platform><safe:familyName>SENTINEL-1</safe:familyName><safe:number>A</safe:number><safe:instrument>
<safe:extension><s1sarl1:instrumentMode><s1sarl1:mode>IW</s1sarl1:mode><s1sarl1:swath>IW</s1sarl1:swath></s1sarl1:instrumentMode>
</safe:extension></safe:instrument></safe:platform><safe:orbitReference><safe:orbitNumber type="start">48972</safe:orbitNumber>
<safe:orbitNumber type="stop">48972</safe:orbitNumber><safe:relativeOrbitNumber type="start">66</safe:relativeOrbitNumber>
<safe:relativeOrbitNumber type="stop">66</safe:relativeOrbitNumber><safe:extension><s1:orbitProperties><s1:pass>DESCENDING</s1:pass>
<s1:ascendingNodeTime>2023-06-14T05:00:00.000000</s1:ascendingNodeTime></s1:orbitProperties></safe:extension></safe:orbitReference>
<s1sarl1:standAloneProductInformation><s1sarl1:missionDataTakeID>386738</s1sarl1:missionDataTakeID>
<s1sarl1:transmitterReceiverPolarisation>VV</s1sarl1:transmitterReceiverPolarisation><s1sarl1:productType>GRD</s1sarl1:productType>
</s1sarl1:standAloneProductInformation></metadataSection><dataObjectSection>""" + "".join(
            f'<dataObject ID="{kind}" repID="{kind}"><byteStream><fileLocation locatorType="URL" href="./{place}"/></byteStream></dataObject>'
            for kind, place in [("s1Level1ProductSchema", f"annotation/{STEM}.xml"),
                                ("s1Level1CalibrationSchema", f"annotation/calibration/calibration-{STEM}.xml"),
                                ("s1Level1MeasurementSchema", f"measurement/{STEM}.tiff")]) + "</dataObjectSection></xfdu:XFDU>",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "measurement").mkdir()
    corners = [rasterio.control.GroundControlPoint(row=0, col=0, x=9.7, y=49.4, z=100)]
    with rasterio.open(folder / f"measurement/{STEM}.tiff", "w", driver="GTiff", width=SAMPLES, height=LINES, count=1, dtype="uint16",
                       gcps=corners, crs="EPSG:4326") as file:
        file.write(numbers, 1)


def draw_heights(path):
    """Writes heights in UTM, on pixels of 10 m."""
    longitude, latitude, _ = ground(LINES * INTERVAL / 2, NEAR + 2800, 100.0)
    x, y = (value[0] for value in rasterio.warp.transform("EPSG:4326", "EPSG:32632", [longitude], [latitude]))
    side = 1800
    left, top = round(x / 10) * 10 - side * 5, round(y / 10) * 10 + side * 5
    rows, columns = np.mgrid[0:side, 0:side]
    squares = ((columns - side / 2) ** 2 + (rows - side / 2) ** 2) * 100
    heights = 100 + 500 * np.exp(-squares / (2 * 900.0 ** 2))
    with rasterio.open(path, "w", driver="GTiff", width=side, height=side, count=1, dtype="float32", crs="EPSG:32632",
                       transform=from_origin(left, top, 10, 10)) as file:
        file.write(heights.astype("float32"), 1)


def main():
    terrane, patterns = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    if patterns and not any(pattern in "sar-correction" for pattern in patterns):
        return
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        product = folder / "incoming" / NAME
        draw(product)
        draw_heights(folder / "heights.tif")
        (folder / "grd.yaml").write_text(
            "name: grd\nsensor: sentinel-1-grd\nbands: [VV]\ndata: {scenes: incoming}\nstages:\n"
            "  - sar-correction: {dem: heights.tif, heights: ellipsoid, noise: keep, mask: []}\n")
        subprocess.run([terrane, "run", "grd.yaml"], cwd=folder, check=True, capture_output=True)
        with rasterio.open(next(folder.glob("output/grd/products/*/backscatter.tif"))) as file:
            own, transform = file.read(1), file.transform
        sarsen.terrain_correction(
            sarsen.Sentinel1SarProduct(str(product), "IW/VV"), dem_urlpath=str(folder / "heights.tif"),
            output_urlpath=str(folder / "sarsen.tif"), interp_method="linear")
        with rasterio.open(folder / "sarsen.tif") as file:
            # sarsen writes the southern rows first.
            other, left, top = np.flipud(file.read(1)), file.transform.c, max(file.bounds.top, file.bounds.bottom)
        if file.transform.e < 0:
            raise RuntimeError("sarsen's rows run from north to south")
        row, column = round((transform.f - top) / 10), round((left - transform.c) / 10)
        own = own[max(0, row):, max(0, column):]
        other = other[max(0, -row):, max(0, -column):]
        rows, columns = (min(pair) for pair in zip(own.shape, other.shape))
        own, other = own[:rows, :columns], other[:rows, :columns]
    both = np.isfinite(own) & np.isfinite(other) & (other > 0)
    differences = np.abs(own[both] - 10 * np.log10(other[both]))
    most, largest = np.quantile(differences, 0.99), differences.max()
    print(f"sar-correction against sarsen {sarsen.__version__}: {both.sum()} pixels, 99 % within {most:.4f} dB, all within {largest:.4f} dB")
    sys.exit(0 if both.sum() > 300000 and most < 0.01 and largest < 0.1 else 1)


if __name__ == "__main__":
    main()
