import Foundation

/// `SHA256SUMS` in the directory of a finished run: what its other files held when it ended, as `sha256sum
/// -c` reads it.
enum RunChecksums {
  package static let file = "SHA256SUMS"

  /// Writes the sums of the files in the directory of a run.
  package static func write(in directory: URL) throws {
    let names = try DurableFiles.contents(below: directory).files.filter { $0 != file }
    let lines = try names.map { name in
      "\(try FileDigest.sha256(of: directory.appendingPathComponent(name).path).hexadecimal)  \(name)\n"
    }
    try DurableFiles.write(Data(lines.joined().utf8), to: directory.appendingPathComponent(file))
  }

  /// Removes the sums, where there are any: the run did not end with what they say.
  package static func remove(from directory: URL) throws {
    try DurableFiles.remove(directory.appendingPathComponent(file))
  }

  /// Returns the files of a run that do not hold what they held when it ended; none where it has no sums,
  /// because it was cut short.
  ///
  /// - Returns: names below `directory` with what is wrong, and how many files were read.
  static func faults(in directory: URL) throws -> (faults: [FileFault], read: Int) {
    let url = directory.appendingPathComponent(file)
    guard FileStatus(url.path) != nil else { return ([], 0) }
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      return ([FileFault(path: file, kind: .unreadable)], 1)
    }
    var faults: [FileFault] = []
    let lines = text.split(separator: "\n")
    for line in lines {
      guard let sum = line.wholeMatch(of: /([0-9a-f]{64})  (.+)/) else {
        return ([FileFault(path: file, kind: .changed)], 1)
      }
      let name = String(sum.2)
      let path = directory.appendingPathComponent(name).path
      if FileStatus(path) == nil {
        faults.append(FileFault(path: name, kind: .gone))
        continue
      }
      do {
        if try FileDigest.sha256(of: path).hexadecimal == sum.1 { continue }
        faults.append(FileFault(path: name, kind: .changed))
      } catch let error where !error.endsReading {
        faults.append(FileFault(path: name, kind: .unreadable))
      }
    }
    return (faults, lines.count + 1)
  }
}
