import Foundation
import Host

/// A fault of a file that a job has made.
package struct FileFault {
  /// The kinds of faults, in the words that follow a path.
  package enum Kind: String, Sendable {
    /// The file is no longer there.
    case gone = "is gone"
    /// The file's content is not what was recorded.
    case changed
    /// Another job or key has left a file of this name.
    case replaced = "was replaced"
    /// The path is a directory, in which the job has left nothing.
    case empty = "has no file"
    /// The system does not read the file.
    case unreadable = "cannot be read"
  }

  /// The path, relative to the output directory.
  let path: String
  /// The fault.
  let kind: Kind

  var description: String { "\(path) \(kind.rawValue)" }
}

extension Ledger {
  /// Finds the faults of the files of an entry; empty where all are there and are what was recorded.
  ///
  /// A file whose stamp is the one that was recorded, or that was read since it got the one it has, is not
  /// read.
  ///
  /// - Throws: `RunCancelled`; `SystemError` where the process may open no more files.
  func faults(of entry: Entry) throws -> [FileFault] {
    guard !entry.files.isEmpty else { return [FileFault(path: entry.directory, kind: .empty)] }
    return try entry.files.compactMap { file in
      if isReplaced(file, of: entry) { return FileFault(path: file.path, kind: .replaced) }
      return try fault(of: file)
    }
  }

  /// Finds the fault of a file, whoever made it.
  func fault(of file: ProducedFile) throws -> FileFault? {
    if damaged.contains(file.path) { return FileFault(path: file.path, kind: .changed) }
    let path = output.appendingPathComponent(file.path).path
    guard let status = FileStatus(path) else {
      let isGone = errno == ENOENT || errno == ENOTDIR
      return FileFault(path: file.path, kind: isGone ? .gone : .unreadable)
    }
    if status.size == file.bytes && status.stamp == file.stamp { return nil }
    do {
      if status.size == file.bytes, try hashes.hash(ofFile: path).digest == file.sha256 { return nil }
    } catch let error where !error.endsReading {
      return FileFault(path: file.path, kind: .unreadable)
    }
    return file.hasOnlyStatisticsAdded(at: path, hashes.kinds)
      ? nil : FileFault(path: file.path, kind: .changed)
  }
}

extension Error {
  /// Whether an error of reading a file is none of the file's: the run was asked to end, or the process may
  /// open nothing more. Any other costs that file alone.
  var endsReading: Bool {
    if self is RunCancelled { return true }
    guard let number = (self as? SystemError)?.number else { return false }
    return [EMFILE, ENFILE, ENOMEM].contains(number)
  }
}

extension ProducedFile {
  /// Returns whether a side-car with the names of categories still says what terrane wrote, beside what
  /// `gdalinfo -stats` or a GIS has put into it.
  func hasOnlyStatisticsAdded(at path: String, _ kinds: FileKinds) -> Bool {
    guard path.hasSuffix(".xml"), let text = try? String(contentsOfFile: path, encoding: .utf8),
      text.utf8.count < 1 << 20, let original = kinds.original(text, path)
    else { return false }
    return SHA256.hexadecimal(of: original) == sha256
  }
}
