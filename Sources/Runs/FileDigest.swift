import Host

/// SHA-256 of a file's content, read in pieces.
package enum FileDigest {
  /// Returns the digest in hexadecimal and the number of bytes read.
  ///
  /// - Throws: `SystemError` that names the file and the system's reason, also where it is no regular file;
  ///   `InputFailure` for one of gigabytes that are not there; `RunCancelled`.
  package static func sha256(
    of path: String, kinds: FileKinds = .plain, cancellation: Cancellation = Cancellation()
  ) throws -> (hexadecimal: String, bytes: Int) {
    let file = try RegularFile(path)
    try refuseEmptyGiant(file, kinds)
    let hash = SHA256()
    var total = 0
    let capacity = 1 << 20
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 64)
    defer { piece.deallocate() }
    while true {
      let count = try file.read(into: piece)
      if count == 0 { break }
      if cancellation.isCancelled { throw RunCancelled() }
      hash.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
      total += count
    }
    return (hash.hexadecimal(), total)
  }

  /// Refuses a file of which next to nothing is on the disk, unless it is of a kind whose header says that it
  /// is as large: hashing would read zeros for hours.
  private static func refuseEmptyGiant(_ file: borrowing RegularFile, _ kinds: FileKinds)
    throws(InputFailure)
  {
    guard file.size > 1 << 30, file.allocated < file.size / 64 else { return }
    // Overviews and masks take less than the pixels again.
    if let declared = kinds.declaredBytes(file.path), Double(file.size) <= 4 * declared { return }
    throw .sparse(file.path, bytes: file.size, stored: file.allocated)
  }
}
