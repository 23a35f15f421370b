import Foundation
import Host
import Tensors

/// Named Float32 tensors and text metadata, to be written in the safetensors format.
///
/// The format: header length (8 bytes, little-endian), a JSON header, then the tensors' bytes back to back.
public struct Safetensors {
  /// The tensors, plain, by name.
  public var tensors: [String: Tensor]
  /// The text metadata, `__metadata__` of the header.
  public var metadata: [String: String]

  /// Creates the content of a file.
  public init(tensors: [String: Tensor], metadata: [String: String] = [:]) {
    (self.tensors, self.metadata) = (tensors, metadata)
  }

  /// Reads all tensors of a file as ``WeightsFile`` reads them, into memory.
  ///
  /// - Throws: ``CheckpointError`` that names the file and the tensor.
  public init(contentsOf path: String) throws(CheckpointError) {
    let file = try WeightsFile(contentsOf: path)
    (tensors, metadata) = ([:], file.metadata)
    for entry in file.entries { tensors[entry.name] = try file.tensor(entry.name) }
  }

  /// Writes the file; the same tensors and metadata give the same bytes.
  ///
  /// - Throws: ``CheckpointError``.
  public func write(to path: String) throws(CheckpointError) {
    let names = tensors.keys.sorted()
    var header: [String: Any] = ["__metadata__": metadata.merging(["format": "pt"]) { own, _ in own }]
    var place = 0
    for name in names {
      let tensor = tensors[name]!
      let end = place + tensor.shape.count * 4
      header[name] =
        ["dtype": "F32", "shape": tensor.shape.extents, "data_offsets": [place, end]] as [String: Any]
      place = end
    }
    // The fields are texts and whole numbers: they are always JSON.
    var json = try! JSONSerialization.data(
      withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes])
    json.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - json.count % 8) % 8))
    var data = Data(capacity: 8 + json.count + place)
    withUnsafeBytes(of: UInt64(json.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(json)
    for name in names {
      tensors[name]!.withValues { values in data.append(contentsOf: UnsafeRawBufferPointer(values)) }
    }
    do throws(SystemError) {
      try RegularFile.write(data, to: path)
    } catch {
      throw CheckpointError(error, isWriting: true)
    }
  }
}
