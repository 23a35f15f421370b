extension String {
  /// The text as XML holds it between tags and in quoted attributes.
  var asMarkup: String {
    replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }
}
