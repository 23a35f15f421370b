import Foundation
import Settings

/// The settings shared by stages that a job's files depend on.
public struct SharedSettings: OptionSet, Sendable {
  /// The bits of the set.
  public let rawValue: Int

  /// Creates a set of shared settings from its bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The sensor, the bands, the files' band order and whether VRT files are opened.
  public static let bands = SharedSettings(rawValue: 1)
  /// The values and the names of the classes, in order.
  public static let classes = SharedSettings(rawValue: 2)
  /// The colours of the classes.
  public static let colors = SharedSettings(rawValue: 4)
  /// Size and stride of chips.
  public static let chips = SharedSettings(rawValue: 8)
  /// The seed.
  public static let seed = SharedSettings(rawValue: 16)
  /// The pipeline's name.
  public static let name = SharedSettings(rawValue: 32)

  /// The shared settings that training depends on.
  public static let training: SharedSettings = [.bands, .classes, .chips, .seed]
}

/// Everything that can change the bytes of a job's files, part by part, so that two keys can be compared.
///
/// What cannot change them stays out: paths, threads, log level, the date. So do the versions of terrane and
/// its libraries, which are kept beside the key: a security update of GDAL must not train every model anew. A
/// stage whose bytes change gets another ``Stage/revision``.
public struct KeyComponents: Sendable, Hashable, Codable {
  /// The stage's name.
  public var stage: String
  /// The stage's ``Stage/revision``.
  public var revision: Int
  /// The subject of the job, where its directory is named by the key alone (models); nil elsewhere, so that
  /// a scene keeps its key when it is renamed.
  public var subject: String?
  /// The stage's settings in force.
  public var settings: JSONValue
  /// The shared settings that count.
  public var shared: JSONValue
  /// SHA-256 of each input's content, by the part that it plays (`weights`, `scene`, `labels 0`).
  public var inputs: [String: String]
  /// The jobs that it builds on, in order: the label of the stage, a space, the key.
  public var upstream: [String]

  package init(
    stage: String, revision: Int, subject: String? = nil, settings: JSONValue, shared: JSONValue,
    inputs: [String: String], upstream: [String]
  ) {
    (self.stage, self.revision, self.subject) = (stage, revision, subject)
    (self.settings, self.shared, self.inputs) = (settings, shared, inputs)
    self.upstream = upstream
  }

  /// SHA-256 of the canonical text, 64 hexadecimal digits.
  public var key: String {
    SHA256.hexadecimal(of: canonical)
  }

  /// The parts as one line of JSON with sorted keys: the text that is hashed.
  public var canonical: String { json.canonical }

  private var json: JSONValue {
    [
      "stage": .string(stage), "revision": .int(revision), "subject": subject.map(JSONValue.string) ?? .null,
      "settings": settings, "shared": shared,
      "inputs": .object(inputs.mapValues(JSONValue.string)),
      "upstream": .array(upstream.map(JSONValue.string)),
    ]
  }
}
