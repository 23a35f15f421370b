import Rasters

/// The bands of an item's assets under the names that they go by, in the order in which they are to be taken: by
/// the asset's key, by the band's name, by its common name; of assets alike the one with fewest bands, then the
/// finest.
struct STACBands {
  private(set) var assets: [BandAsset] = []
  /// The statements of the item that count for nothing, a sentence each.
  private(set) var notes: [String] = []

  /// A band under one of its names.
  private struct Candidate {
    let rank, count: Int
    let key: String
    let asset: BandAsset

    var order: (Int, Int, Double, Int, String) {
      (rank, count, asset.metres.map(Double.init) ?? .infinity, asset.refusal == nil ? 0 : 1, key)
    }
  }

  init(
    _ item: STACItem, _ rasters: [(key: String, asset: STACAsset)],
    _ files: [String: Result<String, RasterError>]
  ) {
    var candidates: [Candidate] = []
    var wasApplied = false
    for (key, asset) in rasters {
      let described = Description(of: key, asset, item)
      let (file, refusal): (String, RasterError?)
      switch files[key] {
      case .success(let path): (file, refusal) = (path, described.problem)
      case .failure(let error): (file, refusal) = (asset.href ?? "", error)
      case nil: continue
      }
      for place in 0..<described.count {
        let band = described.names.isEmpty ? nil : described.names[place]
        let rule = StatedRule(described.stored(place), of: [key, band?.name].compactMap(\.self), item)
        wasApplied = wasApplied || rule.isOffsetDropped
        let names = [(0, described.count == 1 ? key : nil), (1, band?.name), (2, band?.common)]
        for (rank, name) in names {
          guard let name else { continue }
          candidates.append(
            Candidate(
              rank: rank, count: described.count, key: key,
              asset: BandAsset(
                name: name, file: file, index: place + 1, of: described.count,
                metres: described.metres(place), stated: rule.band, refusal: refusal)))
        }
      }
    }
    assets = candidates.sorted { $0.order < $1.order }.map(\.asset)
    if wasApplied {
      notes.append(
        "the offset that it states is not applied: earthsearch:boa_offset_applied says that it is taken off already"
      )
    }
  }

  /// The description of an asset's bands, by the asset itself, else by its collection, else by the item.
  private struct Description {
    let names: [(name: String?, common: String?)]
    let count: Int
    /// The reason why it cannot be told what is stored of which band.
    let problem: RasterError?
    private let bands: [STACBand]
    private let shared: STACBand

    init(of key: String, _ asset: STACAsset, _ item: STACItem) {
      let fallback = item.collection[key]
      let known = asset.bands ?? asset.oldBands ?? fallback?.bands ?? fallback?.oldBands
      let summary = item.document.properties.flatMap { $0.bands ?? $0.oldBands } ?? []
      let own =
        known ?? summary.filter { $0.name.map { Sensor.normalised($0) == Sensor.normalised(key) } ?? false }
      names = own.map { ($0.name, $0.commonName ?? $0.oldCommonName) }
      let stored = asset.storedBands ?? fallback?.storedBands
      count = max(1, own.isEmpty ? stored?.count ?? 1 : own.count)
      // Of version 1.1 the bands themselves say what is stored; of the item's summary none does.
      bands = stored ?? asset.bands ?? fallback?.bands ?? []
      shared = asset.shared
      let isParallel = stored == nil || stored!.count == count
      problem =
        isParallel
        ? nil
        : RasterError(
          .unsupported, "find scale and offset", path: item.place.file,
          cause: "asset '\(key)' has \(count) bands and what is stored of \(stored!.count)")
    }

    /// Returns what is stored of a band.
    func stored(_ place: Int) -> (scale: Double?, offset: Double?, noData: Double?) {
      let band = bands.indices.contains(place) ? bands[place] : nil
      return (
        band?.scale ?? band?.oldScale ?? shared.scale ?? shared.oldScale,
        band?.offset ?? band?.oldOffset ?? shared.offset ?? shared.oldOffset,
        (band?.noData ?? shared.noData)?.value
      )
    }

    /// Returns the metres of a band's pixels; nil where nothing says them.
    func metres(_ place: Int) -> Int? {
      let band = bands.indices.contains(place) ? bands[place] : nil
      let said =
        band?.metres ?? band?.oldMetres ?? band?.groundDistance ?? shared.metres ?? shared.oldMetres
        ?? shared.groundDistance
      return said.flatMap { $0 > 0 && $0 < 1e6 ? Int($0.rounded(.up)) : nil }
    }
  }
}

/// The rule by which an item's stored numbers become physical, and why there is none.
private struct StatedRule {
  let band: StatedBand
  /// Whether an offset that is stated counts for nothing.
  let isOffsetDropped: Bool

  /// - Parameter names: the names that the band goes by.
  init(
    _ stored: (scale: Double?, offset: Double?, noData: Double?), of names: [String], _ item: STACItem
  ) {
    var scaling: StoredScaling?
    if stored.scale != nil || stored.offset != nil {
      scaling = StoredScaling(scale: stored.scale ?? 1, offset: stored.offset ?? 0)
    }
    var (doubt, isDropped): (String?, Bool) = (nil, false)
    let reader = item.product?.sensors.first ?? ""
    if let rule = scaling, !(rule.scale.isFinite && rule.offset.isFinite && rule.scale != 0) {
      doubt = "the item states \(rule)"
    } else if reader.hasPrefix("sentinel-2"),
      names.contains(where: { Sensor.sentinel2L1C.bandIndex(matching: $0) != nil })
    {
      if stored.scale == nil, let offset = stored.offset {
        scaling = StoredScaling(scale: Sensor.sentinel2L2A.scale, offset: offset)
      }
      let properties = item.document.properties
      if properties?.isOffsetApplied ?? properties?.wasOffsetApplied ?? false {
        isDropped = (scaling?.offset ?? 0) != 0
        scaling = scaling.map { StoredScaling(scale: $0.scale, offset: 0) }
      } else {
        doubt = Self.doubt(about: scaling, baseline: item.baseline)
      }
    } else if reader.hasPrefix("landsat"), reader.hasSuffix("-toa") {
      // Without the height of the sun, by which these are to be divided.
      scaling = nil
    }
    band = StatedBand(scaling: scaling, noData: stored.noData, doubt: doubt)
    isOffsetDropped = isDropped
  }

  /// Returns why the offset of a Sentinel-2 band is not known; nil where it is.
  private static func doubt(about scaling: StoredScaling?, baseline: String?) -> String? {
    let offset = scaling?.offset ?? 0
    guard let baseline, let major = Int(baseline.prefix(2)) else {
      return scaling == nil
        ? "the item states neither an offset nor the processing baseline that tells it" : nil
    }
    if major >= 4, offset == 0 {
      return
        "numbers of baseline \(baseline) carry an offset, and the item states none, nor that it is taken off"
    }
    return major < 4 && offset != 0
      ? "the item states an offset of \(Float(offset)), and numbers of baseline \(baseline) carry none" : nil
  }
}
