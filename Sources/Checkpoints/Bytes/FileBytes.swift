import Foundation
import Host

/// The bytes of a weights file: numbers and text at places that a stranger chose, and that may lie outside of
/// the file.
///
/// A file is read piece by piece, not mapped: if the file is cut short meanwhile, a map ends the process.
struct FileBytes: Sendable {
  private enum Source {
    case memory(Data)
    case file(OpenFile)
    /// The file is opened for each reading: there may be more of them than a process may have open.
    case reopened
  }

  /// An open file that copies of the bytes share.
  private final class OpenFile: Sendable {
    let file: RegularFile

    init(_ path: String) throws(SystemError) { file = try RegularFile(path) }
  }

  private let source: Source
  /// The number of bytes.
  let count: Int
  /// The path of the file, for messages.
  let path: String

  init(_ data: Data, path: String) { (source, count, self.path) = (.memory(data), data.count, path) }

  /// Opens a file; only the bytes that are asked for are read.
  init(contentsOf path: String) throws(CheckpointError) {
    do throws(SystemError) {
      let open = try OpenFile(path)
      (source, count) = (.file(open), open.file.size)
    } catch {
      switch error.problem {
      case .number(ENOENT): throw CheckpointError(.notFound, path: path, "no such weights file")
      case .notRegular("a directory"):
        throw CheckpointError(.malformed, path: path, "is a folder, not a weights file")
      default: throw CheckpointError(error)
      }
    }
    self.path = path
  }

  /// Finds a file beside others; it is opened when it is read.
  init(companion path: String) throws(CheckpointError) {
    do throws(SystemError) { count = try RegularFile(path).size } catch { throw CheckpointError(error) }
    (source, self.path) = (.reopened, path)
  }

  /// Reads the whole of a small file that describes weights.
  static func text(of path: String) throws(CheckpointError) -> Data {
    do throws(SystemError) {
      return try RegularFile.contents(of: path, limit: 16 << 20)
    } catch {
      throw CheckpointError(error)
    }
  }

  func malformed(_ problem: String) -> CheckpointError { CheckpointError(.malformed, path: path, problem) }

  /// Returns the place in the file that a number in it names.
  func place(_ number: UInt64) throws(CheckpointError) -> Int {
    guard number <= UInt64(count) else { throw malformed("byte \(number) lies after the end of the file") }
    return Int(number)
  }

  /// Reads a little-endian number.
  func integer<Integer: FixedWidthInteger>(
    _ type: Integer.Type, at place: Int
  ) throws(CheckpointError) -> Integer {
    guard place >= 0, place <= count - MemoryLayout<Integer>.size else {
      throw malformed("the file ends at byte \(count), in the middle of a number at \(place)")
    }
    return try copy(place..<place + MemoryLayout<Integer>.size).withUnsafeBytes {
      Integer(littleEndian: $0.loadUnaligned(as: Integer.self))
    }
  }

  /// Reads UTF-8; invalid bytes become the replacement character.
  func text(at place: Int, count length: Int) throws(CheckpointError) -> String {
    guard place >= 0, length >= 0, place <= count - length else {
      throw malformed("the file ends at byte \(count), in the middle of a text at \(place)")
    }
    return String(decoding: try copy(place..<place + length), as: UTF8.self)
  }

  /// Returns whether these bytes stand at a place.
  func has(_ bytes: [UInt8], at place: Int) throws(CheckpointError) -> Bool {
    guard place >= 0, place <= count - bytes.count else { return false }
    return try copy(place..<place + bytes.count).elementsEqual(bytes)
  }

  /// Fills `buffer` with the bytes from a place on, all of which lie in the file.
  ///
  /// - Throws: ``CheckpointError`` `cannotRead`, also where the file has become shorter.
  func read(into buffer: UnsafeMutableRawBufferPointer, at place: Int) throws(CheckpointError) {
    switch source {
    case .memory(let data):
      let first = data.startIndex + place
      data.copyBytes(to: buffer, from: first..<first + buffer.count)
    case .file(let open):
      do throws(SystemError) { try open.file.read(into: buffer, at: place) } catch {
        throw CheckpointError(error)
      }
    case .reopened:
      do throws(SystemError) { try RegularFile(path).read(into: buffer, at: place) } catch {
        throw CheckpointError(error)
      }
    }
  }

  /// Returns a copy of a part that lies in the file.
  func copy(_ part: Range<Int>) throws(CheckpointError) -> Data {
    guard !part.isEmpty else { return Data() }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: part.count, alignment: 16)
    do throws(CheckpointError) { try read(into: buffer, at: part.lowerBound) } catch {
      buffer.deallocate()
      throw error
    }
    return Data(
      bytesNoCopy: buffer.baseAddress!, count: part.count,
      deallocator: .custom { address, _ in address.deallocate() })
  }
}
