import CGDAL
import Foundation
import Rasters

extension Dataset {
  /// Encodes a raster in memory as a file of a format that is only written as a whole.
  func encoded(as driver: String, options: [String]) throws(RasterError) -> Data {
    let name = "/vsimem/\(UUID().uuidString)"
    defer { VSIUnlink(name) }
    return try GDALErrors.attempt("encode the picture", path: nil, code: .tooLarge) { () -> Data? in
      let copy = StringList.with(options) { list in
        GDALCreateCopy(GDALGetDriverByName(driver), name, handle, 0, list.mutable, nil, nil)
      }
      guard let copy else { return nil }
      GDALClose(copy)
      var length: vsi_l_offset = 0
      guard let bytes = VSIGetMemFileBuffer(name, &length, 0) else { return nil }
      return Data(bytes: bytes, count: Int(length))
    }
  }
}
