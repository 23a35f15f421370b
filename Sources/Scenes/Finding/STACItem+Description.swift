import Foundation

extension STACItem {
  /// The item's statements about the whole scene.
  var delivery: Delivery {
    let properties = document.properties
    var delivery = Delivery(product: product, ground: ground)
    if let start = properties?.datetime ?? properties?.startDatetime, let day = Day(String(start.prefix(10)))
    {
      delivery.day = day
      let isUniversal = start.hasSuffix("Z") || start.hasSuffix("+00:00")
      if isUniversal, start.utf8.count >= 20 { delivery.time = "\(start.prefix(19))Z" }
    }
    delivery.platform = properties?.platform
    delivery.version = baseline
    delivery.cloudShare = properties?.cloudCover.map { $0 / 100 }
    return delivery
  }

  /// The processing baseline of Sentinel-2, `05.09`; nil where nothing says it.
  var baseline: String? {
    if let said = document.properties?.baseline { return said }
    let names = [document.id, document.properties?.productURI].compactMap(\.self)
    return names.lazy.compactMap { name in
      name.firstMatch(of: /_N(\d\d)(\d\d)_/.asciiOnlyDigits()).map { "\($0.1).\($0.2)" }
    }.first
  }

  /// The tile of the Military Grid, `T32UPU`, or Landsat's path and row, `193026`.
  private var ground: String? {
    let properties = document.properties
    if let code = properties?.gridCode {
      if code.hasPrefix("MGRS-") { return "T" + code.dropFirst(5) }
      if code.hasPrefix("WRS2-") { return String(code.dropFirst(5)) }
    }
    if let tile = properties?.tile { return tile.hasPrefix("T") ? tile : "T" + tile }
    if let zone = properties?.zone?.text, let band = properties?.latitudeBand,
      let square = properties?.gridSquare
    {
      return "T" + (zone.count < 2 ? "0" : "") + zone + band + square
    }
    if let path = properties?.path.flatMap({ Int($0.text) }),
      let row = properties?.row.flatMap({ Int($0.text) })
    {
      return String(format: "%03d%03d", path, row)
    }
    guard let id = document.id else { return nil }
    let tile = id.firstMatch(of: /^S2[A-D]_(?:T)?(\d\d[A-Z]{3})_/.asciiOnlyDigits())
    return tile.map { "T\($0.1)" } ?? Delivery.tile(id) ?? Delivery.landsatGround(id)
  }
}

extension ProductName {
  /// Creates the name of the product that an item of a catalogue is, by its collection; by its platform and
  /// level where it names none. Nil of collections that are not known.
  init?(of item: STACDocument) {
    let properties = item.properties
    let platform = (properties?.platform ?? "").lowercased()
    let isScanner = (properties?.instruments ?? []).contains { $0.lowercased() == "mss" }
    guard let collection = item.collection?.lowercased() else {
      let level = (properties?.level ?? properties?.correction ?? properties?.productType ?? "").uppercased()
      if platform.hasPrefix("sentinel-2") || platform.hasPrefix("sentinel2") {
        guard let found = level.firstMatch(of: /(1C|2A)$/) else { return nil }
        self.init(sentinel2Level: found.1)
      } else if platform.hasPrefix("landsat"), let found = level.firstMatch(of: /^L([12])[A-Z]{2}$/) {
        self.init(landsat: platform.suffix(1), level: found.1, collection: 2, isScanner: isScanner)
      } else {
        return nil
      }
      return
    }
    switch collection {
    case "sentinel-2-l2a", "sentinel-2-c1-l2a", "sentinel-2-pre-c1-l2a", "sentinel-s2-l2a",
      "sentinel-s2-l2a-cogs":
      self.init(sentinel2Level: "2A")
    case "sentinel-2-l1c", "sentinel-2-c1-l1c", "sentinel-s2-l1c": self.init(sentinel2Level: "1C")
    case "landsat-c2-l2", "landsat-c2l2-sr", "landsat-c2l2alb-sr":
      self.init(landsat: platform.suffix(1), level: "2", collection: 2, isScanner: isScanner)
    case "landsat-c2-l1", "landsat-c2l1":
      self.init(landsat: platform.suffix(1), level: "1", collection: 2, isScanner: isScanner)
    case "hls2-s30", "hlss30.v2.0", "hlss30_2.0", "hlss30": self.init(harmonized: "S30")
    case "hls2-l30", "hlsl30.v2.0", "hlsl30_2.0", "hlsl30": self.init(harmonized: "L30")
    case "sentinel-1-rtc": self.init(radarTerrainCorrected: "iw-vv.rtc.tiff")
    default: return nil
    }
  }
}
