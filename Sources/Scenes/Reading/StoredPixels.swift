import CGDAL
import Rasters

/// The pixels that a file of a scene stores below a window of the scene and around it, and which of them are
/// no measurement: what values on the scene's grid are mixed from.
struct StoredPixels {
  let part: ScenePart
  /// The window that was read, in pixels of the file.
  let window: Window
  /// `[C][H, W]`: raw values, or physical ones where these are no straight line of them; 0 where hidden.
  private var raw: [[Double]]
  /// `[C][H, W]`: no data by the band's own rule, not finite, masked or transparent.
  private var hidden: [[Bool]]
  /// `[H, W]`: whether all bands hold 0 or nothing.
  let isZero: [Bool]

  /// - Parameter window: in pixels of the file, within it.
  package init(_ part: ScenePart, _ window: Window) throws(RasterError) {
    (self.part, self.window) = (part, window)
    (raw, hidden) = ([], [])
    var isZero = [Bool](repeating: true, count: window.pixelCount)
    for (index, decoding) in zip(part.indices, part.decodings) {
      var values = [Double](repeating: 0, count: window.pixelCount)
      try values.withUnsafeMutableBufferPointerThrowing { buffer throws(RasterError) in
        try part.file.readRaw(
          window, bands: [index], into: UnsafeMutableRawBufferPointer(buffer), as: GDT_Float64)
      }
      var isHidden = [Bool](repeating: false, count: window.pixelCount)
      for pixel in values.indices {
        if decoding.isSignedByte, values[pixel] > 127 { values[pixel] -= 256 }
        isHidden[pixel] = decoding.hides(values[pixel])
        isZero[pixel] = isZero[pixel] && (isHidden[pixel] || values[pixel] == 0)
        if isHidden[pixel] {
          values[pixel] = 0
        } else if !decoding.isLinear {
          values[pixel] = decoding.value(of: values[pixel])
        }
      }
      raw.append(values)
      hidden.append(isHidden)
    }
    self.isZero = isZero
    var masked: [Int] = []
    try part.readMask(window) { masked.append($0) }
    hide(masked)
  }

  /// Hides pixels in all bands.
  mutating func hide(_ pixels: [Int]) {
    for band in hidden.indices {
      for pixel in pixels {
        hidden[band][pixel] = true
        raw[band][pixel] = 0
      }
    }
  }

  /// Gives the physical values of a window of the scene, mixed from what is measured alone, and calls
  /// `invalidate` for each of its pixels less than half of which is measured in all bands.
  ///
  /// - Parameter values: receives `[C, H, W]`.
  func resample(
    to target: Window, into values: UnsafeMutableBufferPointer<Float>, _ invalidate: (Int) -> Void
  ) throws(RasterError) {
    let count = target.pixelCount
    for band in raw.indices {
      let slice = UnsafeMutableBufferPointer(rebasing: values[band * count..<(band + 1) * count])
      if part.ratio == nil {
        crop(band, to: target, into: slice)
      } else {
        try mix(band, to: target, into: slice)
      }
    }
    var union = hidden[0]
    for other in hidden.dropFirst() {
      for pixel in union.indices where other[pixel] { union[pixel] = true }
    }
    guard union.contains(true) else { return }
    let share = HiddenShare(of: union, window, under: target, ratio: part.ratio ?? (1, 1))
    share.forEachMostlyHidden(invalidate)
  }

  /// Takes the values of a file whose pixels are those of the scene as they are.
  private func crop(_ band: Int, to target: Window, into values: UnsafeMutableBufferPointer<Float>) {
    let scaling = scaling(of: band)
    raw[band].withUnsafeBufferPointer { raw in
      for row in 0..<target.height {
        let first = (target.row + row - window.row) * window.width + target.column - window.column
        scaling.decode(
          UnsafeBufferPointer(rebasing: raw[first..<first + target.width]),
          into: UnsafeMutableBufferPointer(
            rebasing: values[row * target.width..<(row + 1) * target.width]))
      }
    }
  }

  /// Mixes the values of a band with GDAL: bilinear between pixel centres, the weights as wide as a pixel of
  /// the scene where that is larger.
  private func mix(_ band: Int, to target: Window, into values: UnsafeMutableBufferPointer<Float>)
    throws(RasterError)
  {
    let description = part.file.bands[part.indices[band] - 1]
    let memory = try Dataset.inMemory(
      width: window.width, height: window.height, bands: 1,
      type: part.decodings[band].isLinear ? mixedType(of: description) : GDT_Float32)
    let attempted = "resample band \(description.index) to \(target)"
    try write(raw[band], GDT_Float64, to: memory.band(1), attempted)
    if hidden[band].contains(true) {
      let mask = try GDALErrors.attempt(attempted, path: part.file.path, code: .tooLarge) {
        GDALCreateDatasetMaskBand(memory.handle, GMF_PER_DATASET) == CE_None
          ? GDALGetMaskBand(memory.band(1)) : nil
      }
      try write(hidden[band].map { $0 ? UInt8(0) : 255 }, GDT_Byte, to: mask, attempted)
    }
    let source = part.source(of: target)
    let covering = part.covering(source).offset(columns: -window.column, rows: -window.row)
    var extra = GDALRasterIOExtraArg()
    extra.nVersion = Int32(RASTERIO_EXTRA_ARG_CURRENT_VERSION)
    extra.eResampleAlg = GRIORA_Bilinear
    extra.bFloatingPointWindowValidity = 1
    (extra.dfXOff, extra.dfYOff) = (source.x - Double(window.column), source.y - Double(window.row))
    (extra.dfXSize, extra.dfYSize) = (source.width, source.height)
    func read(into buffer: UnsafeMutableRawPointer?, as type: GDALDataType) throws(RasterError) {
      try GDALErrors.attempt(attempted, path: part.file.path, code: .unreadable) {
        GDALRasterIOEx(
          memory.band(1), GF_Read, Int32(covering.column), Int32(covering.row), Int32(covering.width),
          Int32(covering.height), buffer, Int32(target.width), Int32(target.height), type, 0, 0, &extra)
          == CE_None ? () : nil
      }
    }
    let scaling = scaling(of: band)
    if description.fitsFloat {
      try read(into: values.baseAddress, as: GDT_Float32)
      scaling.decode(values)
    } else {
      var mixed = [Double](repeating: 0, count: target.pixelCount)
      try mixed.withUnsafeMutableBufferPointerThrowing { buffer throws(RasterError) in
        try read(into: buffer.baseAddress, as: GDT_Float64)
      }
      mixed.withUnsafeBufferPointer { scaling.decode($0, into: values) }
    }
  }

  /// Returns the rule that makes physical values of those that are held.
  private func scaling(of band: Int) -> ValueDecoding {
    let decoding = part.decodings[band]
    return decoding.isLinear ? decoding.scalingOnly : .identity
  }

  /// Returns the type that values are mixed in. Of a file of several bands it keeps fractions, of a single
  /// band it has always been the stored one, to which GDAL rounds.
  private func mixedType(of band: RasterBand) -> GDALDataType {
    if part.indices.count > 1, part.indices.allSatisfy({ part.file.bands[$0 - 1].fitsFloat }) {
      return GDT_Float32
    }
    return band.dataType == "Int8" ? GDT_Int16 : GDALGetRasterDataType(part.file.dataset.band(band.index))
  }

  private func write<Value: BitwiseCopyable>(
    _ values: [Value], _ type: GDALDataType, to band: GDALRasterBandH, _ attempted: String
  ) throws(RasterError) {
    var values = values
    try GDALErrors.attempt(attempted, path: part.file.path, code: .tooLarge) {
      GDALRasterIO(
        band, GF_Write, 0, 0, Int32(window.width), Int32(window.height), &values, Int32(window.width),
        Int32(window.height), type, 0, 0) == CE_None ? () : nil
    }
  }
}
