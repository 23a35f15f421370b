"""Opens every raster and vector file below a directory in QGIS, as a user's click does, and looks at its legend.

Run by clients.py with the Python of the system that has PyQGIS, and QT_QPA_PLATFORM=offscreen. Prints a line `fault ...`
for each fault and `count N ...` for what was looked at.

QGIS reads Styled Layer Descriptors of vectors only ("Layer type 1 not supported" for rasters, 3.22): those of rasters
are held against the styles that QGIS reads, entry by entry.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree

from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

gdal.UseExceptions()
counts = {}


def fault(path, words):
    print(f"fault {path}: {words}")


def count(what):
    counts[what] = counts.get(what, 0) + 1


def classes_of(path):
    """The classes of a raster by its tags and its colour table: name and colour by value."""
    raster = gdal.Open(str(path))
    table = raster.GetRasterBand(1).GetColorTable()
    tags = raster.GetMetadata()
    return {
        int(key[6:]): (name, QColor(*table.GetColorEntry(int(key[6:]))[:3]).name())
        for key, name in tags.items()
        if key.startswith("CLASS_")
    }


def is_drawn(layer):
    """Whether a picture of the layer shows more than one colour."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent())
    settings.setOutputSize(QSize(128, 128))
    settings.setBackgroundColor(QColor(255, 0, 255))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    return any(image.pixelColor(x, y) != QColor(255, 0, 255) for x in range(0, 128, 8) for y in range(0, 128, 8))


def check_raster(path):
    layer = QgsRasterLayer(str(path), path.stem)
    if not layer.isValid():
        return fault(path, "QGIS does not open it")
    if not layer.crs().isValid():
        fault(path, "QGIS finds no coordinate reference system")
    if not is_drawn(layer):
        fault(path, "QGIS draws nothing")
    count("rasters drawn in QGIS")
    qml, sld = path.with_suffix(".qml"), path.with_suffix(".sld")
    classes = classes_of(path)
    kind = layer.renderer().type()
    if classes:
        # Without a style QGIS takes the colour table, whose names lie in the side-car.
        if kind != "paletted":
            return fault(path, f"QGIS draws classes as {kind}")
        shown = {int(c.value): (c.label, c.color.name()) for c in layer.renderer().classes()}
        named = {value: entry for value, entry in shown.items() if value in classes}
        if named != classes:
            fault(path, f"QGIS shows {named} for {classes}")
        if qml.exists() and shown != classes:
            fault(path, f"the style has {shown} for {classes}")
    elif qml.exists():
        if kind != "singlebandpseudocolor":
            return fault(path, f"QGIS draws values as {kind}")
        items = layer.renderer().shader().rasterShaderFunction().colorRampItemList()
        shown = {item.value: (item.label, item.color.name()) for item in items}
        if len(shown) < 2 or not all(label for label, _ in shown.values()):
            fault(path, f"a ramp of {shown}")
    if qml.exists():
        count("raster legends in QGIS")
    if sld.exists():
        check_raster_descriptor(sld, shown if qml.exists() else classes, "values" if classes else "ramp")


def check_raster_descriptor(path, expected, kind):
    namespace = {"sld": "http://www.opengis.net/sld"}
    table = ElementTree.parse(path).find(".//sld:RasterSymbolizer/sld:ColorMap", namespace)
    if table is None or table.get("type") != kind:
        return fault(path, f"no ColorMap of type {kind}")
    entries = {
        float(entry.get("quantity")): (entry.get("label"), entry.get("color").lower())
        for entry in table.findall("sld:ColorMapEntry", namespace)
    }
    if entries != {float(value): entry for value, entry in expected.items()}:
        fault(path, f"{entries} for {expected}")
    count("descriptors of rasters")


def check_vector(path):
    layer = QgsVectorLayer(str(path), path.stem, "ogr")
    if not layer.isValid():
        return fault(path, "QGIS does not open it")
    if not layer.crs().isValid():
        fault(path, "QGIS finds no coordinate reference system")
    invalid = sum(1 for feature in layer.getFeatures() if not feature.geometry().isGeosValid())
    if invalid:
        fault(path, f"{invalid} geometries that GEOS finds invalid")
    count("vector files in QGIS")
    raster = path.with_suffix(".tif")
    if raster.exists():
        check_polygons(path, layer, raster)
    if path.with_suffix(".qml").exists() or raster.with_suffix(".qml").exists():
        renderer = layer.renderer()
        if renderer.type() != "categorizedSymbol":
            return fault(path, f"QGIS draws polygons as {renderer.type()}")
        shown = {c.value(): c.symbol().color().name() for c in renderer.categories()}
        if raster.exists() and shown != dict(classes_of(raster).values()):
            fault(path, f"polygons have the colours {shown}")
        count("vector legends in QGIS")
    sld = next((p for p in [pathlib.Path(f"{path}.sld"), path.with_suffix(".sld")] if p.exists()), None)
    if sld and (sld.name.endswith(".gpkg.sld") or not raster.exists()):
        message, loaded = layer.loadSldStyle(str(sld))
        if not loaded:
            return fault(sld, f"QGIS does not read it: {message}")
        names = {rule.label() for rule in layer.renderer().rootRule().children()}
        if raster.exists() and names != {name for name, _ in classes_of(raster).values()}:
            fault(sld, f"QGIS finds rules for {names}")
        count("descriptors of vectors in QGIS")


def check_polygons(path, layer, raster):
    """The polygons of each class have the area of its pixels."""
    file = gdal.Open(str(raster))
    _, width, _, _, _, height = file.GetGeoTransform()
    pixel = abs(width * height) / 10_000
    histogram = file.GetRasterBand(1).GetHistogram(-0.5, 255.5, 256, 0, 0)
    hectares = {}
    for feature in layer.getFeatures():
        if feature["hectares"]:
            hectares[feature["value"]] = hectares.get(feature["value"], 0) + feature["hectares"]
    for value, (name, _) in classes_of(raster).items():
        expected = histogram[value] * pixel
        if hectares and abs(hectares.get(value, 0) - expected) > 1e-3 * max(1, expected):
            fault(path, f"{hectares.get(value, 0)} ha of {name}; the raster has {expected}")


def main():
    application = QgsApplication([], False)
    application.initQgis()
    products = pathlib.Path(sys.argv[1])
    for path in sorted(products.glob("*/*.tif")):
        check_raster(path)
    for path in sorted(products.glob("*/*.gpkg")):
        check_vector(path)
    for what, number in counts.items():
        print(f"count {number} {what}")
    sys.stdout.flush()
    application.exitQgis()


main()
