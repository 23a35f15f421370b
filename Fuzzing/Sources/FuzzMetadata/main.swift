import Foundation
import FuzzTarget
import Scenes

/// The forms of metadata, by the first byte of an input: the file that the rest is written to, in a product's
/// folder.
let forms: [(folder: String, file: String, sensor: Sensor)] = [
  ("S2B_MSIL2A_20230614T101031_N0509_R022_T32TQM_20230614T150000.SAFE", "MTD_MSIL2A.xml", .sentinel2L2A),
  ("S2B_MSIL1C_20230614T101031_N0509_R022_T32TQM_20230614T150000.SAFE", "MTD_MSIL1C.xml", .sentinel2L1C),
  ("LT05_L1TP_193026_20110614_20161209_01_T1", "x_MTL.txt", .landsat5TOA),
  ("item", "item.json", .sentinel2L2A),
]

let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
  "fuzz-metadata-\(ProcessInfo.processInfo.processIdentifier)")
for form in forms {
  let folder = directory.appendingPathComponent(form.folder)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  try Data().write(to: folder.appendingPathComponent("x_B1.TIF"))
}

FuzzTarget.run { bytes, count in
  guard let bytes, count > 0 else { return 0 }
  let form = forms[Int(bytes[0]) % forms.count]
  let folder = directory.appendingPathComponent(form.folder)
  let rest = Data(bytes: bytes + 1, count: count - 1)
  do { try rest.write(to: folder.appendingPathComponent(form.file)) } catch { fatalError("\(error)") }
  // An error is an answer.
  guard let source = try? SceneSource(path: folder.path) else { return 0 }
  _ = (source.delivery, source.ground, source.acquisition)
  _ = try? source.metadata?.statedBands(for: form.sensor)
  return 0
}
