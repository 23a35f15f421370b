import Foundation
import Host

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
    if status.size == file.bytes && status.has(stamp: file.stamp) { return nil }
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
