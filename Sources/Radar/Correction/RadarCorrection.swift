import Foundation
import Numerics
import Rasters

/// A Sentinel-1 ground range product brought onto the map, as backscatter in decibels, tile by tile.
///
/// Numbers are calibrated first; places are found for each pixel of the map, and its power is mixed
/// bilinearly from the four pixels of the image around it, without those that have none. Of larger pixels
/// than the image's the mean power of several places is taken. Only then power becomes decibels.
///
/// A value of this class belongs to one thread at a time.
package final class RadarCorrection {
  /// The way in which places are found.
  package enum Method {
    /// By range and Doppler, over heights of the ground.
    case terrain(GroundHeights)
    /// Through the coarse grid of the annotation.
    case grid
  }

  /// What is made of a product.
  package struct Options {
    /// The measure of backscatter.
    package var quantity = Backscatter.sigma0
    /// Whether the receiver's noise is taken off.
    package var removesNoise = true
    /// The way in which places are found.
    package var method: Method
    /// The side of a pixel in metres; that of the image's without it.
    package var resolution: Double?
    /// A projected system; UTM of the image's middle without it.
    package var crs: CRS?
    /// Hidden ground that is no data; only of the method of terrain.
    package var mask = Set(HiddenTerrain.allCases)
    /// Whether the angle between the line of sight and the ground's normal is found; only of the method of
    /// terrain.
    package var wantsIncidence = false

    package init(method: Method) { self.method = method }
  }

  /// A part of the map.
  package struct Tile: Sendable {
    package let window: Window
    /// Decibels `[H, W]` by polarisation; NaN is no data.
    package let bands: [[Float]]
    /// Degrees `[H, W]`; nil where they are not wanted.
    package let incidence: [Float]?
  }

  /// Counts of pixels of the map, of the tiles that were made.
  package struct Tally: Hashable, Sendable {
    /// Those in the image, and of these those without a height.
    package fileprivate(set) var inImage = 0, withoutHeight = 0
    /// Those in layover, and those in the radar's shadow.
    package fileprivate(set) var layover = 0, shadow = 0
    /// Those with a number, and of these those whose power was not above the noise, by polarisation.
    package fileprivate(set) var valid: [Int]
    package fileprivate(set) var atFloor: [Int]
  }

  /// The map.
  package let grid: Grid
  /// The polarisations, in the order of the bands.
  package let polarisations: [String]
  /// Counts over the tiles made so far.
  package private(set) var tally: Tally
  private let images: [CalibratedImage]
  private let finder: any PlaceFinder
  private let geometry: ImageGeometry
  /// The pixels of places for one of the map, and these pixels' map.
  private let oversampling: Int
  private let fine: GeoTransform
  private let folder: GroundRangeFolder
  private let places: GeolocationGrid
  private let options: Options

  /// Pixels of places along a side of a tile, at most.
  private static let largestTile = 2048
  /// The most places for a pixel along a side.
  private static let mostOversampling = 16

  /// Reads the annotations, and opens the images.
  ///
  /// - Parameters:
  ///   - polarisations: in the order of the bands.
  /// - Throws: `missingBand` for a polarisation that the product lacks; `unreadable` or `unsupported` naming
  ///   the file that is damaged, or of another kind; `gridMismatch` where an image has another size than its
  ///   annotation says; `noCRS` for a map without metres; `tooLarge` for one of too many pixels.
  package init(
    _ folder: GroundRangeFolder, polarisations: [String], options: Options
  ) throws(RasterError) {
    let files = try folder.images(of: polarisations)
    let annotation = try ImageAnnotation(folder.images[0].annotation)
    (self.folder, self.polarisations, self.options) = (folder, polarisations, options)
    (geometry, places) = (annotation.geometry, annotation.places)
    images = try files.map { [geometry] file throws(RasterError) in
      try Self.image(file, of: geometry, options)
    }
    let map = try CorrectionGrid(
      annotation, resolution: options.resolution, crs: options.crs, path: folder.path)
    grid = map.grid
    let pixel = max(geometry.sampleSpacing, 1)
    oversampling = min(max(1, Int((map.resolution / pixel).rounded())), Self.mostOversampling)
    let transform = grid.transform!
    fine = GeoTransform(
      originX: transform.originX, originY: transform.originY,
      pixelSize: transform.columnX / Double(oversampling))
    switch options.method {
    case .grid: finder = try GridPlaces(geometry, places, on: grid.crs!)
    case .terrain(let ground):
      finder = try TerrainPlaces(
        geometry, over: ground, on: grid.crs!, meanHeight: places.meanHeight, mask: options.mask,
        wantsIncidence: options.wantsIncidence)
    }
    tally = Tally(
      valid: polarisations.map { _ in 0 }, atFloor: polarisations.map { _ in 0 })
  }

  /// Returns the map of a product, for which only an annotation is read.
  ///
  /// - Throws: as ``init(_:polarisations:options:)``.
  package static func grid(
    of folder: GroundRangeFolder, resolution: Double?, crs: CRS?
  ) throws(RasterError) -> Grid {
    try CorrectionGrid(
      ImageAnnotation(folder.images[0].annotation), resolution: resolution, crs: crs, path: folder.path
    ).grid
  }

  private static func image(
    _ files: GroundRangeFolder.Image, of geometry: ImageGeometry, _ options: Options
  ) throws(RasterError) -> CalibratedImage {
    let file = try RasterFile(path: files.measurement)
    guard file.grid.width == geometry.samples, file.grid.height == geometry.lines else {
      throw RasterError(
        .gridMismatch, "read the image", path: files.measurement,
        cause: "it has \(file.grid.width) x \(file.grid.height) pixels, its annotation says "
          + "\(geometry.samples) x \(geometry.lines)")
    }
    guard file.bands.count == 1, file.bands[0].dataType == "UInt16" else {
      throw RasterError(
        .unsupported, "read the image", path: files.measurement,
        cause: "it has \(file.bands.count) bands of \(file.bands[0].dataType), where one of UInt16 is wanted")
    }
    let calibration = try CalibrationAnnotation.table(
      of: options.quantity, in: files.calibration, samples: geometry.samples)
    var noise: ThermalNoise?
    if options.removesNoise {
      guard let path = files.noise else {
        throw RasterError(
          .unreadable, "read the product", path: files.measurement,
          cause: "incomplete: the noise of \(files.polarisation) is not there; 'noise: keep' does without")
      }
      noise = try CalibrationAnnotation.noise(in: path, samples: geometry.samples)
    }
    return CalibratedImage(file, calibration: calibration, noise: noise)
  }

  // MARK: - Tiles

  /// The windows that cover the map, which ``tile(_:)`` takes one after the other.
  package var windows: [Window] {
    let side = max(
      RasterWriter.tileSize, Self.largestTile / oversampling / RasterWriter.tileSize * RasterWriter.tileSize)
    return grid.bounds.strips(ofHeight: side).flatMap { strip in
      stride(from: 0, to: grid.width, by: side).map { column in
        Window(column: column, row: strip.row, width: min(side, grid.width - column), height: strip.height)
      }
    }
  }

  /// Bytes that are needed at once, besides those that GDAL keeps of files.
  package var peakMemory: Int {
    let side = min(Self.largestTile, max(grid.width, grid.height) * oversampling)
    // Places with ground around them, then power and pixels of each polarisation.
    return side * side * (36 + 12 + 8 * polarisations.count) + (64 << 20)
  }

  /// Bytes of decoded blocks that let rows of tiles read each line of the images once.
  package var blockCache: Int {
    let lines = min(geometry.lines, Self.largestTile * 3 / 2)
    return min(lines * geometry.samples * 2 * polarisations.count, 512 << 20)
  }

  /// Makes a tile; nil where nothing of it is in the image.
  ///
  /// - Throws: what reading the images and heights throws.
  package func tile(_ window: Window) throws(RasterError) -> Tile? {
    let factor = oversampling
    let part = Window(
      column: window.column * factor, row: window.row * factor, width: window.width * factor,
      height: window.height * factor)
    guard let places = try finder.places(in: part, of: fine) else { return nil }
    tally.inImage += places.inImage
    tally.withoutHeight += places.withoutHeight
    let incidence = options.wantsIncidence ? meanPixels(angles(places), window) : nil
    guard let source = places.imageWindow(lines: geometry.lines, samples: geometry.samples) else {
      return places.inImage > 0
        ? Tile(
          window: window,
          bands: polarisations.map { _ in [Float](repeating: .nan, count: window.pixelCount) },
          incidence: incidence) : nil
    }
    count(places)
    var bands: [[Float]] = []
    for (index, image) in images.enumerated() {
      let sampling = PowerSampling(power: try image.power(source), window: source)
      let sampled = sampling.sampled(at: places)
      tally.valid[index] += sampled.valid
      tally.atFloor[index] += sampled.atFloor
      var power = meanPixels(sampled.power, window)
      Self.bringToDecibels(&power)
      bands.append(power)
    }
    return Tile(window: window, bands: bands, incidence: incidence)
  }

  private func count(_ places: TilePlaces) {
    guard !places.marks.isEmpty else { return }
    for row in 0..<places.window.height {
      let start = places.start(ofRow: row)
      for place in start..<start + places.window.width where !places.lines[place].isNaN {
        if places.marks[place] & HiddenTerrain.layover.mark != 0 { tally.layover += 1 }
        if places.marks[place] & HiddenTerrain.shadow.mark != 0 { tally.shadow += 1 }
      }
    }
  }

  private func angles(_ places: TilePlaces) -> [Float] {
    (0..<places.window.height).flatMap { row in
      let start = places.start(ofRow: row)
      return (start..<start + places.window.width).map { place in
        places.lines[place].isNaN ? .nan : places.incidences[place]
      }
    }
  }

  /// Returns the mean of the places of each pixel; NaN where less than half of them have a number.
  private func meanPixels(_ values: [Float], _ window: Window) -> [Float] {
    let factor = oversampling
    guard factor > 1 else { return values }
    var means = [Float](repeating: .nan, count: window.pixelCount)
    means.withUnsafeMutableBufferPointer { means in
      nonisolated(unsafe) let means = means
      parallelLoop(window.height) { row in
        for column in 0..<window.width {
          var (sum, count) = (Float(0), 0)
          for down in 0..<factor {
            let start = (row * factor + down) * window.width * factor + column * factor
            for place in start..<start + factor where !values[place].isNaN {
              sum += values[place]
              count += 1
            }
          }
          if 2 * count >= factor * factor { means[row * window.width + column] = sum / Float(count) }
        }
      }
    }
    return means
  }

  private static func bringToDecibels(_ values: inout [Float]) {
    let count = values.count
    values.withUnsafeMutableBufferPointer { values in
      nonisolated(unsafe) let values = values
      parallelChunks(count) { range in
        for index in range { values[index] = 10 * log10(values[index]) }
      }
    }
  }

  // MARK: - What is to be said of it

  /// Sentences about the product and its heights, known before any tile is made.
  ///
  /// - Throws: what reading heights throws.
  package func notes() throws(RasterError) -> [String] {
    switch options.method {
    case .grid: [gridNote]
    case .terrain(let ground): [try heightNote(ground)].compactMap(\.self)
    }
  }

  private var gridNote: String {
    func shift(_ degrees: Double) -> String { String(format: "%.1f", 1 / tan(degrees * .pi / 180)) }
    let (near, far) = (places.incidences.lowerBound, places.incidences.upperBound)
    let heights = places.heights
    return "places through the coarse grid of the annotation: "
      + "\(shift(far)) to \(shift(near)) m aside for each metre by which the ground is not as high as it says "
      + String(format: "(%.0f to %.0f m)", heights.lowerBound, heights.upperBound)
  }

  /// Holds the heights against those that the annotation gives: heights above the sea that are taken for
  /// heights above the ellipsoid differ from them by the geoid's, everywhere alike.
  private func heightNote(_ ground: GroundHeights) throws(RasterError) -> String? {
    let points = places.points
    let found = try ground.heights(at: points.map { ($0.longitude, $0.latitude) })
    let differences = zip(found, points).map { $0 - $1.height }.filter(\.isFinite).sorted()
    guard differences.count >= 8 else { return nil }
    let median = differences[differences.count / 2]
    let deviations = differences.map { abs($0 - median) }.sorted()
    guard abs(median) > 10, abs(median) > 2 * deviations[deviations.count / 2] else { return nil }
    let words = "\(Int(abs(median).rounded())) m \(median < 0 ? "below" : "above")"
    let question =
      ground.geoid == nil
      ? "are they above the geoid (heights: geoid)?" : "are they above the ellipsoid already?"
    return "heights of \(ground.model.path) are \(words) those of the product's annotation "
      + "(median of \(differences.count) places): \(question)"
  }
}
