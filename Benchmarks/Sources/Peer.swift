import Foundation

/// Another program that holds its network ready and does a round when it is told to; see `Peers/peer.py`.
final class Peer: Contestant {
  let name: String
  private let process = Process()
  private let orders = Pipe()
  private let answers = Pipe()
  private var unread = Data()
  /// Losses of its rounds, where it trains.
  private(set) var losses: [Double] = []

  /// Why a peer could not take part.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Starts a peer and waits until it is ready.
  init(_ name: String, _ arguments: [String]) throws {
    process.executableURL = Peers.python
    process.arguments = [Peers.folder.appendingPathComponent("peer.py").path] + arguments
    process.standardInput = orders
    process.standardOutput = answers
    process.standardError = FileHandle.nullDevice
    self.name = name
    try process.run()
    guard try answer().hasPrefix("ready") else { throw Failure(description: "\(name) is not ready") }
  }

  deinit {
    try? orders.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  func round() throws -> Double {
    let words = try ask("run").split(separator: " ")
    guard words.count >= 2, words[0] == "seconds", let seconds = Double(words[1]) else {
      throw Failure(description: "\(name) answered '\(words.joined(separator: " "))'")
    }
    if words.count == 4, let loss = Double(words[3]) { losses.append(loss) }
    return seconds
  }

  /// Has it write its last scores as `output` of a safetensors file.
  func write(to path: String) throws { _ = try ask("write \(path)") }

  private func ask(_ order: String) throws -> String {
    try orders.fileHandleForWriting.write(contentsOf: Data((order + "\n").utf8))
    return try answer()
  }

  private func answer() throws -> String {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread = Data(unread[(end + 1)...]) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      let more = answers.fileHandleForReading.availableData
      if more.isEmpty { throw Failure(description: "\(name) ended without an answer") }
      unread.append(more)
    }
  }
}

/// Where the peers' programs and their Python are.
enum Peers {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Peers")

  static let python = folder.deletingLastPathComponent().appendingPathComponent(".venv/bin/python")
}
