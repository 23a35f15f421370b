/// A file of a SpatioTemporal Asset Catalog, versions 1.0 and 1.1: an item, a collection of items, a collection or
/// a catalogue; the members that are read of each.
struct STACDocument: Decodable {
  let type, version, id, collection: String?
  let properties: STACProperties?
  let assets: [String: STACAsset]?
  let links: [STACLink]?
  let features: [STACDocument]?
  let itemAssets: [String: STACAsset]?

  enum CodingKeys: String, CodingKey {
    case type, id, collection, properties, assets, links, features
    case version = "stac_version"
    case itemAssets = "item_assets"
  }
}

/// A link of a document to another one.
struct STACLink: Decodable {
  let rel, href: String
}

/// The properties of an item.
struct STACProperties: Decodable {
  let datetime, startDatetime, platform, level, productType, correction, baseline, productURI: String?
  let instruments: [String]?
  let cloudCover: Double?
  /// Whether the offset of Sentinel-2's numbers is taken off already, by Earth Search's names for it.
  let isOffsetApplied, wasOffsetApplied: Bool?
  let gridCode, tile, latitudeBand, gridSquare: String?
  let zone, path, row: STACText?
  let bands, oldBands: [STACBand]?

  enum CodingKeys: String, CodingKey {
    case datetime, platform, instruments, bands
    case startDatetime = "start_datetime"
    case level = "processing:level"
    case productType = "s2:product_type"
    case correction = "landsat:correction"
    case baseline = "s2:processing_baseline"
    case productURI = "s2:product_uri"
    case cloudCover = "eo:cloud_cover"
    case isOffsetApplied = "earthsearch:boa_offset_applied"
    case wasOffsetApplied = "sentinel:boa_offset_applied"
    case gridCode = "grid:code"
    case tile = "s2:mgrs_tile"
    case zone = "mgrs:utm_zone"
    case latitudeBand = "mgrs:latitude_band"
    case gridSquare = "mgrs:grid_square"
    case path = "landsat:wrs_path"
    case row = "landsat:wrs_row"
    case oldBands = "eo:bands"
  }
}

/// A file of an item, or the description of such files in a collection.
struct STACAsset: Decodable {
  let href, type: String?
  let roles: [String]?
  /// The bands by the names of version 1.1, by those of 1.0, and of 1.0 what is stored of each.
  let bands, oldBands, storedBands: [STACBand]?
  /// The members that count for all bands.
  let shared: STACBand

  enum CodingKeys: String, CodingKey {
    case href, type, roles, bands
    case oldBands = "eo:bands"
    case storedBands = "raster:bands"
  }

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    href = try members.decodeIfPresent(String.self, forKey: .href)
    type = try members.decodeIfPresent(String.self, forKey: .type)
    roles = try members.decodeIfPresent([String].self, forKey: .roles)
    bands = try members.decodeIfPresent([STACBand].self, forKey: .bands)
    oldBands = try members.decodeIfPresent([STACBand].self, forKey: .oldBands)
    storedBands = try members.decodeIfPresent([STACBand].self, forKey: .storedBands)
    shared = try STACBand(from: decoder)
  }
}

/// A band of an asset.
struct STACBand: Decodable {
  let name, oldCommonName, commonName: String?
  let scale, offset, oldScale, oldOffset, metres, oldMetres, groundDistance: Double?
  let noData: STACNumber?

  enum CodingKeys: String, CodingKey {
    case name
    case oldCommonName = "common_name"
    case commonName = "eo:common_name"
    case scale = "raster:scale"
    case offset = "raster:offset"
    case oldScale = "scale"
    case oldOffset = "offset"
    case metres = "raster:spatial_resolution"
    case oldMetres = "spatial_resolution"
    case groundDistance = "gsd"
    case noData = "nodata"
  }
}

/// A number, or one of the words for those that JSON has not.
struct STACNumber: Decodable {
  let value: Double

  init(from decoder: any Decoder) throws {
    let member = try decoder.singleValueContainer()
    guard let word = try? member.decode(String.self) else {
      value = try member.decode(Double.self)
      return
    }
    switch word.lowercased() {
    case "nan": value = .nan
    case "inf": value = .infinity
    case "-inf": value = -.infinity
    default: throw DecodingError.dataCorruptedError(in: member, debugDescription: "'\(word)' is no number")
    }
  }
}

/// A text, or a number as one.
struct STACText: Decodable {
  let text: String

  init(from decoder: any Decoder) throws {
    let member = try decoder.singleValueContainer()
    text = try (try? member.decode(String.self)) ?? "\(member.decode(Int.self))"
  }
}
