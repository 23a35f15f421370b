import Foundation
import Rasters

/// Finds the bands that a pipeline names among those that a file or a directory holds.
struct BandSelection {
  let sensor: Sensor
  /// The wanted bands by any name of theirs, in the order of the model's input.
  package let wanted: [String]
  /// The user's names for the bands of a multi-band file; they win over those that the file has.
  let bandOrder: [String]?

  /// Returns the bands of a multi-band file that are measurements.
  ///
  /// A band that the file marks as alpha is one where the user's band order names as many bands as there are,
  /// and where its description is the name of a band: writers call the fourth band of a picture alpha,
  /// whatever it holds. A description that a measured band has already was copied, and says nothing.
  func candidates(in file: RasterFile) -> [RasterBand] {
    if bandOrder?.count == file.bands.count { return file.bands }
    let measured = file.measuredBands
    guard bandOrder?.count != measured.count else { return measured }
    if colours(in: file) != nil { return file.bands }
    return file.bands.filter { band in
      if measured.contains(where: { $0.index == band.index }) { return true }
      guard let text = band.description, namesBand(text) else { return false }
      return !measured.contains { $0.description.map { isSame($0, text) } ?? false }
    }
  }

  /// Returns the places in the file of a picture's bands by the colours that it gives them, where nothing else
  /// names them: the one besides red, green and blue is near infrared, whatever it is called; nil where the
  /// file is of another kind.
  private func colours(in file: RasterFile) -> [Int]? {
    guard sensor.isPicture, bandOrder == nil, file.bands.count == sensor.bands.count,
      !file.bands.contains(where: { $0.description.map(namesBand) ?? false })
    else { return nil }
    let named = ["Red", "Green", "Blue"].map { color in
      file.bands.filter { $0.colorInterpretation == color }.map(\.index)
    }
    guard named.allSatisfy({ $0.count == 1 }) else { return nil }
    let colours = named.map { $0[0] }
    return colours + file.bands.map(\.index).filter { !colours.contains($0) }
  }

  /// Says that a band that the file marks as alpha is read as one of the sensor's; nil where none is.
  func alphaNote(_ file: RasterFile) -> String? {
    guard let places = colours(in: file), let alpha = file.bands.first(where: \.isAlpha),
      let place = places.firstIndex(of: alpha.index)
    else { return nil }
    return "\(URL(fileURLWithPath: file.path).lastPathComponent): band \(alpha.index) is marked as alpha and "
      + "read as \(sensor.bands[place].name): \(sensor.name) has \(sensor.bands.count) bands"
  }

  /// Returns whether a description is that of a band of the sensor or of a wanted one.
  private func namesBand(_ text: String) -> Bool {
    wanted.contains { describes(text, $0) } || sensor.bands.contains { describes(text, $0.name) }
  }

  /// Returns the indices from 1 of the wanted bands in a multi-band file.
  ///
  /// In this order: the user's band order; the descriptions in the file; of pictures the colours; the sensor's
  /// order, if the file has all its bands.
  package func indices(in file: RasterFile) throws(RasterError) -> [Int] {
    let measured = candidates(in: file)
    let opacity = file.bands.filter { band in !measured.contains { $0.index == band.index } }
    let marks = opacity.map { "band \($0.index) is marked as alpha" }.joined(separator: ", ")
    let remark =
      marks.isEmpty ? "" : " (\(marks); a 'band-order' of \(file.bands.count) names makes it a measurement)"
    if let bandOrder {
      guard bandOrder.count == measured.count else {
        throw missing(
          "the band order names \(bandOrder.count) bands, the file has \(measured.count)\(remark)", file.path)
      }
      return try wanted.map { name throws(RasterError) in
        guard let place = bandOrder.firstIndex(where: { isSame($0, name) }) else {
          throw missing("the band order \(bandOrder.joined(separator: ", ")) has no \(name)", file.path)
        }
        return measured[place].index
      }
    }
    if let described = try byDescription(measured, path: file.path) { return described }
    let places = colours(in: file) ?? measured.map(\.index)
    if measured.count == sensor.unnamedBandCount || measured.count == sensor.bands.count {
      return try wanted.map { name throws(RasterError) in
        guard let place = sensor.bandIndex(matching: name), place < places.count else {
          throw missing(
            sensor.bandIndex(matching: name) == nil
              ? "\(sensor.name) has no band \(name)"
              : "the file has \(places.count) bands without names: they are taken for "
                + sensor.bands.prefix(places.count).map(\.name).joined(separator: ", ")
                + "; say which is which with 'band-order'", file.path)
        }
        return places[place]
      }
    }
    throw missing(
      "the file has \(measured.count) bands without names that \(sensor.name) knows, "
        + "\(wanted.count) are wanted: \(wanted.joined(separator: ", ")); say which is which with 'band-order'\(remark)",
      file.path)
  }

  /// Returns the files of the wanted bands among those of a scene, and the bands' places in them, told by the
  /// product's rules of naming or by a part of the file name.
  ///
  /// - Throws: `missingBand` where no file is named for a band, or only coarser ones have arrived;
  ///   `unsupported` for a file of several bands of which nothing tells the one that is meant.
  func members(in source: SceneSource) throws(RasterError) -> [(file: RasterFile, indices: [Int])] {
    let found = try wanted.map { name throws(RasterError) in try band(name, in: source) }
    // Bands of one file are read together.
    if let first = found.first, found.allSatisfy({ $0.file.path == first.file.path }) {
      return [(first.file, found.map(\.index))]
    }
    return found.map { ($0.file, [$0.index]) }
  }

  private func band(_ name: String, in source: SceneSource) throws(RasterError) -> (
    file: RasterFile, index: Int
  ) {
    let known = source.bands.filter { isSame($0.name, name) }
    if let asset = known.first(where: { $0.index != nil }) {
      if let refusal = asset.refusal { throw refusal }
      let file = try source.raster(at: asset.file)
      let counts = [file.bands.count, file.measuredBands.count]
      guard asset.index! <= file.bands.count, asset.count.map(counts.contains) ?? true else {
        throw missing(
          "the file has \(file.bands.count) bands, and \(name) is to be band \(asset.index!)"
            + (asset.count.map { " of \($0)" } ?? ""), file.path)
      }
      return (file, asset.index!)
    }
    let matches = known.isEmpty ? source.files.filter { isNamed($0, for: name) } : known.map(\.file)
    let late = missingFiles(of: name, in: source)
    guard let first = matches.first else {
      if !late.isEmpty { throw incomplete(source, late) }
      let names = source.files.map { URL(fileURLWithPath: $0).lastPathComponent }
      throw missing(
        "no file is named for band \(name) among \(names.prefix(20).joined(separator: "; "))", source.path)
    }
    let sizes = matches.compactMap { path in
      known.first { $0.file == path }?.metres.map { (path: path, metres: $0) }
    }
    if let best = sizes.map(\.metres).min(), late.contains(where: { ($0.metres ?? 0) < best }) {
      throw incomplete(source, late)
    }
    let file: RasterFile
    if matches.count == 1 {
      file = try source.raster(at: first)
    } else if sizes.count == matches.count, Set(sizes.map(\.metres)).count == sizes.count {
      // Names that give all sizes spare the opening of the coarser files.
      file = try source.raster(at: sizes.min { $0.metres < $1.metres }!.path)
    } else {
      file = try finest(matches, of: source, band: name)
    }
    guard file.measuredBands.count == 1 else {
      throw RasterError(
        .unsupported, "read the scene directory", path: file.path,
        cause: "\(file.measuredBands.count) bands where each file of a directory holds one")
    }
    return (file, file.measuredBands[0].index)
  }

  /// Returns whether the product describes as a band what a file of several marks as alpha.
  func takesAlpha(of files: [RasterFile], in source: SceneSource) -> Bool {
    source.bands.contains { asset in
      guard let index = asset.index, let file = files.first(where: { $0.path == asset.file }) else {
        return false
      }
      return file.bands.count > 1 && index <= file.bands.count && file.bands[index - 1].isAlpha
    }
  }

  /// Returns whether a file is named for a band.
  private func isNamed(_ path: String, for name: String) -> Bool {
    bandToken(of: path).map { isSame($0, name) } ?? false
  }

  /// Returns the images of a band that the product's metadata name and that are not there.
  private func missingFiles(of name: String, in source: SceneSource) -> [BandAsset] {
    (source.delivery?.files.missing ?? []).compactMap { SAFEFolder.band(in: $0) ?? LandsatFolder.band($0) }
      .filter { isSame($0.name, name) }
  }

  private func incomplete(_ source: SceneSource, _ late: [BandAsset]) -> RasterError {
    RasterError(
      .missingBand, "find the bands", path: source.path,
      cause: source.delivery?.incompleteness(first: late.map(\.file)) ?? "it is not complete")
  }

  /// Returns the name that the sensor's own products have for a band.
  func productName(_ name: String) -> String {
    sensor.bandIndex(matching: name).map { sensor.bands[$0].name } ?? name
  }

  /// Returns whether two names mean the same band, by the sensor's names or by their spelling.
  func isSame(_ one: String, _ other: String) -> Bool {
    if Sensor.normalised(one) == Sensor.normalised(other) { return true }
    guard let first = sensor.bandIndex(matching: one) else { return false }
    return first == sensor.bandIndex(matching: other)
  }

  /// Returns the bands by their descriptions in the file: nil where none of them is known.
  private func byDescription(_ bands: [RasterBand], path: String) throws(RasterError) -> [Int]? {
    var places: [Int?] = []
    for name in wanted {
      let matches = bands.filter { band in band.description.map { describes($0, name) } ?? false }
      guard matches.count < 2 else {
        throw missing("bands \(matches.map(\.index)) are both named \(name)", path)
      }
      places.append(matches.first?.index)
    }
    let found = places.compactMap(\.self)
    if found.isEmpty { return nil }
    guard found.count == wanted.count else {
      let absent = zip(wanted, places).filter { $0.1 == nil }.map(\.0)
      let names = bands.map { $0.description ?? "band \($0.index)" }
      throw missing(
        "no band \(absent.joined(separator: ", ")) among \(names.joined(separator: ", "))", path)
    }
    return found
  }

  /// Returns whether a text describes a band: "B02", "B2 (490 nm)" and "blue" describe B02, by the whole text
  /// or its first word.
  private func describes(_ text: String, _ name: String) -> Bool {
    if isSame(text, name) { return true }
    guard let word = text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }).first else {
      return false
    }
    return isSame(String(word), name)
  }

  /// Returns the last part of a file name that is the name of a band, "B02" in "T32TQM_20170104_B02_10m.jp2".
  private func bandToken(of path: String) -> String? {
    let stem = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    let words = stem.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let isBand = { (word: String) in
      sensor.bandIndex(matching: word) != nil || wanted.contains { isSame($0, word) }
    }
    if let word = words.last(where: isBand) { return word }
    // Names of two words: "NIR_NARROW.tif", "SR_B2.TIF".
    return zip(words, words.dropFirst()).map { $0 + "_" + $1 }.last(where: isBand)
  }

  /// Returns the finest of the files of a band, which product folders hold at several resolutions.
  private func finest(_ paths: [String], of source: SceneSource, band: String) throws(RasterError)
    -> RasterFile
  {
    let files = try paths.map { path throws(RasterError) in try source.raster(at: path) }
    let sorted = files.sorted { $0.grid.width * $0.grid.height > $1.grid.width * $1.grid.height }
    guard sorted[0].grid.width > sorted[1].grid.width else {
      throw missing(
        "\(sorted[0].path) and \(sorted[1].path) are both named for it", sorted[0].path, band: band)
    }
    return sorted[0]
  }

  private func missing(_ cause: String, _ path: String, band: String? = nil) -> RasterError {
    RasterError(.missingBand, band.map { "find band \($0)" } ?? "find the bands", path: path, cause: cause)
  }
}
