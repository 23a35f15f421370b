import Foundation

extension SettingsReader {
  /// Reads a whole number; required where no default is given (the lower bound stands in where it is
  /// missing).
  public func int(
    _ key: String, default defaultValue: Int? = nil, in range: ClosedRange<Int>, _ doc: String
  ) -> Int {
    read(key, .int(in: range), default: defaultValue, isRequired: defaultValue == nil, doc)
      ?? range.lowerBound
  }

  /// Reads a whole number, nil where the key is absent.
  public func optionalInt(_ key: String, in range: ClosedRange<Int>, _ doc: String) -> Int? {
    read(key, .int(in: range), default: nil, isRequired: false, doc)
  }

  /// Reads a finite number; required where no default is given.
  public func double(
    _ key: String, default defaultValue: Double? = nil, in range: ClosedRange<Double>, _ doc: String
  ) -> Double {
    read(key, .double(in: range), default: defaultValue, isRequired: defaultValue == nil, doc)
      ?? range.lowerBound
  }

  /// Reads a finite number, nil where the key is absent.
  public func optionalDouble(_ key: String, in range: ClosedRange<Double>, _ doc: String) -> Double? {
    read(key, .double(in: range), default: nil, isRequired: false, doc)
  }

  /// Reads a finite number that changes no byte of any file: it stays out of ``canonical``.
  public func uncountedDouble(
    _ key: String, default defaultValue: Double, in range: ClosedRange<Double>, _ doc: String
  ) -> Double {
    read(key, .uncountedDouble(in: range), default: defaultValue, isRequired: false, doc) ?? defaultValue
  }

  /// Reads `true` or `false`.
  public func bool(_ key: String, default defaultValue: Bool, _ doc: String) -> Bool {
    read(key, .bool, default: defaultValue, isRequired: false, doc) ?? defaultValue
  }

  /// Reads true or false; nil where the key is absent, which then counts for nothing in keys.
  public func optionalBool(_ key: String, _ doc: String) -> Bool? {
    read(key, .bool, default: nil, isRequired: false, doc)
  }

  /// Reads a text, whole-matched by the regular expression `pattern`, as `example` is; required where no
  /// default is given.
  public func string(
    _ key: String, default defaultValue: String? = nil, matching pattern: String? = nil,
    like example: String? = nil, _ doc: String
  ) -> String {
    read(
      key, .string(matching: pattern, like: example), default: defaultValue, isRequired: defaultValue == nil,
      doc)
      ?? ""
  }

  /// Reads a text; nil where the key is absent.
  public func optionalString(
    _ key: String, matching pattern: String? = nil, like example: String? = nil, _ doc: String
  ) -> String? {
    read(key, .string(matching: pattern, like: example), default: nil, isRequired: false, doc)
  }

  /// Reads one of the words of an enumeration.
  public func choice<Word>(
    _ key: String, of type: Word.Type = Word.self, default defaultValue: Word, _ doc: String
  ) -> Word where Word: CaseIterable & RawRepresentable, Word.RawValue == String {
    read(key, .choice, default: defaultValue, isRequired: false, doc) ?? defaultValue
  }

  /// Reads one of `words`, which must be given (the first stands in where it is missing).
  public func word(_ key: String, of words: [String], _ doc: String) -> String {
    read(key, .word(of: words), default: nil, isRequired: true, doc) ?? words[0]
  }

  /// Reads one of `words`; nil where the key is absent.
  public func optionalWord(_ key: String, of words: [String], _ doc: String) -> String? {
    read(key, .word(of: words), default: nil, isRequired: false, doc)
  }

  /// Reads one of `words`; `defaultValue` where the key is absent.
  public func word(_ key: String, of words: [String], default defaultValue: String, _ doc: String) -> String {
    read(key, .word(of: words), default: defaultValue, isRequired: false, doc) ?? defaultValue
  }

  /// Reads a length: pixels (`64`) or metres (`30m`).
  public func length(_ key: String, default defaultValue: Length, _ doc: String) -> Length {
    read(key, .length, default: defaultValue, isRequired: false, doc) ?? defaultValue
  }

  /// Reads an area, pixels (`50`) or on the ground (`500m2`, `0.5ha`); nil where the key is absent.
  public func optionalArea(_ key: String, _ doc: String) -> Area? {
    read(key, .area, default: nil, isRequired: false, doc)
  }

  /// Reads the size of pixels in metres, nil where the key is absent.
  package func resolution() -> Double? {
    metres(
      "resolution", "the size of a pixel that all scenes are brought to (10m); their own without it")
  }

  /// Reads a length in metres above 0, nil where the key is absent.
  package func metres(_ key: String, _ doc: String) -> Double? {
    guard let length = read(key, .length, default: nil, isRequired: false, doc) else { return nil }
    guard case .metres(let metres) = length, metres > 0 else {
      problem(key, "'\(key)' is a length in metres with its unit, 10m")
      return nil
    }
    return metres
  }

  /// Reads a size in bytes (`800MiB`, `2GiB`).
  public func bytes(_ key: String, default defaultValue: Int, _ doc: String) -> Int {
    read(key, .bytes, default: defaultValue, isRequired: false, doc) ?? defaultValue
  }

  /// Reads a size in bytes that changes no byte of any file: it stays out of ``canonical``.
  public func uncountedBytes(_ key: String, default defaultValue: Int, _ doc: String) -> Int {
    read(key, .uncountedBytes, default: defaultValue, isRequired: false, doc) ?? defaultValue
  }

  /// Reads a size in bytes, nil where the key is absent.
  public func optionalBytes(_ key: String, _ doc: String) -> Int? {
    read(key, .bytes, default: nil, isRequired: false, doc)
  }

  /// Reads a time in seconds (`90`, `5min`, `2h`).
  public func duration(_ key: String, default defaultValue: Double, _ doc: String) -> Double {
    read(key, .duration, default: defaultValue, isRequired: false, doc) ?? defaultValue
  }

  /// Reads a time in seconds that changes no byte of any file: it stays out of ``canonical``.
  public func uncountedDuration(_ key: String, default defaultValue: Double, _ doc: String) -> Double {
    read(key, .uncountedDuration, default: defaultValue, isRequired: false, doc) ?? defaultValue
  }

  /// Reads a file or directory that must be given, resolved against the pipeline file's directory. Paths
  /// stay out of ``canonical``: the content of what they name is an input of the task.
  public func path(_ key: String, mustExist: Bool = true, _ doc: String) -> URL {
    read(key, .path(mustExist: mustExist), default: nil, isRequired: true, doc) ?? session.directory
  }

  /// Reads a file or directory that must be there only if `isRequired`.
  package func path(_ key: String, isRequired: Bool, _ doc: String) -> URL {
    isRequired ? path(key, doc) : optionalPath(key, doc) ?? session.directory
  }

  /// Reads a file or directory, nil where the key is absent.
  ///
  /// - Parameter remedy: what to do where the path is not there, behind the error.
  public func optionalPath(
    _ key: String, mustExist: Bool = true, remedy: String? = nil, _ doc: String
  ) -> URL? {
    read(key, .path(mustExist: mustExist, remedy: remedy), default: nil, isRequired: false, doc)
  }
}
