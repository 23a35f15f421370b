import CGDAL

/// A C list of strings, lent to a call as GDAL takes creation options, open options and category names.
package struct StringList {
  /// The list where the C signature is `char **` or `CSLConstList`.
  package let mutable: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

  /// The list where the C signature is `const char *const *`.
  var constant: UnsafePointer<UnsafePointer<CChar>?>? {
    mutable.map { UnsafeRawPointer($0).assumingMemoryBound(to: UnsafePointer<CChar>?.self) }
  }

  /// Lends the strings for the duration of `body`.
  package static func with<Result>(_ strings: [String], _ body: (StringList) -> Result) -> Result {
    var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    for string in strings { list = CSLAddString(list, string) }
    defer { CSLDestroy(list) }
    return body(StringList(mutable: list))
  }

  /// Returns the strings of a list that GDAL owns.
  static func strings(of list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [String] {
    guard let list else { return [] }
    return (0..<Int(CSLCount(list))).compactMap {
      list[$0].map { String(cString: $0) }
    }
  }

  /// Returns the `NAME=value` items of a list that GDAL owns.
  static func pairs(of list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [String: String] {
    var pairs: [String: String] = [:]
    for item in strings(of: list) {
      guard let equals = item.firstIndex(of: "=") else { continue }
      pairs[String(item[..<equals])] = String(item[item.index(after: equals)...])
    }
    return pairs
  }
}
