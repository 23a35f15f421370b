#!/usr/bin/env python3
"""Holds every product of output directories against the programs that people open products with.

    clients.py OUTPUT...

- rio-cogeo: every raster is a valid Cloud Optimized GeoTIFF, without a warning.
- rasterio: no-data, names and colours of classes inside the file; probabilities add up to 100.
- JSON schemas of STAC 1.1.0 (those that pystac brings): catalogues, collections and items. Those of extensions
  (projection, raster, classification) lie on a server and are not asked; pystac's own classes for them read the values.
- pystac: walks from catalog.json to every item and back, and every link and asset leads to a file.
- GDAL's validate_gpkg.py and ogrinfo: GeoPackages, by the Python of the system.
- QGIS (qgis_layers.py, PyQGIS without a screen): every raster and vector file opens with names and colours.

Ends with 1 and a line for each fault; `make clients` installs what is needed.
"""

import json
import pathlib
import subprocess
import sys

import jsonschema
import pystac
import rasterio
from pystac.extensions.classification import ClassificationExtension
from pystac.extensions.projection import ProjectionExtension
from pystac.validation.local_validator import get_local_schema_cache
from referencing import Registry, Resource
from rio_cogeo.cogeo import cog_validate

SYSTEM_PYTHON = "/usr/bin/python3"
faults = []
counts = {}


def check(holds, path, words):
    """Notes a fault of a file unless something holds."""
    if not holds:
        faults.append(f"{path}: {words}")


def count(what, number=1):
    counts[what] = counts.get(what, 0) + number


# --- Rasters


def check_raster(path):
    try:
        look_at_raster(path)
    except Exception as error:
        check(False, path, f"rasterio: {error!r}"[:300])


def look_at_raster(path):
    valid, errors, warnings = cog_validate(str(path), strict=True, quiet=True)
    check(valid and not errors and not warnings, path, f"no valid COG: {errors + warnings}")
    with rasterio.open(path) as raster:
        # A small raster is a valid COG whoever wrote it.
        layout = raster.tags(ns="IMAGE_STRUCTURE").get("LAYOUT")
        check(layout == "COG", path, f"laid out as {layout}")
        for _, window in raster.block_windows(1):
            raster.read(window=window)
        tags = raster.tags()
        classes = {int(key[6:]): name for key, name in tags.items() if key.startswith("CLASS_")}
        check(raster.nodata is not None, path, "no value for no data")
        check("TERRANE_KEY" in tags, path, "no provenance")
        if classes:
            colors = raster.colormap(1)
            check(all(value in colors for value in classes), path, "a class without a colour")
        if path.name == "probabilities.tif":
            check_probabilities(path, raster)
    count("rasters")


def check_probabilities(path, raster):
    check(all(raster.descriptions), path, "a band without the name of its class")
    for _, window in raster.block_windows(1):
        values = raster.read(window=window).astype(int)
        hidden = values == 255
        check((hidden.all(0) == hidden.any(0)).all(), path, "no data in some bands only")
        sums = values.sum(0)[~hidden[0]]
        check((sums == 100).all(), path, "probabilities that do not add up to 100")


# --- STAC

SCHEMAS = get_local_schema_cache()
REGISTRY = Registry().with_resources(
    [(address, Resource.from_contents(schema)) for address, schema in SCHEMAS.items()]
)
KINDS = {"Feature": "item", "Collection": "collection", "Catalog": "catalog"}


def check_schema(path, document):
    kind = KINDS.get(document.get("type"))
    check(kind, path, "neither item nor collection nor catalogue")
    if not kind:
        return
    address = f"https://schemas.stacspec.org/v1.1.0/{kind}-spec/json-schema/{kind}.json"
    validator = jsonschema.Draft7Validator(SCHEMAS[address], registry=REGISTRY)
    for error in list(validator.iter_errors(document))[:3]:
        check(False, path, f"schema of STAC 1.1.0: {error.json_path}: {error.message[:200]}")
    count("STAC files")


def check_links(path, document):
    """Every relative link and asset leads to a file; a collection and its items name each other."""
    places = [(link["rel"], link["href"]) for link in document.get("links", [])]
    places += [(name, asset["href"]) for name, asset in document.get("assets", {}).items()]
    for name, href in places:
        check(not href.startswith(("/", "http")), path, f"'{name}' is no relative link: {href}")
        check((path.parent / href).is_file(), path, f"'{name}' leads nowhere: {href}")
    if document.get("type") != "Feature":
        return
    relations = [link["rel"] for link in document["links"]]
    check(relations == ["root", "parent", "collection"], path, f"links {relations}")
    collection = json.loads((path.parent.parent / "collection.json").read_text())
    check(document.get("collection") == collection["id"], path, "belongs to another collection")
    box, within = document["bbox"], collection["extent"]["spatial"]["bbox"][0]
    check(
        within[0] <= box[0] and within[1] <= box[1] and box[2] <= within[2] and box[3] <= within[3],
        path,
        "lies outside of its collection",
    )


def check_catalogue(products, items):
    catalog = pystac.Catalog.from_file(str(products / "catalog.json"))
    found = list(catalog.get_items(recursive=True))
    files = {pathlib.Path(item.get_self_href()).resolve() for item in found}
    check(files == {path.resolve() for path in items}, products, "the catalogue does not lead to every item")
    for item in found:
        path = item.get_self_href()
        projection = ProjectionExtension.ext(item)
        check(projection.shape and projection.transform, path, "pystac finds no grid")
        check(item.get_root().id == catalog.id, path, "pystac finds another root")
        for name, asset in item.assets.items():
            if "classification:classes" not in asset.extra_fields:
                continue
            classes = ClassificationExtension.ext(asset).classes
            check(all(c.name and c.color_hint for c in classes), path, f"{name}: classes without names or colours")
        count("items that pystac reaches")


# --- Programs of the system


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def check_geopackage(path):
    program = (
        "import sys; from osgeo_utils.samples.validate_gpkg import check; check(sys.argv[1], abort_at_first_error=False)"
    )
    result = run(SYSTEM_PYTHON, "-c", program, str(path))
    check(result.returncode == 0, path, f"validate_gpkg: {result.stderr.strip()[-300:]}")
    result = run("ogrinfo", "-ro", "-so", "-al", str(path))
    check(result.returncode == 0 and "ERROR" not in result.stderr, path, f"ogrinfo: {result.stderr.strip()[:300]}")
    count("GeoPackages")


def check_in_qgis(products):
    script = pathlib.Path(__file__).with_name("qgis_layers.py")
    result = run("env", "QT_QPA_PLATFORM=offscreen", SYSTEM_PYTHON, str(script), str(products))
    lines = result.stdout.splitlines()
    faults.extend(line[len("fault ") :] for line in lines if line.startswith("fault "))
    for line in lines:
        if line.startswith("count "):
            _, number, what = line.split(" ", 2)
            count(what, int(number))
    check(result.returncode == 0, products, f"QGIS ended with {result.returncode}: {result.stderr.strip()[-500:]}")


def check_output(output):
    products = output / "products"
    check(products.is_dir(), output, "no products")
    rasters = sorted(products.glob("*/*.tif"))
    for path in rasters:
        check_raster(path)
    for path in sorted(products.glob("*/*.gpkg")):
        check_geopackage(path)
    documents = {path: json.loads(path.read_text()) for path in sorted(products.rglob("*.json"))}
    for path, document in documents.items():
        check_schema(path, document)
        try:
            check_links(path, document)
        except (KeyError, OSError) as error:
            check(False, path, f"links: {error!r}")
    items = [path for path, document in documents.items() if document.get("type") == "Feature"]
    if items:
        try:
            check_catalogue(products, items)
        except Exception as error:  # Whatever pystac, or what it calls, thinks of a document.
            check(False, products, f"pystac: {error!r}"[:300])
    check(rasters or documents, output, "nothing to look at")
    check_in_qgis(products)


def main():
    outputs = [pathlib.Path(name) for name in sys.argv[1:]]
    if not outputs:
        sys.exit(__doc__)
    for output in outputs:
        check_output(output)
    for fault in faults:
        print(f"fault: {fault}")
    print("; ".join(f"{number} {what}" for what, number in counts.items()))
    print(f"{len(faults)} faults" if faults else "clients: every product is accepted")
    sys.exit(1 if faults else 0)


main()
